"""Which elements of the state matter, and the real linear problem on them.

An element matters if the initial state leads to it under the terms of the generator and if it leads to an element that some
observable reads. Everything else stays zero, or stays unread. This finds weak symmetries that are diagonal in the basis without
anyone declaring them: coherence orders M − M′ under a U(1) symmetry, parities, levels that are never filled.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import breadth_first_order, connected_components

from finite_n import kernel
from finite_n.blocks import DickeBlocks
from finite_n.terms import Term


def closed_elements(
    terms: list[Term], blocks: DickeBlocks, seeds: np.ndarray, forward: bool, limit: int
) -> np.ndarray | None:
    """All elements that `seeds` lead to (forward), or that lead to them, sorted; None if there are more than `limit`."""
    found = np.zeros(blocks.dim, dtype=np.bool_)
    found[seeds] = True
    seeds = np.flatnonzero(found)
    if seeds.size > limit:
        return None
    queue = np.empty(limit, dtype=np.int64)
    queue[: seeds.size] = seeds
    shifts = np.array([(t.hop, t.left_shift, t.right_shift) for t in terms], dtype=np.int64).reshape(-1, 3)
    left_used, right_used = (
        np.array([getattr(t, side) != 0 for t in terms]).reshape(-1, blocks.rows) for side in ("left", "right")
    )
    count = kernel.reach(
        found, queue, seeds.size, limit, forward,
        blocks.size, blocks.row_start, blocks.element_start, shifts, left_used, right_used,
    )  # fmt: skip
    return None if count > limit else np.sort(queue[:count])


def mirrored(elements: np.ndarray, blocks: DickeBlocks) -> np.ndarray:
    """The elements (k, i) for elements (i, k)."""
    b, i, k = blocks.locate(elements)
    return blocks.element_start[b] + k * blocks.size[b] + i


def real_form(matrix: sp.csr_array, mirror: np.ndarray, upper: np.ndarray):
    """The action of a Hermiticity-preserving matrix on real and imaginary parts of the elements `upper`.

    `mirror`: position of the Hermitian conjugate of every element; `upper`: one of every pair. Returns A (2u, 2u) with
    (Re ẋ, Im ẋ) = A (Re x, Im x), and E (n, 2u), complex, with x = E (Re x, Im x) for all n elements.
    """
    n, u = len(mirror), len(upper)
    column = np.full(n, -1)
    column[upper] = np.arange(u)
    is_upper = column >= 0
    column[mirror[upper]] = np.arange(u)
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
    """Sets of variables that do not act on each other, each sorted; all variables together if there are more than `most`."""
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
