"""Fixed points of the mean-field drift among the states, and their linear stability.

Three passes for every start: Levenberg–Marquardt; Newton steps that leave out null directions, until they vanish,
because at a degenerate root both converge only geometrically and a small residual says little; and, if that ends
outside the states, the same with the boundary as one more equation, which finds roots such as m_z = −1 where the rates
vanish and roots from outside touch the boundary.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import root

from finite_n.errors import FiniteNError, shown
from finite_n.model.validation import LARGEST_SEED, check_array, check_number, check_whole
from meanfield.bifurcations import state_space, vector_field
from meanfield.limit.integrate import TooMuchWork, bounded
from meanfield.limit.limit import Limit

MOST_STARTS = 100_000
ZERO = 1e-7  # real parts of eigenvalues below this count as zero
RESIDUAL = 1e-10  # largest |f| at a root
_NULL = 1e-12  # singular values below this, relative to the largest or to one, count as zero
_SINGULAR = 1e-5  # a root with a singular value below this may be degenerate or one of a continuum
_COPIES = 1e-4  # degenerate roots closer than this count as one
_PROBE = 1e-3  # distance at which a continuum is searched for
_SURE = 1e-13  # |f| there: far below that of a cubic, 1e-9, and above rounding
_ON_EDGE = 1e-8  # g at a root on the edge, in g = |m|² − 1
_LATER = 100.0  # time for which a start evolves before it is tried again
_BATCHES, _FEWEST = 4, 64  # multiple of `starts`, or number of them, while the index says that roots are missing
_TRIES = 8  # starts that evolve first because they ended at a degenerate root or at none
_ITERATIONS = 100


@dataclasses.dataclass(frozen=True)
class FixedPoint:
    """m with f(m) = 0, the eigenvalues of Q there (both of shape (n,), the latter by falling real part) and its
    stability.

    stability: "stable" (all real parts < 0), "unstable" (one > 0), or "marginal" (the largest is zero, where
    linearisation does not decide). isolated: False if the point lies on a continuum of fixed points, as with a
    conserved quantity.
    """

    m: np.ndarray
    eigenvalues: np.ndarray
    stability: str
    isolated: bool = True

    def __repr__(self):
        m = ", ".join(f"{x:+.6f}" for x in self.m)
        word = self.stability + ("" if self.isolated else ", one of a continuum")
        return f"FixedPoint(m = ({m}), {word}, eigenvalues {np.array2string(self.eigenvalues, precision=4)})"


def fixed_points(model, starts: int = 64, separation: float = 1e-5, *, guesses=(), seed: int = 0) -> list[FixedPoint]:
    """All states with f(m) = 0 that are found from `starts` low-discrepancy points.

    Parameters
    ----------
    model : Model, or an object with drift(m) and jacobian(m)
    starts : int
        Default 64; up to four times as many while Σ sign det(−Q), which is 1 over all roots, shows that some are
        missing.
    separation : float
        Points closer than this count as one; degenerate ones, which are less precise, within 1e-4. Default 1e-5.
    guesses : sequence of arrays, shape (n,)
        More starts, such as the fixed points at a neighbouring parameter. Default none.
    seed : int

    Returns
    -------
    list of FixedPoint, by m. A continuum is returned as a sample of points with isolated = False.
    Raises FiniteNError for a model or counts that cannot be used.
    """
    check_whole(starts, "fixed points: starts", 1, MOST_STARTS)
    check_number(separation, "fixed points: separation", 0, strict=True)
    check_whole(seed, "fixed points: seed", 0, LARGEST_SEED)
    limit = vector_field.as_limit(model)
    found: list[FixedPoint] = []

    def take(m):
        near = max(separation, _COPIES) if is_degenerate(limit, m) else separation
        if all(np.linalg.norm(m - p.m) > near for p in found):
            found.append(classify(limit, m))

    harder, tried = _TRIES, 0
    if not isinstance(guesses, Sequence | np.ndarray) or isinstance(guesses, str | bytes):
        raise FiniteNError(f"fixed points: guesses = {shown(guesses)}; give a list of averages, n numbers each.")
    size = len(limit.axes) if isinstance(limit, Limit) else getattr(limit, "size", None)
    first = [check_array(g, "fixed points: guess", (size,)) for g in guesses]
    while tried < max(_BATCHES * starts, _FEWEST):
        batch = state_space.starts(limit, tried + starts, seed)[tried:]
        tried += starts
        for start in [*first, *batch]:
            m = _root(limit, start)
            if m is not None:
                take(m)
            if harder and (m is None or is_degenerate(limit, m)):
                harder -= 1
                for other in _more_roots(limit, start):
                    take(other)
        if _index(limit, found) in (getattr(limit, "index", 1), None):
            break
        first = []
    return sorted(found, key=lambda p: tuple(np.round(p.m, 6)))


def _index(limit, points: list[FixedPoint]) -> int | None:
    """Σ sign det(−Q), which is 1 (or the limit's own `index`) if all roots are found, since the flow leads inwards at
    the boundary.

    None if it decides nothing: boundary and degenerate roots are not counted. (Poincaré and Hopf; Milnor, Topology from
    the Differentiable Viewpoint, 1965, § 6.)
    """
    total = 0
    for p in points:
        g, _ = state_space.boundary(limit, p.m)
        if not state_space.is_bounded(limit) or g > -_ON_EDGE or np.abs(p.eigenvalues).min() < _SINGULAR:
            return None
        total += int(np.sign(np.prod(-p.eigenvalues).real))
    return total


def classify(limit, m: np.ndarray) -> FixedPoint:
    """The fixed point at a root m, with its eigenvalues, stability and whether it is isolated."""
    q = vector_field.jacobian(limit, m)
    eigenvalues = np.linalg.eigvals(q)
    eigenvalues = eigenvalues[np.lexsort((-eigenvalues.imag, -np.round(eigenvalues.real, 12)))]
    top = eigenvalues[0].real
    word = "stable" if top < -ZERO else "unstable" if top > ZERO else "marginal"
    return FixedPoint(m, eigenvalues, word, _isolated(limit, m, q))


def polish(limit, m: np.ndarray, edge=None) -> np.ndarray | None:
    """The root of f near m, by Newton steps of least length and least squares; None if there is none.

    At a degenerate root steps shrink by a constant ratio ρ; then the rest of the geometric series, ρ/(1 − ρ) steps, is
    taken at once.
    edge: a function (g, ∇g) of m; then g = 0 is one more equation, and every equation is taken on the scale of its
    gradient.
    """
    m = np.array(m, dtype=float)
    last, ratio = np.zeros_like(m), 0.0
    for _ in range(_ITERATIONS):
        f, q = vector_field.drift(limit, m), vector_field.jacobian(limit, m)
        if edge is not None:
            g, gradient = edge(m)
            f, q = np.append(f, g), np.vstack([q, gradient])
            size = np.linalg.norm(q, axis=1)
            rows = size > 1e-14  # what is below is rounding
            f, q = f[rows] / size[rows], q[rows] / size[rows, None]
        if not (np.all(np.isfinite(f)) and np.all(np.isfinite(q))):
            return None
        u, s, v = np.linalg.svd(q, full_matrices=False)
        kept = s > _NULL * max(1.0, s[0])
        step = -v[kept].T @ ((u.T[kept] @ f) / s[kept])
        length, before = np.linalg.norm(step), np.linalg.norm(last)
        if length > 1e6:
            return None
        m = m + step * min(1.0, 0.5 / max(length, 1e-300))
        if length < 1e-15 * max(1.0, np.linalg.norm(m)):
            break
        ratio, old = (length / before if before else 0.0), ratio
        aligned = before > 0 and step @ last > 0.9999 * length * before
        if aligned and 0.2 < ratio < 0.9 and abs(ratio - old) < 0.01 and length < 0.1:
            m = m + step * ratio / (1 - ratio)
            last, ratio = np.zeros_like(m), 0.0
        else:
            last = step
    f, q = vector_field.drift(limit, m), vector_field.jacobian(limit, m)
    return m if np.all(np.isfinite(q)) and np.abs(f).max() <= RESIDUAL else None  # False for nan


def is_degenerate(limit, m: np.ndarray) -> bool:
    """Whether Q has a singular value that may be zero."""
    return bool(np.linalg.svd(vector_field.jacobian(limit, m), compute_uv=False)[-1] < _SINGULAR)


def _more_roots(limit, start: np.ndarray) -> list[np.ndarray]:
    """Roots on the boundary of the states, and where the flow ends, which respects conserved quantities as Newton
    steps do not."""
    roots = []
    if state_space.is_bounded(limit):
        edge = polish(limit, start, lambda m: state_space.boundary(limit, m))
        roots += [edge] if edge is not None and state_space.physical(limit, edge, _ON_EDGE) else []
    if not np.all(np.isfinite(vector_field.drift(limit, start))):
        return roots  # the integrator would not find its first step
    with np.errstate(all="ignore"):
        try:
            rhs = bounded(lambda _, m: vector_field.drift(limit, m), "fixed points")
            run = solve_ivp(rhs, (0, _LATER), start, rtol=1e-6, atol=1e-9)
        except TooMuchWork:
            return roots
    late = polish(limit, run.y[:, -1])
    return roots + ([late] if late is not None and state_space.physical(limit, late) else [])


def _root(limit, start: np.ndarray) -> np.ndarray | None:
    def residual(m):
        return np.nan_to_num(vector_field.drift(limit, m), nan=1e6, posinf=1e6, neginf=-1e6)

    def slope(m):
        return np.nan_to_num(vector_field.jacobian(limit, m), nan=0.0, posinf=0.0, neginf=0.0)

    with np.errstate(all="ignore"):
        m = root(residual, start, jac=slope, method="lm", options={"xtol": 1e-14, "ftol": 1e-14}).x
    m = polish(limit, m) if np.all(np.isfinite(m)) else None
    return m if m is not None and state_space.physical(limit, m) else None


def _isolated(limit, m: np.ndarray, q: np.ndarray) -> bool:
    """False if another state at a small distance from m, beginning along a null direction of Q, has f = 0 too."""
    _, s, v = np.linalg.svd(q)
    for direction in v[s < _SINGULAR]:
        for sign in (1, -1):
            other = polish(limit, m + sign * _PROBE * direction, lambda x: ((x - m) @ (x - m) - _PROBE**2, 2 * (x - m)))
            if other is None or not state_space.physical(limit, other):
                continue
            distance = np.linalg.norm(other - m)
            if abs(distance - _PROBE) < 1e-3 * _PROBE and np.abs(vector_field.drift(limit, other)).max() < _SURE:
                return False
    return True
