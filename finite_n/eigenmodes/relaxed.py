"""The null vector of a large sector by Krylov spaces of E = exp(τL): no factorisation, and no search for slow modes.

(1 − E)z = (E − 1)x₀ is solved by GMRES from a state x₀ of trace one, z traceless; x₀ + z is the state. Whether there
is another zero mode, and how slow the slowest mode is, say the largest Ritz values of E from a random traceless start.

‖e^{tL}Y‖₁ ≤ min(1, C e^{−gt}) ‖Y‖₁ of a traceless Hermitian Y, since e^{tL} is a contraction in trace norm; so a
residual R moves the state by at most (1 + ln C)/g ‖R‖₁ in trace norm. C, how much spectral projections can add up to,
enters by its logarithm; it is taken as the inverse of rounding, beyond which modes could not be told apart. A second
estimate does not rest on that: a state that is off by Y changes by (e^{TL} − 1)Y within a time T, which is −Y once Y
has decayed. The larger of the two is the error.

Y. Saad and M. H. Schultz, SIAM J. Sci. Stat. Comput. 7, 856 (1986); on inexact products V. Simoncini and D. B. Szyld,
SIAM J. Sci. Comput. 25, 454 (2003).
"""

from __future__ import annotations

import dataclasses

import numpy as np

from finite_n.eigenmodes.invariant_subspaces import EPS
from finite_n.eigenmodes.sectors import Sector

_STEPS = 0.5, 4.0, 32.0  # τ in units of the inverse rate: longer ones tell slow modes apart that oscillate alike
_SPACE, _RESTARTS = 24, 8  # vectors of a Krylov space, and how many of these spaces
_LEAST, _MOST = 10, 60  # vectors in the search for the slowest mode
_ROUGH = 1e-7  # error of products in it
_CONVERGED = 0.02  # residual of the largest Ritz value θ over 1 − |θ|
_LATER, _LONGEST = 1.0, 5.0  # T in units of 1/g, and at most in units of the inverse rate
_STALLED = 0.5  # of the residual before
_FLOOR = 1e-4  # |θ| that is still told from nothing
_SLOWEST = 1e-3  # g in units of the rate below which a search of all modes is called for
_PROPAGATED = 1e-14  # error of exp(τL)x
_ROUNDING = 3e-15  # of the largest rate or frequency: no residual is smaller
_MARGIN = 1.1  # of 1/g
AMPLIFIED = _MARGIN * (1 - np.log(EPS))  # (1 + ln C), C = 1/ε


@dataclasses.dataclass(frozen=True)
class Relaxed:
    """vector: x; change: (e^{TL} − 1)x over 1 − e^{−gT}; gap: g, decay rate of the slowest mode of the sector;
    propagations: of E."""

    vector: np.ndarray
    change: np.ndarray
    gap: float
    propagations: int


def bytes_of_relaxation(sector: Sector) -> float:
    """Memory of both Krylov spaces, one after the other."""
    return 8.0 * sector.size * (_MOST + 8) + sector.workspace + sector.bytes


def relaxed(sector: Sector, start: np.ndarray, tol: float) -> Relaxed | None:
    """The null vector to a residual of tol × gap × ‖x‖, or tol × rate × ‖x‖ where rounding allows no less, from a start
    of trace one; None where another mode may be stationary or is too slow."""
    gap, count, tau = slowest(sector)
    if gap is None:
        return None
    allowed, wanted = (max(tol * r, _ROUNDING * sector.scale) for r in (sector.rate, min(gap, sector.rate)))
    x, residual = start, np.inf
    for _ in range(_RESTARTS):
        image = sector.propagate(x, tau, _PROPAGATED)
        x, steps = _improved(sector, tau, x, _traceless(sector, image - x), wanted * tau)
        x = sector.propagate(x, tau, _PROPAGATED)  # what moves fast is left to E
        x, count = x / (sector.trace @ x), count + steps + 2
        before, residual = residual, float(np.linalg.norm(sector.apply(x)) / np.linalg.norm(x))
        if residual <= wanted or (residual <= allowed and residual > _STALLED * before):
            break
    if not residual <= allowed:
        return None
    later = min(_LATER / gap, _LONGEST / sector.rate)
    change = (sector.propagate(x, later, _PROPAGATED) - x) / -np.expm1(-gap * later)
    return Relaxed(x, change, gap, count + int(np.ceil(later / tau)))


def _traceless(sector: Sector, y: np.ndarray) -> np.ndarray:
    t = sector.trace
    return y - t * ((t @ y) / (t @ t)) if sector.carries_trace else y


def _arnoldi(sector: Sector, tau: float, start: np.ndarray, most: int, tol):
    """Hessenberg matrices (j + 1, j) of E on traceless vectors and the basis, step by step; `tol(j)` of products."""
    basis = np.empty((most + 1, sector.size))
    basis[0], h = start / np.linalg.norm(start), np.zeros((most + 1, most))
    for j in range(most):
        w = _traceless(sector, sector.propagate(basis[j], tau, tol(j)))
        for _ in range(2):
            c = basis[: j + 1] @ w
            w -= c @ basis[: j + 1]
            h[: j + 1, j] += c
        size = float(np.linalg.norm(w))
        h[j + 1, j] = size
        basis[j + 1] = w / size if size > 0 else 0.0
        yield h[: j + 2, : j + 1], basis[: j + 1]
        if size <= EPS:
            return


def _improved(sector: Sector, tau: float, x: np.ndarray, r: np.ndarray, allowed: float) -> tuple[np.ndarray, int]:
    """x + z with the smallest ‖r − (1 − E)z‖ in a Krylov space."""
    start, left = float(np.linalg.norm(r)), [1.0]
    if start == 0:
        return x, 0
    aim = 0.1 * allowed * float(np.linalg.norm(x)) / start
    c, known = np.zeros(0), np.zeros((0, sector.size))
    for h, basis in _arnoldi(sector, tau, r, _SPACE, lambda j: _PROPAGATED / max(min(left[-1], 1.0), 1e-6)):
        one, known = np.eye(len(h))[0], basis
        shifted = np.eye(*h.shape) - h
        c = np.linalg.lstsq(shifted, one, rcond=None)[0]
        left.append(float(np.linalg.norm(one - shifted @ c)))
        if left[-1] <= aim:
            break
    return x + start * (c @ known), len(left) - 1


def slowest(sector: Sector) -> tuple[float | None, int, float]:
    """The smallest decay rate of traceless vectors, None where some decay too slowly to tell; products used; and the τ
    that told."""
    count = 0
    for step in _STEPS:
        tau = step / sector.rate
        gap, steps = _smallest_rate(sector, tau)
        count += steps
        if gap is not None:
            break
    return (gap if gap is not None and gap > _SLOWEST * sector.rate else None), count, tau


def _smallest_rate(sector: Sector, tau: float) -> tuple[float | None, int]:
    """−ln |θ|/τ of the largest Ritz value, None if it has not converged; and the products used."""
    y = _traceless(sector, np.random.default_rng(3).standard_normal(sector.size))
    steps, theta, sure = 0, 1.0, False
    for h, _ in _arnoldi(sector, tau, y, min(_MOST, sector.size - 2), lambda j: _ROUGH):
        steps += 1
        values, vectors = np.linalg.eig(h[:-1])
        at = int(np.argmax(np.abs(values)))
        theta, rest = float(np.abs(values[at])), float(h[-1, -1] * np.abs(vectors[-1, at]))
        sure = rest <= _CONVERGED * abs(1 - theta) or theta < _FLOOR
        if steps >= _LEAST and sure:
            break
    return (float(-np.log(max(theta, _FLOOR)) / tau) if sure else None), steps
