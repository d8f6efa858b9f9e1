"""Paper 003: covariance of the Hopfield network's fluctuations, eq. 50 with eqs. 59 and 61 to 63 as printed.

For one pattern, gauged, there is one large spin, w̃ = 1 and ΔE = m_z. The paper states these equations for averages at rest;
from other states they are judged here along the moving m(t), as its eq. 35 has it with Q read as eq. 59. Σ is that of
eq. 30, with the ½ that eq. 57 lacks.
"""

from __future__ import annotations

import numpy as np
from scipy.integrate import solve_ivp

from comparison.claim import Claim, named_quantities
from finite_n.states import as_state
from finite_n.systems import hopfield
from meanfield import Limit

EPSILON = np.zeros((3, 3, 3))
for _a, _b, _c in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
    EPSILON[_a, _b, _c], EPSILON[_a, _c, _b] = 1, -1


def printed_covariance(rho0, omega: float, beta: float) -> Claim:
    """Σ̇ = QΣ + ΣQᵀ + σSσᵀ + Γ²G with Q of eq. 59: it has no derivative of the rates. m(t) is the mean field."""
    limit = Limit(hopfield(omega, beta))
    start, covariance = as_state(rho0).limit()

    def rhs(_, y):
        m, cov = y[:3], y[3:].reshape(3, 3)
        cosh, sinh = np.cosh(beta * m[2]), np.sinh(beta * m[2])
        q = -2 * omega * EPSILON[0] + cosh * np.diag([-0.5, -0.5, -1.0])  # eq. 59
        g = cosh * np.diag([1.0, 1.0, 2.0]) - 2 * sinh * m[2] * np.diag([0.0, 0.0, 1.0])  # eq. 61
        for a in (0, 1):
            g[a, 2] = g[2, a] = -sinh * m[a]
        sigma = 2 * np.einsum("abc,c->ab", EPSILON, m)
        column = np.outer(sigma[:, 2], sigma[:, 2])
        s = beta**2 / 8 * (cosh - m[2] * sinh) * column  # eq. 62, one k′
        s -= beta / 8 * 2 * cosh * column  # eq. 63
        return np.concatenate([limit.drift(m), (q @ cov + cov @ q.T + s + g).ravel()])

    def values(times):
        y = solve_ivp(
            rhs,
            (times[0], times[-1]),
            np.concatenate([start, covariance.ravel()]),
            method="DOP853",
            t_eval=times,
            rtol=1e-12,
            atol=1e-13,
        ).y.T
        named = named_quantities(y[:, :3], y[:, 3:].reshape(-1, 3, 3))
        return {k: v for k, v in named.items() if k.startswith("cov")}

    return Claim("printed", "003 eq. 50 with eqs. 59, 61–63", values)
