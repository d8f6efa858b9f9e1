"""Results on standard output: text that fits the terminal it goes to, without limits elsewhere, or JSON alone."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Callable, Mapping

from comparison.cli.streams import show
from comparison.referee.plain import plain
from comparison.referee.table import fitted

_FEWEST = 20  # columns, however narrow a terminal says that it is


def columns() -> int | None:
    """The columns of the terminal that standard output is; None where it is none."""
    try:
        terminal = sys.stdout is not None and sys.stdout.isatty()
    except (OSError, ValueError):
        return None
    return max(shutil.get_terminal_size().columns, _FEWEST) if terminal else None


def present(text: Callable[[], str]) -> None:
    """Print text(), called so that its tables fit; sentences are broken between words."""
    width = columns()
    with fitted(width):
        found = text()
    show(found if width is None else "\n".join(_filled(line, width) for line in found.split("\n")))


def present_json(data) -> None:
    """Print data as JSON; numbers that are infinite or unknown are null."""
    show(json.dumps(_plain(data), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False))


def _plain(data):
    if isinstance(data, Mapping):
        return {key: _plain(x) for key, x in data.items()}
    return [_plain(x) for x in data] if isinstance(data, list | tuple) else plain(data)


def _filled(line: str, width: int) -> str:
    """A line that is too long on several ones, indented as it is and by two more."""
    if len(line) <= width:
        return line
    indent = " " * min(len(line) - len(line.lstrip()) + 2, width // 2)
    lines = textwrap.wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines)
