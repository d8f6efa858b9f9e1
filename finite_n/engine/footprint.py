"""Bytes that an evolution takes at its peak, for every way of storing a state; constants per row, element and term are
measured.

What is counted: tables over the rows (J, M) of Dicke blocks and what building them takes, stored halves of a state,
full vectors at the start and at the end, states that are kept, and values at all times. Tests hold every prediction to
25 % from both sides.
"""

from __future__ import annotations

import dataclasses

_BASE = 1e6


@dataclasses.dataclass(frozen=True)
class Asked:
    """What of a job takes memory: states kept, vectors held by the integrator, a check run, times, observables beside
    moments."""

    kept: int = 0
    vectors: int = 4
    check: bool = True
    times: int = 2
    observables: int = 0

    def values(self, functionals: float) -> float:
        """Functionals at all times, of both runs, and what is read from them."""
        return self.times * (32.0 * (functionals + 2 * self.observables) + 600.0)


@dataclasses.dataclass(frozen=True)
class Arithmetic:
    """Terms of a generator on Dicke blocks; planes of a stored state, and whether the generator mixes them."""

    terms: float
    planes: int
    mixes: bool
    frames: int = 1  # in which terms are applied

    @classmethod
    def generous(cls) -> Arithmetic:
        """More than most generators take."""
        return cls(100.0, 2, True)


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
    return max(building, tables + run) + asked.values(9 + blocks) + _BASE


def some_elements(rows: float, elements: float, terms: float, blocks: float, asked: Asked, real: bool = False) -> float:
    """Bytes of an evolution on some elements of Dicke blocks, of which real parts only are kept or imaginary ones
    too."""
    tables = rows * (60.0 * terms + 900.0 + 75.0 * asked.observables)
    each = (250.0 + 100.0 * terms) * (1.0 if real else 1.35) + 16.0 * asked.kept
    return tables + elements * each + asked.values(9 + blocks) + _BASE


def few_labels(elements: float, terms: float, read: float, real: bool, asked: Asked) -> float:
    """Bytes of an evolution on symmetrised products of few labels (mirror images counted), each of which leads to
    `terms`; read: numbers that functionals read of populations; real: no imaginary parts."""
    return elements * (60.0 + 27.0 * terms) * (1.0 if real else 1.6) + 60.0 * read + asked.values(10) + _BASE


def many_products(elements: float, terms: float, real: bool, asked: Asked) -> float:
    """The same of other sets of symmetrised products."""
    return elements * (500.0 + 25.0 * terms) * (0.6 if real else 1.0) + asked.values(10) + _BASE
