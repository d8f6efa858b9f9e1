"""A terminal in place of standard error or output, and what it was shown."""

import contextlib
import os
import pty
import re
import sys
import threading

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A stream of this process is a terminal while this is entered; `shown` holds what it got so far."""

    def __init__(self, name: str = "stderr"):
        self.name, self.shown = name, ""

    def __enter__(self):
        self._ours, theirs = pty.openpty()
        self._before = getattr(sys, self.name)
        setattr(sys, self.name, os.fdopen(theirs, "w", encoding="utf-8"))
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        return self

    def __exit__(self, *_):
        getattr(sys, self.name).close()
        setattr(sys, self.name, self._before)
        self._reader.join()
        os.close(self._ours)

    def _read(self) -> None:
        with contextlib.suppress(OSError):  # the end of a terminal
            while got := os.read(self._ours, 65536):
                self.shown += got.decode()

    @property
    def lines(self) -> list[str]:
        """What could be seen, line by line."""
        return [_ESCAPES.sub("", line).rstrip() for line in re.split(r"[\r\n]+", self.shown)]
