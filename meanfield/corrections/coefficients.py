"""The coefficients of the generator near a point m: derivatives by x of what stands before every ∂_a ∂_b … N^−w.

    L† = Σ_q,w N^(1−q−w) (1/q!) K^(q,w)_{a1…aq}(x) ∂_{a1} … ∂_{aq}

K^(1,0) is the mean-field drift, K^(2,0) the noise of product states, K^(q,w) with w > 0 what self-interaction, the
order of operators and rates that depend on averages add at finite N.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from math import factorial, prod

import numpy as np
from scipy.sparse import csr_array

from finite_n.model.model import Model
from meanfield.corrections.generator import Factor, arguments, generator

Key = tuple[int, int, int]  # q, w, and the number p of derivatives by x


class Coefficients:
    """All ∂^p K^(q,w) that are not zero everywhere, at any m.

    places : {(q, w, p): where the entries of ∂^p K^(q,w) stand in the vector `at(m)`, shape (n,)*(q + p), the p letters
        of derivatives last; −1 for entries that are zero everywhere}
    slopes : function of (q, w): the largest p wanted, −1 for none
    powers : largest q + w
    """

    def __init__(self, model: Model, powers: int, slopes: Callable[[int, int], int]):
        self.model, self.n = model, model.space.size
        self._arguments = arguments(model)
        rows = _Rows(self.n, self._arguments)
        for factor, symbol in generator(model, powers).items():
            q = symbol.d.sum(axis=1, dtype=int)
            for degree, power in sorted({(int(a), int(b)) for a, b in zip(q, symbol.w - q, strict=True)}):
                if (most := slopes(degree, power)) >= 0:
                    some = symbol[(q == degree) & (symbol.w - q == power)]
                    rows.add(degree, power, factor, some, most)
        self.places = rows.places()
        self._monomials, self._pairs, self._matrix = rows.compiled()
        self._factors = list(rows.factors)
        self._gammas = []  # of every jump: its number, Γ, how many derivatives, and the range of Δ
        for number, jump in enumerate(model.jumps):
            orders = [f.order for f in self._factors if f.jump == number]
            if orders:
                ends = (0.0, 0.0) if jump.amplitude.is_constant else jump.range()
                self._gammas.append((number, jump.amplitude, 1 + max(orders), ends))

    def at(self, m: np.ndarray) -> np.ndarray:
        """The entries at m, shape (n,), as one vector."""
        one = np.concatenate([[1.0], m])
        monomials = one[self._monomials].prod(axis=1)
        return self._matrix @ (monomials[self._pairs[:, 0]] * self._factor_values(one)[self._pairs[:, 1]])

    def tensor(self, vector: np.ndarray, key: Key) -> np.ndarray:
        """∂^p K^(q,w) in full from the vector `at(m)`, shape (n,)*(q + p)."""
        where = self.places.get(key)
        return np.zeros((self.n,) * (key[0] + key[2])) if where is None else np.append(vector, 0.0)[where]

    def _factor_values(self, one: np.ndarray) -> np.ndarray:
        gammas = {
            number: gamma.derivatives(float(self._arguments[number] @ one), count, *ends)
            for number, gamma, count, ends in self._gammas
        }
        return np.array([1.0 if f.jump < 0 else f.value(gammas[f.jump]) for f in self._factors])


class _Rows:
    """Collects monomials: output (q, w, p, β, γ), factor, exponents of x, coefficient."""

    def __init__(self, n: int, arguments: list[np.ndarray]):
        self.n, self.arguments = n, arguments
        self.outputs: dict[tuple, int] = {}
        self.factors: dict[Factor, int] = {}
        self.output, self.factor, self.x, self.c = [], [], [], []

    def add(self, q: int, w: int, factor: Factor, symbol, most: int) -> None:
        """All derivatives up to order `most` of the terms of one factor."""
        derivatives = [tuple(np.repeat(np.arange(self.n), d)) for d in symbol.d]
        weight = np.array([prod(factorial(k) for k in d) for d in symbol.d], float)
        level = [(factor, (), symbol.x, symbol.c.real * weight, np.arange(len(symbol)))]
        for p in range(most + 1):
            for g, by, x, c, of in level:
                self._keep(q, w, p, g, by, x, c, [derivatives[i] for i in of])
            if p < most:
                level = [row for entry in level for row in self._differentiated(*entry)]

    def _differentiated(self, g: Factor, by: tuple, x, c, of):
        for a in range(by[-1] if by else 0, self.n):
            kept = np.flatnonzero(x[:, a])
            if kept.size:
                lower = x[kept].copy()
                lower[:, a] -= 1
                yield g, (*by, a), lower, c[kept] * x[kept, a], of[kept]
            if g.jump >= 0 and (r := self.arguments[g.jump][1 + a]):
                yield g.slope, (*by, a), x, r * c, of

    def _keep(self, q, w, p, g, by, x, c, derivatives) -> None:
        number = self.factors.setdefault(g, len(self.factors))
        for d in derivatives:
            self.output.append(self.outputs.setdefault((q, w, p, d, by), len(self.outputs)))
        self.factor += [number] * len(c)
        self.x.append(x)
        self.c.append(c)

    def compiled(self) -> tuple[np.ndarray, np.ndarray, csr_array]:
        """Monomials as letters of (1, x), pairs of monomial and factor, and the matrix from pairs to outputs."""
        x = np.concatenate([np.zeros((0, self.n), np.int8), *self.x])
        unique, of = np.unique(x, axis=0, return_inverse=True)
        width = int(unique.sum(axis=1, dtype=int).max(initial=0))
        monomials = np.zeros((len(unique), width), int)
        for row, exponents in zip(monomials, unique, strict=True):
            letters = np.repeat(np.arange(1, self.n + 1), exponents)
            row[: len(letters)] = letters
        pairs = np.stack([of.ravel(), np.array(self.factor, int)], axis=1)
        pairs, place = np.unique(pairs, axis=0, return_inverse=True)
        c = np.concatenate([np.zeros(0), *self.c])
        places = (np.array(self.output, int), place.ravel())
        return monomials, pairs, csr_array((c, places), shape=(len(self.outputs), len(pairs)))

    def places(self) -> dict[Key, np.ndarray]:
        """For every (q, w, p) the places of the entries of the full symmetric tensor."""
        out: dict[Key, np.ndarray] = {}
        for (q, w, p, d, by), place in self.outputs.items():
            if (where := out.get((q, w, p))) is None:
                where = out[q, w, p] = np.full((self.n,) * (q + p), -1)
            for left in set(itertools.permutations(d)):
                for right in set(itertools.permutations(by)):
                    where[left + right] = place
        return out
