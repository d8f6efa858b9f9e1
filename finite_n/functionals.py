"""Linear functionals of the state, Tr(Oρ) for Hermitian collective operators O: real numbers from half of the state."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from finite_n.algebra import Polynomial
from finite_n.bands import Bands, spin_bands, total
from finite_n.basis import PAULI
from finite_n.blocks import DickeBlocks
from finite_n.halves import Halves
from finite_n.model import turned

PAIRS = [(a, b) for a in range(3) for b in range(a, 3)]


class Functionals:
    """Tr(O_i ρ) = Σ_M O_MM ρ_MM + 2 Σ_{M>M′} Re(O_M′M ρ_MM′) for a list of Hermitian operators and Hermitian ρ."""

    def __init__(self, operators: list[Bands], blocks: DickeBlocks):
        rows, elements, real, imaginary = [], [], [], []
        base = blocks.element_start[blocks.row_block] + blocks.row_index * (blocks.size[blocks.row_block] + 1)
        for i, operator in enumerate(operators):
            for a, c in operator.diagonals.items():
                if a <= 0:  # O_M′M with M′ = M + a sits on ρ[M, M′], above the diagonal or on it
                    used = np.flatnonzero(c)
                    rows.append(np.full(used.size, i))
                    elements.append(base[used] - a)
                    real.append((1.0 if a == 0 else 2.0) * np.real(c[used]))
                    imaginary.append((0.0 if a == 0 else -2.0) * np.imag(c[used]))
        self.count = len(operators)
        self._rows, self._elements, self._real, self._imaginary = (
            np.concatenate(x) if rows else np.zeros(0, int) for x in (rows, elements, real, imaginary)
        )

    def __call__(self, vector: np.ndarray) -> np.ndarray:
        """All Tr(O_i ρ) of a full Hermitian vector, shape (count,)."""
        x = vector[self._elements]
        return np.bincount(
            self._rows, self._real * np.real(x) + self._imaginary * np.imag(x), minlength=self.count
        ).astype(float)

    @property
    def elements(self) -> np.ndarray:
        """The elements that some functional reads, on the diagonal of their blocks or above."""
        return np.unique(self._elements)

    def on(self, elements: np.ndarray) -> sp.csr_array:
        """The functionals on the real, then the imaginary parts of some elements (sorted), (count, 2 len(elements))."""
        place = np.minimum(np.searchsorted(elements, self._elements), len(elements) - 1)
        inside = elements[place] == self._elements
        rows, columns = self._rows[inside], place[inside]
        values = np.concatenate([self._real[inside], self._imaginary[inside]])
        index = (np.concatenate([rows, rows]), np.concatenate([columns, columns + len(elements)]))
        return sp.coo_array((values, index), shape=(self.count, 2 * len(elements))).tocsr()

    def compiled(self, halves: Halves, planes: int, bounds: np.ndarray):
        """As `kernel.faber_step` wants them: what to gather, column[first[j]] … column[first[j + 1] − 1] for thread j, diagonal
        by diagonal; and functional f as runs pointer[j, f] … pointer[j, f + 1] − 1 of begin, end (in what was gathered) and
        value_at (where in `value` the run begins)."""
        position, threads = halves.positions(self._elements), len(bounds) - 1
        _, i, k = halves.blocks.locate(self._elements)
        row_at = (halves.offset + halves.blocks.row_index)[bounds[:-1]]  # where the elements of each thread begin
        thread = np.searchsorted(row_at, position, side="right") - 1
        kinds = int((k - i).max(initial=0)) * planes + planes
        pairs = [
            (plane + planes * (k - i), value) for plane, value in enumerate([self._real, self._imaginary][:planes])
        ]
        kind, value = (np.concatenate(x) for x in zip(*pairs, strict=True))
        which, thread, position = (np.tile(x, planes) for x in (self._rows, thread, position))
        used = np.flatnonzero(value)
        which, thread, position, kind, value = (x[used] for x in (which, thread, position, kind, value))
        codes, place = np.unique((thread * kinds + kind) * halves.length + position, return_inverse=True)
        column = codes % halves.length + codes // halves.length % kinds % planes * halves.length
        first = np.searchsorted(codes, np.arange(threads + 1) * kinds * halves.length)
        runs, run = np.unique((thread * self.count + which) * kinds + kind, return_inverse=True)
        begin, end = np.full(runs.size, codes.size), np.zeros(runs.size, int)
        np.minimum.at(begin, run, place)
        np.maximum.at(end, run, place + 1)
        value_at = np.concatenate([[0], np.cumsum(end - begin)])
        filled = np.zeros(value_at[-1])
        filled[value_at[run] + place - begin[run]] = value
        pointer = np.searchsorted(runs // kinds, np.arange(threads)[:, None] * self.count + np.arange(self.count + 1))
        return *(x.astype(np.int64) for x in (first, column, pointer, begin, end, value_at)), filled


def letters_in_frame(blocks: DickeBlocks, frame: np.ndarray) -> list[Bands]:
    """m(σx), m(σy), m(σz) of the laboratory, as operators on a state kept in the turned frame."""
    return [total(turned(PAULI[a], frame), blocks) * (1 / blocks.N) for a in (1, 2, 3)]


def moment_functionals(polynomials: list[Polynomial], blocks: DickeBlocks, frame: np.ndarray) -> Functionals:
    """In this order: ⟨m_a⟩ (3), ½⟨{m_a, m_b}⟩ for `PAIRS` (6), the weight of every block J, and for every polynomial p
    its Hermitian part ½(p + p†) and (p − p†)/2i."""
    letters = letters_in_frame(blocks, frame)
    one = spin_bands(blocks)[0]
    operators = letters + [0.5 * (letters[a] * letters[b] + letters[b] * letters[a]) for a, b in PAIRS]
    operators += [Bands({0: (blocks.row_block == b).astype(float)}) for b in range(len(blocks.size))]
    for p in polynomials:
        operators += [0.5 * (p + p.adjoint()), -0.5j * (p - p.adjoint())]
    return Functionals([o if isinstance(o, Bands) else o.evaluate(letters, one) for o in operators], blocks)


def read_moments(values: np.ndarray, N: int, polynomials: int):
    """(means (T, 3), second (T, 3, 3) complex, weights of J (T, B), polynomials (T, p) complex) from functionals (T, …)."""
    means, symmetric = values[:, :3], values[:, 3:9]
    second = np.zeros((len(values), 3, 3), complex)
    for k, (a, b) in enumerate(PAIRS):
        second[:, a, b] = second[:, b, a] = symmetric[:, k]
    for a, b, c in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):  # ½[m_a, m_b] = (i/N) m_c
        second[:, a, b] += 1j / N * means[:, c]
        second[:, b, a] -= 1j / N * means[:, c]
    rest = values.shape[1] - 2 * polynomials
    pairs = values[:, rest:]
    return means.copy(), second, values[:, 9:rest].copy(), pairs[:, 0::2] + 1j * pairs[:, 1::2]
