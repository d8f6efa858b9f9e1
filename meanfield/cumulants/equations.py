"""The equations of motion of averages and connected correlations, from the generator of a model on symbols.

With x the averages over products of different particles (see `corrections.symbols`) and δ = x − ⟨x⟩,

    d⟨x_a⟩/dt = ⟨L†x_a⟩,   dκ_ab/dt = ⟨L†δ_a δ_b⟩,   dκ_abc/dt = ⟨L†δ_a δ_b δ_c⟩ − (κ_ab d⟨x_c⟩/dt + 2 permutations),
    dκ_abcd/dt = ⟨L†δ_a δ_b δ_c δ_d⟩ − (κ_abc d⟨x_d⟩/dt + 3 permutations) − (κ_ab dκ_cd/dt + 5 permutations),

where L† is a sum of N^(1−w) c x^α g(Δ(x)) ∂^β, and g(Δ) = Σ_k (1/k!) g^(k)(⟨Δ⟩) (Δ − ⟨Δ⟩)^k.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from math import factorial, perm, prod

import numpy as np
from scipy.sparse import csr_array

from finite_n.model.local_jump import LocalJump
from finite_n.model.model import Model
from meanfield.corrections.factors import FactorValues
from meanfield.corrections.generator import Factor, arguments, generator, jumps_of
from meanfield.cumulants.closure import Closure, Monomial
from meanfield.limit.driven import values_at

POWERS = 3  # of 1/N in the generator at least, as far as a Γ that is not linear enters
_FITS = 2.0**62
_HIGHEST = 7  # derivative of Γ that `Amplitude.derivatives` gives


def _slopes(factor: Factor, jumps: Sequence[LocalJump], most: int) -> tuple[int, bool]:
    """How many derivatives of g are taken, `most` at most and −1 where g is zero, and whether they are all that there
    are."""
    degree = 0 if factor.jump < 0 else jumps[factor.jump].amplitude.degree
    if degree is None or degree > 1:
        return min(most, _HIGHEST - factor.order), False
    return -1 if max(factor.i, factor.j) > degree else max(2 * degree - factor.i - factor.j - factor.k, -1), True


class Letters:
    """x_a, δ_a = x_a − ⟨x_a⟩ and y_j = Δ_j − ⟨Δ_j⟩ of all jumps by number, and where their cumulants stand.

    Letters without an average come first, so that they are taken apart first: nothing of order one then cancels.

    unknowns : the sorted choices of one to `order` averages x, whose cumulants all others follow from
    """

    def __init__(self, n: int, arguments: list[np.ndarray], order: int):
        self.n, self.order = n, order
        self.slopes = np.concatenate([np.eye(n), *([r[None, 1:] for r in arguments])])  # of x and all y by x
        self.base = len(self.slopes)  # letters with cumulants of their own: x and y
        self.unknowns = [b for k in range(1, order + 1) for b in itertools.combinations_with_replacement(range(n), k)]
        self._places: dict[Monomial, int] = {}

    def delta(self, a: int) -> int:
        return a

    def of_jump(self, number: int) -> int:
        return self.n + number

    def x(self, a: int) -> int:
        return self.base + a

    def place(self, letters: Monomial) -> int:
        """Which of the cumulants of x and y, of those that were asked for, is that of some letters."""
        if len(letters) == 1 and letters[0] < self.base:
            return -1
        own = tuple(sorted(a % self.base for a in letters))
        return self._places.setdefault(own, len(self._places))

    def linear(self) -> csr_array:
        """The matrix from the cumulants of `unknowns` to those that were asked for."""
        column = {b: i for i, b in enumerate(self.unknowns)}
        ends = [[(int(a), row[a]) for a in np.flatnonzero(row)] for row in self.slopes]
        found = [
            (i, column[tuple(sorted(a for a, _ in chosen))], prod(slope for _, slope in chosen))
            for letters, i in self._places.items()
            for chosen in itertools.product(*(ends[a] for a in letters))
        ]
        row, col, value = zip(*found, strict=True) if found else ((), (), ())
        return csr_array((np.array(value, float), (row, col)), shape=(len(self._places), len(self.unknowns)))


class _Moved:
    """How N times the moments of k factors δ change beside their cumulant, from what changes the lower ones:

    Nκ_a…c d⟨x_d⟩/dt and, for k = 4, κ_ab d(Nκ_cd)/dt, in all ways to choose the letters.
    """

    def __init__(self, place: Mapping[Monomial, int], k: int):
        own = [b for b in place if len(b) == k]
        self.own = slice(place[own[0]], place[own[-1]] + 1)
        self._drift = self._places(place, own, 1)
        self._pairs = self._places(place, own, 2) if k == 4 else None

    @staticmethod
    def _places(place: Mapping[Monomial, int], own: Sequence[Monomial], count: int) -> tuple[np.ndarray, np.ndarray]:
        """Places of the other letters and of the `count` that are chosen, (ways, unknowns) each."""
        k = len(own[0])
        ways = list(itertools.combinations(range(k), count))
        chosen = [[place[tuple(b[i] for i in way)] for b in own] for way in ways]
        rest = [[place[tuple(b[i] for i in range(k) if i not in way)] for b in own] for way in ways]
        return np.array(rest), np.array(chosen)

    def take_off(self, out: np.ndarray, x: np.ndarray, y: np.ndarray) -> None:
        """Turns the changes of these moments in `out` to those of cumulants; all arrays (unknowns, sizes)."""
        rest, chosen = self._drift
        out[self.own] -= (y[rest] * out[chosen]).sum(axis=0)
        if self._pairs is not None:
            rest, chosen = self._pairs
            out[self.own] -= (x[rest] * out[chosen]).sum(axis=0)


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


def _different(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different rows of integers, sorted, and which of these each row is: np.unique, which compares rows slowly, of
    one number for each row where that fits."""
    spans = np.ptp(rows, axis=0) + 1 if len(rows) else np.zeros(0)
    if not len(rows) or np.prod(spans, dtype=float) > _FITS:
        different, of = np.unique(rows, axis=0, return_inverse=True)
        return different, of.ravel()
    least = rows.min(axis=0)
    keys, of = np.unique(np.ravel_multi_index((rows - least).T, spans), return_inverse=True)
    return np.stack(np.unravel_index(keys, spans), axis=1) + least, of


class Equations:
    """The equations of a model at any N, closed at `order`, for the unknowns ⟨x_a⟩, N κ_ab, N κ_abc, …"""

    def __init__(self, model: Model, order: int):
        self.model, self.order, self.n = model, order, model.space.size
        self.powers = max(POWERS, order)
        self.smallest = 2 * (self.powers - 1)  # power of ε = N^−½ in what g(Δ) about ⟨Δ⟩ adds to averages
        self.letters = Letters(self.n, arguments(model), order)
        self.unknowns = self.letters.unknowns
        self.size = len(self.unknowns)
        place = {b: i for i, b in enumerate(self.unknowns)}
        self._entries = [
            np.array([place[tuple(sorted(b))] for b in np.ndindex((self.n,) * k)]).reshape((self.n,) * k)
            for k in range(1, order + 1)
        ]
        self._moved = [_Moved(place, k) for k in range(3, order + 1)]
        self._scaled = np.array([len(b) > 1 for b in self.unknowns])
        self._assemble()

    def _assemble(self) -> None:
        terms = self._terms()
        by, of = _different(terms.d)
        order = np.argsort(of, kind="stable")
        ends = np.searchsorted(of[order], np.arange(len(by) + 1))
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
        columns = zip(*found, strict=True) if found else [[np.zeros(0, int)]] * 4
        row, pair, w, c = (np.concatenate(column) for column in columns)
        pairs, pair = np.unique(pair.astype(int), return_inverse=True)
        by_number = list(rests)
        monomials = [(*by_number[p // terms.pairs], *terms.monomials[p % terms.pairs]) for p in pairs.tolist()]
        self.closure = Closure(monomials, self.order, self.letters.place)
        self._linear = self.letters.linear()
        monomial = np.array([self.closure.index[m] for m in monomials], int)[pair]
        factor = terms.factor[pairs % terms.pairs][pair]
        # terms of one unknown, one g and one power of N are one row, sorted by unknown
        key = np.stack([row, factor, 1 - w + self._scaled[row]], axis=1).astype(int)
        sums, of = _different(key)
        self._matrix = csr_array((c.astype(float), (of, monomial)), shape=(len(sums), len(self.closure)))
        _, self._factor, self._power = sums.T
        self._changing, self._begins = np.unique(sums[:, 0], return_index=True)
        self._factors = FactorValues(self.model, terms.factors)

    def _terms(self) -> _Terms:
        """All terms of L† that act on the unknowns, with every g(Δ) expanded about ⟨Δ⟩."""
        parts, factors = [], {}
        model, n = self.model, self.n
        degree, jumps = max(part.model.hamiltonian.degree for part in model.parts), jumps_of(model)
        for factor, symbol in generator(model, max(self.powers, degree)).items():
            most, complete = _slopes(factor, jumps, self.smallest)
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
        unique, pair = _different(key.astype(int))
        monomials = [
            (*[self.letters.of_jump(jump)] * k, *map(self.letters.x, _letters(x))) for *x, jump, k, _ in unique.tolist()
        ]
        return _Terms(d.astype(int), w, c, size, pair, monomials, unique[:, -1], list(factors))

    def at(self, sizes: Sequence[int]) -> Callable[[float, np.ndarray], np.ndarray]:
        """The time derivatives of the vectors of unknowns at these sizes, a function of t and of all vectors one after
        the other."""
        count = len(sizes)
        N = np.array(sizes, float)
        unscaled = np.where(self._scaled[:, None], 1 / N, 1.0)
        weight = N ** self._power[:, None]
        values = self.closure.evaluator(self._linear, count)
        one = np.ones((count, 1 + self.n))

        def rhs(t, y: np.ndarray) -> np.ndarray:
            y = np.ascontiguousarray(y.reshape(count, self.size).T)
            x = y * unscaled
            out = np.zeros((self.size, count))
            if len(weight):
                one[:, 1:] = x[: self.n].T
                sums = self._matrix @ values(x)
                sums *= weight
                sums *= self._factors.at(one, values_at(t)).T[self._factor]
                out[self._changing] = np.add.reduceat(sums, self._begins, axis=0)
            for moved in self._moved:  # from moments of δ to cumulants, the lower ones first
                moved.take_off(out, x, y)
            return out.T.ravel()

        return rhs

    def tensors(self, y: np.ndarray, N: int) -> list[np.ndarray]:
        """⟨x⟩ (n,), κ (n, n) and, to higher order, κ (n, n, n), … from the vector of unknowns."""
        return [y[e] if k == 0 else y[e] / N for k, e in enumerate(self._entries)]

    def packed(self, tensors: list[np.ndarray], N: int) -> np.ndarray:
        """The vector of unknowns."""
        return np.array([tensors[len(b) - 1][b] * (N if len(b) > 1 else 1) for b in self.unknowns])
