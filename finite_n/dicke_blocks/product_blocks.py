"""Layout of several species and boson modes: every block is a matrix on the tensor product of one |J_s, M_s⟩ per
species and one Fock space per mode.

ρ = ⊕ ρ_(J_1, J_2, …), a block for every choice of one J per species. Within a block rows and columns run over (M_1,
M_2, …, n_1, …), the largest species outermost, modes innermost. Species inside the outermost one keep the width of
their largest block, so that a change of J moves whole runs of columns; what this adds does not exist and stays zero.
`DickeBlocks` is the same with one species.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from finite_n.dicke_blocks.blocks import BlockLayout, DickeBlocks, log_multiplicity
from finite_n.model.validation import check_size


@dataclasses.dataclass(frozen=True, eq=False)
class Spins:
    """One species within the rows of a layout.

    N: its particles; stride: rows from one M to the next; hop_stride: blocks from one J to the next; row_J, row_M: of
    every row;
    exists: which rows do; positions: of its values of J in N/2, N/2 − 1, …
    """

    N: int
    stride: int
    hop_stride: int
    row_J: np.ndarray
    row_M: np.ndarray
    exists: np.ndarray
    positions: np.ndarray

    @property
    def J(self) -> np.ndarray:
        """Its values of J."""
        return self.N / 2 - self.positions

    def dicke(self) -> DickeBlocks:
        """The blocks of this species alone."""
        return DickeBlocks(self.N, self.positions)


@dataclasses.dataclass(frozen=True)
class Quanta:
    """One mode within the rows of a layout: number of quanta of every row, highest level, rows from one level to the
    next."""

    cutoff: int
    stride: int
    row_n: np.ndarray
    exists: np.ndarray


class ProductBlocks(BlockLayout):
    """Index tables for species of the given sizes and modes with levels 0 … cutoff.

    chosen: for every species the positions of its J in N_s/2, N_s/2 − 1, …, or None for all of them.

    Attributes as of `DickeBlocks`: `N` (all particles), `size`, `row_start`, `element_start`, `rows`, `dim`,
    `row_block`, `row_index`; and `spins` (one `Spins` per species), `modes` (one `Quanta` per mode), `exists` (rows),
    `shape` (blocks per species), `elements` (those that exist; `dim` counts all).
    """

    def __init__(self, sizes: Sequence[int], cutoffs: Sequence[int] = (), chosen: Sequence | None = None):
        sizes = [check_size(n) for n in sizes]
        chosen = [None] * len(sizes) if chosen is None else chosen
        positions = [np.arange(n // 2 + 1) if c is None else np.asarray(c) for n, c in zip(sizes, chosen, strict=True)]
        self.N, self.shape = sum(sizes), tuple(len(p) for p in positions)
        lengths = [n + 1 - 2 * p for n, p in zip(sizes, positions, strict=True)]  # 2J + 1
        order = sorted(range(len(sizes)), key=lambda s: -sizes[s])
        widths = [int(x.max()) for x in lengths] + [c + 1 for c in cutoffs]
        strides, inner = [0] * len(widths), 1
        for f in [*range(len(sizes), len(widths)), *order[::-1]]:
            strides[f], inner = inner, inner * widths[f]
        block = np.indices(self.shape).reshape(len(sizes), -1)  # position of every block's J, per species
        of_block = [x[b] for x, b in zip(lengths, block, strict=True)]
        outermost = order[0]
        super().__init__(of_block[outermost] * strides[outermost])
        digits = [self.row_index // stride % width for stride, width in zip(strides, widths, strict=True)]
        digits[outermost] = self.row_index // strides[outermost]
        self.exists = np.all([d < n[self.row_block] for d, n in zip(digits, of_block, strict=False)], axis=0)
        self.elements = int((np.bincount(self.row_block, self.exists) ** 2).sum())
        hop_strides = np.cumprod([1, *self.shape[:0:-1]])[::-1]
        self.spins = []
        for s, (n, p) in enumerate(zip(sizes, positions, strict=True)):
            J = n / 2 - p[block[s]][self.row_block]
            self.spins.append(Spins(n, strides[s], int(hop_strides[s]), J, J - digits[s], self.exists, p))
        self.modes = [Quanta(c, strides[f], digits[f], self.exists) for f, c in enumerate(cutoffs, start=len(sizes))]

    def block_exists(self, b: int) -> np.ndarray:
        """Which rows of block b exist."""
        return self.exists[self.row_start[b] : self.row_start[b + 1]]

    def product(self, blocks_of: Sequence[Sequence[np.ndarray]], fields: Sequence[np.ndarray]) -> np.ndarray:
        """The tensor product of ρ_J's (per species one matrix for each of its J) and of density matrices of the modes,
        as a vector."""
        dtype = np.result_type(*(m for x in blocks_of for m in x), *fields, float)
        out = np.zeros(self.dim, dtype)
        order = np.argsort([-s.stride for s in self.spins] + [-q.stride for q in self.modes], kind="stable")
        for b, matrix in enumerate(self.matrices(out)):
            at = np.unravel_index(b, self.shape)
            parts = [x[i] for x, i in zip(blocks_of, at, strict=True)] + list(fields)
            total = np.ones((1, 1))
            for f in order:
                total = np.kron(total, parts[f])
            exists = np.flatnonzero(self.block_exists(b))
            matrix[np.ix_(exists, exists)] = total
        return out

    def turned(self, vector: np.ndarray, representations: Sequence[Sequence[np.ndarray]]) -> list[np.ndarray]:
        """Blocks W ρ W† without what does not exist, factors in the order of species, then modes; W a matrix for each J
        of a species."""
        strides = [s.stride for s in self.spins] + [q.stride for q in self.modes]
        back = np.argsort(np.argsort([-x for x in strides], kind="stable"))
        out = []
        for b, matrix in enumerate(self.existing(vector)):
            at = np.unravel_index(b, self.shape)
            parts = [w[i] for w, i in zip(representations, at, strict=True)] + [
                np.eye(q.cutoff + 1) for q in self.modes
            ]
            dims = np.array([len(p) for p in parts])
            layout = dims[np.argsort(back)]
            tensor = matrix.reshape(*layout, *layout)
            tensor = tensor.transpose(*back, *(back + len(dims)))
            w = np.ones((1, 1))
            for p in parts:
                w = np.kron(w, p)
            out.append(w @ tensor.reshape(dims.prod(), dims.prod()) @ w.conj().T)
        return out

    @property
    def log_multiplicity(self) -> np.ndarray:
        """log Π_s d_(J_s), per block."""
        first = self.row_start[:-1]
        return sum(log_multiplicity(s.N, s.row_J[first]) for s in self.spins)
