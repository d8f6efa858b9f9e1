"""When a quantity known at some times first leaves a band: interpolated, with the interval in which it must lie."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.interpolate import CubicSpline, PchipInterpolator
from scipy.optimize import brentq


@dataclasses.dataclass(frozen=True)
class Crossing:
    """The first time at which |values| exceeds the level; inf if it does not before the last time.

    time : by a cubic spline through the values
    low : up to this time |values| is inside, whatever the errors and the interpolation
    high : from this time on it has been outside, whatever the errors and the interpolation; inf if that is not known
    """

    time: float
    low: float
    high: float


def first_crossing(times: np.ndarray, values: np.ndarray, level, errors=0.0) -> Crossing:
    """When |values| first exceeds `level`.

    A cubic spline is compared with one through every second time, and with Fritsch and Carlson's monotone cubics,
    which never leave the range of the neighbouring values. Where the times are too far apart, they differ, and so do
    `low` and `high`.

    Parameters
    ----------
    times : (T,), increasing
    values : (T,)
    level : number or (T,), above zero
    errors : bounds of the errors of the values, number or (T,)
    """
    values, errors = values / level, np.broadcast_to(errors / level, np.shape(values))
    time, early, late = (_leaves(times, values, 1.0 + sign * errors, CubicSpline) for sign in (0, -1, 1))
    if not np.isfinite(time):
        return Crossing(np.inf, min(early, float(times[-1])), np.inf)
    ones, half = np.ones_like(values), np.unique(np.r_[0 : len(times) : 2, len(times) - 1])
    others = [
        _leaves(times, values, ones, PchipInterpolator),
        _leaves(times[half], values[half], ones[half], CubicSpline),
    ]
    gap = np.max(np.abs(time - np.array(others)))
    # inf where only the spline knows of an excursion between two times
    low = early - gap if np.isfinite(gap) else times[np.searchsorted(times, early, "right") - 1]
    outside = times[np.abs(values) - errors > 1.0]
    return Crossing(time, max(float(low), float(times[0])), float(min(late + gap, *outside[:1], np.inf)))


def _leaves(times: np.ndarray, values: np.ndarray, level: np.ndarray, kind: type) -> float:
    """The first time at which the interpolated |values| exceed the level."""
    if np.abs(values[0]) > level[0]:
        return float(times[0])
    first = np.inf
    for sign in (1, -1):
        curve = kind(times, sign * values - level)
        outside = np.flatnonzero(sign * values[1:] > level[1:])
        end = times[outside[0] + 1] if outside.size else times[-1]
        roots = curve.roots(extrapolate=False)
        for root in roots[np.isfinite(roots) & (roots <= end)]:
            after = root + 1e-6 * (times[-1] - times[0])  # a touch from within is no crossing
            if curve(min(after, end)) > 0:
                first = min(first, root)
                break
        else:
            if outside.size:  # rounding hides a root at the end of an interval
                inside = times[outside[0]]
                ends = [t for t in (inside, end) if (curve(t) >= 0) == (t == inside)]
                first = min(first, ends[0] if ends else brentq(curve, inside, end))
    return float(first)
