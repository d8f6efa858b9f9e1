"""The memory that a sparse LU decomposition takes, estimated before it is made.

The order of columns is that of the decomposition itself, taken from an incomplete one that drops what it fills in. The
entries of its factors are then counted on the elimination tree of the pattern of A + Aᵀ, to which they keep while
pivots stay on the diagonal.

J. R. Gilbert, E. G. Ng and B. W. Peyton, SIAM J. Matrix Anal. Appl. 15, 1075 (1994); T. A. Davis, Direct Methods for
Sparse Linear Systems (2006), §4.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spilu

from finite_n.memory import fits

ORDER = {"permc_spec": "MMD_AT_PLUS_A", "diag_pivot_thresh": 0.1}
_PER_ENTRY = 24.0  # bytes of a factor, with the zeros stored in blocks and what the decomposition works in
_OTHERS = 200.0  # bytes of a row besides


def bytes_of_decomposition(matrix: sp.sparray) -> float:
    """Memory of `splu` of a matrix with this pattern and a full diagonal, within a factor of two."""
    n = matrix.shape[0]
    if n < 2:
        return _OTHERS * n
    pattern = sp.csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape)
    pattern = sp.csr_array(pattern + pattern.T)
    heavy = pattern + (2.0 * n) * sp.eye_array(n)  # no pivot is off the diagonal
    order = np.argsort(spilu(sp.csc_array(heavy), drop_tol=1.0, fill_factor=1.0, **ORDER).perm_c)
    permuted = sp.csr_array(pattern[order][:, order])
    permuted.sort_indices()
    entries = int(_counts(permuted.indptr.tolist(), permuted.indices.tolist()).sum())
    return _PER_ENTRY * (2 * entries - n) + _OTHERS * n


def decomposes(matrix: sp.sparray, shifted: bool = False) -> bool:
    """Whether `splu` of it fits into memory; shifted: after a complex shift."""
    n, words = float(matrix.shape[0]), 1.7 if shifted else 1.0
    # full factors need no closer look
    return fits(words * _PER_ENTRY * n**2) or fits(words * bytes_of_decomposition(sp.csr_array(matrix)))


def _counts(pointer: list[int], indices: list[int]) -> np.ndarray:
    """Entries of every column of the Cholesky factor of a symmetric pattern, the diagonal among them."""
    n = len(pointer) - 1
    parent = _tree(pointer, indices)
    order = _postorder(parent)
    first, delta = [-1] * n, [0] * n
    for k, j in enumerate(order):
        delta[j] = int(first[j] < 0)
        while j >= 0 and first[j] < 0:
            first[j] = k
            j = parent[j]
    ancestor, largest, previous = list(range(n)), [-1] * n, [-1] * n
    for j in order:
        if parent[j] >= 0:
            delta[parent[j]] -= 1
        for i in indices[pointer[j] : pointer[j + 1]]:
            if i <= j or first[j] <= largest[i]:
                continue
            largest[i], before = first[j], previous[i]
            previous[i] = j
            delta[j] += 1
            if before >= 0:
                delta[_root(ancestor, before)] -= 1
        if parent[j] >= 0:
            ancestor[j] = parent[j]
    for j in range(n):  # a parent comes after its children
        if parent[j] >= 0:
            delta[parent[j]] += delta[j]
    return np.array(delta)


def _root(ancestor: list[int], j: int) -> int:
    """The last ancestor known, to which the path is shortened."""
    root = j
    while root != ancestor[root]:
        root = ancestor[root]
    while j != root:
        ancestor[j], j = root, ancestor[j]
    return root


def _tree(pointer: list[int], indices: list[int]) -> list[int]:
    """Parents in the elimination tree, −1 for roots."""
    n = len(pointer) - 1
    parent, ancestor = [-1] * n, [-1] * n
    for i in range(n):
        for k in indices[pointer[i] : pointer[i + 1]]:
            while 0 <= k < i:
                following, ancestor[k] = ancestor[k], i
                if following < 0:
                    parent[k] = i
                k = following
    return parent


def _postorder(parent: list[int]) -> list[int]:
    """Nodes with every child before its parent and subtrees together."""
    children: list[list[int]] = [[] for _ in parent]
    stack = []
    for j, p in enumerate(parent):
        (stack if p < 0 else children[p]).append(j)
    out = []
    while stack:
        j = stack.pop()
        out.append(j)
        stack += children[j]
    return out[::-1]
