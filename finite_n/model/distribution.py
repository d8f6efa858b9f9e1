"""Distributions of a number over the particles, as quantile functions: means of quantile ranges, and Gauss quadrature.

A distribution is read once, whatever it was given as, into x(u), the value below which a share u of the particles lies.
The mean over a range of u is ∫ x(u) du over its width. The integral is taken by Gauss–Legendre panels that become
finer by a factor of four towards u = 0 and u = 1, where x may be infinite, and wherever halving a panel changes it.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.validation import check_array

_X, _W = np.polynomial.legendre.leggauss(20)
_FINER = 4.0  # from panel to panel towards an end: the rule then errs by 1e-19 for logarithms and powers of u
_PANELS = 35  # down to u = 4^-35 = 8e-22, where only very heavy tails have a share of the mean
_PANELS_OF_MOMENTS = 500  # at most, down to u = 1e-301: there a normal distribution ends at 37 widths
_HALVINGS = 45  # of a panel, for steps of x(u)
_SAME = 1e-13  # of ∫|x| du, by which halving a panel may change it
_TAIL = 1e-8  # share of an integral that may come from the last panel of a tail
_TABLE = 10**6  # values at most
_ENDS = "a, b with a < b, of which one may be infinite"


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
        kept, allowed = [], _SAME * (np.abs(x) * w).sum() + 1e-300
        for _ in range(_HALVINGS):
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
            what = "mean" if power == 1 else f"moment of order {power}, which so many nodes of Gauss quadrature need"
            raise FiniteNError(
                f"binned: the tails of {self.text} are so heavy that it has no finite {what}; cut them off with "
                "cut=(a, b), or take rule='medians', which needs no moments."
            )

    def _rule(self, side: int, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values and weights on panels, shape (…, 20)."""
        half = (right - left)[..., None] / 2
        u = left[..., None] + half * (1 + _X)
        return self._at(side, u.ravel()).reshape(u.shape), half * _W


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


def read_distribution(given, weights, cut) -> Distribution:
    """What `binned` accepts, as a quantile function; refuses what is no distribution."""
    ends = None if cut is None else _read_cut(cut)
    quantile = getattr(given, "ppf", None) or getattr(given, "icdf", None)
    if weights is not None and (quantile is not None or callable(given)):
        raise FiniteNError(f"binned: weights belong to a table of values, not to {shown(given)}; leave them out.")
    if callable(getattr(given, "pmf", None)):
        raise FiniteNError(f"binned: {shown(given)} is discrete; give its values, and weights=… with their shares.")
    if quantile is not None:
        return _of_quantiles(given, quantile, ends)
    if callable(given):
        return _of_density(given, ends)
    return _of_table(given, weights, ends)


def _read_cut(cut) -> tuple[float, float]:
    try:
        a, b = (float(x) for x in cut)
    except (TypeError, ValueError):
        raise FiniteNError(f"binned: cut = {shown(cut)}; give {_ENDS}.") from None
    if not a < b or np.isinf([a, b]).all():
        raise FiniteNError(f"binned: cut = {shown(cut)}; give {_ENDS}.")
    return a, b


def _of_quantiles(given, quantile: Callable, ends: tuple[float, float] | None) -> Distribution:
    """A frozen distribution of scipy, or anything with ppf, isf and cdf (or icdf, iccdf, cdf and ccdf)."""
    names = ("isf", "cdf", "sf") if hasattr(given, "ppf") else ("iccdf", "cdf", "ccdf")
    missing = [name for name in names if not callable(getattr(given, name, None))]
    if missing:
        raise FiniteNError(f"binned: {shown(given)} has quantiles, but no {missing[0]}; give a distribution of scipy.")
    from_right, below, above = (getattr(given, name) for name in names)
    name = getattr(getattr(given, "dist", given), "name", None) or type(given).__name__
    text = f"the distribution {name}"
    try:
        middle = float(quantile(0.5))
        if not np.isfinite(middle):
            raise ValueError("its median is not finite")
        if ends is None:
            return Distribution(quantile, from_right, text)
        out = [float(below(ends[0])), float(above(ends[1]))]
    except Exception as error:
        raise FiniteNError(
            f"binned: {shown(given)} gives no quantiles («{error}»); give a frozen distribution with its parameters, "
            "such as scipy.stats.norm(0, 1)."
        ) from None
    inside = 1 - sum(out)
    if not inside > 1e-12:
        raise FiniteNError(f"binned: {text} has no weight between {ends[0]:.6g} and {ends[1]:.6g}; cut elsewhere.")

    def cut_left(u):
        return np.clip(quantile(out[0] + inside * u), *ends)

    def cut_right(s):
        return np.clip(from_right(out[1] + inside * s), *ends)

    return Distribution(cut_left, cut_right, f"{text}, cut at {ends[0]:.6g} and {ends[1]:.6g}")


def _of_table(given, weights, ends: tuple[float, float] | None) -> Distribution:
    """Measured values, each with a weight."""
    wanted = (
        "a distribution of scipy.stats with its parameters, a density with cut=(a, b), or a list of finite values, "
        "with weights=… where they differ"
    )
    values = check_array(given, "binned: distribution", (None,), wanted)
    if not 1 <= values.size <= _TABLE:
        raise FiniteNError(f"binned: {values.size} values; give 1 to {_TABLE}, or a histogram of them.")
    wanted = f"{values.size} numbers, 0 or more, one for each value"
    mass = np.ones(values.size) if weights is None else check_array(weights, "binned: weights", values.shape, wanted)
    if np.any(mass < 0) or not 0 < mass.sum() < np.inf:
        raise FiniteNError(f"binned: weights = {shown(weights)}; give {wanted}, not all of them 0.")
    inside = mass > 0 if ends is None else (mass > 0) & (values >= ends[0]) & (values <= ends[1])
    if not inside.any():
        raise FiniteNError(f"binned: no value lies between {ends[0]:.6g} and {ends[1]:.6g}; cut elsewhere.")
    values, where = np.unique(values[inside], return_inverse=True)
    return Table(values, np.bincount(where, mass[inside]) / mass[inside].sum())


def _of_density(density: Callable, ends: tuple[float, float] | None) -> Distribution:
    """A function p(x) ≥ 0 on a finite interval, which need not be normalised."""
    if ends is None or np.isinf(ends).any():
        raise FiniteNError(
            "binned: a density needs the interval on which it is integrated; give cut=(a, b) with finite ends, or a "
            "distribution of scipy.stats."
        )
    from scipy.optimize import elementwise

    left, right = _refined(density, np.linspace(*ends, 65))
    mass = _mass(density, left, right)
    total = mass.sum()
    if not total > 0:
        raise FiniteNError(f"binned: the density is 0 between {ends[0]:.6g} and {ends[1]:.6g}; cut elsewhere.")
    below = np.append(0.0, np.cumsum(mass)) / total
    above = np.append(0.0, np.cumsum(mass[::-1])) / total

    def solved(side: int, u: np.ndarray) -> np.ndarray:
        passed = (below, above)[side]
        k = np.clip(np.searchsorted(passed, u, side="left") - 1, 0, len(left) - 1)
        rest, k = (u - passed[k]) * total, k if side == 0 else len(left) - 1 - k
        a, b = left[k], right[k]

        def beyond(x, a, b, rest):
            return (_mass(density, a, x) if side == 0 else _mass(density, x, b)) - rest

        found = elementwise.find_root(beyond, (a, b), args=(a, b, rest))
        return np.where(found.success, found.x, np.where((rest <= 0) == (side == 0), a, b))

    text = f"the density {getattr(density, '__name__', 'given')}, cut at {ends[0]:.6g} and {ends[1]:.6g}"
    return Distribution(lambda u: solved(0, u), lambda s: solved(1, s), text, below[1:-1])


def _values(density: Callable, x: np.ndarray) -> np.ndarray:
    try:
        p = np.asarray(density(x))
        if p.shape != x.shape:
            raise TypeError
    except Exception:
        try:
            p = np.array([float(density(y)) for y in x.ravel()]).reshape(x.shape)
        except Exception as error:
            raise FiniteNError(
                f"binned: calling the density failed with «{error}»; give a function of one number."
            ) from None
    bad = ~(np.isfinite(p) & (np.real(p) >= 0)) | (np.imag(p) != 0)
    if bad.any():
        raise FiniteNError(
            f"binned: the density is {shown(p[bad].flat[0].item())} at {x[bad].flat[0]:.6g}; a density is a finite "
            "real number, 0 or more, everywhere inside the cut."
        )
    return np.real(p).astype(float)


def _mass(density: Callable, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    half = (right - left)[..., None] / 2
    return (half * _W * _values(density, left[..., None] + half * (1 + _X))).sum(axis=-1)


def _refined(density: Callable, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends of panels, halved until halving no longer changes the mass on them."""
    left, right = edges[:-1], edges[1:]
    allowed = _SAME * _mass(density, left, right).sum() + 1e-300
    done: list[np.ndarray] = []
    for _ in range(_HALVINGS):
        middle = (left + right) / 2
        halves = _mass(density, left, middle) + _mass(density, middle, right)
        apart = np.abs(halves - _mass(density, left, right)) > allowed
        done.append(np.stack([left, right])[:, ~apart])
        left, right = np.append(left[apart], middle[apart]), np.append(middle[apart], right[apart])
        if not left.size:
            break
    both = np.concatenate([*done, np.stack([left, right])], axis=1)
    left, right = both[:, np.argsort(both[0])]
    return left, right
