"""The top of the page of the ledger: how many claims hold, what changes, and what is confirmed to many digits."""

from __future__ import annotations

from collections.abc import Sequence

from comparison.claims.coverage import paper_of
from comparison.claims.decisions import in_digits, shown_name, tally
from comparison.claims.paper_claim import (
    CONCLUSION,
    CONFIRMED,
    FORMULA,
    KINDS,
    MISPRINT,
    PROOF,
    REFUTED,
    Decision,
)

TITLES = {  # by kind: of a column, and of a list
    CONCLUSION: ("conclusions", "Conclusions that change"),
    FORMULA: ("formulas", "Formulas that do not hold as printed"),
    PROOF: ("steps of proofs", "Steps and bounds of proofs that do not hold as printed"),
    MISPRINT: ("misprints", "Misprints, and damage of the stored text"),
}
_MEANING = """A **conclusion** is a theorem or a statement about physics that reads differently. A **formula** is one
that results use: a factor, a sign or a term is wrong. A **step of a proof** is an intermediate statement, a bound or a
constant; the note says whether the end of the proof stands. A **misprint** is a slip after which the text goes on with
the right form; what is judged is a stored copy of the paper, and such a slip may be the copy's."""
MAIN = (  # equalities that the papers' conclusions rest on
    *("000-12", "000-32", "000-34", "000-56", "001-34", "001-text-3.2-1", "001-74", "001-text-4-15"),
    *("002-21", "002-text-4.3-2", "002-text-5.1-4", "003-6", "003-26", "003-text-5.1-3"),
    *("004-1.21", "004-1.22", "004-1.26", "004-1.29", "004-2.9"),
)


def summary(decisions: Sequence[Decision]) -> str:
    """The parts of the top as Markdown."""
    held = tally(decisions)["confirmed"]
    parts = [f"**{held} of {len(decisions)} claims hold as printed or with a slip of print mended.**"]
    parts += [_table(decisions), _MEANING]
    mended = sum(bool(d.claim.read) for d in decisions if d.verdict == CONFIRMED)
    if mended:
        parts.append(
            f"{mended} of the confirmed claims are judged with a slip of print mended; the reading stands beside each."
        )
    parts += [_list(decisions, CONCLUSION), _to_many_digits(decisions)]
    parts += [_list(decisions, kind) for kind in KINDS if kind != CONCLUSION]
    return "\n\n".join(part for part in parts if part) + "\n"


def _papers(decisions: Sequence[Decision]) -> dict[str, list[Decision]]:
    found: dict[str, list[Decision]] = {}
    for d in decisions:
        found.setdefault(d.claim.paper, []).append(d)
    return found


def _table(decisions: Sequence[Decision]) -> str:
    kinds = " | ".join(TITLES[kind][0] for kind in KINDS)
    lines = [
        f"| paper | claims | confirmed | undecided | refuted | {kinds} |",
        "|---|" + "--:|" * (4 + len(KINDS)),
    ]
    for paper, own in _papers(decisions).items():
        head = paper_of(paper)
        lines.append(f"| [{paper}](#paper-{paper}) {head.authors}, {head.year} | {_counts(own)} |")
    return "\n".join([*lines, f"| together | {_counts(decisions)} |"])


def _counts(own: Sequence[Decision]) -> str:
    found = tally(own)
    kinds = [sum(d.claim.kind == kind for d in own if d.verdict == REFUTED) for kind in KINDS]
    return " | ".join(str(n) for n in (len(own), found["confirmed"], found["undecided"], found["refuted"], *kinds))


def _list(decisions: Sequence[Decision], kind: str) -> str:
    """Conclusions one by one; of the others where they stand."""
    found = [d for d in decisions if d.verdict == REFUTED and d.claim.kind == kind]
    if not found:
        return ""
    title = f"**{TITLES[kind][1]}**"
    if kind == CONCLUSION:
        lines = [f"- {d.claim.paper}, {link(d)}: “{d.claim.item.statement}” {d.claim.slip}{_figure(d)}" for d in found]
    else:
        lines = [f"- {paper}: {', '.join(link(d) for d in own)}" for paper, own in _papers(found).items()]
    return "\n".join([title, "", *lines])


def _figure(d: Decision) -> str:
    return f" ([figure](../../figures/{d.claim.figure}))" if d.claim.figure else ""


def link(d: Decision) -> str:
    """The name of a claim, which leads to where it is judged."""
    return f"[{shown_name(d)}](#{d.claim.id})"


def _to_many_digits(decisions: Sequence[Decision]) -> str:
    """The main results among what is confirmed, with how far they agree with exact numbers."""
    lines = [
        f"| {d.claim.paper} | {link(d)} | {cell(d.claim.item.statement)} | {in_digits(d.printed)} | {d.accuracy:.0e} |"
        for d in decisions
        if d.claim.id in MAIN and d.verdict == CONFIRMED
    ]
    if not lines:
        return ""
    head = "| paper | claim | statement | value | agrees within |\n|---|---|---|---|---|"
    return "\n".join(["**Main results that are confirmed, and to how many digits**", "", head, *lines])


def cell(text: str) -> str:
    """Text for a cell of a table."""
    return text.replace("|", "\\|")
