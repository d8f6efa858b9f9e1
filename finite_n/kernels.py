"""The compiled kernels: the list of terms applied to a state, and time steps with every vector update fused in.

A Hermitian state is stored by halves: for every row i of a block only the columns k ≥ i − halo, real parts in plane 0
and, unless the state is real, imaginary parts in plane 1. `halo` columns left of the diagonal repeat the mirrored
elements, so that every term finds its source in one contiguous run; element (i, k) of row r lies at offset[r] + k. A
term's coefficients vanish where its source does not exist, so inner loops need no bounds; they overrun a row by less
than LANES columns, into padding where they write zeros.

Everything compiled lives in this one file, so that numba's on-disk cache, which watches the file, is never stale.

Index arrays: size, row_start per block; row_block, offset per row, the latter negative for rows that do not exist. The
terms of kind κ that reach row r are entries cut[KINDS r + κ] … cut[KINDS r + κ + 1] − 1 of `coefficient`, `weight_at`
(where in `right` the coefficients of their columns begin) and `source_at` (where in a plane their source begins);
`right` is real, flat and padded. OWN terms take from the element itself; BARE ones have the same coefficient for all
columns, WEIGHTED ones do not; the last two kinds are the same with imaginary coefficients. diagonal (1 or 2, rows):
real and, unless it is zero, imaginary part of g with (g_i + g_k*) ρ_ik.
bounds: row where each thread begins, and the number of rows.
"""

from __future__ import annotations

from types import FunctionType

import numpy as np
from llvmlite import ir
from numba import prange, types
from numba.core import cgutils
from numba.extending import intrinsic

from finite_n.compiled import inner_njit, njit

TINY = 1e-150  # set to zero below: products of such numbers are subnormal, and a hundred times slower
LANES = 8  # columns taken together; every stored row is followed by as many zeros
MEASURED = 8  # every so many terms of a series are measured, and freed of tiny numbers
OWN, BARE, WEIGHTED, BARE_IMAGINARY, IMAGINARY = range(5)  # kinds of terms
KINDS = 5
TOGETHER = 3  # terms of a series added at a time
COMBINED = 512  # numbers of states that are added up at a time
FARTHER = 60  # terms to come that are looked at
CHUNK = 64  # rows that are applied, added and measured while they are in the cache
FAST = {"contract", "nsz"}  # fused multiply-add; no reordering that could change a result between runs


def _vector_loop(planes: int):
    """LLVM code: for every two chunks of LANES columns, then the last one, sums over terms are held in registers from
    the first term to the last.

    A plain loop over columns for every term is bound by its loads, stores and overlap checks on rows of tens of
    numbers.
    """
    vector, i64 = ir.VectorType(ir.DoubleType(), LANES), ir.IntType(64)
    mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    whole = ir.VectorType(i64, LANES)
    lane, zeros = ir.Constant(whole, list(range(LANES))), ir.Constant(vector, [0.0] * LANES)
    flags = tuple(sorted(FAST))

    def codegen(context, builder, signature, arguments):
        def data(i):
            return context.make_array(signature.args[i])(context, builder, arguments[i]).data

        def at(base, index):
            return builder.bitcast(builder.gep(base, [index]), vector.as_pointer())

        def load(base, index):
            return builder.load(at(base, index), align=8)

        def number(base, index):
            value = builder.load(builder.gep(base, [index]))
            return builder.sext(value, i64) if value.type == ir.IntType(32) else value

        def everywhere(number, vector=vector):
            one = builder.insert_element(ir.Constant(vector, ir.Undefined), number, ir.Constant(ir.IntType(32), 0))
            return builder.shuffle_vector(one, one, mask)

        def multiply_add(a, b, c, sign=1):
            return (builder.fadd if sign > 0 else builder.fsub)(c, builder.fmul(a, b, flags=flags), flags=flags)

        outs, sources, accs = ([data(j * planes + i) for i in range(planes)] for j in range(3))
        right, coefficient, weight_at, source_at, cut, diagonal = (data(3 * planes + i) for i in range(6))
        arrays = 3 * planes + 6 + (planes == 2)  # the last one is the imaginary diagonal
        start, n, row, keep, own, slope, weight, before, earlier, *turns = arguments[arrays:]
        zero, one, both = (ir.Constant(i64, x) for x in (0, 1, 2 * LANES))
        first_cut = builder.mul(row, ir.Constant(i64, KINDS))
        cuts = [number(cut, builder.add(first_cut, ir.Constant(i64, kind))) for kind in range(KINDS + 1)]
        adds = builder.fcmp_unordered("!=", weight, ir.Constant(ir.DoubleType(), 0.0))
        keep, own, slope, weight, before, earlier = (everywhere(x) for x in (keep, own, slope, weight, before, earlier))
        held = [[cgutils.alloca_once(builder, vector) for _ in range(planes)] for _ in range(2)]
        factors = [cgutils.alloca_once(builder, vector) for _ in range(2)]

        def columns(k, chunks):
            """Columns k … k + chunks · LANES − 1, of which all but the last LANES exist."""
            starts = [builder.add(k, ir.Constant(i64, j * LANES)) for j in range(chunks)]
            places = [builder.add(start, k) for k in starts]

            def entries(kind):
                return cgutils.for_range_slice(builder, cuts[kind], cuts[kind + 1], one, intp=i64)

            def factor_of(q):
                return everywhere(number(coefficient, q))

            def weights(q):
                begin = number(weight_at, q)
                return [load(right, builder.add(begin, at_k)) for at_k in starts]

            def add_sources(q, by, sources, signs):
                begin = number(source_at, q)
                for at_k, b, sums in zip(starts, by, held, strict=False):
                    for source, total, sign in zip(sources, sums, signs, strict=True):
                        x = load(source, builder.add(begin, at_k))
                        builder.store(multiply_add(b, x, builder.load(total), sign), total)

            def add_terms(bare, weighted, sources, signs):
                with entries(bare) as (q, _):
                    add_sources(q, chunks * [factor_of(q)], sources, signs)
                with entries(weighted) as (q, _):
                    c = factor_of(q)
                    add_sources(q, [builder.fmul(c, w, flags=flags) for w in weights(q)], sources, signs)

            for at_k, factor in zip(starts, factors, strict=False):
                builder.store(multiply_add(slope, load(diagonal, builder.add(row, at_k)), own), factor)
            with entries(OWN) as (q, _):
                c = factor_of(q)
                for w, factor in zip(weights(q), factors, strict=False):
                    builder.store(multiply_add(c, w, builder.load(factor)), factor)
            for here, factor, sums in zip(places, factors, held, strict=False):
                for out, source, total in zip(outs, sources, sums, strict=True):
                    kept = builder.fmul(keep, load(out, here), flags=flags)
                    builder.store(multiply_add(builder.load(factor), load(source, here), kept), total)
            add_terms(BARE, WEIGHTED, sources, [1] * planes)
            if turns:  # i c (x + i y) = −c y + i c x
                turn, turn_slope = (everywhere(x) for x in turns)
                with builder.if_then(builder.fcmp_unordered("!=", turns[1], ir.Constant(ir.DoubleType(), 0.0))):
                    for at_k, here, sums in zip(starts, places, held, strict=False):
                        angle = multiply_add(turn_slope, load(data(arrays - 1), builder.add(row, at_k)), turn)
                        for source, total, sign in zip(sources[::-1], sums, [-1, 1], strict=True):
                            builder.store(multiply_add(angle, load(source, here), builder.load(total), sign), total)
                with builder.if_then(builder.icmp_signed("<", cuts[BARE_IMAGINARY], cuts[KINDS])):
                    add_terms(BARE_IMAGINARY, IMAGINARY, sources[::-1], [-1, 1])
            inside = builder.icmp_signed("<", lane, everywhere(builder.sub(n, starts[-1]), whole))
            results = [[builder.load(total) for total in sums] for sums in held[:chunks]]
            results[-1] = [builder.select(inside, x, zeros) for x in results[-1]]
            with builder.if_then(adds):
                for here, parts in zip(places, results, strict=True):
                    for out, source, acc, result in zip(outs, sources, accs, parts, strict=True):
                        more = multiply_add(earlier, load(out, here), load(acc, here))
                        more = multiply_add(weight, result, multiply_add(before, load(source, here), more))
                        builder.store(more, at(acc, here), align=8)
            for here, parts in zip(places, results, strict=True):
                for out, result in zip(outs, parts, strict=True):
                    builder.store(result, at(out, here), align=8)

        paired = builder.mul(builder.sdiv(builder.add(n, ir.Constant(i64, LANES - 1)), both), both)
        with cgutils.for_range_slice(builder, zero, paired, both, intp=i64) as (k, _):
            columns(k, 2)
        with builder.if_then(builder.icmp_signed("<", paired, n)):
            columns(paired, 1)
        return context.get_dummy_value()

    return codegen


_NUMBERS = 3 * [types.int64] + 6 * [types.float64]


@intrinsic
def _row(
    typing, out, x, acc, right, coefficient, weight_at, source_at, cut, diagonal,
    start, n, row, keep, own, slope, weight, before, earlier,
):  # fmt: skip
    """Columns k = 0 … n − 1 of a row that begins at `start`, and zeros in up to LANES − 1 beyond:
    out = keep out + (own + slope g_k) x + Σ_q c_q right[w_q + k] x[s_q + k], then acc += weight out +
    before x + earlier (out as it was), unless weight is zero."""
    arrays = (out, x, acc, right, coefficient, weight_at, source_at, cut, diagonal)
    return types.void(*arrays, *_NUMBERS), _vector_loop(1)


@intrinsic
def _row_of_two(
    typing, out_x, out_y, x, y, acc_x, acc_y, right, coefficient, weight_at, source_at, cut, diagonal, imaginary,
    start, n, row, keep, own, slope, weight, before, earlier, turn, turn_slope,
):  # fmt: skip
    """`_row` for both planes of x + iy, and imaginary entries with i c_q in place of c_q; i (turn + turn_slope h_k) is
    added to the diagonal."""
    arrays = (out_x, out_y, x, y, acc_x, acc_y, right, coefficient, weight_at, source_at, cut, diagonal, imaginary)
    return types.void(*arrays, *_NUMBERS, types.float64, types.float64), _vector_loop(2)


# Positions in inner loops are unsigned: a signed one might count from the end, and asking so for every element stands
# in the way of vectors.

# Row loops stand inside the functions that do the work: handing arrays to a function for every row would count
# references, atomically, and threads would wait for each other.


@inner_njit()
def _rows(
    begin, end, state, out, acc, weight, before, earlier, keep, scale, shift,
    size, row_start, row_block, offset, cut, coefficient, weight_at, source_at, right, diagonal,
):  # fmt: skip
    """Rows begin … end − 1 of out = keep out + scale (L + shift) state, without the halo, where `coefficient` has been
    scaled; acc as in `_row`."""
    last, other = state.shape[0] - 1, diagonal.shape[0] - 1
    x, out_x, acc_x, real = state[0], out[0], acc[0], diagonal[0]
    y, out_y, acc_y, imaginary = state[last], out[last], acc[last], diagonal[other]
    turn_slope = -scale if other > 0 else 0.0
    for r in range(begin, end):
        if offset[r] < 0:
            continue
        i = r - row_start[row_block[r]]
        start, n, own = offset[r] + i, size[row_block[r]] - i, scale * (shift + real[r])
        if last > 0:
            _row_of_two(
                out_x, out_y, x, y, acc_x, acc_y, right, coefficient, weight_at, source_at, cut, real, imaginary,
                start, n, r, keep, own, scale, weight, before, earlier, -turn_slope * imaginary[r], turn_slope,
            )  # fmt: skip
        else:
            _row(
                out_x, x, acc_x, right, coefficient, weight_at, source_at, cut, real,
                start, n, r, keep, own, scale, weight, before, earlier,
            )  # fmt: skip


@inner_njit()
def _mirror(begin, end, state, size, row_start, row_block, offset, halo):
    """Fill the halo of later rows from rows begin … end − 1: ρ_ki = ρ_ik* for i < k ≤ i + halo.

    ρ_ii* = ρ_ii too: imaginary parts that rounding leaves there would never decay, and drive what is beside them, as
    t².
    """
    x, y = state[0], state[state.shape[0] - 1]
    for r in range(begin, end):
        if offset[r] < 0:
            continue
        b = row_block[r]
        i = r - row_start[b]
        at = offset[r] + i
        if state.shape[0] == 2:
            y[at] = 0.0
        for d in range(1, min(halo, size[b] - i - 1) + 1):
            if offset[r + d] >= 0:
                to = offset[r + d] + i
                x[to] = x[at + d]
                if state.shape[0] == 2:
                    y[to] = -y[at + d]


def _serial_and_parallel(function):
    """The function compiled twice: (one thread, without a thread pool to wait for; all threads)."""
    serial = FunctionType(function.__code__, function.__globals__, function.__name__ + "_serial")
    serial.__qualname__, serial.__module__ = serial.__name__, function.__module__  # a cache file of its own
    return njit(cache=True)(serial), njit(parallel=True, cache=True)(function)


@_serial_and_parallel
def apply(
    state, out, keep, scale, shift,
    size, row_start, row_block, offset, halo, cut, coefficient, weight_at, source_at, right, diagonal, bounds,
):  # fmt: skip
    """out = keep out + scale (L + shift) state, halo included."""
    scaled = np.empty(coefficient.size)
    for q in range(scaled.size):
        scaled[q] = scale * coefficient[q]
    for j in prange(bounds.size - 1):
        _rows(
            bounds[j], bounds[j + 1], state, out, out, 0.0, 0.0, 0.0, keep, scale, shift,
            size, row_start, row_block, offset, cut, scaled, weight_at, source_at, right, diagonal,
        )  # fmt: skip
        _mirror(bounds[j], bounds[j + 1], out, size, row_start, row_block, offset, halo)


@inner_njit(fastmath=FAST)
def _add(begin, end, term, acc, weight, size, row_start, row_block, offset):
    """acc += weight term."""
    for p in range(term.shape[0]):
        t, u = term[p], acc[p]
        for r in range(begin, end):
            if offset[r] < 0:
                continue
            i = r - row_start[row_block[r]]
            start, n = np.uint64(offset[r] + i), np.uint64(size[row_block[r]] - i)
            for k in range(start, start + n):
                u[k] += weight * t[k]


@inner_njit(fastmath=FAST | {"reassoc"})
def _squares(begin, end, term, square, size, row_start, row_block, offset):
    """square[row] = Σ|term|² of the row and its mirror image; what is tiny in the term becomes zero."""
    square[begin:end] = 0.0
    for p in range(term.shape[0]):
        t = term[p]
        for r in range(begin, end):
            if offset[r] < 0:
                continue
            i = r - row_start[row_block[r]]
            start, n = np.uint64(offset[r] + i), np.uint64(size[row_block[r]] - i)
            total = 0.0
            for k in range(start, start + n):
                x = t[k] if abs(t[k]) > TINY else 0.0
                t[k] = x
                total += x * x
            square[r] += 2 * total - t[start] * t[start]


@inner_njit()
def _bound(square, size, row_start):
    """Σ_J √(2J+1) ‖X_J‖_F ≥ ‖X‖₁ from the sums over rows."""
    total = 0.0
    for b in range(size.size):
        block = 0.0
        for r in range(row_start[b], row_start[b + 1]):
            block += square[r]
        total += np.sqrt(size[b] * block)
    return total


@inner_njit()
def _judged(k, size, sizes, weight, tail, allowed, highest):
    """Notes the size of term k; what the series leaves out after it (inf where that is surely too much), and whether to
    stop.

    Inside the ellipse the envelope of later images does not rise: they are taken to be up to twice the largest of the
    last few, and to grow on where those did. `sizes`: of every MEASURED-th image and of the last.
    """
    now = (k + MEASURED - 1) // MEASURED
    sizes[now] = size
    recent = max(size, sizes[max(0, now - 1)], sizes[max(0, now - 2)])
    if size > highest * sizes[0]:
        return np.inf, True
    if 2 * recent * tail[k] > allowed:
        return np.inf, False
    growth = 1.0
    if now >= 3:
        before = max(sizes[now - 2], sizes[now - 3])
        growth = max(1.0, (max(size, sizes[now - 1]) / before) ** (0.5 / MEASURED)) if before > 0 else 1.0
    rest, factor = 0.0, 2 * recent
    for j in range(k + 1, weight.size):
        factor *= growth
        rest += abs(weight[j]) * factor
    return rest, rest <= allowed


@inner_njit()
def _growth(sizes):
    """The largest image over the start."""
    largest = sizes[0]
    for x in sizes:
        if x > largest or x != x:
            largest = x
    return largest / sizes[0] if sizes[0] > 0 else 0.0


@inner_njit()
def _begin(state, second, acc, weight):
    """second = state without what is tiny, acc = weight second."""
    for p in range(state.shape[0]):
        x, y, z = state[p], second[p], acc[p]
        for e in range(np.uint64(x.size)):
            y[e] = x[e] if abs(x[e]) > TINY else 0.0
            z[e] = weight * y[e]


@inner_njit()
def _gather(first, last, state, gathered, kinds, diagonal_at):
    """gathered[q, row] = what lies `distance` right of the diagonal in a plane, (plane, distance) = kinds[q]; where
    that is beyond the row it is some number that no functional uses."""
    end = np.uint64(state.shape[1] - 1)
    for q in range(np.uint64(kinds.shape[0])):
        plane, distance = np.uint64(kinds[q, 0]), np.uint64(kinds[q, 1])
        for r in range(np.uint64(first), np.uint64(last)):
            gathered[q, r] = state[plane, min(diagonal_at[r] + distance, end)]


@inner_njit(fastmath=FAST | {"reassoc"})
def _shares(begin, end, shares, gathered, pointer, runs, value, partial):
    """partial[s] = what the rows shares[s] … shares[s + 1] contribute to the functionals, see `Functionals.compiled`,
    for the shares that begin in begin … end."""
    for s in range(len(partial)):
        if begin <= shares[s] < end:
            for f in range(partial.shape[1]):
                total = 0.0
                for q in range(pointer[f], pointer[f + 1]):
                    low, high = max(shares[s], runs[q, 1]), min(shares[s + 1], runs[q, 2])
                    kind, from_low = np.uint64(runs[q, 0]), np.uint64(low)
                    from_value = np.uint64(runs[q, 3] + low - runs[q, 1])
                    for e in range(np.uint64(max(0, high - low))):
                        total += value[from_value + e] * gathered[kind, from_low + e]
                partial[s, f] = total


@_serial_and_parallel
def faber_step(
    state, first, second, acc, series, square, partial, weight, tail, capacity, ratio, mu, allowed, highest,
    gathered, f_diagonal_at, f_kinds, f_pointer, f_runs, f_value,
    size, row_start, row_block, offset, halo, cut, coefficient, weight_at, source_at, right, diagonal, bounds, shares,
):  # fmt: skip
    """acc = Σ_k weight_k F_k((L + mu)/capacity) state with F_0 = 1, F_1 = Z, F_2 = Z² − 2 ratio, F_{k+1} = Z F_k −
    ratio F_{k−1}.

    series[k] = functionals of the k-th polynomial's image; tail[k] = Σ_{j>k} |weight_j|. Stops once the rest is ≤
    allowed.
    Returns (applications, rest, largest image over the start); stops early, with rest = inf, if that passes `highest`.
    """
    workers = bounds.size - 1
    rest, sizes = np.inf, np.zeros(weight.size // MEASURED + 2)
    scaled = np.empty(coefficient.size)
    for q in range(scaled.size):
        scaled[q] = coefficient[q] / capacity
    _begin(state, second, acc, weight[0])
    k = 0
    for k in range(weight.size):
        if k == 0:
            source, term = state, state
        elif k == 1:
            source, term = state, first
        elif k == 2:
            source, term = first, second
        else:
            source, term = (first, second) if k % 2 == 0 else (second, first)
        weights = weight[k], weight[max(0, k - 1)], weight[max(0, k - 2)]
        if k % TOGETHER != 0:
            weights = 0.0, 0.0, 0.0
        keep = 0.0 if k == 1 else (-2.0 * ratio if k == 2 else -ratio)
        for j in prange(workers):
            for r in range(bounds[j], bounds[j + 1], CHUNK):
                r_end = min(r + CHUNK, bounds[j + 1])
                if k > 0:
                    _rows(
                        r, r_end, source, term, acc, weights[0], weights[1], weights[2], keep, 1.0 / capacity, mu,
                        size, row_start, row_block, offset, cut, scaled, weight_at, source_at, right, diagonal,
                    )  # fmt: skip
                if k % MEASURED == 0 or k == weight.size - 1:
                    _squares(r, r_end, term, square, size, row_start, row_block, offset)
                if k > 0:
                    _mirror(r, r_end, term, size, row_start, row_block, offset, halo)
                _gather(r, r_end, term, gathered, f_kinds, f_diagonal_at)
            _shares(bounds[j], bounds[j + 1], shares, gathered, f_pointer, f_runs, f_value, partial)
        for f in range(series.shape[1]):
            total = partial[0, f]
            for s in range(1, len(partial)):
                total += partial[s, f]
            series[k, f] = total
        if k % MEASURED == 0 or k == weight.size - 1:
            rest, stop = _judged(k, _bound(square, size, row_start), sizes, weight, tail, allowed, highest)
            if stop:
                break
    for back in range(k % TOGETHER):  # those that are not added yet
        last = term if back == 0 else source
        _add(row_start[0], row_block.size, last, acc, weight[k - back], size, row_start, row_block, offset)
    _mirror(row_start[0], row_block.size, acc, size, row_start, row_block, offset, halo)
    return k, rest, _growth(sizes)


@_serial_and_parallel
def measure_and_add(
    term, acc, weight, square, partial,
    gathered, f_diagonal_at, f_kinds, f_pointer, f_runs, f_value,
    size, row_start, row_block, offset, bounds, shares,
):  # fmt: skip
    """acc += weight term, rows only; functionals of the term into partial[0]."""
    workers = bounds.size - 1
    for j in prange(workers):
        _squares(bounds[j], bounds[j + 1], term, square, size, row_start, row_block, offset)
        _add(bounds[j], bounds[j + 1], term, acc, weight, size, row_start, row_block, offset)
        _gather(bounds[j], bounds[j + 1], term, gathered, f_kinds, f_diagonal_at)
        _shares(bounds[j], bounds[j + 1], shares, gathered, f_pointer, f_runs, f_value, partial)
    for s in range(1, len(partial)):
        for f in range(partial.shape[1]):
            partial[0, f] += partial[s, f]


@inner_njit()
def _rest_of_series(sizes, n, factor, growth, allowed):
    """Σ_{m>n} ‖x_m‖ if ‖x_{m+1}‖ = factor Σ_j growth_j ‖x_{m−j}‖/(m + 1); infinite if that is more than allowed."""
    total, last = 0.0, min(n + FARTHER, sizes.size - 1)
    for m in range(n, last):
        x = 0.0
        for j in range(min(growth.size, m + 1)):
            x += growth[j] * sizes[m - j]
        x *= factor / (m + 1)
        sizes[m + 1] = x
        total += x
        if total > allowed:
            break
        if x <= 1e-3 * allowed and x <= 0.5 * sizes[m]:
            return total + x
    return np.inf


@njit(cache=True)
def rest_of_series(sizes, n, factor, growth, allowed):
    """What terms after the n-th add up to, see `_rest_of_series`."""
    return _rest_of_series(sizes, n, factor, growth, allowed)


@_serial_and_parallel
def driven_step(
    start, memory, combined, sources, acc, series, sizes, powers, growth, step, centre, allowed, safe, square, partial,
    gathered, f_diagonal_at, f_kinds, f_pointer, f_runs, f_value,
    size, row_start, row_block, offset, halo, cut, coefficient, weight_at, source_at, right, diagonal, bounds, shares,
):  # fmt: skip
    """acc = Σ_n x_n, x_{n+1} = step/(n + 1) ((L_0 + centre) x_n + Σ_k>0 L_k Σ_j powers_kj x_{n−j}), x_0 = start.

    memory (slots, planes, length): terms in turn, at least degree + 2; combined (planes, parts, length): what every L_k
    acts on, and sources (planes, parts · length) the same memory; series and sizes: functionals and `_bound` of every
    term; growth_j: of a term by one j terms before, times n + 1. Returns (number of terms, estimate of the rest).
    """
    workers, slots, degree, parts = bounds.size - 1, powers.shape[1] + 1, powers.shape[1] - 1, powers.shape[0]
    planes, length, used, rest, n = start.shape[0], start.shape[1], 0.0, np.inf, 0
    for p in range(planes):
        for e in range(np.uint64(length)):
            x = start[p, e] if abs(start[p, e]) > TINY else 0.0
            memory[0, p, e] = acc[p, e] = x
    scaled = np.empty(coefficient.size)
    for n in range(-1, series.shape[0] - 1):
        out, scale = memory[(n + 1) % slots], step / (n + 1) if n >= 0 else 0.0
        if n >= 0:
            for q in range(scaled.size):
                scaled[q] = scale * coefficient[q]
            for j in prange(workers):
                for begin in range(j * length // workers, (j + 1) * length // workers, COMBINED):
                    end = min(begin + COMBINED, (j + 1) * length // workers)
                    for p in range(planes):
                        one, last = combined[p, 0, begin:end], memory[n % slots, p, begin:end]
                        for e in range(np.uint64(one.size)):
                            one[e] = last[e]
                        for k in range(1, parts):
                            total = combined[p, k, begin:end]
                            for e in range(np.uint64(total.size)):
                                total[e] = powers[k, 0] * last[e]
                            for i in range(1, min(n, degree) + 1):
                                w, earlier = powers[k, i], memory[(n - i) % slots, p, begin:end]
                                for e in range(np.uint64(total.size)):
                                    total[e] += w * earlier[e]
        for j in prange(workers):
            for r in range(bounds[j], bounds[j + 1], CHUNK):
                r_end = min(r + CHUNK, bounds[j + 1])
                if n >= 0:
                    _rows(
                        r, r_end, sources, out, acc, 1.0, 0.0, 0.0, 0.0, scale, centre,
                        size, row_start, row_block, offset, cut, scaled, weight_at, source_at, right, diagonal,
                    )  # fmt: skip
                _squares(r, r_end, out, square, size, row_start, row_block, offset)
                if n >= 0:
                    _mirror(r, r_end, out, size, row_start, row_block, offset, halo)
                _gather(r, r_end, out, gathered, f_kinds, f_diagonal_at)
            _shares(bounds[j], bounds[j + 1], shares, gathered, f_pointer, f_runs, f_value, partial)
        for f in range(series.shape[1]):
            value = partial[0, f]
            for s in range(1, len(partial)):
                value += partial[s, f]
            series[n + 1, f] = value
        now = _bound(square, size, row_start)
        sizes[n + 1] = now
        if n < 0:
            continue
        most = 0.0
        for i in range(min(n, degree) + 1):
            most += growth[i] * sizes[n - i]
        if most > 0.0:
            used = max(used, min(1.0, now * (n + 1) / most))
        if not now < np.inf:
            break
        if n > degree and now <= allowed:
            rest = _rest_of_series(sizes, n + 1, min(1.0, safe * used), growth, allowed)
        if rest <= allowed:
            break
    _mirror(row_start[0], row_block.size, acc, size, row_start, row_block, offset, halo)
    return n + 1, rest


@njit(cache=True)
def norm_bound(state, square, size, row_start, row_block, offset):
    """Σ_J √(2J+1) ‖X_J‖_F ≥ ‖X‖₁ of a stored state."""
    _squares(row_start[0], row_block.size, state, square, size, row_start, row_block, offset)
    return _bound(square, size, row_start)


@njit(cache=True)
def symmetric_powers(a, factor, out, size, element_start):
    """Blocks factor_b Sym^n(A) of a 2×2 matrix, n + 1 = size_b falling, in the basis of spin n/2, M descending.

    From |n, i⟩ = √((n−i)/n) |up⟩|n−1, i⟩ + √(i/n) |down⟩|n−1, i−1⟩, an isometry, so that rounding does not grow.
    """
    most = size[0]
    power, new = np.empty(most * most, a.dtype), np.empty(most * most, a.dtype)
    up, down = np.empty(most), np.empty(most)
    power[0] = 1.0
    b = size.size - 1
    for n in range(most):
        if n > 0:
            for i in range(n):
                up[i], down[i] = np.sqrt((n - i) / n), np.sqrt((i + 1) / n)
            for i in range(n + 1):
                for k in range(n + 1):
                    new[i * most + k] = 0.0
            for i in range(n):
                upper, right = up[i] * a[0, 0], up[i] * a[0, 1]
                left, lower = down[i] * a[1, 0], down[i] * a[1, 1]
                here, below = i * most, (i + 1) * most
                for k in range(n):
                    x, y = power[here + k] * up[k], power[here + k] * down[k]
                    new[here + k] += upper * x
                    new[here + k + 1] += right * y
                    new[below + k] += left * x
                    new[below + k + 1] += lower * y
            power, new = new, power
        if size[b] == n + 1:
            for i in range(n + 1):
                for k in range(n + 1):
                    out[element_start[b] + i * (n + 1) + k] = factor[b] * power[i * most + k]
            b -= 1


@njit(cache=True)
def pack(full, plane, parity, size, row_start, element_start, row_block, offset):
    """One plane, k ≥ i only, from a full real vector: its symmetric (parity 1) or antisymmetric (−1) part."""
    for r in range(row_block.size):
        if offset[r] < 0:
            continue
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
            x = plane[offset[r] + k] if offset[r] >= 0 else 0.0
            full[element_start[b] + k * size[b] + i] = parity * x
            full[element_start[b] + i * size[b] + k] = x


@njit(cache=True)
def mirror(state, size, row_start, row_block, offset, halo):
    """Fill the halo of a state."""
    _mirror(row_start[0], row_block.size, state, size, row_start, row_block, offset, halo)


@njit(cache=True)
def reach(
    found,
    queue,
    head,
    count,
    forward,
    size,
    row_start,
    element_start,
    order_at,
    order_start,
    shifts,
    left_used,
    right_used,
):
    """Mark all elements that those of the queue lead to (forward) or that lead to them, until the queue is full.

    found: over the elements of the coherence orders followed; order_at (2 longest + 1,): place of an order k − i, −1
    for one that is not followed; order_start (orders, blocks): where those of an order in a block begin. shifts (terms,
    3): hop, left shift, right shift; left_used, right_used (terms, rows). Returns how many were looked at and how many
    are marked.
    """
    middle = order_at.size // 2
    while head < count:
        if count + shifts.shape[0] > queue.size:
            return head, count
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
                place = order_start[order_at[middle + k_to - i_to], to] + min(i_to, k_to)
                if not found[place]:
                    found[place] = True
                    queue[count] = element_start[to] + i_to * size[to] + k_to
                    count += 1
    return head, count


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
    """acc += weight term on rows begin … end − 1, functionals of the term; returns Σ|term|. What is tiny becomes
    zero."""
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
    for r in range(left, right):
        acc[r] = first[r] = 0.0
        second[r] = state[r]
    rest, sizes = np.inf, np.zeros(weight.size // MEASURED + 2)
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
        if k % MEASURED == 0 or k == weight.size - 1:
            rest, stop = _judged(k, norm, sizes, weight, tail, allowed, highest)
            if stop:
                break
    return k, rest, _growth(sizes)


@njit(cache=True, fastmath=FAST | {"nnan", "ninf"})
def chebyshev_term(x, out, acc, keep, scale, shift, real, imaginary, pointer, columns, data):
    """out = keep out + scale (A + shift) x and acc += (real + i imaginary) out, complex vectors as (n, 2) real and
    imaginary parts.

    `data` of the matrix A may be real or complex. What is tiny becomes zero.
    """
    for r in range(len(pointer) - 1):
        a, b = shift * x[r, 0], shift * x[r, 1]
        for e in range(pointer[r], pointer[r + 1]):
            value, c = data[e], columns[e]
            a += value.real * x[c, 0] - value.imag * x[c, 1]
            b += value.real * x[c, 1] + value.imag * x[c, 0]
        a, b = keep * out[r, 0] + scale * a, keep * out[r, 1] + scale * b
        a, b = a if abs(a) > TINY else 0.0, b if abs(b) > TINY else 0.0
        out[r, 0], out[r, 1] = a, b
        acc[r, 0] += real * a - imaginary * b
        acc[r, 1] += real * b + imaginary * a


@njit(cache=True)
def bessel(x):
    """J_0(x), J_1(x), … until they are far below 1e-20, x ≥ 0, by Miller's backward recurrence and J_0² + 2 Σ_k J_k² =
    1.

    Errors stay near rounding for any x, where an FFT of e^{ix cos θ} makes them of order 1e-16 x for every θ.
    """
    x = max(x, 1e-30)
    out = np.zeros(int(x + 20 * np.cbrt(x)) + 40)  # beyond x they fall as Ai((k − x)(2/x)^{1/3}) does
    later, now = 0.0, 1e-100
    for k in range(out.size - 1, 0, -1):
        later, now = now, 2 * k / x * now - later
        out[k - 1] = now
        if abs(now) > 1e100:
            for j in range(k - 1, out.size):
                out[j] *= 1e-100
            later, now = 1e-100 * later, 1e-100 * now
    total = 0.0
    for value in out:
        total += value * value
    norm = np.sqrt(2 * total - out[0] * out[0])
    for j in range(out.size):
        out[j] /= norm
    return out
