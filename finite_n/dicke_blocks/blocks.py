"""Layout of Dicke blocks: ρ = ⊕ ρ_(J_1, J_2, …), a block for every choice of one J per species, J = N_s/2, N_s/2 − 1, …

Every block is a matrix on the tensor product of one |J_s, M_s⟩ per species and one Fock space per mode. Weights are
such that Tr ρ = Σ tr ρ_(J_1, …): blocks are summed over the Π d_(J_s) copies of their representation. All blocks lie
one after another in one vector, each row-major; one species of N particles has C(N+3, 3) elements.

Within a block rows and columns run over (M_1, M_2, …, n_1, …), M descending, the largest species outermost, modes
innermost. Species inside the outermost one keep the width of their largest block, so that a change of J moves whole
runs of columns; what this adds does not exist and stays zero. A "row" is one (J_1, M_1, …, n_1, …).
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from scipy.special import gammaln

from finite_n.model.validation import check_size


def dimension(N: int) -> int:
    """Number of elements of one species, (N+1)(N+2)(N+3)/6."""
    return (N + 1) * (N + 2) * (N + 3) // 6


def log_multiplicity(N: int, J: np.ndarray) -> np.ndarray:
    """log d_J, d_J = (2J+1) N! / ((N/2 − J)! (N/2 + J + 1)!)."""
    return np.log(2 * J + 1) + gammaln(N + 1) - gammaln(N / 2 - J + 1) - gammaln(N / 2 + J + 2)


class BlockLayout:
    """Square blocks of the given sizes one after another in one vector, each row-major; `exists` says which rows do."""

    def __init__(self, size: np.ndarray):
        self.size = size
        self.row_start = np.concatenate([[0], np.cumsum(size)])
        self.element_start = np.concatenate([[0], np.cumsum(size**2)])
        self.rows = int(self.row_start[-1])
        self.dim = int(self.element_start[-1])
        self.row_block = np.repeat(np.arange(len(size)), size)
        self.row_index = np.arange(self.rows) - self.row_start[self.row_block]

    def locate(self, elements: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Block, row and column within it, of elements of the vector."""
        block = np.searchsorted(self.element_start, elements, side="right") - 1
        return block, *np.divmod(elements - self.element_start[block], self.size[block])

    def diagonal(self) -> np.ndarray:
        """Element index of the diagonal, for every row."""
        return self.element_start[self.row_block] + self.row_index * (self.size[self.row_block] + 1)

    def trace(self, vector: np.ndarray) -> complex:
        """Tr ρ, the sum over blocks."""
        return vector[self.diagonal()].sum()

    def matrices(self, vector: np.ndarray) -> list[np.ndarray]:
        """Views of the blocks as matrices, with the rows and columns that do not exist."""
        ends = zip(self.element_start[:-1], self.element_start[1:], self.size, strict=True)
        return [vector[a:b].reshape(n, n) for a, b, n in ends]

    def existing(self, vector: np.ndarray) -> list[np.ndarray]:
        """The blocks as matrices, without the rows and columns that do not exist."""
        matrices = self.matrices(vector)
        if self.exists.all():
            return matrices
        there = np.split(self.exists, self.row_start[1:-1])
        return [m[np.ix_(x, x)] for m, x in zip(matrices, there, strict=True)]

    def join(self, matrices) -> np.ndarray:
        """Inverse of `matrices`: one vector."""
        return np.concatenate([np.asarray(m).ravel() for m in matrices])


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

    def alone(self) -> DickeBlocks:
        """The blocks of this species alone."""
        return DickeBlocks([self.N], chosen=[self.positions])


@dataclasses.dataclass(frozen=True)
class Quanta:
    """One mode within the rows of a layout: number of quanta of every row, highest level, rows from one level to the
    next."""

    cutoff: int
    stride: int
    row_n: np.ndarray
    exists: np.ndarray


class DickeBlocks(BlockLayout):
    """Index tables for species of the given sizes and modes with levels 0 … cutoff.

    chosen: for every species the positions of its J in N_s/2, N_s/2 − 1, …, or None for all of them.

    Attributes: `N` (all particles), `size` (rows of every block), `row_start`, `element_start`, `rows`, `dim`; for
    every row `row_block`, `row_index` and `exists`; `spins` (one `Spins` per species), `modes` (one `Quanta` per mode),
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

    def factors(
        self, of_species: Sequence[Sequence[np.ndarray]], of_modes: Sequence[np.ndarray]
    ) -> Iterator[np.ndarray]:
        """Tensor products over the rows that exist, block after block, of a matrix for each J of every species and one
        for every mode."""
        order = np.argsort([-s.stride for s in self.spins] + [-q.stride for q in self.modes], kind="stable")
        for at in np.ndindex(self.shape):
            parts = [x[i] for x, i in zip(of_species, at, strict=True)] + list(of_modes)
            yield functools.reduce(np.kron, [parts[f] for f in order])

    def product(self, of_species: Sequence[Sequence[np.ndarray]], of_modes: Sequence[np.ndarray]) -> np.ndarray:
        """The tensor product of ρ_J's (per species one matrix for each of its J) and of density matrices of the modes,
        as a vector."""
        return self.filled(self.factors(of_species, of_modes))

    def filled(self, existing: Iterable[np.ndarray]) -> np.ndarray:
        """The vector of blocks given on the rows that exist; the inverse of `existing`."""
        existing = list(existing)
        if self.elements == self.dim:
            return self.join(existing)
        out = np.zeros(self.dim, np.result_type(float, *existing))
        for b, matrix in enumerate(self.matrices(out)):
            there = np.flatnonzero(self.block_exists(b))
            matrix[np.ix_(there, there)] = existing[b]
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
            w = functools.reduce(np.kron, parts)
            out.append(w @ tensor.reshape(dims.prod(), dims.prod()) @ w.conj().T)
        return out

    @property
    def log_multiplicity(self) -> np.ndarray:
        """log Π_s d_(J_s), per block."""
        first = self.row_start[:-1]
        return sum(log_multiplicity(s.N, s.row_J[first]) for s in self.spins)

    @property
    def is_one_species(self) -> bool:
        """Whether there is one species and no mode."""
        return len(self.spins) == 1 and not self.modes

    @property
    def J(self) -> np.ndarray:
        """Values of J of the only species, one per block where there are no modes."""
        return self.spins[0].J

    @property
    def row_J(self) -> np.ndarray:
        """J of the only species, for every row."""
        return self.spins[0].row_J

    @property
    def row_M(self) -> np.ndarray:
        """M of the only species, for every row."""
        return self.spins[0].row_M


@functools.lru_cache(maxsize=16)
def all_blocks(sizes: tuple[int, ...], cutoffs: tuple[int, ...] = ()) -> DickeBlocks:
    """Cached tables of all blocks; they are shared, so do not change them."""
    return DickeBlocks(sizes, cutoffs)


def dicke_blocks(N: int) -> DickeBlocks:
    """All blocks of one species of N particles, cached."""
    return all_blocks((check_size(N),))
