"""Claims decided one after the other: the decision on each, and the table and the data of what was found."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Sequence

from comparison.claims.coverage import FILES, paper_of
from comparison.claims.paper_claim import EQUAL, UNDECIDED, Decision, PaperClaim, judge
from comparison.referee.table import aligned
from finite_n.errors import FiniteNError, shown
from finite_n.model.validation import check_switch


def decide(claims: Iterable[PaperClaim], quick: bool = False) -> list[Decision]:
    """The decision on every claim, in their order.

    Parameters
    ----------
    claims : such as `comparison.formula_claim` makes
    quick : whether ladders of the papers' claims take few seconds each. Default: False.

    Raises FiniteNError for what is no claim.
    """
    given = [claims] if isinstance(claims, PaperClaim) else claims
    wanted = "give a list of claims, such as `comparison.formula_claim` makes"
    if not isinstance(given, Iterable) or isinstance(given, str):
        raise FiniteNError(f"decide: claims = {shown(claims)}; {wanted}.")
    given = list(given)
    for claim in given:
        if not isinstance(claim, PaperClaim):
            raise FiniteNError(f"decide: {shown(claim)} is no claim; {wanted}.")
    check_switch(quick, "decide: quick")
    return [decided(claim, quick) for claim in given]


def decided(claim: PaperClaim, quick: bool = False) -> Decision:
    """The decision on one claim; where nothing could be computed it is undecided, and `how` says why."""
    started = time.perf_counter()
    try:
        found = judge(claim, claim.decide(quick))
    except FiniteNError as error:
        found = Decision(claim, UNDECIDED, "", float("nan"), float("nan"), None, float("inf"), float("nan"), str(error))
    return dataclasses.replace(found, seconds=time.perf_counter() - started)


def as_data(decision: Decision) -> dict:
    """A decision for JSON. Numbers are those where the printed formula is farthest from the exact ones; a complex one
    is a pair of its real and imaginary part."""
    item = decision.claim.item
    return {
        "id": item.id,
        "paper": item.paper,
        "equation": item.equation,
        "statement": item.statement,
        "verdict": decision.verdict,
        "printed": _number(decision.printed),
        "exact": _number(decision.exact),
        "derived": None if decision.derived is None else _number(decision.derived),
        "error": decision.error if decision.error < float("inf") else None,
    }


def decision_table(decisions: Sequence[Decision]) -> str:
    """A table by paper or theory: the formula and the exact number where they are farthest from each other."""
    parts = []
    for paper in dict.fromkeys(d.claim.paper for d in decisions):
        own = [d for d in decisions if d.claim.paper == paper]
        rows = [["equation", "verdict", "printed", "exact", "accuracy", "decided by"]]
        rows += [[*_row(d), d.how] for d in own]
        counts = ", ".join(f"{n} {v}" for v, n in tally(own).items() if n)
        parts.append(f"{_heading(paper)}\n{aligned(rows)}\n{counts}")
    return "\n\n".join(parts)


def _heading(paper: str) -> str:
    if paper not in FILES:
        return paper  # a theory of one's own
    head = paper_of(paper)
    return f"{paper}: {head.authors}, {head.source}"


def tally(decisions: Sequence[Decision]) -> dict[str, int]:
    """How many are confirmed, refuted and undecided."""
    return {v: sum(d.verdict == v for d in decisions) for v in ("confirmed", "refuted", "undecided")}


def _row(decision: Decision) -> list[str]:
    claim = decision.claim
    sign = "" if claim.relation == EQUAL else f"{claim.relation} "
    accuracy = f"{decision.accuracy:.1e}" if decision.accuracy == decision.accuracy else "-"
    name = claim.id.removeprefix(f"{claim.paper}-").replace("-", " ")
    return [name, decision.verdict, in_digits(decision.printed), sign + in_digits(decision.exact), accuracy]


def in_digits(x: complex) -> str:
    """
    >>> in_digits(0.25), in_digits(0.5 + 1j)
    ('0.25', '0.5+1i')
    """
    x = complex(x) + 0  # no −0
    real = f"{x.real:.5g}"
    return real if abs(x.imag) <= 1e-12 * max(1.0, abs(x)) else f"{real}{x.imag:+.5g}i"


def _number(x: complex):
    x = complex(x)
    if x != x:
        return None
    return x.real if abs(x.imag) <= 1e-12 * max(1.0, abs(x)) else [x.real, x.imag]
