"""An adaptive Runge–Kutta pair for a constant generator: Dormand and Prince, order 8 with error estimates of order 5 and 3.

For ρ̇ = Lρ a Runge–Kutta step is a polynomial of hL: stage i is k_i = L P_i(hL)ρ with P_i(z) = 1 + z Σ_j a_ij P_j(z), the step
R(z) = 1 + z Σ_i b_i P_i(z), an error estimate z Σ_i e_i P_i(z). So one power after another is formed and added up, and six
states are held instead of fourteen. The tableau is scipy's (`scipy.integrate.DOP853`).
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.polynomial import Polynomial
from scipy.integrate import DOP853

ORDER = 8
_ROUNDING = 1e-13  # of sums of products of the tableau, all of order one to thirty


@functools.cache
def polynomials() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coefficients of z^k, k = 0 … 13, of the step R and of its error estimates of order 5 and 3."""
    z, stages = Polynomial([0, 1]), []
    for row in DOP853.A[: DOP853.n_stages]:
        stages.append(1 + z * sum((a * p for a, p in zip(row, stages, strict=False)), Polynomial([0.0])))
    step = 1 + z * sum(b * p for b, p in zip(DOP853.B, stages, strict=True))
    stages.append(step)
    estimates = [z * sum(e * p for e, p in zip(row, stages, strict=True)) for row in (DOP853.E5, DOP853.E3)]
    out = np.zeros((3, len(stages) + 1))
    for row, p in zip(out, (step, *estimates), strict=True):
        row[: len(p.coef)] = np.where(np.abs(p.coef) > _ROUNDING, p.coef, 0.0)
    return tuple(out)


def error_estimate(fifth: float, third: float) -> float:
    """The error of a step from the norms of both estimates, as combined by Hairer, Nørsett and Wanner."""
    return fifth**2 / np.hypot(fifth, 0.1 * third) if fifth > 0 else 0.0
