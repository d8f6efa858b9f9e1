"""The noise 𝒟 of the fluctuations in terms: what every local jump and every set of collective jumps contribute.

For the fluctuations F_a = s_a √N (m_a − ⟨m_a⟩), s_a = √f for the letters of a species of fraction f and 1 for modes,

    𝒟_ab = Re Σ_jumps ⟨[J, F_a]† [J, F_b]⟩,
    √N [J_k, F_a] = s_a ([j, v_a] Γ/f + j Γ′ {r, a}),    [L_μ, F_a] = s_a {ℓ_μ, a},

k one of the f N particles that jump, r = Σ_c r_c m_c the part of Δ that is no number, and [j, v_a] = 0 where v_a
belongs to others. A local jump does not move the averages of others at leading order, but through Γ′ its noise reaches
them: the square of the sum gives a rate, a cross and a feedback term.

Sources: Benatti et al. 2016, eq. 34; Fiorelli 2024, eq. 50; with the derivative of the rates kept throughout.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from finite_n.model.collective_jumps import CollectiveJumps
from finite_n.model.model import Model
from finite_n.model.operators import coefficients, hermitian_basis
from finite_n.model.polynomial import linear_coefficients
from finite_n.model.species import Space
from meanfield.limit.averages import Function, JumpAmplitude, jump_amplitudes, with_one


@dataclasses.dataclass(frozen=True)
class NoiseTerm:
    """A symmetric contribution to 𝒟(m), n letters: `block` is that at the index `at` of its rows and columns, zero
    elsewhere; part: of a model that depends on time, which function of time multiplies it."""

    name: str
    block: Function
    at: tuple
    size: int
    part: int = 0

    def matrix(self, m: np.ndarray) -> np.ndarray:
        """The contribution, shape (n, n)."""
        out = np.zeros((self.size, self.size))
        out[self.at] = self.block(m)
        return out


def noise_terms(model: Model, amplitudes: list[JumpAmplitude] | None = None) -> list[NoiseTerm]:
    """All terms of the noise of a model; `amplitudes` are those of `jump_amplitudes`, if already made."""
    amplitudes = jump_amplitudes(model) if amplitudes is None else amplitudes
    terms = [term for k, amplitude in enumerate(amplitudes) for term in _local(amplitude, f"jump {k}")]
    return terms + [_collective(jumps, model.space, f"collective {k}") for k, jumps in enumerate(model.collective)]


def _local(amplitude: JumpAmplitude, name: str) -> list[NoiseTerm]:
    j, space, own = amplitude.jump.operator, amplitude.space, amplitude.own
    moved = np.array([j @ v - v @ j for v in hermitian_basis(amplitude.species.dim)[1:]])  # [j, v_a]
    # Re⟨[j,v_a]†[j,v_b]⟩, s_a Im⟨[j,v_a]† j⟩ and ⟨j†j⟩ as linear functions of (1, m of the species);
    # f s_a s_b/f² = 1
    rate_form = np.array([[coefficients(a.conj().T @ b).real for b in moved] for a in moved])
    cross_form = np.array([coefficients(a.conj().T @ j).imag for a in moved]) * space.scale[own, None]
    square_form = float(amplitude.species.fraction) * coefficients(j.conj().T @ j).real
    turned_form = space.scale[:, None] * space.brackets_with(amplitude.r[None, 1:]).toarray().imag  # s_b {r, b}/i

    def rate(m):
        return amplitude(m)[0] ** 2 * (rate_form @ with_one(m[own]))

    def cross(m):
        gamma, slope = amplitude(m)
        mixed = np.outer(cross_form @ with_one(m[own]), -gamma * slope * (turned_form @ with_one(m)))
        out = np.zeros((space.size, space.size))
        out[own] = mixed
        out[:, own] += mixed.T
        return out

    def feedback(m):
        turned = amplitude(m)[1] * (turned_form @ with_one(m))
        return np.outer((square_form @ with_one(m[own])) * turned, turned)

    n, every = space.size, (slice(None), slice(None))
    terms = [NoiseTerm(f"{name} rate", rate, (own, own), n)]
    if np.any(amplitude.r[1:]):
        terms += [NoiseTerm(f"{name} cross", cross, every, n), NoiseTerm(f"{name} feedback", feedback, every, n)]
    return terms


def _collective(jumps: CollectiveJumps, space: Space, name: str) -> NoiseTerm:
    l = np.array([linear_coefficients(p, space.letters) for p in jumps.polynomials])
    brackets = space.brackets_with(l[:, 1:])  # {ℓ_μ, b} as a function of (1, m)
    at = np.unique(brackets.nonzero()[0] % space.size)  # letters that a jump moves
    rows = (np.arange(len(l))[:, None] * space.size + at).ravel()
    brackets = brackets[rows].toarray().reshape(len(l), len(at), -1)
    scale = space.scale[at]

    def block(m):
        turned = scale * (brackets @ with_one(m))
        out = (turned.conj().T @ jumps.kossakowski @ turned).real
        return (out + out.T) / 2

    return NoiseTerm(name, block, np.ix_(at, at), space.size)
