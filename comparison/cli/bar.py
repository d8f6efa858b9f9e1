"""A bar on standard error of a terminal, drawn by rich; what is said meanwhile appears above it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator

from comparison.cli import streams

_REFRESHES = 5  # per second
_WIDEST = 30  # columns of the bar itself
_ROOM = 56  # columns of a terminal below which only the numbers are shown
_TIMES = len("120 s, about 2.5 min left")  # columns that are kept for it, so that the bar keeps its place


def on_terminal() -> bool:
    """Whether standard error is a terminal that can redraw a line."""
    with contextlib.suppress(OSError, ValueError):
        return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")
    return False


class Bar:
    """One line, redrawn five times per second and erased at the end.

    said : function that gives what stands at its end, such as the time left; called at every redrawing
    """

    def __init__(self, said: Callable[[], str]):
        from rich.console import Console
        from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn
        from rich.table import Column
        from rich.text import Text

        class Said(ProgressColumn):
            def render(self, task):
                return Text(said())

        self._console = Console(file=_Deaf(sys.stderr), highlight=False)
        wide = self._console.width >= _ROOM
        columns = [
            TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True)),
            *([BarColumn(bar_width=None, table_column=Column(max_width=_WIDEST, ratio=1))] if wide else []),
            TextColumn("{task.percentage:>3.0f}%", table_column=Column(no_wrap=True)),
            Said(table_column=Column(no_wrap=True, overflow="ellipsis", min_width=_TIMES if wide else None)),
        ]
        self._progress = Progress(
            *columns,
            console=self._console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            refresh_per_second=_REFRESHES,
        )
        self._task = self._progress.add_task("preparing", total=1.0)
        self._progress.start()
        streams.bar = self

    def show(self, description: str, share: float) -> None:
        """What is being done, and its share."""
        self._progress.update(self._task, description=description, completed=share)

    def close(self) -> None:
        """Erase it."""
        if streams.bar is self:
            streams.bar = None
        self._progress.stop()

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Erased while this is entered, for what is written to the same terminal meanwhile."""
        self._progress.stop()
        try:
            yield
        finally:
            self._progress.start()

    def above(self, text: str) -> None:
        """A line of its own above it."""
        self._console.print(text, markup=False, soft_wrap=True)


class _Deaf:
    """A stream whose errors are lost: a terminal that has gone does not end a run."""

    def __init__(self, stream):
        self._stream = stream

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()

    def __getattr__(self, name: str):
        return getattr(self._stream, name)
