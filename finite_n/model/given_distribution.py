"""Reading of distributions as a user gives them: of scipy, by a density, or by values with weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.distribution import GAUSS_WEIGHTS, GAUSS_X, HALVINGS, SAME, Distribution, Table
from finite_n.model.validation import check_array

_TABLE = 10**6  # values at most
_ENDS = "a, b with a < b, of which one may be infinite"


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
    return (half * GAUSS_WEIGHTS * _values(density, left[..., None] + half * (1 + GAUSS_X))).sum(axis=-1)


def _refined(density: Callable, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends of panels, halved until halving no longer changes the mass on them."""
    left, right = edges[:-1], edges[1:]
    allowed = SAME * _mass(density, left, right).sum() + 1e-300
    done: list[np.ndarray] = []
    for _ in range(HALVINGS):
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
