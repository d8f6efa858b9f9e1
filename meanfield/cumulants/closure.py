"""Averages of products of random letters whose cumulants beyond the second or third vanish.

    ⟨l M⟩ = ⟨l⟩⟨M⟩ + Σ_a κ_la ⟨∂_a M⟩ + ½ Σ_ab κ_lab ⟨∂_a ∂_b M⟩

for a letter l and a monomial M, from the shortest monomials up; exact for what is so closed.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np
from scipy.sparse import csr_array

Monomial = tuple[int, ...]  # letters in order, with repetition


class Closure:
    """⟨M⟩ of all `monomials`, and of the shorter ones that they need, as one vector.

    monomials : the products of letters wanted
    order : of the highest cumulant that is not zero, 1 to 4
    place : function of a choice of one to `order` letters: where their cumulant stands in a vector of cumulants, −1 for
        one that is zero
    """

    def __init__(self, monomials: Iterable[Monomial], order: int, place: Callable[[Monomial], int]):
        parts: dict[Monomial, Counter] = {(): Counter()}
        waiting = list(monomials)
        while waiting:
            if (m := waiting.pop()) not in parts:
                parts[m] = _parts(m, order, place)
                waiting += [rest for _, rest in parts[m]]
        found = sorted(parts, key=len)
        self.index = {m: i for i, m in enumerate(found)}
        # of all monomials of one length: the first and how many; of every addend, sorted by monomial: the place of
        # weight × cumulant among `factors` and the shorter monomial
        self._levels, factors = [], {}
        for _, level in itertools.groupby(found[1:], key=len):
            level = list(level)
            ends = np.cumsum([0, *(len(parts[m]) for m in level)])
            rows = [
                (factors.setdefault((c, k), len(factors)), self.index[rest])
                for m in level
                for (c, rest), k in parts[m].items()
            ]
            self._levels.append((self.index[level[0]], len(level), ends, *np.array(rows, int).reshape(-1, 2).T))
        self._cumulant, self._weight = np.array(list(factors), int).reshape(-1, 2).T

    def __len__(self) -> int:
        return len(self.index)

    def evaluator(self, linear: csr_array, count: int = 1) -> Callable[[np.ndarray], np.ndarray]:
        """A function that takes (U, count) to ⟨M⟩ in the order of `index`, (M, count), where cumulants are `linear`
        times each column."""
        to_factors = csr_array(linear[self._cumulant].multiply(self._weight[:, None]))
        of = np.arange(count)[:, None]
        data = np.zeros(count * sum(len(source) for *_, source in self._levels))
        steps, gathered, begin = [], np.zeros(data.size, int), 0
        for first, size, ends, factor, source in self._levels:  # a row of the matrix for every monomial and column
            number = np.diff(ends)
            at = (count * ends[:-1] + of * number).T  # where each row begins
            target = np.repeat(np.arange(size), number)
            places = at[target].T + np.arange(len(source)) - ends[target]
            columns = np.zeros(places.size, int)
            columns[places], gathered[begin + places] = source * count + of, factor * count + of
            own = data[begin : begin + places.size]
            begin += places.size
            matrix = csr_array(
                (own, columns, np.append(at.ravel(), places.size)), shape=(count * size, count * len(self))
            )
            matrix.data = own
            steps.append((slice(first, first + size), (size, count), matrix))

        def values(x: np.ndarray) -> np.ndarray:
            np.take(to_factors @ x, gathered, out=data, mode="clip")
            out = np.zeros((len(self), count))
            out[0] = 1.0
            flat = out.ravel()
            for own, shape, matrix in steps:
                out[own] = (matrix @ flat).reshape(shape)
            return out

        return values


def _parts(m: Monomial, order: int, place: Callable[[Monomial], int]) -> Counter:
    """{(place of a cumulant, what is left of m): how often} in ⟨m⟩, whose first letter is taken apart."""
    first, rest = m[0], m[1:]
    out: Counter = Counter()
    for size in range(order):
        for chosen, times in Counter(itertools.combinations(rest, size)).items():
            if (where := place((first, *chosen))) >= 0:
                left = list(rest)
                for a in chosen:
                    left.remove(a)
                out[where, tuple(left)] = times
    return out
