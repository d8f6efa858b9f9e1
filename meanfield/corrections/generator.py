"""The generator of a model on symbols: every Hamiltonian, local jump and collective jump as a sum of functions of Δ
times normally ordered operators, at any N.

    d⟨X⟩/dt = ⟨L†X⟩,   L†X ↔ N Σ_i g_i(x) 𝒢_i f,   g = 1 or g = Γ^(k)(Δ(x)) Γ^(l)(Δ(x)) of one local jump.

With λ and ρ for multiplication by Δ from the left and right and z = Δ(x), a function of them is

    Γ(λ) = Σ_k (1/k!) Γ^(k)(z) τ_k,   τ_0 = 1,  τ_{k+1} = τ_k λ − z τ_k,

all z to the left: τ_k is of order N^−⌈k/2⌉, so that few terms are left at a given order. A particle k that is left out
of Δ enters through Γ(Δ − r^(k)/N_s) = Σ_n (−r^(k)/N_s)^n Γ^(n)(Δ)/n!, since r^(k) commutes with Δ.
"""

from __future__ import annotations

import dataclasses
import math
from collections import defaultdict

import numpy as np

from finite_n.model.jumps import CollectiveJumps, LocalJump
from finite_n.model.model import Model
from finite_n.model.operators import coefficients, hermitian_basis
from finite_n.model.polynomial import average_of, linear_coefficients
from meanfield.corrections.symbols import Symbol, multiplications, multiplied


@dataclasses.dataclass(frozen=True)
class Factor:
    """g = Γ^(k) Γ^(l) at Δ(x) of the jump with that number, k ≤ l; jump = −1: g = 1."""

    jump: int = -1
    k: int = 0
    l: int = 0

    def slopes(self) -> tuple[Factor, ...]:
        """The factors whose sum is the derivative by Δ."""
        if self.jump < 0:
            return ()
        pairs = ((self.k + 1, self.l), (self.k, self.l + 1))
        return tuple(Factor(self.jump, min(p), max(p)) for p in pairs)


def generator(model: Model, powers: int) -> dict[Factor, Symbol]:
    """{g: 𝒢}, L† = N Σ g 𝒢, with terms up to N^−powers in 𝒢; coefficients are real."""
    letters = multiplications(model.space)
    out: dict[Factor, list[Symbol]] = defaultdict(list)
    out[Factor()] += _hamiltonian(model, letters, powers)
    for jumps in model.collective:
        out[Factor()] += _collective(jumps, model, letters, powers)
    for number, jump in enumerate(model.jumps):
        _local(number, jump, model, letters, powers, out)
    added = {factor: _real(Symbol.total(symbols)) for factor, symbols in out.items()}
    return {factor: symbol for factor, symbol in added.items() if len(symbol)}


def _real(symbol: Symbol) -> Symbol:
    """Real parts, without multiplications alone, which add up to zero since L†1 = 0."""
    symbol = symbol[symbol.d.any(axis=1)]
    return Symbol.total([Symbol(symbol.x, symbol.d, symbol.w, symbol.c.real + 0j)])


def _hamiltonian(model: Model, letters: list[Symbol], powers: int) -> list[Symbol]:
    """i[H, X] ↔ N (i h(λ) + c.c.)."""
    left = multiplied(model.hamiltonian, letters, model.space, powers).times(1j)
    return [left, left.conjugate()]


def _collective(jumps: CollectiveJumps, model: Model, letters: list[Symbol], powers: int) -> list[Symbol]:
    """Σ D_μν (L_μ† X L_ν − ½{L_μ† L_ν, X}), L = √N ℓ."""
    total, d = [], jumps.kossakowski
    left = [multiplied(p, letters, model.space, powers) for p in jumps.polynomials]
    bra = [multiplied(p.adjoint(), letters, model.space, powers) for p in jumps.polynomials]
    for mu, nu in np.argwhere(d != 0):
        both = bra[mu].after(left[nu], powers).times(-0.5 * d[mu, nu])
        right = bra[nu].conjugate()  # X L_ν ↔ ℓ_ν of the right multiplications, whose conjugate is that of L_ν†
        total += [bra[mu].after(right, powers).times(d[mu, nu]), both, both.conjugate()]
    return total


def _local(number: int, jump: LocalJump, model: Model, letters: list[Symbol], powers: int, out: dict) -> None:
    """Σ_k J_k† X J_k − ½{J_k† J_k, X}, added to `out` by factors."""
    left = multiplied(jump.argument, letters, model.space, powers)
    z = left[~left.d.any(axis=1)].times(-1)
    constant = jump.amplitude.is_constant
    ladder = {(0, 0): Symbol.one(model.space.size)} if constant else _ladder(left, z, powers)
    for n, j in enumerate(operators := _operators(jump, model, powers)):
        for m, i in enumerate(operators):
            rest = powers - n - m
            if rest < 0:
                continue

            def add(k: int, l: int, symbol: Symbol, n=n, m=m) -> None:
                c = 1 / (math.factorial(k) * math.factorial(l))
                out[Factor(number, *sorted((n + k, m + l)))].append(symbol.times(c, n + m))

            moved, lost = _one_particle(j, i, jump, model), _multiplication(j, i, jump, model, letters, powers)
            for (k, l), tau in ladder.items():
                add(k, l, tau.after(moved, rest))
                row = tau.after(lost, rest).times(-0.5) if l == 0 else ()
                while len(row):  # Γ(λ) A(λ) Γ(λ)
                    add(k, l, row)
                    add(k, l, row.conjugate())
                    row, l = () if constant else _raised(row, left, z, rest), l + 1


def _ladder(left: Symbol, z: Symbol, powers: int) -> dict[tuple[int, int], Symbol]:
    """τ_kl = Σ (−z)^… λ^i ρ^j of all (k, l) that are left up to N^−powers; z is −Δ(x)."""
    out, k, row = {}, 0, Symbol.one(z.x.shape[1])
    right = left.conjugate()
    while len(row):
        l, tau = 0, row
        while len(tau):
            out[k, l] = tau
            tau, l = _raised(tau, right, z, powers), l + 1
        row, k = _raised(row, left, z, powers), k + 1
    return out


def _raised(tau: Symbol, multiplication: Symbol, z: Symbol, powers: int) -> Symbol:
    return Symbol.total([tau.after(multiplication, powers), z.after(tau, powers)])


def _operators(jump: LocalJump, model: Model, powers: int) -> list[np.ndarray]:
    """j (−r/f)^n/n!: what belongs to N^−n Γ^(n)(Δ) where particle k is left out of Δ; else j alone."""
    j, species = jump.operator, model.species_of(jump)
    if jump.include_self or jump.amplitude.is_constant:
        return [j]
    r = jump.field(species.name, species.dim) + jump.ones.get(species.name, 0.0) * np.eye(species.dim)
    out = [j]
    for n in range(1, powers + 1):
        out.append(out[-1] @ r * (-1 / (float(species.fraction) * n)))
    return out


def _one_particle(j: np.ndarray, i: np.ndarray, jump: LocalJump, model: Model) -> Symbol:
    """(1/N) Σ_k j^(k)† X i^(k) ↔ f q(1) + (1/N) (q(v_b) − x_b q(1)) ∂_b, q(v) = ⟨j† v i⟩_x."""
    species = model.species_of(jump)
    first, share = model.space.part(species).start, float(species.fraction)
    terms: dict = defaultdict(complex)

    def letters(k: int) -> tuple[int, ...]:
        return () if k == 0 else (first + k - 1,)

    kept = coefficients(j.conj().T @ i)
    for k in np.flatnonzero(kept):
        terms[letters(k), (), 0] += share * kept[k]
    for b, v in enumerate(hermitian_basis(species.dim)[1:], start=first):
        moved = coefficients(j.conj().T @ v @ i)
        for k in range(species.dim**2):
            terms[letters(k), (b,), 1] += moved[k]
            terms[tuple(sorted((*letters(k), b))), (b,), 1] -= kept[k]
    return Symbol.total([Symbol.of(terms, model.space.size)])


def _multiplication(j, i, jump: LocalJump, model: Model, letters: list[Symbol], powers: int) -> Symbol:
    """(1/N) Σ_k (j† i)^(k) X."""
    species = model.species_of(jump)
    average = average_of(coefficients(j.conj().T @ i), species.name, species.dim) * float(species.fraction)
    return multiplied(average, letters, model.space, powers)


def arguments(model: Model) -> list[np.ndarray]:
    """r of Δ(x) = r·(1, x) for every local jump, shape (n + 1,)."""
    return [linear_coefficients(jump.argument, model.space.letters).real for jump in model.jumps]
