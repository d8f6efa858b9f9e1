"""N → ∞ from a ladder of sizes: Richardson extrapolation in 1/N, with an error; and the rate of convergence."""

from __future__ import annotations

import dataclasses

import numpy as np

from finite_n.errors import FiniteNError

SHRINK = 3.0  # what one more size is trusted to gain


@dataclasses.dataclass(frozen=True)
class Extrapolation:
    """value and error, both of the shape of one size's data."""

    value: np.ndarray
    error: np.ndarray


def weights(sizes, power: float = 1.0) -> np.ndarray:
    """w with Σ w_i y_i = value at N = ∞ of the polynomial in N^−power through all points (N_i, y_i)."""
    x = np.asarray(sizes, dtype=float) ** -power
    return np.array([np.prod([xj / (xj - xi) for j, xj in enumerate(x) if j != i]) for i, xi in enumerate(x)])


def extrapolate(sizes, values, errors=0.0, power: float = 1.0) -> Extrapolation:
    """Limit N → ∞ of values(N) = y_∞ + a N^−power + b N^−2power + …, with an error.

    With E_k the value at N = ∞ of the polynomial through the k largest sizes, the result is E_n. Every further size may
    be trusted to shrink the change of the result by a factor 3 and no more, so that changes that vanish by accident do not
    count: the error is max_k 3^{k−n} |E_k − E_{k−1}| over k = 3 … n, plus the propagated `errors`. On random models this
    keeps |E_n − truth| within 3 errors; see `benchmarks/false_refutations.py`.

    Parameters: sizes (n ≥ 3, increasing); values (n, …); errors, same shape or broadcastable: bounds, not deviations;
    power: 1, or ½ where odd powers of N^{−1/2} occur.
    """
    sizes = np.asarray(sizes)
    values = np.asarray(values, dtype=float)
    n = len(sizes)
    if n < 3:
        raise FiniteNError(f"extrapolation: {n} size(s); at least three sizes are needed for a value with an error.")
    errors = np.broadcast_to(errors, values.shape)
    w = weights(sizes, power)
    estimates = [np.tensordot(weights(sizes[-k:], power), values[-k:], 1) for k in range(2, n + 1)]
    changes = np.abs(np.diff(estimates, axis=0))  # (n − 2, …), the last one largest in order
    trust = float(SHRINK) ** -np.arange(n - 3, -1, -1)
    spread = np.max(changes * trust.reshape(-1, *[1] * (values.ndim - 1)), axis=0)
    noise = np.tensordot(np.abs(w), errors, 1)
    return Extrapolation(estimates[-1], spread + noise)


@dataclasses.dataclass(frozen=True)
class Rate:
    """Exponent p of |exact − limit| ~ N^−p.

    exponent: fit over the largest sizes; spread: half the range of fits over all windows of three or more sizes that
    contain the largest; local: exponents between neighbouring sizes; asymptotic: local exponents extrapolated in 1/N;
    asymptotic_error: change of that under leaving out the smallest size.
    """

    exponent: float
    spread: float
    local: np.ndarray
    asymptotic: float
    asymptotic_error: float


def rate(sizes, values, limit: float, errors=0.0) -> Rate:
    """Convergence rate of values (n,) towards `limit`; sizes where the distance is below 10 errors are left out.

    Fields are nan where fewer than four sizes remain (two for `local`).
    """
    sizes = np.asarray(sizes, dtype=float)
    distance = np.abs(np.asarray(values, dtype=float) - limit)
    keep = distance > 10 * np.maximum(np.broadcast_to(errors, distance.shape), 1e-14)
    x, y = np.log(sizes[keep]), np.log(distance[keep])
    local = -np.diff(y) / np.diff(x)
    if len(x) < 4:
        return Rate(np.nan, np.nan, local, np.nan, np.nan)
    fits = [-np.polyfit(x[-k:], y[-k:], 1)[0] for k in range(3, len(x) + 1)]
    middle = np.exp((x[1:] + x[:-1]) / 2)
    ends = [float(weights(middle[-k:]) @ local[-k:]) for k in (len(local), len(local) - 1)]
    return Rate(fits[0], (max(fits) - min(fits)) / 2, local, ends[0], abs(ends[0] - ends[1]))
