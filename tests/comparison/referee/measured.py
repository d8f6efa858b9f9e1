"""Random studies judged by the product itself: the truth as a claim, and limits with an error planted in them.

    measured(case("open", 3), [[10, 12, 14, 16]])

Every model is evolved once per size, whatever ladders contain it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from unittest import mock

import numpy as np

import comparison.ladder
from comparison import Claim, Study, StudyResult, derived_claim
from comparison.referee.claim import INTEGRATED
from comparison.referee.quantities import mean_names
from finite_n import FiniteNError
from meanfield import Limit
from tests.comparison.referee.random_studies import Case

ACCURACY = 1e-3  # at which verdicts count as decided
ERROR, MOVES = 0.01, 3e-3  # planted in one coefficient; it must move some quantity by this, relative to those above 1
_PLANTED, _TRIED = 2, 4  # limits with an error per study at most, and coefficients tried to find them
_NOTICEABLE = 1e-9  # smaller differences count as none: integrators and exact runs are no better

BAD_LADDERS = ([4, 6, 8, 10], [6, 10, 16, 24], [10, 12, 14, 16], [10, 12, 14, 16, 20, 24, 28, 32])
AUTO = "auto"
_FEWEST = 4

# sizes that take a second or so, of families whose states are large; of others all of BAD_LADDERS
_LARGEST = {
    "two species": 20,
    "three levels": 10,
    "Rydberg gas": 14,
    "open Dicke": 10,
    "displaced field": 10,
    "field of order one": 10,
}


@dataclasses.dataclass
class Tally:
    """What one ladder made of studies, or all of them together.

    refuted : "family, seed k, sizes: verdict" of every study in which the truth is refuted, derived or given by a user
    averages, covariances : verdicts on the truth that are decided at ACCURACY, and all
    until : the share of its time until which the truth is confirmed, for every verdict
    bars : error bar / true error of those that are decided, where the true error can be told from none
    planted, caught : wrong limits, and those refuted
    overtrusted : "family, seed k, sizes: verdict" where a wrong limit is confirmed to better than it is right
    failed : studies that could not be run to their last size, with the reason
    """

    studies: int = 0
    refuted: list[str] = dataclasses.field(default_factory=list)
    averages: list[bool] = dataclasses.field(default_factory=list)
    covariances: list[bool] = dataclasses.field(default_factory=list)
    until: list[float] = dataclasses.field(default_factory=list)
    bars: list[float] = dataclasses.field(default_factory=list)
    planted: int = 0
    caught: int = 0
    overtrusted: list[str] = dataclasses.field(default_factory=list)
    failed: list[str] = dataclasses.field(default_factory=list)
    seconds: float = 0.0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, f.name) + getattr(other, f.name) for f in dataclasses.fields(self)))


def ladder_for(study: Case, ladder: Sequence[int]) -> list[int]:
    """`ladder` with whole numbers of every species, shrunk to the largest size that takes a second."""
    step = math.lcm(*(Fraction(s.fraction).limit_denominator(100).denominator for s in study.model.species))
    shrink = min(1.0, _LARGEST.get(study.family, ladder[-1]) / ladder[-1])
    fewest = 3 * step if step == 1 else step
    sizes = {max(fewest, step * round(N * shrink / step)) for N in ladder}
    while len(sizes) < _FEWEST:
        sizes.add(min(set(range(min(sizes), max(sizes) + 2 * step, step)) - sizes))
    return sorted(sizes)


def measured(study: Case, ladders: Sequence, budget: str | float | None = None) -> dict[str, Tally]:
    """The verdicts of that study on every ladder, by the ladder as text."""
    claims, wrong = _claims(study)
    out = {}
    with _remembered_sizes():
        for ladder in ladders:
            if ladder != AUTO:
                out[str(ladder)] = _tally(study, {"sizes": ladder_for(study, ladder)}, claims, wrong)
    if AUTO in ladders:
        options = {"sizes": AUTO} | ({} if budget is None else {"budget": budget})
        out[AUTO] = _tally(study, options, claims, wrong)
    return out


@contextlib.contextmanager
def _remembered_sizes() -> Iterator[None]:
    """Every size is evolved once for all studies of one model, start and times."""
    kept, evolve = {}, comparison.ladder.evolve

    def remembered(model, N, *args, **options):
        if N not in kept:
            kept[N] = evolve(model, N, *args, **options)
        return kept[N]

    with mock.patch("comparison.ladder.evolve", remembered):
        yield


def _claims(study: Case) -> tuple[list[Claim], dict[str, dict[str, np.ndarray]]]:
    """The truth as a user's claim and limits with an error; of the latter also how far they are from the truth."""
    truth = derived_claim(study.model, study.rho0).values(study.times)
    claims, gaps = [_given("truth", truth)], {}
    path = np.stack([truth[q] for q in mean_names(study.model.space)], axis=1)
    coefficients = Limit(study.model).coefficients(path, floor=0.1)
    rng = np.random.default_rng(study.seed)
    for k in rng.permutation(len(coefficients))[:_TRIED]:
        values = derived_claim(study.model, study.rho0, None, {coefficients[k]: ERROR}).values(study.times)
        gap = {q: np.abs(values[q] - x) for q, x in truth.items()}
        if max(float(g.max()) / max(1.0, float(np.abs(truth[q]).max())) for q, g in gap.items()) > MOVES:
            name = f"1 % in {coefficients[k]}"
            claims.append(_given(name, values))
            gaps[name] = gap
        if len(gaps) == _PLANTED:
            break
    return claims, gaps


def _given(name: str, values: dict[str, np.ndarray]) -> Claim:
    return Claim(name, "", lambda times: values, INTEGRATED)


def _tally(study: Case, sizes: dict, claims: list[Claim], wrong: dict[str, dict[str, np.ndarray]]) -> Tally:
    started = time.perf_counter()
    try:
        result = Study(study.model, study.rho0, study.times, claims=claims, accuracy=ACCURACY, **sizes).run()
    except FiniteNError as error:
        return Tally(failed=[f"{study}: {error}"], seconds=time.perf_counter() - started)
    tally = _read(study, result, wrong)
    tally.failed = [f"{study}: {result.failure}"] if result.failure else []
    tally.seconds = time.perf_counter() - started
    return tally


def _read(study: Case, result: StudyResult, wrong: dict[str, dict[str, np.ndarray]]) -> Tally:
    tally, where = Tally(studies=1, planted=len(wrong)), f"{study}, N = {', '.join(map(str, result.sizes))}"
    refuted = [v for v in result.verdicts if v.claim in ("derived", "truth") and v.status == "refuted"]
    if refuted:
        tally.refuted.append(f"{where}: {max(refuted, key=lambda v: v.gap)}")
    tally.caught = sum(result.status(name) == "refuted" for name in wrong)
    settled = {v.quantity: v for v in result.verdicts if v.claim == "truth" and v.status in ("confirmed", "refuted")}
    names = dict(result.study.kinds)
    tally.averages = [q in settled for q in names["averages"]]
    tally.covariances = [q in settled for q in names["covariances"]]
    tally.bars = [v.error / v.gap for v in settled.values() if v.gap > _NOTICEABLE]
    last = study.times[-1]
    tally.until = [np.nan_to_num(v.until) / last for v in result.verdicts if v.claim == "truth"]
    for v in result.verdicts:
        if v.claim in wrong and v.quantity in wrong[v.claim] and v.status != "refuted" and v.until > 0:
            gap = float(wrong[v.claim][v.quantity][study.times <= v.until].max())
            if gap * (1 - 1e-6) - _NOTICEABLE > v.accuracy_until:
                tally.overtrusted.append(f"{where}: {v} It is off by {gap:.1e} until t = {v.until:g}.")
    return tally
