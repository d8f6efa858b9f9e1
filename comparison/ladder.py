"""A ladder of sizes: the one loop that does the work at every size and keeps what is done when it ends early.

A ladder that chooses its sizes while it grows is a `GrowingLadder` of `growing_ladder.py`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from finite_n.errors import FiniteNError, in_words
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.model.validation import check_sizes
from finite_n.solvers.evolve import evolve
from finite_n.solvers.result import Result

_log = logging.getLogger(__name__)


class Points(Protocol):
    """What is kept of sizes that are done, for who asks for them again."""

    def obtain(self, N: int, work: Callable[[int], object]) -> tuple[object, float | None]:
        """What is kept of work(N), and the seconds that it took; or work(N), which is then kept, and None."""

    def recall(self, what: str, N: int, measure: Callable[[], dict]) -> tuple[dict, bool]:
        """The same of numbers about the ladder itself, and whether they were kept."""


class Ladder:
    """Increasing numbers of particles and the results of those that are done, in the same order.

    sizes : all that are asked for, at least `fewest`, none below `smallest`
    points : where sizes that are done are kept and found. Default: None, every size is worked on.
    results : one for every size that is done
    interrupted : True if a signal ended it before the last size
    failure : the error that ended it before the last size, in a sentence; empty if there was none
    """

    def __init__(self, sizes: Sequence[int], fewest: int = 1, smallest: int = 1):
        self.sizes = check_sizes(sizes, fewest, smallest)
        self.points: Points | None = None
        self.results: list = []
        self.interrupted, self.failure = False, ""
        self._at = self.sizes[0]

    @property
    def done(self) -> list[int]:
        """The sizes whose results are there."""
        return self.sizes[: len(self.results)]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to do."""
        return len(self.results) == len(self.sizes)

    def _steps(self) -> Iterator[int]:
        """Every size in turn."""
        yield from self.sizes

    def climb(
        self,
        work: Callable[[int], object],
        after: Callable[[int], None] | None = None,
        keep: bool = False,
        begin: Callable[[int], None] = lambda N: None,
    ) -> list:
        """The results of work(N) at every size in turn.

        begin : function of N, called before anything else
        after : function of N, called when the result of N is kept
        keep : an error or a signal after the first size ends the ladder there; else it is raised, as it always is at
            the first size. The traceback of an error that is neither a refusal nor lack of memory is logged.
        """
        try:
            for N in self._steps():
                self._at = N
                begin(N)
                self.results.append(self._value(N, work))
                if after is not None:
                    after(N)
        except KeyboardInterrupt:
            if not (keep and self.results):
                raise
            self.interrupted = not self.is_complete
        except Exception as error:
            if not (keep and self.results):
                raise
            self._failed(error)
        return self.results

    def _value(self, N: int, work: Callable[[int], object]):
        return work(N) if self.points is None else self.points.obtain(N, work)[0]

    def _failed(self, error: Exception) -> None:
        """Note what ended the ladder."""
        self.failure = in_words(error, f"N = {self._at}")
        if not isinstance(error, FiniteNError | MemoryError):
            _log.error("unexpected error at N = %d", self._at, exc_info=error)

    def evolve(
        self,
        model: Model,
        rho0,
        tlist: Sequence[float],
        e_ops: Mapping[str, Polynomial] | None = None,
        *,
        read: Callable[[Result], object] = lambda result: result,
        progress: Callable[[int, float], None] | None = None,
        after: Callable[[int], None] | None = None,
        keep: bool = False,
        **options,
    ) -> list:
        """Exact results of one model at every size; `options` are those of `finite_n.evolve`.

        read : what is kept of a result. Default: all of it.
        progress : function of N and the share of its evolution that is done; 1 only when the result of N is kept
        after, keep : as for `climb`
        """
        report = progress or (lambda N, share: None)

        def work(N: int):
            return read(self._evolved(model, N, rho0, tlist, e_ops, progress=self._inside(N, progress), **options))

        def kept(N: int) -> None:
            report(N, 1.0)
            if after is not None:
                after(N)

        return self.climb(work, kept, keep, lambda N: report(N, 0.0))

    def _evolved(self, *arguments, **options) -> Result:
        return evolve(*arguments, **options)

    def _inside(self, N: int, progress: Callable[[int, float], None] | None) -> Callable[[float], None] | None:
        """What the evolution of N reports to."""
        return progress and (lambda share: progress(N, share) if share < 1 else None)
