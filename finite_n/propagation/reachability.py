"""Which variables of ẋ = Ax matter, and real forms of equations for Hermitian matrices.

A variable matters if x(0) leads to it and if it leads to a functional that is read. Everything else stays zero, or
stays unread. This finds weak symmetries that are diagonal in the basis without their being declared: coherence orders
M − M′ under a U(1) symmetry, parities, levels that are never filled.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import breadth_first_order, connected_components


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
    return np.flatnonzero(_reached(sp.csr_array(matrix.T), start != 0) & _reached(matrix, read))


def independent(matrix: sp.csr_array, most: int = 32) -> list[np.ndarray]:
    """Sets of variables that do not act on each other, each sorted; all variables together if there are more than
    `most`."""
    count, label = connected_components(matrix, directed=False)
    if count > most:
        return [np.arange(matrix.shape[0])]
    return [np.flatnonzero(label == i) for i in range(count)]


def reachable(matrix: sp.csr_array, start: np.ndarray) -> np.ndarray:
    """Variables of ẋ = Ax that x(0) leads to, sorted."""
    return np.flatnonzero(_reached(sp.csr_array(matrix.T), start != 0))


def _reached(graph: sp.csr_array, seeds: np.ndarray) -> np.ndarray:
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
