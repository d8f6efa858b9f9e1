"""Where averages and covariances at finite N are those of no quantum state."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from comparison.referee.quantities import covariance_indices, covariance_names, mean_names
from finite_n.model.operators import hermitian_basis
from finite_n.model.species import Space

ROUNDING = 1e-8  # of quantities of order one: far above integrators, far below what theories are off by


@dataclasses.dataclass(frozen=True)
class Excess:
    """A condition that every state meets, and that some values do not.

    time : the first at which it is broken
    condition : "populations", "variance", "uncertainty", "spin length", see `excess`, or "diverged"
    by : the largest amount at any time, of Σ in units of its largest entry where that is above 1
    """

    time: float
    condition: str
    by: float

    @property
    def short(self) -> str:
        """Time and condition in a few words."""
        return f"t = {self.time:.4g}, {self.condition}"


def excess(space: Space, N: int, times: np.ndarray, values: Mapping[str, np.ndarray]) -> Excess | None:
    """The condition that is broken first, None if all are met; those of quantities that are not given are left out.

    values : averages and covariances by name, (T,), nan where nothing is said

        populations    ρ ≥ 0, the one-particle state of every species: populations within 0 … 1, |m| ≤ 1 for spins
        variance       Σ ≥ 0
        uncertainty    Σ + iσ/2 ≥ 0, σ_ab = −i⟨[F_a, F_b]⟩, which holds at every N; ν ≥ ½ of symplectic eigenvalues
        spin length    Σ_a⟨m_a²⟩ ≤ 1 + 2/N_s: N_s spins have S ≤ N_s/2
    """
    if any(q not in values for q in mean_names(space)):
        return None
    means = np.stack([values[q] for q in mean_names(space)], axis=1)
    found = [("populations", _populations(space, means))]
    if all(q in values for q in covariance_names(space)):
        sigma = np.zeros((len(means), space.size, space.size))
        for q, (a, b) in zip(covariance_names(space), covariance_indices(space), strict=True):
            sigma[:, a, b] = sigma[:, b, a] = values[q]
        found += [
            ("variance", _below(sigma, sigma)),
            ("uncertainty", _below(sigma + 0.5j * _symplectic(space, means), sigma)),
            ("spin length", _length(space, N, means, sigma)),
        ]
    broken = []
    for condition, by in found:
        if len(at := np.flatnonzero(by > ROUNDING)):
            broken.append(Excess(float(times[at[0]]), condition, float(np.nanmax(by))))
    return min(broken, key=lambda e: e.time, default=None)


def _below(matrices: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """By how much the smallest eigenvalue is below zero, relative to Σ where that is above 1; nan where nothing is
    said."""
    known = np.all(np.isfinite(sigma), axis=(1, 2))
    out = np.full(len(sigma), np.nan)
    size = np.maximum(1.0, np.abs(sigma[known]).max(axis=(1, 2), initial=0.0))
    out[known] = -np.linalg.eigvalsh(matrices[known])[:, 0] / size
    return out


def _symplectic(space: Space, means: np.ndarray) -> np.ndarray:
    return np.outer(space.scale, space.scale) * np.real(-1j * space.bracket_values(means))


def _populations(space: Space, means: np.ndarray) -> np.ndarray:
    """By how much the smallest eigenvalue of a one-particle state ½ Σ_a m_a v_a + 1/d is below zero."""
    out = np.full((1 + len(space.species), len(means)), -np.inf)
    known = np.all(np.isfinite(means), axis=1)
    for k, s in enumerate(space.species):
        v = hermitian_basis(s.dim)
        rho = v[0] / s.dim + 0.5 * np.einsum("ta,aij->tij", means[known][:, space.part(s)], v[1:])
        out[k, known] = -np.linalg.eigvalsh(rho)[:, 0]
    return out.max(axis=0)


def _length(space: Space, N: int, means: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    out = np.full((1 + len(space.species), len(means)), -np.inf)
    for k, s in enumerate(space.species):
        if s.dim == 2:
            part, own = space.part(s), float(s.fraction) * N
            spread = np.trace(sigma[:, part, part], axis1=1, axis2=2) / own
            out[k] = (means[:, part] ** 2).sum(axis=1) + spread - 1 - 2 / own
    return np.nan_to_num(out, nan=-np.inf).max(axis=0)
