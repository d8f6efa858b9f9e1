"""Linear functionals of the state, Tr(Oρ), for collective operators O, all evaluated in one sparse product."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from finite_n.algebra import Polynomial
from finite_n.bands import Bands, spin_bands, total
from finite_n.basis import PAULI
from finite_n.blocks import DickeBlocks
from finite_n.halves import Halves

PAIRS = [(a, b) for a in range(3) for b in range(3)]


class Functionals:
    """Tr(O_i ρ) for a list of operators; `columns` are the elements of the state that enter at all."""

    def __init__(self, operators: list[Bands], blocks: DickeBlocks):
        rows, columns, values = [], [], []
        base = blocks.element_start[blocks.row_block] + blocks.row_index * blocks.size[blocks.row_block]
        for i, operator in enumerate(operators):
            for a, c in operator.diagonals.items():
                used = np.flatnonzero(c)  # Tr(Oρ) = Σ c_a(M) ρ[M, M+a]
                rows.append(np.full(used.size, i))
                columns.append(base[used] + blocks.row_index[used] - a)
                values.append(c[used])
        shape = (len(operators), blocks.dim)
        if not rows:
            self.columns, self.matrix = np.zeros(0, int), sp.csr_array((len(operators), 0), dtype=complex)
            return
        index = (np.concatenate(rows), np.concatenate(columns))
        full = sp.coo_array((np.concatenate(values).astype(complex), index), shape=shape).tocsc()
        self.columns = np.flatnonzero(np.diff(full.indptr))
        self.matrix = sp.csr_array(full[:, self.columns])

    def compiled(self, halves: Halves):
        """Arguments of the kernel: positions, signs, and the sparse matrix's pointer, columns, values."""
        positions, signs = halves.positions(self.columns)
        m = self.matrix
        return positions, signs, m.indptr.astype(np.int64), m.indices.astype(np.int64), m.data.astype(complex)

    def __call__(self, vector: np.ndarray) -> np.ndarray:
        """All Tr(O_i ρ), complex, shape (len,)."""
        return self.matrix @ vector[self.columns].astype(complex)


def letters_in_frame(blocks: DickeBlocks, frame: np.ndarray) -> list[Bands]:
    """m(σx), m(σy), m(σz) of the laboratory, as operators on a state kept in the turned frame."""
    return [total(frame @ PAULI[a] @ frame.conj().T, blocks) * (1 / blocks.N) for a in (1, 2, 3)]


def moment_functionals(polynomials: list[Polynomial], blocks: DickeBlocks, frame: np.ndarray) -> Functionals:
    """In this order: ⟨m_a⟩ (3), ⟨m_a m_b⟩ (9), weight of every block J, then the polynomials."""
    letters = letters_in_frame(blocks, frame)
    one = spin_bands(blocks)[0]
    weights = [Bands({0: (blocks.row_block == b).astype(float)}) for b in range(len(blocks.size))]
    operators = letters + [letters[a] * letters[b] for a, b in PAIRS] + weights
    return Functionals(operators + [p.evaluate(letters, one) for p in polynomials], blocks)
