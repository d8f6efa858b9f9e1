"""Averages, covariances and connected correlations of a cumulant expansion at one N."""

from __future__ import annotations

import dataclasses

import numpy as np

from finite_n.model.species import Space
from meanfield.limit.result import Labelled


@dataclasses.dataclass(repr=False)
class CumulantResult(Labelled):
    """A cumulant expansion at N particles and T times, n letters.

    N, order : number of particles; of the highest correlations kept
    times : (T,)
    means : (T, n), ⟨m_a⟩
    covariance : (T, n, n), Σ_ab = ½⟨{F_a, F_b}⟩ of the fluctuations F_a = √N_s (m_a − ⟨m_a⟩)
    correlations : (T, n, n), κ_ab: connected correlations of v_a and v_b on two different particles
    third : (T, n, n, n), κ_abc on three different particles; None to second order
    fourth : (T, n, n, n, n), κ_abcd on four different particles; None below fourth order
    labels, expect : observables, complex arrays (T,)
    stats : unknowns, the number of monomials, and in "ended" why values are nan from some time on, "" if they are not
    space : letters of the model
    """

    N: int
    order: int
    times: np.ndarray
    means: np.ndarray
    covariance: np.ndarray
    correlations: np.ndarray
    third: np.ndarray | None
    fourth: np.ndarray | None
    labels: list[str]
    expect: list[np.ndarray]
    stats: dict
    space: Space

    def __repr__(self):
        shown = ", ".join(f"{a} {m:+.6f}" for a, m in list(zip(self.axes, self.means[-1], strict=True))[:8])
        rest = " …" if len(self.axes) > 8 else ""
        return (
            f"CumulantResult, order {self.order}, N = {self.N}, {len(self.times)} times from {self.times[0]:g} to "
            f"{self.times[-1]:g}\n  final {shown}{rest}"
        )
