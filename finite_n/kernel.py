"""The numba kernel that applies the list of terms to a state, with the vector updates of the time loop fused in.

Everything compiled lives in this one file, so that numba's on-disk cache, which watches the file, is never stale.

Arrays: `size`, `row_start`, `element_start` per block as in `DickeBlocks`; `table` (terms, 3) integers: source block
minus destination block, source row minus destination row, source column minus destination column; `left`, `right`
(terms, rows), contiguous. States are float64 or complex128 vectors. For a complex state the coefficients are complex.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange


@njit(cache=True)
def _apply_row(r, b, i, v, out, size, row_start, element_start, table, left, right):
    """out[row r] = Σ_terms (row r of block b has index i)."""
    n = size[b]
    base = element_start[b] + i * n
    first = row_start[b]
    for k in range(n):
        out[base + k] = 0
    for t in range(table.shape[0]):
        c = left[t, r]
        if c == 0:
            continue
        source = b + table[t, 0]
        if source < 0 or source >= size.size:
            continue
        n_s = size[source]
        i_s = i + table[t, 1]
        if i_s < 0 or i_s >= n_s:
            continue
        shift = table[t, 2]
        low = max(0, -shift)
        high = min(n, n_s - shift)
        start = element_start[source] + i_s * n_s + shift
        weights = right[t]
        for k in range(low, high):
            out[base + k] += c * weights[first + k] * v[start + k]


@njit(parallel=True, cache=True)
def apply(v, out, size, row_start, element_start, row_block, table, left, right, workers):
    """out = L v."""
    for w in prange(workers):
        for r in range(w, row_block.size, workers):
            b = row_block[r]
            _apply_row(r, b, r - row_start[b], v, out, size, row_start, element_start, table, left, right)


@njit(parallel=True, cache=True)
def taylor_term(v, out, acc, square, a, s, size, row_start, element_start, row_block, table, left, right, workers):
    """out = a (L + s) v, acc += out, square[row] = Σ|out|² of the row: one pass over memory."""
    for w in prange(workers):
        for r in range(w, row_block.size, workers):
            b = row_block[r]
            i = r - row_start[b]
            _apply_row(r, b, i, v, out, size, row_start, element_start, table, left, right)
            n = size[b]
            base = element_start[b] + i * n
            total = 0.0
            for k in range(base, base + n):
                x = a * (out[k] + s * v[k])
                out[k] = x
                acc[k] += x
                total += x.real * x.real + x.imag * x.imag
            square[r] = total


def as_arrays(terms, blocks, real: bool):
    """The term list as the arrays of the kernel: table, left, right."""
    dtype = float if real else complex
    table = np.array([[t.hop, t.left_shift - t.hop, t.right_shift - t.hop] for t in terms], dtype=np.int64)
    left = np.array([np.real(t.left) if real else t.left for t in terms], dtype=dtype)
    right = np.array([np.real(t.right) if real else t.right for t in terms], dtype=dtype)
    shape = (len(terms), blocks.rows)
    return table.reshape(-1, 3), np.ascontiguousarray(left.reshape(shape)), np.ascontiguousarray(right.reshape(shape))
