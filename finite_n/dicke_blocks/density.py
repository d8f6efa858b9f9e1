"""Density matrices on Dicke blocks, or parts of them: what a result knows of the state beyond its moments."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping

import numpy as np
from scipy.linalg.lapack import dpotrf, zpotrf
from scipy.special import xlogy

from finite_n.dicke_blocks.blocks import DickeBlocks
from finite_n.dicke_blocks.moments import Functionals
from finite_n.dicke_blocks.rotation import in_laboratory
from finite_n.memory import check_memory
from finite_n.model.species import Space

_POSITIVE = 1e-14  # eigenvalues are distinguished from zero down to here
_FULL = 48.0  # bytes for each element in the frame of the model: it, its blocks and a product
_DENSE = 1500  # rows of a block beyond which its eigenvalues cost more than the evolution


@dataclasses.dataclass(frozen=True)
class SomeElements:
    """A Hermitian state of which only some elements are not zero: on or above the diagonal of its blocks (sorted), and
    their values."""

    elements: np.ndarray
    values: np.ndarray

    def full(self, blocks: DickeBlocks) -> np.ndarray:
        """All elements."""
        out = np.zeros(blocks.dim, self.values.dtype)
        out[mirrored(self.elements, blocks)] = self.values.conj()
        out[self.elements] = self.values
        return out

    def squares(self, blocks: DickeBlocks) -> np.ndarray:
        """tr ρ_J² for every block."""
        b, i, k = blocks.locate(self.elements)
        return np.bincount(b, np.where(i == k, 1.0, 2.0) * np.abs(self.values) ** 2, minlength=len(blocks.size))

    def is_diagonal(self, blocks: DickeBlocks) -> bool:
        """Whether there is nothing beside populations."""
        _, i, k = blocks.locate(self.elements)
        return not np.any(self.values[i != k])

    def matrices(self, blocks: DickeBlocks) -> Iterator[np.ndarray]:
        """Block after block, without the rows and columns that do not exist."""
        b, i, k = blocks.locate(self.elements)
        cuts = np.searchsorted(b, np.arange(len(blocks.size) + 1))
        for block, (begin, end) in enumerate(itertools.pairwise(cuts)):
            x, row, column = (y[begin:end] for y in (self.values, i, k))
            out = np.zeros((blocks.size[block],) * 2, self.values.dtype)
            out[column, row] = x.conj()
            out[row, column] = x
            exists = blocks.block_exists(block)
            yield out if exists.all() else out[np.ix_(exists, exists)]


@dataclasses.dataclass(frozen=True)
class DensityBlocks:
    """ρ, or its part on some blocks, in the frame of the computation.

    blocks; elements: all of them as a vector, or `SomeElements`; frames: unitaries by species; space of the model.
    """

    blocks: DickeBlocks
    elements: np.ndarray | SomeElements
    frames: Mapping[str, np.ndarray]
    space: Space

    def in_laboratory(self) -> dict[tuple[int, ...], np.ndarray]:
        """Blocks in the frame of the model by the positions of their J in N_s/2, N_s/2 − 1, …"""
        blocks, some = self.blocks, self.elements
        if isinstance(some, SomeElements):
            check_memory("all elements of ρ_J", blocks.N, lambda n: _FULL * blocks.dim * (n / blocks.N) ** 3)
        vector = some.full(blocks) if isinstance(some, SomeElements) else some
        positions = itertools.product(*(spins.positions.tolist() for spins in blocks.spins))
        return dict(zip(positions, in_laboratory(vector, self.frames, blocks, self.space), strict=True))

    def read(self, functionals: Functionals) -> np.ndarray:
        """What functionals read, (count,)."""
        some = self.elements
        if not isinstance(some, SomeElements):
            return functionals(some)
        return functionals.on(some.elements) @ np.concatenate([some.values.real, some.values.imag])

    def weights(self) -> np.ndarray:
        """tr ρ_J for every block."""
        blocks, some = self.blocks, self.elements
        if not isinstance(some, SomeElements):
            return np.array([np.trace(m).real for m in blocks.matrices(some)])
        b, i, k = blocks.locate(some.elements)
        return np.bincount(b[i == k], some.values.real[i == k], minlength=len(blocks.size))

    def frobenius(self) -> float:
        """Norm of the blocks."""
        some = self.elements
        if isinstance(some, SomeElements):
            return float(np.sqrt(some.squares(self.blocks).sum()))
        return float(np.linalg.norm(some))

    def eigenvalues(self) -> Iterator[np.ndarray]:
        """Of every block; of a diagonal state its populations, all at once."""
        blocks, some = self.blocks, self.elements
        if isinstance(some, SomeElements) and some.is_diagonal(blocks):
            _, i, k = blocks.locate(some.elements)
            yield some.values.real[i == k]
            return
        matrices = some.matrices(blocks) if isinstance(some, SomeElements) else blocks.existing(some)
        yield from (np.linalg.eigvalsh(m) for m in matrices)

    def purity(self) -> float:
        """Σ_J tr ρ_J²/d_J; no frame changes it."""
        some = isinstance(self.elements, SomeElements)
        squares = (
            self.elements.squares(self.blocks)
            if some
            else np.array([np.sum(np.abs(m) ** 2) for m in self.blocks.matrices(self.elements)])
        )
        return float(squares @ np.exp(-self.blocks.log_multiplicity))

    def entropy(self) -> float:
        """−Σ_J tr ρ_J ln(ρ_J/d_J); no frame changes it."""
        blocks, some = self.blocks, self.elements
        if isinstance(some, SomeElements) and some.is_diagonal(blocks):
            b, i, k = blocks.locate(some.elements)
            return entropy_of(some.values.real[i == k], blocks.log_multiplicity[b[i == k]])
        matrices = some.matrices(blocks) if isinstance(some, SomeElements) else blocks.existing(some)
        pairs = zip(matrices, blocks.log_multiplicity, strict=True)
        return sum(entropy_of(np.linalg.eigvalsh(m), log_d) for m, log_d in pairs)

    def smallest_eigenvalue(self) -> float:
        """The smallest eigenvalue, zero if none is negative; of large blocks the smallest population."""
        blocks, some = self.blocks, self.elements
        # a block of norm below _POSITIVE has no eigenvalue beyond that
        if isinstance(some, SomeElements) and some.is_diagonal(blocks):
            return float(some.values.real.min(initial=0.0))
        matrices = some.matrices(blocks) if isinstance(some, SomeElements) else blocks.existing(some)
        return min((_smallest_of(m) for m in matrices if np.abs(m).max() > _POSITIVE / len(m)), default=0.0)


def entropy_of(eigenvalues: np.ndarray, log_copies: np.ndarray | float) -> float:
    """−Σ p ln(p/d) in nats, of eigenvalues p of blocks that stand for d copies of p/d; those below zero count as
    zero."""
    p = np.maximum(eigenvalues, 0.0)
    return float(np.sum(p * log_copies - xlogy(p, p)))


def mirrored(elements: np.ndarray, blocks: DickeBlocks) -> np.ndarray:
    """The elements (k, i) for elements (i, k)."""
    b, i, k = blocks.locate(elements)
    return blocks.element_start[b] + k * blocks.size[b] + i


def _smallest_of(matrix: np.ndarray) -> float:
    """The smallest eigenvalue of a block, zero if none is negative; of a large one the smallest population."""
    if len(matrix) > _DENSE:
        return float(np.diag(matrix).real.min())
    return 0.0 if _is_positive(matrix) else float(np.linalg.eigvalsh(matrix)[0])


def _is_positive(matrix: np.ndarray) -> bool:
    """Whether no eigenvalue is below −_POSITIVE, by Cholesky's decomposition, cheaper than eigenvalues."""
    raised = matrix.copy()
    raised.ravel()[:: len(matrix) + 1] += _POSITIVE
    factorise = zpotrf if np.iscomplexobj(matrix) else dpotrf
    return factorise(raised.T, overwrite_a=True)[1] == 0  # the transpose, as LAPACK wants its columns
