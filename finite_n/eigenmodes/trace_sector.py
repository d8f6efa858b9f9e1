"""The part of a Liouvillian that the trace lives in: all elements that diagonal ones lead to, as a real linear problem.

A Hermitian X with L X = 0 has positive and negative parts that are stationary too. So where only one state is
stationary among these elements, others can exist only where a weak symmetry is broken: never one of a torus of phases,
for its generator would split a degenerate part into states that it leaves alone; and a sign (or the transposition, of a
real L) only if every eigenvalue of the state is degenerate, since it exchanges the two parts. Hence `complete`, and
`is_simple` of one eigenvalue; where all are degenerate, as by Kramers, the antisymmetric part can still be searched.

B. Baumgartner and H. Narnhofer, J. Phys. A 41, 395303 (2008), on stationary states and their supports.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from finite_n.dicke_blocks.blocks import DickeBlocks
from finite_n.dicke_blocks.density import SomeElements
from finite_n.dicke_blocks.liouvillian.elements import closed_elements, terms_matrix
from finite_n.dicke_blocks.liouvillian.liouvillian import Liouvillian
from finite_n.eigenmodes.charges import charges_of
from finite_n.eigenmodes.dicke_sectors import in_common, largest_rate, typical_rate
from finite_n.eigenmodes.sectors import SparseSector

_ROUNDING = 1e-14  # matrix elements below, relative to the largest, do not connect


@dataclasses.dataclass(frozen=True)
class TraceSector:
    """sectors: those that carry the trace, usually one, which embed x as `SomeElements`; orders: how many k − i occur;
    complete: a state unique here is unique if one of its eigenvalues is simple, or, where `alone`, in any case;
    antisymmetric: for a real L that leaves no sign alone the rest of these elements, else None."""

    sectors: list[SparseSector]
    orders: int
    complete: bool
    alone: bool
    antisymmetric: Callable[[], SparseSector] | None


def trace_sector(liouvillian: Liouvillian, most: int) -> TraceSector | None:
    """None where the trace leads to more than `most` elements, or terms are in several frames."""
    if len(liouvillian.parts) > 1:
        return None
    blocks, terms = liouvillian.blocks, liouvillian.parts[0].terms.all()
    diagonal = blocks.diagonal()[blocks.exists]
    elements = closed_elements(terms, blocks, diagonal, True, most)
    if elements is None:
        return None
    charges = charges_of(terms, blocks)
    whole = terms_matrix(terms, blocks, elements)
    real = not np.iscomplexobj(whole)
    units = _units(elements, blocks, imaginary=False)
    if not real:
        units = sp.hstack([units, _units(elements, blocks, imaginary=True)], format="csr")
    matrix = sp.csr_array((units.conj().T @ whole @ units).real)
    matrix.data[np.abs(matrix.data) <= _ROUNDING * np.abs(matrix.data).max(initial=0)] = 0.0
    matrix.eliminate_zeros()
    on_diagonal = np.isin(elements, diagonal).astype(float)
    trace = np.asarray((units.T @ on_diagonal).real)
    trace[np.abs(trace) < 0.5] = 0.0  # rounding of ±i/√2
    parts = connected_components(matrix, directed=False)[1]
    carrying = np.unique(parts[trace > 0])
    sectors = []
    for part in carrying:
        chosen = np.flatnonzero(parts == part)
        own = sp.csc_array(units)[:, chosen]
        sector = SparseSector(
            matrix[chosen][:, chosen],
            trace[chosen],
            rate=typical_rate(liouvillian),
            embed=lambda x, own=own: _hermitian(own @ x, elements, blocks, real),
            restrict=lambda vector, own=own: (own.conj().T @ vector[elements]).real,
            scale=largest_rate(liouvillian),
        )
        at = elements[np.unique(sp.coo_array(own).row)]
        sector.label = ", ".join(
            ["real symmetric" if real else "Hermitian", *in_common(liouvillian, *blocks.locate(at))]
        )
        sectors.append(sector)
    complete = charges.are_signs and charges.invariant == len(elements)
    alone = not charges.orders and (not real or len(elements) == len(diagonal))
    _, i, k = blocks.locate(elements)

    def antisymmetric() -> SparseSector:
        odd = _units(elements, blocks, imaginary=True)
        return SparseSector((odd.conj().T @ whole @ odd).real, rate=sectors[0].rate, scale=sectors[0].scale)

    return TraceSector(
        sectors,
        len(np.unique(k - i)),
        complete and len(carrying) == parts.max() + 1,
        alone,
        antisymmetric if real and not charges.orders else None,
    )


def _units(elements: np.ndarray, blocks: DickeBlocks, imaginary: bool) -> sp.csr_array:
    """Orthonormal Hermitian matrices over `elements` as columns: the real symmetric, or the imaginary antisymmetric."""
    block, i, k = blocks.locate(elements)
    mirrored = np.searchsorted(elements, blocks.element_start[block] + k * blocks.size[block] + i)
    on, upper = np.flatnonzero(i == k), np.flatnonzero(i < k)
    lower, n = mirrored[upper], len(upper)
    column, half = np.arange(n), np.full(n, np.sqrt(0.5))
    if imaginary:
        rows, columns, values, m = [upper, lower], [column, column], [1j * half, -1j * half], n
    else:
        m = n + len(on)
        rows, columns = [upper, lower, on], [column, column, n + np.arange(len(on))]
        values = [half, half, np.ones(len(on))]
    index = (np.concatenate(rows), np.concatenate(columns))
    return sp.csr_array(sp.coo_array((np.concatenate(values), index), shape=(len(elements), m)))


def _hermitian(values: np.ndarray, elements: np.ndarray, blocks: DickeBlocks, real: bool) -> SomeElements:
    """A Hermitian operator of which only some elements are not zero."""
    _, i, k = blocks.locate(elements)
    upper = i <= k
    return SomeElements(elements[upper], values[upper].real if real else values[upper])


def is_simple(matrices: list[np.ndarray], error: float) -> bool:
    """Whether some eigenvalue of these Hermitian matrices is not zero and not degenerate, however far within `error`
    in trace norm they are off."""
    for matrix in matrices:
        values = np.sort(np.concatenate([[0.0], np.linalg.eigvalsh(matrix), [np.inf]]))
        apart = np.minimum(np.diff(values)[:-1], np.diff(values)[1:])
        if np.any((apart > 4 * error) & (values[1:-1] > 4 * error)):
            return True
    return False
