"""The matrix and the functionals of ẋ = Ax on the stored elements of a joint space, x their real and imaginary
parts."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from finite_n.model.polynomial import Polynomial, Word
from finite_n.occupations.basis import CHUNK, Elements, combined, populations
from finite_n.occupations.columns import Layout
from finite_n.occupations.lindbladian import word_steps
from finite_n.occupations.steps import Chain, Shift, run, run_all


def real_matrix(chains: list[Chain], elements: Elements, log_unit: np.ndarray) -> sp.csr_array:
    """A on (Re x, Im x) of the stored elements: what leaves them, or comes from outside, is left out.

    A stored n and its mirror image give p_n and p_n*; both act on the stored elements m, p_n through A_mn and p_n*
    through A_mn̄ = A_m̄n*.
    """
    size = elements.size
    whole = np.int32 if 2 * size < 2**31 else np.int64
    rows, columns, values = [], [], []

    def put(row, column, value):
        nonzero = value != 0
        if np.any(nonzero):
            row, column, value = row[nonzero], column[nonzero], value[nonzero]
            rows.append(row.astype(whole))
            columns.append(column.astype(whole))
            values.append(value * np.exp(log_unit[row] - log_unit[column]))

    for begin in range(0, size, CHUNK):
        n = elements.n[begin : begin + CHUNK]
        code, mirrored = elements.numbering.codes(n)
        for shift, c in run_all(chains, n).items():
            moved = np.array(shift, dtype=np.int64)
            move, move_mirrored = elements.numbering.codes(moved)
            some = np.flatnonzero(c)
            to, flipped = elements.find(
                code[some] + move, mirrored[some] + move_mirrored, n[some] + moved.astype(n.dtype)
            )
            from_alone = elements.alone[begin + some]
            ok = (to >= 0) & ~(from_alone & flipped)  # the mirror of a population is itself: count one of two images
            some, to, flipped, from_alone = some[ok], to[ok], flipped[ok], from_alone[ok]
            value, source = c[some], begin + some
            to_alone = elements.alone[to]
            real, imaginary = np.real(value), np.imag(value) if np.iscomplexobj(value) else np.zeros(len(value))
            # a and a* reach an element that is its own mirror image
            real = real * np.where(to_alone & ~from_alone, 2.0, 1.0)
            other = np.where(to_alone & ~from_alone, 2.0, 1.0) * imaginary
            put(to, source, real)
            put(to, source + size, np.where(from_alone, 0.0, -other))
            sign = np.where(to_alone, 0.0, np.where(flipped, -1.0, 1.0))
            put(to + size, source, sign * imaginary)
            put(to + size, source + size, np.where(from_alone, 0.0, sign * real))
    shape = (2 * size, 2 * size)
    if not rows:
        return sp.csr_array(shape)
    index = (np.concatenate(rows), np.concatenate(columns))
    return sp.coo_array((np.concatenate(values), index), shape=shape).tocsr()


def levels_of(layout: Layout) -> list[tuple[int, int]]:
    """(column, level) of every level of every mode."""
    return [(b.first, level) for b in layout.bosons for level in range(b.cutoff + 1)]


class Functionals:
    """Tr(O E_n) for a list of polynomials: words taken backward from the trace, on the populations."""

    def __init__(self, layout: Layout, wanted: list[Polynomial]):
        self.layout, self.wanted = layout, wanted
        self.words = sorted({w for p in wanted for w in p.words}, key=lambda w: (len(w), str(w)))
        self.diagonal = combined([g() for g in populations(layout)[1]])
        self._parts = [self._trace(w) for w in self.words]

    def _trace(self, word: Word) -> list[tuple[Shift, np.ndarray]]:
        # no state has weight above the cutoffs, but a product may lead there and back
        steps = word_steps(self.layout.raised(len(word) // 2), word)
        reached = run(Chain(1.0, tuple(steps)), self.diagonal, backward=True)
        for shift, c in reached.items():
            for b in self.layout.bosons:
                c[self.diagonal[:, b.first] + shift[b.first] > b.cutoff] = 0
        return [(shift, c) for shift, c in reached.items() if np.any(c)]

    @property
    def elements(self) -> np.ndarray:
        """Occupations of all elements that are read."""
        shifts: dict[Shift, np.ndarray] = {}
        for part in self._parts:
            for shift, c in part:
                shifts[shift] = shifts.get(shift, np.zeros(len(self.diagonal), dtype=bool)) | (c != 0)
        rows = [self.diagonal[used] + np.array(s, self.diagonal.dtype) for s, used in shifts.items()]
        return Elements(self.layout, np.concatenate(rows)).n

    def on(self, elements: Elements, log_unit: np.ndarray, levels) -> sp.csr_array:
        """Rows on (Re x, Im x): letters, their products, populations of levels, the trace, and both parts of the
        polynomials."""
        size, rows, columns, values = elements.size, [], [], []

        def put(row, n, c):
            n, c = n[c != 0], c[c != 0]
            place, flipped = elements.find(*elements.numbering.codes(n), n)
            place, c, flipped = place[place >= 0], c[place >= 0], flipped[place >= 0]
            imaginary = np.where(elements.alone[place], 0.0, np.where(flipped, -1j, 1j))
            for column, value in ((place, c.astype(complex)), (place + size, c * imaginary)):
                rows.append(np.full(len(column), row))
                columns.append(column)
                values.append(value * np.exp(-log_unit[column]))

        for i, part in enumerate(self._parts):
            for shift, c in part:
                put(i, self.diagonal + np.array(shift, self.diagonal.dtype), c)
        for k, (column, level) in enumerate(levels):
            put(len(self.words) + k, self.diagonal, (self.diagonal[:, column] == level).astype(float))
        count = len(self.words) + len(levels)
        index = (np.concatenate(rows), np.concatenate(columns))
        traces = sp.coo_array((np.concatenate(values), index), shape=(count, 2 * size)).tocsr()
        table = np.zeros((len(self.wanted) + len(levels), count), complex)
        for i, p in enumerate(self.wanted):
            table[i, : len(self.words)] = [p.words.get(w, 0) for w in self.words]
        table[len(self.wanted) :, len(self.words) :] = np.eye(len(levels))
        out = sp.csr_array(sp.csr_array(table) @ traces)
        n = self.layout.model.space.size
        hermitian = 1 + n + n * (n + 1) // 2
        parts = [out[1:hermitian].real, out[len(self.wanted) :].real, out[:1].real]
        for row in range(hermitian, len(self.wanted)):
            parts += [out[[row]].real, out[[row]].imag]
        return sp.csr_array(sp.vstack(parts, format="csr"))
