"""What an undecided verdict advises: less of what makes up the larger part of its error bar."""

import numpy as np
import pytest

from comparison import Study
from comparison.referee.claimed import Claimed
from comparison.referee.judging import Evidence, judge_limit
from comparison.referee.verdict import Verdict
from comparison.referee.witnesses import limit_by_terms
from finite_n import Field
from finite_n.systems import dicke_model

SIZES = [10, 12, 14, 16]
N = np.array(SIZES, float)
LOWER, LARGER = "lower the tolerance", "Try a size of 32"
DERIVED = np.reshape([1.0, 2.0], (2, 1, 1))


def undecided(exact, error: float, derived, accuracy: float, own_error: float = 0.0) -> Verdict:
    """On the claim that 1 is the limit of `exact`, numbers that are known to `error`."""
    exact = np.reshape(exact, (4, 1, 1))
    errors = np.full(exact.shape, error)
    limit = limit_by_terms(SIZES, exact, errors, derived, 1.0)
    evidence = Evidence(SIZES, np.array([1.0]), ["mean_z"], exact, errors, limit, accuracy, 1.0, derived)
    said = Claimed({"mean_z": np.ones(1)}, {"mean_z": np.full(1, own_error)}, {"mean_z": np.zeros(1)})
    (v,) = judge_limit(evidence, "claim", said)
    assert v.status == "undecided"
    return v


@pytest.mark.parametrize(
    ("error", "derived", "accuracy", "advised"),
    [
        (1e-4, None, 1e-2, LOWER),  # weights of four sizes so close multiply it by 7000
        (1e-2, DERIVED, 1e-3, "; larger sizes alone do not help"),
        (1e-12, None, 1e-7, LARGER),
        (1e-12, DERIVED, 1e-7, LARGER),
        (1e-6, DERIVED, 1e-5, "or give sizes further apart"),  # of an error bar of 6e-5
    ],
)
def test_it_names_the_larger_part_of_the_error_bar(error, derived, accuracy, advised):
    v = undecided(1 + 2 / N + 0.3 / (N * (N + 5)), error, derived, accuracy)
    assert advised in v.advice and (LOWER in v.advice) != (LARGER in v.advice)
    assert "cutoffs" not in v.advice  # there are no modes


def test_an_error_of_the_claim_itself_is_named():
    v = undecided(1 + 2 / N, 1e-12, DERIVED, 1e-4, own_error=1e-3)
    assert "the claim's own error, 0.001" in v.advice and LARGER not in v.advice


def test_where_a_cutoff_limits_the_numbers_no_larger_size_is_advised():
    """An open Dicke model whose field is cut off far too low, and one that is not."""
    model, start = dicke_model(loss=0.8, emission=0.3), {"": [0, 0, -1], "field": Field()}
    study = Study(model, start, [0, 1, 2], [2, 3, 4, 5], tol=1e-7, accuracy=1e-3, cutoffs={"field": 2})
    found = [v for v in study.run().verdicts if v.status == "undecided"]
    assert found and all(
        LOWER in v.advice and "cutoffs" in v.advice and "larger sizes alone do not help" in v.advice for v in found
    )


@pytest.mark.parametrize(("value", "error"), [(-1094358598.0, 3e9), (0.3, np.inf), (0.3, 500.0), (np.nan, np.nan)])
def test_a_number_that_tells_nothing_is_not_printed(value, error):
    v = Verdict("claim", "mean_z", "undecided", 1.0, value, error, 0.5, np.inf, 1e-4, advice="More.")
    assert "undecided. Exact numbers say nothing yet of mean_z(1), claimed 0.5; the" in str(v)
    assert v.found_text == "exact numbers say nothing yet"
    known = Verdict("claim", "mean_z", "undecided", 1.0, 12.0, 4.0, 0.5, 16.0, 1e-4)
    assert known.found_text == "exact numbers go to 12(4)" and "Exact mean_z(1) → 12(4)" in str(known)
