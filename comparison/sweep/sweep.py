"""A sweep: one study for every combination of parameters, its points computed by workers, then judged here."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from comparison.point_store.store import PointStore
from comparison.study.points import read_store
from comparison.study.study import Study
from comparison.study_file.build import build
from comparison.study_file.parameters import check_names
from comparison.study_file.places import with_lines
from comparison.study_file.reading import BUILT_IN, read_source, replaced
from comparison.sweep.cluster import Cluster
from comparison.sweep.grid import combinations, read_grid
from comparison.sweep.pool import Pool
from comparison.sweep.result import SweepResult, SweepRow
from comparison.sweep.run import Run
from comparison.sweep.tasks import Source
from finite_n.errors import FiniteNError, in_words, shown
from finite_n.model.validation import check_switch


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
        with with_lines(self._text, where):
            _check_parameters(raw, self.grid, where)
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
                return Run(self, store, hands, before, done, progress).run(tick)
            finally:
                hands.close()

    def studies(self) -> list[tuple[Source, Study | None, str]]:
        """The description of every study, the study, and, where it cannot be built, why in a sentence."""
        return [(source, *self.build(source)) for source in self._sources]

    def build(self, source: Source, **changes) -> tuple[Study | None, str]:
        """The study of a source of the sweep with other parts, or why it cannot be built."""
        try:
            with with_lines(self._text, source.where):
                raw = replaced(source.raw, changes)
                return build(raw, source.where, source.folder, allow_python=source.allow_python), ""
        except (FiniteNError, MemoryError) as error:
            return None, in_words(error)

    def __repr__(self):
        over = ", ".join(self.grid) or "nothing"
        return f"Sweep({self._sources[0].where}, {len(self.combinations)} studies over {over})"


def _check_parameters(raw: Mapping[str, Any], grid: Mapping[str, object], where: str) -> None:
    """Refuse names that a built-in system does not have, once and not for every combination."""
    system, given = raw.get("system"), raw.get("parameters")
    if isinstance(system, str) and system in BUILT_IN:
        check_names(system, given if isinstance(given, Mapping) else (), f"{where}: parameters")
        check_names(system, grid, f"{where}: grid")
