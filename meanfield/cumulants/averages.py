"""Observables at N particles from cumulants of averages over products of different particles: covariances and ordered
polynomials."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from finite_n.model.polynomial import Polynomial
from finite_n.model.species import Space
from meanfield.corrections.observables import Covariances
from meanfield.corrections.symbols import multiplications, multiplied
from meanfield.cumulants.closure import Closure
from meanfield.cumulants.equations import Letters


def covariance_of(space: Space, means: np.ndarray, correlations: np.ndarray, N: int) -> np.ndarray:
    """Σ_ab = s_a s_b (N κ_ab + Re⟨S_ab(x)⟩), S of `corrections.symbols`, from means (T, n) and κ (T, n, n); without
    correlations that of a product state."""
    parts = Covariances(space)
    seconds = correlations + means[:, :, None] * means[:, None, :]
    return np.outer(parts.scale, parts.scale) * (N * correlations + _own(parts, means) + parts.square * seconds)


def correlations_of(space: Space, means: np.ndarray, covariance: np.ndarray, N: int) -> np.ndarray:
    """κ_ab (T, n, n) of means (T, n) and covariances (T, n, n): the inverse of `covariance_of`.

    Within a species of one particle there are no two particles to be correlated, and its κ_ab is set to zero.
    """
    parts = Covariances(space)
    rest = covariance / np.outer(parts.scale, parts.scale) - _own(parts, means)
    rest = rest - parts.square * means[:, :, None] * means[:, None, :]
    weight = N + parts.square
    alone = np.abs(weight) < 1e-9 * N
    return np.where(alone, 0.0, rest / np.where(alone, 1.0, weight))


def _own(parts: Covariances, means: np.ndarray) -> np.ndarray:
    one = np.concatenate([np.ones((len(means), 1)), means], axis=1)
    return np.einsum("abc,tc->tab", parts.linear, one)


def expectations(polynomial: Polynomial, space: Space, rows: Sequence[Sequence[np.ndarray]], N: int) -> np.ndarray:
    """⟨O⟩ of an ordered polynomial of averages, shape (T,), complex.

    rows : for every time the cumulants ⟨x⟩ (n,), κ_ab (n, n), …; higher ones are zero
    """
    letters = Letters(space.size, [], len(rows[0]))
    symbol = multiplied(polynomial, multiplications(space), space, polynomial.degree)
    symbol = symbol[~symbol.d.any(axis=1)]  # what acts on 1
    monomials = [tuple(letters.x(a) for a in np.repeat(np.arange(len(x)), x)) for x in symbol.x]
    closure = Closure(monomials, letters.order, letters.place)
    at, values = [closure.index[m] for m in monomials], closure.evaluator(letters.linear())
    weights = symbol.c * float(N) ** -symbol.w.astype(float)
    columns = (np.array([[tensors[len(b) - 1][b]] for b in letters.unknowns]) for tensors in rows)
    return np.array([weights @ values(column)[at, 0] for column in columns])
