"""Expectation values as series in ε = N^−½, from the moments of the fluctuations: averages, covariances and ordered
polynomials of averages."""

from __future__ import annotations

from math import factorial

import numpy as np

from finite_n.model.polynomial import Polynomial
from finite_n.model.species import Space
from meanfield.corrections.hierarchy import Moments
from meanfield.corrections.symbols import Symbol, multiplications, multiplied, product_covariances


def averages(m: np.ndarray, moments: Moments, order: int) -> np.ndarray:
    """⟨m_a⟩ = Σ_k ε^k M_k, shape (order + 1, n)."""
    out = np.zeros((order + 1, len(m)))
    out[0] = m
    for j in range(order):
        if (1, j) in moments:
            out[1 + j] = moments[1, j]
    return out


class Covariances:
    """Σ_ab = ½⟨{F_a, F_b}⟩ = Σ_k ε^k Σ_k of the fluctuations F_a = s_a √N (m_a − ⟨m_a⟩) at finite N.

    ½⟨{m_a, m_b}⟩ = ⟨x_a x_b⟩ + (1/N) Re⟨S_ab(x)⟩, S of `symbols.product_covariances`.
    """

    def __init__(self, space: Space):
        n = space.size
        self.scale = space.scale
        self.linear, self.square = np.zeros((n, n, n + 1)), np.zeros((n, n))
        for (a, b), row in product_covariances(space).items():
            for letters, c in row.items():
                if len(letters) == 2:
                    self.square[a, b] += c.real
                else:
                    self.linear[a, b, letters[0] + 1 if letters else 0] += c.real

    def series(self, means: np.ndarray, moments: Moments) -> np.ndarray:
        """Σ_0 … Σ_{order − 2} from the series of the averages, shape (order − 1, n, n)."""
        order = len(means) - 1
        one = np.concatenate([np.zeros((order + 1, 1)), means], axis=1)
        one[0, 0] = 1.0
        products = [sum(np.multiply.outer(means[i], means[k - i]) for i in range(k + 1)) for k in range(order + 1)]
        mixed = [np.multiply.outer(means[0], x) + np.multiply.outer(x, means[0]) for x in means]
        mixed[0] = products[0]
        seconds = [x + moments.get((2, k - 2), 0.0) for k, x in enumerate(mixed)]  # ⟨x_a x_b⟩
        added = [self.linear @ one[k] + self.square * seconds[k] for k in range(order - 1)]
        size = np.outer(self.scale, self.scale)
        return np.array([size * (seconds[k] + added[k - 2] - products[k]) for k in range(2, order + 1)])


class Observable:
    """⟨O⟩ = Σ_k ε^k O_k of an ordered polynomial O of averages, up to k = `order`."""

    def __init__(self, polynomial: Polynomial, space: Space, order: int):
        self.order, self.n = order, space.size
        symbol = multiplied(polynomial, multiplications(space), space, order // 2)
        symbol = symbol[~symbol.d.any(axis=1)]  # what acts on 1
        self._slopes = [self._all_slopes(symbol[symbol.w == w], order - 2 * w) for w in range(order // 2 + 1)]

    def _all_slopes(self, symbol: Symbol, most: int) -> list[list[Symbol]]:
        rows = [[symbol]]
        while len(rows) <= most and any(len(s) for s in rows[-1]):
            rows.append([_derivative(s, a) for s in rows[-1] for a in range(self.n)])
        return rows

    def series(self, m: np.ndarray, moments: Moments) -> np.ndarray:
        """O_0 … O_order at one time, complex."""
        out = np.zeros(self.order + 1, complex)
        for w, rows in enumerate(self._slopes):
            for p, row in enumerate(rows):
                slopes = np.array([_value(s, m) for s in row]).reshape((self.n,) * p)
                for j in range(self.order + 1 - 2 * w - p):
                    if p == 0 and j == 0:
                        out[2 * w] += slopes
                    elif (p, j) in moments:
                        out[2 * w + p + j] += np.sum(slopes * moments[p, j]) / factorial(p)
        return out


def _derivative(symbol: Symbol, a: int) -> Symbol:
    kept = symbol[symbol.x[:, a] > 0]
    x = kept.x.copy()
    x[:, a] -= 1
    return Symbol(x, kept.d, kept.w, kept.c * kept.x[:, a])


def _value(symbol: Symbol, m: np.ndarray) -> complex:
    return complex(np.sum(symbol.c * np.prod(m**symbol.x, axis=1))) if len(symbol) else 0.0
