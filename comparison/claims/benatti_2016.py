"""Benatti et al. 2016 (Phys. Lett. A 380, 381) as printed: averages and covariance of spins in one common bath.

In s = σ/2: the closed solution of eqs. 37–39 for B of eq. 40, from which eq. 41 is read off, and the covariance at the
pole (eqs. 52, 55, 57). The quantities of a study are averages and covariances of Pauli matrices: 2 ω_μ and 4 Σ_μν.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

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
        return [pole_covariance(rho0, p["lam"], p["a11"], p["a22"], p["a12"])]
    return [magnetisation(rho0, p["lam"])] if np.any(_limit(rho0)[0]) else []


def at_pole(rho0) -> bool:
    """Whether the averages are (0, 0, m_z), m_z ≠ 0, to rounding of the angle."""
    m = _limit(rho0)[0]
    return bool(m[2] != 0 and np.hypot(m[0], m[1]) <= 1e-7 * abs(m[2]))


def magnetisation(rho0, lam: float) -> Claim:
    """ω_3 = ξ tanh(ξ(λt + c)), ω_1,2 = ω_1,2(0) cosh(ξc)/cosh(ξ(λt + c)), the solution that leads to eq. 41."""
    w = _limit(rho0)[0] / 2
    xi = np.linalg.norm(w)
    if xi == 0 or at_pole(rho0):
        raise FiniteNError(
            "Benatti et al. 2016, eq. 41: needs averages off the pole; start from a Bloch vector with m_x or m_y ≠ 0."
        )
    c = np.arctanh(w[2] / xi) / xi

    def values(times):
        x = xi * (lam * (times - times[0]) + c)
        ratio = np.cosh(xi * c) / np.cosh(x)
        return {"mean_x": 2 * w[0] * ratio, "mean_y": 2 * w[1] * ratio, "mean_z": 2 * xi * np.tanh(x)}

    return Claim("magnetisation", "Benatti et al. 2016, solution of eqs. 37–39 above eq. 41", values)


def pole_covariance(rho0, lam: float, a11: float, a22: float, a12: float) -> Claim:
    """Σ_t = e^{−2bt} Σ_0 − (1 − e^{−2bt})/(2b) σAσ for (q, p), b = λξ, from the averages (0, 0, ξ)."""
    m, covariance = _limit(rho0)
    xi = m[2] / 2
    if not at_pole(rho0):
        raise FiniteNError(
            "Benatti et al. 2016, eq. 55: holds from the pole; start from a Bloch vector (0, 0, m_z), m_z ≠ 0."
        )
    b, size = lam * xi, abs(xi)
    to_qp = np.diag([1.0, np.sign(xi)]) / np.sqrt(size)  # eq. 43
    start = to_qp @ (covariance[:2, :2] / 4) @ to_qp
    noise = np.array([[a11 * size, a12 * xi], [a12 * xi, a22 * size]])  # eq. 52
    form = np.array([[0.0, 1.0], [-1.0, 0.0]])

    def values(times):
        t = (times - times[0])[:, None, None]
        grown = -np.expm1(-2 * b * t) / (2 * b) if b else t  # (1 − e^{−2bt})/(2b)
        qp = np.exp(-2 * b * t) * start - grown * (form @ noise @ form)  # eq. 55
        back = np.linalg.inv(to_qp)
        f = 4 * back @ qp @ back
        return {"cov_xx": f[:, 0, 0], "cov_xy": f[:, 0, 1], "cov_yy": f[:, 1, 1]}

    return Claim("covariance", "Benatti et al. 2016, eq. 55 (57 for b < 0) with eqs. 43, 52", values)


def _limit(rho0) -> tuple[np.ndarray, np.ndarray]:
    """Averages (3,) and covariance (3, 3) of the spins' initial state."""
    return as_initial_state(rho0, _SPINS).limit()[:2]
