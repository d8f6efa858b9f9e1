"""Taylor coefficients of a smooth function of one variable, from its values on a circle or, where it takes real
arguments only, on an interval."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.polynomial import chebyshev

_POINTS = 32
_CIRCLE = np.exp(2j * np.pi * np.arange(_POINTS // 2 + 1) / _POINTS)  # the other half by reflection
_SHRINK = 0.5 ** np.arange(14)  # radii that are tried, times the first one
_FIRST = 6  # radii that are tried at first: of most functions one of them does
_TAIL = 1e-11  # of the coefficients beyond half of the points: (radius / distance of a singularity)^16
_NODES = np.cos(np.pi * (np.arange(_POINTS) + 0.5) / _POINTS)


class NotSmoothError(ArithmeticError):
    """No radius was found on which the function has a converging Taylor series, at number `which` of its arguments."""

    def __init__(self, which: int):
        super().__init__(which)
        self.which = which


def on_circles(function: Callable, x, count: int, radius: float) -> np.ndarray:
    """f^(k)(x)/k! for k < count ≤ 8, shape (…, count) for x of shape (…), by Cauchy's integral: the mean of
    f(x + r e^iθ) (r e^iθ)^−k over 32 angles.

    function : of a complex array, analytic near x and real on the real axis
    radius : largest r that is tried; the largest whose coefficients fall fast enough is taken

    The relative error is about 2e-16 (R/r)^k, R the distance of the nearest singularity, and r > R/12.
    Raises NotSmoothError if none does.
    """
    try:
        return _on_circles(function, x, count, radius * _SHRINK[:_FIRST])
    except NotSmoothError:
        return _on_circles(function, x, count, radius * _SHRINK)


def _on_circles(function: Callable, x, count: int, radii: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        values = function(np.asarray(x)[..., None, None] + radii[:, None] * _CIRCLE)
        found = np.fft.hfft(values, _POINTS, axis=-1) / _POINTS
    best = _first_converging(np.abs(found))
    own = found.reshape(-1, *found.shape[-2:])[np.arange(best.size), best.ravel(), :count]
    return own.reshape(*best.shape, count) / radii[best][..., None] ** np.arange(count)


def on_interval(function: Callable, x: float, count: int, low: float, high: float) -> np.ndarray:
    """The same for a function of real arrays: derivatives at x of its Chebyshev series on the part of
    [x − r, x + r] within [low, high].

    The relative error is about 1e-15 (16 R/r)^k/k!.
    """
    radii = (high - low) * _SHRINK
    left, right = np.maximum(x - radii, low), np.minimum(x + radii, high)
    middle, half = (left + right) / 2, (right - left) / 2
    values = function(middle[:, None] + half[:, None] * _NODES)
    found = chebyshev.chebvander(_NODES, _POINTS - 1).T @ values.T * (2 / _POINTS)
    found[0] /= 2
    best = int(_first_converging(np.abs(found.T)))
    at = (x - middle[best]) / half[best]
    return np.array(
        [
            chebyshev.chebval(at, chebyshev.chebder(found[:, best], k)) / (half[best] ** k * math.factorial(k))
            for k in range(count)
        ]
    )


def _first_converging(sizes: np.ndarray) -> np.ndarray:
    """The first row of (…, rows, points) whose second half is small; the last one if none converges but all are tiny
    alike."""
    tail, top = sizes[..., _POINTS // 2 :].max(axis=-1), sizes.max(axis=-1)
    good = np.isfinite(top) & (tail <= _TAIL * top)
    if not (some := good.any(axis=-1)).all():
        raise NotSmoothError(int(np.argmin(some)))
    return good.argmax(axis=-1)
