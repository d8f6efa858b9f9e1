"""A point where both sides of an inequality are almost equal joins the facts, and the verdict heeds it."""

import numpy as np
import pytest

from comparison.claims.mutation import unnoticed
from comparison.claims.near_equality import near_equality
from comparison.claims.paper_claim import BELOW, Facts, PaperClaim, judge


def _bound(near: float, error=0.0):
    """x < a b with x = 1 at a = 2, b = 3, and x = `near` at a = 1."""
    facts = near_equality(lambda _: Facts({"a": 2.0, "b": 3.0}, {"": np.ones(2)}, error), {"a": 1.0}, {"": near})
    return PaperClaim("000-1", {"": "a*b"}, facts, relation=BELOW)


@pytest.mark.parametrize(
    ("near", "verdict", "unseen"), [(2.99, "confirmed", ()), (2.9, "confirmed", (": a * b",)), (3.01, "refuted", ())]
)
def test_the_point_near_equality_decides(near, verdict, unseen):
    claim = _bound(near)
    facts = claim.decide(True)
    found = judge(claim, facts)
    assert found.verdict == verdict
    assert (found.entry, found.printed, found.exact) == ("near equality", 3.0, near)
    assert found.claim is claim and facts.exact[""] == pytest.approx([1.0, 1.0])
    if verdict == "confirmed":
        assert unnoticed(claim, facts) == unseen


def test_errors_by_entry_hold_for_the_first_point_only():
    facts = _bound(2.99, {"": 0.5}).decide(True)
    assert facts.error == {"": 0.5, "near equality": 0.0}
