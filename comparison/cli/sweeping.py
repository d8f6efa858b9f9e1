"""`finite-n run` with a grid of parameters, worker processes or a cluster: studies are computed by others."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from pathlib import Path

from comparison.cli.bar import Bar, on_terminal
from comparison.cli.endings import EXIT_ERROR
from comparison.cli.interruption import Interruption
from comparison.cli.options import overrides, refuse_twice
from comparison.cli.printing import present, present_json
from comparison.cli.running import points_of, refuse_closed_output
from comparison.cli.streams import say, show
from comparison.point_store.store import LARGEST
from comparison.results_folder.folder import OutputFolder
from comparison.starting import EXIT_INTERRUPTED
from comparison.study.forecast import StudyForecast, forecast
from comparison.study.result import StudyResult
from comparison.study.study import Study
from comparison.sweep.files import TABLES, check_tables, folder_names, write_study, write_tables
from comparison.sweep.grid import named
from comparison.sweep.result import SweepResult, SweepRow
from comparison.sweep.sweep import Sweep
from finite_n.errors import FiniteNError, shown


def grid_of(texts) -> dict[str, str]:
    """Values by parameter from texts KEY=VALUES."""
    pairs = [text.partition("=") for text in texts]
    for key, equals, values in pairs:
        if not equals or not key.strip() or not values.strip():
            raise FiniteNError(
                f"--grid {shown(key + equals + values)}: write KEY=VALUES, for example --grid omega=0.1,0.2 or --grid "
                "omega=0.1:0.5:5."
            )
    refuse_twice("--grid", [key.strip() for key, _, _ in pairs])
    return {key.strip(): values.strip() for key, _, values in pairs}


def run_sweep(arguments, stop: Interruption) -> int:
    """Run all studies of a grid, write and print what is done; returns the exit status."""
    if arguments.power:
        raise FiniteNError("--power is for one study; leave it out, or leave the grid out.")
    sweep = Sweep(arguments.study, grid_of(arguments.grid), overrides(arguments), allow_python=arguments.allow_python)
    if arguments.dry_run:
        return _say_what_it_takes(sweep, arguments.json)
    folder = None if arguments.out is None else _made(Path(arguments.out))
    if folder is None:
        refuse_closed_output("result", "; give --out FOLDER")
    else:
        check_tables(sweep.combinations, folder, arguments.force)
    names = dict(zip(map(named, sweep.combinations), folder_names(sweep.combinations), strict=True))
    problems: list[str] = []

    def before(parameters: Mapping[str, object], study: Study) -> None:
        if folder is not None:
            with OutputFolder(folder / names[named(parameters)], arguments.force) as place:
                place.check(study)

    def done(row: SweepRow) -> None:
        progress.study(row)
        if folder is not None:
            problems.extend(write_study(row, folder, names[named(row.parameters)], arguments.force))

    with _Progress(stop, arguments.quiet, len(sweep.combinations)) as progress:
        result = _computed(sweep, arguments, progress, before=before, done=done)
        stop.hold()
    written = [] if folder is None else write_tables(result, folder)
    if arguments.json:
        present_json(result.as_data())
    else:
        present(result.table)
    if written:
        (say if arguments.json else show)(f"\nwritten: {', '.join(map(str, written))}, and a folder for every study")
    elif folder is not None:
        problems.append(f"{folder / TABLES[0]} is of more studies than are done now, and is left as it was.")
    return _end(result, problems, stop)


def by_workers(arguments, stop: Interruption) -> StudyResult | None:
    """The result of one study, its sizes computed by workers; None if it was interrupted before."""
    sweep = Sweep(arguments.study, None, overrides(arguments), allow_python=arguments.allow_python)
    with _Progress(stop, arguments.quiet, 1) as progress:
        result = _computed(sweep, arguments, progress)
        stop.hold()
    (row,) = result.rows
    if row.result is None and not result.interrupted:
        raise FiniteNError(row.failure)
    return row.result and dataclasses.replace(row.result, failure=row.failure)


def _computed(sweep: Sweep, arguments, progress: _Progress, **options) -> SweepResult:
    """The result of a sweep by the workers that were asked for."""
    points = points_of(arguments)
    options |= {"progress": progress.points, "tick": progress.tick}
    result = sweep.run(arguments.workers, arguments.scheduler, points, **options)
    if points is not None and arguments.cache is None:
        points.clear(LARGEST)
    return result


def _end(result: SweepResult, problems: list[str], stop: Interruption) -> int:
    for sentence in [*problems, *result.failures]:
        say(f"finite-n: {sentence}")
    if stop.number or result.interrupted:
        there = sum(row.result is not None for row in result.rows)
        say(f"finite-n: interrupted; {there} of {len(result.rows)} studies are done.")
        return stop.status or EXIT_INTERRUPTED
    return EXIT_ERROR if problems or result.failures else 0


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise FiniteNError(
            f"output folder {folder}: cannot be made, {getattr(error, 'strerror', None) or error}."
        ) from None
    return folder


def _say_what_it_takes(sweep: Sweep, as_data: bool) -> int:
    found: list[tuple[str, StudyForecast | None, str]] = []
    for parameters, (_, study, failure) in zip(sweep.combinations, sweep.studies(), strict=True):
        found.append((named(parameters), None if study is None else forecast(study), failure))
    if as_data:
        rows = [{"study": name, "failure": why or None} | (x.as_data() if x else {}) for name, x, why in found]
        present_json(rows)
    else:
        present(lambda: "\n\n".join(f"{name}\n{x if x is not None else why}" for name, x, why in found))
    return 0 if all(x is not None for _, x, _ in found) else EXIT_ERROR


class _Progress:
    """A bar of all points on a terminal, elsewhere a line for every study; a context manager."""

    def __init__(self, stop: Interruption, quiet: bool, studies: int):
        self.stop, self.quiet, self.studies, self.done = stop, quiet, studies, 0
        self.started, self.noted = time.perf_counter(), ""
        self._bar = None if quiet or not on_terminal() else Bar(self._time)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._bar is not None:
            self._bar.close()

    def points(self, finished: int, of: int) -> None:
        """So many tasks are finished."""
        if self._bar is not None:
            self._bar.show(f"{finished} of {of} points, {self.done} of {self.studies} studies", finished / max(of, 1))

    def study(self, row: SweepRow) -> None:
        """A study is judged."""
        self.done += 1
        if self._bar is None and not self.quiet:
            what = "not run" if row.result is None else f"N = {', '.join(map(str, row.result.sizes))} done"
            say(f"{row.name}: {what}, {self._time()}")

    def tick(self, note: str) -> None:
        """Raise if a signal has come; say what is waited for, once."""
        if note and note != self.noted and not self.quiet:
            say(f"finite-n: {note}")
        self.noted = note
        self.stop.check()

    def _time(self) -> str:
        return f"{time.perf_counter() - self.started:.1f} s"
