"""Formulas of Fiorelli 2024 (arXiv:2402.00792) that every study of the Hopfield network judges: the covariance of its
fluctuations, eqs. 50, 59, 61–63.

For one pattern, gauged, there is one large spin, w̃ = 1 and ΔE = m_z; for several see `printed_covariance`. The paper
states these equations for averages at rest; from other states they are judged here along the moving m(t), as its eq. 35
has it with Q read as eq. 59. Σ is that of eq. 30, with the ½ that eq. 57 lacks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from comparison.claims.exact.product_states import LargeSpins
from comparison.claims.fiorelli_2024.equations import DRIFT, FIRST, FLIPS, SECOND
from comparison.claims.fiorelli_2024.network import names
from comparison.formula import parse
from comparison.referee.claim import INTEGRATED, Claim
from comparison.referee.quantities import named_quantities
from finite_n.model.model import Model
from finite_n.states.initial_state import as_initial_state
from finite_n.systems import hopfield
from meanfield import Limit


def claims_on(system: str, parameters: Mapping[str, Any], rho0, model: Model) -> list[Claim]:
    """What the paper prints of `hopfield` and `hopfield_patterns` with exponential rates."""
    if system not in ("hopfield", "hopfield_patterns") or parameters["rates"] != "exponential":
        return []
    return [printed_covariance(rho0, parameters["omega"], parameters["beta"], model)]


def printed_covariance(rho0, omega: float, beta: float, model: Model | None = None) -> Claim:
    """Σ̇ = QΣ + ΣQᵀ + σSσᵀ + Γ²G with Q of eq. 59: it has no derivative of the rates. m(t) is the mean field.

    model: `hopfield_patterns` with equal fractions; default one pattern, `hopfield`. Its species are pairs of the
    paper's large spins, ξ and −ξ, turned onto each other, so w̃_hk = 2^{1−p} ξ_h·ξ_k.
    """
    model = hopfield(omega, beta) if model is None else model
    limit, species = Limit(model), len(model.species)
    signs = np.array([[1 if x == "p" else -1 for x in s.name or "p"] for s in model.species])
    coupling = signs @ signs.T / 2 ** (signs.shape[1] - 1)
    start, covariance = as_initial_state(rho0, model).limit()[:2]
    n = 3 * species

    def rhs(_, y):
        m, cov = y[:n], y[n:].reshape(n, n)
        known = names(LargeSpins(m.reshape(species, 3), beta, coupling, np.array([omega, 0, 0])))
        q = parse(DRIFT, known, "eq. 59")
        noise = sum(parse(text, known, "eqs. 61–63") for text in (FLIPS, SECOND, FIRST))
        return np.concatenate([limit.drift(m), (q @ cov + cov @ q.T + noise).ravel()])

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
        named = named_quantities(y[:, :n], y[:, n:].reshape(-1, n, n), model.space)
        return {k: v for k, v in named.items() if k.startswith("cov")}

    return Claim("printed", "Fiorelli 2024, eq. 50 with eqs. 59, 61–63", values, INTEGRATED)
