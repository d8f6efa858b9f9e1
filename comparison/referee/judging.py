"""One claim before the exact numbers: what it is judged by, and its verdicts, the same for a study that has just run
and for one that is read from its file."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from comparison.referee.claimed import Claimed
from comparison.referee.extrapolation import Extrapolation, rate
from comparison.referee.verdict import Verdict, judge
from comparison.referee.witnesses import CONFLICT, OUTSIDE, WitnessedLimit

MOST = 0.5  # of an error bar: what advice is about


@dataclasses.dataclass(frozen=True)
class Evidence:
    """What claims are judged by.

    sizes : (n,), numbers of particles
    times : (T,)
    quantities : names, (Q,)
    exact, errors : exact values and their error bounds, (n, T, Q)
    extrapolation : their limits N → ∞, value and error (T, Q); None where sizes are too few
    accuracy : asked of "confirmed", relative for quantities above 1
    power : of the expansion in N^−power
    coefficients : (K, T, Q), of that expansion, nan from the first one on that is not derived; None where none is
    powers : exponents of its first terms, and steps of those that follow, (Q, 2); None where all are `power`
    """

    sizes: Sequence[int]
    times: np.ndarray
    quantities: Sequence[str]
    exact: np.ndarray
    errors: np.ndarray
    extrapolation: Extrapolation | None
    accuracy: float
    power: float = 1.0
    coefficients: np.ndarray | None = None
    powers: np.ndarray | None = None


def judge_limit(evidence: Evidence, name: str, said: Claimed) -> list[Verdict]:
    """Verdicts on a claimed limit, one for each of its quantities; none where sizes are too few."""
    e, out = evidence.extrapolation, []
    for q, claimed in said.values.items() if e is not None else ():
        i, own = list(evidence.quantities).index(q), np.flatnonzero(np.isfinite(claimed))
        v = judge(
            name,
            q,
            evidence.times[own],
            e.value[own, i],
            e.error[own, i],
            claimed[own],
            evidence.accuracy,
            claimed_error=said.errors[q][own],
            uncertainty=said.uncertainties[q][own],
        )
        at = int(np.argmin(np.abs(evidence.times - v.time)))
        if v.status == "undecided" and not v.advice:
            v = dataclasses.replace(v, advice=_advice(evidence, at, i, v.error, said.errors[q][at]))
        open_to = evidence.errors[:, at, i] + v.uncertainty
        r = rate(evidence.sizes, evidence.exact[:, at, i], v.claimed, open_to, evidence.power)
        out.append(dataclasses.replace(v, rate=r.asymptotic, rate_error=r.asymptotic_error))
    return out


def lowering(evidence: Evidence) -> str:
    """What lowers the errors of exact numbers."""
    modes = any(q.endswith(".phi") for q in evidence.quantities)
    what = "lower the tolerance (tol, in study files tolerance)"
    return what + (", or raise the cutoffs of modes if they are given" if modes else "")


def _advice(evidence: Evidence, time: int, quantity: int, error: float, claimed_error: float) -> str:
    """What would decide: less of what makes up the larger part of the error bar."""
    e, sizes = evidence.extrapolation, evidence.sizes
    if claimed_error > MOST * error:
        return f"The larger part of the error bar is the claim's own error, {claimed_error:.2g}: integrate it further."
    if np.isfinite(error) and np.broadcast_to(e.noise, e.value.shape)[time, quantity] > MOST * error:
        own = evidence.errors[:, time, quantity].max()
        what = lowering(evidence)
        amplified = own < MOST * error
        what += ", or give sizes further apart" if amplified else "; larger sizes alone do not help"
        return (
            f"The larger part of the error bar is the exact numbers' own error, up to {own:.2g} at a single size"
            f"{', which extrapolation amplifies' if amplified else ''}: {what}."
        )
    larger = f"Try a size of {2 * sizes[-1]}, or earlier times."
    if isinstance(e, WitnessedLimit):
        if e.state[time, quantity] == OUTSIDE:
            return (
                f"N = {sizes[0]} … {sizes[-1]} is not in the range of the expansion in 1/N: what is left beside its "
                f"derived terms, {e.remainder[time, quantity]:.2g} at N = {sizes[-1]}, does not fall. {larger}"
            )
        if e.state[time, quantity] == CONFLICT:
            return (
                f"Exact numbers and the derived expansion are in conflict: what is left beside its terms stays at "
                f"{e.remainder[time, quantity]:.2g} up to N = {sizes[-1]}. Look at larger sizes, at a lower tolerance "
                "and at how smooth the model's Γ are; if it stays there, please report it."
            )
    elif np.broadcast_to(e.grows, e.value.shape)[time, quantity]:
        return "No limit is seen: the exact numbers change as much from size to size as before."
    return larger
