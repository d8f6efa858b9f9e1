"""What the study of a flow ṁ = f(m) needs to know of a limit: its size, starting points, which m are states, its
parameters.

A limit is anything with drift(m), shape (n,), and jacobian(m), shape (n, n), m of shape (n,); a finite_n.Model stands
for its Limit. Everything here that knows which m are states of particles is in `starts` and `boundary`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import numpy as np
from scipy.stats import norm, qmc

from finite_n.errors import FiniteNError, in_words, shortened, shown
from finite_n.model.model import Model
from finite_n.model.operators import hermitian_basis
from finite_n.model.species import Space
from finite_n.model.validation import LARGEST_SEED, call_given, check_whole
from meanfield.limit.limit import Limit

BOUNDARY = 1e-9  # a state may lie this far outside by rounding
_FARTHEST = 2.0  # |α| of starting points
_ROUNDING = 1e-9  # of a range
_MOST_STARTS = 10**6
_KEPT = 64  # members of a family kept, since building a model checks its rates and takes milliseconds


def as_limit(system):
    """A limit from a Model, or the object itself if it has drift and jacobian."""
    if isinstance(system, Model):
        return Limit(system)
    if callable(getattr(system, "drift", None)) and callable(getattr(system, "jacobian", None)):
        return system
    raise FiniteNError(f"flow: got {shown(system)}; give a finite_n.Model or an object with drift(m) and jacobian(m).")


def starts(limit, count: int, seed: int = 0) -> np.ndarray:
    """`count` points of low discrepancy among the states, shape (count, n).

    Limit: for one two-level species the Bloch ball |m| ≤ 1; else products of random states of every species and modes
    with |α| up to 2. Any other object: what its own starts(count, seed) gives. seed 0 is the plain Halton sequence,
    other seeds scramble it.
    """
    count, seed = check_whole(count, "starts", 1, _MOST_STARTS), check_whole(seed, "seed", 0, LARGEST_SEED)
    if hasattr(limit, "starts"):
        points = np.atleast_2d(np.asarray(limit.starts(count, seed), dtype=float))
        if points.ndim != 2 or not len(points) or not np.all(np.isfinite(points)):
            raise FiniteNError(f"starts of {shown(limit)}: give a finite array of shape (count, n).")
        return points
    if not isinstance(limit, Limit):
        raise FiniteNError(f"starts: {shown(limit)} does not say where to begin; give it a method starts(count, seed).")
    if limit.model.is_single:
        cube = 2 * qmc.Halton(3, scramble=seed != 0, rng=seed).random(4 * count + 8) - 1
        return cube[np.linalg.norm(cube, axis=1) <= 1][:count]
    space = limit.model.space
    sizes = [2 * s.dim**2 for s in space.species] + [2 for _ in space.modes]
    numbers = qmc.Halton(sum(sizes), scramble=True, rng=seed).random(int(count))
    columns, points = np.split(numbers, np.cumsum(sizes)[:-1], axis=1), []
    for s, x in zip(space.species, columns, strict=False):
        normal = norm.ppf(np.clip(x, 1e-12, 1 - 1e-12)).reshape(len(x), 2, s.dim, s.dim)
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
    ρ; with several species the largest of theirs. Modes have no edge.

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
    """Whether the edge of the states is known; the flow leads inwards there."""
    return hasattr(limit, "boundary") or isinstance(limit, Limit)


def physical(limit, m: np.ndarray, tolerance: float = BOUNDARY) -> bool:
    """Whether m is a state, to within `tolerance`."""
    return bool(np.all(np.isfinite(m))) and boundary(limit, m)[0] <= tolerance


def generic_state(space: Space) -> np.ndarray:
    """Averages of a state of full rank with no symmetry, the same for every call: inside the range of every Γ."""
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
            f"starting point: {point} is not a state; Bloch vectors have |m| ≤ 1, with FixedLength the length that is held, and "
            "density matrices of more levels no negative eigenvalue."
        )
    return point


def drift(limit, m: np.ndarray) -> np.ndarray:
    """f(m), shape (n,); nan where the limit has no value, as when a rate overflows far from the states."""
    return _quietly(limit.drift, m, np.shape(m))


def jacobian(limit, m: np.ndarray) -> np.ndarray:
    """Q(m), shape (n, n); nan where the limit has no value."""
    return _quietly(limit.jacobian, m, (len(m), len(m)))


def eigenvalues(limit, m: np.ndarray) -> np.ndarray:
    """Those of Q(m), shape (n,); nan where Q has no value."""
    q = jacobian(limit, m)
    return np.linalg.eigvals(q) if np.all(np.isfinite(q)) else np.full(len(q), np.nan)


def _quietly(function: Callable, m: np.ndarray, shape: tuple) -> np.ndarray:
    with np.errstate(all="ignore"):
        try:
            return np.asarray(function(m), dtype=float).reshape(shape)
        except (FiniteNError, ArithmeticError):
            return np.full(shape, np.nan)
        except (TypeError, ValueError) as error:  # of an object that is no Limit of this package
            raise FiniteNError(
                f"flow: drift or jacobian at {shown(m)} failed with {shortened(in_words(error).rstrip('.'), 120)}; give "
                f"functions of n averages that return real numbers, here of shape {shape}."
            ) from error


class Family:
    """family(p, …) → Model or limit, with the members used last kept."""

    def __init__(self, family: Callable):
        if isinstance(family, Family):
            family = family.function
        if not callable(family):
            raise FiniteNError(
                f"family: got {shown(family)}; give a function of the parameters that returns a Model, "
                "such as lambda omega, beta: hopfield(omega, beta)."
            )
        self.function = family
        self._members: OrderedDict[tuple[float, ...], object] = OrderedDict()

    def __call__(self, *parameters: float):
        key = tuple(float(p) for p in parameters)
        if key not in self._members:
            wanted = f"a function of {len(key)} number{'s' * (len(key) > 1)} that returns a Model"
            at = ", ".join(f"{p:.6g}" for p in key)
            self._members[key] = as_limit(call_given(self.function, f"family at {at}", wanted, *key))
            if len(self._members) > _KEPT:
                self._members.popitem(last=False)
        self._members.move_to_end(key)
        return self._members[key]

    def slopes(self, m: np.ndarray, parameters: np.ndarray, step: np.ndarray) -> np.ndarray:
        """∂f/∂p, shape (n, number of parameters), see `difference`."""
        columns = [
            difference(lambda p: drift(self(*p), m), parameters, e) / h
            for e, h in zip(np.diag(step), step, strict=True)
        ]
        return np.array(columns).T


def difference(function: Callable, x: np.ndarray, e: np.ndarray):
    """e·∂function/∂x by a central difference, or by a one-sided one where x ± e is refused, as when a rate turns
    negative.

    Good to about |e|², or |e|; used for steps only.
    """
    values = []
    for part in (1.0, -1.0, 0.0):
        try:
            values.append((part, function(x + part * e)))
        except FiniteNError:
            if part == 0:
                raise
        if len(values) == 2:
            break
    (a, upper), (b, lower) = values
    return (upper - lower) / (a - b)


def inside(parts):
    """Parameters in units of their ranges, with what rounding put outside [0, 1] put back: families may refuse a rate
    of −1e-17."""
    near = (parts > -_ROUNDING) & (parts < 1 + _ROUNDING)
    return np.where(near, np.clip(parts, 0, 1), parts)


def distance_from_polygon(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Distance of each of `points`, shape (P, n), from the open polygon through `corners`, shape (K, n)."""
    if len(corners) < 2:
        return np.linalg.norm(points - corners[0], axis=1)
    side = np.diff(corners, axis=0)
    away = points[:, None, :] - corners[None, :-1]  # (P, K − 1, n)
    part = np.clip((away * side).sum(-1) / np.maximum((side**2).sum(-1), 1e-300), 0, 1)
    return np.linalg.norm(away - part[..., None] * side, axis=-1).min(axis=1)
