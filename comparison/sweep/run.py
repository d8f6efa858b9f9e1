"""One run of a sweep: which points are missing, what comes back from workers, and the study that is judged by them."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from comparison.point_store.encoding import Damaged, decoded
from comparison.point_store.source import environment
from comparison.point_store.store import PointStore
from comparison.referee.extrapolation import FEWEST
from comparison.results_folder.atomic import write_set
from comparison.study.points import StudyPoints
from comparison.study.result import StudyResult
from comparison.study.study import Study
from comparison.sweep.dispatch import Workers, dispatch
from comparison.sweep.result import SweepResult, SweepRow
from comparison.sweep.tasks import Source, Task, tasks_of
from finite_n.errors import FiniteNError, in_words

if TYPE_CHECKING:
    from comparison.sweep.sweep import Sweep


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


class Run:
    """One run of a sweep."""

    def __init__(self, sweep: Sweep, store: PointStore, workers: Workers, before, done, progress):
        self.sweep, self.store, self.workers = sweep, store, workers
        self.before, self.done, self.progress = before, done, progress
        self.rows: dict[int, SweepRow] = {}
        self.members: list[_Member] = []
        self.finished = self.computed = self.count = 0

    def run(self, tick: Callable[[str], None]) -> SweepResult:
        """All tasks, largest first; every study is judged when its last one is finished."""
        ended, tasks = "", None
        try:
            tasks = self._tasks()
            self.count = len(tasks)
            self.progress(0, self.count)
            dispatch(tasks, self.workers, self._finished, tick)
        except KeyboardInterrupt:
            ended = "interrupted."
        except FiniteNError as error:  # of all workers
            if tasks is None:
                raise
            ended = str(error)
        rows = [
            self.rows.get(k) or SweepRow(parameters, None, ended)
            for k, parameters in enumerate(self.sweep.combinations)
        ]
        return SweepResult(self.sweep.grid, rows, ended == "interrupted.", self.computed)

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
        if tasks:  # workers hand over what they compute through the store
            self.store.check_writable()
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
        if differing := [what for what in ours if theirs.get(what) != ours[what]]:
            there = ", ".join(f"{what} {theirs.get(what)}" for what in differing)
            here = ", ".join(ours[what] for what in differing)
            return f"a worker has {there}, and here it is {here}: its numbers may differ, so install the same."
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
