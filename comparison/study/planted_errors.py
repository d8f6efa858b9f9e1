"""The referee's own power: plant an error in every coefficient of the limit and see whether it is refuted."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from comparison.referee.claim import derived_claim
from comparison.referee.claimed import Claimed
from comparison.referee.quantities import mean_names
from comparison.referee.table import Table
from comparison.referee.verdict import REFUTE, error_bar, size_of
from comparison.study.result import StudyResult
from finite_n.errors import FiniteNError
from finite_n.model.model import Model
from finite_n.model.validation import check_kind, check_number
from meanfield import Coefficient, Limit

_LARGEST = 10.0  # relative error that may be planted


@dataclasses.dataclass(frozen=True)
class PowerRow:
    """One coefficient of the limit, and whether the referee sees an error in it.

    coefficient : Coefficient
    planted : relative error put into it
    refuted : whether the limit with that error is refuted
    shift : largest change of any quantity under it, in units of max(1, its size): how much the coefficient matters
    smallest : the smallest error that would be refuted: from the linear response, the one whose shift exceeds
        gap + 5 error bars somewhere, and the accuracy asked for
    """

    coefficient: Coefficient
    planted: float
    refuted: bool
    shift: float
    smallest: float


def power_test(result: StudyResult, planted: float = 0.01) -> list[PowerRow]:
    """Plant a relative error in each coefficient of drift and 𝒟 in turn; rows with the strongest effect first.

    Parameters
    ----------
    result : StudyResult with four sizes or more
    planted : relative error, not 0. Default 0.01.
    """
    check_kind(result, "power test: result", StudyResult)
    if check_number(planted, "power test: planted", -_LARGEST, _LARGEST) == 0:
        raise FiniteNError("power test: planted = 0; give a relative error other than 0, such as 0.01.")
    study = result.study
    check_kind(study.model, "power test: model of the study", Model, "a study of a finite_n.Model")
    truth = result.limits["derived"]
    extrapolation = result.extrapolation
    path = np.stack([truth[q] for q in mean_names(study.space)], axis=1)
    true_values = np.stack([truth[q] for q in study.quantities], axis=1)
    scale = np.array([size_of(v, e) for v, e in zip(extrapolation.value.T, extrapolation.error.T, strict=True)])
    bar = error_bar(
        extrapolation.value, extrapolation.error, true_values, result.claims[0].integration_error(true_values)
    )
    beyond = np.maximum(REFUTE * bar, study.accuracy * scale - bar)  # what lies within the accuracy is not refuted
    needed = np.abs(extrapolation.value - true_values) + beyond
    rows = []
    for c in Limit(study.model).coefficients(path, times=study.times):
        values = derived_claim(study.model, study.rho0, study.e_ops, {c: planted}).values(study.times)
        verdicts = result.judge_values("planted", values)
        alone = Claimed(values, *[dict.fromkeys(values, np.zeros(len(path)))] * 2)
        values = study.implied.of(alone, truth).values
        values = truth | values  # of products of Weyl operators the truth alone is known
        change = np.abs(np.stack([values[q] for q in study.quantities], axis=1) - true_values)
        change = np.nan_to_num(change)  # functions of covariances that are those of no state
        with np.errstate(divide="ignore"):
            smallest = float((planted * needed / change).min())
        refuted = any(v.status == "refuted" for v in verdicts)
        rows.append(PowerRow(c, planted, refuted, float((change / scale).max()), smallest))
    return sorted(rows, key=lambda r: -r.shift)


def power_rows(rows: Sequence[PowerRow]) -> Table:
    """A row of cells for every coefficient."""
    out = [["coefficient", "planted", "shift", "verdict", "smallest error refuted"]]
    for r in rows:
        word = "refuted" if r.refuted else "not refuted"
        smallest = f"{r.smallest:.1e}" if r.smallest < 1e3 else "none"
        out.append([str(r.coefficient), f"{r.planted:.1e}", f"{r.shift:.1e}", word, smallest])
    return Table(out)


def power_table(rows: Sequence[PowerRow]) -> str:
    """The same as text."""
    return power_rows(rows).text
