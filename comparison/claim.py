"""A claimed limit: named quantities as functions of time, to be judged by exact numbers."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np

from finite_n.model import Model
from meanfield import Limit

MEANS = tuple(f"mean_{a}" for a in "xyz")
PAIRS = ("xx", "xy", "xz", "yy", "yz", "zz")
COVARIANCES = tuple(f"cov_{p}" for p in PAIRS)


@dataclasses.dataclass(frozen=True)
class Claim:
    """name; source (paper and equation); values(times) → {quantity: array (T,)}.

    Quantities are mean_x … mean_z, cov_xx … cov_zz (averages and covariances of Pauli matrices) and the labels of the
    study's own observables. A claim may speak of only some of them.
    """

    name: str
    source: str
    values: Callable[[np.ndarray], Mapping[str, np.ndarray]]


def named_quantities(means: np.ndarray, covariance: np.ndarray) -> dict[str, np.ndarray]:
    """{quantity: (T,)} from means (T, 3) and covariance (T, 3, 3)."""
    out = {name: means[:, a] for a, name in enumerate(MEANS)}
    return out | {f"cov_{p}": covariance[:, "xyz".index(p[0]), "xyz".index(p[1])] for p in PAIRS}


def derived_claim(model: Model, rho0, e_ops=None, planted=None) -> Claim:
    """The limit that this package derives from the model, optionally with planted errors."""

    def values(times):
        result = Limit(model, planted).evolve(rho0, times, e_ops)
        extra = {label: np.real(v) for label, v in result.e_data.items()}
        return named_quantities(result.means, result.covariance) | extra

    return Claim("derived", "ṁ = f(m), Σ̇ = QΣ + ΣQᵀ + 𝒟 with Q = ∂f/∂m, from the model", values)
