"""The page of the ledger for readers: what holds in every paper, what does not, and the numbers that say so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from comparison.claims.coverage import coverage, paper_of
from comparison.claims.decisions import in_digits, tally
from comparison.claims.fiorelli_2023 import bound_table
from comparison.claims.paper_claim import CONFIRMED, REFUTED, Decision

_HEAD = """# Claims of the papers, judged

Every statement of the papers that numbers can decide is a claim: evaluated as printed, and compared with exact numbers
that know nothing of it. Written by `finite-n claims --page comparison/claims/README.md` on {date}; nothing here is
typed by hand. Numbers are those at the point where the printed formula is farthest from the exact one; accuracy is that
distance, with the error of the exact number, in units of its size. What is refuted has been transcribed and derived
twice, in `tests/comparison/claims/second/` without a look at the first, where no `blind = false` says otherwise.
"""
SECTIONS: dict[str, Callable[[], str]] = {"002": bound_table.section}  # what a paper has besides its claims


def page(
    decisions: Sequence[Decision], date: str, sections: Mapping[str, Callable[[], str]] = MappingProxyType(SECTIONS)
) -> str:
    """The page as Markdown; `sections` are computed and added behind the claims of their papers."""
    parts = [_HEAD.format(date=date)]
    for paper in dict.fromkeys(d.claim.paper for d in decisions):
        own = [d for d in decisions if d.claim.paper == paper]
        head, counts = paper_of(paper), tally(own)
        parts.append(
            f"## {paper}: {head.title}\n\n{head.authors}, {head.source}.\n\nOf {len(own)} claims {counts['confirmed']} "
            f"are confirmed, {counts['refuted']} refuted and {counts['undecided']} undecided.\n"
        )
        refuted = [d for d in own if d.verdict == REFUTED]
        if refuted:
            parts.append("### What does not hold as printed\n")
            parts += [_refuted(d) for d in refuted]
        parts.append("### What holds\n\n| equation | statement | printed | exact | accuracy |\n|---|---|---|---|---|")
        parts += [_line(d) for d in own if d.verdict == CONFIRMED]
        open_ones = [d for d in own if d.verdict not in (CONFIRMED, REFUTED)]
        if open_ones:
            parts.append(
                "\n### Undecided\n\n| equation | statement | printed | exact | accuracy |\n|---|---|---|---|---|"
            )
            parts += [_line(d) for d in open_ones]
        parts.append(_not_judged(paper, own))
        if paper in sections:
            parts.append(sections[paper]())
    return "\n".join(parts) + "\n"


def _refuted(d: Decision) -> str:
    item = d.claim.item
    derived = "" if d.derived is None else f", our derivation {in_digits(d.derived)}"
    suspicion = f" {d.claim.slip}" if d.claim.slip else ""
    shown = f"\n  ![{item.statement}](../../figures/{d.claim.figure})\n" if d.claim.figure else ""
    return (
        f"- **{_name(d)}.** {item.statement} Printed: `{item.printed}`. At {d.entry or 'the value'} the formula gives "
        f"{in_digits(d.printed)}, exact numbers {in_digits(d.exact)} ± {d.error:.0e}{derived} ({d.how}).{suspicion}\n"
        f"{shown}"
    )


def _line(d: Decision) -> str:
    statement = d.claim.item.statement.replace("|", "\\|")
    accuracy = f"{d.accuracy:.0e}" if d.accuracy == d.accuracy else ""
    return f"| {_name(d)} | {statement} | {in_digits(d.printed)} | {in_digits(d.exact)} | {accuracy} |"


def _name(d: Decision) -> str:
    item = d.claim.item
    return f"Section {item.section}, text" if item.equation == "text" else f"Eq. {item.equation}"


def _not_judged(paper: str, own: Sequence[Decision]) -> str:
    judged = {d.claim.id for d in own}
    others = [item for item in coverage(paper) if item.kind == "claim" and item.id not in judged]
    if not others:
        return ""
    names = ", ".join(item.id.removeprefix(f"{paper}-") for item in others)
    return f"\nNot judged yet: {names}.\n"
