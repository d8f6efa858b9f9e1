"""Formulas of a theory of one's own: verdicts, forms of what decides, and what is refused."""

import numpy as np
import pytest

from comparison import decide, decision_table, extrapolate, formula_claim
from comparison.claims.decisions import as_data
from finite_n import FiniteNError


def verdict(formula="a/2", exact=lambda: 1.0, names=None, **options):
    claim = formula_claim("half", "It is half of a.", formula, exact, {"a": 2.0} if names is None else names, **options)
    (found,) = decide([claim])
    return found


@pytest.mark.parametrize(
    ("exact", "expected"),
    [
        (1.0, "confirmed"),
        (1.01, "refuted"),
        ((1.0, 1e-9), "confirmed"),
        ((1.0, 0.1), "undecided"),
        ((1.2, 0.1), "refuted"),
        (np.nan, "undecided"),
        (np.array([1.0, 1.0]), "confirmed"),  # one formula for several numbers
    ],
)
def test_verdicts(exact, expected):
    assert verdict(exact=lambda: exact).verdict == expected


def test_a_limit_and_several_entries():
    sizes = [8, 12, 16, 24, 32]
    limit = lambda: extrapolate(sizes, [1 + 0.3 / N for N in sizes])  # noqa: E731
    found = verdict({"x": "a/2", "y": "-a*t"}, lambda: {"x": limit(), "y": [-2.0, -4.0]}, {"a": 2, "t": np.r_[1, 2]})
    assert found.verdict == "confirmed"
    assert verdict({"x": "a/2", "y": "a"}, lambda: {"x": limit(), "y": 2.1}).verdict == "refuted"


@pytest.mark.parametrize(("relation", "expected"), [(">", "refuted"), ("<", "confirmed")])
def test_bounds(relation, expected):
    assert verdict(exact=lambda: (0.9, 0.01), relation=relation).verdict == expected


def test_what_fails_is_undecided_and_says_why():
    found = verdict(exact=lambda: 1 / 0)
    assert found.verdict == "undecided" and "claim 'half': its exact value failed with ZeroDivisionError" in found.how
    assert "formula has shape (3,), exact (2,)" in verdict("a", lambda: [1.0, 2.0], {"a": np.ones(3)}).how
    assert "entries ['x']" in verdict(exact=lambda: {"x": 1.0}).how
    assert "a tuple is a value and its error" in verdict(exact=lambda: (1, 2, 3)).how
    assert "give numbers" in verdict(exact=lambda: "one").how


def test_the_table_and_the_data_name_the_theory():
    found = [verdict(theory="halves"), verdict("a/3", theory="halves", how="by hand")]
    lines = decision_table(found).splitlines()
    assert lines[0] == "halves" and lines[2].split()[:2] == ["half", "confirmed"] and lines[3].endswith("by hand")
    assert lines[-1] == "1 confirmed, 1 refuted"
    row = as_data(found[1])
    assert (row["id"], row["paper"], row["equation"]) == ("halves-half", "halves", "half")
    assert (row["verdict"], row["printed"], row["exact"]) == ("refuted", pytest.approx(2 / 3), 1.0)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"formula": "b/2"}, "unknown name b"),
        ({"formula": "a/"}, "is not a formula"),
        ({"formula": 2.0}, "formula = 2.0; give a formula as text"),
        ({"exact": 1.0}, "exact = 1.0; give a function without arguments"),
        ({"tolerance": 0.0}, "tolerance"),
        ({"relation": "≈"}, "relation"),
        ({"theory": None}, "theory: got None"),
    ],
)
def test_bad_claims_are_refused(options, said):
    with pytest.raises(FiniteNError, match=said.replace("(", r"\(")):
        verdict(**options)


@pytest.mark.parametrize(
    ("claims", "said"),
    [(3, "claims = 3; give a list"), ("x", "claims = 'x'; give a list"), (["x"], "'x' is no claim; give a list")],
)
def test_what_is_no_claim_is_refused(claims, said):
    with pytest.raises(FiniteNError, match=said):
        decide(claims)


def test_one_claim_may_be_given_without_a_list():
    claim = formula_claim("half", "It is half of a.", "a/2", lambda: 1.0, {"a": 2.0})
    assert [d.verdict for d in decide(claim)] == ["confirmed"]
