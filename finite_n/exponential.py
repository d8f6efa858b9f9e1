"""exp(τL)x for any real linear operator given by its product with a vector: the shifted Taylor series, unfused.

exp(hL)x = e^{−hμ} Σ_k (h(L + μ))^k x / k! in steps h, as in `finite_n.integrate`, but for vectors that are no states: errors
are relative to the Euclidean norm of x, and nothing is measured on the way.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from finite_n.errors import FiniteNError

_FIRST = 15.0  # growth × first step
_LONGEST = 200.0  # μ × longest step: beyond, e^{hμ} comes near overflow
_HUMP = 100.0  # largest term over the start: above, digits are lost to cancellation
_MAX_TERMS = 2000
_SHORTEST = 1e-9  # of τ


def exponential(
    apply: Callable[[np.ndarray, np.ndarray, float], None],
    x: np.ndarray,
    tau: float,
    mu: float,
    growth: float,
    tol: float = 1e-14,
) -> np.ndarray:
    """exp(τL) x.

    Parameters
    ----------
    apply : function (source, out, shift)
        Writes (L + shift) source into out.
    x : real array
    tau : float, not negative
    mu : float
        Shift, best near the largest decay rate.
    growth : float
        A norm of L + mu: term k + 1 of the series is taken to be at most h·growth/(k + 1) times term k.
    tol : float
        Truncation allowed, relative to ‖x‖.

    Raises FiniteNError if no step is short enough, as with numbers that are not finite.
    """
    v, term, other = x.copy(), np.zeros_like(x), np.zeros_like(x)  # kernels read and never write padding
    allowed = tol * _norm(x)
    done, h = 0.0, min(tau, _FIRST / growth) if growth > 0 else tau
    while done < tau:
        step = min(h, tau - done)
        damping = np.exp(-step * mu)
        total, source = v.copy(), v
        start = largest = _norm(v)
        remainder = np.inf
        for k in range(1, _MAX_TERMS):
            apply(source, term, mu)
            term *= step / k
            total += term
            size = _norm(term)
            largest = max(largest, size)
            ratio = step * growth / (k + 1)
            remainder = damping * size * ratio / (1 - ratio) if ratio < 0.9 else np.inf
            if remainder <= allowed or not damping * size <= 10 * _HUMP * start:
                break
            source, term, other = term, other, term
        hump = damping * largest / start if start else 0.0
        if not (remainder <= allowed and hump <= 10 * _HUMP):
            h = step / 2
            if h < _SHORTEST * tau:
                raise FiniteNError(
                    f"exponential: no step is short enough to reach τ = {tau:.3g}; check the model's rates."
                )
            continue
        total *= damping
        v, done = total, (tau if step == tau - done else done + step)
        if hump > _HUMP:
            h = 0.7 * step
        elif hump < _HUMP / 10 and step == h:
            h = 1.5 * h if mu <= 0 else min(1.5 * h, max(_LONGEST / mu, h))
    return v


def _norm(x: np.ndarray) -> float:
    return float(np.linalg.norm(x.ravel()))
