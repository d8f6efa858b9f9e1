"""The equations of motion of averages and connected correlations, from the generator of a model on symbols.

With x the averages over products of different particles (see `corrections.symbols`) and δ = x − ⟨x⟩,

    d⟨x_a⟩/dt = ⟨L†x_a⟩,   dκ_ab/dt = ⟨L†δ_a δ_b⟩,   dκ_abc/dt = ⟨L†δ_a δ_b δ_c⟩ − (κ_ab d⟨x_c⟩/dt + 2 permutations),
    dκ_abcd/dt = ⟨L†δ_a δ_b δ_c δ_d⟩ − (κ_abc d⟨x_d⟩/dt + 3 permutations) − (κ_ab dκ_cd/dt + 5 permutations),

where L† is a sum of N^(1−w) c x^α g(Δ(x)) ∂^β, and g(Δ) = Σ_k (1/k!) g^(k)(⟨Δ⟩) (Δ − ⟨Δ⟩)^k.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections import Counter
from collections.abc import Callable
from math import factorial, perm

import numpy as np
from scipy.sparse import csr_array

from finite_n.model.model import Model
from meanfield.corrections.factors import FactorValues
from meanfield.corrections.generator import Factor, arguments, generator
from meanfield.cumulants.closure import Closure, Monomial

POWERS = 3  # of 1/N in the generator at least, as far as a Γ that is not linear enters
_HIGHEST = 7  # derivative of Γ that `Amplitude.derivatives` gives


def _slopes(factor: Factor, model: Model, most: int) -> tuple[int, bool]:
    """How many derivatives of g are taken, `most` at most and −1 where g is zero, and whether they are all that there
    are."""
    degree = 0 if factor.jump < 0 else model.jumps[factor.jump].amplitude.degree
    if degree is None or degree > 1:
        return min(most, _HIGHEST - factor.order), False
    return -1 if max(factor.i, factor.j) > degree else max(2 * degree - factor.i - factor.j - factor.k, -1), True


class Letters:
    """x_a, δ_a = x_a − ⟨x_a⟩ and y_j = Δ_j − ⟨Δ_j⟩ of all jumps by number, and where their cumulants stand.

    Letters without an average come first, so that they are taken apart first: nothing of order one then cancels.
    """

    def __init__(self, n: int, arguments: list[np.ndarray], order: int):
        self.n, self.order = n, order
        self.slopes = np.concatenate([np.eye(n), *([r[None, 1:] for r in arguments])])  # of x and all y by x
        self.base = len(self.slopes)  # letters with cumulants of their own: x and y
        self.ends = [self.base**k for k in range(1, order + 1)]

    def delta(self, a: int) -> int:
        return a

    def of_jump(self, number: int) -> int:
        return self.n + number

    def x(self, a: int) -> int:
        return self.base + a

    @functools.cache  # noqa: B019 (as long as the equations)
    def place(self, letters: Monomial) -> int:
        """Where the cumulant of some letters stands in `cumulants`."""
        if len(letters) == 1 and letters[0] < self.base:
            return -1
        own = [a % self.base for a in letters]
        first = sum(self.ends[: len(own) - 1])
        return first + int(np.ravel_multi_index(own, (self.base,) * len(own)))

    def cumulants(self, tensors: list[np.ndarray]) -> np.ndarray:
        """All cumulants of x and y as one vector, from those of x in full."""
        out = []
        for k, tensor in enumerate(tensors, start=1):
            for _ in range(k):
                tensor = np.tensordot(tensor, self.slopes, axes=(0, 1))
            out.append(tensor.ravel())
        return np.concatenate(out)


@dataclasses.dataclass(frozen=True)
class _Terms:
    """Terms N^(1−w) c g M ∂^d: d (terms, n), w, c, size of what they add in powers of ε (terms,), and the number of the
    pair of M and g among `monomials` and `factor`, the place of g in `factors`."""

    d: np.ndarray
    w: np.ndarray
    c: np.ndarray
    size: np.ndarray
    pair: np.ndarray
    monomials: list[Monomial]
    factor: np.ndarray
    factors: list[Factor]

    @property
    def pairs(self) -> int:
        return len(self.monomials)


def _letters(exponents) -> Monomial:
    """Letters in order, with repetition, from their exponents."""
    return tuple(a for a, k in enumerate(exponents) for _ in range(int(k)))


class Equations:
    """The equations of a model at any N, closed at `order`, for the unknowns ⟨x_a⟩, N κ_ab, N κ_abc, …"""

    def __init__(self, model: Model, order: int):
        self.model, self.order, self.n = model, order, model.space.size
        self.powers = max(POWERS, order)
        self.smallest = 2 * (self.powers - 1)  # power of ε = N^−½ in what g(Δ) about ⟨Δ⟩ adds to averages
        self.letters = Letters(self.n, arguments(model), order)
        self.unknowns = [
            b for k in range(1, order + 1) for b in itertools.combinations_with_replacement(range(self.n), k)
        ]
        self.size = len(self.unknowns)
        place = {b: i for i, b in enumerate(self.unknowns)}
        self._entries = [
            np.array([place[tuple(sorted(b))] for b in np.ndindex((self.n,) * k)]).reshape((self.n,) * k)
            for k in range(1, order + 1)
        ]
        self._sorted = [tuple(np.array([b for b in self.unknowns if len(b) == k]).T) for k in range(1, order + 1)]
        self._scaled = np.array([len(b) > 1 for b in self.unknowns])
        self._assemble()

    def _assemble(self) -> None:
        terms = self._terms()
        by, of = np.unique(terms.d, axis=0, return_inverse=True)
        order = np.argsort(of.ravel(), kind="stable")
        ends = np.searchsorted(of.ravel()[order], np.arange(len(by) + 1))
        here = {_letters(d): order[ends[i] : ends[i + 1]] for i, d in enumerate(by)}
        rests: dict[Monomial, int] = {}
        found = []
        for i, unknown in enumerate(self.unknowns):
            have = Counter(unknown)
            for chosen in {b for k in range(1, len(unknown) + 1) for b in itertools.combinations(unknown, k)}:
                if chosen not in here:
                    continue
                less = Counter(chosen)
                rest = tuple(sorted((have - less).elements()))
                rows = here[chosen]
                rows = rows[terms.size[rows] + len(rest) <= self.smallest]
                ways = np.prod([perm(have[a], k) for a, k in less.items()])
                pair = rests.setdefault(rest, len(rests)) * terms.pairs + terms.pair[rows]
                found.append((np.full(len(rows), i), pair, terms.w[rows], ways * terms.c[rows]))
        columns = zip(*found, strict=True) if found else [[np.zeros(0)]] * 4
        row, pair, self._w, self._c = (np.concatenate(column) for column in columns)
        pairs, place = np.unique(pair.astype(int), return_inverse=True)
        self._row, self._pair, by_number = row.astype(int), place.ravel(), list(rests)
        monomials = [(*by_number[p // terms.pairs], *terms.monomials[p % terms.pairs]) for p in pairs.tolist()]
        self.closure = Closure(monomials, self.order, self.letters.place)
        self._monomials = np.array([self.closure.index[m] for m in monomials], int)
        self._which = terms.factor[pairs % terms.pairs] if len(pairs) else np.zeros(0, int)
        self._factors = FactorValues(self.model, terms.factors)

    def _terms(self) -> _Terms:
        """All terms of L† that act on the unknowns, with every g(Δ) expanded about ⟨Δ⟩."""
        parts, factors = [], {}
        model, n = self.model, self.n
        for factor, symbol in generator(model, max(self.powers, model.hamiltonian.degree)).items():
            most, complete = _slopes(factor, model, self.smallest)
            few = symbol[symbol.d.sum(axis=1, dtype=int) <= self.order]
            for k in range(most + 1):
                size = np.where(complete, -self.order, 2 * (few.w.astype(int) - 1) + k)
                kept = np.flatnonzero(size <= self.smallest)
                g = dataclasses.replace(factor, k=factor.k + k)
                what = np.array([factor.jump if k else -1, k, factors.setdefault(g, len(factors))])
                key = np.concatenate([few.x[kept], np.tile(what, (len(kept), 1))], axis=1)
                parts.append((key, few.d[kept], few.w[kept], few.c.real[kept] / factorial(k), size[kept]))
        empty = np.zeros((0, n + 3)), np.zeros((0, n)), *[np.zeros(0)] * 3
        key, d, w, c, size = (np.concatenate(column) for column in zip(*parts, empty, strict=True))
        unique, pair = np.unique(key.astype(int), axis=0, return_inverse=True)
        monomials = [
            (*[self.letters.of_jump(jump)] * k, *map(self.letters.x, _letters(x))) for *x, jump, k, _ in unique.tolist()
        ]
        return _Terms(d.astype(int), w, c, size, pair.ravel(), monomials, unique[:, -1], list(factors))

    def at(self, N: int) -> Callable[[float, np.ndarray], np.ndarray]:
        """The time derivatives of the vector of unknowns at N, a function of t and the vector."""
        weight = self._c * float(N) ** (1 - self._w + self._scaled[self._row])
        matrix = csr_array((weight, (self._row, self._pair)), shape=(self.size, len(self._monomials)))

        def rhs(_, y: np.ndarray) -> np.ndarray:
            tensors = self.tensors(y, N)
            values = self.closure.values(self.letters.cumulants(tensors))
            out = matrix @ (values[self._monomials] * self._factors.at(np.append(1.0, tensors[0]))[self._which])
            for k in range(2, self.order):  # from moments of δ to cumulants, the lower ones first
                own = self._entries[k]
                out[own[self._sorted[k]]] -= self._moved(k, out, tensors, N)[self._sorted[k]]
            return out

        return rhs

    def _moved(self, k: int, out: np.ndarray, tensors: list[np.ndarray], N: int) -> np.ndarray:
        """How N times the moments of k + 1 factors δ change beside their cumulant, from what changes the lower ones."""
        drift = np.multiply.outer(N * tensors[k - 1], out[: self.n])  # κ_a…c d⟨x_d⟩/dt
        moved = sum(np.moveaxis(drift, -1, place) for place in range(k + 1))
        if k == 3:
            pairs = np.multiply.outer(tensors[1], out[self._entries[1]])  # κ_ab dκ_cd/dt
            pairs = pairs + pairs.transpose(2, 3, 0, 1)
            moved = moved + pairs + pairs.transpose(0, 2, 1, 3) + pairs.transpose(0, 3, 2, 1)
        return moved

    def tensors(self, y: np.ndarray, N: int) -> list[np.ndarray]:
        """⟨x⟩ (n,), κ (n, n) and, to higher order, κ (n, n, n), … from the vector of unknowns."""
        return [y[e] if k == 0 else y[e] / N for k, e in enumerate(self._entries)]

    def packed(self, tensors: list[np.ndarray], N: int) -> np.ndarray:
        """The vector of unknowns."""
        return np.array([tensors[len(b) - 1][b] * (N if len(b) > 1 else 1) for b in self.unknowns])
