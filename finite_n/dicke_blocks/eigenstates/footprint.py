"""Bytes that an evolution by eigenstates takes at its peak; constants per element, row and diagonal are measured.

What is counted: matrices on the largest block, operators that are turned at once, phases at all times, the diagonals of
what is read on the rows of a batch, states that are made, and values at all times.
"""

from __future__ import annotations

import dataclasses

from finite_n.engine.footprint import BASE, Asked

TOGETHER = 100_000  # numbers of operators that are turned at once: few calls for small blocks, little memory for large


@dataclasses.dataclass(frozen=True)
class Blocks:
    """largest: rows of the largest block; rows: of the largest batch; stored: elements of all blocks; blocks."""

    largest: float
    rows: float
    stored: float
    blocks: float


def turned_at_once(rows: float, times: float) -> float:
    """Operators on a block of so many rows that are turned at once."""
    return max(1, TOGETHER // (rows * max(rows, 2 * times)))


def eigenstates_bytes(of: Blocks, operators: int, diagonals: int, real: bool, made: bool, asked: Asked) -> float:
    """Bytes of an evolution that reads so many operators with so many diagonals in all; `real`: H is; `made`: the start
    is made for all blocks at once."""
    more = min(turned_at_once(of.largest, asked.times), operators) - 1
    matrices = of.largest**2 * 8.0 * ((13.0 if real else 16.0) + (2.0 if real else 3.5) * more)
    phases = 28.0 * asked.times * of.largest
    tables = 45.0 * of.rows * diagonals
    states = 16.0 * of.stored * (1 + asked.kept + made)
    return matrices + phases + tables + states + asked.values(9 + of.blocks) + BASE
