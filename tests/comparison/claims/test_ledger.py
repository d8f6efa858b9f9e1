"""The ledger: the rule by which a claim is decided, what it notices, and its claims of the papers."""

import dataclasses
import json
import re

import numpy as np
import pytest

from comparison.claims.coverage import coverage
from comparison.claims.decisions import as_data, decided, decision_table, tally
from comparison.claims.ledger import LEDGER, claims_of
from comparison.claims.mutation import BORDERS, EXCEPTIONS, mutants, unnoticed
from comparison.claims.paper_claim import ABOVE, Facts, PaperClaim, judge
from comparison.formula import parse
from finite_n import FiniteNError
from tests.comparison.claims.second_derivation import facts_of

FAST = [claim for claim in claims_of() if claim.seconds < 1]
# of exceptions that are equalities, the terms that vanish in every case that exact numbers can reach
UNSEEN = {
    "000-55": {"12: exp(-2 * b * t) * S12", "12: -2 * b * t"},
    "000-57": {"12: exp(2 * absb * t) * S12", "12: 2 * absb * t"},
    "001-28": {"expanded: i / sqrt(N) * mean", "expanded: N"},
    "003-text-B.1-10": {"cycle: mean(oz)", "cycle: oz"},
    "003-text-A.3-1": {": -2 * hI"},
}


def claim(printed, exact, error=0.0, tolerance=1e-3, **options):
    names = options.pop("names", {"a": 2.0})
    facts = Facts(names, {"": np.asarray(exact)}, error, "a test", options.pop("solve", None))
    return PaperClaim("000-1", {"": printed}, lambda quick: facts, tolerance, **options)


@pytest.mark.parametrize(
    ("printed", "exact", "error", "verdict"),
    [
        ("a", 2.0, 0.0, "confirmed"),
        ("a", 2.001, 0.0, "confirmed"),  # within the tolerance of 1e-3
        ("a", 2.003, 0.0, "refuted"),
        ("a", 2.003, 0.002, "undecided"),  # the error reaches into the tolerance
        ("a", 2.0, np.inf, "undecided"),
        ("a", [2.0, 2.0, 2.1], 0.0, "refuted"),  # one number is enough
        ("a*1.01", 2.0, 1e-6, "refuted"),
    ],
)
def test_verdicts_follow_the_gap_the_error_and_the_tolerance(printed, exact, error, verdict):
    assert decided(claim(printed, exact, error)).verdict == verdict


@pytest.mark.parametrize(
    ("exact", "error", "verdict"), [(2.1, 0.0, "confirmed"), (1.9, 0.0, "refuted"), (2.1, 0.2, "undecided")]
)
def test_inequalities(exact, error, verdict):
    assert decided(claim("a", exact, error, relation=ABOVE)).verdict == verdict


def test_a_refutation_needs_a_derivation_that_holds_where_one_is_given():
    right = decided(claim("a", 3.0, derived={"": "a + 1"}))
    assert (right.verdict, right.derived) == ("refuted", 3.0)
    assert decided(claim("a", 3.0, derived={"": "a + 2"})).verdict == "undecided"


def test_formulas_may_be_right_hand_sides():
    """ẋ = −a x from 1, at t = 1, by its solution: formulas are evaluated at any names."""
    found = decided(claim("-a*x", np.exp(-2.0), solve=lambda f: {"": np.exp(f({"a": 2.0, "x": 1.0})[""])}))
    assert found.verdict == "confirmed" and found.accuracy < 1e-13


def test_what_cannot_be_computed_is_undecided_and_says_why():
    def refuse(quick):
        raise FiniteNError("too large.")

    found = decided(dataclasses.replace(claim("a", 2.0), decide=refuse))
    assert (found.verdict, found.how) == ("undecided", "too large.")
    assert as_data(found)["exact"] is None and as_data(found)["error"] is None


def test_every_term_is_changed_once():
    b, t, found = 0.3, 1.1, []
    for _, formulas in mutants({"": "-a*(1 - exp(-2*b*t))/(2*b) + zero"}, 0.5):
        found.append(parse(formulas[""], {"a": 2.0, "b": b, "t": t, "zero": 0.0}, "a test"))
    e = np.exp(-2 * b * t)
    whole = -2 * (1 - e) / (2 * b)
    expected = [1.5 * whole, -2 * (1.5 - e) / (2 * b), -2 * (1 - 1.5 * e) / (2 * b), -2 * (1 - e**1.5) / (2 * b)]
    assert found == pytest.approx(expected, rel=1e-12)


def _check(one, quick):
    """No verdict stays open, what is refuted says which step goes wrong, and a confirmed formula is not confirmed with
    any coefficient 1 % off."""
    facts = facts_of(one, quick)
    found = judge(one, facts)
    assert found.verdict in ("confirmed", "refuted")
    if found.verdict == "refuted":
        assert one.slip and one.derived
        return
    unseen = unnoticed(one, facts)
    assert bool(unseen) == (one.id in EXCEPTIONS)
    if one.relation == "=":
        assert set(unseen or ()) == UNSEEN.get(one.id, set())


def test_all_but_five_percent_of_the_confirmed_formulas_notice_one_percent():
    """By what the test of every claim finds. A claim without coefficients is one of a sign, a zero or a border."""
    confirmed = {c.id: list(mutants(c.printed)) for c in claims_of() if c.derived is None and not c.slip}
    coefficients = {name for name, found in confirmed.items() if found} - set(BORDERS)
    assert set(BORDERS) <= set(confirmed) and set(EXCEPTIONS) <= coefficients and set(UNSEEN) <= set(EXCEPTIONS)
    assert len(EXCEPTIONS) <= 0.05 * len(coefficients)


def test_a_change_of_a_coefficient_is_noticed_by_equalities_and_by_inequalities_near_equality():
    def of(exact, relation="=", printed="a*b", parts=None):
        one = claim(printed, exact, relation=relation, names={"a": 2.0, "b": 1.0, "zero": 0.0})
        facts = dataclasses.replace(one.decide(True), parts=parts)
        return judge(one, facts).verdict, unnoticed(one, facts)

    assert of(2.0) == ("confirmed", ())
    assert of(1.999, "<") == of(2.001, ">") == ("confirmed", ())
    assert of(1.9, "<") == of(2.1, ">") == ("confirmed", (": a * b",))
    assert of(1.9, "<", parts={"": np.asarray(2.0)}) == ("confirmed", ())
    assert of(1.9, "<", parts={"": np.asarray(2.1)})[0] == "refuted"
    assert of(1.9, ">", printed="zero") == ("confirmed", None)


@pytest.mark.parametrize("one", FAST, ids=lambda c: c.id)
def test_claims_of_the_papers_are_decided_and_notice_one_percent(one):
    _check(one, quick=True)


def test_ids_are_claims_of_the_papers_and_none_stands_twice():
    for paper, claims in LEDGER.items():
        known = {item.id for item in coverage(paper) if item.kind == "claim"}
        names = [c.id for c in claims]
        assert set(names) <= known and len(set(names)) == len(names) >= 15


@pytest.mark.parametrize("paper", list(LEDGER))
def test_every_claim_of_a_paper_stands_in_the_ledger(paper):
    assert {c.id for c in LEDGER[paper]} == {item.id for item in coverage(paper) if item.kind == "claim"}


def test_table_and_json_say_the_same():
    found = [decided(c) for c in FAST if c.id in ("000-8", "000-62", "000-text-4.2-2")]
    assert tally(found) == {"confirmed": 1, "refuted": 2, "undecided": 0}
    rows = [as_data(d) for d in found]
    assert [r["verdict"] for r in rows] == ["confirmed", "refuted", "refuted"]
    assert [(r["equation"], r["kind"]) for r in rows] == [("8", None), ("62", "formula"), ("text 4.2", "formula")]
    assert set(rows[0]) == {
        *("id", "paper", "equation", "statement", "verdict", "kind", "read_as", "suspicion", "relation"),
        *("printed", "exact", "derived", "error", "shown"),
    }
    assert json.loads(json.dumps(rows)) == rows
    table = decision_table(found)
    assert re.search(r"^62 +refuted +formula +1\.06 +0\.007 ", table, re.M)
    assert table.startswith(
        "000: Non-markovian mesoscopic dissipative dynamics of open quantum spin chains\nF. Benatti"
    )
    assert max(len(line) for line in table.splitlines()) <= 160  # what decides is broken into lines


def test_an_unknown_paper_is_refused():
    with pytest.raises(FiniteNError, match="the ledger holds 000"):
        claims_of("9")


@pytest.mark.slow
@pytest.mark.parametrize("one", [c for c in claims_of() if c.seconds >= 1], ids=lambda c: c.id)
def test_claims_by_ladders_are_decided_and_notice_one_percent(one):
    _check(one, quick=False)
