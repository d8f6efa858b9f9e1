"""One claim before the exact numbers: what it is judged by, and its verdicts, the same for a study that has just run
and for one that is read from its file."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from comparison.referee.claimed import Claimed
from comparison.referee.extrapolation import Extrapolation, rate
from comparison.referee.verdict import Verdict, judge


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
    """

    sizes: Sequence[int]
    times: np.ndarray
    quantities: Sequence[str]
    exact: np.ndarray
    errors: np.ndarray
    extrapolation: Extrapolation | None
    accuracy: float
    power: float = 1.0


def judge_limit(evidence: Evidence, name: str, said: Claimed) -> list[Verdict]:
    """Verdicts on a claimed limit, one for each of its quantities; none where sizes are too few."""
    e, out = evidence.extrapolation, []
    for q, claimed in said.values.items() if e is not None else ():
        i, own = list(evidence.quantities).index(q), np.flatnonzero(np.isfinite(claimed))
        top = evidence.sizes[-1]
        v = judge(
            name,
            q,
            evidence.times[own],
            e.value[own, i],
            e.error[own, i],
            claimed[own],
            evidence.accuracy,
            advice=f"Try a size of {2 * top}, more sizes between {evidence.sizes[0]} and {top}, or earlier times.",
            claimed_error=said.errors[q][own],
            uncertainty=said.uncertainties[q][own],
        )
        at = int(np.argmin(np.abs(evidence.times - v.time)))
        open_to = evidence.errors[:, at, i] + v.uncertainty
        r = rate(evidence.sizes, evidence.exact[:, at, i], v.claimed, open_to, evidence.power)
        out.append(dataclasses.replace(v, rate=r.asymptotic, rate_error=r.asymptotic_error))
    return out
