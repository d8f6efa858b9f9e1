"""Moments of the fluctuations around mean field, order by order in ε = N^−½.

With x = m(t) + ε y, ṁ = f(m), the generator is Σ_i ε^i L_i, where a term of K^(q,w) with p derivatives by x belongs to
i = 2w + q + p − 2. So the moments ⟨y_a y_b …⟩ = Σ_j ε^j Y_j obey linear equations,

    d/dt Y_d,j = Σ_i≤j Σ_q,w,p (1/p!) Σ_{q of the d letters} ∂^p K^(q,w) · Y_{d − q + p, j − i},

in which moments of degree d at order j need those with d + j at most as large: L_0 is the linear flow Q and the noise.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from math import factorial

import numpy as np

Key = tuple[int, int]  # degree d and order j
Moments = dict[Key, np.ndarray]  # Y_d,j in full, shape (n,)*d
_ONE = -1  # the place of ⟨1⟩, which `flow` appends to a vector of moments


def needed(order: int, odd: bool) -> list[Key]:
    """(d, j) of all moments up to d + j = `order`; those with d + j odd only if asked for."""
    totals = [total for total in range(1, order + 1) if odd or total % 2 == 0]
    return [(d, total - d) for total in totals for d in range(1, total + 1)]


def slopes_needed(order: int) -> Callable[[int, int], int]:
    """Function of (q, w): the largest number of derivatives by x that moments up to d + j = `order` need."""
    return lambda q, w: order + 2 - 2 * q - 2 * w


class Hierarchy:
    """The moments of some (d, j) as one vector, every entry of a symmetric moment once, and their time derivatives.

    n : letters
    keys : (d, j) of the moments
    places : {(q, w, p): places of the entries of ∂^p K^(q,w) in a vector of coefficients, shape (n,)*(q + p)}, −1 for
        entries that are zero
    """

    def __init__(self, n: int, keys: list[Key], places: Mapping[tuple[int, int, int], np.ndarray]):
        self._unique, self._entry, self.size = {}, {}, 0
        for d, j in keys:
            letters = _multisets(n, d)
            everywhere = np.sort(np.stack(np.indices((n,) * d), axis=-1), axis=-1)
            shape = (n,) * d
            flat = np.ravel_multi_index(letters.T, shape)  # increasing
            of = np.searchsorted(flat, np.ravel_multi_index(np.moveaxis(everywhere, -1, 0), shape))
            self._unique[d, j], self._entry[d, j] = letters, self.size + of
            self.size += len(letters)
        rows = [row for key in keys for row in self._equations(n, key, places)]
        columns = zip(*rows, strict=True) if rows else [[np.zeros(0, int)]] * 4
        self._out, self._coefficient, self._moment, self._weight = (np.concatenate(c) for c in columns)

    def _equations(self, n: int, key: Key, places):
        """(row, place of the coefficient, place of the moment, weight) of all products in the equations of Y_key."""
        (d, j), rows = key, self._unique[key]
        for (q, w, p), where in places.items():
            i = 2 * w + q + p - 2
            source = (d - q + p, j - i)
            if i < 0 or q > d or (source not in self._entry and source != (0, 0)):
                continue  # i < 0: the drift itself, which moves m
            by = _multisets(n, p)
            weight = 1 / np.array([np.prod([factorial(k) for k in np.bincount(g)]) for g in by])
            for chosen in itertools.combinations(range(d), q):
                rest = [k for k in range(d) if k not in chosen]
                index = [rows[:, k, None] for k in chosen] + [by[None, :, k] for k in range(p)]
                coefficient = np.broadcast_to(where[tuple(index)], (len(rows), len(by)))
                index = [rows[:, k, None] for k in rest] + [by[None, :, k] for k in range(p)]
                moment = self._entry[source][tuple(index)] if source[0] else _ONE
                moment = np.broadcast_to(moment, coefficient.shape)
                row, column = np.nonzero(coefficient >= 0)
                kept = coefficient[row, column], moment[row, column], weight[column]
                yield self._entry[key][tuple(rows[row].T)], *kept

    def flow(self, coefficients: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Time derivatives of the vector of moments."""
        one = np.append(y, 1.0)
        terms = self._weight * coefficients[self._coefficient] * one[self._moment]
        return np.bincount(self._out, terms, self.size)

    def packed(self, moments: Moments) -> np.ndarray:
        """The vector of moments given in full."""
        rows = [moments[key][tuple(letters.T)] for key, letters in self._unique.items()]
        return np.concatenate([np.zeros(0), *rows])

    def unpacked(self, y: np.ndarray) -> Moments:
        """Moments in full from their vector."""
        return {key: y[entry] for key, entry in self._entry.items()}


def _multisets(n: int, size: int) -> np.ndarray:
    """All sorted choices of `size` of n letters, with repetition, shape (choices, size)."""
    found = list(itertools.combinations_with_replacement(range(n), size))
    return np.array(found, int).reshape(len(found), size)
