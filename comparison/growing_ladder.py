"""A ladder of sizes that chooses them while it grows, by what the next one would take."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator

from comparison.growth import FACTORS, Forecast, Growth, SizeSequence, duration
from comparison.ladder import Ladder
from finite_n.compiled import seconds_compiling
from finite_n.errors import FiniteNError
from finite_n.memory import NoMemoryError
from finite_n.solvers.plan import EvolutionPlan, plan_evolution
from finite_n.solvers.result import Result

_PATIENCE = 1.5  # times the budget after which a size is stopped: predictions are rounded by a factor of √2
_SMALL = 1e6  # work of a first size that is measured again, since what is loaded once in a process takes longer
_QUICK = 0.2  # seconds of planning that are always spent, to say what a larger size would take


def working_time() -> float:
    """Seconds of a clock that stands still while kernels are compiled, as happens once after installation."""
    return time.perf_counter() - seconds_compiling()


class GrowingLadder(Ladder):
    """A ladder that begins small and grows by half, by smaller steps where that does not fit into the budget, into
    memory or below the largest size allowed, until what is sought is settled or no step fits.

    No size is begun whose predicted time goes beyond the budget, and below `fewest` sizes no step is taken that leaves
    no room for those still needed. A size is stopped once half as much again as the budget is spent.

    sequence : where sizes come from
    budget : seconds
    fewest : sizes before which it does not stop by itself
    settled : function of the results, whether they suffice; asked after every size from the `fewest`-th on
    before : function of N, called before that size is begun
    cost : function of N, the work of that size in any unit. Default, for `evolve`: elements × applications.
    clock : function that gives seconds. Default: without those of compiling.

    sizes : those begun; growth : how they were chosen and why it ended
    """

    def __init__(
        self,
        sequence: SizeSequence,
        budget: float,
        fewest: int,
        settled: Callable[[list], bool] = lambda results: False,
        before: Callable[[int], None] = lambda N: None,
        cost: Callable[[int], float] | None = None,
        clock: Callable[[], float] = working_time,
    ):
        super().__init__([sequence[sequence.first]])
        self.sizes = []
        self.sequence, self.budget, self.fewest = sequence, budget, fewest
        self.settled, self.before, self.cost, self.clock = settled, before, cost, clock
        self.forecast, self.started = Forecast(), clock()
        self._trial: Callable[[int], object] | None = None
        self._work: dict[int, float] = {}
        self._planning = 0.0  # seconds of the last plan
        self._plans: dict[int, EvolutionPlan] = {}
        self._refused: NoMemoryError | None = None
        self._end: dict = {}

    @property
    def spent(self) -> float:
        """Seconds since the ladder began."""
        return self.clock() - self.started

    @property
    def is_complete(self) -> bool:
        """Whether it has ended by itself."""
        return bool(self._end)

    @property
    def growth(self) -> Growth:
        """How the sizes were chosen so far, and why there are no more."""
        end = {"spent": self.spent} | self._end
        return Growth(tuple(self.done), self.budget, fewest=self.fewest, **end)

    def climb(self, work, after=None, keep: bool = False, begin=lambda N: None) -> list:
        """As for `Ladder`; the seconds of work(N) predict those of larger sizes. Those of a size that is found count as
        if they were spent now, so that an interrupted ladder takes the sizes that it would have taken."""
        self.started = self.clock()
        self._trial = self._trial or work
        try:
            return super().climb(work, after, keep, begin)
        except _Overrun as error:
            raise FiniteNError(str(error)) from None

    def _value(self, N: int, work):
        began = self.clock()
        out, seconds = (work(N), None) if self.points is None else self.points.obtain(N, work)
        self.forecast.add(self._work_at(N), self._spent_since(began, seconds))
        return out

    def _spent_since(self, began: float, seconds: float | None) -> float:
        """Seconds since then, or those that are given in place of them."""
        passed = self.clock() - began
        if seconds is None:
            return passed
        self.started -= seconds - passed
        return seconds

    def evolve(self, model, rho0, tlist, e_ops=None, *, progress=None, **options) -> list:
        """As for `Ladder`; what is found while a size is planned is kept for its run."""
        common = {k: v for k, v in options.items() if k not in ("read", "after", "keep")}

        def watched(N: int, share: float) -> None:
            self._check_time(N, share)
            if progress is not None:
                progress(N, share)

        def cost(N: int) -> float:
            inside = self._inside(N, watched)
            self._plans[N] = plan_evolution(model, N, rho0, tlist, e_ops, progress=inside, **common)
            return self._plans[N].work

        def trial(N: int) -> Result:
            return plan_evolution(model, N, rho0, tlist, e_ops, **common).run()

        self.cost, self._trial = cost, trial
        return super().evolve(model, rho0, tlist, e_ops, progress=watched, **options)

    def _evolved(self, model, N: int, *arguments, **options) -> Result:
        if N not in self._plans:
            self.cost(N)
        plan, self._plans = self._plans[N], {}
        return plan.run()

    def _steps(self) -> Iterator[int]:
        """The first size, then the next as long as one fits."""
        place = self.sequence.first
        while True:
            self._at = self.sequence[place]
            self.before(self._at)
            self._work_at(self._at)
            self.sizes.append(self._at)
            yield self._at
            if len(self.results) == 1:
                self._measure_again()
            if len(self.results) >= self.fewest and self.settled(self.results):
                self._end = {"ended": "settled", "spent": self.spent}
                return
            following = self._next_place(place)
            if following is None:
                return
            place = following

    def _measure_again(self) -> None:
        """The time of the first size without what is loaded once in a process, and that of a smaller one, which is all
        overhead; the shorter of two each, since other programs disturb."""
        if self._work_at(self._at) > _SMALL:
            return
        began, first = self.clock(), self._at

        def measure() -> dict:
            times = {str(N): self._shortest(N) for N in dict.fromkeys([self.sequence[self.sequence.lowest], first])}
            return {"seconds": times, "spent": self.clock() - began}

        found, known = (measure(), False) if self.points is None else self.points.recall("times", first, measure)
        self._spent_since(began, found["spent"] if known else None)
        self.forecast = Forecast()
        for N, seconds in found["seconds"].items():
            self.forecast.add(self._work_at(int(N)), seconds)

    def _shortest(self, N: int) -> float:
        """Seconds of the faster of two trials."""
        self._work_at(N)
        seconds = []
        for _ in range(2):
            began = self.clock()
            self._trial(N)
            seconds.append(self.clock() - began)
        return min(seconds)

    def _next_place(self, place: int) -> int | None:
        """The place of the next size, None if none fits; then why is noted."""
        needed = max(self.fewest - len(self.results) - 1, 0)  # sizes after the next
        too_long = []
        for following in dict.fromkeys(self.sequence.after(place, x) for x in FACTORS):
            last = self.sequence[following + needed]
            if not self.sequence.allows(following + needed):
                continue
            parts = [self._seconds(self.sequence[following]), *([self._seconds(last)] * needed)]
            if None in parts:
                continue
            if sum(parts) <= self.budget - self.spent:
                return following
            too_long.append((last, sum(parts)))
        self._end = {"spent": self.spent} | self._why_not(place, too_long)
        return None

    def _why_not(self, place: int, too_long: list[tuple[int, float]]) -> dict:
        """Why there is no next size, as `Growth` says it; too_long: sizes and seconds up to there, the largest
        first."""
        if too_long:
            known = [x for x in too_long if x[1] < math.inf]
            best = -1 if len(self.results) < self.fewest else -2  # the least that gives a verdict, or what is worth it
            further, seconds = known[best:][0] if known else (None, None)
            return {"ended": "budget", "further": further, "seconds": seconds}
        if self._refused is not None and self.sequence.allows(place + 1):
            return {"ended": "memory", "note": str(self._refused)}
        return {"ended": "largest"}

    def _seconds(self, N: int) -> float | None:
        """How long a size takes, about: None where it does not fit into memory, infinite where there is no time left to
        find out."""
        if self._refused is not None and N >= self._refused.N:
            return None
        if N not in self._work and self._planning > _QUICK and self.spent + 2 * self._planning > self.budget:
            return math.inf
        self._at = N
        try:
            return self.forecast(self._work_at(N))
        except NoMemoryError as refused:
            self._refused = refused
            return None

    def _work_at(self, N: int) -> float:
        """The work of a size, asked for once."""
        if N not in self._work:
            began = self.clock()
            self._work[N] = self.cost(N)
            self._planning = self.clock() - began
        return self._work[N]

    def _check_time(self, N: int, share: float) -> None:
        """Stop a size that takes far longer than predicted."""
        if 0 < share < 1 and self.spent > _PATIENCE * self.budget:
            raise _Overrun(
                f"N = {N} was stopped after {duration(self.spent)}, {share:.0%} of it done: it takes far longer than "
                f"the budget of {duration(self.budget)}, so give a larger one."
            )

    def _failed(self, error: Exception) -> None:
        if isinstance(error, _Overrun):
            self._end = {"ended": "overrun", "spent": self.spent, "note": str(error)}
        elif isinstance(error, NoMemoryError):  # of more levels of a mode than the plan knew of
            self._end = {"ended": "memory", "spent": self.spent, "note": str(error)}
        else:
            super()._failed(error)


class _Overrun(Exception):
    """A size takes far longer than predicted. No FiniteNError, since engines treat those as refusals of their own."""
