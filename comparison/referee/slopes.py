"""The coefficient of 1/N that a ladder has by itself, to be compared with the derived one."""

from __future__ import annotations

import numpy as np

from comparison.referee.extrapolation import rounding


def fitted_slope(sizes, values, errors, power: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """b of y(N) = a + b N^−power + c N^−2power + … and its error, arrays of the shape of one size's data.

    From the polynomials through the k largest sizes, k = 2 … n; the one is taken whose error is smallest: the change
    from the order before, or a quarter of the one before that, with the propagated errors of the exact numbers. No
    derived number enters.

    Parameters
    ----------
    sizes : (n,), increasing
    values : (n, …)
    errors : broadcastable to values; bounds
    power : 1 or ½
    """
    sizes, values = np.asarray(sizes, float), np.asarray(values, float)
    uncertain = np.broadcast_to(errors, values.shape) + rounding(np.abs(values).max(axis=0))
    slope, error = np.zeros(values.shape[1:]), np.full(values.shape[1:], np.inf)
    before = change = None
    for k in range(2, len(sizes) + 1):
        w = _weights(sizes[-k:], power)
        found = np.tensordot(w, values[-k:], 1)
        if before is not None:
            slower, change = change, np.abs(found - before)
            bound = change if slower is None else np.maximum(change, slower / 4)
            bound = bound + np.tensordot(np.abs(w), uncertain[-k:], 1)
            slope, error = np.where(bound < error, found, slope), np.fmin(bound, error)
        before = found
    return slope, error


def _weights(sizes: np.ndarray, power: float) -> np.ndarray:
    """w with Σ w_i y_i = b of the polynomial in N^−power through all points."""
    x = (sizes / sizes[-1]) ** -power
    try:
        return np.linalg.inv(np.vander(x, increasing=True))[1] * sizes[-1] ** power
    except np.linalg.LinAlgError:  # sizes too close to each other
        return np.full(len(x), np.nan)
