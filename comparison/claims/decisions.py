"""Claims decided one after the other: the decision on each, and the table and the data of what was found."""

from __future__ import annotations

import dataclasses
import textwrap
import time
from collections.abc import Iterable, Sequence

from comparison.claims.coverage import FILES, paper_of
from comparison.claims.mutation import unnoticed
from comparison.claims.paper_claim import CONFIRMED, EQUAL, REFUTED, UNDECIDED, Decision, PaperClaim, judge
from comparison.referee.table import aligned, room
from finite_n.errors import FiniteNError, shown
from finite_n.model.validation import check_switch

_WIDTH = 60  # of the column that says what decides


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
        facts = claim.decide(quick)
        found = judge(claim, facts)
        if found.verdict == CONFIRMED:
            found = dataclasses.replace(found, unnoticed=unnoticed(claim, facts))
    except FiniteNError as error:
        found = Decision(claim, UNDECIDED, "", float("nan"), float("nan"), None, float("inf"), float("nan"), str(error))
    return dataclasses.replace(found, seconds=time.perf_counter() - started)


def as_data(decision: Decision) -> dict:
    """A decision for JSON. Numbers are those where the printed formula is farthest from the exact ones; a complex one
    is a pair of its real and imaginary part. `kind` is of what is refuted; `read_as` is the reading that is judged in
    place of the printed one, "" if that is judged; `relation` that of the exact number to the printed one."""
    item, claim = decision.claim.item, decision.claim
    return {
        "id": item.id,
        "paper": item.paper,
        "equation": f"text {item.section}" if item.equation == "text" else item.equation,
        "statement": item.statement,
        "verdict": decision.verdict,
        "kind": claim.kind if decision.verdict == REFUTED else None,
        "read_as": claim.read,
        "suspicion": item.suspicion,
        "relation": claim.relation,
        "printed": _number(decision.printed),
        "exact": _number(decision.exact),
        "derived": None if decision.derived is None else _number(decision.derived),
        "error": decision.error if decision.error < float("inf") else None,
        "shown": {name: _number(x) for name, x in decision.shown.items()},
    }


def decision_table(decisions: Sequence[Decision]) -> str:
    """A table of decisions by paper or theory: the formula and the exact number where they are farthest from each
    other. Where a terminal is too narrow for it, a paragraph on every claim."""
    parts = []
    for paper in dict.fromkeys(d.claim.paper for d in decisions):
        own = [d for d in decisions if d.claim.paper == paper]
        rows = [["equation", "verdict", "kind", "printed", "exact", "accuracy", "decided by"]]
        for d in own:
            first, *more = textwrap.wrap(d.how, _WIDTH) or [""]
            rows += [[*_row(d), first], *([""] * 6 + [x] for x in more)]
        if not any(row[2] for row in rows[1:]):  # no kind
            rows = [row[:2] + row[3:] for row in rows]
        lines = _lines(rows, own)
        rows_of_text = [_heading(paper), *(line.rstrip() for line in lines), counts(own)]
        parts.append("\n".join([*rows_of_text, sensitivity(own)] if paper in FILES else rows_of_text))
    return "\n\n".join(parts)


def _lines(rows: Sequence[Sequence[str]], decisions: Sequence[Decision]) -> list[str]:
    """The table of these rows, or a paragraph on every decision where it does not fit."""
    last = len(rows[0]) - 1
    widths = [max(len(row[c]) for row in rows) for c in range(last + 1)]
    if room() is None or sum(widths) + 2 * last <= room():
        return aligned(rows, left=(0, 1, 2, 6) if last == 6 else (0, 1, 5)).splitlines()
    lines = []
    for d in decisions:
        name, verdict, kind, printed, exact, accuracy = _row(d)
        word = f"{verdict} ({kind})" if kind else verdict
        lines.append(f"{name}: {word}. Printed {printed}, exact {exact}, accuracy {accuracy}.")
        lines += textwrap.wrap(d.how, room(), initial_indent="  ", subsequent_indent="  ")
    return lines


def counts(decisions: Sequence[Decision]) -> str:
    """Such as "82 confirmed, 11 refuted"."""
    return ", ".join(f"{n} {verdict}" for verdict, n in tally(decisions).items() if n)


def _heading(paper: str) -> str:
    if paper not in FILES:
        return paper  # a theory of one's own
    head = paper_of(paper)
    return f"{paper}: {head.title}\n{head.authors}, {head.source}"


def shown_name(decision: Decision) -> str:
    """Such as "Eq. 62" or "Section 4.3, text"."""
    item = decision.claim.item
    return f"Section {item.section}, text" if item.equation == "text" else f"Eq. {item.equation}"


def tally(decisions: Sequence[Decision]) -> dict[str, int]:
    """How many are confirmed, refuted and undecided."""
    return {v: sum(d.verdict == v for d in decisions) for v in ("confirmed", "refuted", "undecided")}


def sensitivity(decisions: Sequence[Decision]) -> str:
    """How many confirmed claims would be refuted with any one of their coefficients 1 % off."""
    found = [d.unnoticed for d in decisions if d.unnoticed is not None]
    seen = sum(not x for x in found)
    return f"{seen} of {len(found)} confirmed formulas with coefficients would be refuted with any of them 1 % off"


def _row(decision: Decision) -> list[str]:
    claim = decision.claim
    sign = "" if claim.relation == EQUAL else f"{claim.relation} "
    accuracy = f"{decision.accuracy:.1e}" if decision.accuracy == decision.accuracy else "-"
    name = claim.id.removeprefix(f"{claim.paper}-").replace("-", " ")
    kind = claim.kind if decision.verdict == REFUTED and claim.paper in FILES else ""
    return [
        name,
        decision.verdict,
        kind,
        sign + in_digits(decision.printed),
        in_digits(decision.exact, decision.error),
        accuracy,
    ]


def in_digits(x: complex, error: float = 0.0) -> str:
    """Five digits; a real or imaginary part below 1e-6 that is below its error is zero.

    >>> in_digits(0.25), in_digits(0.5 + 1j), in_digits(0.5 + 1e-11j, 1e-9)
    ('0.25', '0.5+1i', '0.5')
    """
    x, error = complex(x), min(error, 1e-6)
    real = f"{0.0 if abs(x.real) <= error else x.real:.5g}"  # no −0
    small = max(error, 1e-12 * max(1.0, abs(x)))
    return real if abs(x.imag) <= small else f"{real}{x.imag:+.5g}i"


def _number(x: complex):
    x = complex(x)
    if x != x:
        return None
    return x.real if abs(x.imag) <= 1e-12 * max(1.0, abs(x)) else [x.real, x.imag]
