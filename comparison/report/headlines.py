"""Verdicts in sentences: for every claim and kind of quantity its worst one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from comparison.referee.claim import Claim
from comparison.referee.finite_size import FiniteSizeVerdict
from comparison.referee.verdict import REFUTE, Verdict, with_error
from comparison.study.result import StudyResult


def headlines(result: StudyResult) -> list[str]:
    """One sentence per claim and kind of quantity (averages, covariances, others): its worst verdict; and one where
    the exact numbers are the only witness."""
    lines = headlines_of(result.claims, result.study.kinds, result.verdicts, result.finite_sizes)
    if result.verdicts and (note := result.study.expansion.note):
        lines.append(f"{note} Verdicts rest on the exact numbers alone.")
    return lines


def headlines_of(
    claims: Sequence[Claim],
    kinds: Sequence[tuple[str, Sequence[str]]],
    verdicts: Sequence[Verdict],
    finite_sizes: Sequence[FiniteSizeVerdict] = (),
) -> list[str]:
    """The same for any verdicts on these claims."""
    lines = []
    for claim in claims:
        for kind, names in kinds:
            for found, line in ((verdicts, _headline), (finite_sizes, _finite_headline)):
                if own := [v for v in found if v.claim == claim.name and v.quantity in names]:
                    source = f" ({claim.source})" if claim.source else ""
                    lines.append(line(f"{claim.name}{source}, {kind}: ", own))
    return lines


def _headline(head: str, verdicts: Sequence[Verdict]) -> str:
    refuted = [v for v in verdicts if v.status == "refuted"]
    if refuted:
        v = max(refuted, key=lambda v: v.excess)
        return head + (f"REFUTED. {v.quantity}({v.time:g}): {v.found_text}, claimed is {v.claimed_text}; {v.gap_text}")
    undecided = [v for v in verdicts if v.status == "undecided"]
    worst = max(undecided or verdicts, key=lambda v: v.accuracy / v.wanted if undecided else v.accuracy)
    off = [v for v in verdicts if v.excess > REFUTE * v.error]
    rates = [v.rate for v in verdicts if np.isfinite(v.rate) and v.rate_error < 0.1]
    rate = _fall(rates)
    if off:  # confirmed to the accuracy asked for, and known not to be the limit
        most = max(off, key=lambda v: v.excess / v.error)
        rate = f" {most.quantity}({most.time:g}) is off by less than asked for, but off: {most.gap_text}"
    numbers = f"{worst.quantity}({worst.time:g}): {worst.found_text}, claimed is {worst.claimed_text}."
    if undecided:
        until = min(v.until for v in verdicts)
        early = ""
        if all(v.until > 0 for v in verdicts):
            early = f"CONFIRMED to {max(v.accuracy_until for v in verdicts):.1e} until t = {until:g}, later "
        return head + f"{early}UNDECIDED at {worst.wanted:.1e}. {numbers} {worst.advice}"
    return head + f"CONFIRMED to {worst.accuracy:.1e} in every entry. {numbers}{rate}"


def _fall(rates: list[float]) -> str:
    """How |exact − claimed| falls, by the exponents of all entries: the middle one, or the range of those that differ
    by more than ¼, as of even and odd quantities."""
    if not rates or np.median(rates) <= 0:
        return ""
    low, high = min(rates), max(rates)
    text = f"N^-{np.median(rates):.2f}" if high - low <= 0.25 or low <= 0 else f"N^-{low:.2f} … N^-{high:.2f}"
    return f" |exact − claimed| falls as {text}."


def _finite_headline(head: str, found: Sequence[FiniteSizeVerdict]) -> str:
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
    return head + f"{status.upper()}{to} at N = {at}. {numbers}{gap} {worst.course or v.advice}".rstrip()
