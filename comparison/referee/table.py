"""Tables: rows of cells; as text, as wide as they are, or in blocks of columns where a terminal is narrower."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextvars import ContextVar

_room: ContextVar[int | None] = ContextVar("columns that a table may have", default=None)


@contextlib.contextmanager
def fitted(columns: int | None) -> Iterator[None]:
    """While entered, tables are no wider than so many columns, if a cell and the first of its row are not; None: they
    are as wide as they are, as without it."""
    before = _room.set(columns)
    try:
        yield
    finally:
        _room.reset(before)


def room() -> int | None:
    """The columns that a table may have; None for any number."""
    return _room.get()


@dataclasses.dataclass(frozen=True)
class Table:
    """Rows of cells, the first of them the head.

    title, notes : sentences or words, may be empty
    marks : {(row, column): verdict} of cells that hold what is claimed, counted with the head
    """

    rows: Sequence[Sequence[str]]
    title: str = ""
    notes: Sequence[str] = ()
    marks: Mapping[tuple[int, int], str] = dataclasses.field(default_factory=dict)

    @property
    def text(self) -> str:
        """Aligned, without title and notes."""
        return aligned(self.rows)

    @property
    def turned(self) -> Table:
        """Rows as columns."""
        marks = {(c, r): verdict for (r, c), verdict in self.marks.items()}
        width = max(map(len, self.rows))
        rows = [[row[c] if c < len(row) else "" for row in self.rows] for c in range(width)]
        return dataclasses.replace(self, rows=rows, marks=marks)


def aligned(rows: Sequence[Sequence[str]], left: Collection[int] = (0,)) -> str:
    """Rows of cells as text, columns `left` to the left, the others to the right; where they do not fit, in blocks
    that each begin with the first column, an empty line between them."""
    widths = [max(len(row[c]) for row in rows) for c in range(len(rows[0]))]
    return "\n\n".join(_block(rows, left, widths, columns) for columns in _blocks(widths))


def _blocks(widths: Sequence[int]) -> list[list[int]]:
    """The columns of every block."""
    found, most = [[0]], room()
    for c in range(1, len(widths)):
        block = found[-1]
        if most is not None and len(block) > 1 and sum(widths[k] + 2 for k in block) + widths[c] > most:
            found.append(block := [0])
        block.append(c)
    return found


def _block(rows: Sequence[Sequence[str]], left: Collection[int], widths: Sequence[int], columns: list[int]) -> str:
    return "\n".join(
        "  ".join(row[c].ljust(widths[c]) if c in left else row[c].rjust(widths[c]) for c in columns) for row in rows
    )
