"""The compiled kernels: the list of terms applied to a state, and time steps with every vector update fused in.

A Hermitian state is stored by halves: for every row i of a block only the columns k ≥ i − halo, real parts in plane 0 and,
unless the state is real, imaginary parts in plane 1. `halo` columns left of the diagonal repeat the mirrored elements, so
that every term finds its source in one contiguous run; element (i, k) of row r lies at offset[r] + k. A term's coefficients
vanish where its source does not exist, so inner loops need no bounds; they overrun a row by less than LANES columns, into
padding that is set to zero again.

Everything compiled lives in this one file, so that numba's on-disk cache, which watches the file, is never stale.

Index arrays: size, row_start per block; row_block, offset per row. The terms that reach row r are entries
pointer[0, r] … pointer[0, r + 1] − 1, and with imaginary coefficients pointer[1, r] …, of `coefficient`, `weight_at` (where in
`right` the coefficients of their columns begin) and `source_at` (where in a plane their source begins); `right` is real, flat and
padded. diagonal (1 or 2, rows): real and, for complex generators, imaginary part of g with (g_i + g_k*) ρ_ik.
bounds: row where each thread begins, and the number of rows.
"""

from __future__ import annotations

from types import FunctionType

import numpy as np
from llvmlite import ir
from numba import njit, prange, types
from numba.core import cgutils
from numba.extending import intrinsic

TINY = 1e-150  # set to zero below: products of such numbers are subnormal, and a hundred times slower
LANES = 8  # columns taken together; every stored row is followed by as many zeros
CHUNK = 64  # rows that are applied, added and measured while they are in the cache
FAST = {"contract", "nsz"}  # fused multiply-add; no reordering that could change a result between runs


def _vector_loop(planes: int):
    """LLVM code: for every chunk of LANES columns, sums over terms are held in registers from the first term to the last.

    A plain loop over columns for every term is bound by its loads, stores and overlap checks on rows of tens of numbers.
    """
    vector, i64 = ir.VectorType(ir.DoubleType(), LANES), ir.IntType(64)
    mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    flags = tuple(sorted(FAST))

    def codegen(context, builder, signature, arguments):
        def data(i):
            return context.make_array(signature.args[i])(context, builder, arguments[i]).data

        def at(base, index):
            return builder.bitcast(builder.gep(base, [index]), vector.as_pointer())

        def load(base, index):
            return builder.load(at(base, index), align=8)

        def everywhere(number):
            one = builder.insert_element(ir.Constant(vector, ir.Undefined), number, ir.Constant(ir.IntType(32), 0))
            return builder.shuffle_vector(one, one, mask)

        outs, sources = [data(i) for i in range(planes)], [data(planes + i) for i in range(planes)]
        right, coefficient, weight_at, source_at = (data(2 * planes + i) for i in range(4))
        start, n, q_begin, q_end, *scales = arguments[2 * planes + 4 :]
        sums = [cgutils.alloca_once(builder, vector) for _ in range(planes)]
        zero, one, lanes = (ir.Constant(i64, x) for x in (0, 1, LANES))
        with cgutils.for_range_slice(builder, zero, n, lanes, intp=i64) as (k, _):
            here = builder.add(start, k)
            for out, total in zip(outs, sums, strict=True):
                builder.store(load(out, here), total)
            with cgutils.for_range_slice(builder, q_begin, q_end, one, intp=i64) as (q, _):
                c = builder.load(builder.gep(coefficient, [q]))
                weight = load(right, builder.add(builder.load(builder.gep(weight_at, [q])), k))
                position = builder.add(builder.load(builder.gep(source_at, [q])), k)
                for source, total, scale in zip(sources, sums, scales, strict=True):
                    factor = builder.fmul(everywhere(builder.fmul(scale, c)), weight, flags=flags)
                    product = builder.fmul(factor, load(source, position), flags=flags)
                    builder.store(builder.fadd(builder.load(total), product, flags=flags), total)
            for out, total in zip(outs, sums, strict=True):
                builder.store(builder.load(total), at(out, here), align=8)
        return context.get_dummy_value()

    return codegen


@intrinsic
def _accumulate(typing, out, x, right, coefficient, weight_at, source_at, start, n, q_begin, q_end, scale):
    """out[start + k] += scale Σ_q c_q right[w_q + k] x[s_q + k] for k = 0 … n − 1, and up to LANES − 1 columns beyond."""
    numbers = 4 * [types.int64] + [types.float64]
    return types.void(out, x, right, coefficient, weight_at, source_at, *numbers), _vector_loop(1)


@intrinsic
def _accumulate_two(
    typing, out_x, out_y, x, y, right, coefficient, weight_at, source_at, start, n, q_begin, q_end, scale_x, scale_y
):
    """`_accumulate` from x into out_x and from y into out_y, with the same coefficients but a scale for each."""
    numbers = 4 * [types.int64] + 2 * [types.float64]
    signature = types.void(out_x, out_y, x, y, right, coefficient, weight_at, source_at, *numbers)
    return signature, _vector_loop(2)


# Row loops stand inside the functions that do the work: handing arrays to a function for every row would count references,
# atomically, and threads would wait for each other.


@njit(cache=True, fastmath=FAST)
def _one_plane(
    begin, end, x, out, keep, scale, shift,
    size, row_start, row_block, offset, pointer, coefficient, weight_at, source_at, right, diagonal,
):  # fmt: skip
    """Rows of one plane: out = keep out + scale ((g_i + g_k + shift) x + Σ_terms c w x)."""
    for r in range(begin, end):
        i = r - row_start[row_block[r]]
        n = size[row_block[r]] - i
        start = offset[r] + i
        o, own, g = out[start : start + n], x[start : start + n], diagonal[0, r : r + n]
        d = scale * (shift + g[0])
        if keep == 0.0:
            for k in range(n):
                o[k] = (d + scale * g[k]) * own[k]
        else:
            for k in range(n):
                o[k] = keep * o[k] + (d + scale * g[k]) * own[k]
        _accumulate(
            out, x, right, coefficient, weight_at, source_at, start, n, pointer[0, r], pointer[0, r + 1], scale
        )  # fmt: skip
        out[start + n : start + n + LANES] = 0.0


@njit(cache=True, fastmath=FAST)
def _two_planes(
    begin, end, x, y, out_x, out_y, keep, scale, shift,
    size, row_start, row_block, offset, pointer, coefficient, weight_at, source_at, right, diagonal,
):  # fmt: skip
    """Rows of both planes of ρ = x + iy; imaginary coefficients come after the real ones."""
    mixes = diagonal.shape[0] == 2
    for r in range(begin, end):
        i = r - row_start[row_block[r]]
        n = size[row_block[r]] - i
        start = offset[r] + i
        ox, oy = out_x[start : start + n], out_y[start : start + n]
        own_x, own_y = x[start : start + n], y[start : start + n]
        g = diagonal[0, r : r + n]
        d = scale * (shift + g[0])
        if keep == 0.0:
            for k in range(n):
                ox[k] = (d + scale * g[k]) * own_x[k]
                oy[k] = (d + scale * g[k]) * own_y[k]
        else:
            for k in range(n):
                ox[k] = keep * ox[k] + (d + scale * g[k]) * own_x[k]
                oy[k] = keep * oy[k] + (d + scale * g[k]) * own_y[k]
        if mixes:
            h = diagonal[1, r : r + n]
            for k in range(n):
                ox[k] -= scale * (h[0] - h[k]) * own_y[k]
                oy[k] += scale * (h[0] - h[k]) * own_x[k]
        _accumulate_two(
            out_x, out_y, x, y, right, coefficient, weight_at, source_at, start, n,
            pointer[0, r], pointer[0, r + 1], scale, scale,
        )  # fmt: skip
        if mixes:
            _accumulate_two(
                out_x, out_y, y, x, right, coefficient, weight_at, source_at, start, n,
                pointer[1, r], pointer[1, r + 1], -scale, scale,
            )  # fmt: skip
        out_x[start + n : start + n + LANES] = 0.0
        out_y[start + n : start + n + LANES] = 0.0


@njit(cache=True)
def _rows(
    begin, end, state, out, keep, scale, shift,
    size, row_start, row_block, offset, pointer, coefficient, weight_at, source_at, right, diagonal,
):  # fmt: skip
    """Rows begin … end − 1 of out = keep out + scale (L + shift) state, without the halo."""
    if state.shape[0] == 2:
        _two_planes(
            begin, end, state[0], state[1], out[0], out[1], keep, scale, shift,
            size, row_start, row_block, offset, pointer, coefficient, weight_at, source_at, right, diagonal,
        )  # fmt: skip
    else:
        _one_plane(
            begin, end, state[0], out[0], keep, scale, shift,
            size, row_start, row_block, offset, pointer, coefficient, weight_at, source_at, right, diagonal,
        )  # fmt: skip


@njit(cache=True)
def _mirror(begin, end, state, size, row_start, row_block, offset, halo):
    """Fill the halo of later rows from rows begin … end − 1: ρ_ki = ρ_ik* for i < k ≤ i + halo."""
    for r in range(begin, end):
        b = row_block[r]
        i = r - row_start[b]
        at = offset[r] + i
        for d in range(1, min(halo, size[b] - i - 1) + 1):
            state[0, offset[r + d] + i] = state[0, at + d]
            if state.shape[0] == 2:
                state[1, offset[r + d] + i] = -state[1, at + d]


def _serial_and_parallel(function):
    """The function compiled twice: (one thread, without a thread pool to wait for; all threads)."""
    serial = FunctionType(function.__code__, function.__globals__, function.__name__ + "_serial")
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
        _mirror(bounds[j], bounds[j + 1], out, size, row_start, row_block, offset, halo)


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
def _functionals(state, pointer, column, value, out):
    """out_f = Σ value · state[column] over entries pointer[f] … pointer[f + 1] − 1: what one thread's rows contribute."""
    flat = state.ravel()
    for f in range(out.size):
        total = 0.0
        for e in range(pointer[f], pointer[f + 1]):
            total += value[e] * flat[column[e]]
        out[f] = total


@_serial_and_parallel
def faber_step(
    state, first, second, acc, series, square, partial, weight, tail, capacity, ratio, mu, allowed, highest,
    f_pointer, f_column, f_value,
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
            for r in range(bounds[j], bounds[j + 1], CHUNK):
                r_end = min(r + CHUNK, bounds[j + 1])
                if k > 0:
                    _rows(
                        r, r_end, source, term, keep, 1.0 / capacity, mu,
                        size, row_start, row_block, offset, pointer, coefficient, weight_at, source_at, right, diagonal,
                    )  # fmt: skip
                _add(r, r_end, term, acc, weight[k], square, size, row_start, row_block, offset)
                if k > 0:
                    _mirror(r, r_end, term, size, row_start, row_block, offset, halo)
            _functionals(term, f_pointer[j], f_column, f_value, partial[j])
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
    _mirror(0, row_block.size, acc, size, row_start, row_block, offset, halo)
    return k, rest, largest / start if start > 0 else 0.0


@_serial_and_parallel
def measure_and_add(
    term, acc, weight, lower, lower_weight, square, partial,
    f_pointer, f_column, f_value, size, row_start, row_block, offset, bounds,
):  # fmt: skip
    """acc += weight term and lower[i] += lower_weight[i] term, rows only; functionals of the term into partial[0]."""
    workers = bounds.size - 1
    for j in prange(workers):
        for m in range(lower.shape[0]):
            _add(bounds[j], bounds[j + 1], term, lower[m], lower_weight[m], square, size, row_start, row_block, offset)
        _add(bounds[j], bounds[j + 1], term, acc, weight, square, size, row_start, row_block, offset)
        _functionals(term, f_pointer[j], f_column, f_value, partial[j])
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
def mirror(state, size, row_start, row_block, offset, halo):
    """Fill the halo of a state."""
    _mirror(0, row_block.size, state, size, row_start, row_block, offset, halo)


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
