"""Places in study files: how they are written, the line at which one stands, and refusals that begin with it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence

from finite_n.errors import FiniteNError

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]#]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_QUOTED = re.compile(r"""\"[^"]*\"|'[^']*'""")
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")


def written(steps: Sequence[str | int]) -> str:
    """A place as refusals name it.

    >>> written(["model", "jumps", 1, "rate"])
    'model.jumps[1].rate'
    """
    return "".join(f"[{x}]" if isinstance(x, int) else f".{x}" for x in steps).removeprefix(".")


@contextlib.contextmanager
def at(place: str):
    """Put the place in the data in front of a refusal."""
    try:
        yield
    except FiniteNError as error:
        raise FiniteNError(str(error) if place in str(error) else f"{place}: {error}") from None


@contextlib.contextmanager
def with_lines(text: str, where: str):
    """Add the line of the file to refusals that name a place in it."""
    try:
        yield
    except FiniteNError as error:
        message = str(error)
        found = re.match(rf"{re.escape(where)}: (?:unknown key )?([\w.\[\]-]+)", message)
        line = None if found is None else line_of(text, found[1].rstrip("."))
        if line is None:
            raise
        raise FiniteNError(f"{where}, line {line}{message[len(where) :]}") from None


def line_of(text: str, place: str) -> int | None:
    """The number of the line where a place stands or, inside a value, where that begins; None if it is not found.

    >>> line_of("sizes = [4]\\n[[model.jumps]]\\noperator = 'sm'", "model.jumps[0].operator")
    3
    """
    lines = _lines(text)
    while place:
        if place in lines:
            return lines[place]
        shorter = re.sub(r"(\.[^.\[\]]*|\[\d+\])$", "", place)
        place = "" if shorter == place else shorter
    return None


def _lines(text: str) -> dict[str, int]:
    """The line of every table and key that begins one."""
    out: dict[str, int] = {}
    counts: dict[str, int] = {}  # of tables in lists
    table, quoted, depth = "", "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if quoted:  # inside a text of several lines
            quoted = "" if quoted in line else quoted
            continue
        bare = _QUOTED.sub("", line).partition("#")[0]
        inside, depth = depth > 0, depth + sum(bare.count(x) for x in "[{") - sum(bare.count(x) for x in "]}")
        if inside:  # a list or table of several lines
            continue
        if header := _HEADER.match(line):
            table = _table(_parts(header[2]), header[1] == "[[", counts)
            out.setdefault(table, number)
        elif key := _KEY.match(line):
            out.setdefault(".".join([table, *_parts(key[1])]).removeprefix("."), number)
        quoted = next((mark for mark in ('"""', "'''") if line.count(mark) % 2), "")
    return out


def _table(parts: Sequence[str], listed: bool, counts: dict[str, int]) -> str:
    """The place of the table that a header begins; the last of `parts` may be one more of a list."""
    place = ""
    for k, part in enumerate(parts):
        place = f"{place}.{part}".removeprefix(".")
        if listed and k == len(parts) - 1:
            counts[place] = counts.get(place, 0) + 1
        if place in counts:
            place = f"{place}[{counts[place] - 1}]"
    return place


def _parts(key: str) -> list[str]:
    return [part.strip("\"'") for part in _PART.findall(key)]
