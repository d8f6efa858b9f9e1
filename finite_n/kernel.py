"""The compiled kernels: the list of terms applied to a state, and time steps with every vector update fused in.

A Hermitian state is stored by halves: for every row i of a block only the columns k ≥ i − halo, real parts in plane 0 and,
unless the state is real, imaginary parts in plane 1. `halo` columns left of the diagonal repeat the mirrored elements, so
that every term finds its source in one contiguous run; element (i, k) of row r lies at offset[r] + k. A term's coefficients
vanish where its source does not exist, so inner loops need no bounds, and the planes are padded by finite numbers.

Everything compiled lives in this one file, so that numba's on-disk cache, which watches the file, is never stale.

Index arrays: size, row_start per block; row_block, offset per row. The terms that reach row r are entries
pointer[r] … pointer[r + 1] − 1 of `coefficient` (planes, entries), `weight_at` (where in `right` the coefficients of their
columns begin) and `source_at` (where in a plane their source begins); `right` is real and flat. diagonal (planes, rows): g
with (g_i + g_k*) ρ_ik. For complex generators coefficient and diagonal come as real and imaginary parts in the leading axis.
bounds: row where each thread begins, and the number of rows.
"""

from __future__ import annotations

import types

import numpy as np
from numba import njit, prange

TINY = 1e-150  # set to zero below: products of such numbers are subnormal, and a hundred times slower
CHUNK = 32  # rows that are applied, added and measured while they are in the cache
FAST = {"contract", "nsz"}  # fused multiply-add; no reordering that could change a result between runs


@njit(cache=True, fastmath=FAST)
def _one_plane(x, out, start, n, g, keep, scale, shift, q, end, c, w, s, right):
    """One row of one plane: out = keep out + scale ((g_k + shift) x + Σ_terms c w x)."""
    o = out[start : start + n]
    own = x[start : start + n]
    if keep == 0.0:
        for k in range(n):
            o[k] = (shift + scale * g[k]) * own[k]
    else:
        for k in range(n):
            o[k] = keep * o[k] + (shift + scale * g[k]) * own[k]
    while q + 4 <= end:
        c0, c1, c2, c3 = scale * c[0, q], scale * c[0, q + 1], scale * c[0, q + 2], scale * c[0, q + 3]
        w0, w1 = right[w[q] : w[q] + n], right[w[q + 1] : w[q + 1] + n]
        w2, w3 = right[w[q + 2] : w[q + 2] + n], right[w[q + 3] : w[q + 3] + n]
        x0, x1 = x[s[q] : s[q] + n], x[s[q + 1] : s[q + 1] + n]
        x2, x3 = x[s[q + 2] : s[q + 2] + n], x[s[q + 3] : s[q + 3] + n]
        for k in range(n):
            o[k] += c0 * w0[k] * x0[k] + c1 * w1[k] * x1[k] + c2 * w2[k] * x2[k] + c3 * w3[k] * x3[k]
        q += 4
    while q < end:
        c0, w0, x0 = scale * c[0, q], right[w[q] : w[q] + n], x[s[q] : s[q] + n]
        for k in range(n):
            o[k] += c0 * w0[k] * x0[k]
        q += 1


@njit(cache=True, fastmath=FAST)
def _two_planes(x, y, out_x, out_y, start, n, g, keep, scale, shift, q, end, c, w, s, right):
    """`_one_plane` for both planes of a complex state under a real generator, sharing the coefficients."""
    ox, oy = out_x[start : start + n], out_y[start : start + n]
    own_x, own_y = x[start : start + n], y[start : start + n]
    if keep == 0.0:
        for k in range(n):
            d = shift + scale * g[k]
            ox[k] = d * own_x[k]
            oy[k] = d * own_y[k]
    else:
        for k in range(n):
            d = shift + scale * g[k]
            ox[k] = keep * ox[k] + d * own_x[k]
            oy[k] = keep * oy[k] + d * own_y[k]
    while q + 3 <= end:
        c0, c1, c2 = scale * c[0, q], scale * c[0, q + 1], scale * c[0, q + 2]
        w0, w1, w2 = right[w[q] : w[q] + n], right[w[q + 1] : w[q + 1] + n], right[w[q + 2] : w[q + 2] + n]
        x0, x1, x2 = x[s[q] : s[q] + n], x[s[q + 1] : s[q + 1] + n], x[s[q + 2] : s[q + 2] + n]
        y0, y1, y2 = y[s[q] : s[q] + n], y[s[q + 1] : s[q + 1] + n], y[s[q + 2] : s[q + 2] + n]
        for k in range(n):
            d0, d1, d2 = c0 * w0[k], c1 * w1[k], c2 * w2[k]
            ox[k] += d0 * x0[k] + d1 * x1[k] + d2 * x2[k]
            oy[k] += d0 * y0[k] + d1 * y1[k] + d2 * y2[k]
        q += 3
    while q < end:
        c0, w0 = scale * c[0, q], right[w[q] : w[q] + n]
        x0, y0 = x[s[q] : s[q] + n], y[s[q] : s[q] + n]
        for k in range(n):
            ox[k] += c0 * w0[k] * x0[k]
            oy[k] += c0 * w0[k] * y0[k]
        q += 1


@njit(cache=True, fastmath=FAST)
def _complex_row(x, y, out_x, out_y, start, n, g, h, keep, scale, shift, turn, q, end, c, w, s, right):
    """One row of both planes, ρ = x + iy: the diagonal is (shift + scale g_k) + i (turn − scale h_k).

    Entries come with the purely real coefficients first, then the purely imaginary ones.
    """
    ox, oy = out_x[start : start + n], out_y[start : start + n]
    own_x, own_y = x[start : start + n], y[start : start + n]
    if keep == 0.0:
        for k in range(n):
            real, imag = shift + scale * g[k], turn - scale * h[k]
            ox[k] = real * own_x[k] - imag * own_y[k]
            oy[k] = real * own_y[k] + imag * own_x[k]
    else:
        for k in range(n):
            real, imag = shift + scale * g[k], turn - scale * h[k]
            ox[k] = keep * ox[k] + real * own_x[k] - imag * own_y[k]
            oy[k] = keep * oy[k] + real * own_y[k] + imag * own_x[k]
    while q + 3 <= end and c[1, q] == 0 and c[1, q + 1] == 0 and c[1, q + 2] == 0:
        c0, c1, c2 = scale * c[0, q], scale * c[0, q + 1], scale * c[0, q + 2]
        w0, w1, w2 = right[w[q] : w[q] + n], right[w[q + 1] : w[q + 1] + n], right[w[q + 2] : w[q + 2] + n]
        x0, x1, x2 = x[s[q] : s[q] + n], x[s[q + 1] : s[q + 1] + n], x[s[q + 2] : s[q + 2] + n]
        y0, y1, y2 = y[s[q] : s[q] + n], y[s[q + 1] : s[q + 1] + n], y[s[q + 2] : s[q + 2] + n]
        for k in range(n):
            d0, d1, d2 = c0 * w0[k], c1 * w1[k], c2 * w2[k]
            ox[k] += d0 * x0[k] + d1 * x1[k] + d2 * x2[k]
            oy[k] += d0 * y0[k] + d1 * y1[k] + d2 * y2[k]
        q += 3
    while q < end and c[0, q] != 0:
        a, b = scale * c[0, q], scale * c[1, q]
        w0, x0, y0 = right[w[q] : w[q] + n], x[s[q] : s[q] + n], y[s[q] : s[q] + n]
        for k in range(n):
            ox[k] += w0[k] * (a * x0[k] - b * y0[k])
            oy[k] += w0[k] * (b * x0[k] + a * y0[k])
        q += 1
    while q + 2 <= end:
        b0, b1 = scale * c[1, q], scale * c[1, q + 1]
        w0, w1 = right[w[q] : w[q] + n], right[w[q + 1] : w[q + 1] + n]
        x0, y0 = x[s[q] : s[q] + n], y[s[q] : s[q] + n]
        x1, y1 = x[s[q + 1] : s[q + 1] + n], y[s[q + 1] : s[q + 1] + n]
        for k in range(n):
            d0, d1 = b0 * w0[k], b1 * w1[k]
            ox[k] -= d0 * y0[k] + d1 * y1[k]
            oy[k] += d0 * x0[k] + d1 * x1[k]
        q += 2
    while q < end:
        b = scale * c[1, q]
        w0, x0, y0 = right[w[q] : w[q] + n], x[s[q] : s[q] + n], y[s[q] : s[q] + n]
        for k in range(n):
            ox[k] -= b * w0[k] * y0[k]
            oy[k] += b * w0[k] * x0[k]
        q += 1


@njit(cache=True)
def _rows(
    begin, end, state, out, keep, scale, shift,
    size, row_start, row_block, offset, pointer, coefficient, weight_at, source_at, right, diagonal,
):  # fmt: skip
    """Rows begin … end − 1 of out = keep out + scale (L + shift) state, without the halo."""
    for r in range(begin, end):
        b = row_block[r]
        i = r - row_start[b]
        n = size[b] - i
        start, q, q_end = offset[r] + i, pointer[r], pointer[r + 1]
        g = diagonal[0, r : r + n]
        own = scale * (shift + g[0])
        if coefficient.shape[0] == 2:
            h = diagonal[1, r : r + n]
            _complex_row(
                state[0], state[1], out[0], out[1], start, n, g, h, keep, scale, own, scale * h[0], q, q_end,
                coefficient, weight_at, source_at, right,
            )  # fmt: skip
        elif state.shape[0] == 2:
            _two_planes(
                state[0], state[1], out[0], out[1], start, n, g, keep, scale, own, q, q_end,
                coefficient, weight_at, source_at, right,
            )  # fmt: skip
        else:
            _one_plane(
                state[0], out[0], start, n, g, keep, scale, own, q, q_end, coefficient, weight_at, source_at, right
            )  # fmt: skip


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
def apply(
    state, out, keep, scale, shift,
    size, row_start, row_block, offset, halo, pointer, coefficient, weight_at, source_at, right, diagonal, bounds,
):  # fmt: skip
    """out = keep out + scale (L + shift) state, halo included."""
    for j in prange(bounds.size - 1):
        _rows(
            bounds[j], bounds[j + 1], state, out, keep, scale, shift,
            size, row_start, row_block, offset, pointer, coefficient, weight_at, source_at, right, diagonal,
        )  # fmt: skip
    for j in prange(bounds.size - 1):
        _mirror(bounds[j], bounds[j + 1], out, row_start, row_block, offset, halo)


@njit(cache=True, fastmath=FAST | {"reassoc"})
def _add(begin, end, term, acc, weight, square, size, row_start, row_block, offset):
    """acc += weight term, square[row] = Σ|term|² of the row and its mirror image; what is tiny in the term becomes zero."""
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
                u[k] += weight * x
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
def _rest(k, earlier, largest, weight):
    """What a series leaves out after term k, if later images are up to twice the largest and grow on as the last twenty."""
    growth = 1.0
    if k > 20 and earlier[k - 20] > 0:
        growth = max(1.0, (max(earlier[k], earlier[k - 1]) / max(earlier[k - 20], earlier[k - 21])) ** 0.05)
    rest, factor = 0.0, 2 * largest
    for j in range(k + 1, weight.size):
        factor *= growth
        rest += abs(weight[j]) * factor
    return rest


@njit(cache=True)
def _functionals(begin, end, state, pointer, which, column, value, out):
    """What rows begin … end − 1 add to the linear functionals: out_f += value · state[column]."""
    flat = state.ravel()
    for e in range(pointer[begin], pointer[end]):
        out[which[e]] += value[e] * flat[column[e]]


@_serial_and_parallel
def faber_step(
    state, first, second, acc, series, square, partial, weight, tail, capacity, ratio, mu, allowed, highest,
    f_pointer, f_which, f_column, f_value,
    size, row_start, row_block, offset, halo, pointer, coefficient, weight_at, source_at, right, diagonal, bounds,
):  # fmt: skip
    """acc = Σ_k weight_k F_k((L + mu)/capacity) state with F_0 = 1, F_1 = Z, F_2 = Z² − 2 ratio, F_{k+1} = Z F_k − ratio F_{k−1}.

    series[k] = functionals of the k-th polynomial's image; tail[k] = Σ_{j>k} |weight_j|. Stops at the first k for which the
    rest is ≤ allowed if no later image is larger than twice the largest so far, itself taken to grow on as in the last terms.
    Returns (applications, rest, largest image over the start); stops early, with rest = inf, if that passes `highest`.
    """
    workers = bounds.size - 1
    largest, rest, start = 0.0, np.inf, 0.0
    earlier = np.zeros(weight.size)
    acc[:] = 0
    k = 0
    for k in range(weight.size):
        if k == 0:
            source, term = state, state
        elif k == 1:
            source, term = state, first
        elif k == 2:
            source, term = first, second
            second[:] = state
        else:
            source, term = (first, second) if k % 2 == 0 else (second, first)
        keep = 0.0 if k == 1 else (-2.0 * ratio if k == 2 else -ratio)
        for j in prange(workers):
            partial[j] = 0
            for r in range(bounds[j], bounds[j + 1], CHUNK):
                r_end = min(r + CHUNK, bounds[j + 1])
                if k > 0:
                    _rows(
                        r, r_end, source, term, keep, 1.0 / capacity, mu,
                        size, row_start, row_block, offset, pointer, coefficient, weight_at, source_at, right, diagonal,
                    )  # fmt: skip
                _add(r, r_end, term, acc, weight[k], square, size, row_start, row_block, offset)
                _functionals(r, r_end, term, f_pointer, f_which, f_column, f_value, partial[j])
        if k > 0:
            for j in prange(workers):
                _mirror(bounds[j], bounds[j + 1], term, row_start, row_block, offset, halo)
        series[k] = partial[0]
        for j in range(1, workers):
            series[k] += partial[j]
        norm = _bound(square, size, row_start)
        earlier[k] = norm
        if k == 0:
            start = norm
        largest = max(largest, norm)
        if largest > highest * start:
            break
        if 2 * largest * tail[k] <= allowed:
            rest = _rest(k, earlier, largest, weight)
            if rest <= allowed:
                break
    for j in prange(workers):
        _mirror(bounds[j], bounds[j + 1], acc, row_start, row_block, offset, halo)
    return k, rest, largest / start if start > 0 else 0.0


@_serial_and_parallel
def measure_and_add(
    term, acc, weight, lower, lower_weight, square, partial,
    f_pointer, f_which, f_column, f_value, size, row_start, row_block, offset, bounds,
):  # fmt: skip
    """acc += weight term and lower[i] += lower_weight[i] term, rows only; functionals of the term into partial[0]."""
    workers = bounds.size - 1
    for j in prange(workers):
        partial[j] = 0
        for m in range(lower.shape[0]):
            _add(bounds[j], bounds[j + 1], term, lower[m], lower_weight[m], square, size, row_start, row_block, offset)
        _add(bounds[j], bounds[j + 1], term, acc, weight, square, size, row_start, row_block, offset)
        _functionals(bounds[j], bounds[j + 1], term, f_pointer, f_which, f_column, f_value, partial[j])
    for j in range(1, workers):
        partial[0] += partial[j]


@njit(cache=True)
def norm_bound(state, square, size, row_start, row_block, offset):
    """Σ_J √(2J+1) ‖X_J‖_F ≥ ‖X‖₁ of a stored state."""
    for r in range(row_block.size):
        i = r - row_start[row_block[r]]
        start, n = offset[r] + i, size[row_block[r]] - i
        square[r] = 0.0
        for p in range(state.shape[0]):
            t = state[p, start : start + n]
            square[r] += 2 * np.sum(t * t) - t[0] * t[0]
    return _bound(square, size, row_start)


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


@njit(cache=True)
def reach(found, queue, count, limit, forward, size, row_start, element_start, shifts, left_used, right_used):
    """Mark all elements that the first `count` elements of the queue lead to (forward) or that lead to them, until more than
    `limit` are marked.

    shifts (terms, 3): hop, left shift, right shift; left_used, right_used (terms, rows). Returns how many are marked.
    """
    head = 0
    while head < count:
        element = queue[head]
        head += 1
        b = np.searchsorted(element_start, element, side="right") - 1
        i, k = divmod(element - element_start[b], size[b])
        for t in range(shifts.shape[0]):
            hop, up, across = shifts[t]
            if forward:
                to, i_to, k_to = b - hop, i + hop - up, k + hop - across
            else:
                to, i_to, k_to = b + hop, i - hop + up, k - hop + across
            if to < 0 or to >= size.size or not (0 <= i_to < size[to]) or not (0 <= k_to < size[to]):
                continue
            row, column = (
                (row_start[to] + i_to, row_start[to] + k_to) if forward else (row_start[b] + i, row_start[b] + k)
            )
            if left_used[t, row] and right_used[t, column]:
                target = element_start[to] + i_to * size[to] + k_to
                if not found[target]:
                    if count >= limit:
                        return limit + 1
                    found[target] = True
                    queue[count] = target
                    count += 1
    return count


@njit(cache=True)
def sparse_apply(begin, end, x, out, keep, scale, shift, pointer, columns, data):
    """Rows begin … end − 1 of out = keep out + scale (A + shift) x."""
    for r in range(begin, end):
        total = shift * x[r]
        for e in range(pointer[r], pointer[r + 1]):
            total += data[e] * x[columns[e]]
        out[r] = (keep * out[r] if keep != 0.0 else 0.0) + scale * total


@njit(cache=True)
def sparse_add(begin, end, term, acc, weight, f_pointer, f_which, f_value, functionals):
    """acc += weight term on rows begin … end − 1, functionals of the term; returns Σ|term|. What is tiny becomes zero."""
    total = 0.0
    for r in range(begin, end):
        x = term[r]
        x = x if abs(x) > TINY else 0.0
        term[r] = x
        acc[r] += weight * x
        total += abs(x)
        for e in range(f_pointer[r], f_pointer[r + 1]):
            functionals[f_which[e]] += f_value[e] * x
    return total


@njit(cache=True)
def sparse_faber_step(
    state, first, second, acc, series, weight, tail, capacity, ratio, mu, allowed, highest,
    f_pointer, f_which, f_value, pointer, columns, data, low, high, bandwidth,
):  # fmt: skip
    """`faber_step` for a sparse matrix and a state that is zero outside rows low … high − 1; sizes are 2 Σ|x|."""
    reach = min(weight.size * bandwidth, state.size)
    left, right = max(0, low - reach), min(state.size, high + reach)
    acc[left:right] = 0
    first[left:right] = 0
    second[left:right] = state[left:right]
    largest, rest, start = 0.0, np.inf, 0.0
    earlier = np.zeros(weight.size)
    k = 0
    for k in range(weight.size):
        begin, end = max(0, low - k * bandwidth), min(state.size, high + k * bandwidth)
        if k == 0:
            term = state
        elif k == 1:
            term = first
            sparse_apply(begin, end, state, term, 0.0, 1.0 / capacity, mu, pointer, columns, data)
        else:
            source, term = (first, second) if k % 2 == 0 else (second, first)
            keep = -2.0 * ratio if k == 2 else -ratio
            sparse_apply(begin, end, source, term, keep, 1.0 / capacity, mu, pointer, columns, data)
        norm = 2 * sparse_add(begin, end, term, acc, weight[k], f_pointer, f_which, f_value, series[k])
        earlier[k] = norm
        if k == 0:
            start = norm
        largest = max(largest, norm)
        if largest > highest * start:
            break
        if 2 * largest * tail[k] <= allowed:
            rest = _rest(k, earlier, largest, weight)
            if rest <= allowed:
                break
    return k, rest, largest / start if start > 0 else 0.0
