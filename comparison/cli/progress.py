"""The progress line of a run."""

from __future__ import annotations

import sys
import time

from comparison.cli.interruption import Interruption
from comparison.cli.streams import say
from comparison.growth import duration


class Progress:
    """One line on standard error, redrawn on a terminal, one line per size elsewhere; ends the work when a signal has
    come.

    A size counts as done when its result is kept: from there to the next size signals are held.
    """

    def __init__(self, sizes, stop: Interruption, quiet: bool = False, budget: float | None = None):
        self.of = f" of {sizes}" if budget is None else ""
        self.within = f" of {duration(budget)}" if budget is not None else ""
        self.stop, self.quiet = stop, quiet
        self.started, self.last = time.perf_counter(), 0.0
        self.terminal = sys.stderr is not None and sys.stderr.isatty()

    def __call__(self, N: int, share: float):
        if share >= 1:
            self.stop.hold()
        elif share == 0:
            self.stop.work()
        if not self.quiet:
            self._show(N, share, time.perf_counter())
        self.stop.check()

    def _show(self, N: int, share: float, now: float):
        if self.terminal and (now - self.last > 0.1 or share >= 1):
            self.last = now
            say(f"\rN = {N}{self.of}: {share:4.0%}  {now - self.started:.0f} s{self.within} ", end="")
        elif not self.terminal and share >= 1:
            say(f"N = {N}: done, {now - self.started:.1f} s")

    def close(self):
        """End the line."""
        if self.terminal and not self.quiet:
            say("\r\033[K", end="")
