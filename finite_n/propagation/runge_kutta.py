"""A Runge–Kutta step of order 8 for a constant generator, with a bound of its error: the step of Dormand and Prince.

For ρ̇ = Lρ a Runge–Kutta step is a polynomial of z = hL: stage i is k_i = L P_i(z)ρ with P_i = 1 + z Σ_j a_ij P_j, and
the step R(z) = 1 + z Σ_i b_i P_i(z) = Σ_k r_k z^k. So one power after another is formed and added up, and four states
are held instead of fourteen. The tableau is scipy's (`scipy.integrate.DOP853`).

The error is bounded by these powers too, with no second formula embedded. r_k = 1/k! up to the order p, K is the degree
of R, and by Taylor's remainder e^z = Σ_{k<K} z^k/k! + z^K ∫_0^1 (1 − s)^{K−1}/(K − 1)! e^{sz} ds. As e^{sz} contracts
the trace norm,

    ‖(e^z − R(z))ρ‖ ≤ Σ_{p<k<K} |1/k! − r_k| ‖z^k ρ‖ + (|r_K| + 1/K!) ‖z^K ρ‖,

of any stiffness. The bound grows with h, so that of a step covers R(θz)ρ, 0 ≤ θ ≤ 1, which is the state at a time
inside it: what a step that ends there gives, without another application of L. (Taylor's series would amplify what the
step damps.)
"""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.polynomial import Polynomial

ORDER = 8
_ROUNDING = 1e-13  # of sums of products of the tableau, all of order one to thirty


@functools.cache
def step() -> np.ndarray:
    """r_k, k = 0 … K = 12; those up to the order are 1/k! to all digits."""
    from scipy.integrate import DOP853  # slow to import

    z, stages = Polynomial([0, 1]), []
    for row in DOP853.A[: DOP853.n_stages]:
        stages.append(1 + z * sum((a * p for a, p in zip(row, stages, strict=False)), Polynomial([0.0])))
    out = (1 + z * sum(b * p for b, p in zip(DOP853.B, stages, strict=True))).coef
    out = out[: np.flatnonzero(np.abs(out) > _ROUNDING)[-1] + 1]
    out[: ORDER + 1] = [1 / math.factorial(k) for k in range(ORDER + 1)]
    return out


@functools.cache
def remainder() -> np.ndarray:
    """Weight of ‖z^k ρ‖, k = 0 … K, in the bound of the error."""
    exact = np.array([1 / math.factorial(k) for k in range(step().size)])
    out = np.abs(exact - step())
    out[-1] = abs(step()[-1]) + exact[-1]
    return out
