"""The ledger: all claims of the papers, decided one after the other, and the table of what was found."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence

from comparison.claims.benatti_2016 import claims as benatti_2016
from comparison.claims.benatti_2017 import claims as benatti_2017
from comparison.claims.coverage import coverage, paper_of
from comparison.claims.fiorelli_2023 import claims as fiorelli_2023
from comparison.claims.fiorelli_2024 import claims as fiorelli_2024
from comparison.claims.merkli_2018 import claims as merkli_2018
from comparison.claims.paper_claim import EQUAL, UNDECIDED, Decision, PaperClaim, judge
from comparison.referee.table import aligned
from finite_n.errors import FiniteNError, shown

LEDGER: dict[str, tuple[PaperClaim, ...]] = {
    "000": benatti_2016.CLAIMS,
    "001": benatti_2017.CLAIMS,
    "002": fiorelli_2023.CLAIMS,
    "003": fiorelli_2024.CLAIMS,
    "004": merkli_2018.CLAIMS,
}


def claims_of(paper: str | None = None) -> list[PaperClaim]:
    """The claims of one paper, or of all, in the order of the text."""
    if paper is not None and paper not in LEDGER:
        raise FiniteNError(f"paper {shown(paper)}: the ledger holds {', '.join(LEDGER)}.")
    out = []
    for name in LEDGER if paper is None else (paper,):
        place = {item.id: k for k, item in enumerate(coverage(name))}
        out += sorted(LEDGER[name], key=lambda claim: place[claim.id])
    return out


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


def table(decisions: Sequence[Decision]) -> str:
    """A table by paper."""
    parts = []
    for paper in dict.fromkeys(d.claim.paper for d in decisions):
        own = [d for d in decisions if d.claim.paper == paper]
        head = paper_of(paper)
        rows = [["equation", "verdict", "printed", "exact", "accuracy", "decided by"]]
        rows += [[*_row(d), d.how] for d in own]
        counts = ", ".join(f"{n} {v}" for v, n in tally(own).items() if n)
        parts.append(f"{paper}: {head.authors}, {head.source}\n{aligned(rows)}\n{counts}")
    return "\n\n".join(parts)


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
