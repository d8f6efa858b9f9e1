"""Correlations of two times as N → ∞: products of averages, and Gaussian correlations of the fluctuations.

    ⟨a(t + τ)⟩⟨b(t)⟩ → a(m(t + τ)) b(m(t)),
    N (⟨a(t + τ) b(t)⟩ − ⟨a(t + τ)⟩⟨b(t)⟩) → ∇a · S⁻¹ Φ(t + τ, t) (Σ(t) + iσ(t)/2) S⁻¹ · ∇b,

dΦ/dτ = Q̃(m(t + τ), t + τ) Φ, Φ(t, t) = 1: fluctuations regress as their averages move, and ⟨F_a F_b⟩ = Σ_ab + iσ_ab/2.
At a fixed point Φ = e^{Q̃τ} and Q̃Σ + ΣQ̃ᵀ + 𝒟 = 0. (M. Lax, Phys. Rev. 129, 2342 (1963); S as in `finite_n`'s limit.)
"""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.linalg import expm, null_space, solve_continuous_lyapunov

from finite_n.errors import FiniteNError, shown
from finite_n.model.polynomial import Polynomial
from meanfield.limit.propagators import propagators

_AT_REST = 1e-7  # of the drift at a fixed point
_CONSERVED = 1e-9  # singular values of Q̃ and entries of 𝒟 that are rounding


@dataclasses.dataclass(frozen=True)
class LimitCorrelation:
    """⟨a(t + τ) b(t)⟩ as N → ∞.

    times: t, (T,), None at a fixed point; delays: τ, (D,); product: a(m(t + τ)) b(m(t)), (T, D) complex, at a fixed
    point (D,); connected: lim N (⟨a(t + τ) b(t)⟩ − ⟨a(t + τ)⟩⟨b(t)⟩), of the same shape: the limit of N times
    `finite_n.correlation(…, connected=True)`.
    """

    times: np.ndarray | None
    delays: np.ndarray
    product: np.ndarray
    connected: np.ndarray


def correlation_from(
    limit, t: float, m: np.ndarray, covariance: np.ndarray, delays: np.ndarray, a: Polynomial, b: Polynomial
) -> tuple[np.ndarray, np.ndarray]:
    """Product and connected part for all delays after a time t with averages m (n,) and Σ (n, n)."""
    span = np.union1d([0.0], delays) + (t if limit.depends_on_time else 0.0)
    means, phi = (x[len(span) - len(delays) :] for x in propagators(limit, m, span, "correlation"))
    return _read(limit, means, phi, m, covariance, a, b)


def stationary_correlation(limit, m: np.ndarray, delays: np.ndarray, a: Polynomial, b: Polynomial):
    """The same at a fixed point m."""
    covariance, q = stationary_covariance(limit, m), limit.fluctuation_matrix(m)
    propagators = np.array([expm(q * tau) for tau in delays])
    return _read(limit, np.tile(m, (len(delays), 1)), propagators, m, covariance, a, b)


def stationary_spectrum(limit, m: np.ndarray, omegas: np.ndarray, a: Polynomial, b: Polynomial) -> np.ndarray:
    """2 Re ∫₀^∞ of the connected part times e^{−iωτ}, (W,)."""
    covariance, q = stationary_covariance(limit, m), limit.fluctuation_matrix(m)
    propagators = np.linalg.inv(1j * omegas[:, None, None] * np.eye(len(m)) - q)
    _, connected = _read(limit, np.tile(m, (len(omegas), 1)), propagators, m, covariance, a, b)
    return 2 * connected.real


def stationary_covariance(limit, m: np.ndarray) -> np.ndarray:
    """Σ with Q̃Σ + ΣQ̃ᵀ + 𝒟 = 0 at a stable fixed point; refuses others.

    What the model conserves, l with lᵀQ̃ = 0 and 𝒟l = 0, does not fluctuate, Σl = 0: so it is for the length of m in
    collective models that start in J = N/2.
    """
    drift, q, noise = limit.drift(m), limit.fluctuation_matrix(m), limit.diffusion(m)
    size = max(1.0, np.abs(q).max())
    if np.abs(drift).max() > _AT_REST * size:
        raise FiniteNError(
            f"correlation: at m = {shown(m.round(6).tolist())} averages move, by {np.abs(drift).max():.1e}; give those "
            "of a fixed point (meanfield.fixed_points), or a start and tlist."
        )
    left, values, _ = np.linalg.svd(q)
    conserved = left[:, values <= _CONSERVED * size]
    if np.abs(noise @ conserved).max(initial=0.0) > _CONSERVED * size:
        conserved = conserved[:, :0]
    moving = null_space(conserved.T) if conserved.size else np.eye(len(m))
    q, noise = moving.T @ q @ moving, moving.T @ noise @ moving
    slowest = float(np.linalg.eigvals(q).real.max())
    if slowest >= -_CONSERVED * size:
        raise FiniteNError(
            f"correlation: at m = {shown(m.round(6).tolist())} an eigenvalue has real part {slowest:.2g}, so that "
            "fluctuations have no stationary covariance of their own; give a start and tlist."
        )
    return moving @ solve_continuous_lyapunov(q, -noise) @ moving.T


def _read(limit, means, propagators, m, covariance, a: Polynomial, b: Polynomial):
    """means (D, n) and Φ (D, n, n) at t + τ; m and Σ at t."""
    letters, scale = limit.model.space.letters, limit.model.space.scale
    at = dict(zip(letters, m, strict=True))
    later = [dict(zip(letters, x, strict=True)) for x in means]
    product = np.array([a.value(x) for x in later]) * b.value(at)
    right = (covariance + 0.5j * limit.symplectic(m)) @ (gradient(b, letters, at) / scale)
    left = np.array([gradient(a, letters, x) for x in later]) / scale
    return product, np.einsum("da,dab,b->d", left, propagators, right)


def gradient(p: Polynomial, letters, at: dict) -> np.ndarray:
    """∂p/∂m_a with commuting averages, (n,), complex."""
    return np.array([complex(x.value(at)) for x in p.partials(letters)])
