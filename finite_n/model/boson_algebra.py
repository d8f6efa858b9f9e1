"""How the master equation of a particle made of bosons acts on its operators, without Fock levels:

    L[A] = i[H, A] + Σ_μν D_μν (L_μ† A L_ν − ½{L_μ† L_ν, A}),

on polynomials in normal order, Σ c a†^k a^l b†^m b^n …, whose exponents (k, l, m, n, …) are the keys of a dict.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from math import comb, factorial, sqrt

import numpy as np

from finite_n.errors import FiniteNError
from finite_n.model.bosonic_particle import BosonicParticle
from finite_n.model.polynomial import Polynomial

Normal = dict[tuple[int, ...], complex]
_ROUNDING = 1e-12  # of the largest coefficient
_MOST, _HIGHER = 300, 6  # operators that a closed set may have; degrees by which one may exceed the first


class BosonAlgebra:
    """Operators of one particle in normal order, and L on them."""

    def __init__(self, particle: BosonicParticle):
        self.particle, self.bosons = particle, len(particle.bosons)
        self.one: Normal = {(0,) * (2 * self.bosons): 1.0}
        self.H = self.normal(particle.hamiltonian)
        self.jumps: list[tuple[complex, Normal, Normal]] = []  # D_μν, L_μ†, L_ν
        if particle.jumps is not None:
            L, D = [self.normal(p) for p in particle.jumps.polynomials], particle.jumps.kossakowski
            self.jumps = [(D[m, n], adjoint(L[m]), L[n]) for m, n in np.argwhere(D != 0)]

    def normal(self, p: Polynomial) -> Normal:
        """A polynomial of x = (a + a†)/√2 and p = (a − a†)/(i√2)."""
        letters = {}
        for k, b in enumerate(self.particle.bosons):
            up, down = ([int(j == 2 * k + side) for j in range(2 * self.bosons)] for side in (0, 1))
            phi, pi = b.mode.letters
            letters[phi] = {tuple(up): 1 / sqrt(2), tuple(down): 1 / sqrt(2)}
            letters[pi] = {tuple(up): 1j / sqrt(2), tuple(down): -1j / sqrt(2)}
        words = (
            functools.reduce(times, (letters[a] for a in word), {k: c * x for k, x in self.one.items()})
            for word, c in p.words.items()
        )
        return added(*words)

    def generated(self, A: Normal) -> Normal:
        """L[A]."""
        parts = [scaled(times(self.H, A), 1j), scaled(times(A, self.H), -1j)]
        for d, left, right in self.jumps:
            both = times(left, right)
            parts += [scaled(times(times(left, A), right), d)]
            parts += [scaled(times(both, A), -d / 2), scaled(times(A, both), -d / 2)]
        return added(*parts)

    def dissipated_product(self, A: Normal, B: Normal) -> Normal:
        """L[AB] − L[A]B − AL[B] = Σ D_μν [L_μ†, A] … of one particle: zero without jumps."""
        parts = [self.generated(times(A, B)), times(self.generated(A), B), times(A, self.generated(B))]
        return added(parts[0], *(scaled(x, -1) for x in parts[1:]))

    def matrix_on(self, operators: Sequence[Normal], names: Sequence[str]) -> np.ndarray:
        """L[A_a] = Σ_b M_ab A_b, (n, n), complex; refuses operators that L leads out of, by name."""
        rows, left = [], []
        for A, name in zip(operators, names, strict=True):
            found, rest = combination(self.generated(A), operators)
            rows.append(found)
            if rest:
                left.append(name)
        if left:
            raise FiniteNError(
                f"operators {', '.join(names[1:])}: the dynamics leads from {', '.join(left)} to operators that are no "
                "combination of these; add what is missing, as p is beside x, if there is an end to it."
            )
        return np.array(rows)

    def equations_of_products(
        self, operators: Sequence[Normal], names: Sequence[str]
    ) -> tuple[np.ndarray, list[Normal], np.ndarray]:
        """How averages and products of fluctuations move, of N particles.

        Returns M, (n + 1, n + 1), with L on 1 and the operators; a closed set of operators A; and W of ẏ = Wy, complex,
        y = (⟨F_aF_b⟩, n², and ⟨A⟩ of one particle): L[F_aF_b] = L[F_a]F_b + F_aL[F_b] + (1/N) Σ_k D(X_a, X_b)^(k),
        D(X, Y) = L[XY] − L[X]Y − XL[Y].
        """
        M = self.matrix_on([self.one, *operators], ["1", *names]).real
        lost = [self.dissipated_product(a, b) for a in operators for b in operators]
        basis, G = self.closed(lost)
        reads = np.array([combination(x, basis)[0] for x in lost], complex).reshape(len(lost), len(basis))
        Q, one = M[1:, 1:], np.eye(len(operators))
        pairs = (np.kron(Q, one) + np.kron(one, Q)).astype(complex)
        return M, basis, np.block([[pairs, reads], [np.zeros((len(basis), len(lost))), G]])

    def closed(self, operators: Sequence[Normal]) -> tuple[list[Normal], np.ndarray]:
        """What L makes of operators, linearly independent, and L on it, (n, n), complex."""
        basis: list[Normal] = []
        waiting, highest = list(operators), max(map(degree, operators), default=0) + _HIGHER
        while waiting:
            A = waiting.pop(0)
            c, beyond = combination(A, basis)
            if A and beyond:  # what is new of it, since L[L[A]], … are nearly dependent
                new = added(A, *(scaled(b, -x) for x, b in zip(c, basis, strict=True)))
                basis.append(scaled(new, 1 / np.linalg.norm(list(new.values()))))
                waiting.append(self.generated(basis[-1]))
            if len(basis) > _MOST or degree(A) > highest:
                raise FiniteNError(
                    f"{self.particle}: products of its operators lead to ever more others, so that their equations "
                    "do not close; they do where H is quadratic and jumps are linear in x and p."
                )
        return basis, np.array([combination(self.generated(A), basis)[0] for A in basis]).reshape(
            len(basis), len(basis)
        )


def times(A: Normal, B: Normal) -> Normal:
    """AB, with a^l a†^k = Σ_m C(l, m) C(k, m) m! a†^{k−m} a^{l−m} for every boson."""
    out: Normal = {}
    for s, c in A.items():
        for t, d in B.items():
            terms: list[tuple[tuple[int, ...], complex]] = [((), c * d)]
            for j in range(0, len(s), 2):
                l, k = s[j + 1], t[j]
                steps = [(m, comb(l, m) * comb(k, m) * factorial(m)) for m in range(min(l, k) + 1)]
                terms = [
                    ((*key, s[j] + k - m, l - m + t[j + 1]), x * number) for key, x in terms for m, number in steps
                ]
            for key, x in terms:
                out[key] = out.get(key, 0) + x
    return out


def adjoint(A: Normal) -> Normal:
    """A†."""
    return {tuple(s[j + 1 - 2 * (j % 2)] for j in range(len(s))): complex(c).conjugate() for s, c in A.items()}


def degree(A: Normal) -> int:
    """The most a and a† of a term."""
    return max(map(sum, A), default=0)


def scaled(A: Normal, number: complex) -> Normal:
    """Number times A."""
    return {s: number * c for s, c in A.items()}


def added(*parts: Normal) -> Normal:
    """The sum; what cancels to rounding is left out."""
    out: Normal = {}
    largest: dict[tuple[int, ...], float] = {}
    for part in parts:
        for s, c in part.items():
            out[s] = out.get(s, 0) + c
            largest[s] = max(largest.get(s, 0.0), abs(c))
    return {s: c for s, c in out.items() if abs(c) > _ROUNDING * largest[s]}


def combination(A: Normal, basis: Sequence[Normal]) -> tuple[np.ndarray, bool]:
    """c of A = Σ_k c_k basis_k, and whether something is left over."""
    keys = list(dict.fromkeys([*A, *(s for b in basis for s in b)]))
    target = np.array([A.get(s, 0) for s in keys], complex)
    if not basis or not keys:
        return np.zeros(len(basis), complex), bool(np.any(target))
    columns = np.array([[b.get(s, 0) for b in basis] for s in keys], complex)
    sizes = np.linalg.norm(columns, axis=0)
    c = np.linalg.lstsq(columns / sizes, target, rcond=None)[0] / sizes
    return c, bool(np.abs(columns @ c - target).max() > 1e-9 * np.abs(target).max(initial=1e-300))


def average(A: Normal, moments: Sequence[Mapping[tuple[int, int], complex]]) -> complex:
    """⟨A⟩ in a product over the bosons, from ⟨a†^k a^l⟩ of each by (k, l)."""
    return sum(c * np.prod([own[s[2 * j], s[2 * j + 1]] for j, own in enumerate(moments)]) for s, c in A.items())
