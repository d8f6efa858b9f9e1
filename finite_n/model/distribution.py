"""Distributions of a number over the particles, as quantile functions: means of quantile ranges, and Gauss quadrature.

A distribution is read once, whatever it was given as, into x(u), the value below which a share u of the particles lies.
The mean over a range of u is ∫ x(u) du over its width. The integral is taken by Gauss–Legendre panels that become
finer by a factor of four towards u = 0 and u = 1, where x may be infinite, and wherever halving a panel changes it.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from finite_n.errors import FiniteNError

GAUSS_X, GAUSS_WEIGHTS = np.polynomial.legendre.leggauss(20)
_FINER = 4.0  # from panel to panel towards an end: the rule then errs by 1e-19 for logarithms and powers of u
_PANELS = 35  # down to u = 4^-35 = 8e-22, where only very heavy tails have a share of the mean
_PANELS_OF_MOMENTS = 500  # at most, down to u = 1e-301: there a normal distribution ends at 37 widths
HALVINGS = 45  # of a panel, for steps of x(u)
SAME = 1e-13  # of ∫|x| du, by which halving a panel may change it
_TAILS = (1e-280, 1e-60)  # u at which tails are looked at, the first with finite x
_BOUNDED = 0.01  # power of log 1/u: an end that is finite
_TAIL = 1e-8  # share of an integral that may come from the last panel of a tail


class Distribution:
    """x(u) for 0 < u < 1, from the left end and, with s = 1 − u, from the right end; `text` describes it."""

    def __init__(self, from_left: Callable, from_right: Callable, text: str, steps: np.ndarray | None = None):
        self._sides, self.text = (from_left, from_right), text
        self._steps = np.zeros(0) if steps is None else steps  # where x jumps

    def median(self, low: Fraction, high: Fraction) -> float:
        """x in the middle of a range of u."""
        u = (low + high) / 2
        side, u = (0, u) if u <= Fraction(1, 2) else (1, 1 - u)
        return float(self._at(side, np.array([float(u)]))[0])

    def mean(self, low: Fraction, high: Fraction) -> float:
        """Mean of x over a range of u."""
        x, w = self._points(low, high)
        return float(x @ w / w.sum())

    def gauss(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Nodes and weights of the Gauss quadrature, exact for polynomials of degree 2 count − 1, by Lanczos' method on
        the panels (Golub and Welsch, Math. Comp. 23, 221 (1969))."""
        x, w = self._points(Fraction(0), Fraction(1), max(1, 2 * count - 2))
        self._check_moments()
        w = w / w.sum()
        center, width = x @ w, np.sqrt(w @ (x - x @ w) ** 2)
        if width < 1e-14 * max(1.0, abs(center)):
            raise FiniteNError(f"binned: {self.text} has one value only; give bins = 1.")
        x = (x - center) / width
        basis, alpha, beta = np.zeros((count + 1, len(x))), np.zeros(count), np.zeros(count)
        basis[0] = np.sqrt(w)
        for k in range(count):
            v = x * basis[k]
            alpha[k] = v @ basis[k]
            for _ in range(2):  # all earlier ones again, against rounding
                v -= basis[: k + 1].T @ (basis[: k + 1] @ v)
            beta[k] = np.linalg.norm(v)
            if k + 1 < count and beta[k] < 1e-12:
                raise FiniteNError(f"binned: {self.text} has {k + 1} values; give at most as many bins.")
            basis[k + 1] = v / max(beta[k], 1e-300)
        jacobi = np.diag(alpha) + np.diag(beta[: count - 1], 1) + np.diag(beta[: count - 1], -1)
        nodes, vectors = np.linalg.eigh(jacobi)
        return center + width * nodes, vectors[0] ** 2

    def _at(self, side: int, u: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            x = np.asarray(self._sides[side](u), dtype=float)
        if x.shape != u.shape or np.any(np.isnan(x)):
            raise FiniteNError(f"binned: the quantile function of {self.text} gives no number at u = {u.flat[0]:.3g}.")
        return x

    def _points(self, low: Fraction, high: Fraction, power: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """Values x and weights of panels over a range of u; refuses tails that |x|^power has weight in."""
        half, found = Fraction(1, 2), []
        for side, (a, b) in enumerate([(low, min(high, half)), (1 - high, min(1 - low, half))]):
            if a < b:
                found.append(self._panels(side, float(a), float(b), power))
        return tuple(np.concatenate(part) for part in zip(*found, strict=True))

    def _panels(self, side: int, low: float, high: float, power: int) -> tuple[np.ndarray, np.ndarray]:
        panels = _PANELS if power == 1 else min(_PANELS_OF_MOMENTS, 3 * _PANELS + 2 * power)
        edges = high * _FINER ** -np.arange(1.0 + panels)
        edges = np.append(edges[edges > low], low) if low > 0 else edges
        steps = self._steps if side == 0 else 1 - self._steps
        edges = np.unique(np.append(edges, steps[(steps > edges.min()) & (steps < high)]))
        left, right = edges[:-1], edges[1:]
        x, w = self._rule(side, left, right)
        if low == 0:
            self._check_tail(np.abs(x - self.median(Fraction(0), Fraction(1))), w, power)
        kept, allowed = [], SAME * (np.abs(x) * w).sum() + 1e-300
        for _ in range(HALVINGS):
            middle = (left + right) / 2
            finer = self._rule(side, np.stack([left, middle]), np.stack([middle, right]))
            apart = np.abs((finer[0] * finer[1]).sum(axis=(0, 2)) - (x * w).sum(axis=1)) > allowed
            kept.append((x[~apart], w[~apart]))
            left, right = np.append(left[apart], middle[apart]), np.append(middle[apart], right[apart])
            x, w = self._rule(side, left, right)
            if not left.size:
                break
        kept.append((x, w))
        return tuple(np.concatenate([part[k].ravel() for part in kept]) for k in (0, 1))

    def _check_tail(self, x: np.ndarray, w: np.ndarray, power: int) -> None:
        """Refuse a last panel of a tail (it is the first) that has a share of ∫|x|^power."""
        with np.errstate(all="ignore"):
            size = (x / max(x[-1].max(), 1e-300)) ** power
            share = (w[0] * size[0]).sum() / max((w * size).sum(), 1e-300)
        if not share <= _TAIL:
            need = "which so many nodes of Gauss quadrature need"
            what = "mean" if power == 1 else f"moment of order {power} within double precision, {need}"
            raise FiniteNError(
                f"binned: the tails of {self.text} are so heavy that it has no finite {what}; cut them off with "
                "cut=(a, b), or take rule='medians', which needs no moments."
            )

    def _check_moments(self) -> None:
        """Refuse tails |x| ~ (log 1/u)^p with which other distributions have the same moments, to one of which Gauss
        quadrature may go: p > 2 where the other end is finite, else p > 1 (J. Stoyanov, G. D. Lin and P. Kopanov,
        Theory Probab. Appl. 65, 497 (2021))."""
        powers = sorted(self._tail_power(side) for side in (0, 1))
        if powers[1] > (2.05 if powers[0] < _BOUNDED else 1.05):
            raise FiniteNError(
                f"binned: the tails of {self.text} are so heavy that its moments do not determine it, and Gauss "
                "quadrature may go to another distribution; cut them off with cut=(a, b), or take rule='quantiles'."
            )

    def _tail_power(self, side: int) -> float:
        """p of |x| ~ (log 1/u)^p, 0 at a finite end."""
        middle, power = self.median(Fraction(0), Fraction(1)), 0.0
        for u in _TAILS:
            near, far = np.abs(self._at(side, np.array([np.sqrt(u), u])) - middle)
            if np.isfinite(far):
                return float(np.log2(far / near)) if far > near > 0 else 0.0
            power = np.inf
        return power

    def _rule(self, side: int, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values and weights on panels, shape (…, 20)."""
        half = (right - left)[..., None] / 2
        u = left[..., None] + half * (1 + GAUSS_X)
        return self._at(side, u.ravel()).reshape(u.shape), half * GAUSS_WEIGHTS


class Table(Distribution):
    """Increasing `values`, each with its share `mass` of the particles."""

    def __init__(self, values: np.ndarray, mass: np.ndarray):
        self.values, self.mass = values, mass
        self._below = np.append(0.0, np.cumsum(mass))
        last = values.size - 1

        def from_left(u):
            return values[np.minimum(np.searchsorted(self._below[1:], u), last)]

        super().__init__(from_left, lambda s: from_left(1 - s), f"the table of {values.size} values")

    def _points(self, low: Fraction, high: Fraction, power: int = 1) -> tuple[np.ndarray, np.ndarray]:
        inside = np.clip(self._below, float(low), float(high))
        return self.values, np.diff(inside)
