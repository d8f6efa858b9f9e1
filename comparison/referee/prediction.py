"""What exact numbers are at an N that was not run, with an error: from a ladder of sizes and the derived expansion.

    y(N) = Σ_{j<K} a_j N^−e_j + R(N),   R(N) = b_0 N^−e_K + b_1 N^−(e_K + p) + …,   p = 1 or ½,

with the exponents e_j of `witnesses.py`, K derived coefficients a_j, and b_0 … b_{k−1} by the k sizes nearest to N. E_k
is the R(N) so found, E_0 = 0. The error of order k is three times the largest of these, beside what exact numbers and
rounding leave uncertain:

    |E_k − E_{k−1}|, |E_{k+1} − E_k|    the changes from order to order,
    min(1, (g/0.35)³) |E_k − E′_k|      E′_k by the same sizes where R may go to a constant other than zero,
    a third of the first and the last of these one order earlier, since any may vanish by accident,

and that of E_0 three times max_i |R(N_i)| (N_i/N)^(e_K/2) over the three largest sizes. g is the slowest factor by
which the changes fell from order to order, up to |E_{k+1} − E_k|, each the largest among quantities with the same K and
exponents and up to that time: where orders converge fast, changes alone tell what is left. The order with the smallest
error is taken, for every quantity and time alone; errors do not heal with time. Without derived coefficients, K = 0,
changes count from k = 2 on, and there is no E′.

An error is infinite where the two witnesses of `witnesses.py` do not agree or, without derived coefficients, where the
ladder does not converge.

The factor three, 0.35 and the terms were chosen on the random studies of `tests/comparison/referee`, seeds from 10000
on: of 225 000 numbers at up to 10 times the largest size, 0.16 % were off by more than their error, 0.03 % by more than
twice; the median error was 11 times the true one. On 32 others, seeds 0 to 2 and ladders up to 48, 0.14 % of 193 000
were off by more; with the sizes 6, 10, 16, 24, and N = 12 and 48, 5 of 6440, by 1.4 errors at most, and the median was
15.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from comparison.referee.extrapolation import FEWEST, Extrapolation, rounding, weights
from comparison.referee.judging import Evidence
from comparison.referee.table import aligned
from comparison.referee.verdict import says_nothing, with_error
from comparison.referee.witnesses import (
    CONFLICT,
    LAST,
    OUTSIDE,
    WitnessedLimit,
    alike,
    expanded,
    first_exponents,
    limit_by_terms,
    remainder_weights,
    remainders,
)
from finite_n.errors import FiniteNError, shown
from finite_n.model.validation import check_size

if TYPE_CHECKING:
    import xarray

CAUTION = 3.0
FAST = 0.35  # of a change that is left in the next order, below which a constant in R counts for less
LARGEST = 10**15  # particles; beyond, 1/N is less than rounding
_ZERO = 1e-9  # quantities below are left out of tables
_NAMED = 6  # quantities in a note


@dataclasses.dataclass(frozen=True)
class Prediction:
    """Quantities at one number of particles.

    N : number of particles
    times : (T,)
    quantities : names, (Q,)
    value, error : (T, Q); the error is infinite where nothing is known, and then a note says why
    exact : whether this size was run, so that these are its exact numbers
    notes : sentences
    """

    N: int
    times: np.ndarray
    quantities: Sequence[str]
    value: np.ndarray
    error: np.ndarray
    exact: bool = False
    notes: tuple[str, ...] = ()

    def to_xarray(self) -> xarray.Dataset:
        """Dataset of value and error with dimensions time, quantity."""
        import xarray

        data = {name: (("time", "quantity"), getattr(self, name)) for name in ("value", "error")}
        attributes = {"N": self.N, "exact": int(self.exact), "notes": " ".join(self.notes)}
        return xarray.Dataset(data, {"time": self.times, "quantity": list(self.quantities)}, attributes)

    def to_dict(self) -> dict:
        """The same as plain data; an infinite error is None."""
        errors = np.where(np.isfinite(self.error), self.error, np.nan).T.tolist()
        return {
            "N": self.N,
            "exact": self.exact,
            "times": self.times.tolist(),
            "value": dict(zip(self.quantities, self.value.T.tolist(), strict=True)),
            "error": {
                q: [None if np.isnan(x) else x for x in own] for q, own in zip(self.quantities, errors, strict=True)
            },
            "notes": list(self.notes),
        }

    def __str__(self):
        return prediction_table([self])


def prediction_table(predictions: Sequence[Prediction]) -> str:
    """Quantities at the last time, one column for every N, ? where nothing is known; those that are zero at all times
    are left out. The notes follow."""
    first = predictions[0]
    kept = [i for i in range(len(first.quantities)) if any(np.abs(p.value[:, i]).max() > _ZERO for p in predictions)]
    rows = [["", *(f"N = {p.N}" + (", exact" if p.exact else "") for p in predictions)]]
    for i in kept:
        rows.append([first.quantities[i], *(with_error(p.value[-1, i], p.error[-1, i]) for p in predictions)])
    notes = dict.fromkeys(note for p in predictions for note in p.notes)
    if any(
        np.isfinite(p.error[-1, i]) and says_nothing(p.value[-1, i], p.error[-1, i]) for p in predictions for i in kept
    ):
        notes["? marks errors that leave nothing to be said of the number; larger sizes may help."] = None
    return "\n".join([f"t = {first.times[-1]:g}", aligned(rows), *notes])


def check_target(N, sizes: Sequence[int]) -> int:
    """N as an int; refuses what cannot be predicted from these sizes, run or to be run."""
    N = check_size(N)
    if N > LARGEST:
        raise FiniteNError(f"N = {shown(N)}: give 10^15 or less; beyond, exact numbers are those of the limit N → ∞.")
    if len(sizes) < FEWEST and N not in sizes:
        raise FiniteNError(
            f"N = {N}: only the sizes {shown(list(sizes))} are done, and a prediction needs four or more; run the "
            "study to its end, or evolve this N."
        )
    if N < sizes[0]:
        raise FiniteNError(
            f"N = {N} is below the smallest size of the study, {sizes[0]}, where nothing is predicted; evolve it."
        )
    return N


def predict(evidence: Evidence, N) -> Prediction:
    """The quantities of a study at N, at all its times; the exact numbers themselves where N was run.

    evidence : exact numbers at a ladder of sizes and the derived coefficients
    N : from the smallest size on; that its species have whole numbers of particles is not checked here
    """
    N, sizes = check_target(N, evidence.sizes), list(evidence.sizes)
    what = (N, evidence.times, evidence.quantities)
    if N in sizes:
        k = sizes.index(N)
        return Prediction(*what, evidence.exact[k], evidence.errors[k], exact=True)
    arrays = (evidence.sizes, evidence.exact, evidence.errors, evidence.coefficients)
    limit, shape = limit_by_terms(*arrays, evidence.power, evidence.powers), evidence.exact.shape[1:]
    coefficients = np.zeros((0, *shape)) if evidence.coefficients is None else evidence.coefficients
    value, error = np.empty(shape), np.empty(shape)
    for terms, first, step, own in alike(coefficients, evidence.power, evidence.powers):
        power = step if terms else first  # N^−½, N^−1, … holds all powers that may occur
        exponents = first_exponents(terms + 1, first, power)
        arrays = (x[:, :, own] for x in (evidence.exact, evidence.errors, coefficients[:terms]))
        value[:, own], error[:, own] = _predicted(np.asarray(sizes, float), *arrays, exponents, power, N)
    error = np.where(np.isfinite(limit.error), error, np.inf)
    return Prediction(*what, value, error, notes=_notes(evidence, limit))


def _predicted(sizes, values, errors, coefficients, exponents, power: float, N: int) -> tuple[np.ndarray, np.ndarray]:
    terms, order = len(coefficients), exponents[-1]
    rest, uncertain = remainders(sizes, values, errors, coefficients, exponents)
    found, noise, free = _by_order(sizes, rest, uncertain, order, power, N)
    before = np.zeros_like(found[:1]) if terms else np.full_like(found[:1], np.inf)
    change = np.abs(np.diff(found, axis=0, prepend=before))
    following = np.append(change[1:], np.zeros_like(change[:1]), axis=0)
    counted = np.minimum(1.0, (_slowest_fall(change) / FAST) ** 3)
    differing = np.maximum(change, counted * np.abs(free - found))
    spread = CAUTION * np.maximum(differing, following)
    first = 0 if terms else 1  # order that has one before
    spread[first + 1 :] = np.maximum(spread[first + 1 :], differing[first:-1])
    spread[np.isnan(spread)] = np.inf  # sizes too close to each other
    bound = np.maximum.accumulate(spread, axis=1) + noise
    if terms and N > sizes[-1]:
        falling = (sizes[-LAST:] / N) ** (order / 2)
        size = (np.abs(rest) + uncertain)[-LAST:] * falling[:, None, None]
        found = np.append(found, np.zeros_like(found[:1]), axis=0)
        bound = np.append(bound, np.maximum.accumulate(CAUTION * size.max(axis=0), axis=0)[None], axis=0)
    best = bound.argmin(axis=0)[None]
    (derived,), (integrated,) = expanded([N], coefficients, exponents)
    value = derived + np.take_along_axis(found, best, 0)[0]
    return value, np.take_along_axis(bound, best, 0)[0] + integrated + rounding(value)


def _slowest_fall(change: np.ndarray) -> np.ndarray:
    """g of the orders 1 … n, (n, T, 1); 1 at most, and where there is none."""
    largest = np.maximum.accumulate(change, axis=1).max(axis=2, keepdims=True, initial=0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        fall = np.nan_to_num(np.minimum(largest[1:] / largest[:-1], 1.0), nan=1.0)
    slowest = np.ones_like(largest)
    slowest[1:] = np.maximum.accumulate(fall, axis=0)
    slowest[1:-1] = slowest[2:]
    return slowest


def _by_order(sizes, rest, uncertain, order: float, power: float, N: int) -> tuple[np.ndarray, ...]:
    """E_k, how uncertain exact numbers leave it, and E′_k, for k = 1 … n; (n, T, Q) each."""
    near = np.argsort(np.abs(np.log(sizes / N)), kind="stable")
    out = []
    for k in range(1, len(sizes) + 1):
        rows = near[:k]
        w = weights(sizes[rows], power, N, order / power)
        free = remainder_weights(sizes[rows], order, power, N) if order else w
        out.append(
            [np.tensordot(*pair, 1) for pair in ((w, rest[rows]), (np.abs(w), uncertain[rows]), (free, rest[rows]))]
        )
    return tuple(np.array(x) for x in zip(*out, strict=True))


def _notes(evidence: Evidence, limit: Extrapolation) -> tuple[str, ...]:
    """Why errors are infinite, for each reason where and for which quantities."""
    sizes = evidence.sizes
    ladder = f"N = {sizes[0]} … {sizes[-1]}"
    if not isinstance(limit, WitnessedLimit):
        why = f"{ladder} does not converge, and no expansion in 1/N is derived for this model; larger sizes may help"
        reasons = {why: ~np.isfinite(limit.error)}
    else:
        outside = f"{ladder} is not in the range of the expansion in 1/N; larger sizes or earlier times may help"
        conflict = "exact numbers and the derived limit are in conflict"
        reasons = {outside: limit.state == OUTSIDE, conflict: limit.state == CONFLICT}
    notes = []
    for why, where in reasons.items():
        if names := [q for q, own in zip(evidence.quantities, where.T, strict=True) if own.any()]:
            first = evidence.times[where.any(axis=1).argmax()]
            listed = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
            notes.append(f"No error is known at some times from t = {first:g} on for {listed}: {why}.")
    return tuple(notes)
