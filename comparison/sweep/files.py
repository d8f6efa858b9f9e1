"""The folder of a sweep: one folder for every study, and tables of all."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from comparison.report.files import write_into
from comparison.results_folder.atomic import write_set
from comparison.results_folder.folder import OutputFolder
from comparison.sweep.grid import named
from comparison.sweep.result import SweepResult, SweepRow
from finite_n.errors import FiniteNError

TABLES = ("sweep.json", "sweep.nc", "sweep.md")
_PLAIN = re.compile(r"[^\w=.,+-]")
_LONGEST = 120  # characters of the name of a folder


def folder_names(combinations: Sequence[Mapping[str, object]]) -> list[str]:
    """A name for the folder of every study, of its parameters."""
    names = [_PLAIN.sub("_", named(parameters) or "study")[:_LONGEST] for parameters in combinations]
    if len(set(names)) < len(names):  # parameters that differ beyond what a name can say
        names = [f"{k:04d},{name}" for k, name in enumerate(names)]
    return names


def write_study(row: SweepRow, folder: Path, name: str, force: bool = False) -> list[str]:
    """study.nc, verdicts.json and report.md of one study in its folder; returns what went wrong, in sentences."""
    if row.result is None:
        return []
    try:
        with OutputFolder(folder / name, force) as place:
            place.check(row.result.study)
            return write_into(place, row.result, drawing=lambda draw: None).problems
    except FiniteNError as error:
        return [str(error)]


def write_tables(result: SweepResult, folder: Path) -> list[Path]:
    """sweep.json, sweep.nc and sweep.md: verdicts and values for N → ∞ against the parameters.

    An interrupted sweep does not replace those of more studies; then nothing is written.
    """
    there = sum(bool(study.get("sizes")) for study in _studies_in(folder))
    if result.interrupted and there > sum(row.result is not None for row in result.rows):
        return []
    data = json.dumps(result.as_data(), indent=2, sort_keys=True, ensure_ascii=False)
    text = f"# Sweep over {', '.join(result.grid) or 'nothing'}\n\n```text\n{result.table()}\n```\n"
    text += "".join(f"\n- {sentence}" for sentence in result.failures)
    contents = (f"{data}\n".encode(), bytes(result.dataset.to_netcdf(engine="h5netcdf")), f"{text.rstrip()}\n".encode())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return write_set(folder, dict(zip(TABLES, contents, strict=True)))
    except OSError as error:
        raise FiniteNError(f"output folder {folder}: cannot be written, {error.strerror or error}.") from None


def check_tables(combinations: Sequence[Mapping[str, object]], folder: Path, force: bool = False) -> None:
    """Refuse a folder whose tables are of studies that are none of these, unless that is forced."""
    others = [study["parameters"] for study in _studies_in(folder) if study["parameters"] not in combinations]
    if others and not force:
        raise FiniteNError(
            f"output folder {folder}: its {TABLES[0]} is of other studies, such as {named(others[0])}; choose another "
            "folder, or replace it (on the command line with --force)."
        )


def _studies_in(folder: Path) -> list[dict]:
    """The studies in the tables of a folder, none if there are no tables."""
    try:
        found = json.loads((folder / TABLES[0]).read_text(encoding="utf-8"))["studies"]
        return [study for study in found if isinstance(study["parameters"], dict)]
    except (OSError, ValueError, KeyError, TypeError):
        return []
