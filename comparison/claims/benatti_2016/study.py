"""Formulas of Benatti et al. 2016 (Phys. Lett. A 380, 381) that every study of their system judges.

In s = σ/2: the averages of eqs. 37–39 for B of eq. 40, and the covariance at the pole (eqs. 52, 55, 57). The quantities
of a study are averages and covariances of Pauli matrices: 2 ω_μ and 4 Σ_μν.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from comparison.claims.benatti_2016.claims import COVARIANCE, SOLUTION
from comparison.formula import parse
from comparison.referee.claim import Claim
from finite_n.errors import FiniteNError
from finite_n.model.model import Model
from finite_n.states.initial_state import as_initial_state

_SPINS = Model()  # the claims' one species of spins


def claims_on(system: str, parameters: Mapping[str, Any], rho0, model: Model) -> list[Claim]:
    """What the paper prints of `collective_dissipation`: covariances at the pole, averages elsewhere."""
    if system != "collective_dissipation":
        return []
    p = parameters
    if at_pole(rho0):
        return [pole_covariance(rho0, p["lam"], p["a11"], p["a22"], p["a12"])] if p["lam"] else []
    return [magnetisation(rho0, p["lam"])] if np.any(_limit(rho0)[0]) else []


def at_pole(rho0) -> bool:
    """Whether the averages are (0, 0, m_z), m_z ≠ 0, to rounding of the angle."""
    m = _limit(rho0)[0]
    return bool(m[2] != 0 and np.hypot(m[0], m[1]) <= 1e-7 * abs(m[2]))


def magnetisation(rho0, lam: float) -> Claim:
    """The solution of eqs. 37–39 for B of eq. 40, ω_3 = ξ tanh(ξ(λt + c)), that leads to eq. 41."""
    w = _limit(rho0)[0] / 2
    xi = np.linalg.norm(w)
    if xi == 0 or at_pole(rho0):
        raise FiniteNError(
            "Benatti et al. 2016, eq. 41: needs averages off the pole; start from a Bloch vector with m_x or m_y ≠ 0."
        )
    names = {f"w{k + 1}": w[k] for k in range(3)} | {"xi": xi, "c": np.arctanh(w[2] / xi) / xi, "lam": lam}

    def values(times):
        found = {k: parse(text, names | {"t": times - times[0]}, "eq. 41") for k, text in SOLUTION.items()}
        return {f"mean_{axis}": 2 * found[f"w{k + 1}"] for k, axis in enumerate("xyz")}

    return Claim("magnetisation", "Benatti et al. 2016, solution of eqs. 37–39 above eq. 41", values)


def pole_covariance(rho0, lam: float, a11: float, a22: float, a12: float) -> Claim:
    """Eq. 55 for (q, p) of eq. 43 from the averages (0, 0, ξ), with the noise of eq. 52 and b = λξ ≠ 0."""
    m, covariance = _limit(rho0)
    xi = m[2] / 2
    if not at_pole(rho0) or not lam:
        raise FiniteNError(
            "Benatti et al. 2016, eq. 55: holds from the pole for λ ≠ 0; start from a Bloch vector (0, 0, m_z), "
            "m_z ≠ 0."
        )
    to_qp = np.diag([1.0, np.sign(xi)]) / np.sqrt(abs(xi))  # eq. 43
    start = to_qp @ (covariance[:2, :2] / 4) @ to_qp
    names = {"b": lam * xi, "xi": xi, "absxi": abs(xi), "A11": a11, "A22": a22, "A12": a12}
    names |= {"S11": start[0, 0], "S12": start[0, 1], "S22": start[1, 1]}
    back = np.linalg.inv(to_qp)

    def values(times):
        qp = {k: parse(text, names | {"t": times - times[0]}, "eq. 55") for k, text in COVARIANCE.items()}
        return {
            "cov_xx": 4 * back[0, 0] ** 2 * qp["11"],
            "cov_xy": 4 * back[0, 0] * back[1, 1] * qp["12"],
            "cov_yy": 4 * back[1, 1] ** 2 * qp["22"],
        }

    return Claim("covariance", "Benatti et al. 2016, eq. 55 (57 for b < 0) with eqs. 43, 52", values)


def _limit(rho0) -> tuple[np.ndarray, np.ndarray]:
    """Averages (3,) and covariance (3, 3) of the spins' initial state."""
    return as_initial_state(rho0, _SPINS).limit()[:2]
