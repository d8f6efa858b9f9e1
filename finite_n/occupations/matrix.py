"""The matrix A of ẋ = Ax, x the real and imaginary parts of the stored elements."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.special import gammaln

from finite_n.occupations.basis import CHUNK, Elements
from finite_n.occupations.columns import Columns
from finite_n.occupations.steps import Chain, Shift, run_all


def real_matrix(
    chains: list[Chain], elements: Elements, log_unit: np.ndarray | None, imaginary: bool = True
) -> sp.csr_array:
    """A on (Re x, Im x) of the stored elements: what leaves them, or comes from outside, is left out. Without
    `imaginary` on Re x, where nothing leads to imaginary parts.

    log_unit: log of x/p, (size,), None for p itself. A stored n and its mirror image give p_n and p_n*; both act on the
    stored elements m, p_n through A_mn and p_n* through A_mn̄ = A_m̄n*.
    """
    size, same = elements.size, elements.self_conjugate
    whole = np.int32 if 2 * size < 2**31 else np.int64
    rows, columns, values = [], [], []

    def put(row, column, value, row_shift, column_shift):
        nonzero = np.flatnonzero(value)
        if nonzero.size:
            rows.append((row[nonzero] + row_shift).astype(whole))
            columns.append((column[nonzero] + column_shift).astype(whole))
            values.append(value[nonzero])

    for begin in range(0, size, CHUNK):
        n = elements.n[begin : begin + CHUNK]
        code, mirrored = elements.numbering.codes(n)
        for shift, c in run_all(chains, n).items():
            moved = np.array(shift, dtype=np.int64)
            move, move_mirrored = elements.numbering.codes(moved)
            some = np.flatnonzero(c)
            to, flipped = elements.find(
                code[some] + move,
                mirrored[some] + move_mirrored,
                lambda n=n, some=some, moved=moved: n[some] + moved.astype(n.dtype),
            )
            from_same = same[begin + some]
            # the mirror image of a self-conjugate element is itself: of two images one counts
            ok = np.flatnonzero((to >= 0) & ~(from_same & flipped))
            some, to, flipped, from_same = some[ok], to[ok], flipped[ok], from_same[ok]
            value, source, to_same = c[some], begin + some, same[to]
            if log_unit is not None:
                value = value * np.exp(log_unit[to] - log_unit[source])
            # a and a* reach an element that is its own mirror image
            value = value * np.where(to_same & ~from_same, 2.0, 1.0)
            real, sign = np.real(value), np.where(to_same, 0.0, np.where(flipped, -1.0, 1.0))
            put(to, source, real, 0, 0)
            if imaginary:
                put(to, source, np.where(from_same, 0.0, sign * real), size, size)
            if imaginary and np.iscomplexobj(value):
                put(to, source, np.where(from_same, 0.0, -value.imag), 0, size)
                put(to, source, sign * value.imag, size, 0)
    shape = ((1 + imaginary) * size,) * 2
    if not rows:
        return sp.csr_array(shape)
    index = (np.concatenate(rows), np.concatenate(columns))
    return sp.coo_array((np.concatenate(values), index), shape=shape).tocsr()


def row_bounds_of(
    columns: Columns, n: np.ndarray, forth: dict[Shift, np.ndarray], back: dict[Shift, np.ndarray], orthonormal: bool
) -> tuple[np.ndarray, np.ndarray]:
    """What `finite_n.propagation.faber.row_bounds` says of the rows n, without the matrix.

    forth: what their elements lead to; back: what leads to them, by `run_all` backward.
    """
    left, high = np.zeros(len(n)), np.zeros(len(n))
    zero = (0,) * n.shape[1]
    for shift in forth.keys() | back.keys():
        out, into = (np.asarray(x.get(shift, np.zeros(len(n)))) for x in (forth, back))
        if shift == zero:
            left, high = left + out.real, high + np.abs(out.imag)
            continue
        if orthonormal:
            ratio = np.exp(_half_log_ways(columns, n, shift))
            out, into = out * ratio, into / ratio
        left = left - np.abs(out + into.conj()) / 2
        high = high + np.abs(out - into.conj()) / 2
    return left, high


def _half_log_ways(columns: Columns, n: np.ndarray, shift: Shift) -> np.ndarray:
    """½ log M_n/M_{n + shift} of multinomials M."""
    out = np.zeros(len(n))
    for p in columns.particles:
        for c in range(p.first, p.last):
            if shift[c]:
                out += gammaln(np.maximum(n[:, c] + shift[c], 0) + 1.0) - gammaln(n[:, c] + 1.0)
    return out / 2
