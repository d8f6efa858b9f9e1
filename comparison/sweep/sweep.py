"""A sweep: one study for every combination of parameters, its points computed by workers, then judged here."""

from __future__ import annotations

import contextlib
import dataclasses
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from comparison.point_store.encoding import Damaged, decoded
from comparison.point_store.source import environment
from comparison.point_store.store import PointStore
from comparison.referee.extrapolation import FEWEST
from comparison.results_folder.atomic import write_set
from comparison.study.points import StudyPoints, read_store
from comparison.study.result import StudyResult
from comparison.study.study import Study
from comparison.study_file.build import build
from comparison.study_file.places import with_lines
from comparison.study_file.reading import read_source, replaced
from comparison.sweep.cluster import Cluster
from comparison.sweep.dispatch import Workers, dispatch
from comparison.sweep.grid import combinations, read_grid
from comparison.sweep.pool import Pool
from comparison.sweep.result import SweepResult, SweepRow
from comparison.sweep.tasks import Source, Task, tasks_of
from finite_n.errors import FiniteNError, in_words, shown
from finite_n.model.validation import check_switch


@dataclasses.dataclass
class _Member:
    """One study of a sweep, and what has become of its points."""

    parameters: dict[str, Any]
    source: Source
    study: Study | None = None
    waiting: int = 0
    sizes: set[int] = dataclasses.field(default_factory=set)
    failures: list[str] = dataclasses.field(default_factory=list)


class _Found(PointStore):
    """A store from which points are taken, and for which none is computed."""

    def once(self, description, name, compute):
        """What is stored of a point; refuses what is not."""
        if (data := self.find(description, name)) is None:
            raise FiniteNError(f"{name}: is not stored.")
        return data, True


class Sweep:
    """A study for every combination of values of parameters.

    Parameters
    ----------
    study : name of a built-in system, path of a study file, or a dict with the keys of one
    grid : dict of parameters, of the system or of the model in the file, to values: a list, or a text such as "0.1,0.2"
        or "0.1:0.5:5" (start:stop:number). Added to the [grid] of a study file, whose values it replaces. A grid of
        nothing is the study alone.
    overrides : dict of parts of the study that replace those of the file, optional
    allow_python : execute the Python files that the study file names, here and on the workers. Default False.

    Attributes
    ----------
    grid : values by parameter
    combinations : a dict of parameters for every study, the last parameter running fastest

    Raises FiniteNError if the study file or the grid cannot be read. A combination that the system refuses is no
    reason not to run the others: `run` says so.

    Example
    -------
    >>> sweep = Sweep("hopfield", {"omega": "0.2:0.4:3"}, {"sizes": [4, 6, 8, 10]})
    >>> sweep.combinations
    [{'omega': 0.2}, {'omega': 0.3}, {'omega': 0.4}]
    """

    def __init__(
        self,
        study: str | Path | Mapping[str, Any],
        grid: Mapping[str, object] | None = None,
        overrides: Mapping[str, Any] | None = None,
        *,
        allow_python: bool = False,
    ):
        check_switch(allow_python, "sweep: allow_python")
        if isinstance(study, Mapping):
            raw, where, folder, self._text = replaced(study, overrides or {}), "study", ".", ""
        else:
            found = read_source(study, dict(overrides or {}))
            raw, where, folder, self._text = found.raw, found.where, found.folder, found.text
        own = raw.pop("grid", None)
        self.grid = read_grid({} if own is None else own, f"{where}: grid") | read_grid(grid or {})
        self.combinations = combinations(self.grid)
        self._sources = [
            Source(replaced(raw, {"parameters": p}) if p else raw, where, folder, allow_python)
            for p in self.combinations
        ]

    def run(
        self,
        workers: int | None = None,
        scheduler: str | None = None,
        points: PointStore | str | Path | None = None,
        *,
        before: Callable[[Mapping[str, Any], Study], None] = lambda parameters, study: None,
        done: Callable[[SweepRow], None] = lambda row: None,
        progress: Callable[[int, int], None] = lambda finished, of: None,
        tick: Callable[[str], None] = lambda note: None,
    ) -> SweepResult:
        """Compute all points by worker processes, then judge every study as soon as its points are there.

        workers : processes of this machine, each with its share of the cores. Default: one for every core.
        scheduler : address of a Dask scheduler, whose workers are asked in their place
        points : PointStore, or the path of a folder, in which points are stored at once and found again by this sweep
            and others. Default: a folder that is removed afterwards. The command line stores them in the user's cache:
            `PointStore()`.
        before : function of the parameters of every study and of the study, called before the long work
        done : function of every row of the result, called as soon as it is known
        progress : function of the number of tasks that are finished, and of all
        tick : function of a note, often empty, called several times a second; what it raises ends the sweep

        What is finished is kept: interrupted (Ctrl-C), it returns the studies that are done, and every point that was
        finished is in the store. A point that raises, or whose worker process ends twice, ends no other: the row of its
        study says so, and is judged by the sizes that are there if these are four or more.
        """
        if scheduler is not None and workers is not None:
            raise FiniteNError(
                f"workers = {shown(workers)} and scheduler = {shown(scheduler)}: a cluster has workers of its own; "
                "give one of them."
            )
        with tempfile.TemporaryDirectory(prefix="finite-n-") as own:
            store = read_store(own if points is None else points)
            hands = Cluster(scheduler) if scheduler is not None else Pool(workers, str(store.folder.resolve()))
            try:
                return _Run(self, store, hands, before, done, progress).run(tick)
            finally:
                hands.close()

    def studies(self) -> list[tuple[Source, Study | None, str]]:
        """The description of every study, the study, and, where it cannot be built, why in a sentence."""
        return [(source, *self.build(source)) for source in self._sources]

    def build(self, source: Source, **changes) -> tuple[Study | None, str]:
        """A study of the sweep with other parts, or why it cannot be built."""
        try:
            with with_lines(self._text, source.where):
                raw = replaced(source.raw, changes)
                return build(raw, source.where, source.folder, allow_python=source.allow_python), ""
        except (FiniteNError, MemoryError) as error:
            return None, in_words(error)

    def __repr__(self):
        over = ", ".join(self.grid) or "nothing"
        return f"Sweep({self._sources[0].where}, {len(self.combinations)} studies over {over})"


class _Run:
    """One run of a sweep."""

    def __init__(self, sweep: Sweep, store: PointStore, workers: Workers, before, done, progress):
        self.sweep, self.store, self.workers = sweep, store, workers
        self.before, self.done, self.progress = before, done, progress
        self.rows: dict[int, SweepRow] = {}
        self.members: list[_Member] = []
        self.finished = self.computed = self.count = 0

    def run(self, tick: Callable[[str], None]) -> SweepResult:
        """All tasks, largest first; every study is judged when its last one is finished."""
        interrupted = False
        try:
            tasks = self._tasks()
            self.count = len(tasks)
            self.progress(0, self.count)
            dispatch(tasks, self.workers, self._finished, tick)
        except KeyboardInterrupt:
            interrupted = True
        rows = [
            self.rows.get(k) or SweepRow(parameters, None, "interrupted.")
            for k, parameters in enumerate(self.sweep.combinations)
        ]
        return SweepResult(self.sweep.grid, rows, interrupted, self.computed)

    def _tasks(self) -> list[Task]:
        tasks: list[Task] = []
        for parameters, (source, study, failure) in zip(self.sweep.combinations, self.sweep.studies(), strict=True):
            index = len(self.members)
            member = _Member(parameters, source, study)
            self.members.append(member)
            if study is None:
                member.failures.append(failure)
                self._row(index)
                continue
            self.before(parameters, study)
            own = self._missing(index, member)
            member.waiting = len(own)
            tasks += own
            if not own:
                self._row(index)
        return tasks

    def _missing(self, index: int, member: _Member) -> list[Task]:
        """The tasks of a study that are not done already."""
        study = member.study
        if study.is_auto:
            with contextlib.suppress(FiniteNError, MemoryError):
                if self._found(study).is_complete:
                    return []
            return tasks_of(index, study, member.source)
        points = StudyPoints(study, self.store)
        member.sizes = {N for N in study.sizes if points.is_stored(N)}
        return [task for task in tasks_of(index, study, member.source) if task.N not in member.sizes]

    def _found(self, study: Study) -> StudyResult:
        """The result of a study whose points are all stored."""
        result = study.run(points=_Found(self.store.folder))
        if result.interrupted:
            raise KeyboardInterrupt
        return result

    def _finished(self, task: Task, outcome: Mapping[str, Any]) -> None:
        member = self.members[task.index]
        lost = self._taken_over(outcome) if outcome["sizes"] else ""
        if failure := lost or outcome["failure"]:
            member.failures.append(failure)
        member.sizes |= set() if lost else set(outcome["sizes"])
        member.waiting -= 1
        self.finished += 1
        self.computed += outcome["computed"]
        self.progress(self.finished, self.count)
        if not member.waiting:
            self._row(task.index)

    def _taken_over(self, outcome: Mapping[str, Any]) -> str:
        """Store the points that came back; says why, if this process would not find them."""
        theirs, ours = outcome["environment"], environment()
        if differing := [f"{what} {theirs.get(what)}" for what in ours if theirs.get(what) != ours[what]]:
            return (
                f"a worker has {', '.join(differing)}, and here it is "
                f"{', '.join(ours[w.split()[0]] for w in differing)}: its numbers may differ, so install the same."
            )
        for place, content in outcome["points"].items():
            path = self.store.folder / place
            try:
                decoded(content)
                path.parent.mkdir(parents=True, exist_ok=True)
                write_set(path.parent, {path.name: content})
            except (OSError, Damaged) as error:
                return f"a point that came back cannot be stored, {error}."
        return ""

    def _row(self, index: int) -> None:
        """Judge a study by the points that are there."""
        member = self.members[index]
        result, failure = self._judged(member), " ".join(dict.fromkeys(member.failures))
        row = self.rows[index] = SweepRow(member.parameters, result, failure)
        member.study = None
        self.done(row)

    def _judged(self, member: _Member) -> StudyResult | None:
        """The result of a study by its points, none of which is computed here."""
        study, sizes = member.study, sorted(member.sizes)
        if study is not None and member.failures:
            if len(sizes) < FEWEST:
                return None
            study, _ = self.sweep.build(member.source, sizes=sizes, budget=None, largest=None)
            study = study if study is not None and study.sizes == sizes else None
        if study is None:
            return None
        try:
            return self._found(study)
        except (FiniteNError, MemoryError) as error:
            member.failures.append(in_words(error))
            return None
