"""States on the full space of all particles, Π_s d_s^{N_s} Π (cutoff + 1): blocks ρ_J of them, and back.

Particles of a species are tensor factors one after the other, the first one outermost, then the modes. The elements of
a permutation-symmetric matrix depend on how many particles have each pair (a, b) of levels to the left and to the
right; to average over permutations is to average over the elements that agree in these numbers.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np
import scipy.sparse as sp

from finite_n.errors import FiniteNError

LARGEST = 1024  # rows of a matrix on the full space: ten particles of two levels
SYMMETRIC = 1e-10  # of the largest element: what permutations may change


def check_rows(rows: int, what: str) -> None:
    """Refuse a full space of more than `LARGEST` dimensions."""
    if rows > LARGEST:
        raise FiniteNError(
            f"{what}: the full space has {rows} dimensions; it is used up to {LARGEST} (ten particles of two levels), "
            "so use blocks ρ_J instead."
        )


@functools.lru_cache(maxsize=8)
def classes(size: int, dim: int) -> np.ndarray:
    """For every element (i, j), row by row, a number that permutations of `size` particles of `dim` levels keep,
    shape (dim^2·size,)."""
    level = np.array(list(itertools.product(range(dim), repeat=size)), np.int32)  # (rows, size)
    pairs = np.sort(level[:, None] * dim + level, axis=2).reshape(-1, size)
    return np.unique(pairs @ (dim * dim) ** np.arange(size), return_inverse=True)[1]


@functools.lru_cache(maxsize=8)
def _averaging(size: int, dim: int) -> sp.csr_array:
    """From elements to the mean of every class."""
    of = classes(size, dim)
    weight = 1.0 / np.bincount(of)[of]
    return sp.coo_array((weight, (of, np.arange(len(of))))).tocsr()


def averaged(matrix: np.ndarray, sizes: Sequence[int], dims: Sequence[int], which: int) -> np.ndarray:
    """The mean of P ρ P† over all permutations P of the particles of species `which`; `dims` of its particles, then of
    the modes, for which there are no sizes."""
    widths = _widths(sizes, dims)
    before, own, after = math.prod(widths[:which]), widths[which], math.prod(widths[which + 1 :])
    tensor = matrix.reshape(before, own, after, before, own, after).transpose(1, 4, 0, 2, 3, 5)
    means = _averaging(sizes[which], dims[which]) @ tensor.reshape(own * own, -1)
    tensor = means[classes(sizes[which], dims[which])].reshape(own, own, before, after, before, after)
    return tensor.transpose(2, 0, 3, 4, 1, 5).reshape(matrix.shape)


def _widths(sizes: Sequence[int], dims: Sequence[int]) -> list[int]:
    return [d**n for n, d in zip(sizes, dims, strict=False)] + list(dims[len(sizes) :])


def check_symmetric(matrix: np.ndarray, sizes: Sequence[int], dims: Sequence[int], what: str) -> None:
    """Refuse a matrix that permutations of particles within a species change."""
    for s in range(len(sizes)):
        change = np.abs(averaged(matrix, sizes, dims, s) - matrix).max()
        if change > SYMMETRIC * np.abs(matrix).max():
            raise FiniteNError(
                f"{what}: not symmetric under permutations of the particles, which change its elements by up to "
                f"{change:.2g}; average it over permutations, or model the particles as several species."
            )


@functools.lru_cache(maxsize=32)
def isometry(size: int, k: int) -> np.ndarray:
    """One copy of spin J = size/2 − k, shape (2^size, 2J + 1), M descending: k singlets, and the symmetric states of
    the other particles."""
    others = size - 2 * k
    down = np.array([i.bit_count() for i in range(2**others)])
    columns = np.zeros((2**others, others + 1))
    columns[np.arange(2**others), down] = 1.0 / np.sqrt([math.comb(others, x) for x in down])
    singlet = np.array([[0.0], [1.0], [-1.0], [0.0]]) / math.sqrt(2)
    return functools.reduce(np.kron, [singlet] * k + [columns])


def _copies(size: int, k: int) -> int:
    """d_J of J = size/2 − k."""
    return math.comb(size, k) - (math.comb(size, k - 1) if k else 0)


def blocks_of(matrix: np.ndarray, sizes: Sequence[int], levels: Sequence[int] = ()) -> dict[tuple, np.ndarray]:
    """Blocks ρ_J, by the positions of their J in N_s/2, N_s/2 − 1, …, of a symmetric matrix of two-level particles;
    levels: of every mode."""
    out = {}
    for at in itertools.product(*(range(n // 2 + 1) for n in sizes)):
        v = _isometry(sizes, levels, at)
        copies = math.prod(_copies(n, k) for n, k in zip(sizes, at, strict=True))
        out[at] = copies * (v.T @ matrix @ v)
    return out


def full_matrix(blocks: Mapping[tuple, np.ndarray], sizes: Sequence[int], levels: Sequence[int] = ()) -> np.ndarray:
    """The inverse of `blocks_of`: every block in one of its copies, averaged over permutations."""
    rows = 2 ** sum(sizes) * math.prod(levels)
    check_rows(rows, "state as Qobj")
    out = np.zeros((rows, rows), complex)
    for at, block in blocks.items():
        v = _isometry(sizes, levels, at)
        out += v @ block @ v.T
    dims = [2] * len(sizes) + list(levels)
    for s in range(len(sizes)):
        out = averaged(out, sizes, dims, s)
    return out


def _isometry(sizes, levels, at) -> np.ndarray:
    parts = [isometry(n, k) for n, k in zip(sizes, at, strict=True)] + [np.eye(n) for n in levels]
    return functools.reduce(np.kron, parts)
