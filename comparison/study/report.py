"""A study in words: table, headlines and verdicts as text, as Markdown and as plain data for JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from comparison.referee.extrapolation import FEWEST
from comparison.referee.verdict import Verdict, with_error
from comparison.results_folder.identity import mark
from comparison.study.planted_errors import PowerRow, power_table
from comparison.study.study import StudyResult


def table(result: StudyResult) -> str:
    """Quantities at the last time, averages, covariances and observables below each other, those that are zero left
    out."""
    quantities = result.study.quantities
    alive = [i for i in range(len(quantities)) if np.abs(result.exact[:, :, i]).max(initial=0) > 1e-9]
    groups = [[i for i in alive if quantities[i] in names] for _, names in result.study.kinds]
    return f"t = {result.study.tlist[-1]:g}\n" + "\n\n".join(_rows(result, group) for group in groups if group)


def _rows(result: StudyResult, shown: list[int]) -> str:
    quantities = result.study.quantities
    rows = [["", *(quantities[i] for i in shown)]]
    for k, N in enumerate(result.sizes):
        rows.append([f"N = {N}", *(f"{result.exact[k, -1, i]:.7f}" for i in shown)])
    if len(result.results) >= FEWEST:
        e = result.extrapolation
        rows.append(["N → ∞, exact", *(with_error(e.value[-1, i], e.error[-1, i]) for i in shown)])
    for name, values in result.limits.items():
        cells = ["" if (c := values.get(quantities[i])) is None else f"{c[-1]:.7f}" for i in shown]
        if any(cells):
            rows.append([f"claim: {name}", *cells])
    widths = [max(len(row[c]) for row in rows) for c in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.rjust(w) if c else cell.ljust(w) for c, (cell, w) in enumerate(zip(row, widths, strict=True)))
        for row in rows
    )


def headlines(result: StudyResult) -> list[str]:
    """One sentence per claim and kind of quantity (averages, covariances, others): its worst verdict."""
    lines = []
    for claim in result.claims:
        for kind, names in result.study.kinds:
            verdicts = [v for v in result.verdicts if v.claim == claim.name and v.quantity in names]
            if verdicts:
                lines.append(_headline(claim, kind, verdicts))
    return lines


def _headline(claim, kind: str, verdicts: Sequence[Verdict]) -> str:
    head = f"{claim.name} ({claim.source}), {kind}: "
    refuted = [v for v in verdicts if v.status == "refuted"]
    if refuted:
        v = max(refuted, key=lambda v: v.gap)
        return head + (
            f"REFUTED. {v.quantity}({v.time:g}): exact numbers go to {with_error(v.extrapolated, v.error)}, claimed is "
            f"{v.claimed:.7g}; the gap is {with_error(v.gap, v.error)}, {v.gap / v.error:.3g} error bars."
        )
    worst = max(verdicts, key=lambda v: v.accuracy)
    rates = [v.rate for v in verdicts if np.isfinite(v.rate) and v.rate_error < 0.1]
    rate = f" |exact − claimed| falls as N^-{np.median(rates):.2f}." if rates else ""
    numbers = (
        f"{worst.quantity}({worst.time:g}): exact numbers go to {with_error(worst.extrapolated, worst.error)}, "
        f"claimed is {worst.claimed:.7g}."
    )
    undecided = [v for v in verdicts if v.status == "undecided"]
    if undecided:
        return head + f"UNDECIDED at {undecided[0].wanted:.1e}. {numbers} {undecided[0].advice}"
    return head + f"CONFIRMED to {worst.accuracy:.1e} in every entry. {numbers}{rate}"


def text_report(result: StudyResult, power: Sequence[PowerRow] | None = None) -> str:
    """Study, table and verdicts, as Markdown that also reads as text."""
    study = result.study
    parts = [
        f"# {study.name}",
        f"{study.model!r}, from {study.rho0!r}, t = {study.tlist[0]:g} … {study.tlist[-1]:g}, "
        f"N = {', '.join(map(str, result.sizes))}, tolerance {study.tol:g}.",
    ]
    if result.interrupted or result.failure:
        why = f"Ended by an error, {result.failure}" if result.failure else "Interrupted."
        parts.append(f"{why} {len(result.sizes)} of {len(study.sizes)} sizes are done.")
    parts += ["```", table(result), "```", "## Verdicts", *(f"- {line}" for line in headlines(result))]
    parts += ["## Every entry", *(f"- {v}" for v in result.verdicts)]
    parts += ["## Error budget", "```", budget_table(result), "```"]
    if power is not None:
        parts += ["## Planted errors", "```", power_table(power), "```"]
    parts.append(f"({mark(result.digest)})")
    return "\n\n".join(parts).replace("\n\n- ", "\n- ").replace("```\n\n", "```\n").replace("\n\n```", "\n```") + "\n"


def budget_table(result: StudyResult) -> str:
    """Error budget of every size."""
    head = f"{'N':>6} {'truncation':>11} {'second run':>11} {'trace drift':>11} {'min eig':>9} {'applications':>12}"
    lines = [head]
    for r in result.results:
        b = r.budget
        lines.append(
            f"{r.N:6d} {b.truncation_bound:11.1e} {b.moment_difference:11.1e} {b.trace_drift:11.1e} "
            f"{b.smallest_eigenvalue:9.1e} {r.stats['applications']:12d}"
        )
    return "\n".join(lines)


def as_json(result: StudyResult, power: Sequence[PowerRow] | None = None) -> dict:
    """Verdicts, table values and, if given, the power test as plain data; `dataset` is the digest of the numbers."""
    rows = [
        {
            "coefficient": str(r.coefficient),
            "planted": r.planted,
            "refuted": r.refuted,
            "shift": r.shift,
            "smallest": r.smallest if np.isfinite(r.smallest) else None,
        }
        for r in power or ()
    ]
    return ({"power": rows} if power is not None else {}) | {
        "study": result.study.name,
        "dataset": result.digest,
        "spec": result.study.spec,
        "sizes": result.sizes,
        "interrupted": result.interrupted,
        "failure": result.failure or None,
        "claims": {c.name: {"source": c.source, "status": result.status(c.name)} for c in result.claims},
        "verdicts": [
            {
                k: None if isinstance(x, float) and not np.isfinite(x) else x
                for k, x in (dataclasses.asdict(v) | {"gap": v.gap}).items()
            }
            for v in result.verdicts
        ],
        "final": {
            "time": float(result.study.tlist[-1]),
            "exact": {q: result.exact[:, -1, i].tolist() for i, q in enumerate(result.study.quantities)},
        },
        "seconds": round(result.seconds, 3),
    }
