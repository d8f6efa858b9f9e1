"""Which averages m are states: starting points among them, their boundary, and distances between them."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from finite_n.errors import FiniteNError, shown
from finite_n.model.operators import hermitian_basis
from finite_n.model.species import Space
from finite_n.model.validation import LARGEST_SEED, check_whole
from meanfield.limit.limit import Limit

BOUNDARY = 1e-9  # a state may lie this far outside by rounding
_FARTHEST = 2.0  # |α| of starting points
_MOST_STARTS = 10**6


def starts(limit, count: int, seed: int = 0) -> np.ndarray:
    """`count` points of low discrepancy among the states, shape (count, n).

    Limit: for one two-level species and no mode the Bloch ball |m| ≤ 1, where seed 0 is the plain Halton sequence and
    other seeds scramble it; else products of random states of every species, and modes with |α| up to 2. Any other
    object: what its own starts(count, seed) gives.
    """
    from scipy.stats import qmc  # takes half a second to import

    count, seed = check_whole(count, "starts", 1, _MOST_STARTS), check_whole(seed, "seed", 0, LARGEST_SEED)
    if hasattr(limit, "starts"):
        points = np.atleast_2d(np.asarray(limit.starts(count, seed), dtype=float))
        if points.ndim != 2 or not len(points) or not np.all(np.isfinite(points)):
            raise FiniteNError(f"starts of {shown(limit)}: give a finite array of shape (count, n).")
        return points
    if not isinstance(limit, Limit):
        raise FiniteNError(f"starts: {shown(limit)} does not say where to begin; give it a method starts(count, seed).")
    space = limit.model.space
    if space.size == 3:  # one species of two levels and nothing else
        cube = 2 * qmc.Halton(3, scramble=seed != 0, rng=seed).random(4 * count + 8) - 1
        return cube[np.linalg.norm(cube, axis=1) <= 1][:count]
    sizes = [2 * s.dim**2 for s in space.species] + [2 for _ in space.modes]
    numbers = qmc.Halton(sum(sizes), scramble=True, rng=seed).random(int(count))
    columns, points = np.split(numbers, np.cumsum(sizes)[:-1], axis=1), []
    for s, x in zip(space.species, columns, strict=False):
        normal = ndtri(np.clip(x, 1e-12, 1 - 1e-12)).reshape(len(x), 2, s.dim, s.dim)
        root = normal[:, 0] + 1j * normal[:, 1]
        rho = root @ root.conj().transpose(0, 2, 1)
        rho /= np.trace(rho, axis1=1, axis2=2)[:, None, None]
        points.append(np.einsum("aij,tji->ta", hermitian_basis(s.dim)[1:], rho).real)
    for x in columns[len(space.species) :]:
        alpha = _FARTHEST * np.sqrt(x[:, :1]) * np.exp(2j * np.pi * x[:, 1:])
        points.append(np.sqrt(2) * np.hstack([alpha.real, alpha.imag]))
    return np.hstack(points)


def boundary(limit, m: np.ndarray) -> tuple[float, np.ndarray]:
    """(g, ∇g) with g(m) ≤ 0 for states: |m|² − 1 in the Bloch ball; for more levels −d times the smallest eigenvalue of
    ρ; with several species the largest of theirs. Modes have no boundary.

    An object that is not a Limit may have its own boundary(m); without one every m counts as a state, g = −1.
    """
    if hasattr(limit, "boundary"):
        g, gradient = limit.boundary(m)
        return float(g), np.asarray(gradient, dtype=float)
    if not isinstance(limit, Limit):
        return -1.0, np.zeros(len(m))
    space, edges = limit.model.space, []
    for s in space.species:
        at, gradient = space.part(s), np.zeros(len(m))
        if s.dim == 2:
            gradient[at] = 2 * m[at]
            edges.append((float(m[at] @ m[at] - 1), gradient))
            continue
        v = hermitian_basis(s.dim)
        values, vectors = np.linalg.eigh(v[0] / s.dim + np.einsum("a,aij->ij", m[at], v[1:]) / 2)
        lowest = vectors[:, 0]
        gradient[at] = -s.dim * np.einsum("i,aij,j->a", lowest.conj(), v[1:], lowest).real / 2
        edges.append((float(-s.dim * values[0]), gradient))
    return max(edges, key=lambda e: e[0])


def is_bounded(limit) -> bool:
    """Whether the boundary of the states is known; the flow leads inwards there."""
    return hasattr(limit, "boundary") or isinstance(limit, Limit)


def physical(limit, m: np.ndarray, tolerance: float = BOUNDARY) -> bool:
    """Whether m is a state, to within `tolerance`."""
    return bool(np.all(np.isfinite(m))) and boundary(limit, m)[0] <= tolerance


def generic_state(space: Space) -> np.ndarray:
    """Averages of a state of full rank without symmetry, the same for every call, in the domain of every Γ."""
    out = np.empty(space.size)
    for s in space.species:
        k = np.arange(1.0, s.dim**2 + 1)
        x = (np.sin(3 * k) + 1j * np.cos(5 * k * k)).reshape(s.dim, s.dim)
        rho = x @ x.conj().T
        rho = 0.8 * rho / np.trace(rho).real + 0.2 * np.eye(s.dim) / s.dim
        out[space.part(s)] = np.einsum("aij,ji->a", hermitian_basis(s.dim)[1:], rho).real
    for mode in space.modes:
        out[space.part(mode)] = 0.31, -0.43
    return out


def as_start(limit, m) -> np.ndarray:
    """A starting point as floats, shape (n,); refuses what is not finite, not a state, or not of the limit's size."""
    try:
        point = np.array(m, dtype=float)
    except (TypeError, ValueError):
        raise FiniteNError(f"starting point: got {shown(m)}; give n finite numbers.") from None
    if point.ndim != 1 or not point.size or not np.all(np.isfinite(point)):
        raise FiniteNError(f"starting point: got {shown(m)}; give n finite numbers.")
    if isinstance(limit, Limit) and not hasattr(limit, "starts") and len(point) != len(limit.axes):
        raise FiniteNError(f"starting point: got {len(point)} numbers; this limit has {len(limit.axes)} averages.")
    if not physical(limit, point):
        raise FiniteNError(
            f"starting point: {point} is not a state; Bloch vectors have |m| ≤ 1, or the fixed length of FixedLength, "
            "and density matrices of more levels no negative eigenvalue."
        )
    return point


def distance_from_polygon(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Distance of each of `points`, shape (P, n), from the open polygon through `corners`, shape (K, n)."""
    if len(corners) < 2:
        return np.linalg.norm(points - corners[0], axis=1)
    side = np.diff(corners, axis=0)
    away = points[:, None, :] - corners[None, :-1]  # (P, K − 1, n)
    part = np.clip((away * side).sum(-1) / np.maximum((side**2).sum(-1), 1e-300), 0, 1)
    return np.linalg.norm(away - part[..., None] * side, axis=-1).min(axis=1)
