"""The compiled kernels: the list of terms applied to a state, and one Taylor step with every vector update fused in.

A Hermitian state is stored by halves: for every row i of a block only the columns k ≥ i − halo, real parts in plane 0 and,
unless the state is real, imaginary parts in plane 1. `halo` columns left of the diagonal repeat the mirrored elements, so
that every term finds its source in one contiguous run; element (i, k) of row r lies at offset[r] + k. A term's coefficients
vanish where its source does not exist, so inner loops need no bounds, and the planes are padded by finite numbers.

Everything compiled lives in this one file, so that numba's on-disk cache, which watches the file, is never stale.

Index arrays: size, row_start per block; row_block, offset per row; table (terms, 3): source block minus destination block,
source row minus destination row, source column minus destination column. Coefficients: left (terms, rows), right
(terms, rows) contiguous and real; diagonal (rows): g with (g_i + g_k*) ρ_ik. For complex generators left and diagonal come
as real and imaginary parts in a leading axis of length 2. bounds: row where each thread begins, and the number of rows.
"""

from __future__ import annotations

import types

import numpy as np
from numba import njit, prange

TINY = 1e-150  # set to zero below: products of such numbers are subnormal, and a hundred times slower
FAST = {"contract", "nsz"}  # fused multiply-add; no reordering that could change a result between runs


@njit(cache=True)
def _active(r, b, i, scale, row_start, offset, table, left, c, w, s):
    """Terms that reach row r: scaled coefficient, start of their right coefficients, start of their source; returns how
    many."""
    count = 0
    first = row_start[b] + i
    for t in range(table.shape[0]):
        x = left[0, t, r]
        if x == 0 and (left.shape[0] == 1 or left[1, t, r] == 0):
            continue
        source = row_start[b + table[t, 0]] + i + table[t, 1]
        c[0, count] = scale * x
        if left.shape[0] == 2:
            c[1, count] = scale * left[1, t, r]
        w[count] = t * offset.size + first
        s[count] = offset[source] + i + table[t, 2]
        count += 1
    return count


@njit(cache=True, fastmath=FAST)
def _one_plane(x, out, start, n, g, right, a, shift, count, c, w, s):
    """One row of one plane: out = (a g_k + shift) x + Σ_terms c w x."""
    o = out[start : start + n]
    own = x[start : start + n]
    for k in range(n):
        o[k] = (shift + a * g[k]) * own[k]
    q = 0
    while q + 4 <= count:
        c0, c1, c2, c3 = c[0, q], c[0, q + 1], c[0, q + 2], c[0, q + 3]
        w0, w1 = right[w[q] : w[q] + n], right[w[q + 1] : w[q + 1] + n]
        w2, w3 = right[w[q + 2] : w[q + 2] + n], right[w[q + 3] : w[q + 3] + n]
        x0, x1 = x[s[q] : s[q] + n], x[s[q + 1] : s[q + 1] + n]
        x2, x3 = x[s[q + 2] : s[q + 2] + n], x[s[q + 3] : s[q + 3] + n]
        for k in range(n):
            o[k] += c0 * w0[k] * x0[k] + c1 * w1[k] * x1[k] + c2 * w2[k] * x2[k] + c3 * w3[k] * x3[k]
        q += 4
    while q < count:
        c0, w0, x0 = c[0, q], right[w[q] : w[q] + n], x[s[q] : s[q] + n]
        for k in range(n):
            o[k] += c0 * w0[k] * x0[k]
        q += 1


@njit(cache=True, fastmath=FAST)
def _two_planes(x, y, out_x, out_y, start, n, g, right, a, shift, count, c, w, s):
    """`_one_plane` for both planes of a complex state under a real generator, sharing the coefficients."""
    ox, oy = out_x[start : start + n], out_y[start : start + n]
    own_x, own_y = x[start : start + n], y[start : start + n]
    for k in range(n):
        d = shift + a * g[k]
        ox[k] = d * own_x[k]
        oy[k] = d * own_y[k]
    q = 0
    while q + 3 <= count:
        c0, c1, c2 = c[0, q], c[0, q + 1], c[0, q + 2]
        w0, w1, w2 = right[w[q] : w[q] + n], right[w[q + 1] : w[q + 1] + n], right[w[q + 2] : w[q + 2] + n]
        x0, x1, x2 = x[s[q] : s[q] + n], x[s[q + 1] : s[q + 1] + n], x[s[q + 2] : s[q + 2] + n]
        y0, y1, y2 = y[s[q] : s[q] + n], y[s[q + 1] : s[q + 1] + n], y[s[q + 2] : s[q + 2] + n]
        for k in range(n):
            d0, d1, d2 = c0 * w0[k], c1 * w1[k], c2 * w2[k]
            ox[k] += d0 * x0[k] + d1 * x1[k] + d2 * x2[k]
            oy[k] += d0 * y0[k] + d1 * y1[k] + d2 * y2[k]
        q += 3
    while q < count:
        c0, w0 = c[0, q], right[w[q] : w[q] + n]
        x0, y0 = x[s[q] : s[q] + n], y[s[q] : s[q] + n]
        for k in range(n):
            ox[k] += c0 * w0[k] * x0[k]
            oy[k] += c0 * w0[k] * y0[k]
        q += 1


@njit(cache=True, fastmath=FAST)
def _complex_row(x, y, out_x, out_y, start, n, g, h, right, a, shift, turn, count, c, w, s):
    """One row of both planes, ρ = x + iy: the diagonal is (shift + a g_k) + i (turn − a h_k)."""
    ox, oy = out_x[start : start + n], out_y[start : start + n]
    own_x, own_y = x[start : start + n], y[start : start + n]
    for k in range(n):
        real, imag = shift + a * g[k], turn - a * h[k]
        ox[k] = real * own_x[k] - imag * own_y[k]
        oy[k] = real * own_y[k] + imag * own_x[k]
    for q in range(count):
        p, b = c[0, q], c[1, q]
        w0, x0, y0 = right[w[q] : w[q] + n], x[s[q] : s[q] + n], y[s[q] : s[q] + n]
        if b == 0:
            for k in range(n):
                ox[k] += p * w0[k] * x0[k]
                oy[k] += p * w0[k] * y0[k]
        elif p == 0:
            for k in range(n):
                ox[k] -= b * w0[k] * y0[k]
                oy[k] += b * w0[k] * x0[k]
        else:
            for k in range(n):
                ox[k] += w0[k] * (p * x0[k] - b * y0[k])
                oy[k] += w0[k] * (b * x0[k] + p * y0[k])


@njit(cache=True)
def _rows(begin, end, state, out, a, shift, size, row_start, row_block, offset, table, left, right, diagonal):
    """out = a (L + shift) state for rows begin … end − 1, without the halo."""
    terms = table.shape[0]
    c, w, s = np.empty((2, terms)), np.empty(terms, np.int64), np.empty(terms, np.int64)
    flat = right.ravel()
    for r in range(begin, end):
        b = row_block[r]
        i = r - row_start[b]
        n = size[b] - i
        start = offset[r] + i
        count = _active(r, b, i, a, row_start, offset, table, left, c, w, s)
        g = diagonal[0, r : r + n]
        own = a * (shift + g[0])
        if left.shape[0] == 2:
            h = diagonal[1, r : r + n]
            _complex_row(state[0], state[1], out[0], out[1], start, n, g, h, flat, a, own, a * h[0], count, c, w, s)
        elif state.shape[0] == 2:
            _two_planes(state[0], state[1], out[0], out[1], start, n, g, flat, a, own, count, c, w, s)
        else:
            _one_plane(state[0], out[0], start, n, g, flat, a, own, count, c, w, s)


@njit(cache=True)
def _mirror(begin, end, state, row_start, row_block, offset, halo):
    """Fill the halo: ρ_ik = ρ_ki* for i − halo ≤ k < i."""
    for r in range(begin, end):
        first = row_start[row_block[r]]
        i = r - first
        for k in range(max(0, i - halo), i):
            at = offset[first + k] + i
            state[0, offset[r] + k] = state[0, at]
            if state.shape[0] == 2:
                state[1, offset[r] + k] = -state[1, at]


def _serial_and_parallel(function):
    """The function compiled twice: (one thread, without a thread pool to wait for; all threads)."""
    serial = types.FunctionType(function.__code__, function.__globals__, function.__name__ + "_serial")
    serial.__qualname__, serial.__module__ = serial.__name__, function.__module__  # a cache file of its own
    return njit(cache=True)(serial), njit(parallel=True, cache=True)(function)


@_serial_and_parallel
def apply(state, out, shift, size, row_start, row_block, offset, halo, table, left, right, diagonal, bounds):
    """out = (L + shift) state, halo included."""
    for j in prange(bounds.size - 1):
        _rows(
            bounds[j],
            bounds[j + 1],
            state,
            out,
            1.0,
            shift,
            size,
            row_start,
            row_block,
            offset,
            table,
            left,
            right,
            diagonal,
        )
    for j in prange(bounds.size - 1):
        _mirror(bounds[j], bounds[j + 1], out, row_start, row_block, offset, halo)


@njit(cache=True, fastmath=FAST | {"reassoc"})
def _add(begin, end, term, acc, square, size, row_start, row_block, offset):
    """acc += term, square[row] = Σ|term|² of the row and its mirror image; what is tiny in the term becomes zero."""
    for r in range(begin, end):
        b = row_block[r]
        i = r - row_start[b]
        start, n = offset[r] + i, size[b] - i
        total = 0.0
        for p in range(term.shape[0]):
            t, u = term[p, start : start + n], acc[p, start : start + n]
            own = 0.0
            for k in range(n):
                x = t[k]
                x = x if abs(x) > TINY else 0.0
                t[k] = x
                u[k] += x
                own += x * x
            total += 2 * own - t[0] * t[0]
        square[r] = total


@njit(cache=True)
def _bound(square, size, row_start):
    """Σ_J √(2J+1) ‖X_J‖_F ≥ ‖X‖₁ from the sums over rows."""
    total = 0.0
    for b in range(size.size):
        block = 0.0
        for r in range(row_start[b], row_start[b + 1]):
            block += square[r]
        total += np.sqrt(size[b] * block)
    return total


@njit(cache=True)
def _functionals(state, pointer, columns, values, out):
    """out_f = Σ values · state[columns], a sparse product with the flattened state."""
    flat = state.ravel()
    for f in range(out.size):
        total = 0.0
        for e in range(pointer[f], pointer[f + 1]):
            total += values[e] * flat[columns[e]]
        out[f] = total


@_serial_and_parallel
def taylor_step(
    state, first, second, acc, series, square, step, mu, growth, allowed, highest_hump,
    pointer, columns, values,
    size, row_start, row_block, offset, halo, table, left, right, diagonal, bounds,
):  # fmt: skip
    """acc = Σ_k (step (L + mu))^k state / k!, up to the damping e^{−step mu}; series[k] = functionals of the k-th term.

    `growth` is a norm of |L + mu|: term k + 1 is taken to be step·growth/(k + 1) times term k, which gives what is left out.
    Returns (terms used, remainder, hump), both damped: what was left out, and the largest term over the start.
    Stops early, with remainder > allowed, if the hump passes highest_hump or the series is full.
    """
    damping = np.exp(-step * mu)
    acc[:] = 0
    for j in prange(bounds.size - 1):
        _add(bounds[j], bounds[j + 1], state, acc, square, size, row_start, row_block, offset)
    start = _bound(square, size, row_start)
    _functionals(state, pointer, columns, values, series[0])
    largest, bound, remainder = start, start, np.inf
    k = 0
    for k in range(1, series.shape[0]):
        source = state if k == 1 else (second if k % 2 == 0 else first)
        term = first if k % 2 == 0 else second
        for j in prange(bounds.size - 1):
            _rows(
                bounds[j],
                bounds[j + 1],
                source,
                term,
                step / k,
                mu,
                size,
                row_start,
                row_block,
                offset,
                table,
                left,
                right,
                diagonal,
            )
            _add(bounds[j], bounds[j + 1], term, acc, square, size, row_start, row_block, offset)
        for j in prange(bounds.size - 1):
            _mirror(bounds[j], bounds[j + 1], term, row_start, row_block, offset, halo)
        bound = _bound(square, size, row_start)
        _functionals(term, pointer, columns, values, series[k])
        largest = max(largest, bound)
        ratio = step * growth / (k + 1)
        remainder = damping * bound * ratio / (1 - ratio) if ratio < 0.9 else np.inf
        if remainder <= allowed or damping * bound > highest_hump * start:
            break
    for j in prange(bounds.size - 1):
        _mirror(bounds[j], bounds[j + 1], acc, row_start, row_block, offset, halo)
    return k, remainder, damping * largest / start if start > 0 else 0.0


@njit(cache=True)
def pack(full, plane, parity, size, row_start, element_start, row_block, offset):
    """One plane, k ≥ i only, from a full real vector: its symmetric (parity 1) or antisymmetric (−1) part."""
    for r in range(row_block.size):
        b = row_block[r]
        i = r - row_start[b]
        for k in range(i, size[b]):
            upper, lower = full[element_start[b] + i * size[b] + k], full[element_start[b] + k * size[b] + i]
            x = (upper + parity * lower) / 2
            plane[offset[r] + k] = x if abs(x) > TINY else 0.0


@njit(cache=True)
def unpack(plane, full, parity, size, row_start, element_start, row_block, offset):
    """The full real vector of one plane."""
    for r in range(row_block.size):
        b = row_block[r]
        i = r - row_start[b]
        for k in range(i, size[b]):
            x = plane[offset[r] + k]
            full[element_start[b] + k * size[b] + i] = parity * x
            full[element_start[b] + i * size[b] + k] = x


@njit(cache=True)
def mirror(state, row_start, row_block, offset, halo):
    """Fill the halo of a state."""
    _mirror(0, row_block.size, state, row_start, row_block, offset, halo)
