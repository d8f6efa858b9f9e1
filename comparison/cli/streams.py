"""Standard output and standard error of a command: a stream that nobody reads does not end a run."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from comparison.cli.bar import Bar

bar: Bar | None = None  # that is being shown on standard error
_begun: list[Callable[[], str]] = []  # how the line on standard error ends that is not ended yet


def say(text: str, end: str = "\n") -> None:
    """A line on standard error, if that can be written; messages do not end a run."""
    finish()
    if bar is not None:
        bar.above(text)
    elif sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            print(text, end=end, file=sys.stderr, flush=True)


def begin(text: str, ending: Callable[[], str]) -> None:
    """A line whose end, ending(), is written before anything else is said or shown."""
    say(text, end="")
    _begun.append(ending if bar is None else lambda: f"finite-n: that took{ending()}.")


def finish() -> None:
    """End the line that `begin` began."""
    if _begun:
        say(_begun.pop()())


def show(text: str) -> None:
    """Text on standard output, at once, so that an error appears here; a reader that has gone is not an error."""
    finish()
    if sys.stdout is not None:
        try:
            with contextlib.nullcontext() if bar is None else bar.aside():
                print(text, flush=True)
        except BrokenPipeError:
            drop(sys.stdout)


def drop(stream) -> None:
    """Discard what a stream still holds, so that Python does not try to write it again at exit."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def open_descriptors() -> None:
    """Give a closed standard stream a descriptor that leads nowhere, lest the next file opened take its number."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
