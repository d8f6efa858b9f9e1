"""A study on disk: dataset, verdicts, reports and figure, each file whole or not at all."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from comparison.report.as_data import verdicts_file
from comparison.report.content import Content, prepared
from comparison.report.figure import convergence_figure, figure_files, panel_files
from comparison.report.pages import Panels, markdown, page
from comparison.results_folder.atomic import write_set
from comparison.results_folder.folder import PAGE, OutputFolder, named, stale_figures, standing_mark
from comparison.results_folder.identity import mark
from comparison.study.planted_errors import PowerRow
from comparison.study.result import StudyResult
from finite_n.errors import FiniteNError, in_words, shown
from finite_n.model.validation import check_kind


def write(
    result: StudyResult, folder: str | Path, power: Sequence[PowerRow] | None = None, force: bool = False
) -> list[Path]:
    """study.nc, verdicts.json, report.md, report.html, convergence.png and .pdf; each file whole or not at all.

    Returns their paths.

    Parameters
    ----------
    result : StudyResult
    folder : path of a folder, made if need be
    power : what `power_test(result)` returns, to be written with the verdicts, optional
    force : replace whatever stands in the folder. Default False.

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
    """What writing a result came to.

    paths : of the files written, in this order
    problems : sentences
    standing : True if the folder held all of the result already
    """

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

    @functools.cache
    def content() -> Content:
        beside = {"figure": "convergence.png", "numbers": "study.nc", "verdicts": "verdicts.json", "text": "report.md"}
        return prepared(result, power, {kind: named(name, suffix) for kind, name in beside.items()})

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
            paths = write_set(place.path, contents)
            out.paths += [path for path in paths if path not in out.paths]
        except OSError as error:
            names = ", ".join(contents)
            out.problems.append(f"output folder {place.name}: {names} cannot be written, {error.strerror or error}.")

    makers = {
        "study.nc": lambda: bytes(result.dataset.to_netcdf(engine="h5netcdf")),
        "verdicts.json": lambda: verdicts_file(result, power),
        "report.md": lambda: markdown(content()).encode(),
        PAGE: lambda: page(content()).encode(),
    }
    standing = place.path / named(PAGE, suffix)
    if standing not in place.written and standing_mark(standing) == result.digest:
        del makers[PAGE]  # there with its figure, and a run that is killed while it draws leaves it so
    replaced(makers)
    if out.problems:
        return out
    for path in place.written - set(out.paths):  # of fewer sizes, which this run put elsewhere on its way
        path.unlink(missing_ok=True)
    place.written = set(out.paths)
    figures = drawing(lambda: _figures(result))
    if isinstance(figures, Exception):
        out.problems.append(f"the figure could not be drawn, {in_words(figures)}")
    elif figures:
        drawn, panels = figures
        makers = {name: lambda data=data: data for name, data in drawn.items()}
        replaced(makers | {PAGE: lambda: page(content(), panels).encode()})  # the same page with its figure
    for path in stale_figures(place.path, suffix, result.digest):  # of numbers that have just been replaced
        with contextlib.suppress(OSError):
            path.unlink()
    return out


def _figures(result: StudyResult) -> tuple[dict[str, bytes], Panels] | Exception:
    """Files of the figure and its panels for the page, or what went wrong."""
    try:
        data = result.dataset
        return figure_files(convergence_figure(data), mark(result.digest)), panel_files(data)
    except Exception as error:
        return error
