"""Averages of products of random letters whose cumulants beyond the second or third vanish.

    ⟨l M⟩ = ⟨l⟩⟨M⟩ + Σ_a κ_la ⟨∂_a M⟩ + ½ Σ_ab κ_lab ⟨∂_a ∂_b M⟩

for a letter l and a monomial M, from the shortest monomials up; exact for what is so closed.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np

Monomial = tuple[int, ...]  # letters in order, with repetition


class Closure:
    """⟨M⟩ of all `monomials`, and of the shorter ones that they need, as one vector.

    monomials : the products of letters wanted
    order : of the highest cumulant that is not zero, 1 to 3
    place : function of a choice of one to `order` letters: where their cumulant stands in the vector given to `values`,
        −1 for one that is zero
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
        self._levels = []
        for _, level in itertools.groupby(found[1:], key=len):
            level = list(level)
            rows = [(i, c, self.index[rest], k) for i, m in enumerate(level) for (c, rest), k in parts[m].items()]
            target, cumulant, source, weight = np.array(rows, int).reshape(-1, 4).T
            self._levels.append((self.index[level[0]], len(level), target, cumulant, source, weight.astype(float)))

    def __len__(self) -> int:
        return len(self.index)

    def values(self, cumulants: np.ndarray) -> np.ndarray:
        """⟨M⟩ in the order of `index`."""
        out = np.zeros(len(self))
        out[0] = 1.0
        for first, count, target, cumulant, source, weight in self._levels:
            out[first : first + count] = np.bincount(target, weight * cumulants[cumulant] * out[source], count)
        return out


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
