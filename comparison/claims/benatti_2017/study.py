"""Formulas of Benatti et al. 2017 (arXiv:1705.08648) that every study of the double chain judges: averages of the six
operators are zero; their covariance is that of eq. 27 from the thermal state, which stays, and that of eq. 61 from the
squeezed one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.linalg import expm

from comparison.formula import parse
from comparison.referee.claim import Claim
from finite_n.systems.double_chain import DoubleChain

_VARIANCE = "(eta**2 + 1)/(4*eta)"  # eq. 27
_NAMES = [f"X{k}" for k in range(1, 7)]


def claims_on(system: str, parameters: Mapping[str, Any], rho0, model) -> list[Claim]:
    """What the paper prints of `double_chain` that starts in its thermal state, or squeezed."""
    if system != "double_chain":
        return []
    chain = DoubleChain(**parameters)
    if chain.k and rho0 == chain:
        return [squeezed_covariance(chain)]
    return [thermal_covariance(chain)] if rho0 == chain.gibbs else []


def thermal_covariance(chain: DoubleChain) -> Claim:
    """⟨X_μ⟩ = 0 and Σ_μν = δ_μν (1 + η²)/(4η) at all times, and the Gaussian of these."""
    variance = parse(_VARIANCE, {"eta": chain.eta}, "eq. 27")

    def values(times):
        zero = np.zeros(len(times))
        out = {f"mean_{a}": zero for a in _NAMES}
        return out | {
            f"cov_{a}_{b}": zero + (variance if a == b else 0.0) for k, a in enumerate(_NAMES) for b in _NAMES[k:]
        }

    return Claim("printed", "Benatti et al. 2017, eqs. 27 and 35", values)


def squeezed_covariance(chain: DoubleChain) -> Claim:
    """Σ(t) = Σ_0 − M Σ_0 Mᵀ + M Σ_k Mᵀ of eq. 61, M = e^{tL} with L of eq. 53, Σ_0 of eq. 27 and Σ_k of eq. 69."""
    variance = parse(_VARIANCE, {"eta": chain.eta}, "eq. 27")
    stretched = np.diag(np.exp([4 * chain.k, -4 * chain.k, 4 * chain.k, -4 * chain.k, 0, 0]))
    coupled = np.kron([[0, 0, 1], [0, 0, 1], [1, 1, 0]], np.eye(2))
    turned = np.kron(np.eye(3), [[0, 1], [-1, 0]])
    L = (chain.gamma - 1) * (np.eye(6) + chain.coupling / np.sqrt(2) * coupled) + 2 * chain.omega * turned

    def values(times):
        M = np.array([expm((t - times[0]) * L) for t in times])
        covariance = variance * (np.eye(6) + M @ (stretched - np.eye(6)) @ M.transpose(0, 2, 1))
        zero = np.zeros(len(times))
        return {f"mean_{a}": zero for a in _NAMES} | {
            f"cov_{a}_{b}": covariance[:, j, k] for j, a in enumerate(_NAMES) for k, b in enumerate(_NAMES[j:], start=j)
        }

    return Claim("printed", "Benatti et al. 2017, eqs. 27, 53, 61 and 69", values)
