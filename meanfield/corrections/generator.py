"""The generator of a model on symbols: every Hamiltonian, local jump and collective jump as a sum of functions of Δ
times normally ordered operators, at any N.

    d⟨X⟩/dt = ⟨L†X⟩,   L†X ↔ N Σ_i g_i(x) 𝒢_i f,   g = 1 or a derivative of Γ^(i) Γ^(j) at z = Δ(x) of one local jump.

A function of an operator μ = z + O(1/N) is written with all z to the left,

    g(μ) = Σ_k (1/k!) g^(k)(z) τ_k,   τ_0 = 1,  τ_{k+1} = τ_k μ − z τ_k,

where τ_k is of order N^−⌈k/2⌉, so that few terms are left at a given order. Let λ and ρ be multiplication by Δ from the
left and right, μ their mean and 2w their difference, and r the one-particle operator of Δ = Σ_k r^(k)/N_s + …. Then

    J† X J = Γ(μ + w) Γ(μ − w) j† X j,          even in w, which is of order 1/N
    J† J   = Γ(Δ) j†j Γ(Δ) = Σ_n (1/n!) (Γ Γ^(n))(Δ) (−[r/N_s, ·])^n j†j,

since j†j commutes with Δ up to r^(k)/N_s. Where particle k is left out of Δ, Γ(Δ − r^(k)/N_s) is expanded in r^(k)/N_s.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import defaultdict
from collections.abc import Iterator
from math import comb, factorial

import numpy as np

from finite_n.model.collective_jumps import CollectiveJumps
from finite_n.model.local_jump import LocalJump
from finite_n.model.model import Model
from finite_n.model.operators import coefficients, hermitian_basis
from finite_n.model.polynomial import Polynomial, average_of, linear_coefficients
from finite_n.model.species import Species
from meanfield.corrections.symbols import Symbol, multiplications, multiplied


@dataclasses.dataclass(frozen=True)
class Factor:
    """g = the derivative of order k of Γ^(i) Γ^(j) at Δ(x) of the jump with that number among `jumps_of`; jump = −1:
    g = 1. part: of a model that depends on time, which function of time multiplies it."""

    jump: int = -1
    i: int = 0
    j: int = 0
    k: int = 0
    part: int = 0

    @property
    def slope(self) -> Factor:
        """The derivative by Δ, of g that depends on it."""
        return dataclasses.replace(self, k=self.k + 1)

    @property
    def order(self) -> int:
        """The highest derivative of Γ that occurs."""
        return max(self.i, self.j) + self.k


def factor_matrix(factors: list[Factor]) -> np.ndarray:
    """P with g = Σ_ab P_gab Γ^(a) Γ^(b), by Leibniz's rule; shape (factors, count, count)."""
    count = 1 + max(f.order for f in factors)
    out = np.zeros((len(factors), count, count))
    for row, f in zip(out, factors, strict=True):
        for l in range(f.k + 1):
            row[f.i + l, f.j + f.k - l] += comb(f.k, l)
    return out


def jumps_of(model: Model) -> list[LocalJump]:
    """The local jumps of all parts of a model, without their functions of time."""
    return [jump for part in model.parts for jump in part.model.jumps]


def generator(model: Model, powers: int) -> dict[Factor, Symbol]:
    """{g: 𝒢}, L† = N Σ g 𝒢, with terms up to N^−powers in 𝒢; coefficients are real. Of a model that depends on time it
    is Σ_k f_k(t) N Σ g 𝒢, k the part of g."""
    found, before = {}, 0
    for k, part in enumerate(model.parts):
        for factor, symbol in _of_constant(part.model, powers).items():
            number = factor.jump + before if factor.jump >= 0 else -1
            found[dataclasses.replace(factor, jump=number, part=k)] = symbol
        before += len(part.model.jumps)
    return found


def _of_constant(model: Model, powers: int) -> dict[Factor, Symbol]:
    """{g: 𝒢} of a constant model."""
    letters = multiplications(model.space)
    out: dict[Factor, list[Symbol]] = defaultdict(list)
    out[Factor()] += _hamiltonian(model, letters, powers)
    for jumps in model.collective:
        out[Factor()] += _collective(jumps, model, letters, powers)
    deltas: dict[Polynomial, _Delta] = {}  # jumps often share theirs
    for number, jump in enumerate(model.jumps):
        if jump.argument not in deltas:
            deltas[jump.argument] = _Delta.of(jump.argument, model, letters, powers)
        _local(number, jump, deltas[jump.argument], model, letters, powers, out)
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


@dataclasses.dataclass(frozen=True)
class _Delta:
    """What functions of one Δ are made of: τ_0, τ_1, … of λ and of μ, and w."""

    left: list[Symbol]
    middle: list[Symbol]
    difference: Symbol

    @classmethod
    def of(cls, argument: Polynomial, model: Model, letters: list[Symbol], powers: int) -> _Delta:
        left = multiplied(argument, letters, model.space, powers)
        z = left[~left.d.any(axis=1)].times(-1)
        middle = Symbol.total([left.times(0.5), left.conjugate().times(0.5)])
        difference = Symbol.total([left.times(0.5), left.conjugate().times(-0.5)])
        return cls(list(_powers_of(left, z, powers)), list(_powers_of(middle, z, powers)), difference)


def _local(
    number: int, jump: LocalJump, delta: _Delta, model: Model, letters: list[Symbol], powers: int, out: dict
) -> None:
    """Σ_k J_k† X J_k − ½{J_k† J_k, X}, added to `out` by factors."""
    for factor, power, symbol in _lost(number, jump, model, letters, powers):
        for k, tau in enumerate(delta.left):
            half = tau.after(symbol, powers - power).times(-0.5 / factorial(k), power)
            out[dataclasses.replace(factor, k=factor.k + k)] += [half, half.conjugate()]
    for factor, power, symbol in _moved(number, jump, model, delta.difference, powers):
        for k, tau in enumerate(delta.middle):
            added = tau.after(symbol, powers - power).times(1 / factorial(k), power)
            out[dataclasses.replace(factor, k=factor.k + k)].append(added)


def _powers_of(mu: Symbol, z: Symbol, powers: int) -> Iterator[Symbol]:
    """τ_0, τ_1, … as far as they have terms up to N^−powers; z is −Δ(x)."""
    tau = Symbol.one(z.x.shape[1])
    while len(tau):
        yield tau
        tau = Symbol.total([tau.after(mu, powers), z.after(tau, powers)]) if len(mu) else tau[:0]


def _lost(number: int, jump: LocalJump, model: Model, letters, powers: int) -> Iterator[tuple[Factor, int, Symbol]]:
    """(g, n, A) with (1/N) Σ_k J_k† J_k X ↔ Σ N^−n g(λ) A."""
    a, r, species = jump.operator.conj().T @ jump.operator, _own(jump, model), model.species_of(jump)
    for n in range(powers + 1):
        average = average_of(coefficients(a), species.name, species.dim) * (float(species.fraction) / factorial(n))
        if not average.words:
            return
        factor = Factor(number, 0, n) if jump.include_self else Factor(number, k=n)
        yield factor, n, multiplied(average, letters, model.space, powers - n)
        a = a @ r - r @ a if jump.include_self else -r @ a


def _moved(number: int, jump: LocalJump, model: Model, w: Symbol, powers: int) -> Iterator[tuple[Factor, int, Symbol]]:
    """(g, n, B) with (1/N) Σ_k J_k† X J_k ↔ Σ N^−n g(μ) B.

    With a particle left out, r_L and r_R being r/f from both sides of j† X j, Γ(μ + w − r_L/N) Γ(μ − w − r_R/N) is
    expanded in s = (r_L + r_R)/2N and d = w − (r_L − r_R)/2N: Γ(μ − s + d) Γ(μ − s − d) is even in d.
    """
    species, r = model.species_of(jump), _own(jump, model)
    n = model.space.size
    powers_of_w = [Symbol.one(n)]
    while len(powers_of_w) <= powers and len(w):
        powers_of_w.append(powers_of_w[-1].after(w, powers))
    for m, a in itertools.product(range(0, powers + 1, 2), range(powers + 1)):
        if m + a > powers or (a and jump.include_self):
            continue
        for c in range(m + 1):
            if m - c >= len(powers_of_w) or (c and jump.include_self):
                continue
            ends = (np.polynomial.Polynomial([0.5, 0.5]) ** a, np.polynomial.Polynomial([0.5, -0.5]) ** c)
            own = (ends[0] * ends[1]).coef  # of r_L^(a+c−l) r_R^l
            moved = _one_particle(jump.operator, r, own, species, model)
            weight = comb(m, c) * (-1) ** (a + c) / (factorial(m) * factorial(a))
            symbol = powers_of_w[m - c].after(moved, powers - a - c).times(weight)
            for i in range(m + 1):
                yield Factor(number, i, m - i, a), a + c, symbol.times(comb(m, i) * (-1) ** (m - i))


def _own(jump: LocalJump, model: Model) -> np.ndarray:
    """r/f of the species that jumps, Δ = Σ_k r^(k)/N_s + …; with what averages of the identity add."""
    species = model.species_of(jump)
    ones = jump.ones.get(species.name, 0.0) * np.eye(species.dim)
    return (jump.field(species.name, species.dim) + ones) / float(species.fraction)


def _one_particle(j: np.ndarray, r: np.ndarray, own: np.ndarray, species: Species, model: Model) -> Symbol:
    """(1/N) Σ_k of Q(X) on particle k ↔ f q(1) + (1/N) (q(v_b) − x_b q(1)) ∂_b, q(v) = ⟨Q(v)⟩_x, with
    Q(v) = Σ_l own_l r^(a−l) j† v j r^l, a + 1 the length of `own`."""
    first, share = model.space.part(species).start, float(species.fraction)
    terms: dict = defaultdict(complex)
    sides = [(np.linalg.matrix_power(r, len(own) - 1 - l), np.linalg.matrix_power(r, l)) for l in range(len(own))]

    def moved(v: np.ndarray) -> np.ndarray:
        return coefficients(sum(c * x @ j.conj().T @ v @ j @ y for c, (x, y) in zip(own, sides, strict=True)))

    def letters(k: int) -> tuple[int, ...]:
        return () if k == 0 else (first + k - 1,)

    basis = hermitian_basis(species.dim)
    kept = moved(basis[0])
    for k in range(species.dim**2):
        terms[letters(k), (), 0] += share * kept[k]
    for b, v in enumerate(basis[1:], start=first):
        image = moved(v)
        for k in range(species.dim**2):
            terms[letters(k), (b,), 1] += image[k]
            terms[tuple(sorted((*letters(k), b))), (b,), 1] -= kept[k]
    return Symbol.total([Symbol.of(terms, model.space.size)])


def arguments(model: Model) -> list[np.ndarray]:
    """r of Δ(x) = r·(1, x) for every local jump, shape (n + 1,)."""
    return [linear_coefficients(jump.argument, model.space.letters).real for jump in jumps_of(model)]
