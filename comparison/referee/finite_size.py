"""A theory at finite N before the exact numbers: its distance at every N, and how fast that falls."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from comparison.referee.claimed import Claimed
from comparison.referee.extrapolation import rate
from comparison.referee.judging import Evidence, lowering
from comparison.referee.verdict import Verdict, error_bar, judge, with_error

_WORDS = ("refuted", "undecided", "confirmed")  # the worst first
_LEVEL = 0.1  # an order below which a distance does not fall


@dataclasses.dataclass(frozen=True, eq=False)
class FiniteSizeVerdict:
    """One theory at finite N against one quantity, at every size and time.

    claim, quantity : names
    sizes : (n,), numbers of particles
    times : (T,), at which it is judged
    distance : exact(N) − claimed(N), (n, T)
    error : error bars of the distance, (n, T): exact numbers, the theory's integrator, rounding
    uncertainty : half-widths that the theory leaves open, (n, T)
    verdicts : one for each size, over all times
    time : where |distance| is largest at the largest size
    orders : p of |distance| ~ N^−p at that time between every size and the one before, (n − 1,); nan where a distance
        does not stand out of its error
    order : p extrapolated to large N; nan where fewer than four sizes stand out
    order_error : its error
    """

    claim: str
    quantity: str
    sizes: tuple[int, ...]
    times: np.ndarray
    distance: np.ndarray
    error: np.ndarray
    uncertainty: np.ndarray
    verdicts: tuple[Verdict, ...]
    time: float
    orders: np.ndarray
    order: float
    order_error: float

    @property
    def status(self) -> str:
        """The worst verdict of all sizes."""
        return min((v.status for v in self.verdicts), key=_WORDS.index)

    @property
    def refuted(self) -> list[int]:
        """Sizes at which it is refuted."""
        return [N for N, v in zip(self.sizes, self.verdicts, strict=True) if v.status == "refuted"]

    @property
    def order_text(self) -> str:
        """N^-p, where p is known."""
        return power_text(self.order) if np.isfinite(self.order) and self.order_error < 0.1 else ""

    @property
    def course(self) -> str:
        """How the distance goes with N, as a sentence; empty where that is not known."""
        if not self.order_text:
            return ""
        falls = self.order > _LEVEL
        return f"|exact − claimed| falls as {self.order_text}." if falls else "|exact − claimed| does not fall with N."

    def at(self, time: float) -> tuple[np.ndarray, np.ndarray]:
        """Distances and error bars (n,) at the judged time next to `time`."""
        k = int(np.argmin(np.abs(self.times - time)))
        return self.distance[:, k], self.error[:, k]

    def __str__(self):
        places = [N for N, v in zip(self.sizes, self.verdicts, strict=True) if v.status == self.status]
        worst = max((v for v in self.verdicts if v.status == self.status), key=lambda v: v.gap)
        N = self.sizes[self.verdicts.index(worst)]
        to = f" to {worst.accuracy:.1e}" if self.status == "confirmed" else ""
        return (
            f"{self.claim}, {self.quantity}: {self.status}{to} at N = {', '.join(map(str, places))}. "
            f"N = {N}: exact {self.quantity}({worst.time:g}) = {with_error(worst.extrapolated, worst.error)}, claimed "
            f"{worst.claimed_text}. {self.course}"
        ).rstrip()


def judge_sizes(evidence: Evidence, name: str, said: Mapping[int, Claimed]) -> list[FiniteSizeVerdict]:
    """Verdicts on a theory at finite N, one for each of its quantities; `said` holds what it says by N, of all sizes or
    some."""
    if not said:
        return []
    rows = [list(evidence.sizes).index(N) for N in said]
    own = dataclasses.replace(evidence, sizes=list(said), exact=evidence.exact[rows], errors=evidence.errors[rows])
    claimed = list(said.values())
    return [_judge(own, name, q, claimed) for q in claimed[0].values]


def _judge(evidence: Evidence, name: str, quantity: str, said: Sequence[Claimed]) -> FiniteSizeVerdict:
    i = list(evidence.quantities).index(quantity)
    own = np.flatnonzero(np.all([np.isfinite(c.values[quantity]) for c in said], axis=0))
    times, exact, errors = evidence.times[own], evidence.exact[:, own, i], evidence.errors[:, own, i]
    claimed, off, open_to = (
        np.stack([getattr(c, field)[quantity][own] for c in said]) for field in ("values", "errors", "uncertainties")
    )
    advice = f"To decide, {lowering(evidence)}."
    verdicts = tuple(
        judge(
            name,
            quantity,
            times,
            exact[k],
            errors[k],
            claimed[k],
            evidence.accuracy,
            advice=advice,
            claimed_error=off[k],
            uncertainty=open_to[k],
        )
        for k in range(len(said))
    )
    distance = exact - claimed
    bars = error_bar(exact, errors, claimed, off)
    worst = int(np.argmax(np.abs(distance[-1])))
    noise = (bars + open_to)[:, worst]
    r = rate(evidence.sizes, distance[:, worst], 0.0, noise, evidence.power)
    return FiniteSizeVerdict(
        name,
        quantity,
        tuple(evidence.sizes),
        times,
        distance,
        bars,
        open_to,
        verdicts,
        float(times[worst]),
        _local_orders(evidence.sizes, np.abs(distance[:, worst]), noise),
        r.asymptotic,
        r.asymptotic_error,
    )


def power_text(order: float) -> str:
    """N^-p."""
    return f"N^{round(-order, 2) + 0.0:.2f}"


def _local_orders(sizes: Sequence[int], distance: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """p of distance ~ N^−p between neighbouring sizes."""
    logarithm = np.log(np.where(distance > 10 * noise, distance, np.nan))
    return -np.diff(logarithm) / np.diff(np.log(sizes))
