"""The points of a study: one exact evolution each, at one N, with what the study keeps of it, found in a store or
computed and stored at once."""

from __future__ import annotations

import dataclasses
import functools
import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from comparison.growing_ladder import working_time
from comparison.point_store.canonical import canonical
from comparison.point_store.functions import NoCanonicalForm
from comparison.point_store.source import environment
from comparison.point_store.store import PointStore, key_of
from comparison.referee.fluctuation import DISTANCE, variances
from comparison.study.fluctuation_values import Found
from finite_n.errors import SHOWN, FiniteNError, shortened, shown
from finite_n.model.validation import check_kind
from finite_n.solvers.result import Result

if TYPE_CHECKING:
    from comparison.study.particles import ParticlesAtN
    from comparison.study.study import Study

_log = logging.getLogger("finite_n.points")


@dataclasses.dataclass(frozen=True)
class Point:
    """What a study keeps of one size.

    result : the exact result, without states
    readings : values and errors of fluctuations beyond their covariance and of functions of the state, {quantity:
        (values, errors)}
    """

    result: Result | ParticlesAtN
    readings: Found


class StudyPoints:
    """The points of a study and the store that they are kept in.

    A point is the exact evolution at one N with all times, observables, tolerances and cutoffs of the study, and the
    readings of its fluctuations and functions of the state. It does not depend on the other sizes of the study, its
    claims or its accuracy, so that studies share points. A program that spreads the work over processes calls
    `finish(N)` in each of them, and then `study.run(points=store)`, which finds all of them:

        points = StudyPoints(study, "points")
        missing = [N for N in study.sizes if not points.is_stored(N)]
        for N in missing:                       # in any process that has built the same study
            StudyPoints(study, "points").finish(N)
        result = study.run(points="points")     # computes nothing that is stored

    Parameters
    ----------
    study : Study
    store : PointStore, or the path of its folder

    Attributes
    ----------
    reusable : whether points can be found again: not where a rate is a function whose code says too little
    why_not : a sentence that says why they cannot; empty if they can
    found : sizes whose points were found, and the seconds that these took when they were computed
    """

    def __init__(self, study: Study, store: PointStore | str | os.PathLike):
        from comparison.study.study import Study  # which imports this file

        self.study, self.store = check_kind(study, "points of a study: study", Study), read_store(store)
        self.found: dict[int, float] = {}
        self._said_why_not = False

    @functools.cached_property
    def _common(self) -> list | NoCanonicalForm:
        """What all points of the study have in common."""
        study = self.study
        options = [study.tol, study.cutoffs and dict(sorted(study.cutoffs.items()))]
        compared = [d for d in study.directions if DISTANCE in d.asked]  # with the normal distribution of the limit
        derived = variances(compared, study.limits()["derived"]) if compared else {}
        parts = [study.subject.evolved(), study.times, options, study.directions, derived]
        if study.functions:
            parts.append([study.functions, study.limit_means])
        try:
            own = [canonical(x) for x in parts]
        except NoCanonicalForm as error:
            return error
        return [type(study.subject).__name__, *own, environment()]

    @property
    def why_not(self) -> str:
        """Why points cannot be found again, in a sentence; empty if they can."""
        if not isinstance(self._common, NoCanonicalForm):
            return ""
        return (
            f"study {shown(self.study.name)}: its points cannot be found again, since what they follow from cannot be "
            f"written down: {self._common}. Write Γ as a formula in a study file, or as a function of numbers and "
            "numpy alone."
        )

    @property
    def reusable(self) -> bool:
        """Whether points can be found again."""
        return not self.why_not

    def _description(self, N: int, what: str = "point") -> list:
        if self.why_not:
            raise FiniteNError(self.why_not)
        return [what, int(N), *self._common]

    def key(self, N: int) -> str:
        """The name of the point at N in every store: a SHA-256, 64 hexadecimal digits.

        Raises FiniteNError if points of this study cannot be found again; `why_not` says why.
        """
        return key_of(self._description(N))

    def is_stored(self, N: int) -> bool:
        """Whether the point at N can be found, whole."""
        return self.reusable and self.store.find(self._description(N), self._name(N)) is not None

    def finish(self, N: int, progress: Callable[[float], None] | None = None) -> Point:
        """The point at N, found, or else computed and stored at once.

        progress : function of the share that is done, from 0 to 1

        While another process computes it, that is waited for. Where points cannot be found again it is computed every
        time. Raises FiniteNError if the study cannot be run at N.
        """
        self.study.space.sizes(N)

        def work(N: int) -> Point:
            options = self.study.evolution | {"progress": progress}
            return self.study.point(self.study.subject.exact(N, self.study.times, **options))

        return self.obtain(N, work)[0]

    def obtain(self, N: int, work: Callable[[int], Point]) -> tuple[Point, float | None]:
        """The point at N and the seconds that it took when it was computed; or work(N), stored at once, and None."""
        if self.why_not:
            self._say_why_not()
            return work(N), None
        made: list[Point] = []

        def compute() -> dict:
            began = working_time()
            made.append(work(N))
            return self._as_data(made[0]) | {"seconds": working_time() - began}

        data, found = self.store.once(self._description(N), self._name(N), compute)
        if not found:
            return made[0], None
        self.found[N] = data["seconds"]
        return self._from_data(data), data["seconds"]

    def recall(self, what: str, N: int, measure: Callable[[], dict]) -> tuple[dict, bool]:
        """measure() of numbers about N that are no point, such as times, stored as `what`; and whether it was found."""
        if self.why_not:
            return measure(), False
        return self.store.once(self._description(N, what), self._name(N), measure)

    def _as_data(self, point: Point) -> dict:
        return {"result": self.study.subject.as_data(point.result), "readings": point.readings}

    def _from_data(self, data: dict) -> Point:
        return Point(self.study.subject.from_data(data["result"]), data["readings"])

    def _name(self, N: int) -> str:
        return f"{shortened(self.study.name, SHOWN)}, N = {N}"

    def _say_why_not(self) -> None:
        if not self._said_why_not:
            self._said_why_not = True
            _log.warning("finite-n: %s", self.why_not)


def read_points(points, study: Study) -> StudyPoints:
    """The points of a study from themselves, from a store, or from the path of its folder."""
    if not isinstance(points, StudyPoints):
        return StudyPoints(study, points)
    if points.study is not study:
        raise FiniteNError(
            f"points: they are of another study, {shown(points.study.name)}; give StudyPoints(study, …)."
        )
    return points


def read_store(store) -> PointStore:
    """A store of points from itself or from the path of its folder."""
    return store if isinstance(store, PointStore) else PointStore(store)
