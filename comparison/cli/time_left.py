"""How long a ladder of sizes will take, from the sizes that are done; nothing is said where they do not tell."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

from comparison.growth import Forecast, duration

_FIRST_TELLS = 2.0  # seconds from which a first size tells something, whatever is loaded once in a process
_PLANNING = 0.3  # seconds that may be spent on asking what sizes would take
_SHARE = 0.05  # of a size after which its own progress tells how long it takes


class TimeLeft:
    """Seconds until the last of some sizes is done.

    sizes : all of them, increasing; those that are chosen while a ladder grows: none
    cost : function of N, the work of that size in any unit, as `EvolutionPlan.work`. Default: a power of N, by the last
        two sizes.
    clock : function that gives seconds
    """

    def __init__(
        self,
        sizes: Sequence[int] = (),
        cost: Callable[[int], float] | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ):
        self.sizes, self.clock = list(sizes), clock
        self._cost, self._work = cost, {}
        self._taken: dict[int, float] = {}
        self._begun = clock()

    def begin(self) -> None:
        """A size begins."""
        self._begun = self.clock()

    def done(self, N: int, seconds: float | None = None) -> None:
        """It is done, or was done before in so many seconds."""
        self._taken[N] = max(self.clock() - self._begun if seconds is None else seconds, 1e-6)
        self.begin()

    def left(self, N: int, share: float) -> float | None:
        """Seconds left while size N is done to a share; None where nothing tells."""
        spent = self.clock() - self._begun
        later = [n for n in self.sizes if n > N]
        forecast = self._forecast([N, *later] if N not in self._taken else later)
        if N in self._taken:
            own = 0.0
        elif share >= _SHARE:
            own = spent * (1 - share) / share
        elif forecast is not None:
            own = max(forecast[N] - spent, 0.0)
        else:
            return None
        if later and forecast is None:
            return None
        return own + sum(forecast[n] for n in later) if later else own

    def _forecast(self, wanted: Sequence[int]) -> dict[int, float] | None:
        """Seconds of sizes that are not done."""
        if not wanted or (sum(self._taken.values()) < _FIRST_TELLS and len(self._taken) < 2):
            return None
        work = self._planned(wanted) or self._by_power(wanted)
        if work is None:
            return None
        forecast = Forecast()
        for N, seconds in self._taken.items():
            forecast.add(work[N], seconds)
        return {N: forecast(work[N]) for N in wanted}

    def _planned(self, wanted: Sequence[int]) -> dict[int, float] | None:
        """The work of all sizes by `cost`, unless that takes long or is refused."""
        began = time.perf_counter()
        for N in [*self._taken, *wanted]:
            if self._cost is not None and N not in self._work:
                try:
                    self._work[N] = self._cost(N)
                except Exception:  # what is wrong with that size is said when it is begun
                    self._cost = None
                if time.perf_counter() - began > _PLANNING:
                    self._cost = None
        return self._work if self._cost is not None else None

    def _by_power(self, wanted: Sequence[int]) -> dict[int, float] | None:
        """The work of all sizes as a power of N, from the last two that are done."""
        (first, least), *others = self._taken.items()
        told = others if least < _FIRST_TELLS else [(first, least), *others]
        if len(told) < 2:
            return None
        (n, before), (N, after) = told[-2:]
        overhead = least if least < min(before, after) else 0.0
        power = max(math.log((after - overhead) / (before - overhead)) / math.log(N / n), 0.0)
        return {n: float(n) ** power for n in [*self._taken, *wanted]}


def about(seconds: float) -> str:
    """A time that is not known well.

    >>> about(0.4), about(7.42), about(38), about(150)
    ('1 s', '7 s', '40 s', '2.5 min')
    """
    if seconds < 10:
        return f"{max(math.ceil(seconds - 0.5), 1)} s"
    return duration(10 * round(seconds / 10)) if seconds < 120 else duration(seconds)
