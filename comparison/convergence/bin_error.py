"""What is left of the error in a ladder of numbers of bins, estimated so that bins that rephase do not pass for right.

With K bins q_K − q ~ C K^−p. The distances d_i = |q_(K_i) − q_(K_n)| from the last member give p, and with it what is
left of the last one, d/((K_n/K_i)^p − 1). Distances are those of the worst earlier time: bins that rephase may agree
for a moment, but not on the way there. A second rule, whose bins lie between those of the first, is a witness that does
not depend on the power law: where bins are resolved it disagrees at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_POWERS = np.linspace(0.3, 2.0, 171)  # of 1/K: slower is not taken for convergence, faster is not relied upon
_SCATTER, _DRIFT = 0.5, 0.2  # powers that are assumed where none is seen; the last is slower than 1/log K
_SAFETY = 3.0  # the error may pass through zero in members and witness alike
_USED = 4  # distances at most, of the largest numbers of bins


def remaining_error(
    bins: Sequence[int], values: np.ndarray, witness: np.ndarray, floor: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Error of the last of `values` (n, Q, T), inf where they do not converge, and the power p of 1/K, nan where it is
    not known; both (Q, T).

    bins : K of the n ≥ 3 members, increasing
    witness : values of a second rule, (Q, T)
    floor : numerical error of a value, for every quantity, (Q,)
    """
    distance = np.maximum.accumulate(np.abs(values[:-1] - values[-1]), axis=-1)[-_USED:]
    floor = np.broadcast_to(floor[:, None], distance.shape[1:])
    k, last = np.array(bins[:-1], dtype=float)[-_USED:], float(bins[-1])
    shapes = k ** -_POWERS[:, None] - last ** -_POWERS[:, None]  # of the distances for every power
    logs = np.log(np.maximum(distance, floor))[None] - np.log(shapes)[:, :, None, None]
    best = np.sum((logs - logs.mean(axis=1, keepdims=True)) ** 2, axis=1).argmin(axis=0)
    # the larger constant of the last two, of which one may be close by chance
    constant = np.exp(np.take_along_axis(logs[:, -2:].max(axis=1), best[None], axis=0)[0])
    power, slow = _POWERS[best], best == 0
    apart = np.abs(witness - values[-1])
    # no power is seen: members scatter, or they drift so slowly that more of the way may lie ahead than behind
    steps = np.diff(values[-_USED:], axis=0)
    drifts = np.all(steps > 0, axis=0) | np.all(steps < 0, axis=0)
    ahead = 1 / ((last / k[-2]) ** np.where(drifts, _DRIFT, _SCATTER) - 1)
    rest = np.where(slow, ahead * np.maximum(distance[-2:].max(axis=0), apart), constant * last**-power)
    unseen = distance[-1] <= 2 * floor
    rest = np.where(unseen, floor, rest)
    error = np.maximum.accumulate(_SAFETY * np.maximum(rest, apart) + floor, axis=-1)
    return error, np.where(unseen | slow, np.nan, power)


def converged_until(times: np.ndarray, error: np.ndarray, accuracy: float) -> np.ndarray:
    """The last time up to which the error (Q, T) is at most `accuracy`, (Q,); nan where it never is."""
    good = np.cumprod(error <= accuracy, axis=-1).sum(axis=-1)
    return np.where(good > 0, times[np.maximum(good - 1, 0)], np.nan)
