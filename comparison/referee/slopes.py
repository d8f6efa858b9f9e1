"""The coefficient of 1/N, or of N^−½, that a ladder has by itself, to be compared with the derived one."""

from __future__ import annotations

import numpy as np

from comparison.referee.extrapolation import rounding
from comparison.referee.witnesses import first_exponents

_SAFETY = 1.5  # changes that halve from order to order sum up to as much again


def fitted_slope(
    sizes, values, errors, power: float = 1.0, leading: float | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """b of y(N) = a + b N^−leading + c N^−(leading + power) + … and its error, arrays of the shape of one size's data.

    From the polynomials through the k largest sizes, k = 2 … n; the one is taken whose error is smallest: 1.5 times the
    change from the order before, or a quarter of the one before that, with the propagated errors of the exact numbers;
    never less than what any higher order is away from it beyond the errors of that order, since changes may be small by
    accident. No derived number enters.

    Parameters
    ----------
    sizes : (n,), increasing
    values : (n, …)
    errors : broadcastable to values; bounds
    power : 1 or ½
    leading : 1 or ½. Default: power.
    """
    leading = power if leading is None else leading
    sizes, values = np.asarray(sizes, float), np.asarray(values, float)
    uncertain = np.broadcast_to(errors, values.shape) + rounding(np.abs(values).max(axis=0))
    found, noise = [], []
    for k in range(2, len(sizes) + 1):
        w = _weights(sizes[-k:], leading, power)
        found.append(np.tensordot(w, values[-k:], 1))
        noise.append(np.tensordot(np.abs(w), uncertain[-k:], 1))
    changes = np.abs(np.diff(found, axis=0))
    slope, error = np.zeros(values.shape[1:]), np.full(values.shape[1:], np.inf)
    for k, change in enumerate(changes, 1):
        bound = _SAFETY * np.maximum(change, changes[k - 2] / 4 if k > 1 else 0.0)
        for higher, own in zip(found[k + 1 :], noise[k + 1 :], strict=True):
            bound = np.fmax(bound, np.abs(higher - found[k]) - own)
        bound = bound + noise[k]
        slope, error = np.where(bound < error, found[k], slope), np.fmin(bound, error)
    return slope, error


def fitted_slopes(sizes, values, errors, power: float, powers=None) -> tuple[np.ndarray, np.ndarray]:
    """`fitted_slope` of quantities at times, (n, T, Q), whose first exponents and steps are `powers` (Q, 2), by default
    all power."""
    if powers is None:
        return fitted_slope(sizes, values, errors, power)
    slope, error = np.zeros(values.shape[1:]), np.zeros(values.shape[1:])
    for first, step in np.unique(powers, axis=0):
        own = np.all(powers == (first, step), axis=1)
        slope[:, own], error[:, own] = fitted_slope(sizes, values[:, :, own], errors[:, :, own], step, first)
    return slope, error


def _weights(sizes: np.ndarray, leading: float, power: float) -> np.ndarray:
    """w with Σ w_i y_i = b of a + b N^−leading + c N^−(leading + power) + … through all points."""
    x = sizes[-1] / sizes
    rows = np.stack([x**e for e in first_exponents(len(sizes), leading, power)], axis=1)
    try:
        return np.linalg.inv(rows)[1] * sizes[-1] ** leading
    except np.linalg.LinAlgError:  # sizes too close to each other
        return np.full(len(x), np.nan)
