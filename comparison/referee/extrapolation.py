"""N → ∞ from a ladder of sizes: Richardson extrapolation in 1/N, with an error; and the rate of convergence."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.validation import check_array, check_number, check_switch

SHRINK = 3.0  # what one more size is trusted to gain
SLOWEST = 0.2  # mean factor between changes from order to order beyond which the ladder does not converge
FEWEST = 4  # sizes: below, a mean factor cannot be told from an accident
STEADY = 0.9  # of the earlier change with log N: a limit would halve it from size to double size
ROUNDING = 8 * np.finfo(float).eps  # of a number of order one, after the few operations that made it


@dataclasses.dataclass(frozen=True)
class Extrapolation:
    """A limit N → ∞ with its error, both of the shape of one size's data.

    value : the extrapolated value
    error : its error, infinite where the ladder does not converge
    grows : where no limit is seen, since values change with log N as much at the largest sizes as before; else False
    noise : what of the error is that of the exact numbers, as the extrapolation amplifies it
    """

    value: np.ndarray
    error: np.ndarray
    grows: np.ndarray | bool = dataclasses.field(default=False, kw_only=True)
    noise: np.ndarray | float = dataclasses.field(default=0.0, kw_only=True)


def weights(sizes, power: float = 1.0, at: float = np.inf, lowest: float = 0) -> np.ndarray:
    """w with Σ w_i y_i = y(at) of y(N) = b_0 N^−lowest·power + b_1 N^−(lowest + 1)·power + … through all points
    (N_i, y_i); without more, the value at N = ∞ of the polynomial in N^−power."""
    N = np.asarray(sizes, dtype=float)
    # x_j/(x_j − x_i) = 1/(1 − (N_j/N_i)^power), without the difference of two small numbers that large neighbouring
    # sizes would give
    factors = -1 / np.expm1(power * np.log1p((N[None, :] - N[:, None]) / N[:, None] + np.eye(len(N))))
    factors = (1 - (N / at) ** power) * factors
    return (N / at) ** (lowest * power) * np.prod(np.where(np.eye(len(N), dtype=bool), 1.0, factors), axis=1)


def check_power(power, what: str = "power") -> float:
    """The power of N in which an expansion goes."""
    if (power := check_number(power, what)) not in (0.5, 1.0):
        raise FiniteNError(f"{what} = {power:g}: 1 for an expansion in 1/N, 0.5 for one in N^-1/2.")
    return power


def rounding(*values) -> np.ndarray:
    """What double precision leaves uncertain of the largest of `values`, of averages of operators of order one: at
    least 8 ε."""
    return ROUNDING * functools.reduce(np.maximum, (np.abs(v) for v in values), 1.0)


def extrapolate(sizes, values, errors=0.0, power: float = 1.0, ordered: bool = False) -> Extrapolation:
    """Limit N → ∞ of values(N) = y_∞ + a N^−power + b N^−2power + …, with an error.

    With E_k the value at N = ∞ of the polynomial through the k largest sizes (E_1 the largest size itself), the result
    is E_n and c_k = |E_k − E_{k−1}| are the changes from order to order. Every further size is trusted to shrink the
    change by a factor 3 and no more, since changes may vanish by accident: e = max_{k>2} 3^{k−n} c_k. How well the
    ladder converges is told by the mean factor g = (c_n/c_2)^{1/(n−2)}: the error is e/(1 − 5g), and infinite for g ≥
    1/5, where the sizes are too small to say anything. The propagated `errors`, and the rounding of the values, are
    added: Σ|w_i| (errors_i + 8 ε max(1, |y|)), with the weights w of E_n, which are large where sizes are many or close
    to each other. The two constants were chosen on random and on known models; on others
    `tests/comparison/referee/test_false_refutations.py` measures how often the truth lies outside five such errors.
    Where rates change on the scale of the fluctuations at the smallest sizes, N^−½, those sizes are not in the range of
    the expansion and errors are too small: `three_level` with a line of a third of the range of Δ, from N = 3, is off
    by eight of them. Begin such ladders later.

    Parameters
    ----------
    sizes : (n,), n ≥ 4, increasing
    values : (n, …)
    errors : broadcastable to values; bounds, not deviations
    power : 1, or ½ where odd powers of N^{−1/2} occur
    ordered : the first axis after N is time: a change counts at all later times too, since errors do not heal
    """
    sizes, values, errors = _read(sizes, values, errors, power, "extrapolation")
    check_switch(ordered, "extrapolation: ordered")
    n = len(sizes)
    if n < FEWEST:
        raise FiniteNError(f"extrapolation: {n} size(s); at least four sizes are needed for a value with an error.")
    if ordered and values.ndim < 2:
        raise FiniteNError(
            "extrapolation: ordered = True is for values with times on the second axis, shape (n, T, …)."
        )
    estimates = [np.tensordot(weights(sizes[-k:], power), values[-k:], 1) for k in range(1, n + 1)]
    changes = np.abs(np.diff(estimates, axis=0))  # c_2 … c_n
    if ordered:
        changes = np.maximum.accumulate(changes, axis=1)
    uncertain = errors + rounding(np.abs(values).max(axis=0))
    noise = np.tensordot(np.abs(weights(sizes, power)), uncertain, 1)
    trust = SHRINK ** (-power * np.arange(n - 3, -1, -1.0))
    spread = np.max(changes[1:] * trust.reshape(-1, *[1] * (values.ndim - 1)), axis=0)
    mean_factor = (changes[-1] / np.maximum(changes[0], 1e-300)) ** (1 / (n - 2))
    mean_factor = np.where(changes[-1] <= 10 * noise, 0.0, mean_factor)
    converges = mean_factor < SLOWEST
    slack = 1 / (1 - np.where(converges, mean_factor, 0.0) / SLOWEST)
    slopes = np.abs(np.diff(values, axis=0)) / np.diff(np.log(sizes)).reshape(-1, *[1] * (values.ndim - 1))
    grows = ~converges & (slopes[-1] >= STEADY * slopes[:-1].max(axis=0)) & (np.abs(values[-1] - values[-2]) > noise)
    error = np.where(converges, spread * slack, np.inf) + noise
    return Extrapolation(estimates[-1], error, grows=grows, noise=noise)


def extrapolate_each(sizes, values, errors, power: float, powers=None) -> Extrapolation:
    """`extrapolate` of quantities at times, (n, T, Q), of which some begin with N^−½ where the others go in 1/N.

    powers : exponents of their first terms, and steps of those that follow, (Q, 2). Default: power. N^−½, N^−1, … hold
        all that may occur.
    """
    if powers is None:
        return extrapolate(sizes, values, errors, power, ordered=True)
    shape = values.shape[1:]
    out = {name: np.zeros(shape) for name in ("value", "error", "noise")} | {"grows": np.zeros(shape, bool)}
    for first in np.unique(powers[:, 0]):
        own = powers[:, 0] == first
        found = extrapolate(sizes, values[:, :, own], errors[:, :, own], float(first), ordered=True)
        for name, array in out.items():
            array[:, own] = getattr(found, name)
    return Extrapolation(**out)


def _read(sizes, values, errors, power, what: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sizes (n,), values (n, …) and errors of their shape as float arrays; refuses what does not fit together."""
    sizes, values = check_array(sizes, f"{what}: sizes", (None,)), check_array(values, f"{what}: values")
    if np.any(sizes <= 0) or np.any(np.diff(sizes) <= 0):
        raise FiniteNError(f"{what}: sizes {shown(sizes.tolist())}; give positive, increasing numbers.")
    if values.ndim == 0 or len(values) != len(sizes):
        raise FiniteNError(
            f"{what}: values of shape {values.shape} for {len(sizes)} sizes; give one entry for every size."
        )
    check_power(power, f"{what}: power")
    errors = check_array(errors, f"{what}: errors")
    try:
        return sizes, values, np.broadcast_to(np.abs(errors), values.shape)
    except ValueError:
        raise FiniteNError(f"{what}: errors of shape {errors.shape} for values of shape {values.shape}.") from None


@dataclasses.dataclass(frozen=True)
class Rate:
    """Exponent p of |exact − limit| ~ N^−p.

    exponent : fit over the largest sizes
    spread : half the range of fits over all windows of three or more sizes that contain the largest
    local : exponents between neighbouring sizes, (number of N − 1,)
    asymptotic : local exponents extrapolated in N^−power
    asymptotic_error : change of that when the smallest size is left out
    """

    exponent: float
    spread: float
    local: np.ndarray
    asymptotic: float
    asymptotic_error: float


def rate(sizes, values, limit: float, errors=0.0, power: float = 1.0) -> Rate:
    """Convergence rate of values towards `limit`, without the sizes where the distance is below 10 errors or
    roundings. Fields are nan where fewer than four sizes remain (two for `local`).

    Parameters
    ----------
    sizes : (n,), increasing
    values : (n,)
    limit : number
    errors : broadcastable to values; bounds, not deviations
    power : of the expansion in N^−power, 1 or ½
    """
    sizes, values, errors = _read(sizes, values, errors, power, "rate")
    if values.ndim != 1:
        raise FiniteNError(f"rate: values of shape {values.shape}; give one number for every size.")
    distance = np.abs(values - check_number(limit, "rate: limit"))
    keep = distance > 10 * np.maximum(errors, 5 * rounding(values, limit))
    x, y = np.log(sizes[keep]), np.log(distance[keep])
    local = -np.diff(y) / np.diff(x)
    if len(x) < 4:
        return Rate(np.nan, np.nan, local, np.nan, np.nan)
    fits = [-np.polyfit(x[-k:], y[-k:], 1)[0] for k in range(3, len(x) + 1)]
    middle = np.exp((x[1:] + x[:-1]) / 2)
    ends = [float(weights(middle[-k:], power) @ local[-k:]) for k in (len(local), len(local) - 1)]
    return Rate(fits[0], (max(fits) - min(fits)) / 2, local, ends[0], abs(ends[0] - ends[1]))
