"""What averages and covariances of claims say of functions of the state, and the terms of theirs that are derived."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from comparison.referee.claimed import Claimed
from comparison.referee.quantities import covariance_indices, covariance_names, first_moment_names, mean_names
from comparison.referee.state_function import (
    BUNCHING,
    ENTROPY,
    FIDELITY,
    PER_PARTICLE,
    PURITY,
    SQUEEZING,
    AskedFunction,
)
from finite_n.errors import FiniteNError
from finite_n.model.species import Space
from finite_n.model.squeezing import squeezing_slope
from meanfield import GaussianLimit
from meanfield.gaussian.limit_functions import PURE, SAME

_PROBES = 4  # changes of all averages and covariances by their errors, with random signs
_TOLD = 1e-2  # of averages: rounded ones that differ by less may be meant to be the same


def check_limits(
    asked: Sequence[AskedFunction], values: Mapping[str, np.ndarray], times: np.ndarray, note: str
) -> None:
    """Refuse functions without a derived limit at all times (T,); `note`: why there is no expansion in 1/N, else
    empty."""
    for f in asked:
        if note and f.kind != SQUEEZING:
            raise FiniteNError(
                f"state function {f.name}: nothing says how it goes with N. {note} Take evolve and functions of its "
                "result."
            )
        unknown = np.isnan(values.get(f.name, np.full(len(times), np.nan)))
        if not unknown.any():
            continue
        raise FiniteNError(
            f"state function {f.name}: no limit of the {f.text} is derived at t = {times[unknown.argmax()]:g}; "
            f"{_reason(f.kind)}"
        )


def with_state_functions(
    said: Claimed,
    asked: Sequence[AskedFunction],
    space: Space,
    symmetric: np.ndarray,
    derived: Mapping[str, np.ndarray],
    at_one_N: bool = False,
    first_moments: np.ndarray | None = None,
) -> Claimed:
    """A claim with what the Gaussian of its averages and covariances says of functions of the state, where it has all
    covariances and does not say so itself; at one N of squeezing alone, which is a function of them.

    Nothing is said where what the claim leaves open goes beyond the states, at whose edge these functions have kinks.

    symmetric : (T, S), of `GaussianLimit`
    derived : the derived limit by quantity, (T,), whose averages are those of a claimed limit that says nothing of any,
        and then nothing of functions of averages alone
    first_moments : of fluctuations in the derived limit, (T, n), of which claims state those of modes. Default: 0.
    """
    averages = mean_names(space)
    first = np.zeros((len(symmetric), space.size)) if first_moments is None else first_moments
    if not at_one_N and not any(q in said.values for q in averages):
        zero = dict.fromkeys(averages, np.zeros(len(symmetric)))
        others = {q: derived[q] for q in averages if q in derived}
        said, alone = Claimed(said.values | others, said.errors | zero, said.uncertainties | zero), said
        rest = [f for f in asked if f.kind != PER_PARTICLE]
        found = with_state_functions(said, rest, space, symmetric, derived, first_moments=first)
        parts = (found.values, found.errors, found.uncertainties)
        return Claimed(*({q: x for q, x in part.items() if q in alone.values or q not in averages} for part in parts))
    asked = [f for f in asked if f.name not in said.values and (f.kind == SQUEEZING or not at_one_N)]
    needed = [*averages, *covariance_names(space)]
    if not asked or any(q not in said.values for q in needed):
        return said
    letters = [*needed, *(q for q in first_moment_names(space) if q in said.values)]
    known = np.flatnonzero(np.all([np.isfinite(said.values[q]) for q in letters], axis=0))
    own = {q: said.values[q][known] for q in letters}

    start = _start(derived, space, first) if any(f.kind == FIDELITY and f.other for f in asked) else None

    def found(values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        limit = _limit_of(values, space, symmetric[known], first[known])
        return {f.name: _at_each(f, limit, start) for f in asked}

    middle = found(own)
    widths = {q: said.uncertainties[q][known] for q in letters if np.any(said.uncertainties[q][known])}
    spread = {q: np.zeros(len(known)) for q in middle}
    for q, width in widths.items():  # to first order, one after the other
        ends = [found(own | {q: own[q] + sign * width}) for sign in (1, -1)]
        for name, x in middle.items():
            spread[name] += np.maximum(*(np.abs(end[name] - x) for end in ends))  # nan where an end is no state
    errors = {q: said.errors[q][known] for q in letters}
    signs = np.random.default_rng(0).choice([-1, 1], (_PROBES, len(letters)))
    ends = [found({q: own[q] + s * errors[q] for q, s in zip(letters, row, strict=True)}) for row in signs]
    off = {
        name: 2 * np.sqrt(len(letters) * np.mean([np.nan_to_num(end[name] - x) ** 2 for end in ends], axis=0))
        for name, x in middle.items()
    }
    given = {q: derived.get(q, x)[known] for q, x in own.items()} if derived else own
    for f in asked:
        unsure = _unsure(f, own, given, widths, start, space) | np.isnan(spread[f.name])
        middle[f.name] = np.where(unsure, np.nan, middle[f.name])
    stated = [q for q, x in middle.items() if np.any(np.isfinite(x))]
    put = [{q: _spread(each[q], known, len(symmetric)) for q in stated} for each in (middle, off, spread)]
    parts = (said.values, said.errors, said.uncertainties)
    return Claimed(*({**old, **new} for old, new in zip(parts, put, strict=True)))


def first_term(
    f: AskedFunction, quantities: Sequence[str], coefficients: np.ndarray, space: Space
) -> np.ndarray | None:
    """The coefficient (T,) of the first power of 1/N, from those of averages and covariances in a derived expansion (K,
    T, Q); None where it is not derived."""
    if f.kind != SQUEEZING or len(coefficients) < 2:
        return None
    at = {q: i for i, q in enumerate(quantities)}
    (m, sigma), (c, C) = (
        _arrays({q: row[:, at[q]] for q in (*mean_names(space), *covariance_names(space))}, space)
        for row in coefficients[:2]
    )
    return squeezing_slope(m, sigma, c, C, space, f.of[0])


def _limit_of(
    values: Mapping[str, np.ndarray], space: Space, symmetric: np.ndarray, first: np.ndarray
) -> GaussianLimit:
    means, covariance = _arrays(values, space)
    first = first.copy()
    for q in first_moment_names(space):
        if q in values:
            first[:, space.labels.index(q.removeprefix("first_"))] = values[q]
    return GaussianLimit(space, means, covariance, first, symmetric)


def _arrays(values: Mapping[str, np.ndarray], space: Space) -> tuple[np.ndarray, np.ndarray]:
    """Averages (T, n) and covariances (T, n, n) by name."""
    means = np.stack([values[q] for q in mean_names(space)], axis=1)
    covariance = np.zeros((len(means), space.size, space.size))
    for q, (a, b) in zip(covariance_names(space), covariance_indices(space), strict=True):
        covariance[:, a, b] = covariance[:, b, a] = values[q]
    return means, covariance


def _start(
    derived: Mapping[str, np.ndarray], space: Space, first: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Averages (n,), covariance (n, n) and first moments (n,) of the start."""
    first_time = {q: x[:1] for q, x in derived.items()}
    limit = _limit_of(first_time, space, np.zeros((1, 0), bool), first[:1])
    return limit.means[0], limit.covariance[0], limit.first_moments[0]


def _at_each(f: AskedFunction, limit: GaussianLimit, start: tuple | None) -> np.ndarray:
    """Its limit, nan at times at which covariances are those of no state."""
    try:
        return f.of_limit(limit, start)
    except FiniteNError:
        if len(limit.means) <= 1:
            return np.full(len(limit.means), np.nan)
    arrays = ("means", "covariance", "first_moments", "symmetric")
    each = [{a: getattr(limit, a)[t : t + 1] for a in arrays} for t in range(len(limit.means))]
    return np.concatenate([_at_each(f, dataclasses.replace(limit, **x), start) for x in each])


def _unsure(
    f: AskedFunction,
    own: Mapping[str, np.ndarray],
    derived: Mapping[str, np.ndarray],
    widths: Mapping[str, np.ndarray],
    start: tuple | None,
    space: Space,
) -> np.ndarray:
    """Where a claim does not say whether averages are those of the start, or a mode has no amplitude, at which fidelity
    and g²(0) jump: other averages than the derived ones, that differ from these by little more than their widths."""
    averages = mean_names(space)
    if f.kind == FIDELITY and f.other:
        names, least, values = averages, SAME, start[0]
    elif f.kind == BUNCHING:
        part = space.part(space.owner(f.of[0]))
        names, least, values = averages[part], PURE, np.zeros(2)
    else:
        return np.zeros(len(own[averages[0]]), bool)
    apart = np.array([np.abs(own[q] - x) for q, x in zip(names, values, strict=True)])
    beyond = apart - np.array([widths.get(q, np.zeros(apart.shape[1])) for q in names])
    differs = np.any([own[q] != derived[q] for q in names], axis=0)
    return differs & (apart.max(axis=0) > least) & (beyond.max(axis=0) <= _TOLD)


def _spread(x: np.ndarray, known: np.ndarray, count: int) -> np.ndarray:
    out = np.full(count, np.nan)
    out[known] = x
    return out


def _reason(kind: str) -> str:
    if kind in (ENTROPY, PURITY):
        return (
            "particles in mixed states, or that jump alone, have an entropy that grows with N: take "
            f'"{PER_PARTICLE}", or the {kind} of modes.'
        )
    if kind == SQUEEZING:
        return "the average spin vanishes there, so that it has no direction."
    if kind == BUNCHING:
        return "there is no light then; start with some, or at a later time."
    return "the average spin vanishes there, or is that of a pure state although particles jump alone."
