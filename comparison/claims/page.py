"""The page of the ledger for readers: what holds in every paper, what does not, and the numbers that say so."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from types import MappingProxyType

from comparison.claims.coverage import coverage, paper_of
from comparison.claims.decisions import in_digits, sensitivity, shown_name, tally
from comparison.claims.fiorelli_2023 import bound_table
from comparison.claims.mutation import EXCEPTIONS
from comparison.claims.paper_claim import CONFIRMED, EQUAL, KINDS, PROOF, REFUTED, Decision
from comparison.claims.summary import TITLES, cell, summary

_TITLE = "# Claims of the papers, judged\n"
_HEAD = """
Every statement of the papers that numbers can decide is a claim: it is evaluated as printed, and compared with exact
numbers that are computed without it. {count} claims, judged on {date} by finite-n {version} in a {run} run{took}, by
`finite-n claims --page`; nothing here is typed by hand.

Numbers are those at the point where the printed formula is farthest from the exact one; accuracy is that distance, with
the error of the exact number, in units of its size. What is refuted has been transcribed and derived a second time, in
`tests/comparison/claims/second/`, independently of the first.

## In short

{summary}"""
SECTIONS: dict[str, Callable[[], str]] = {"002": bound_table.section}  # what a paper has besides its claims
_TABLE = "| claim | statement | printed | exact | accuracy |\n|---|---|---|---|---|"


def page(
    decisions: Sequence[Decision],
    date: str,
    sections: Mapping[str, Callable[[], str]] = MappingProxyType(SECTIONS),
    *,
    quick: bool = False,
    took: str = "",
) -> str:
    """The page as Markdown; `sections` are computed and added behind the claims of their papers.

    quick : whether ladders took few seconds each; took : how long judging took
    """
    head = _HEAD.format(
        count=len(decisions),
        date=date,
        version=version("finite-n"),
        run="quick" if quick else "full",
        took=f" of {took}" if took else "",
        summary=summary(decisions),
    )
    parts = [_TITLE + head, _noticed(decisions)]
    for paper in dict.fromkeys(d.claim.paper for d in decisions):
        parts.append(_paper(paper, [d for d in decisions if d.claim.paper == paper]))
        if paper in sections:
            parts.append(sections[paper]())
    return "\n".join(parts) + "\n"


def judged_on(text: str) -> tuple[int, bool] | None:
    """Of the text of a page, how many claims it shows and whether by a quick run; None for another text."""
    if not text.startswith(_TITLE):
        return None
    return sum(int(n) for n in re.findall(r"^Of (\d+) claims ", text, re.M)), " in a quick run" in text


def _noticed(decisions: Sequence[Decision]) -> str:
    """How many confirmed formulas notice an error of 1 %, and why the others do not."""
    without = sum(d.verdict == CONFIRMED and d.unnoticed is None for d in decisions)
    text = f"{sensitivity(decisions)}. {without} others have none: they say a sign, a zero or on which side of 1."
    text += " Bounds tell where both sides are almost equal, or beside the bounds of their proofs' terms, added up."
    rows = [
        f"- {d.claim.paper}, {shown_name(d)}: {EXCEPTIONS.get(d.claim.id, 'not known')}."
        for d in decisions
        if d.unnoticed
    ]
    return f"{text}\n" + ("\n" + _folded("The exceptions", "\n".join(rows)) if rows else "")


def _paper(paper: str, own: Sequence[Decision]) -> str:
    """What is said of one paper."""
    head, counts = paper_of(paper), tally(own)
    parts = [
        f'<a id="paper-{paper}"></a>\n\n## {paper}: {head.title}\n\n{head.authors}, {head.source}.\n\n'
        f"Of {len(own)} claims {counts['confirmed']} are confirmed, {counts['refuted']} refuted and "
        f"{counts['undecided']} undecided.\n",
        _points(paper),
    ]
    figures = {""}
    for kind in KINDS:
        found = [d for d in own if d.verdict == REFUTED and d.claim.kind == kind]
        if found:
            parts.append(f"### {TITLES[kind][1]}\n")
        for d in found:
            parts.append(_refuted(d, seen=d.claim.figure in figures))
            figures.add(d.claim.figure)
    confirmed = [d for d in own if d.verdict == CONFIRMED]
    if mended := [d for d in confirmed if d.claim.read]:
        parts += ["### Confirmed with a slip of print mended\n", *(_mended(d) for d in mended)]
    if undecided := [d for d in own if d.verdict not in (CONFIRMED, REFUTED)]:
        parts += ["### Undecided\n", _TABLE, *(_line(d) for d in undecided), ""]
    plain = [d for d in confirmed if not d.claim.read]
    if plain:
        parts.append(f"### What holds\n\n<details><summary>{len(plain)} claims</summary>\n\n{_TABLE}")
        parts += [*(_line(d) for d in plain), "\n</details>\n"]
    if doubts := [f"- {shown_name(d)}: {d.claim.item.suspicion}" for d in plain if d.claim.item.suspicion]:
        parts.append(_folded("Remarks on the printed text of what holds", "\n".join(doubts)))
    parts.append(_not_judged(paper, own))
    return "\n".join(part for part in parts if part)


def _points(paper: str) -> str:
    """Conventions and parameter points, folded."""
    head = paper_of(paper)
    points = "\n".join(f"- {name}: {text}" for name, text in head.points.items())
    return _folded("Conventions and parameters", f"{head.conventions}\n\n{points}")


def _folded(title: str, text: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>\n"


def _refuted(d: Decision, seen: bool) -> str:
    """One that does not hold; `seen` if its figure stands above, or if it has none."""
    item = d.claim.item
    slip = f" {d.claim.slip}" if d.claim.slip else ""
    figure = "" if seen else f"\n  ![{item.statement}](../../figures/{d.claim.figure})\n"
    return f"- {_anchor(d)}. {item.statement} Printed: `{item.printed}`. {_numbers(d)}{slip}\n{figure}"


def _numbers(d: Decision) -> str:
    """What the printed formula gives, and what is exact."""
    exact = f"{in_digits(d.exact, d.error)} ± {d.error:.0e}"
    derived = ""
    if d.derived is not None:
        agrees = abs(d.derived - d.exact) <= max(d.error, 1e-5 * abs(d.exact))
        derived = ", as our derivation gives" if agrees else f", our derivation {in_digits(d.derived)}"
    name = "computed" if d.claim.kind == PROOF else "exact"
    if d.claim.relation != EQUAL:
        claimed = f"{d.claim.relation} {in_digits(d.printed)}"
        return f"Claimed{_entry(d)}: {claimed}; {name}: {exact}{derived} ({d.how})."
    return f"It gives{_entry(d)}: {in_digits(d.printed)}; {name}: {exact}{derived} ({d.how})."


_FORMS = ("first", "second", "third", "middle", "last")
_SIGNS = {"p": "+", "m": "−", "+": "+", "-": "−"}


def _entry(d: Decision) -> str:
    """Which part of the formula the numbers are of, where its name tells a reader something."""
    if d.entry in _FORMS:
        return f", {d.entry} form"
    if d.entry in _SIGNS:
        return f", jumps {_SIGNS[d.entry]}"
    if re.fullmatch(r"[xyz]{2}|[1-3]{2}|12[xyz]{2}", d.entry):
        return f", element {d.entry}"
    return f", {d.entry}" if " " in d.entry else ""


def _mended(d: Decision) -> str:
    item = d.claim.item
    doubt = f" {item.suspicion}" if item.suspicion else ""
    return (
        f"- {_anchor(d)}. {item.statement} Printed: `{item.printed}`. Read as: `{d.claim.read}`.{doubt} With it: "
        f"{_claimed(d)}, exact {_found(d)}.\n"
    )


def _line(d: Decision) -> str:
    statement = cell(d.claim.item.statement)
    accuracy = f"{d.accuracy:.0e}" if d.accuracy == d.accuracy else ""
    return f"| {_anchor(d, plain=True)} | {statement} | {_claimed(d)} | {_found(d)} | {accuracy} |"


def _claimed(d: Decision) -> str:
    sign = "" if d.claim.relation == EQUAL else f"{d.claim.relation} "
    return cell(sign + in_digits(d.printed))


def _found(d: Decision) -> str:
    """The exact number; of what is only said to be positive, the numbers that a reader wants."""
    if d.shown:
        return cell("; ".join(f"{name}: {in_digits(x)}" for name, x in d.shown.items()))
    return in_digits(d.exact, d.error)


def _anchor(d: Decision, plain: bool = False) -> str:
    name = shown_name(d)
    return f'<a id="{d.claim.id}"></a>' + (name if plain else f"**{name}**")


def _not_judged(paper: str, own: Sequence[Decision]) -> str:
    judged = {d.claim.id for d in own}
    others = [item for item in coverage(paper) if item.kind == "claim" and item.id not in judged]
    if not others:
        return ""
    names = ", ".join(item.id.removeprefix(f"{paper}-") for item in others)
    return f"\nNot judged: {names}.\n"
