"""Verdicts on made-up numbers where the answer is plain."""

import numpy as np
import pytest

from comparison import judge
from comparison.referee.verdict import with_error
from finite_n import FiniteNError

pytestmark = pytest.mark.rounding

T = np.array([0.0, 1.0, 2.0])


def verdict(gap, error, wanted=1e-3):
    value = np.array([0.5, 0.4, 0.3])
    return judge("claim", "q", T, value, np.array([1e-9, 1e-9, error]), value + np.array([0, 0, gap]), wanted)


def test_confirmed_refuted_undecided():
    assert verdict(1e-5, 1e-5).status == "confirmed"
    assert verdict(1e-2, 1e-5).status == "refuted"
    assert verdict(1e-3, 1e-2).status == "undecided"  # consistent, but the error is too large to confirm
    assert verdict(1.99e-3, 4e-4).status == "undecided"  # beyond what is wanted, by less than five errors
    assert verdict(2.01e-3, 4e-4).status == "refuted"


def test_what_lies_within_the_accuracy_asked_for_is_not_refuted():
    v = verdict(5e-5, 1e-6)
    assert v.status == "confirmed" and v.accuracy == pytest.approx(5.1e-5)
    assert "50 error bars" in str(v)  # but said
    assert verdict(5e-5, 1e-6, wanted=1e-5).status == "refuted"
    assert verdict(0.9995e-3, 1e-6).status == "refuted"  # with its error, it may lie beyond


def test_a_large_error_never_confirms_and_never_refutes():
    assert verdict(5.0, 10.0).status == "undecided"


def test_a_claim_is_confirmed_only_to_the_error_bar():
    """Right to the last digit, but known to ½ where 10⁻⁴ is wanted: nothing is confirmed."""
    value = np.array([0.5])
    v = judge("claim", "q", [0.0], value, np.array([0.5]), value, 1e-4)
    assert v.status == "undecided" and v.accuracy == pytest.approx(0.5)
    assert judge("claim", "q", [0.0], value, np.array([6e-5]), value + 6e-5, 1e-4).status == "undecided"
    assert judge("claim", "q", [0.0], value, np.array([4e-5]), value + 5e-5, 1e-4).status == "confirmed"


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e6])
def test_a_gap_of_rounding_does_not_refute_whatever_the_error_says(size):
    value = np.array([size])
    next_number = np.nextafter(value, np.inf)
    v = judge("claim", "q", [0.0], value, np.zeros(1), next_number, 1e-4)
    assert v.status == "confirmed" and np.isfinite(v.error) and v.error < 1e-14 * max(1, size)
    off = judge("claim", "q", [0.0], value, np.zeros(1), value * (1 + 1e-9), 1e-13)
    assert off.status == "refuted" and "error bars" in str(off)


def test_the_error_of_a_claim_widens_the_bar():
    value, error = np.array([0.5]), np.array([1e-9])
    assert judge("c", "q", [0.0], value, error, value + 1e-8, 1e-8).status == "refuted"
    v = judge("c", "q", [0.0], value, error, value + 1e-8, 1e-8, claimed_error=2e-9)
    assert v.status == "undecided" and v.error == pytest.approx(3e-9, rel=1e-4)


def test_what_a_claim_leaves_open_is_not_judged():
    """A table ± 5e-4 of a number known to 1e-6: gaps within are none, what lies beyond is measured by the error bar."""
    value, error = np.array([0.5]), np.array([1e-6])

    def status(gap, wanted=1e-3, uncertainty=5e-4):
        return judge("c", "q", [0.0], value, error, value + gap, wanted, uncertainty=uncertainty)

    v = status(4.9e-4)
    assert v.status == "confirmed" and v.accuracy == pytest.approx(5.01e-4, rel=1e-6) and v.excess == 0
    assert "claimed 0.50049 ± 0.0005" in str(v)
    assert status(5.051e-4).status == "confirmed"  # within what is wanted
    assert status(5.049e-4, wanted=5.03e-4).status == "undecided"  # 4.9 error bars beyond
    v = status(5.051e-4, wanted=5.03e-4)
    assert v.status == "refuted" and v.excess == pytest.approx(5.1e-6, rel=1e-3)
    assert "gap beyond its uncertainty is 0.000005(2), 5.1 error bars" in str(v)
    assert status(5.051e-4, wanted=1e-4, uncertainty=0.0).status == "refuted"


def test_nothing_is_confirmed_more_finely_than_the_claim_says():
    value, error = np.array([0.5, 0.4]), np.array([1e-6, 1e-6])
    v = judge("c", "q", [0.0, 1.0], value, error, value, 1e-3, "more", uncertainty=[0.0, 10.0])
    assert v.status == "undecided" and v.time == 1.0 and v.accuracy == pytest.approx(10)
    assert "known to ± 10 only" in v.advice and v.uncertainty == 10 and v.too_vague
    v = judge("c", "q", [0.0, 1.0], value, 1e4 * error, value, 1e-3, "more", uncertainty=1e-4)
    assert v.status == "undecided" and v.advice == "more" and not v.too_vague  # the exact numbers decide that one


def test_the_worst_place_counts_what_is_left_open():
    """A gap of 0.3 within ± 0.4 does not hide a gap of 0.01 where the claim leaves nothing open."""
    value = np.array([0.5, 0.5])
    v = judge("c", "q", [0.0, 1.0], value, np.full(2, 1e-6), [0.8, 0.51], 1e-3, uncertainty=[0.4, 0.0])
    assert v.status == "refuted" and v.time == 1.0


@pytest.mark.parametrize("name", ["claimed_error", "uncertainty"])
@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf, [1.0], [1.0, -1.0, 0.0], "1"])
def test_half_widths_that_are_none_are_refused(name, bad):
    with pytest.raises(FiniteNError, match=name):
        judge("c", "q", T, np.zeros(3), np.zeros(3), np.zeros(3), 1e-3, **{name: bad})


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
        (3000.0, 1000.0, "3000(1000)"),
        (-0.3, 4.0, "0(4)"),
        (3.0, 1000.0, "?"),
        (0.5, np.inf, "?"),
    ],
)
def test_numbers_with_errors_read_as_in_a_paper(x, error, text):
    assert with_error(x, error) == text


def test_what_is_not_known_does_not_count_for_the_size_of_a_quantity():
    """A value of 40 ± 50 at a late time: the accuracy before is that of a quantity of order one."""
    value, error = np.array([0.5, 0.4, 40.0]), np.array([1e-6, 2e-2, 50.0])
    v = judge("c", "q", T, value, error, [0.5, 0.4, 0.3], 1e-3)
    assert v.wanted == 1e-3 and v.status == "undecided" and v.until == 0.0 and v.accuracy_until < 2e-6
    assert v.early == ""  # confirmed at the first time only, where nothing has happened yet
