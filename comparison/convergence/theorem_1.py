"""Theorem 1 of Fiorelli et al. 2023: the exact error E_N(t) of mean field beside the bound with all its constants.

    E_N(t) = Σ_α ⟨(m_α^N − m_α(t))²⟩ ≤ e^{C₁t} E_N(0) + C₂ (e^{C₁t} − 1)/(C₁ N)                            (eqs. 24, 49)

for particles of d levels, with the sum over an orthonormal basis and the constants of `theorem_1_constants.py`. Several
species must be equal; the sum is then over all of them too, and N in the bound is the size of one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from comparison.convergence.theorem_1_constants import BoundConstants, bound_constants
from comparison.ladder import Ladder
from comparison.referee.extrapolation import Rate, rate
from finite_n.errors import FiniteNError, shown
from finite_n.model.inputs import check_times
from finite_n.model.model import Model
from finite_n.model.validation import check_array, check_number, check_progress
from finite_n.solvers.result import Result
from finite_n.states.initial_state import as_initial_state
from meanfield import Limit


def mean_field_error(result: Result, means) -> np.ndarray:
    """E_N(t) = Σ_α ⟨(m_α^N − m_α(t))²⟩ = ½ Σ_a (⟨m_a²⟩ − 2 m_a(t) ⟨m_a⟩ + m_a(t)²), shape (T,).

    The second sum is over the d² − 1 letters of every species; the first does not depend on the orthonormal basis.
    N_s E_N(t) goes to ½ tr Σ(t), Σ the limit's covariance, for n species of N_s = N/n particles.

    Parameters
    ----------
    result : Result
    means : mean-field averages, for two levels ⟨σ⟩, at the times of the result, (T, d² − 1)
    """
    if not all(hasattr(result, name) for name in ("space", "means", "second_moments")):
        raise FiniteNError(f"E_N: result: got {shown(result)}; give a Result, which evolve returns.")
    if result.space.modes:
        names = ", ".join(str(owner) for owner in result.space.owners)
        raise FiniteNError(
            f"E_N: Theorem 1 of Fiorelli et al. 2023 is for particles and no modes; the result has {names}."
        )
    means = check_array(means, "E_N: means", result.means.shape)
    squares = np.einsum("taa->t", result.second_moments).real
    return (squares - 2 * np.sum(means * result.means, axis=1) + np.sum(means**2, axis=1)) / 2


@dataclasses.dataclass(frozen=True, repr=False)
class TheoremBound:
    """E_N(t) and its bound at S sizes and T times.

    sizes : S numbers of particles
    times : (T,)
    error : E_N(t), (S, T)
    uncertainty : of E_N, (S,)
    log_bound : natural logarithm of the bound, which itself overflows, (S, T)
    constants : C₁, C₂ and what they are made of
    dim : d, levels of a particle
    species : how many of equal sizes there are
    """

    sizes: list[int]
    times: np.ndarray
    error: np.ndarray
    uncertainty: np.ndarray
    log_bound: np.ndarray
    constants: BoundConstants
    dim: int = 2
    species: int = 1

    @property
    def holds(self) -> bool:
        """Whether E_N(t) stays below the bound at every size and time, within the uncertainty of E_N."""
        return self.holds_with(1.0)

    def holds_with(self, share: float) -> bool:
        """Whether the bound would still hold with C₁ and C₂ multiplied by `share`."""
        share = check_number(share, "theorem bound: share", 0)
        least = self.error - self.uncertainty[:, None]
        start = self.error[:, :1] + self.uncertainty[:, None]
        bound = _log_bound(start, self.elapsed, self._sizes, share * self.constants.C_1, share * self.constants.C_2)
        return bool(np.all(np.log(np.maximum(least, 1e-300)) <= bound))

    @property
    def needed(self) -> float:
        """The smallest share of C₁ and C₂, to three digits, with which the bound would hold here; above 1 if it
        fails."""
        low, high = 1e-8, 1.0
        while not self.holds_with(high):
            low, high = high, 2 * high
            if high > 1e6:
                return np.inf
        if self.holds_with(low):
            return low
        while high > 1.0005 * low:
            middle = np.sqrt(low * high)
            low, high = (low, middle) if self.holds_with(middle) else (middle, high)
        return float(high)

    @property
    def elapsed(self) -> np.ndarray:
        """Time since the first one, shape (T,)."""
        return self.times - self.times[0]

    @property
    def _sizes(self) -> list[float]:
        """Of one species."""
        return [N / self.species for N in self.sizes]

    @property
    def looseness(self) -> np.ndarray:
        """log₁₀(bound/E_N), shape (S, T)."""
        return (self.log_bound - np.log(self.error)) / np.log(10)

    @property
    def horizon(self) -> np.ndarray:
        """Time after which the bound is weaker than E_N ≤ 2 + (d − 1)/N, which holds for every state and species,
        shape (S,).

        With Σ_a v_a ⊗ v_a/2 = swap − 1/d the mean of the squares is at most 1 − 1/d + (d − 1)/N, the square of the
        means tr ρ² − 1/d and the cross term 2/d − 2 tr ρ ρ′, ρ and ρ′ the one-particle states.
        """
        N, c = np.array(self._sizes), self.constants
        most = self.species * (2 + (self.dim - 1) / N)
        if c.C_1 == 0:
            return np.full(len(N), np.inf) if c.C_2 == 0 else (most - self.error[:, 0]) * N / c.C_2
        floor = c.C_2 / (c.C_1 * N)
        return np.log((most + floor) / (self.error[:, 0] + floor)) / c.C_1

    def rate(self, k: int = -1) -> Rate:
        """p of E_N ~ N^−p at time number k."""
        return rate(self.sizes, self.error[:, k], 0.0, self.uncertainty)

    def __repr__(self):
        r, c = self.rate(), self.constants
        return (
            f"Theorem 1 of Fiorelli et al. 2023, N = {', '.join(map(str, self.sizes))}, t = {self.times[-1]:g}: "
            f"{'holds' if self.holds else 'FAILS'}\n"
            f"  C₁ = {c.C_1:.5g}, C₂ = {c.C_2:.5g}; {self.needed:.3g} of both would suffice here\n"
            f"  E_N            {', '.join(f'{x:.3e}' for x in self.error[:, -1])}, "
            f"rate N^−p with p = {r.asymptotic:.4f}\n"
            f"  bound / E_N    {', '.join(f'10^{x:.1f}' for x in self.looseness[:, -1])}\n"
            f"  informative until t = {', '.join(f'{x:.3g}' for x in self.horizon)}"
        )


def theorem_bound(
    model: Model,
    rho0,
    tlist: Sequence[float],
    sizes: Sequence[int],
    tol: float = 1e-9,
    progress: Callable[[int, float], None] | None = None,
) -> TheoremBound:
    """E_N(t) from exact evolution, and the bound of Theorem 1 of Fiorelli et al. 2023 with E_N(0) the exact one, ħ = 1.

    Parameters
    ----------
    model : Model of the theorem's class, see `bound_constants`
    rho0 : State, Bloch vector or one-particle state with a limit
    tlist : times, shape (T,)
    sizes : one or more increasing N, multiples of the number of species; a rate needs four
    tol : of the exact evolution. Default 1e-9.
    progress : function of N and of a number in [0, 1], optional

    Errors: averages are off by at most e = max(tol, budget) times the norms of their operators, with squares ‖v_a‖² ≤
    2(d − 1)/d and as large squares of the means, so E_N by at most ½ Σ_a 3e · 2(d − 1)/d = 3(d² − 1)(d − 1)e/d, 4.5e
    for two levels, for each species.

    Example
    -------
    >>> from comparison import theorem_bound
    >>> from finite_n.systems import hopfield
    >>> theorem_bound(hopfield(), [0, 0.3, 0.4], [0.0, 0.01, 1.0], [10, 20, 40, 80])
    Theorem 1 of Fiorelli et al. 2023, N = 10, 20, 40, 80, t = 1: holds
      C₁ = 230.63, C₂ = 978.92; 0.000518 of both would suffice here
      E_N            1.796e-01, 9.179e-02, 4.641e-02, 2.333e-02, rate N^−p with p = 1.0004
      bound / E_N    10^100.7, 10^100.6, 10^100.6, 10^100.6
      informative until t = 0.00651, 0.00904, 0.0118, 0.0147

    Source: Fiorelli et al. 2023, Theorem 1 and its proof, Lemmas 1 to 3, Appendices A.1 to A.3.
    """
    check_progress(progress)
    constants = bound_constants(model)
    ladder, parts = Ladder(sizes), len(model.species)
    times = check_times(tlist)
    state = as_initial_state(rho0, model)
    means = Limit(model).evolve(state, times).means
    d = model.species[0].dim

    def read(result: Result) -> tuple[np.ndarray, float]:
        return mean_field_error(result, means), max(tol, result.budget.moment_error)

    errors, largest = map(
        np.array, zip(*ladder.evolve(model, state, times, tol=tol, progress=progress, read=read), strict=True)
    )
    uncertainty = parts * 3 * (d**2 - 1) * (d - 1) / d * largest
    own = [N / parts for N in ladder.sizes]
    log_bound = _log_bound(errors[:, :1], times - times[0], own, constants.C_1, constants.C_2)
    return TheoremBound(ladder.sizes, times, errors, uncertainty, log_bound, constants, d, parts)


def _log_bound(start: np.ndarray, times: np.ndarray, sizes, C_1: float, C_2: float) -> np.ndarray:
    """log(e^{C₁t} E_N(0) + C₂ (e^{C₁t} − 1)/(C₁ N)), shape (S, T), without overflow; start (S, 1)."""
    N = np.array(sizes, dtype=float)[:, None]
    growth = -np.expm1(-C_1 * times) / C_1 if C_1 > 0 else times  # (1 − e^{−C₁t})/C₁
    return C_1 * times + np.log(start + C_2 / N * growth)
