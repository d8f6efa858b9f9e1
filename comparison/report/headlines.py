"""Verdicts in sentences: for every claim and kind of quantity its worst one."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from comparison.referee.claim import Claim
from comparison.referee.finite_size import FiniteSizeVerdict
from comparison.referee.verdict import REFUTE, Verdict, with_error
from comparison.report.tables import RATE_ERROR
from comparison.study.result import StudyResult


@dataclasses.dataclass(frozen=True)
class Headline:
    """What is said of one claim and one kind of quantity; as text one sentence or a few.

    claim, source, kind : names
    status : "confirmed", "refuted" or "undecided"
    early : what holds before it is undecided, may be empty
    degree : how far it is confirmed, from where on it is undecided, at which sizes, may be empty
    rest : numbers and advice
    worst : the verdict that is told; of a theory at finite N at `N`
    """

    claim: str
    source: str
    kind: str
    status: str
    early: str
    degree: str
    rest: str
    worst: Verdict
    N: int | None = None

    @property
    def word(self) -> str:
        """The verdict and its degree, CONFIRMED to 5.0e-06 in every entry."""
        return f"{self.status.upper()}{self.degree}"

    def __str__(self):
        source = f" ({self.source})" if self.source else ""
        early = f"{self.early}, later " if self.early else ""
        return f"{self.claim}{source}, {self.kind}: {early}{self.word}. {self.rest}".rstrip()


def headlines(result: StudyResult) -> list[str]:
    """One sentence of a result per claim and kind of quantity (averages, covariances, others): its worst verdict;
    and one where the exact numbers are the only witness."""
    lines = [str(h) for h in headlines_of(result.claims, result.study.kinds, result.verdicts, result.finite_sizes)]
    return [*lines, *([note] if (note := witness_note(result)) else [])]


def witness_note(result: StudyResult) -> str:
    """A sentence where the exact numbers are the only witness; else empty."""
    note = result.study.expansion.note if result.verdicts else ""
    return f"{note} Verdicts rest on the exact numbers alone." if note else ""


def headlines_of(
    claims: Sequence[Claim],
    kinds: Sequence[tuple[str, Sequence[str]]],
    verdicts: Sequence[Verdict],
    finite_sizes: Sequence[FiniteSizeVerdict] = (),
) -> list[Headline]:
    """The same for any verdicts on these claims."""
    lines = []
    for claim in claims:
        for kind, names in kinds:
            for found, line in ((verdicts, _headline), (finite_sizes, _finite_headline)):
                if own := [v for v in found if v.claim == claim.name and v.quantity in names]:
                    lines.append(line((claim.name, claim.source, kind), own))
    return lines


def _headline(head: tuple[str, str, str], verdicts: Sequence[Verdict]) -> Headline:
    refuted = [v for v in verdicts if v.status == "refuted"]
    if refuted:
        v = max(refuted, key=lambda v: v.excess)
        rest = f"{v.quantity}({v.time:g}): {v.found_text}, claimed is {v.claimed_text}; {v.gap_text}"
        return Headline(*head, "refuted", "", "", rest, v)
    undecided = [v for v in verdicts if v.status == "undecided"]
    worst = max(undecided or verdicts, key=lambda v: v.accuracy / v.wanted if undecided else v.accuracy)
    off = [v for v in verdicts if v.excess > REFUTE * v.error]
    rates = [v.rate for v in verdicts if np.isfinite(v.rate) and v.rate_error < RATE_ERROR]
    rate = _fall(rates)
    if off:  # confirmed to the accuracy asked for, and known not to be the limit
        most = max(off, key=lambda v: v.excess / v.error)
        rate = f" {most.quantity}({most.time:g}) is off by less than asked for, but off: {most.gap_text}"
    numbers = f"{worst.quantity}({worst.time:g}): {worst.found_text}, claimed is {worst.claimed_text}."
    if undecided:
        until = min(v.until for v in verdicts)
        early = ""
        if all(v.until > 0 for v in verdicts):
            early = f"CONFIRMED to {max(v.accuracy_until for v in verdicts):.1e} until t = {until:g}"
        return Headline(*head, "undecided", early, f" at {worst.wanted:.1e}", f"{numbers} {worst.advice}", worst)
    return Headline(*head, "confirmed", "", f" to {worst.accuracy:.1e} in every entry", f"{numbers}{rate}", worst)


def _fall(rates: list[float]) -> str:
    """How |exact − claimed| falls, by the exponents of all entries: the middle one, or the range of those that differ
    by more than ¼, as of even and odd quantities."""
    if not rates or np.median(rates) <= 0:
        return ""
    low, high = min(rates), max(rates)
    text = f"N^-{np.median(rates):.2f}" if high - low <= 0.25 or low <= 0 else f"N^-{low:.2f} … N^-{high:.2f}"
    return f" |exact − claimed| falls as {text}."


def _finite_headline(head: tuple[str, str, str], found: Sequence[FiniteSizeVerdict]) -> Headline:
    """The worst quantity of a theory at finite N, at its largest size with that verdict."""
    status = next(s for s in ("refuted", "undecided", "confirmed") if any(v.status == s for v in found))
    pairs = [
        (v, N, own)
        for v in found
        for N, own in zip(v.sizes, v.verdicts, strict=True)
        if own.status == status and v.status == status
    ]
    sizes = sorted({N for _, N, _ in pairs})
    worst, N, v = max(pairs, key=lambda pair: (pair[1], pair[2].excess, pair[2].accuracy))
    to = f" to {max(own.accuracy for _, _, own in pairs):.1e}" if status == "confirmed" else ""
    numbers = (
        f"N = {N}, {v.quantity}({v.time:g}): exact is {with_error(v.extrapolated, v.error)}, claimed is "
        f"{v.claimed_text}"
    )
    gap = f"; {v.gap_text}" if status == "refuted" else "."
    at = ", ".join(map(str, sizes))
    rest = f"{numbers}{gap} {worst.course or v.advice}".rstrip()
    return Headline(*head, status, "", f"{to} at N = {at}", rest, v, N)
