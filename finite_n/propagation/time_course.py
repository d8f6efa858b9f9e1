"""Functions of time as powers of τ on one step, from their polynomials on pieces."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

import numpy as np
from numpy.polynomial import chebyshev

from finite_n.model.piecewise import DEGREE, Pieces

HIGHEST = 12  # degree of the polynomials of one step
_LARGEST = 8.0  # Σ_j |f_j| over the largest |f|: beyond, powers of τ cancel
_ROUNDING = 4e-16
_POINTS = np.linspace(-1, 1, 2 * DEGREE + 1)


@functools.cache
def _to_powers(degree: int) -> np.ndarray:
    """Coefficients of powers of τ from those of Chebyshev polynomials of 2τ − 1, shape (degree + 1, degree + 1)."""
    shift, out = np.polynomial.Polynomial([-1.0, 2.0]), np.zeros((degree + 1, degree + 1))
    for k in range(degree + 1):
        c = np.polynomial.Polynomial(chebyshev.cheb2poly([0] * k + [1]))(shift).coef
        out[: len(c), k] = c
    return out


@dataclasses.dataclass(frozen=True)
class Coefficients:
    """f_k on one step: powers of τ (parts, degree + 1), mean and largest |f_k|, error of each."""

    powers: np.ndarray
    mean: np.ndarray
    largest: np.ndarray
    error: np.ndarray


class TimeCourse:
    """f_k of all parts, None for 1, from a first time on; times here count from it."""

    def __init__(self, start: float, pieces: Sequence[Pieces | None]):
        self.start, self.pieces = start, pieces
        edges = [p.edges for p in pieces if p is not None]
        self.edges = np.unique(np.concatenate([np.zeros(0), *edges])) - start

    def next_edge(self, t: float) -> float:
        """The first end of a piece after t."""
        k = int(np.searchsorted(self.edges, t, side="right"))
        return float(self.edges[k]) if k < len(self.edges) else np.inf

    def on(self, t: float, h: float, small: np.ndarray) -> Coefficients | None:
        """f_k on a step that crosses no edge; coefficients below `small`, (parts,), are left out. None if the degree
        is too high for powers of τ."""
        rows, mean, largest, error = [], [], [], []
        for p, least in zip(self.pieces, small, strict=True):
            c, wrong = (np.ones(1), 0.0) if p is None else p.on(self.start + t, h)
            least = max(least, wrong, _ROUNDING * float(np.abs(c).max()))
            kept = len(c) - int(np.argmax(np.cumsum(np.abs(c[::-1])) > least)) if np.abs(c).sum() > least else 1
            if kept > HIGHEST + 1:
                return None
            wrong += float(np.abs(c[kept:]).sum())
            powers = _to_powers(HIGHEST)[:, :kept] @ c[:kept]
            size = float(np.max(np.abs(chebyshev.chebval(_POINTS, c))))
            if kept > 2 and np.abs(powers).sum() > _LARGEST * size:
                return None
            rows.append(powers)
            mean.append(c[0] - sum(c[j] / (j * j - 1) for j in range(2, len(c), 2)))
            largest.append(size)
            error.append(wrong)
        rows = np.array(rows)
        degree = int(np.flatnonzero(np.any(rows != 0, axis=0))[-1]) if np.any(rows) else 0
        return Coefficients(rows[:, : degree + 1], np.array(mean), np.array(largest), np.array(error))
