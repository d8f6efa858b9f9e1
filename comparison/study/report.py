"""A study written out: table and verdicts as text, figure, dataset, verdicts as JSON."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from comparison.referee.extrapolation import FEWEST
from comparison.referee.verdict import Verdict, with_error
from comparison.results_folder.atomic import write_set
from comparison.results_folder.folder import OutputFolder, named, stale_figures
from comparison.results_folder.identity import mark
from comparison.study.figure import convergence_figure, figure_files
from comparison.study.planted_errors import PowerRow, power_table
from comparison.study.study import StudyResult
from finite_n.errors import FiniteNError, in_words, shown
from finite_n.model.validation import check_kind


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
        f"{worst.quantity}({worst.time:g}): exact numbers go to {with_error(worst.extrapolated, worst.error)}, claimed is "
        f"{worst.claimed:.7g}."
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


def write(
    result: StudyResult, folder: str | Path, power: Sequence[PowerRow] | None = None, force: bool = False
) -> list[Path]:
    """study.nc, verdicts.json, report.md, convergence.png and .pdf; each file whole or not at all.

    Raises FiniteNError if the folder cannot be written, if another process writes to it, or if something else stands
    there than a result of the same study, unless `force` is given. A result that was interrupted is written beside one
    with more sizes, or, where that one has all of its sizes, not at all.
    """
    check_kind(result, "write: result", StudyResult, "a StudyResult, which Study.run() returns")
    if power is not None and (not isinstance(power, list | tuple) or any(not isinstance(r, PowerRow) for r in power)):
        raise FiniteNError(f"write: power = {shown(power)}; give what power_test(result) returns, or leave it out.")
    with OutputFolder(folder, force) as place:
        place.check(result.study, power is not None)
        written = write_into(place, result, power)
    if written.problems:
        raise FiniteNError(written.problems[0])
    return written.paths


@dataclasses.dataclass
class Written:
    """paths: of the files written, in this order; problems: sentences; standing: True if all of it stood there
    already."""

    paths: list[Path] = dataclasses.field(default_factory=list)
    problems: list[str] = dataclasses.field(default_factory=list)
    standing: bool = False


def write_into(
    place: OutputFolder,
    result: StudyResult,
    power: Sequence[PowerRow] | None = None,
    drawing: Callable[[Callable[[], object]], object] = lambda draw: draw(),
) -> Written:
    """Write into a folder that is held: the numbers as one set, then the figure, which can take nothing away from them.

    drawing : calls what draws the figure; None is no figure
    """
    out = Written()
    if not result.results:
        return out
    suffix = place.place(result, power is not None)
    if suffix is None:
        out.standing = True
        return out

    def replaced(makers: Mapping[str, Callable[[], bytes]]) -> None:
        contents = {}
        for name, make in makers.items():
            try:
                contents[named(name, suffix)] = make()
            except Exception as error:  # no file keeps the others from being written
                out.problems.append(
                    f"output folder {place.name}: {named(name, suffix)} is not written, {in_words(error)}"
                )
        if len(contents) < len(makers):  # then the others must not part what stands there
            contents = {name: data for name, data in contents.items() if not os.path.lexists(place.path / name)}
        try:
            out.paths += write_set(place.path, contents)
        except OSError as error:
            names = ", ".join(contents)
            out.problems.append(f"output folder {place.name}: {names} cannot be written, {error.strerror or error}.")

    replaced(
        {
            "study.nc": lambda: bytes(result.dataset.to_netcdf(engine="h5netcdf")),
            "verdicts.json": lambda: verdicts_file(result, power),
            "report.md": lambda: text_report(result, power).encode(),
        }
    )
    if out.problems:
        return out
    for path in place.written - set(out.paths):  # of fewer sizes, which this run put elsewhere on its way
        path.unlink(missing_ok=True)
    place.written = set(out.paths)
    figures = drawing(lambda: _figures(result))
    if isinstance(figures, Exception):
        out.problems.append(f"the figure could not be drawn, {in_words(figures)}")
    elif figures:
        replaced({name: lambda data=data: data for name, data in figures.items()})
    for path in stale_figures(place.path, suffix, result.digest):  # of numbers that have just been replaced
        with contextlib.suppress(OSError):
            path.unlink()
    return out


def verdicts_file(result: StudyResult, power: Sequence[PowerRow] | None = None) -> bytes:
    """verdicts.json: as `as_json`, without the seconds, so that the same study gives the same file."""
    data = as_json(result, power)
    del data["seconds"]
    return (json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _figures(result: StudyResult) -> dict[str, bytes] | Exception:
    """Files of the figure, or what went wrong."""
    try:
        return figure_files(convergence_figure(result.dataset), mark(result.digest))
    except Exception as error:
        return error
