"""Layout of the Dicke blocks: ρ = ⊕_J ρ_J with J = N/2, N/2 − 1, … and ρ_J a (2J+1)×(2J+1) matrix, M descending.

Weights are such that Tr ρ = Σ_J tr ρ_J: ρ_J is summed over the d_J copies of the spin-J representation. All blocks lie
one after another in one vector of C(N+3, 3) elements, each block row-major. A "row" is one pair (J, M).
"""

from __future__ import annotations

import functools

import numpy as np
from scipy.special import gammaln

from finite_n.model.validation import check_size


def dimension(N: int) -> int:
    """Number of elements of the state, (N+1)(N+2)(N+3)/6."""
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


class DickeBlocks(BlockLayout):
    """Index tables for N particles, of all J or of those whose positions in N/2, N/2 − 1, … are `chosen`.

    Attributes: `size` (2J+1 of every block), `J` (of every block), `row_start`, `element_start`, `rows`, `dim`,
    and for every row `row_block`, `row_J`, `row_M`.
    """

    def __init__(self, N: int, chosen=slice(None)):
        self.N = check_size(N)
        super().__init__(np.arange(self.N + 1, 0, -2)[chosen])
        self.J = (self.size - 1) / 2
        self.row_J = self.J[self.row_block]
        self.row_M = self.row_J - self.row_index
        self.exists = np.ones(self.rows, dtype=bool)
        self.shape = self.size.shape
        # one species, for what is written for several (`finite_n.dicke_blocks.product_blocks`)
        self.stride = self.hop_stride = 1
        self.spins, self.modes = [self], []

    @property
    def elements(self) -> int:
        """Number of elements."""
        return self.dim

    @property
    def log_multiplicity(self) -> np.ndarray:
        """log d_J, per block."""
        return log_multiplicity(self.N, self.J)


@functools.lru_cache(maxsize=16)
def dicke_blocks(N: int) -> DickeBlocks:
    """Cached tables; they are shared, so do not change them."""
    return DickeBlocks(N)
