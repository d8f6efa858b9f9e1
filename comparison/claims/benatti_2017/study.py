"""Formulas of Benatti et al. 2017 (arXiv:1705.08648) that every study of the double chain judges: from the thermal
state, which stays, averages of the six operators are zero and their covariance is that of eq. 27."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from comparison.formula import parse
from comparison.referee.claim import Claim
from finite_n.systems.double_chain import DoubleChain

_VARIANCE = "(eta**2 + 1)/(4*eta)"  # eq. 27
_NAMES = [f"X{k}" for k in range(1, 7)]


def claims_on(system: str, parameters: Mapping[str, Any], rho0, model) -> list[Claim]:
    """What the paper prints of `double_chain` that starts in its thermal state."""
    if system != "double_chain":
        return []
    chain = DoubleChain(**parameters)
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
