"""Theorem 1 of Fiorelli et al. 2023: the exact error E_N(t) of mean field beside the bound with all its constants.

    E_N(t) = Σ_α ⟨(m_α^N − m_α(t))²⟩ ≤ e^{C₁t} E_N(0) + C₂ (e^{C₁t} − 1)/(C₁ N)                            (eqs. 24, 49)

for one species of particles of d levels, over the orthonormal basis v = (1/√d, v_1/√2, …, v_{d²−1}/√2) with the
matrices of `finite_n.model.operators`, (1, σx, σy, σz)/√2 for two levels. In that basis, with Γ(Δ) = Σ_n c_n Δ^n and
Δ = Σ_α r_α m_α,

    δ_l = Σ_α |r_α|,  γ_l(z) = Σ |c_n| |z|^n,  γ′ = Σ n |c_n| |z|^{n−1},  γ″ = Σ n² |c_n| |z|^{n−2} (eqs. 14, 15, A.8)
    a_αβγ = tr([v_α, v_β] v_γ),  A_αβ = Σ_μ ε_μ a_μαβ,  B_αβγ = Σ_μ a_μαγ (h_βμ + h_μβ)               (eq. 8, Lemma 3)
    C_P = Σ_l ‖j_l‖² (2 δ_l γ′_l(δ_l) + d² a γ_l(δ_l))²                                                       (eq. 32)
    C_v = max_l 2‖j_l‖² {[2 δ_l γ′_l + 3 γ_l] δ_l γ′_l + 2 γ_l δ_l² γ″_l},  C_L = d⁸ h a² + q C_v             (A.2, A.3)
    C_0 = 2 (d² A + 2 d⁴ B + q d² M [γ(δ)² + 2 δ γ(δ) γ′(δ)]),  C₁ = d² C_0,  C₂ = d² (C_P + 4 C_L)       (eqs. 47, 48)

where a, h, A, B, M are largest moduli, q is the number of jumps, δ = max δ_l and γ = max γ_l. Taken where the paper is
not explicit: C_v as at the end of Appendix A.2 with ‖x‖ = 1 (Appendix A.3 prints it with the factor 2‖j‖² on its first
term only, which has not the dimension of a rate); γ″ with the n² of eq. A.8; γ(δ), which has no index in C_0, as the
largest over l.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from comparison.ladder import Ladder
from comparison.referee.extrapolation import Rate, rate
from finite_n.errors import FiniteNError, shown
from finite_n.model.inputs import check_times
from finite_n.model.jumps import LocalJump
from finite_n.model.model import Model
from finite_n.model.operators import hermitian_basis
from finite_n.model.polynomial import linear_coefficients
from finite_n.model.validation import check_array, check_number, check_progress
from finite_n.solvers.result import Result
from finite_n.states.initial_state import as_initial_state
from meanfield import Limit

_SERIES = 512  # Taylor coefficients looked at
_RADII = (3.0, 2.0, 1.5, 1.2, 1.1)  # of circles about 0, in units of δ, on which Γ is sampled


@dataclasses.dataclass(frozen=True)
class BoundConstants:
    """The constants of the proof; every field as in the docstring of this module."""

    A: float
    B: float
    M: float
    q: int
    delta: float
    gamma: float
    gamma_prime: float
    C_P: float
    C_v: float
    C_L: float
    C_0: float
    C_1: float
    C_2: float


def bound_constants(model: Model) -> BoundConstants:
    """All constants of Theorem 1 of Fiorelli et al. 2023, for one species of particles of d levels.

    Raises FiniteNError for what the theorem does not cover: several species, modes, h beyond second order, collective
    jumps, Δ without the particle that jumps, and Γ whose power series about 0 does not converge at δ (Assumption 1
    wants it everywhere; the proof needs it at δ).

    >>> from finite_n.systems import hopfield
    >>> c = bound_constants(hopfield())
    >>> round(c.C_1, 3), round(c.C_2, 1)
    (230.625, 978.9)
    """
    if not isinstance(model, Model):
        raise FiniteNError(f"Theorem 1 of Fiorelli et al. 2023: got {shown(model)}; give a finite_n.Model.")
    if len(model.species) > 1 or model.modes:
        raise FiniteNError(
            "Theorem 1 of Fiorelli et al. 2023 covers one species of particles and no modes; this model has "
            f"{', '.join(str(owner) for owner in model.space.owners)}."
        )
    if model.hamiltonian.degree > 2 or model.collective or not all(j.include_self for j in model.jumps):
        raise FiniteNError(
            "Theorem 1 of Fiorelli et al. 2023 covers h of degree at most 2 and local jumps whose Δ contains every "
            f"particle; this model has degree {model.hamiltonian.degree}, {len(model.collective)} collective part(s) "
            f"and {sum(not j.include_self for j in model.jumps)} jump(s) with include_self=False. Leave these out."
        )
    v = _orthonormal(model.species[0].dim)
    d2, structure = len(v), _structure(v)
    epsilon, h = _quadratic(model, d2)
    amax = float(np.abs(structure).max())
    A = float(np.abs(np.tensordot(epsilon, structure, 1)).max())
    B = float(np.abs(np.tensordot(structure, h + h.T, (0, 1))).max())
    C_P = C_v = M = 0.0
    deltas = [_delta(model, j) for j in model.jumps]
    delta = max(deltas, default=0.0)
    largest = np.zeros(2)  # γ(δ), δγ′(δ)
    for jump, own in zip(model.jumps, deltas, strict=True):
        g0, g1, g2 = _majorants(jump, own)
        norm = float(np.linalg.norm(jump.operator, 2)) ** 2
        C_P += norm * (2 * g1 + d2 * amax * g0) ** 2
        C_v = max(C_v, 2 * norm * ((2 * g1 + 3 * g0) * g1 + 2 * g0 * g2))
        M = max(M, float(np.abs(_local_action(jump.operator, v)).max()))
        largest = np.maximum(largest, _majorants(jump, delta)[:2])
    g0, g1 = (float(x) for x in largest)
    q = len(model.jumps)
    C_L = d2**4 * float(np.abs(h).max()) * amax**2 + q * C_v
    C_0 = 2 * (d2 * A + 2 * d2**2 * B + q * d2 * M * (g0**2 + 2 * g0 * g1))
    return BoundConstants(
        A, B, M, q, delta, g0, g1 / delta if delta else 0.0, C_P, C_v, C_L, C_0, d2 * C_0, d2 * (C_P + 4 * C_L)
    )


def mean_field_error(result: Result, means) -> np.ndarray:
    """E_N(t) = Σ_α ⟨(m_α^N − m_α(t))²⟩ = ½ Σ_a (⟨m_a²⟩ − 2 m_a(t) ⟨m_a⟩ + m_a(t)²), shape (T,).

    The second sum is over the d² − 1 letters of one species; the first does not depend on the orthonormal basis.
    N E_N(t) goes to ½ tr Σ(t), Σ the limit's covariance.

    Parameters
    ----------
    result : Result
    means : mean-field averages, for two levels ⟨σ⟩, at the times of the result, (T, d² − 1)
    """
    if not all(hasattr(result, name) for name in ("space", "means", "second_moments")):
        raise FiniteNError(f"E_N: result: got {shown(result)}; give a Result, which evolve returns.")
    if len(result.space.species) > 1 or result.space.modes:
        names = ", ".join(str(owner) for owner in result.space.owners)
        raise FiniteNError(
            "E_N: Theorem 1 of Fiorelli et al. 2023 is for one species of particles and no modes; the result has "
            f"{names}."
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
    """

    sizes: list[int]
    times: np.ndarray
    error: np.ndarray
    uncertainty: np.ndarray
    log_bound: np.ndarray
    constants: BoundConstants
    dim: int = 2

    @property
    def holds(self) -> bool:
        """Whether E_N(t) stays below the bound at every size and time, within the uncertainty of E_N."""
        return self.holds_with(1.0)

    def holds_with(self, share: float) -> bool:
        """Whether the bound would still hold with C₁ and C₂ multiplied by `share`."""
        share = check_number(share, "theorem bound: share", 0)
        least = self.error - self.uncertainty[:, None]
        start = self.error[:, :1] + self.uncertainty[:, None]
        bound = _log_bound(start, self.elapsed, self.sizes, share * self.constants.C_1, share * self.constants.C_2)
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
        """Time since the first one."""
        return self.times - self.times[0]

    @property
    def looseness(self) -> np.ndarray:
        """log₁₀(bound/E_N), shape (S, T)."""
        return (self.log_bound - np.log(self.error)) / np.log(10)

    @property
    def horizon(self) -> np.ndarray:
        """Time after which the bound is weaker than E_N ≤ 2 + (d − 1)/N, which holds for every state, shape (S,).

        With Σ_a v_a ⊗ v_a/2 = swap − 1/d the mean of the squares is at most 1 − 1/d + (d − 1)/N, the square of the
        means tr ρ² − 1/d and the cross term 2/d − 2 tr ρ ρ′, ρ and ρ′ the one-particle states.
        """
        N, c = np.array(self.sizes, dtype=float), self.constants
        most = 2 + (self.dim - 1) / N
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
    sizes : one or more increasing N; a rate needs four
    tol : of the exact evolution. Default 1e-9.
    progress : function of N and of a number in [0, 1], optional

    Errors: averages are off by at most e = max(tol, budget) times the norms of their operators, with squares ‖v_a‖² ≤
    2(d − 1)/d and as large squares of the means, so E_N by at most ½ Σ_a 3e · 2(d − 1)/d = 3(d² − 1)(d − 1)e/d, 4.5e
    for two levels.

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
    ladder = Ladder(sizes)
    times = check_times(tlist)
    state = as_initial_state(rho0, model)
    means = Limit(model).evolve(state, times).means
    d = model.species[0].dim

    def read(result: Result) -> tuple[np.ndarray, float]:
        return mean_field_error(result, means), max(tol, result.budget.moment_error)

    errors, largest = map(
        np.array, zip(*ladder.evolve(model, state, times, tol=tol, progress=progress, read=read), strict=True)
    )
    uncertainty = 3 * (d**2 - 1) * (d - 1) / d * largest
    log_bound = _log_bound(errors[:, :1], times - times[0], ladder.sizes, constants.C_1, constants.C_2)
    return TheoremBound(ladder.sizes, times, errors, uncertainty, log_bound, constants, d)


def _log_bound(start: np.ndarray, times: np.ndarray, sizes, C_1: float, C_2: float) -> np.ndarray:
    """log(e^{C₁t} E_N(0) + C₂ (e^{C₁t} − 1)/(C₁ N)), shape (S, T), without overflow; start (S, 1)."""
    N = np.array(sizes, dtype=float)[:, None]
    growth = -np.expm1(-C_1 * times) / C_1 if C_1 > 0 else times  # (1 − e^{−C₁t})/C₁
    return C_1 * times + np.log(start + C_2 / N * growth)


def _orthonormal(dim: int) -> np.ndarray:
    """v_α with tr v_α v_β = δ_αβ, so ‖v_α‖ ≤ 1, shape (d², d, d)."""
    return hermitian_basis(dim) / _lengths(dim**2)[:, None, None]


def _lengths(d2: int) -> np.ndarray:
    """√d, √2, √2, …: m(v_a) of `finite_n.model.operators` is this times m_α, shape (d²,)."""
    return np.sqrt(np.r_[np.sqrt(d2), np.full(d2 - 1, 2.0)])


def _structure(v: np.ndarray) -> np.ndarray:
    """a_αβγ = tr([v_α, v_β] v_γ), shape (d², d², d²)."""
    products = np.einsum("aij,bjk->abik", v, v)
    return np.tensordot(products - products.swapaxes(0, 1), v, ((2, 3), (2, 1)))


def _quadratic(model: Model, d2: int) -> tuple[np.ndarray, np.ndarray]:
    """ε_α, shape (d²,), and h_αβ, shape (d², d²), of h = Σ ε_α m_α + Σ h_αβ m_α m_β over v: m(v_a) = √2 m_α for every
    letter."""
    epsilon, h = np.zeros(d2, complex), np.zeros((d2, d2), complex)
    for word, c in model.hamiltonian.words.items():
        at = tuple(1 + model.space.index[letter] for letter in word)
        if len(at) == 1:
            epsilon[at] = np.sqrt(2) * c
        elif len(at) == 2:
            h[at] = 2 * c
    return epsilon.real, h


def _delta(model: Model, jump: LocalJump) -> float:
    """δ = Σ|r_α| over v."""
    r = linear_coefficients(jump.argument, model.space.letters).real
    return float(_lengths(len(r)) @ np.abs(r))


def _local_action(j: np.ndarray, v: np.ndarray) -> np.ndarray:
    """M with 𝒟_loc[v_α] = Σ_β M_αβ v_β, shape (d², d²), real."""
    square = j.conj().T @ j
    image = j.conj().T @ v @ j - (square @ v + v @ square) / 2
    return np.einsum("aij,bji->ab", image, v).real


def _majorants(jump: LocalJump, z: float) -> tuple[float, float, float]:
    """γ(z), zγ′(z) and z²γ″(z): Σ |c_n| z^n, Σ n |c_n| z^n and Σ n² |c_n| z^n with the Taylor coefficients c_n of Γ
    about 0."""
    if jump.amplitude.is_constant:
        return abs(float(jump.amplitude(0.0))), 0.0, 0.0
    if z == 0:
        return abs(float(jump.amplitude(0.0))), 0.0, 0.0
    n = np.arange(_SERIES)
    angles = np.exp(1j * np.pi * np.arange(2 * _SERIES) / _SERIES)
    for factor in _RADII:
        with np.errstate(all="ignore"):
            try:
                values = np.array([complex(jump.amplitude.function(factor * z * w)) for w in angles])
            except Exception:
                continue
        if not np.all(np.isfinite(values)):
            continue
        scale = np.abs(values).max()
        modes = np.fft.fft(values) / len(values)  # c_n R^n, R the radius; then negative powers, absent if Γ is analytic
        c = modes[:_SERIES]
        x = np.linspace(-1, 1, 9)
        gap = np.abs(np.polyval(c[::-1], x / factor) - jump.amplitude(z * x)).max()
        if np.abs(modes[_SERIES:]).max() > 1e-12 * scale or gap > 1e-10 * scale:
            continue
        size = np.abs(c) * factor ** -n.astype(float)
        return float(size.sum()), float((n * size).sum()), float((n**2 * size).sum())
    raise FiniteNError(
        f"Theorem 1 of Fiorelli et al. 2023: the power series of {jump.amplitude} about 0 does not converge beyond "
        f"δ = {z:.4g}, "
        "or Γ cannot be evaluated at complex argument; the theorem needs Γ analytic there, such as an "
        "exponential or a polynomial."
    )
