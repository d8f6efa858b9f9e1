"""Curves of fixed points followed by pseudo-arclength continuation: the predictor and corrector of all of them.

The unknowns are x = (m, p̂): averages, and one or more parameters p in units of their ranges, 0 … 1. A curve has one
unknown more than equations g(x) = 0. The predictor is a step along the unit tangent, a null vector of ∂g/∂x; the
corrector is Newton's method for g = 0 in the plane across the tangent, so that folds are passed. (H. B. Keller, in
Applications of Bifurcation Theory, Academic Press 1977; Kuznetsov, Elements of Applied Bifurcation Theory, Springer
2004, section 10.2.)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from finite_n.errors import FiniteNError
from meanfield.bifurcations import state_space, vector_field

_NEWTON = 12
_STILL = 1e-11  # length of a Newton step that moves nothing
_FARTHEST = 0.5  # distance of the corrected point from the predicted one
_ALONG = 0.1  # part of the previous tangent that a new one must keep
_OUTSIDE = 1e-13  # of a range, rounding
_ON_BOUND = 1e-11  # of a range
_PHYSICAL = 1e-7


class Corrected(NamedTuple):
    """A point of a curve, the Newton steps it took, and ∂g/∂x near it."""

    x: np.ndarray
    steps: int
    derivative: np.ndarray


class Curve:
    """The fixed points of a family, f(m, p) = 0, in as many parameters as `low` and `width` have entries.

    Curves with further equations extend `residual` and `derivative`; `passed` says what happens at a new point.
    """

    converged = 1e-12  # largest |g| of a point of the curve
    null = 1e-8  # singular values of ∂g/∂x below this, relative to the largest or to one, count as zero
    turn = 0.95  # cosine of the largest angle between neighbouring tangents
    smallest = 1e-7  # step at which the curve is given up
    easy = 4  # Newton steps after which the next step may be longer
    frozen = False  # whether Newton's method keeps ∂g/∂x while it converges
    difference = 1e-5  # of the ranges, for ∂f/∂p, which serves steps only

    def __init__(self, family: vector_field.Family, low, width, step: float):
        self.family, self.step = family, step
        self.low, self.width = np.atleast_1d(low), np.atleast_1d(width)

    def averages(self, x) -> np.ndarray:
        """m at a point x."""
        return x[: -len(self.low)]

    def values(self, x) -> np.ndarray:
        """The parameters at a point x, in their own units."""
        return self.low + vector_field.inside(x[-len(self.low) :]) * self.width

    def limit(self, x):
        """The limit at a point x."""
        return self.family(*self.values(x))

    def jacobian(self, x) -> np.ndarray:
        """Q = ∂f/∂m, shape (n, n)."""
        return vector_field.jacobian(self.limit(x), self.averages(x))

    def eigenvalues(self, x) -> np.ndarray:
        """Those of Q, shape (n,)."""
        return vector_field.eigenvalues(self.limit(x), self.averages(x))

    def slopes(self, x) -> np.ndarray:
        """∂f/∂p̂, shape (n, number of parameters)."""
        return self.family.slopes(self.averages(x), self.values(x), self.difference * self.width) * self.width

    def residual(self, x) -> np.ndarray:
        """g(x); nan where it has no value."""
        return vector_field.drift(self.limit(x), self.averages(x))

    def derivative(self, x, near: np.ndarray | None = None) -> np.ndarray:
        """∂g/∂x; `near` is one taken near x, whose ∂f/∂p̂, which takes new members of the family, is kept."""
        slopes = self.slopes(x) if near is None else near[:, -len(self.low) :]
        return np.column_stack([self.jacobian(x), slopes])

    def correct(self, x, normal: np.ndarray | None = None) -> Corrected | None:
        """The point of the curve in the plane through x across `normal`, or the nearest without one; None if no point
        is found."""
        try:
            return self._newton(x, normal)
        except FiniteNError:  # a step to parameters that the family refuses
            return None

    def _newton(self, x, normal) -> Corrected | None:
        target, derivative, before = x, None, np.inf
        for k in range(_NEWTON):
            g = self.residual(x)
            if not np.all(np.isfinite(g)):
                return None
            size = np.abs(g).max()
            last = k > 0 and size < self.converged  # one more step, with ∂g/∂x as it is, puts x where rounding lets it
            if derivative is None or (not self.frozen and not last) or size > 0.1 * before:
                derivative = self.derivative(x, derivative)
            if not np.all(np.isfinite(derivative)):
                return None
            matrix, right = derivative, g
            if normal is not None:
                matrix, right = np.vstack([derivative, normal]), np.append(g, normal @ (x - target))
            u, s, v = np.linalg.svd(matrix, full_matrices=False)
            kept = s > self.null * max(1.0, s[0])
            change = v[kept].T @ ((u.T[kept] @ right) / s[kept])
            x, before = x - change, size
            if not np.all(np.isfinite(x)) or np.linalg.norm(x - target) > _FARTHEST:
                return None
            if last:
                return Corrected(x, k + 1, derivative)
            left = np.abs(right - matrix @ change).max()
            if np.linalg.norm(change) < _STILL and left < self.converged * max(1.0, s[0]):
                return Corrected(x, k + 1, derivative)
        return None

    def null_space(self, x, near: np.ndarray | None = None) -> np.ndarray | None:
        """Null vectors of ∂g/∂x as rows, one where the curve is regular; None where the derivative has no value."""
        derivative = self.derivative(x, near)
        if not np.all(np.isfinite(derivative)):
            return None
        return null_rows(derivative, self.null)

    def tangent(self, x, previous: np.ndarray, near: np.ndarray | None = None) -> np.ndarray | None:
        """The unit null vector along `previous`; None if there is none near it."""
        null = self.null_space(x, near)
        if null is None:
            return None
        t = null.T @ (null @ previous)
        size = np.linalg.norm(t)
        return t / size if size > _ALONG else None

    def passed(self, before, x) -> tuple[list[tuple[np.ndarray, Curve]], str]:
        """The points to add, each with the curve as it goes on from there, and why it ends or ""."""
        if not state_space.physical(self.limit(x), self.averages(x), _PHYSICAL):
            return [], "it leaves the states"
        return [(x, self)], ""

    def at_bound(self, k: int, side: int) -> str:
        """Why the curve ends on the lower (0) or upper (1) bound of parameter k."""
        return "on the bounds"


def null_rows(matrix: np.ndarray, null: float) -> np.ndarray:
    """Orthonormal null vectors as rows: of singular values below `null`, relative to the largest or to one."""
    _, s, v = np.linalg.svd(matrix)
    size = np.append(s, np.zeros(len(v) - len(s)))
    return v[size < null * max(1.0, s[0])]


def follow(curve: Curve, x, tangent, points: int) -> tuple[list[tuple[np.ndarray, Curve]], str]:
    """Points of the curve from x on, at most so many, each with the curve as it was there, and why it ends."""
    chain, h, first = [(x, curve)], curve.step / 2, x
    while len(chain) < points:
        if h < curve.smallest:
            return chain, "the curve turns too sharply to follow"
        guess, normal, bound = x + h * tangent, tangent, None
        parameters = slice(len(x) - len(curve.low), len(x))
        outside = np.maximum(guess[parameters] - 1, -guess[parameters])
        if outside.max() > _OUTSIDE:  # a step that ends on the bound
            k = int(np.argmax(outside))
            at = parameters.start + k
            bound = (k, int(guess[at] > 0.5))
            if abs(x[at] - bound[1]) < _ON_BOUND:
                return chain, curve.at_bound(*bound)
            guess = x + (bound[1] - x[at]) / tangent[at] * tangent
            guess[at], normal = bound[1], np.eye(len(x))[at]
        done = curve.correct(guess, normal)
        if done is None or (done.x - x) @ tangent < curve.turn * np.linalg.norm(done.x - x):
            h /= 2
            continue
        new = done.x
        if bound is None and np.maximum(new[parameters] - 1, -new[parameters]).max() > _OUTSIDE:
            h /= 2
            continue
        try:
            turned = curve.tangent(new, tangent, done.derivative)
        except FiniteNError:
            return chain, "on the edge of what the family allows"
        if turned is None or turned @ tangent < curve.turn:
            h /= 2
            continue
        added, end = curve.passed(x, new)
        chain += added
        if end:
            return chain, end
        if bound is not None:
            return chain, curve.at_bound(*bound)
        if len(chain) > 10 and np.linalg.norm(new - first) < h and turned @ (chain[1][0] - first) > 0:
            return chain, "closed"
        x, tangent, curve = new, turned, added[-1][1]
        h = min(curve.step, h * (1.5 if done.steps <= curve.easy else 1.0))
    return chain, f"{points} points"
