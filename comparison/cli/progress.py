"""The progress of a command on standard error: a bar with the time left on a terminal, a line per step elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from comparison.cli.bar import Bar, on_terminal
from comparison.cli.interruption import Interruption
from comparison.cli.streams import finish, say
from comparison.cli.time_left import TimeLeft, about
from comparison.growth import duration


class _Shown:
    """What is shown while it is entered."""

    _bar: Bar | None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self) -> None:
        """Erase the bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


class Steps(_Shown):
    """Steps that are counted, such as claims or figures; a context manager.

    Other lines on standard error appear above the bar. The time left is that of all steps if the rest took as long as
    those that are done, and is said from a tenth of them on.

    count : how many there are
    quiet : nothing is shown
    """

    def __init__(self, count: int, quiet: bool = False):
        self.count, self.quiet, self.done = count, quiet, 0
        self.started = time.perf_counter()
        self._bar = None if quiet or not on_terminal() else Bar(self._times)

    def __call__(self, name: str) -> None:
        """The next step begins."""
        finish()
        text = f"{self.done + 1} of {self.count}: {name}"
        if self._bar is not None:
            self._bar.show(text, self.done / self.count)
        elif not self.quiet:
            say(text)
        self.done += 1

    def _times(self) -> str:
        spent, before = time.perf_counter() - self.started, self.done - 1
        left = (self.count - before) * spent / before if 10 * before >= self.count else None
        return f"{spent:.0f} s{_left(left)}"


class Progress(_Shown):
    """The progress of a ladder of sizes, a context manager; ends the work when a signal has come.

    A size counts as done when its result is kept: from there to the next size signals are held.

    sizes : all of them, or "auto"
    stop : what notes signals
    quiet : nothing is shown
    budget : seconds that a ladder may take which chooses its sizes
    cost : function of N, the work of that size, for the time left
    inside : whether shares of a size are reported; else the bar counts sizes
    known : seconds that sizes have taken in earlier runs, for those that are not computed again
    """

    def __init__(
        self,
        sizes: Sequence[int] | str,
        stop: Interruption,
        quiet: bool = False,
        budget: float | None = None,
        cost: Callable[[int], float] | None = None,
        inside: bool = True,
        known: Mapping[int, float] | None = None,
    ):
        self.inside, self._known = inside, {} if known is None else known
        self.stop, self.quiet = stop, quiet
        self.within = "" if budget is None else f" of {duration(budget)}"
        self._sizes = [] if budget is not None or isinstance(sizes, str) else list(sizes)
        self._ahead = TimeLeft(self._sizes, cost)
        self._ends: float | None = None
        self.started = time.perf_counter()
        self._bar = None if quiet or not on_terminal() else Bar(self._times)

    def __call__(self, N: int, share: float) -> None:
        if share >= 1:
            self.stop.hold()
        elif share == 0:
            self.stop.work()
        self.show(N, share)
        self.stop.check()

    def counted(self, N: int) -> None:
        """For work that reports a size only when it is done: the next one begins."""
        self.show(N, 1.0)
        self.stop.check()
        if later := [n for n in self._sizes if n > N]:
            self.show(later[0], 0.0)

    def show(self, N: int, share: float) -> None:
        """How far size N is; signals are left as they are."""
        if share >= 1:
            self._ahead.done(N, self._known.get(N))
        elif share == 0:
            self._ahead.begin()
        if self._bar is not None:
            finish()
            left = self._ahead.left(N, share)
            self._ends = None if left is None else time.perf_counter() + left
            before, count = self._sizes.index(N) if N in self._sizes else None, len(self._sizes)
            place = "" if before is None else f" ({before + 1} of {count})"
            self._bar.show(f"N = {N}{place}", share if self.inside or before is None else (before + share) / count)
        elif share >= 1 and not self.quiet:
            say(f"N = {N}: done, {time.perf_counter() - self.started:.1f} s")

    def _times(self) -> str:
        now = time.perf_counter()
        left = None if self._ends is None or self._ends <= now else self._ends - now
        return f"{now - self.started:.0f} s{self.within}{_left(left, ' at this size' if self.within else '')}"


def _left(seconds: float | None, of: str = "") -> str:
    return "" if seconds is None else f", about {about(seconds)} left{of}"
