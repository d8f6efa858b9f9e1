"""The coefficients of the generator near a point m: derivatives by x of what stands before every ∂_a ∂_b … N^−w.

    L† = Σ_q,w N^(1−q−w) (1/q!) K^(q,w)_{a1…aq}(x) ∂_{a1} … ∂_{aq}

K^(1,0) is the mean-field drift, K^(2,0) the noise of product states, K^(q,w) with w > 0 what self-interaction, the
order of operators and rates that depend on averages add at finite N.
"""

from __future__ import annotations

from collections.abc import Callable
from math import factorial

import numpy as np
from scipy.sparse import csr_array

from finite_n.model.model import Model
from meanfield.corrections.factors import FactorValues
from meanfield.corrections.generator import Factor, arguments, generator
from meanfield.corrections.symbols import Symbol
from meanfield.limit.driven import Instant

_FACTORIALS = np.array([factorial(k) for k in range(16)], float)
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
        rows = _Rows(self.n, arguments(model))
        for factor, symbol in generator(model, powers).items():
            q = symbol.d.sum(axis=1, dtype=int)
            for degree, power in sorted({(int(a), int(b)) for a, b in zip(q, symbol.w - q, strict=True)}):
                if (most := slopes(degree, power)) >= 0:
                    some = symbol[(q == degree) & (symbol.w - q == power)]
                    rows.add(degree, power, factor, some, most)
        self.places, self._monomials, self._pairs, self._matrix = rows.compiled()
        self._factors = FactorValues(model, list(rows.factors))

    def at(self, m: np.ndarray, now: Instant | None = None) -> np.ndarray:
        """The entries at m, shape (n,), as one vector; now: of a model that depends on time, what is known of one
        time."""
        one = np.concatenate([[1.0], m])
        monomials = one[self._monomials].prod(axis=1)
        return self._matrix @ (monomials[self._pairs[:, 0]] * self._factors.at(one, now)[self._pairs[:, 1]])

    def tensor(self, vector: np.ndarray, key: Key) -> np.ndarray:
        """∂^p K^(q,w) in full from the vector `at(m)`, shape (n,)*(q + p)."""
        where = self.places.get(key)
        return np.zeros((self.n,) * (key[0] + key[2])) if where is None else np.append(vector, 0.0)[where]


class _Rows:
    """Collects the terms of derivatives: by (q, w, p) places in the full tensor of sorted letters, factors, exponents
    of x and coefficients."""

    def __init__(self, n: int, arguments: list[np.ndarray]):
        self.n, self.arguments = n, arguments
        self.factors: dict[Factor, int] = {}
        self.groups: dict[Key, list[tuple[np.ndarray, ...]]] = {}

    def add(self, q: int, w: int, factor: Factor, symbol: Symbol, most: int) -> None:
        """All derivatives up to order `most` of the terms of one factor."""
        weight = np.prod(_FACTORIALS[symbol.d], axis=1)  # (1/q!) K ∂^q = c ∂^β with K = β! c
        at = np.zeros(len(symbol), np.int64)  # of the q letters, sorted, as a number in base n
        for k in range(1, q + 1):
            at = at * self.n + (np.cumsum(symbol.d, axis=1) >= k).argmax(axis=1)  # the k-th letter
        level = [(factor, (), symbol.x, symbol.c.real * weight, at)]
        for p in range(most + 1):
            for g, by, x, c, places in level:
                number = self.factors.setdefault(g, len(self.factors))
                for a in by:
                    places = places * self.n + a
                self.groups.setdefault((q, w, p), []).append((places, np.full(len(c), number), x, c))
            if p < most:
                level = [row for entry in level for row in self._differentiated(*entry)]

    def _differentiated(self, g: Factor, by: tuple, x, c, places):
        for a in range(by[-1] if by else 0, self.n):
            kept = np.flatnonzero(x[:, a])
            if kept.size:
                lower = x[kept].copy()
                lower[:, a] -= 1
                yield g, (*by, a), lower, c[kept] * x[kept, a], places[kept]
            if g.jump >= 0 and (r := self.arguments[g.jump][1 + a]):
                yield g.slope, (*by, a), x, r * c, places

    def compiled(self) -> tuple[dict[Key, np.ndarray], np.ndarray, np.ndarray, csr_array]:
        """Places of full tensors in the vector of coefficients, monomials as letters of (1, x), pairs of monomial and
        factor, and the matrix from pairs to coefficients."""
        places, rows, count = {}, [np.zeros(0, int)], 0
        factor, x, c = [np.zeros(0, int)], [np.zeros((0, self.n), np.int8)], [np.zeros(0)]
        for (q, w, p), parts in self.groups.items():
            at, *columns = (np.concatenate(column) for column in zip(*parts, strict=True))
            unique, row = np.unique(at, return_inverse=True)
            places[q, w, p] = self._full(unique, q, p, count)
            rows.append(count + row.ravel())
            count += len(unique)
            for out, column in zip((factor, x, c), columns, strict=True):
                out.append(column)
        monomials, of = np.unique(np.concatenate(x), axis=0, return_inverse=True)
        pairs = np.stack([of.ravel(), np.concatenate(factor)], axis=1)
        pairs, column = np.unique(pairs, axis=0, return_inverse=True)
        shape = (count, len(pairs))
        matrix = csr_array((np.concatenate(c), (np.concatenate(rows), column.ravel())), shape=shape)
        return places, self._letters(monomials), pairs, matrix

    def _full(self, unique: np.ndarray, q: int, p: int, offset: int) -> np.ndarray:
        """Where every entry of the tensor stands, −1 where none is; `unique` are the entries of sorted letters."""
        index = np.indices((self.n,) * (q + p)).reshape(q + p, -1)
        index = np.concatenate([np.sort(index[:q], axis=0), np.sort(index[q:], axis=0)])
        at = np.zeros(index.shape[1], np.int64)
        for row in index:
            at = at * self.n + row
        found = np.minimum(np.searchsorted(unique, at), len(unique) - 1)
        return np.where(unique[found] == at, offset + found, -1).reshape((self.n,) * (q + p))

    def _letters(self, monomials: np.ndarray) -> np.ndarray:
        """Monomials as indices of (1, x), padded with that of 1."""
        width = int(monomials.sum(axis=1, dtype=int).max(initial=0))
        out = np.zeros((len(monomials), width), int)
        for row, exponents in zip(out, monomials, strict=True):
            letters = np.repeat(np.arange(1, self.n + 1), exponents)
            row[: len(letters)] = letters
        return out
