"""Bytes that an evolution on Dicke blocks takes at its peak; constants per row, element and term are measured.

What is counted: tables over the rows (J, M) and what building them takes, stored halves of a state, full vectors at the
start and at the end, states that are kept, and values at all times.
Tests hold every prediction to 25 % from both sides.
"""

from __future__ import annotations

import dataclasses

from finite_n.engine.footprint import BASE, Asked


@dataclasses.dataclass(frozen=True)
class Arithmetic:
    """Terms of a generator on Dicke blocks; planes of a stored state, and whether the generator mixes them."""

    terms: float
    planes: int
    mixes: bool
    frames: int = 1  # in which terms are applied

    @classmethod
    def generous(cls, species: int = 1) -> Arithmetic:
        """More than most generators take; terms grow as the square of the number of species."""
        return cls(100.0 * max(1.0, species / 4) ** 2, 2, True)


def whole_blocks(
    rows: float, elements: float, blocks: float, how: Arithmetic, asked: Asked, padding: float = 0.0
) -> float:
    """Bytes of an evolution on whole blocks. `padding`: elements stored that do not exist."""
    p = how.planes
    building = rows * how.terms * (277.0 if how.mixes else 145.0)
    tables = rows * (how.terms * (80.0 if how.mixes else 58.0) + 800.0 + 75.0 * asked.observables)
    full = 8.0 * p * (1 + asked.kept + asked.check) + (8.0 if p == 1 else 24.0)
    stored = 8.0 * p * asked.vectors
    turned = 160.0 * elements if how.frames > 1 else 0.0
    run = elements * full + (elements / 2 + padding + 14.0 * rows) * stored + turned
    return max(building, tables + run) + asked.values(9 + blocks) + BASE


def some_elements(rows: float, elements: float, terms: float, blocks: float, asked: Asked, real: bool = False) -> float:
    """Bytes of an evolution on some elements of Dicke blocks, of which real parts only are kept or imaginary ones
    too."""
    tables = rows * (60.0 * terms + 900.0 + 75.0 * asked.observables)
    each = (230.0 + 86.0 * terms) * (1.0 if real else 1.35) + 16.0 * asked.kept
    return tables + elements * each + asked.values(9 + blocks) + BASE
