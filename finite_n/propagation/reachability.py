"""Which elements of the state matter, and the real linear problem on them.

An element matters if the initial state leads to it under the terms of the generator and if it leads to an element that
some observable reads. Everything else stays zero, or stays unread. This finds weak symmetries that are diagonal in the
basis without anyone declaring them: coherence orders M − M′ under a U(1) symmetry, parities, levels that are never
filled.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import breadth_first_order, connected_components

from finite_n import kernels
from finite_n.dicke_blocks.blocks import DickeBlocks
from finite_n.dicke_blocks.terms import Term

_QUEUE = 4096  # places more than elements known so far


def closed_elements(
    terms: list[Term], blocks: DickeBlocks, seeds: np.ndarray, forward: bool, limit: int
) -> np.ndarray | None:
    """All elements that `seeds` lead to (forward), or that lead to them, sorted; None if there are more than `limit`.

    Only the coherence orders k − i that seeds and terms allow are looked at, so that the tables are of the size of what
    is found where a symmetry keeps orders apart.
    """
    seeds = np.sort(seeds)
    seeds = seeds[np.diff(seeds, prepend=-1) > 0]  # np.unique hashes, and elements in regular places collide
    if seeds.size > limit:
        return None
    _, i, k = blocks.locate(seeds)
    longest = int(blocks.size.max())
    some = np.flatnonzero(np.bincount(longest + k - i)) - longest
    orders = closed_orders(some.tolist(), {t.left_shift - t.right_shift for t in terms}, forward, longest)
    order_at = np.full(2 * longest + 1, -1)
    order_at[longest + orders] = np.arange(len(orders))
    lengths = np.maximum(blocks.size[None, :] - np.abs(orders)[:, None], 0)
    order_start = np.concatenate([[0], np.cumsum(lengths.ravel())])
    found, order_start = np.zeros(order_start[-1], dtype=np.bool_), order_start[:-1].reshape(lengths.shape)
    b, i, k = blocks.locate(seeds)
    found[order_start[order_at[longest + k - i], b] + np.minimum(i, k)] = True
    shifts = np.array([(t.hop, t.left_shift, t.right_shift) for t in terms], dtype=np.int64).reshape(-1, 3)
    left_used, right_used = (
        np.array([getattr(t, side) != 0 for t in terms]).reshape(-1, blocks.rows) for side in ("left", "right")
    )
    queue, head, count = seeds, 0, seeds.size
    while head < count:
        if count > limit:
            return None
        queue = np.concatenate([queue[:count], np.empty(count + len(terms) + _QUEUE, dtype=np.int64)])
        head, count = kernels.reach(
            found, queue, head, count, forward, blocks.size, blocks.row_start, blocks.element_start,
            order_at, order_start, shifts, left_used, right_used,
        )  # fmt: skip
    return None if count > limit else np.sort(queue[:count])


def closed_orders(seeds: list[int], changes: set[int], forward: bool, longest: int) -> np.ndarray:
    """Coherence orders k − i below `longest` that seeds lead to, or that lead to them, sorted; a term changes an order
    by `changes`."""
    changes = {c if forward else -c for c in changes}
    found, layer = set(seeds), set(seeds)
    while layer:
        layer = {q + c for q in layer for c in changes if abs(q + c) < longest} - found
        found |= layer
    return np.array(sorted(found), dtype=np.int64)


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
            exists = blocks.exists[blocks.row_start[block] : blocks.row_start[block + 1]]
            yield out if exists.all() else out[np.ix_(exists, exists)]


def as_full(vector: np.ndarray | SomeElements, blocks: DickeBlocks) -> np.ndarray:
    """A vector of all elements."""
    return vector.full(blocks) if isinstance(vector, SomeElements) else vector


def mirrored(elements: np.ndarray, blocks: DickeBlocks) -> np.ndarray:
    """The elements (k, i) for elements (i, k)."""
    b, i, k = blocks.locate(elements)
    return blocks.element_start[b] + k * blocks.size[b] + i


def real_form(matrix: sp.csr_array, mirror: np.ndarray, upper: np.ndarray, only_real: bool = False):
    """The action of a Hermiticity-preserving matrix on real and imaginary parts of the elements `upper`.

    `mirror`: position of the Hermitian conjugate of every element; `upper`: one of every pair. Returns A (2u, 2u) with
    (Re ẋ, Im ẋ) = A (Re x, Im x), and E (n, 2u), complex, with x = E (Re x, Im x) for all n elements. `only_real`: for
    a real matrix and real x, A (u, u) and E (n, u) of the real parts.
    """
    n, u = len(mirror), len(upper)
    column = np.full(n, -1)
    column[upper] = np.arange(u)
    is_upper = column >= 0
    column[mirror[upper]] = np.arange(u)
    if only_real:
        whole = np.int32 if matrix.nnz < 2**31 else np.int64
        index = (np.arange(n, dtype=whole), column.astype(whole))
        embedding = sp.coo_array((np.ones(n), index), shape=(n, u)).tocsr()
        return sp.csr_array(sp.csr_array(matrix)[upper] @ embedding), embedding
    rows, phase = np.arange(n), np.where(is_upper, 1j, -1j)
    phase[mirror == rows] = 0.0
    values = np.concatenate([np.ones(n), phase])
    embedding = sp.coo_array(
        (values, (np.concatenate([rows, rows]), np.concatenate([column, column + u]))), shape=(n, 2 * u)
    )
    embedding = embedding.tocsr()
    image = sp.csr_array(matrix)[upper] @ embedding
    return sp.vstack([image.real, image.imag], format="csr"), embedding


def needed(matrix: sp.csr_array, start: np.ndarray, functionals: sp.csr_array) -> np.ndarray:
    """Variables of ẋ = Ax that x(0) leads to and that lead to a functional, sorted."""
    read = np.asarray(abs(functionals).sum(axis=0)).ravel() > 0
    return np.flatnonzero(_led_to(sp.csr_array(matrix.T), start != 0) & _led_to(matrix, read))


def independent(matrix: sp.csr_array, most: int = 32) -> list[np.ndarray]:
    """Sets of variables that do not act on each other, each sorted; all variables together if there are more than
    `most`."""
    count, label = connected_components(matrix, directed=False)
    if count > most:
        return [np.arange(matrix.shape[0])]
    return [np.flatnonzero(label == i) for i in range(count)]


def led_to(matrix: sp.csr_array, start: np.ndarray) -> np.ndarray:
    """Variables of ẋ = Ax that x(0) leads to, sorted."""
    return np.flatnonzero(_led_to(sp.csr_array(matrix.T), start != 0))


def _led_to(graph: sp.csr_array, seeds: np.ndarray) -> np.ndarray:
    """Mask of the nodes on a path along graph[from, to] ≠ 0 from a seed."""
    n = len(seeds)
    graph = sp.csr_array(graph)
    graph.eliminate_zeros()
    source = sp.csr_array(seeds[None, :].astype(float))
    whole = sp.vstack([sp.hstack([abs(graph), sp.csr_array((n, 1))]), sp.hstack([source, sp.csr_array((1, 1))])])
    order = breadth_first_order(sp.csr_array(whole), n, return_predecessors=False)
    mask = np.zeros(n + 1, dtype=bool)
    mask[order] = True
    return mask[:n]
