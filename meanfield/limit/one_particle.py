"""The mean-field generator of one particle, in pieces, each with its own matrix, its derivative and its noise.

The averages m_a are those of the letters of the model's space (species and modes, n of them), and
N [m_a, m_b] = {a, b} = C_ab0 + Σ_c C_abc m_c. Every piece p acts on them as ṁ_a = Σ_β G^p_aβ(m) m_β, β = 1, letters,
with m_1 = 1 and G^p_aβ(m) = Σ_i g_i(m) S_iaβ: fields g that depend on the averages times constant structures S,

    Hamiltonian   Σ_i (∂h/∂m_i) i{i, a}
    local jump    Γ(Δ)² (j† v_a j − ½{j†j, v_a}) on the letters of its species, Δ at its mean-field value
    collective    ½ Σ_μν D_μν (ℓ_μ* {a, ℓ_ν} + {ℓ_μ*, a} ℓ_ν) = Σ_i ε_i(m) i{i, a},  ε real and linear in m

(002 Lemma 3 for the first two, with N_s/N = f_s in the brackets; 000 eq. 24 for the third.) Local jumps and collective
jumps add noise 𝒟_ab to the fluctuations F_a = s_a √N (m_a − ⟨m_a⟩), s_a = √f for the letters of a species of fraction f
and 1 for modes,

    𝒟_ab = Re Σ_jumps ⟨[J, F_a]† [J, F_b]⟩,  √N [J_k, F_a] = s_a ([j, v_a] Γ/f + j Γ′ {r, a}),  [L_μ, F_a] = s_a {ℓ_μ,
    a},

k one of the f N particles that jump, r = Σ_c r_c m_c the part of Δ that is no number, and [j, v_a] = 0 where v_a is of
others. A local jump does not move the averages of others at leading order, but through Γ′ its noise reaches them.

Sources: 000 eqs. 24, 34; 002 Lemma 3; 003 eq. 50; with the derivative of the rates kept throughout.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from finite_n.model.jumps import CollectiveJumps, LocalJump
from finite_n.model.model import Model
from finite_n.model.operators import coefficients, hermitian_basis
from finite_n.model.polynomial import Polynomial, linear_coefficients
from finite_n.model.species import Space

Function = Callable[[np.ndarray], np.ndarray]


@dataclasses.dataclass(frozen=True)
class DriftPiece:
    """Fields g(m), shape (k,), their slopes ∂g_i/∂m_c, shape (k, n), and structures S, shape (k, n, n + 1); m has shape
    (n,)."""

    name: str
    field: Function
    slope: Function
    structure: np.ndarray

    def matrix(self, m: np.ndarray) -> np.ndarray:
        """G_aβ(m) = Σ_i g_i(m) S_iaβ, shape (n, n + 1)."""
        return np.tensordot(self.field(m), self.structure, 1)

    def derivative(self, m: np.ndarray) -> np.ndarray:
        """∂G_aβ/∂m_c, shape (n, n + 1, n)."""
        return np.einsum("ic,iab->abc", self.slope(m), self.structure)


@dataclasses.dataclass(frozen=True)
class NoisePiece:
    """A symmetric contribution to 𝒟(m), shape (n, n)."""

    name: str
    matrix: Function


def pieces(model: Model) -> tuple[list[DriftPiece], list[NoisePiece]]:
    """All pieces of the mean-field drift and of the noise of a model."""
    drift, noise, space = [], [], model.space
    if model.hamiltonian.degree > 0:
        drift.append(_hamiltonian(model.hamiltonian, space))
    for k, jump in enumerate(model.jumps):
        local = _Local(model, jump)
        drift.append(local.drift(f"jump {k}"))
        noise += local.noise(f"jump {k}")
    for k, part in enumerate(model.collective):
        drift.append(_collective_drift(part, space, f"collective {k}"))
        noise.append(_collective_noise(part, space, f"collective {k}"))
    return drift, noise


def with_one(m: np.ndarray) -> np.ndarray:
    """(1, m), shape (n + 1,)."""
    return np.concatenate([[1.0], m])


def action(superoperator: Function, dim: int = 2) -> np.ndarray:
    """Matrix A_aβ, shape (d² − 1, d²), of a Heisenberg-picture map: superoperator(v_a) = Σ_β A_aβ v_β; complex."""
    return np.array([coefficients(superoperator(v)) for v in hermitian_basis(dim)[1:]])


def real_values(polynomials: Sequence[Polynomial], letters: Sequence) -> Function:
    """m → the real parts of the values of several polynomials at commuting averages, shape (len(polynomials),).

    All words in one table: the index of every letter in (1, m), padded with that of 1.
    """
    index = {a: i for i, a in enumerate(letters, start=1)}
    words = [(k, [index[a] for a in w], c.real) for k, p in enumerate(polynomials) for w, c in p.words.items()]
    words = [word for word in words if word[2] != 0]
    table = np.zeros((len(words), max((len(w) for _, w, _ in words), default=0)), int)
    for row, (_, w, _) in zip(table, words, strict=True):
        row[: len(w)] = w
    owner, weight = np.array([k for k, _, _ in words], int), np.array([c for _, _, c in words])
    return lambda m: np.bincount(owner, weight * with_one(m)[table].prod(axis=1), len(polynomials))


def _hamiltonian(h: Polynomial, space: Space) -> DriftPiece:
    first = h.partials(space.letters)
    second = real_values([q for p in first for q in p.partials(space.letters)], space.letters)
    shape = (space.size, space.size)
    return DriftPiece(
        "hamiltonian",
        real_values(first, space.letters),
        lambda m: second(m).reshape(shape),
        np.real(1j * space.brackets),
    )


class _Local:
    """One local jump of a species of fraction f, whose letters are the slice `own` of all n."""

    def __init__(self, model: Model, jump: LocalJump):
        species, self.space = model.species_of(jump), model.space
        self.jump, self.dim, self.fraction = jump, species.dim, float(species.fraction)
        self.own = self.space.part(species)
        self.r = linear_coefficients(jump.argument, self.space.letters).real  # (n + 1,), Δ = r·(1, m)
        self._last = (None, 0.0, 0.0)  # drift, its slope and the three noises ask for the same point

    def amplitude(self, m: np.ndarray) -> tuple[float, float]:
        """Γ and Γ′ at Δ(m)."""
        x = float(self.r @ with_one(m))
        if x != self._last[0]:
            self._last = (x, float(self.jump.amplitude(x)), self.jump.amplitude.derivative(x))
        return self._last[1:]

    def drift(self, name: str) -> DriftPiece:
        j, own = self.jump.operator, self.own
        square = j.conj().T @ j
        local = action(lambda v: j.conj().T @ v @ j - 0.5 * (square @ v + v @ square), self.dim).real
        structure = np.zeros((1, self.space.size, self.space.size + 1))
        structure[0, own, 0], structure[0, own, 1 + own.start : 1 + own.stop] = local[:, 0], local[:, 1:]

        def field(m):
            return np.array([self.amplitude(m)[0] ** 2])

        def slope(m):
            gamma, gamma_slope = self.amplitude(m)
            return 2 * gamma * gamma_slope * self.r[None, 1:]

        return DriftPiece(name, field, slope, structure)

    def noise(self, name: str) -> list[NoisePiece]:
        j, space, own = self.jump.operator, self.space, self.own
        moved = np.array([j @ v - v @ j for v in hermitian_basis(self.dim)[1:]])  # [j, v_a]
        # Re⟨[j,v_a]†[j,v_b]⟩, s_a Im⟨[j,v_a]† j⟩ and ⟨j†j⟩ as linear functions of (1, m of the species); f s_a s_b/f² =
        # 1
        rate_form = np.array([[coefficients(a.conj().T @ b).real for b in moved] for a in moved])
        cross_form = np.array([coefficients(a.conj().T @ j).imag for a in moved]) * space.scale[own, None]
        square_form = self.fraction * coefficients(j.conj().T @ j).real
        turned_form = space.scale[:, None] * np.einsum("a,abc->bc", self.r[1:], space.brackets).imag  # s_b {r, b}/i

        def rate(m):
            out = np.zeros((space.size, space.size))
            out[own, own] = self.amplitude(m)[0] ** 2 * (rate_form @ with_one(m[own]))
            return out

        def cross(m):
            gamma, slope = self.amplitude(m)
            mixed = np.outer(cross_form @ with_one(m[own]), -gamma * slope * (turned_form @ with_one(m)))
            out = np.zeros((space.size, space.size))
            out[own] = mixed
            out[:, own] += mixed.T
            return out

        def feedback(m):
            turned = self.amplitude(m)[1] * (turned_form @ with_one(m))
            return np.outer((square_form @ with_one(m[own])) * turned, turned)

        parts = [NoisePiece(f"{name} rate", rate)]
        if np.any(self.r[1:]):
            parts += [NoisePiece(f"{name} cross", cross), NoisePiece(f"{name} feedback", feedback)]
        return parts


def _collective_drift(part: CollectiveJumps, space: Space, name: str) -> DriftPiece:
    l = np.array([linear_coefficients(p, space.letters) for p in part.polynomials])  # (μ, n + 1)
    # ε_a = (i/2) Σ D_μν (ℓ_μ* ℓ_νa − ℓ_ν ℓ_μa*), a letter; ε = field·(1, m)
    half = 0.5j * np.einsum("mn,mb,na->ab", part.kossakowski, l.conj(), l[:, 1:])
    field = (half + half.conj()).real  # (n, n + 1)
    return DriftPiece(name, lambda m: field @ with_one(m), lambda m: field[:, 1:], np.real(1j * space.brackets))


def _collective_noise(part: CollectiveJumps, space: Space, name: str) -> NoisePiece:
    l = np.array([linear_coefficients(p, space.letters) for p in part.polynomials])
    brackets = np.einsum("na,abc->nbc", l[:, 1:], space.brackets)  # {ℓ_μ, b} as a function of (1, m)

    def matrix(m):
        turned = space.scale * (brackets @ with_one(m))
        out = (turned.conj().T @ part.kossakowski @ turned).real
        return (out + out.T) / 2

    return NoisePiece(name, matrix)
