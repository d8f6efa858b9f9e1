"""What the command says on behalf of finite_n: that kernels are compiled on the first run, and how long that took."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterator

from comparison.cli.streams import begin, finish, say

_LONG = 1.0  # seconds of later compiling, as for more threads, that are worth a line


class _Notices(logging.Handler):
    """One line that grows an end when the first result comes; warnings in full."""

    def __init__(self, level: int):
        super().__init__(level)
        self.seconds, self.open = 0.0, False

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING:
            say(record.getMessage())
        elif not hasattr(record, "seconds"):
            clear = "\r\033[K" if sys.stderr is not None and sys.stderr.isatty() else ""  # the line of progress
            self.open = True
            begin(f"{clear}finite-n: {record.getMessage()} …", self._took)
        elif self.open:
            self.seconds += record.seconds
        elif record.seconds >= _LONG:
            say(f"finite-n: {record.getMessage()}.")

    def _took(self) -> str:
        self.open = False
        return f" {self.seconds:.1f} s"


@contextlib.contextmanager
def said(quiet: bool = False) -> Iterator[None]:
    """While entered, what finite_n logs is written to standard error; if quiet, warnings alone."""
    log, notices = logging.getLogger("finite_n"), _Notices(logging.WARNING if quiet else logging.INFO)
    level = log.level
    log.addHandler(notices)
    log.setLevel(notices.level)
    try:
        yield
    finally:
        finish()
        log.removeHandler(notices)
        log.setLevel(level)
