"""The null vector of a sector by one sparse LU decomposition of σ − L, and a bound of its error.

For a small σ > 0 inverse iteration ends in the null vector x, t·x = 1. With Q = 1 − xtᵀ, R = (σ − L)⁻¹ and the inverse
S of −L on what decays, S = RQ(1 − σRQ)⁻¹, so that ‖S‖ ≤ ‖RQ‖/(1 − σ‖RQ‖); |λ| ≥ 1/‖S‖ for every other eigenvalue of the
sector, and a residual r moves x by at most ‖S‖‖r‖.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import LinearOperator, eigsh, splu

from finite_n.eigenmodes.arnoldi import COEFFICIENTS
from finite_n.eigenmodes.fill_in import ORDER
from finite_n.eigenmodes.sectors import Sector

_SHIFT, _LESS = 1e-6, 1e-3  # σ in units of the rate, and the factor to the next one where modes are as slow as that
_ITERATIONS = 12
_STALLED = 0.5  # of the residual before: no further iteration
_HALF = 0.5  # the most that σ‖RQ‖ may be
_NORM = 0.05  # accuracy of ‖RQ‖


@dataclasses.dataclass(frozen=True)
class NullVector:
    """vector x with t·x = 1; error: of it; slowest: at least this far from zero are all other eigenvalues."""

    vector: np.ndarray
    error: float
    slowest: float


def null_vector(sector: Sector, zero: float) -> NullVector | None:
    """None where another eigenvalue may be within `zero` of 0, as far as a decomposition tells."""
    matrix, trace, sigma = sp.csc_array(sector.matrix()), sector.trace, _SHIFT * sector.rate
    one = sp.eye_array(sector.size, format="csc")
    while sigma >= zero / 10:
        if (lu := _decomposed(sigma * one - matrix)) is None:
            return None
        x, residual = trace / trace.sum(), np.inf
        for _ in range(_ITERATIONS):
            new = lu.solve(x)
            if not np.all(np.isfinite(new)) or not (weight := trace @ new):
                return None
            new /= weight
            left = float(np.linalg.norm(matrix @ new))
            if not left < _STALLED * residual:
                break
            x, residual = new, left
        norm = _norm(lu, x, trace)
        if sigma * norm <= _HALF:
            norm = norm / (1 - sigma * norm)
            rounding = COEFFICIENTS * sector.scale * float(np.linalg.norm(x))
            return NullVector(x, norm * (residual + rounding), 1 / max(norm, 1e-300)) if norm * zero < 1 else None
        sigma *= _LESS
    return None


def has_zero_mode(sector: Sector, zero: float) -> bool:
    """Whether an eigenvalue of a sector without trace may be within `zero` of 0."""
    lu, nothing = _decomposed(zero * sp.eye_array(sector.size) - sector.matrix()), np.zeros(sector.size)
    # |λ| ≥ 1/‖L⁻¹‖ ≥ 1/‖R‖ − σ for σ = zero
    return lu is None or not _norm(lu, nothing, nothing) * 2 * zero < 1


def _decomposed(matrix):
    try:
        return splu(sp.csc_matrix(matrix), **ORDER)
    except RuntimeError:  # exactly singular
        return None


def _norm(lu, x: np.ndarray, trace: np.ndarray) -> float:
    """‖RQ‖, a little more rather than less."""
    n = len(x)

    def twice(y):
        y = y.ravel()
        z = lu.solve(lu.solve(y - x * (trace @ y)), trans="T")
        return z - trace * (x @ z)

    start = np.random.default_rng(2).standard_normal(n)
    if n < 4:
        return float(np.sqrt(max(0.0, np.linalg.eigvalsh(np.array([twice(e) for e in np.eye(n)]))[-1])))
    operator = LinearOperator((n, n), twice, dtype=float)
    largest = eigsh(operator, 1, v0=start, tol=_NORM, return_eigenvectors=False, ncv=min(n, 12))
    return float(np.sqrt(largest[0]) * (1 + _NORM))
