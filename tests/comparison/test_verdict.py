"""Verdicts on made-up numbers where the answer is plain."""

import numpy as np
import pytest

from comparison import judge
from comparison.verdict import with_error

T = np.array([0.0, 1.0, 2.0])


def verdict(gap, error, wanted=1e-3):
    value = np.array([0.5, 0.4, 0.3])
    return judge("claim", "q", T, value, np.array([1e-9, 1e-9, error]), value + np.array([0, 0, gap]), wanted)


def test_confirmed_refuted_undecided():
    assert verdict(1e-5, 1e-5).status == "confirmed"
    assert verdict(1e-2, 1e-5).status == "refuted"
    assert verdict(1e-3, 1e-2).status == "undecided"  # consistent, but the error is too large to confirm
    assert verdict(4.9e-5, 1e-5).status == "confirmed"
    assert verdict(5.1e-5, 1e-5).status == "refuted"  # small, but beyond five errors


def test_a_large_error_never_confirms_and_never_refutes():
    assert verdict(5.0, 10.0).status == "undecided"


def test_the_place_and_size_of_a_refutation():
    v = verdict(1e-2, 1e-5)
    assert v.time == 2.0 and v.gap == pytest.approx(1e-2)
    assert "refuted" in str(v) and "error bars" in str(v)


def test_accuracy_is_relative_for_large_quantities():
    value = np.array([100.0, 200.0])
    v = judge("c", "q", [0, 1], value, np.array([1e-3, 1e-3]), value, 1e-4)
    assert v.status == "confirmed" and v.wanted == pytest.approx(2e-2)


@pytest.mark.parametrize(
    ("x", "error", "text"),
    [
        (1.9253306, 2.0e-5, "1.92533(2)"),
        (1.9253306, 2.3e-5, "1.92533(3)"),
        (0.5, 1e-3, "0.500(1)"),
        (12.3456, 4.0, "12(4)"),
        (-0.1, 9.6e-4, "-0.1000(10)"),
        (1.0, 0.0, "1"),
    ],
)
def test_numbers_with_errors_read_as_in_a_paper(x, error, text):
    assert with_error(x, error) == text
