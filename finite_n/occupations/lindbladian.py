"""The Lindbladian of a model as chains of steps on occupation numbers, for any species and boson modes.

Commutators of h and of collective jumps are commutators of one letter at a time, Σ_k (x ⊗ 1 − 1 ⊗ x)^(k), so that no
numbers of size N are subtracted there. Operator-valued rates are J_k = Σ_l j^(k) P_l^(k) Γ_l, P_l the projectors on the
levels: if Δ contains particle k, all Γ_l = Γ(Δ); if not, Γ_l = Γ(Δ − r_l/N_s), r_l what a particle at level l adds to
N_s Δ.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.collective_jumps import CollectiveJumps
from finite_n.model.local_jump import LocalJump
from finite_n.model.operators import hermitian_basis, without_rounding
from finite_n.model.polynomial import Word
from finite_n.occupations.columns import Columns, Particles
from finite_n.occupations.steps import Chain, Factor, Step, entries_of, left, plain, right

ROUNDING = 1e-14  # of the largest word of h: below it, a word is what a turn of the frame left behind


def lindblad_chains(columns: Columns) -> list[Chain]:
    """The Lindbladian of the model of `columns` as chains; every Δ must be diagonal in the levels.

    Words of h below 1e-14 of its largest one count as rounding. ħ = 1.
    """
    model, chains = columns.model, []
    for first, rest, weight in _words(columns):
        chains += _commutator(columns, first, rest, weight)
    for jump in model.jumps:
        particles = columns.particles[model.species.index(model.species_of(jump))]
        if jump.amplitude.is_constant:
            superoperator = _dissipator(float(jump.amplitude(0.0)) * columns.turned(jump.operator, particles.name))
            chains.append(Chain(1.0, (Step(entries_of(superoperator, particles.first)),)))
        else:
            chains += _operator_rates(columns, particles, jump)
    for part in model.collective:
        chains += _collective(columns, part)
    return [c for c in chains if not any(s.is_zero for s in c.steps)]


def word_steps(columns: Columns, word: Word) -> list[Step]:
    """Left products with the letters of a word, the last letter first."""
    return [left_step(columns, columns.letter(a)) for a in word[::-1]]


def left_step(columns: Columns, c: np.ndarray) -> Step:
    """ρ → xρ for x = c_0 + Σ_a c_a m_a over the letters of the frame, c of shape (1 + letters,)."""
    return _product_step(columns, c, 1, 0)


def right_step(columns: Columns, c: np.ndarray) -> Step:
    """ρ → ρx."""
    return _product_step(columns, c, 0, 1)


def commutator_step(columns: Columns, c: np.ndarray) -> Step:
    """ρ → [x, ρ]."""
    return _product_step(columns, c, 1, -1)


def _product_step(columns: Columns, c: np.ndarray, from_left: int, from_right: int) -> Step:
    """from_left xρ + from_right ρx."""
    entries, ladders, at = [], [], 1
    for p in columns.particles:
        v = hermitian_basis(p.dim)[1:]
        some, at = c[at : at + len(v)], at + len(v)
        x = without_rounding(np.tensordot(some, v, 1), np.tensordot(np.abs(some), np.abs(v), 1)) / p.size
        entries += entries_of(from_left * left(x) + from_right * right(x), p.first)
    for b in columns.bosons:
        phi, pi = c[at : at + 2] / np.sqrt(2 * columns.N)
        at += 2
        lower, raising = phi - 1j * pi, phi + 1j * pi  # x = lower a + raising a†
        size = 1e-15 * (abs(phi) + abs(pi))
        for value, by in ((lower, -1), (raising, 1)):
            if abs(value) > size:
                if from_left:
                    ladders.append((b.first, by, plain(from_left * value), b.cutoff))
                if from_right:  # ⟨n′|a = √(n′ + 1) ⟨n′ + 1|
                    ladders.append((b.first + 1, -by, plain(from_right * value), b.cutoff))
    return Step(tuple(entries), tuple(ladders), plain((from_left + from_right) * c[0]))


def _words(columns: Columns) -> Iterable[tuple[np.ndarray, Word, complex]]:
    """−iN h as (first letters summed up, the rest of the word, weight), one for every rest."""
    h = columns.model.hamiltonian
    floor = ROUNDING * max((abs(c) for c in h.words.values()), default=0.0)
    grouped: dict[Word, np.ndarray | int] = {}
    for word, c in h.words.items():
        c = complex(c.real if abs(c.real) > floor else 0, c.imag if abs(c.imag) > floor else 0)
        if word and c != 0:
            grouped[word[1:]] = grouped.get(word[1:], 0) + c * columns.letter(word[0])
    for rest, first in grouped.items():
        yield first, rest, plain(-1j * columns.N)


def _commutator(columns: Columns, first: np.ndarray, rest: Word, weight: complex) -> list[Chain]:
    """weight [w₁ … w_k, ρ] = weight Σ_i w₁ … w_{i−1} [w_i, ρ] w_{i+1} … w_k."""
    letters = [first, *(columns.letter(a) for a in rest)]
    chains = []
    for i, letter in enumerate(letters):
        steps = [commutator_step(columns, letter)]
        steps += [right_step(columns, a) for a in letters[i + 1 :]]
        steps += [left_step(columns, a) for a in letters[:i][::-1]]
        chains.append(Chain(weight, tuple(steps)))
    return chains


def _dissipator(j: np.ndarray) -> np.ndarray:
    """jρj† − ½{j†j, ρ} of one particle, shape (d², d²)."""
    square, size = _product(j.conj().T, j), np.abs(j).T @ np.abs(j)
    total = np.kron(j, j.conj()) - (left(square) + right(square)) / 2
    return without_rounding(total, np.kron(np.abs(j), np.abs(j)) + (left(size) + right(size)) / 2)


def _product(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return without_rounding(x @ y, np.abs(x) @ np.abs(y))


def _collective(columns: Columns, part: CollectiveJumps) -> list[Chain]:
    """Σ_μ ½([W_μ, ρ L_μ†] + [W_μ ρ, L_μ†]) with W_μ = Σ_ν D_μν L_ν, the same as the dissipator written out."""
    words = [(), *((a,) for a in columns.model.space.letters)]
    coefficients = np.array([[p.words.get(w, 0) for w in words] for p in part.polynomials], complex)
    coefficients = coefficients @ columns.letters
    chains = []
    for v, w in zip(coefficients, part.kossakowski @ coefficients, strict=True):
        adjoint = v.conj()
        half = 0.5 * columns.N
        chains.append(Chain(half, (right_step(columns, adjoint), commutator_step(columns, w))))
        chains.append(Chain(-half, (left_step(columns, w), commutator_step(columns, adjoint))))
    return chains


def _operator_rates(columns: Columns, particles: Particles, jump: LocalJump) -> list[Chain]:
    """Σ_k J_k ρ J_k† − ½{J_k†J_k, ρ} with J_k = Σ_s j_s^(k) Γ_s, Γ_s diagonal."""
    parts = split_by_level(columns, particles, jump)
    chains = []

    def local(superoperator):
        return Step(entries_of(superoperator, particles.first))

    for j, (g_left, g_right) in parts:
        for i, (f_left, f_right) in parts:
            square = _product(j.conj().T, i)
            chains.append(Chain(1.0, (g_left, f_right, local(np.kron(j, i.conj())))))
            chains.append(Chain(-0.5, (f_left, local(left(square)), g_left)))
            chains.append(Chain(-0.5, (g_right, local(right(square)), f_right)))
    return chains


def split_by_level(
    columns: Columns, particles: Particles, jump: LocalJump
) -> list[tuple[np.ndarray, tuple[Factor, Factor]]]:
    """(j_s, Γ_s from the left and from the right) with J_k = Σ_s j_s^(k) Γ_s; levels that add the same to Δ
    together."""
    levels = {p.name: _diagonal(columns, jump, p) for p in columns.particles}
    operator = columns.turned(jump.operator, particles.name)
    constant = jump.argument.words.get((), 0).real

    def factors(of: float, present: list[int]) -> tuple[Factor, Factor]:
        out = []
        for side in (0, 1):
            weights: dict[int, float] = {}
            for p in columns.particles:
                for level, r in enumerate(levels[p.name]):
                    for c in p.level(level, side) if r != 0 else ():
                        weights[c] = weights.get(c, 0.0) + r / p.size
            needed = [c for level in present for c in particles.level(level, side)]
            out.append(Factor(jump.gamma, of, tuple(weights.items()), tuple(needed)))
        return out[0], out[1]

    if jump.include_self:
        return [(operator, factors(constant, []))]
    own, parts = levels[particles.name], []
    every = jump.ones.get(particles.name, 0.0)  # what all levels add alike
    for r in np.unique(own):
        same = np.flatnonzero(own == r).tolist()
        j = operator * np.isin(np.arange(particles.dim), same)  # j P
        if np.any(j):
            parts.append((j, factors(constant - (every + r) / particles.size, same)))
    return parts


def _diagonal(columns: Columns, jump: LocalJump, particles: Particles) -> np.ndarray:
    """What the levels of one species add to N_s Δ; refuses a Δ that is not diagonal."""
    r = columns.turned(jump.field(particles.name, particles.dim), particles.name)
    diagonal = np.diag(r).real
    if np.abs(r - np.diag(np.diag(r))).max() > 1e-12 * np.linalg.norm(r):
        raise FiniteNError(
            f"symmetrised products: Δ of {shown(jump)} does not lie along z (is not diagonal in the levels). If the Δ "
            "of all jumps commute, turn every species to their common axis (finite_n.occupations.common_frame); if "
            "they do not, this basis cannot hold the model, so use basis='dicke' for two-level particles."
        )
    return diagonal
