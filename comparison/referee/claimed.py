"""What a claim says at the times of a study, read and checked."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from comparison.referee.claim import Claim
from finite_n.errors import FiniteNError, shortened, shown
from finite_n.model.validation import check_array

_SAME = 1e-9  # relative difference of two times that are one, written with different digits
_ZERO = 1e-12  # of the span: a time of this size is zero


@dataclasses.dataclass(frozen=True)
class Claimed:
    """Numbers of a claim by quantity, arrays (T,) over the times of a study, nan where it says nothing.

    values : the claimed numbers
    errors : what an integrator may leave wrong in them
    uncertainties : half-widths that the claim itself leaves open
    """

    values: dict[str, np.ndarray]
    errors: dict[str, np.ndarray]
    uncertainties: dict[str, np.ndarray]


def union(tlist: np.ndarray, claims: Sequence[Claim]) -> np.ndarray:
    """The times of a study and those of claims that have times of their own, increasing, equal ones once."""
    times = np.asarray(tlist, dtype=float)
    for claim in claims:
        if claim.times is None:
            continue
        if claim.times[0] < times[0] and positions(claim.times[:1], times)[0] < 0:
            raise FiniteNError(
                f"claim {shown(claim.name)}: its times begin at {claim.times[0]:g}, before the study, which begins in "
                f"its initial state at t = {times[0]:g}; leave earlier times out."
            )
        times = np.sort(np.concatenate([times, claim.times[positions(claim.times, times) < 0]]))
    return times


def positions(times: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Index of each of `times` in the increasing `among`, −1 where it is not there."""
    right = np.clip(np.searchsorted(among, times), 1, max(len(among) - 1, 1))
    right = np.minimum(right, len(among) - 1)
    left = np.maximum(right - 1, 0)
    nearest = np.where(np.abs(times - among[left]) <= np.abs(among[right] - times), left, right)
    size = np.maximum(np.abs(times), np.abs(among[nearest]))
    allowed = np.maximum(_SAME * size, _ZERO * np.abs(among).max())
    return np.where(np.abs(times - among[nearest]) <= allowed, nearest, -1)


def read_claim(
    claim: Claim,
    times: np.ndarray,
    tlist: np.ndarray,
    quantities: Sequence[str],
    N: int | None = None,
    unheard: Collection[str] = (),
) -> Claimed:
    """What `claim` says at those of `times` that are its own, at N particles if it is a theory at finite N.

    tlist : its times where it has none of its own
    unheard : names of quantities that it may give and that are not judged
    """
    own = tlist if claim.times is None else claim.times
    at = positions(own, times)
    if np.all(at < 0):
        raise FiniteNError(
            f"claim {shown(claim.name)}: none of its times {shown(own.tolist())} is among those of the exact numbers, "
            f"{shown(times.tolist())}; run the study with this claim."
        )
    asked = np.where(at >= 0, times[at], own)  # not off by what equal times may differ
    given = read_values(claim.name, _call(claim, asked, N), quantities, len(own), unheard, claim.may_end)
    if isinstance(claim.uncertainty, Mapping) and (lost := set(claim.uncertainty) - set(given) - set(unheard)):
        raise FiniteNError(
            f"claim {shown(claim.name)}: an uncertainty of {shown(min(lost, key=str))} is given, but no value; its "
            f"values are {', '.join(given)}."
        )

    def spread(x: np.ndarray) -> np.ndarray:
        out = np.full(len(times), np.nan)
        out[at[at >= 0]] = x[at >= 0]
        return out

    return Claimed(
        {q: spread(x) for q, x in given.items()},
        {q: spread(claim.integration_error(x)) for q, x in given.items()},
        {q: spread(claim.uncertainty_of(q, len(own), N)) for q in given},
    )


def check_same(claim: Claim, said: Mapping[int, Claimed]) -> None:
    """Refuse a theory at finite N that gives other quantities at some N; `said` is by N."""
    first = next(iter(said), None)
    for N in said:
        if differing := set(said[first].values) ^ set(said[N].values):
            raise FiniteNError(
                f"claim {shown(claim.name)}: it gives {min(differing)} at one of N = {first} and {N} only; give the "
                "same quantities at every N."
            )


def read_values(
    name: str, given, quantities: Sequence[str], count: int, unheard: Collection[str] = (), may_end: bool = False
) -> dict[str, np.ndarray]:
    """Values of a claim, {quantity: (count,)}, as float arrays; refuses unknown quantities and what is not real and
    finite, but for nan from some time on if it may end."""
    if not isinstance(given, Mapping):
        raise FiniteNError(f"claim {shown(name)}: its values are {shown(given)}; give a dict of arrays by quantity.")
    out = {}
    for q, values in given.items():
        if not isinstance(q, str) or q not in quantities:
            if isinstance(q, str) and q in unheard:
                continue
            raise FiniteNError(f"claim {shown(name)}: unknown quantity {shown(q)}; known are {', '.join(quantities)}.")
        wanted = f"finite real numbers of shape ({count},), one for each time"
        missing = _end(values) if may_end else 0
        there = values[: len(values) - missing] if missing else values
        there = check_array(there, f"claim {shown(name)}: {q}", (count - missing,), wanted)
        out[q] = np.concatenate([there, np.full(missing, np.nan)])
    if not given:
        raise FiniteNError(f"claim {shown(name)}: there is nothing to judge; it needs values of a quantity.")
    return out


def _end(values) -> int:
    """How many values at the end are nan; 0 for what is no array of numbers."""
    if not isinstance(values, np.ndarray) or values.ndim != 1 or values.dtype.kind != "f":
        return 0
    return int(np.argmin(np.isnan(values[::-1]))) if len(values) and not np.all(np.isnan(values)) else 0


def _call(claim: Claim, times: np.ndarray, N: int | None):
    if claim.sizes is not None:
        return {q: x[claim.row(N)] for q, x in claim.values.items()}
    if isinstance(claim.values, Mapping):
        return claim.values
    arguments = "(times, N)" if claim.per_size else "(times)"
    try:
        return claim.values(times.copy(), N) if claim.per_size else claim.values(times.copy())
    except FiniteNError:
        raise
    except (Exception, SystemExit) as error:  # the user's own function
        at = f" at N = {N}" if claim.per_size else ""
        raise FiniteNError(
            f"claim {shown(claim.name)}: values{arguments} failed{at} with {type(error).__name__}, "
            f"{shortened(str(error), 120)}."
        ) from error
