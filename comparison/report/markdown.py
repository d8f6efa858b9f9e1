"""report.md: a study as Markdown that also reads as text."""

from __future__ import annotations

from collections.abc import Sequence

from comparison.report.headlines import headlines
from comparison.report.tables import budget_table, finite_size_table, table
from comparison.results_folder.identity import mark
from comparison.study.planted_errors import PowerRow, power_table
from comparison.study.result import StudyResult
from comparison.study.theories import theory_table


def text_report(result: StudyResult, power: Sequence[PowerRow] | None = None) -> str:
    """Study, table and verdicts, as Markdown that also reads as text."""
    study = result.study
    parts = [
        f"# {study.name}",
        f"{study.model!r}, from {study.rho0!r}, t = {study.tlist[0]:g} … {study.tlist[-1]:g}, "
        f"N = {', '.join(map(str, result.sizes))}, tolerance {study.tol:g}.",
    ]
    if result.growth is not None:
        parts.append(result.growth.without_times())
    if result.interrupted or result.failure:
        why = f"Ended by an error, {result.failure}" if result.failure else "Interrupted."
        asked = "" if study.is_auto else f" of {len(study.sizes)}"
        parts.append(f"{why} {len(result.sizes)}{asked} sizes are done.")
    parts += ["```", table(result), "```", "## Verdicts", *(f"- {line}" for line in headlines(result))]
    if result.finite_sizes:
        parts += ["## Theories at finite N", "```", theory_table(result), "```"]
        parts += ["## Their distances at every N", "```", finite_size_table(result.finite_sizes), "```"]
    parts += ["## Every entry", *(f"- {v}" for v in [*result.verdicts, *result.finite_sizes])]
    parts += ["## Error budget", "```", budget_table(result), "```"]
    if power is not None:
        parts += ["## Planted errors", "```", power_table(power), "```"]
    parts.append(f"({mark(result.digest)})")
    return "\n\n".join(parts).replace("\n\n- ", "\n- ").replace("```\n\n", "```\n").replace("\n\n```", "\n```") + "\n"
