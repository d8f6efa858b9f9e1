"""The constants of Theorem 1 of Fiorelli et al. 2023, with which the error of mean field is bounded.

Over the orthonormal basis v = (1/√d, v_1/√2, …, v_{d²−1}/√2) with the matrices of `finite_n.model.operators`, (1, σx,
σy, σz)/√2 for two levels, with Γ(Δ) = Σ_n c_n Δ^n and Δ = Σ_α r_α m_α,

    δ_l = Σ_α |r_α|,  γ_l(z) = Σ |c_n| |z|^n,  γ′ = Σ n |c_n| |z|^{n−1},  γ″ = Σ n² |c_n| |z|^{n−2} (eqs. 14, 15, A.8)
    a_αβγ = tr([v_α, v_β] v_γ),  A_αβ = Σ_μ ε_μ a_μαβ,  B_αβγ = Σ_μ a_μαγ (h_βμ + h_μβ)               (eq. 8, Lemma 3)
    C_P = Σ_l ‖j_l‖² (2 δ_l γ′_l(δ_l) + D a γ_l(δ_l))²                                                        (eq. 32)
    C_v = max_l 2‖j_l‖² {[2 δ_l γ′_l + 3 γ_l] δ_l γ′_l + 2 γ_l δ_l² γ″_l},  C_L = D⁴ h a² + q C_v             (A.2, A.3)
    C_0 = 2 (D A + 2 D² B + q D M [γ(δ)² + 2 δ γ(δ) γ′(δ)]),  C₁ = D C_0,  C₂ = D (C_P + 4 C_L)          (eqs. 47, 48)

where a, h, A, B, M are largest moduli, q is the number of jumps, δ = max δ_l and γ = max γ_l, and D the number of
averages m_α, d² for one species as in the paper. For n species of equal sizes N/n, the large spins of its section 5.2,
D = n d², ε and h are those of H = Σ ε v^(k) + (n/N) Σ h v^(k) v^(j), and every step of the proof holds with N/n in
place of N: a sum over one species has 1/N_s before it, and a jump meets the N_s particles of its own.

Taken where the paper is not explicit: C_v as at the end of Appendix A.2 with ‖x‖ = 1 (Appendix A.3 prints it with the
factor 2‖j‖² on its first term only, which has not the dimension of a rate); γ″ with the n² of eq. A.8; γ(δ), which has
no index in C_0, as the largest over l.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.local_jump import LocalJump
from finite_n.model.model import Model
from finite_n.model.operators import hermitian_basis
from finite_n.model.polynomial import linear_coefficients

_SERIES = 512  # Taylor coefficients looked at
_RADII = (3.0, 2.0, 1.5, 1.2, 1.1)  # of circles about 0, in units of δ, on which Γ is sampled


@dataclasses.dataclass(frozen=True)
class BoundConstants:
    """The constants of the proof; formulas are in the docstring of this module.

    A, B, M : largest moduli of A_αβ, B_αβγ and of the coefficients of jumps
    q : number of jumps
    delta, gamma, gamma_prime : largest δ_l, γ_l(δ) and γ′_l(δ)
    C_P, C_v, C_L : of eq. 32, and of eqs. A.2 and A.3
    C_0, C_1, C_2 : of eqs. 47 and 48; C_1 and C_2 stand in the bound
    """

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
    """All constants of Theorem 1 of Fiorelli et al. 2023 for a model, of particles of d levels in one or several
    equal species.

    Raises FiniteNError for what the theorem does not cover: species that differ, modes, h beyond second order,
    collective jumps, Δ without the particle that jumps, and Γ whose power series about 0 does not converge at δ
    (Assumption 1 wants it everywhere; the proof needs it at δ).

    >>> from finite_n.systems import hopfield
    >>> c = bound_constants(hopfield())
    >>> round(c.C_1, 3), round(c.C_2, 1)
    (230.625, 978.9)
    """
    if not isinstance(model, Model):
        raise FiniteNError(f"Theorem 1 of Fiorelli et al. 2023: got {shown(model)}; give a finite_n.Model.")
    if len({(s.dim, float(s.fraction)) for s in model.species}) != 1 or model.modes:
        parts = [f"{s} of {s.dim} levels and share {float(s.fraction):g}" for s in model.species]
        raise FiniteNError(
            "Theorem 1 of Fiorelli et al. 2023 covers particles in species of equal sizes and levels and no modes; "
            f"this model has {', '.join([*parts, *(str(mode) for mode in model.modes)])}."
        )
    if model.hamiltonian.degree > 2 or model.collective or not all(j.include_self for j in model.jumps):
        raise FiniteNError(
            "Theorem 1 of Fiorelli et al. 2023 covers h of degree at most 2 and local jumps whose Δ contains every "
            f"particle; this model has degree {model.hamiltonian.degree}, {len(model.collective)} collective part(s) "
            f"and {sum(not j.include_self for j in model.jumps)} jump(s) with include_self=False. Leave these out."
        )
    v, parts = _orthonormal(model.species[0].dim), len(model.species)
    structure = _structure(v)
    epsilon, h = _quadratic(model, len(v))
    averages = parts * len(v)
    amax = float(np.abs(structure).max())
    A = float(np.abs(np.tensordot(epsilon, structure, 1)).max())
    both = (h + h.T).reshape(parts, len(v), averages)
    B = max(float(np.abs(np.tensordot(structure, own, (0, 0))).max()) for own in both)
    C_P = C_v = M = 0.0
    deltas = [_delta(model, j) for j in model.jumps]
    delta = max(deltas, default=0.0)
    largest = np.zeros(2)  # γ(δ), δγ′(δ)
    for jump, own in zip(model.jumps, deltas, strict=True):
        g0, g1, g2 = _majorants(jump, own)
        norm = float(np.linalg.norm(jump.operator, 2)) ** 2
        C_P += norm * (2 * g1 + averages * amax * g0) ** 2
        C_v = max(C_v, 2 * norm * ((2 * g1 + 3 * g0) * g1 + 2 * g0 * g2))
        M = max(M, float(np.abs(_local_action(jump.operator, v)).max()))
        largest = np.maximum(largest, _majorants(jump, delta)[:2])
    g0, g1 = (float(x) for x in largest)
    q = len(model.jumps)
    C_L = averages**4 * float(np.abs(h).max()) * amax**2 + q * C_v
    C_0 = 2 * (averages * A + 2 * averages**2 * B + q * averages * M * (g0**2 + 2 * g0 * g1))
    C_1, C_2 = averages * C_0, averages * (C_P + 4 * C_L)
    return BoundConstants(A, B, M, q, delta, g0, g1 / delta if delta else 0.0, C_P, C_v, C_L, C_0, C_1, C_2)


def _orthonormal(dim: int) -> np.ndarray:
    """v_α with tr v_α v_β = δ_αβ, so ‖v_α‖ ≤ 1, shape (d², d, d)."""
    return hermitian_basis(dim) / np.sqrt(np.r_[dim, np.full(dim**2 - 1, 2.0)])[:, None, None]


def _structure(v: np.ndarray) -> np.ndarray:
    """a_αβγ = tr([v_α, v_β] v_γ), shape (d², d², d²)."""
    products = np.einsum("aij,bjk->abik", v, v)
    return np.tensordot(products - products.swapaxes(0, 1), v, ((2, 3), (2, 1)))


def _quadratic(model: Model, d2: int) -> tuple[np.ndarray, np.ndarray]:
    """ε_α of every species, shape (n, d²), and h_αβ, shape (n d², n d²), of H = Σ ε v^(k) + (n/N) Σ h v^(k) v^(j) over
    v: m(v_a) = √2 m_α for every letter, and N averages of one species are n sums."""
    n = len(model.species)
    epsilon, h = np.zeros(n * d2, complex), np.zeros((n * d2, n * d2), complex)
    for word, c in model.hamiltonian.words.items():
        place = [divmod(model.space.index[letter], d2 - 1) for letter in word]
        at = tuple(s * d2 + 1 + a for s, a in place)
        if len(at) == 1:
            epsilon[at] = n * np.sqrt(2) * c
        elif len(at) == 2:
            h[at] = n * 2 * c
    return epsilon.real.reshape(n, d2), h


def _delta(model: Model, jump: LocalJump) -> float:
    """δ = Σ|r_α| over v of all species."""
    constant, *others = np.abs(linear_coefficients(jump.argument, model.space.letters).real)
    return float(np.sqrt(model.species[0].dim) * constant + np.sqrt(2) * sum(others))


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
