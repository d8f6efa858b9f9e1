"""Tr(a (z − L)⁻¹X) for many z, the Laplace transform of Tr(a e^{τL}X): by the resolvent, or by an evolution.

Sparse decompositions of z − L are quickest on a few thousand elements; beyond, X is evolved until nothing is left.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from finite_n.dicke_blocks.liouvillian.elements import closed_elements, terms_matrix
from finite_n.dicke_blocks.liouvillian.liouvillian import Liouvillian
from finite_n.dicke_blocks.moments import operators_read
from finite_n.dicke_blocks.operator_blocks import OperatorBlocks
from finite_n.dicke_blocks.operators import BandOperator
from finite_n.eigenmodes.dicke_sectors import largest_rate, typical_rate
from finite_n.eigenmodes.fill_in import decomposes
from finite_n.eigenmodes.resolvent import Resolvent
from finite_n.engine.operator_start import OperatorPart, with_room
from finite_n.errors import FiniteNError
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.occupations.operator_elements import OperatorElements
from finite_n.solvers.evolve_operator import evolve_operator
from finite_n.solvers.laplace_products import on_products

_NEGLIGIBLE = 1e-15  # of the largest element of bρ
_MOST, _MOST_OF_FEW = 13_000, 60_000  # elements that sparse decompositions are for: of any, and of a few orders k − i
_ORDERS = 3
_LATE = 1e-4  # of X that is left where its slowest mode is looked for
_VECTORS, _STEP, _NEW = 12, 2.0, 1e-9  # looked at for that, typical times apart, as long as there is something new
_ALONE, _THERE = 1e-6, 1e-3  # residual of a mode, in units of the rate; its share of X
_AT_ZERO, _PRESENT = 1e-9, 1e-8  # of a rate: distance to a mode that z is taken to lie on; of X: a trace that counts
_ROUNDING = 1e-13  # of b − ⟨b⟩, times ρ
_KEPT = 1e-12  # of the largest element of L: rounding of what conserves a trace
_NODES, _PHASE = 16, 8.0  # of a Gauss–Legendre panel, over which the fastest phase turns by so much: exact to rounding
_BEGIN = 4.0  # typical times that X is evolved at first
_LONGEST = 1e6  # rates × time of an evolution
_AT_ONCE = 2_000_000  # times × frequencies


@dataclasses.dataclass(frozen=True)
class Transform:
    """values: Tr(a (z − L)⁻¹X), complex (Z,); slowest: the eigenvalue with the largest real part of the modes in X, nan
    if none was found; distance: of z from eigenvalues; error: of values, estimated; elements; method, in words."""

    values: np.ndarray
    slowest: complex
    distance: float
    error: float
    elements: int
    method: str


def transform(
    model: Model, N: int, parts: Sequence[OperatorPart], a: Polynomial, z: np.ndarray, tol: float, size: float
) -> Transform:
    """For X in parts on different blocks, and z with real parts of 0 or more; `tol` on residuals, relative to X; `size`
    of the numbers that X is a difference of, which tells it from rounding."""
    rounding = _ROUNDING * size
    parts = [part for part in parts if part.norm() > rounding]
    if not parts:
        return Transform(np.zeros(len(z), complex), complex(np.nan), np.inf, 0.0, 0, "nothing to transform")
    return _solved(model, N, parts, a, z, tol, rounding) or _evolved(model, N, parts, a, z, tol)


def trace_with(part: OperatorPart, p: Polynomial) -> complex:
    """Tr(pX)."""
    if isinstance(part, OperatorElements):
        return with_room(part, [p], part.columns.model.modes).weighted(p).trace()
    (operator,) = operators_read([p], part.space, part.blocks, part.frames)
    elements, row = _row(operator, part)
    return complex(row @ part.full()[elements])


def _row(operator: BandOperator, part: OperatorBlocks) -> tuple[np.ndarray, np.ndarray]:
    """Tr(OX) = Σ row X[elements]: O_(r − a, r) = c_a(r) reads X_(r, r − a)."""
    blocks, elements, values = part.blocks, [np.zeros(0, int)], [np.zeros(0, complex)]
    base = blocks.element_start[blocks.row_block] + blocks.row_index * (blocks.size[blocks.row_block] + 1)
    for a, c in operator.diagonals.items():
        used = c.nonzero()[0]
        elements.append(base[used] - a)
        values.append(c[used])
    return np.concatenate(elements), np.concatenate(values)


def _solved(
    model: Model, N: int, parts: Sequence[OperatorPart], a: Polynomial, z: np.ndarray, tol: float, rounding: float
):
    """By the resolvent; None where sparse decompositions would take too long."""
    problems = [_on_elements(model, N, part, a) for part in parts]
    if any(problem is None or not decomposes(problem[0], shifted=True) for problem in problems):
        return None
    values, counts = np.zeros(len(z), complex), np.zeros(3, int)
    slowest, distance, error = complex(-np.inf), np.inf, 0.0
    for matrix, x, row, rate, trace in problems:
        resolvent = Resolvent(matrix, x, row[None], rate, _conserved(matrix, x, trace, rounding))
        poles = resolvent.at(z, tol)
        if not poles.vectors:
            continue
        if poles.distance < _AT_ZERO * rate:
            raise FiniteNError(
                "spectrum: one of the frequencies is that of a mode that does not decay, where the spectrum is "
                "infinite; leave it out, or give a resolution above 0."
            )
        values += poles.values[:, 0]
        error += float(np.linalg.norm(row)) * resolvent.size * poles.residual / poles.distance
        slowest, distance = max(slowest, poles.slowest, key=np.real), min(distance, poles.distance)
        counts += len(x), poles.vectors, poles.decompositions
    method = f"resolvent by a rational Krylov space of {counts[1]} vectors with {counts[2]} poles"
    slowest = slowest if np.isfinite(slowest.real) else complex(np.nan)
    return Transform(values, slowest, distance, error, int(counts[0]), method)


def _on_elements(model: Model, N: int, part: OperatorPart, a: Polynomial):
    """L, X and the row of a on the elements that X leads to and that lead to a, a typical rate, and the
    trace t, Tr X = t·x; None if there are too many."""
    if isinstance(part, OperatorElements):
        return on_products(part, a)
    blocks = part.blocks
    generator = Liouvillian(model, N, part.frames, blocks)
    (operator,) = operators_read([a], part.space, blocks, part.frames)
    read, weight = _row(operator, part)
    x = part.full()
    if len(generator.parts) > 1:
        if blocks.dim > _MOST:
            return None
        chosen, matrix = np.arange(blocks.dim), generator.csr()
    else:
        terms = generator.parts[0].terms.all()
        seeds = np.flatnonzero(np.abs(x) > _NEGLIGIBLE * np.abs(x).max(initial=0.0))
        forward = closed_elements(terms, blocks, seeds, True, _MOST_OF_FEW)
        backward = closed_elements(terms, blocks, read, False, _MOST_OF_FEW)
        if forward is None and backward is None:
            return None
        both = (forward is not None) and (backward is not None)
        chosen = np.intersect1d(forward, backward) if both else backward if forward is None else forward
        _, i, k = blocks.locate(chosen)
        if len(chosen) > (_MOST if len(np.unique(k - i)) > _ORDERS else _MOST_OF_FEW):
            return None
        matrix = terms_matrix(terms, blocks, chosen)
    row = np.zeros(blocks.dim, complex)
    np.add.at(row, read, weight)
    trace = np.isin(chosen, blocks.diagonal()[blocks.exists]).astype(float)
    return sp.csr_array(matrix), x[chosen], row[chosen], typical_rate(generator), trace


def _conserved(matrix: sp.csr_array, x: np.ndarray, trace: np.ndarray, rounding: float) -> sp.csr_array:
    """Traces over elements that L does not connect with others, which it keeps and which X does not have but for
    rounding: orthonormal rows."""
    if not matrix.nnz:
        return sp.csr_array((0, len(x)))
    count, label = connected_components(abs(matrix), directed=False)
    at = np.flatnonzero(trace)
    traces = sp.coo_array((trace[at], (label[at], at)), shape=(count, len(x))).tocsr()
    length = np.sqrt(np.bincount(label[at], trace[at] ** 2, minlength=count))
    kept = abs(traces @ matrix).max(axis=1).toarray().ravel() <= _KEPT * abs(matrix).max()
    own = kept & (length > 0) & (np.abs(traces @ x) <= np.maximum(_PRESENT * np.linalg.norm(x) * length, rounding))
    return sp.diags_array(1 / length[own]) @ traces[own]


def _slowest(model: Model, N: int, parts: Sequence[OperatorBlocks], generators, rate: float) -> complex:
    """The slowest mode that a late X holds, by Rayleigh–Ritz on X, e^{δL}X, e^{2δL}X, …; nan if none is found."""
    basis: list[np.ndarray] = []
    images: list[np.ndarray] = []
    for _ in range(_VECTORS):
        vector = np.concatenate([part.full() for part in parts]).astype(complex)
        size = np.linalg.norm(vector)
        if size == 0:
            break
        parts, vector = [dataclasses.replace(part, values=part.values / size) for part in parts], vector / size
        for _ in range(2):
            for v in basis:
                vector = vector - np.vdot(v, vector) * v
        new = np.linalg.norm(vector)
        if new < _NEW:
            break
        basis.append(vector / new)
        cuts = np.cumsum([part.blocks.dim for part in parts])[:-1]
        pieces = zip(generators, np.split(basis[-1], cuts), strict=True)
        images.append(np.concatenate([generator.apply(x) for generator, x in pieces]))
        step = np.array([0.0, _STEP / rate])
        parts = evolve_operator(model, N, parts, step, [], tol=1e-13, final_state=True, check=False).final
    if not basis:
        return complex(np.nan, np.nan)
    v, w = np.array(basis).T, np.array(images).T
    theta, right = np.linalg.eig(v.conj().T @ w)
    weight = np.abs(np.linalg.solve(right, np.eye(len(basis))[0]))  # of each in X
    rest = np.linalg.norm(w @ right - theta * (v @ right), axis=0)
    found = [x for x, r, c in zip(theta, rest, weight, strict=True) if r < _ALONE * rate and c > _THERE]
    return complex(max(found, key=np.real)) if found else complex(np.nan, np.nan)


def _evolved(
    model: Model, N: int, parts: Sequence[OperatorBlocks], a: Polynomial, z: np.ndarray, tol: float
) -> Transform:
    """By an evolution of X until nothing is left, ∫ Tr(a e^{τL}X) e^{−zτ} dτ by Gauss–Legendre panels."""
    generators = [Liouvillian(model, N, part.frames, part.blocks) for part in parts]
    rate, fastest = max(map(typical_rate, generators)), max(map(largest_rate, generators))
    nodes, weight = np.polynomial.legendre.leggauss(_NODES)
    start = left = sum(part.norm() for part in parts)
    values, t, length, applications = np.zeros(len(z), complex), 0.0, _BEGIN / rate, 0
    damping, late = z.real.min(), parts
    while left > tol * start:
        if fastest * t > _LONGEST:
            raise FiniteNError(
                f"spectrum: after a time {t:.4g} a share {left / start:.1e} of bρ is left, since modes decay slowly; "
                "give a resolution above their rates, or take a smaller N."
            )
        panels = int(np.ceil(length * (fastest + np.abs(z).max()) / _PHASE))
        edges = np.linspace(0, length, panels + 1)
        half = length / panels / 2
        times = ((edges[:-1] + half)[:, None] + half * nodes).ravel()
        run = evolve_operator(
            model,
            N,
            parts,
            np.concatenate([[0.0], times, [length]]),
            [a],
            tol=tol * left,
            final_state=True,
            check=False,
        )
        parts, applications = run.final, applications + run.stats["applications"]
        for some in np.array_split(np.arange(len(times)), 1 + len(times) * len(z) // _AT_ONCE):
            factor = np.tile(weight, panels)[some] * half * run.values[1 + some, 0]
            values += np.exp(-np.outer(z, t + times[some])) @ factor
        t, length = t + length, 2 * length
        rest = sum(part.norm() for part in parts)
        late = parts if rest > _LATE * start else late
        left = rest * np.exp(-damping * t)
    elements = sum(part.blocks.elements for part in parts)
    method = f"Fourier transform of an evolution over {t:.4g}, {applications} applications"
    distance = np.log(1 / tol) / t
    slowest = _slowest(model, N, late, generators, rate)
    return Transform(values, slowest, distance, a.size * tol * start / distance, elements, method)
