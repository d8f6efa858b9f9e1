"""The mean-field generator of one particle, in pieces, each with its own matrix, its derivative and its noise.

Every piece p of a model acts on the averages as ṁ_α = Σ_β G^p_αβ(m) m_β, α = x, y, z, β = 1, x, y, z with m_1 = 1, where
G^p(m) is the Heisenberg action of a one-particle generator whose coefficients depend on m:

    Hamiltonian   i[h_eff(m), v_α],  h_eff = Σ_a (∂h/∂m_a) v_a
    local jump    Γ(Δ)² (j† v_α j − ½{j†j, v_α}),  Δ at its mean-field value
    collective    ½ Σ_μν D_μν (m(v_μ†) [v_α, v_ν] + [v_μ†, v_α] m(v_ν))

(002 Lemma 3 for the first two.) Local jumps and collective jumps add noise 𝒟_ab to the fluctuations F_a = √N (m_a − ⟨m_a⟩),

    𝒟_ab = Re Σ_jumps ⟨[J, F_a]† [J, F_b]⟩,  √N [J_k, F_a] = Γ [j, v_a] + j Γ′ ⟨[r·v, v_a]⟩,  [L_μ, F_a] = ⟨[v_μ, v_a]⟩.

Sources: 000 eqs. 24, 34; 002 Lemma 3; 003 eq. 50; with the derivative of the rates kept throughout.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from finite_n.algebra import Polynomial
from finite_n.basis import PAULI, coefficients
from finite_n.model import CollectiveJumps, LocalJump, Model

Matrix = Callable[[np.ndarray], np.ndarray]


@dataclasses.dataclass(frozen=True)
class DriftPiece:
    """G(m), shape (3, 4), and ∂G_αβ/∂m_c, shape (3, 4, 3); m has shape (3,)."""

    name: str
    matrix: Matrix
    derivative: Matrix


@dataclasses.dataclass(frozen=True)
class NoisePiece:
    """A symmetric contribution to 𝒟(m), shape (3, 3)."""

    name: str
    matrix: Matrix


def pieces(model: Model) -> tuple[list[DriftPiece], list[NoisePiece]]:
    """All pieces of the mean-field drift and of the noise of a model."""
    drift, noise = [], []
    if model.hamiltonian.degree > 0:
        drift.append(_hamiltonian(model.hamiltonian))
    for k, jump in enumerate(model.jumps):
        drift.append(_local_drift(jump, f"jump {k}"))
        noise += _local_noise(jump, f"jump {k}")
    for k, part in enumerate(model.collective):
        drift.append(_collective_drift(part, f"collective {k}"))
        noise.append(_collective_noise(part, f"collective {k}"))
    return drift, noise


def action(superoperator: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Matrix A_αβ, shape (3, 4), of a Heisenberg-picture map: superoperator(v_α) = Σ_β A_αβ v_β; complex."""
    return np.array([coefficients(superoperator(v)) for v in PAULI[1:]])


def commutators() -> np.ndarray:
    """[v_a, v_b] = Σ_c C_abc v_c over (1, σx, σy, σz), shape (4, 4, 4)."""
    return np.array([[coefficients(a @ b - b @ a) for b in PAULI] for a in PAULI])


COMMUTATORS = commutators()


def with_one(m: np.ndarray) -> np.ndarray:
    """(1, mx, my, mz)."""
    return np.concatenate([[1.0], m])


def _hamiltonian(h: Polynomial) -> DriftPiece:
    # i[v_a, v_α] = Σ_β Λ_aαβ v_β
    structure = np.real(1j * COMMUTATORS[1:, 1:])  # (3, 3, 4)
    first = h.partials()
    second = [p.partials() for p in first]

    def matrix(m):
        field = np.array([p.value(m).real for p in first])
        return np.einsum("a,axb->xb", field, structure)

    def derivative(m):
        curvature = np.array([[p.value(m).real for p in row] for row in second])
        return np.einsum("ac,axb->xbc", curvature, structure)

    return DriftPiece("hamiltonian", matrix, derivative)


def _local_drift(jump: LocalJump, name: str) -> DriftPiece:
    j, r = jump.operator, jump.delta
    square = j.conj().T @ j
    local = action(lambda v: j.conj().T @ v @ j - 0.5 * (square @ v + v @ square)).real

    def matrix(m):
        return jump.amplitude(r @ with_one(m)) ** 2 * local

    def derivative(m):
        x = r @ with_one(m)
        slope = 2 * jump.amplitude(x) * jump.amplitude.derivative(x)
        return np.einsum("xb,c->xbc", slope * local, r[1:])

    return DriftPiece(name, matrix, derivative)


def _local_noise(jump: LocalJump, name: str) -> list[NoisePiece]:
    j, r = jump.operator, jump.delta
    moved = np.array([j @ v - v @ j for v in PAULI[1:]])  # [j, v_a]
    # ⟨[j,v_a]†[j,v_b]⟩, ⟨[j,v_a]† j⟩ and ⟨j†j⟩ as linear functions of (1, m)
    rate_form = np.array([[coefficients(a.conj().T @ b) for b in moved] for a in moved])
    cross_form = np.array([coefficients(a.conj().T @ j) for a in moved])
    square_form = coefficients(j.conj().T @ j)

    def at(m):
        x = r @ with_one(m)
        turned = np.einsum("a,abc,c->b", r, COMMUTATORS[:, 1:], with_one(m))  # ⟨[r·v, v_b]⟩, imaginary
        return float(jump.amplitude(x)), jump.amplitude.derivative(x), turned

    def rate(m):
        gamma, _, _ = at(m)
        return gamma**2 * _symmetric(rate_form @ with_one(m))

    def cross(m):
        gamma, slope, turned = at(m)
        mixed = gamma * slope * np.outer(cross_form @ with_one(m), turned)
        return _symmetric(mixed + mixed.conj().T)

    def feedback(m):
        _, slope, turned = at(m)
        return _symmetric(slope**2 * (square_form @ with_one(m)) * np.outer(turned.conj(), turned))

    parts = [NoisePiece(f"{name} rate", rate)]
    if np.any(r[1:]):
        parts += [NoisePiece(f"{name} cross", cross), NoisePiece(f"{name} feedback", feedback)]
    return parts


def _collective_drift(part: CollectiveJumps, name: str) -> DriftPiece:
    v = np.array([coefficients(x) for x in part.operators])  # (n, 4)
    # h_eff = (i/2) Σ D_μν (m(v_μ)* v_ν − m(v_ν) v_μ†): linear in (1, m); coefficient of basis operator a: F_ab m_b
    half = 0.5j * np.einsum("mn,mb,na->ab", part.kossakowski, v.conj(), v)
    field = (half + half.conj()).real  # (4, 4)
    structure = np.real(1j * COMMUTATORS[:, 1:])  # (4, 3, 4)

    def matrix(m):
        return np.einsum("a,axb->xb", field @ with_one(m), structure)

    slope = np.einsum("ac,axb->xbc", field[:, 1:], structure)
    return DriftPiece(name, matrix, lambda m: slope)


def _collective_noise(part: CollectiveJumps, name: str) -> NoisePiece:
    v = np.array([coefficients(x) for x in part.operators])

    def matrix(m):
        turned = np.einsum("na,abc,c->nb", v, COMMUTATORS[:, 1:], with_one(m))  # ⟨[v_μ, v_b]⟩
        return _symmetric(np.einsum("mn,ma,nb->ab", part.kossakowski, turned.conj(), turned))

    return NoisePiece(name, matrix)


def _symmetric(x: np.ndarray) -> np.ndarray:
    return (x + x.T).real / 2
