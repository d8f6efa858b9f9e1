"""Signals that ask the command line to end: the work stops, what is done is kept, and writing is never cut in half.

SIGINT (Ctrl-C), SIGTERM (`kill`, batch systems) and SIGHUP (a closed terminal) are treated alike. A signal that was
ignored when the command began, as SIGHUP is under `nohup`, stays ignored.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_UNWINDING = 2.0  # seconds in which further signals do not disturb the end that the first one has begun


class Interrupted(KeyboardInterrupt):
    """A signal asked to end; `number` is which one."""

    def __init__(self, number: int = signal.SIGINT):
        super().__init__(number)
        self.number = int(number)


class Interruption:
    """While entered, a signal is noted, and while work is going on it also raises Interrupted there.

    The note remains, so that an Interrupted that is lost in a callback or a destructor is raised again by the next
    `check`. Entering it outside the main thread changes nothing; leaving it restores the handlers.

    number : the first signal, or None; count : how many came.
    """

    def __init__(self):
        self.number: int | None = None
        self.count = 0
        self.working = True
        self._pause = _UNWINDING
        self._raised = -_UNWINDING
        self._previous: dict[int, object] = {}
        self._unraisable: Callable | None = None

    def __enter__(self):
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                if (previous := signal.getsignal(number)) not in (signal.SIG_IGN, None):
                    self._previous[number] = previous
                    signal.signal(number, self._note)
            self._unraisable, sys.unraisablehook = sys.unraisablehook, self._lost
        return self

    def __exit__(self, *_):
        for number, previous in self._previous.items():
            signal.signal(number, previous)
        self._previous.clear()
        if self._unraisable is not None:
            sys.unraisablehook, self._unraisable = self._unraisable, None

    def _lost(self, unraisable) -> None:
        """An exception that Python cannot raise: Interrupted is noted already, others are left to Python."""
        if not isinstance(unraisable.exc_value, Interrupted):
            self._unraisable(unraisable)

    def _note(self, number: int, frame) -> None:
        self.count += 1
        if self.number is None:
            self.number = int(number)
        now = time.monotonic()
        if self.working and now - self._raised >= self._pause:
            self._raised = now
            raise Interrupted(number)

    def work(self) -> None:
        """From here on a signal raises."""
        self.working = True

    def hold(self) -> None:
        """From here on signals are only noted: something is being kept."""
        self.working = False

    def check(self) -> None:
        """Raise Interrupted if a signal has come; called where work reports its progress."""
        if self.number is not None:
            raise Interrupted(self.number)

    def attempt(self, work: Callable[[], object], pause: float = _UNWINDING):
        """work(), or None if a signal ends it; signals are held afterwards.

        pause : seconds after an earlier Interrupted in which work is not disturbed; 0 for what may be lost
        """
        try:
            self._pause, self.working = pause, True
            out = work()
            self.working = False
            return out
        except KeyboardInterrupt:
            self.working = False
            return None
        finally:
            self._pause = _UNWINDING

    @property
    def status(self) -> int:
        """Exit status: 128 + the number of the first signal, 0 without one."""
        return 0 if self.number is None else 128 + self.number
