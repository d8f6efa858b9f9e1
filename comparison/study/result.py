"""What a study has found: exact results by size, the limit of the exact numbers, and verdicts on claims."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from comparison.growth import Growth
from comparison.referee.claim import Claim
from comparison.referee.claimed import Claimed, check_same, read_values
from comparison.referee.extrapolation import FEWEST, Extrapolation
from comparison.referee.finite_size import FiniteSizeVerdict, judge_sizes
from comparison.referee.judging import Evidence, judge_limit
from comparison.referee.prediction import Prediction, check_target, predict
from comparison.referee.slopes import fitted_slopes
from comparison.referee.verdict import Verdict
from comparison.referee.witnesses import limit_by_terms, witnessed_limit
from comparison.study.dataset import dataset_of
from comparison.study.exact_values import exact_errors, exact_values
from comparison.study.fluctuation_values import Found
from finite_n.errors import FiniteNError, shown
from finite_n.model.validation import check_kind
from finite_n.solvers.result import Result

if TYPE_CHECKING:
    from comparison.study.points import StudyPoints
    from comparison.study.study import Study


@dataclasses.dataclass(repr=False)
class StudyResult:
    """Exact results by size, limits, extrapolations and verdicts.

    study : Study
    results : list of Result, one for every size that is done
    limits : values of every claim, {claim: {quantity: (T,)}}
    interrupted : True if it was ended by a signal before its last size
    seconds : wall time of the run
    failure : the error that ended it before its last size, in a sentence; empty if there was none
    growth : how sizes were chosen and why there are no more; None if they were given
    readings : values and errors of fluctuations beyond their covariance and of functions of the state, {N: {quantity:
        (values, errors)}}, of a study that has some
    points : where sizes were found or stored, None without a store of points
    """

    study: Study
    results: list[Result]
    limits: dict[str, dict[str, np.ndarray]]
    interrupted: bool
    seconds: float
    failure: str = ""
    growth: Growth | None = None
    readings: Mapping[int, Found] = dataclasses.field(default_factory=dict)
    points: StudyPoints | None = None

    def __post_init__(self):
        study = self.study
        quantities, names, times = study.quantities, dict(study.kinds), len(study.times)
        rows, errors = [], []
        means = study.limit_means if names["first moments"] else None
        for r in self.results:
            data, error = exact_values(r, means), exact_errors(r, study.tol)
            for q, (x, e) in self.readings.get(r.N, {}).items():
                data[q], error[q] = x, np.maximum(e, study.tol)
            rows.append(np.stack([data[q] for q in quantities], axis=1))
            errors.append(np.stack([np.broadcast_to(error[q], times) for q in quantities], axis=1))
        shape = (len(self.results), times, len(quantities))
        self.exact, self.errors = (np.array(x).reshape(shape) for x in (rows, errors))  # (N, time, quantity)

    @functools.cached_property
    def claims(self) -> list[Claim]:
        """All claims, the derived limit first."""
        return self.study.all_claims

    @property
    def sizes(self) -> list[int]:
        """Sizes that were run."""
        return [r.N for r in self.results]

    @functools.cached_property
    def extrapolation(self) -> Extrapolation:
        """N → ∞ of every quantity at every time, arrays (time, quantity): by the exact numbers and the expansion that
        is derived from the model, with a cumulant expansion where that leaves too wide an error, or by the exact
        numbers alone where there is none."""
        study, expansion = self.study, self.study.expansion.coefficients
        arrays = (self.sizes, self.exact, self.errors)
        found = limit_by_terms(*arrays, expansion, study.power, study.powers)
        if expansion is None or np.all(found.error <= study.accuracy):
            return found
        closed = study.closed(self.sizes)
        return found if closed is None else witnessed_limit(*arrays, expansion, study.power, study.powers, closed)

    @functools.cached_property
    def slopes(self) -> tuple[np.ndarray, np.ndarray]:
        """The coefficient of the first power of 1/N that the exact numbers have by themselves, and its error, (time,
        quantity)."""
        return fitted_slopes(self.sizes, self.exact, self.errors, self.study.power, self.study.powers)

    @functools.cached_property
    def evidence(self) -> Evidence:
        """What claims are judged by."""
        return self._evidence(self.extrapolation if len(self.results) >= FEWEST else None)

    def _evidence(self, limit: Extrapolation | None) -> Evidence:
        study = self.study
        arrays = (study.times, study.quantities, self.exact, self.errors)
        coefficients = study.expansion.coefficients if len(self.results) >= FEWEST else None
        return Evidence(self.sizes, *arrays, limit, study.accuracy, study.power, coefficients, study.powers)

    def predict(self, N: int) -> Prediction:
        """Every quantity at every time at N particles, with an error, though N was not run; see
        `comparison.referee.prediction`.

        N : from the smallest size on, such that every species has a whole number of particles

        The error is infinite where the ladder is not in the range of the expansion in 1/N. Raises FiniteNError where
        nothing can be said: an N below the ladder, or fewer than four sizes.
        """
        self.study.space.sizes(check_target(N, self.sizes))
        return predict(self._evidence(None), N)

    def judge_values(self, name: str, values: Mapping[str, np.ndarray]) -> list[Verdict]:
        """Verdicts on any claimed limit, values {quantity: (T,)} under a name, integrated as the derived one is."""
        study, count = self.study, len(self.study.times)
        values = read_values(check_kind(name, "claim: name", str), values, study.quantities, count)
        errors = {q: self.claims[0].integration_error(x) for q, x in values.items()}
        said = Claimed(values, errors, dict.fromkeys(values, np.zeros(count)))
        return judge_limit(self.evidence, name, study.implied.of(said, study.said(study.derived).values))

    def judge(self, claim: Claim) -> list[Verdict] | list[FiniteSizeVerdict]:
        """Verdicts on any claim at those of its times that were evolved: one for each quantity, a `Verdict` on a limit,
        a `FiniteSizeVerdict` on a theory at finite N. A limit has none with fewer than four sizes."""
        if claim.per_size:
            said = {N: self.study.said(claim, N) for N in claim.among(self.sizes)}
            check_same(claim, said)
            return judge_sizes(self.evidence, claim.name, said)
        return judge_limit(self.evidence, claim.name, self.study.said(claim))

    @functools.cached_property
    def verdicts(self) -> list[Verdict]:
        """One verdict for every claimed limit and each of its quantities; none with fewer than four sizes."""
        return [v for c in self.claims if not c.per_size for v in self.judge(c)]

    @functools.cached_property
    def finite_sizes(self) -> list[FiniteSizeVerdict]:
        """One verdict for every theory at finite N and each of its quantities."""
        return [v for c in self.claims if c.per_size for v in self.judge(c)]

    @property
    def settled(self) -> bool:
        """Whether every verdict on every claimed limit is "confirmed" or "refuted", or undecided since the claim itself
        is too vague, so that no larger size is needed. Theories at finite N do not count: larger sizes do not change
        what is said at others."""
        return bool(self.verdicts) and all(v.status != "undecided" or v.too_vague for v in self.verdicts)

    @property
    def is_complete(self) -> bool:
        """Whether all sizes that were given are done, or as many as the ladder chose."""
        if self.study.is_auto:
            return not self.interrupted and not self.failure
        return len(self.results) == len(self.study.sizes)

    def status(self, claim: str) -> str:
        """The worst verdict of a claim: refuted, else undecided, else confirmed."""
        names = [c.name for c in self.claims]
        if not isinstance(claim, str) or claim not in names:
            raise FiniteNError(f"claim {shown(claim)}: this study judges {', '.join(names)}.")
        found = {v.status for v in [*self.verdicts, *self.finite_sizes] if v.claim == claim}
        return next((s for s in ("refuted", "undecided") if s in found), "confirmed" if found else "undecided")

    @functools.cached_property
    def digest(self) -> str:
        """Hash of all numbers and of what they belong to, which every written file carries."""
        return self.dataset.attrs["digest"]

    @property
    def dataset(self) -> xr.Dataset:
        """Exact values with errors (N, time, quantity), limits (claim, time, quantity), extrapolation, provenance,
        digest."""
        return dataset_of(self)

    def __repr__(self):
        ended = ", interrupted" if self.interrupted else f", ended by {self.failure}" if self.failure else ""
        count = len(self.verdicts) + len(self.finite_sizes)
        return f"StudyResult({self.study.name}, N = {self.sizes}, {count} verdicts{ended})"
