"""Linear functionals of the state, Tr(Oρ) for Hermitian collective operators O: real numbers from half of the state."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import scipy.sparse as sp

from finite_n.dicke_blocks.blocks import DickeBlocks
from finite_n.dicke_blocks.operators import BandOperator, letter_operators, measured
from finite_n.engine.moments import Readout, pairs
from finite_n.model.polynomial import Polynomial
from finite_n.model.rotation import turned_letters, turns_of
from finite_n.model.species import Space


class Functionals:
    """Tr(O_i ρ) = Σ_M O_MM ρ_MM + 2 Σ_{M>M′} Re(O_M′M ρ_MM′) for a list of Hermitian operators and Hermitian ρ.

    An operator may be a `range` of rows, the projector on those that exist: a table over all rows for every block would
    be larger than the state.
    """

    def __init__(self, operators: list[BandOperator | range], blocks: DickeBlocks):
        self._exists = blocks.exists
        self._operators = operators
        rows, elements, real, imaginary = [], [], [], []
        base = blocks.element_start[blocks.row_block] + blocks.row_index * (blocks.size[blocks.row_block] + 1)
        for i, operator in enumerate(operators):
            for a, c, first in self._diagonals(operator):
                if a <= 0:  # O_M′M with M′ = M + a sits on ρ[M, M′], above the diagonal or on it
                    used = c.nonzero()[0]
                    x, *y = _parts(a, c[used])
                    rows.append(np.full(used.size, i))
                    elements.append(base[first + used] - a)
                    real.append(x)
                    imaginary.append(y[0] if y else np.zeros(used.size))
        self.count = len(operators)
        self._rows, self._elements, self._real, self._imaginary = (
            np.concatenate(x) if rows else np.zeros(0, int) for x in (rows, elements, real, imaginary)
        )

    def _diagonals(self, operator: BandOperator | range):
        """(offset, values, the row of the first of them) of every diagonal."""
        if isinstance(operator, range):
            return [(0, self._exists[operator.start : operator.stop].astype(float), operator.start)]
        return [(a, c, 0) for a, c in operator.diagonals.items()]

    def __call__(self, vector: np.ndarray) -> np.ndarray:
        """All Tr(O_i ρ) of a full Hermitian vector, shape (count,)."""
        x = vector[self._elements]
        return np.bincount(
            self._rows, self._real * np.real(x) + self._imaginary * np.imag(x), minlength=self.count
        ).astype(float)

    @property
    def elements(self) -> np.ndarray:
        """The elements that some functional reads, on the diagonal of their blocks or above; some more than once."""
        return self._elements

    def on(self, elements: np.ndarray) -> sp.csr_array:
        """The functionals on the real, then the imaginary parts of some elements (sorted), (count, 2 len(elements))."""
        place = np.minimum(np.searchsorted(elements, self._elements), len(elements) - 1)
        inside = elements[place] == self._elements
        rows, columns = self._rows[inside], place[inside]
        values = np.concatenate([self._real[inside], self._imaginary[inside]])
        index = (np.concatenate([rows, rows]), np.concatenate([columns, columns + len(elements)]))
        return sp.coo_array((values, index), shape=(self.count, 2 * len(elements))).tocsr()

    def compiled(self, planes: int) -> tuple[np.ndarray, ...]:
        """In the form of `kernels.faber_step`: kinds of numbers to gather, one per row, (plane, k − i) each; functional
        f as runs pointer[f] … pointer[f + 1] − 1 over rows begin … end − 1 of a kind, their values from value_at on."""
        kinds, runs, values = {}, [], [np.zeros(0)]
        pointer, value_at = [0], 0
        for operator in self._operators:
            for a, c, first in self._diagonals(operator):
                if a <= 0:
                    for plane, x in enumerate(_parts(a, c)[:planes]):
                        used = x.nonzero()[0]
                        if used.size:
                            begin, end = used[0], used[-1] + 1
                            kind = kinds.setdefault((plane, -a), len(kinds))
                            runs.append((kind, first + begin, first + end, value_at))
                            values.append(x[begin:end])
                            value_at += end - begin
            pointer.append(len(runs))
        runs = np.array(runs, dtype=np.int64).reshape(-1, 4)
        kinds = np.array(list(kinds), dtype=np.int64).reshape(-1, 2)
        return kinds, np.array(pointer), runs, np.concatenate(values)


def _parts(a: int, c: np.ndarray) -> tuple[np.ndarray, ...]:
    """What Re ρ and Im ρ are multiplied by, for the diagonal a of an operator."""
    if a == 0:
        return (c.real,)
    return (2 * c.real, -2 * c.imag) if np.iscomplexobj(c) else (2 * c,)


def functionals_of(readout: Readout, blocks: DickeBlocks, frames: Mapping[str, np.ndarray]) -> Functionals:
    """What `readout` names, for a state kept in the frame rotated by `frames`; a weight of J for every block."""
    return Functionals(operators_of(readout, blocks, frames), blocks)


def operators_read(
    polynomials: Sequence[Polynomial], space: Space, blocks: DickeBlocks, frames: Mapping[str, np.ndarray]
) -> list[BandOperator]:
    """Polynomials as operators on a state kept in the frame rotated by `frames`, without weight above cutoffs."""
    letters = letter_operators(space, blocks, turned_letters(space, turns_of(space, frames)))
    return [_read(p, letters, space, blocks) for p in polynomials]


def _read(p: Polynomial, letters: dict, space: Space, blocks: DickeBlocks) -> BandOperator:
    if space.modes:
        return measured(p, letters, space, blocks)
    return p.evaluate(letters, BandOperator({0: blocks.exists.astype(float)}))


def operators_of(readout: Readout, blocks: DickeBlocks, frames: Mapping[str, np.ndarray]) -> list[BandOperator | range]:
    """The operators of `functionals_of`; a weight of J is the range of the rows of its block."""
    space = readout.space
    letters = letter_operators(space, blocks, turned_letters(space, turns_of(space, frames)))
    m = list(letters.values())

    def product(a, b):  # of Hermitian letters
        both = space.letters[a], space.letters[b]
        if any(set(both) <= set(mode.letters) for mode in space.modes):
            return _read(Polynomial({both: 1}), letters, space, blocks)
        return m[a] * m[b]

    products = (product(a, b) for a, b in pairs(len(m)))
    levels = ((q, n) for q in blocks.modes for n in range(q.cutoff + 1))
    return readout.arranged(
        averages=m,
        products=[0.5 * (p + p.adjoint()) for p in products],
        levels=[BandOperator({0: blocks.exists * (q.row_n == n)}) for q, n in levels],
        weights=[range(a, b) for a, b in itertools.pairwise(blocks.row_start.tolist())],
        observables=[_read(p, letters, space, blocks) for p in readout.observables],
    )
