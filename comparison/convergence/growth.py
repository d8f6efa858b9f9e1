"""How times grow with N: t = a + b log N, t ~ N^p, or towards a constant, with error bars, and which of them holds.

A law is fitted to all sizes; its error bar comes from what the fit leaves open. Neither law is exact at any N: where
t = a + b log N + O(N^−½), the fitted b changes as small sizes are left out.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from comparison.referee.extrapolation import FEWEST

_APART = 3.0  # times smaller the misfit of a law must be than those of the others before it is chosen
_NEXT = 1.25  # what a correction changes, and a quarter more for the order after it
_RANGE = 4.0  # from the smallest to the largest size, below which corrections may look like any law
_POOR = 0.1  # misfit, over the range of the times, beyond which a law does not describe them


@dataclasses.dataclass(frozen=True)
class Fit:
    """A number with its error, nan where there are too few sizes for either.

    value : fitted to the larger half of the sizes, three at least
    error : sum of the spread of fits over all windows of three or more sizes with the largest, of what a correction
        c N^−½ in the fit to all sizes changes, and of what the errors of the times allow
    """

    value: float
    error: float

    def __str__(self):
        if not np.isfinite(self.error):
            return f"{self.value:.4g}"
        digits = max(0, 1 - int(np.floor(np.log10(self.error)))) if self.error > 0 else 6
        return f"{self.value:.{min(digits, 9)}f} ± {self.error:.{min(digits, 9)}f}"


@dataclasses.dataclass(frozen=True)
class Growth:
    """Laws fitted to times t(N), counted from the first time of the evolution.

    law : "log N", "power of N", "constant", or "undecided"
    slope : b of t = a + b log N
    exponent : p of t ~ N^p
    constant : t(∞) of t = t(∞) + c/N
    misfits : root mean square of what each law leaves, over the range of the times, by the names of `law`
    why : the reason for the choice, a sentence
    """

    law: str
    slope: Fit
    exponent: Fit
    constant: Fit
    misfits: dict[str, float]
    why: str


def fit_growth(sizes, times, errors=0.0) -> Growth:
    """Which law finite times t > 0 follow: the one that leaves a third or less of what the other two leave.

    Parameters
    ----------
    sizes : (n,), increasing
    times : (n,)
    errors : bounds of their errors, number or (n,)
    """
    N, t = np.asarray(sizes, float), np.asarray(times, float)
    e = np.broadcast_to(np.asarray(errors, float), t.shape)
    positive = t > 0
    slope = _fit(np.log(N), t, e, N)
    exponent = _fit(np.log(N[positive]), np.log(t[positive]), e[positive] / t[positive], N[positive])
    constant = _constant(N, t, e)
    if len(t) < FEWEST:
        return Growth("undecided", slope, exponent, constant, {}, f"{len(t)} finite time(s); four or more decide.")
    misfits = {
        "log N": _left(t, np.vander(np.log(N), 2), np.ones_like(t)),
        "power of N": _power_left(N, t),
        "constant": _left(t, np.vander(1 / N, 2), np.ones_like(t)),
    }
    law, why = _choose(N, t, e, misfits)
    span = np.ptp(t)
    return Growth(law, slope, exponent, constant, {k: v / span if span else 0.0 for k, v in misfits.items()}, why)


def _choose(N: np.ndarray, t: np.ndarray, e: np.ndarray, misfits: dict[str, float]) -> tuple[str, str]:
    span, noise = np.ptp(t), float(np.sqrt(np.mean(e**2)))
    if not np.isfinite(noise):
        return "undecided", "some times are not located; give times that are closer to each other."
    if N[-1] < _RANGE * N[0]:
        return "undecided", f"the sizes span less than a factor {_RANGE:g}."
    if span <= max(2 * noise, 1e-9 * t.max()):
        return "constant", "the times are the same at all sizes, within their errors."
    if noise > _POOR * span:
        return "undecided", f"the errors of the times are {noise / span:.0%} of their range; tell them more precisely."
    order = sorted(misfits, key=misfits.get)
    best, second = (max(misfits[k], noise) for k in order[:2])
    if best > _POOR * span:
        return "undecided", f"none of the laws fits: the best leaves {best / span:.0%} of the range of the times."
    if second < _APART * best:
        return "undecided", f"{order[0]} and {order[1]} fit alike at these sizes; larger ones decide."
    return order[0], f"{order[0]} leaves {best / span:.1%} of the range of the times, {order[1]} {second / span:.1%}."


def _left(t: np.ndarray, columns: np.ndarray, weights: np.ndarray) -> float:
    """Root mean square of what a linear fit leaves."""
    found = np.linalg.lstsq(columns * weights[:, None], t * weights, rcond=None)[0]
    return float(np.sqrt(np.mean((t - columns @ found) ** 2)))


def _power_left(N: np.ndarray, t: np.ndarray) -> float:
    """What A N^p leaves, fitted to log t with the weights that log t has for equal errors of t."""
    if np.any(t <= 0):
        return np.inf
    p, c = np.polyfit(np.log(N), np.log(t), 1, w=t)
    return float(np.sqrt(np.mean((t - np.exp(c) * N**p) ** 2)))


def _fit(x: np.ndarray, y: np.ndarray, e: np.ndarray, N: np.ndarray) -> Fit:
    """Slope of y against x = log N over the larger half of the sizes, with its error."""
    n = len(x)
    if n < 2:
        return Fit(np.nan, np.nan)
    if n == 2:
        return Fit(float((y[1] - y[0]) / (x[1] - x[0])), np.nan)
    windows = [np.polyfit(x[-k:], y[-k:], 1)[0] for k in range(3, n + 1)]
    kept = max(3, (n + 1) // 2)
    value = windows[kept - 3]
    corrected = np.linalg.lstsq(np.column_stack([x, np.ones(n), N**-0.5]), y, rcond=None)[0][0]
    centred = x[-kept:] - x[-kept:].mean()
    propagated = _propagated(centred / (centred @ centred), e[-kept:])
    return Fit(float(value), float(np.ptp(windows) / 2 + _NEXT * abs(corrected - value) + propagated))


def _constant(N: np.ndarray, t: np.ndarray, e: np.ndarray) -> Fit:
    """t(∞) of t(∞) + c/N over the larger half of the sizes; its error is three times the change if the smallest of
    them is left out, since corrections may go as N^−3/2, and what the errors of the times allow."""
    kept = max(3, (len(N) + 1) // 2)
    if len(N) < kept:
        return Fit(np.nan, np.nan)
    ends = [float(np.polyfit(1 / N[-k:], t[-k:], 1)[1]) for k in (kept, kept - 1)]
    row = np.linalg.pinv(np.vander(1 / N[-kept:], 2))[1]
    return Fit(ends[0], 3 * abs(ends[1] - ends[0]) + _propagated(row, e[-kept:]))


def _propagated(row: np.ndarray, e: np.ndarray) -> float:
    """Bound of the error of row @ t, where t is off by e at most."""
    return float(np.abs(row) @ e) if np.all(np.isfinite(e)) else np.inf
