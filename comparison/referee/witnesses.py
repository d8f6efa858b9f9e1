"""Two witnesses: exact numbers at a ladder of sizes and the derived expansion in 1/N, which must agree before anything
is said about the limit.

What is left of the exact numbers beside K derived terms, or beside a cumulant expansion at the same N, which contains
these terms and sums higher ones,

    R(N) = y(N) − Σ_{j<K} a_j N^−e_j   or   y(N) − y_c(N),   e_j = jp,   p = 1 or ½,

must fall as N^−e_K where the ladder is in the range of the expansion. Quantities that are odd in the fluctuations have
e_j = ½ + (j − 1)p for j > 0 also where p = 1. The limit of the exact numbers is a_0 + R(∞), and R(∞) is estimated in
two ways, of which the one with the smaller error is taken:

- by R itself at the largest size, |R(∞)| ≤ max_i |R(N_i)| (N_i/N)^(e_K/2) over the three largest sizes, which holds
  where R falls at least half as fast as it must;
- by extrapolation of R through the k largest sizes in the powers N^−e_K, N^−(e_K + p), …, with an error from the
  changes from order to order.

An error is never smaller than the distance of the estimate from the derived limit: it is a bound of how far the two
witnesses differ; nor than that of the estimates of two ladders without a common size, where their errors do not cover
it. There is none where R does not fall, unless its extrapolation shows that terms cancel and go to 0 all the same.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from comparison.referee.extrapolation import Extrapolation, extrapolate_each, rounding

LAST = 3  # sizes over which R must fall
DISJOINT = 6  # sizes from which on two ladders without a common size are compared
GAIN = 0.5  # of the change from order to order that may be left, at most
SLOWER, LEAST, ACCIDENT = 2.0, 0.05, 0.02  # how the gain of one order is trusted in the next one, see `trusted`
AGREES = 5.0  # errors of an extrapolated R(∞) that may lie between it and 0
FALLS = 0.25  # of the order e_K, below which R does not fall
NOISE = 10.0  # errors of the exact numbers below which R is nothing but them
INTEGRATED = 1e-10  # of derived coefficients, relative
BETTER = 0.95  # of an error, below which another one takes its place, so that rounding does not choose
SPREAD = 8.0  # of the largest and smallest size, from which on a gap that stays is a conflict
CANCELS = 0.2  # of R: an extrapolated R(∞) that is known so well counts although R, whose terms cancel, does not fall
STAYS = 0.05  # of R: how little it changes over the last sizes then
WITHIN, OUTSIDE, CONFLICT = 0, 1, 2  # whether the ladder is in the range of the expansion, or contradicts it


@dataclasses.dataclass(frozen=True)
class Closed:
    """Values of a theory at finite N that contains all derived terms.

    values : (n, T, Q), nan where it has none; error : of integrating them, relative
    ahead : powers of 1/N that it contains beyond the derived ones
    """

    values: np.ndarray
    error: float
    ahead: int = 0


@dataclasses.dataclass(frozen=True)
class WitnessedLimit(Extrapolation):
    """The limit of exact numbers to which the derived expansion testifies as well; arrays (T, Q).

    remainder : R at the largest size, of the one of the two that leaves the smaller error
    order : observed exponent of R ~ N^−order between the last two sizes, nan where R is within the errors
    expected : what it must go to, e_K or more
    state : WITHIN, OUTSIDE (R does not fall: the ladder is not in the range of the expansion, or its sizes are too
        close to each other) or CONFLICT (over sizes that differ by a factor of 8 or more, R has settled to a number
        that is not 0)
    """

    remainder: np.ndarray
    order: np.ndarray
    expected: np.ndarray
    state: np.ndarray


def witnessed_limit(
    sizes, values, errors, coefficients, power: float = 1.0, powers=None, closed: Closed | None = None
) -> WitnessedLimit:
    """The limit N → ∞ of exact values with an error.

    Parameters
    ----------
    sizes : (n,), increasing, n ≥ 2
    values : (n, T, Q)
    errors : broadcastable to values; bounds, not deviations
    coefficients : (K, T, Q), of N^−e_j, nan from the first one on that is not derived
    power : 1, or ½ where odd powers of N^−½ occur
    powers : e_1 and p of every quantity, (Q, 2). Default: power, both.
    closed : a theory beside which R is looked at too, optional
    """
    sizes, values = np.asarray(sizes, float), np.asarray(values, float)
    errors = np.broadcast_to(errors, values.shape)
    fields = ("value", "error", "remainder", "order", "expected", "stays", "noise")
    out = {name: np.full(values.shape[1:], np.nan) for name in fields}
    for terms, first, step, own in alike(coefficients, power, powers):
        exponents = first_exponents(terms + 1, first, step)
        exact, limit = (values[:, :, own], errors[:, :, own]), coefficients[0][:, own]
        rest = remainders(sizes, *exact, coefficients[:terms][:, :, own], exponents)
        parts = _whole(sizes, limit, *rest, exponents[-1], step)
        beside = None if closed is None else _beside(*exact, closed.values[:, :, own], closed.error)
        for order in _orders(closed, exponents[-1]):
            more = _whole(sizes, limit, *beside, order, step)
            better = more["error"] < BETTER * parts["error"]
            parts |= {name: np.where(better, x, parts[name]) for name, x in more.items()}
        for name, part in parts.items():
            out[name][:, own] = part
    state = np.where(np.isfinite(out["error"]), WITHIN, OUTSIDE)
    stays = out.pop("stays") == 1
    if len(sizes) > LAST and sizes[-1] >= SPREAD * sizes[0]:
        state[(state == OUTSIDE) & stays] = CONFLICT
    return WitnessedLimit(**out, state=state)


def _orders(closed: Closed | None, order: float) -> list[float]:
    """Powers with which R beside a theory may fall: its own, and that of the derived terms, which may show sooner."""
    return [] if closed is None else sorted({order, order + closed.ahead})


def limit_by_terms(sizes, values, errors, coefficients, power: float, powers=None) -> Extrapolation:
    """The limit of exact numbers by the derived terms, by the exact numbers alone where `coefficients` is None."""
    if coefficients is None:
        return extrapolate_each(sizes, values, errors, power, powers)
    return witnessed_limit(sizes, values, errors, coefficients, power, powers)


def alike(coefficients, power: float, powers=None) -> Iterator[tuple[int, float, float, np.ndarray]]:
    """Quantities whose expansions have as many derived terms and the same exponents: K, e_1, p, where they are (Q,)."""
    known = known_terms(coefficients)
    powers = np.full((len(known), 2), power) if powers is None else np.asarray(powers, float)
    for terms, first, step in sorted({(int(k), *map(float, own)) for k, own in zip(known, powers, strict=True)}):
        yield terms, first, step, (known == terms) & np.all(powers == (first, step), axis=1)


def first_exponents(count: int, first: float, power: float) -> np.ndarray:
    """e_0 … of an expansion: 0, first, first + power, …, `count` of them."""
    return np.append(0.0, first + power * np.arange(count - 1))[:count]


def _whole(sizes, limit, rest, uncertain, order: float, power: float) -> dict[str, np.ndarray]:
    """What R says, of all sizes and of ladders without a common size."""
    parts = _judged(sizes, limit, rest, uncertain, order, power)
    if len(sizes) >= DISJOINT:
        parts["error"] = np.maximum(parts["error"], _apart(sizes, limit, rest, uncertain, order, power))
    return parts


def _apart(sizes, limit, rest, uncertain, order: float, power: float) -> np.ndarray:
    """How far two ladders without a common size are apart, where that is more than their errors; else 0."""
    parts = []
    for end in (len(sizes) - 1, len(sizes) - 2):
        own = np.arange(end, -1, -2)[::-1]
        parts.append(_judged(sizes[own], limit, rest[own], uncertain[own], order, power))
    distance = np.abs(parts[0]["value"] - parts[1]["value"])
    return np.where(distance > parts[0]["error"] + parts[1]["error"], distance, 0.0)


def known_terms(coefficients) -> np.ndarray:
    """How many coefficients of (K, T, Q) are derived, and finite, at all times, (Q,)."""
    return np.isfinite(coefficients).all(axis=1).cumprod(axis=0).sum(axis=0)


def expanded(sizes, coefficients, exponents) -> tuple[np.ndarray, np.ndarray]:
    """The sum of derived terms, Σ_j a_j N^−e_j, at sizes (n,), and how uncertain integrating them leaves it, both (n,
    T, Q)."""
    falling = np.asarray(sizes, float)[:, None] ** -np.asarray(exponents)[: len(coefficients)]  # (n, K)
    return tuple(np.tensordot(falling, a, 1) for a in (coefficients, INTEGRATED * np.abs(coefficients)))


def remainders(sizes, values, errors, coefficients, exponents) -> tuple[np.ndarray, np.ndarray]:
    """R of the exact values, and how uncertain it is, (n, T, Q) both."""
    derived, integrated = expanded(sizes, coefficients, exponents)
    return values - derived, errors + rounding(np.abs(values).max(axis=0)) + integrated


def _beside(values, errors, closed, relative: float) -> tuple[np.ndarray, np.ndarray]:
    """R beside a theory at finite N, and how uncertain it is, (n, T, Q) both."""
    return values - closed, errors + rounding(np.abs(values).max(axis=0)) + relative * np.maximum(1.0, np.abs(closed))


def _judged(sizes, limit, rest, uncertain, order: float, power: float) -> dict[str, np.ndarray]:
    last, size = min(LAST, len(sizes)), np.abs(rest)
    step = np.log(sizes[-1] / sizes[-2])
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = np.log(size[-2] / size[-1]) / step
        fall = np.log(size[-last:-1].max(axis=0) / size[-1]) / step
    within = size[-1] <= NOISE * uncertain[-1]
    falls = within | (fall >= FALLS * order)

    envelope = (sizes[-last:] / sizes[-1]) ** (order / 2)
    whole = error = (size[-last:] * envelope[:, None, None]).max(axis=0) + uncertain[-1]
    seen = np.minimum(size, uncertain)[-last:] * envelope[:, None, None]  # of R, as far as it may be an error
    beside, noise = rest[-1], seen.max(axis=0) + uncertain[-1]
    before = change = None
    for k in range(1, len(sizes) + 1):
        w = remainder_weights(sizes[-k:], order, power)
        found = np.tensordot(w, rest[-k:], 1)
        if before is not None:
            slower = change
            change = np.abs(found - before)
            bound = trusted(change, slower)
            amplified = np.tensordot(np.abs(w), uncertain[-k:], 1)
            bound = bound + amplified
            distance = np.abs(found)
            better = (distance <= AGREES * bound) & (np.maximum(bound, distance) < error)
            error = np.where(better, np.maximum(bound, distance), error)
            noise = np.where(better, amplified, noise)
            beside = np.where(better, found, beside)
        before = found
    return {
        "value": limit + beside,
        "error": np.where(falls | (error <= CANCELS * whole), error, np.inf),
        "remainder": rest[-1],
        "order": np.where(within, np.nan, observed),
        "expected": np.full(within.shape, order),
        "stays": _stays(rest) & ~within,
        "noise": noise,
    }


def trusted(change: np.ndarray, before: np.ndarray | None) -> np.ndarray:
    """What may be left after a change from one order of an extrapolation to the next.

    The next change is expected to be smaller by the same factor as this one was; it is trusted to be so by half of that
    factor, by 20 at most and by 2 at least, and never to be below 2 % of the change before, which guards against
    changes that are small by accident. before : None if there was none
    """
    if before is None:
        return GAIN * change
    factor = np.clip(SLOWER * change / np.maximum(before, 1e-300), LEAST, GAIN)
    return np.maximum(factor * change, ACCIDENT * before)


def _stays(rest: np.ndarray) -> np.ndarray:
    """Where R has settled to a number that is not 0: its changes over the last sizes are small and become smaller."""
    if len(rest) <= LAST:
        return np.zeros(rest.shape[1:], bool)
    changes = np.abs(np.diff(rest[-LAST - 1 :], axis=0))
    return np.all(changes[1:] <= STAYS * np.abs(rest[-1]), axis=0) & np.all(changes[1:] < changes[:-1], axis=0)


def remainder_weights(sizes, order: float, power: float, at: float = np.inf) -> np.ndarray:
    """w with Σ w_i R_i = R(at) of R = R(∞) + b_0 N^−order + b_1 N^−(order + power) + … through all points."""
    x = sizes[-1] / np.append(sizes, at)
    rows = np.stack([x**e for e in first_exponents(len(sizes), order, power)], axis=1)
    try:
        return rows[-1] @ np.linalg.inv(rows[:-1])
    except np.linalg.LinAlgError:  # sizes too close to each other
        return np.full(len(x), np.nan)
