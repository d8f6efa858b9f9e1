"""comparison: studies over N, extrapolation, rates, verdicts on claimed limits, power, reports, reduced states, error
bounds."""

import comparison.starting  # noqa: F401 (before what takes seconds)
from comparison.convergence.departure import Departure, departure_times
from comparison.convergence.fraction_ladder import FractionLadder, fraction_ladder
from comparison.convergence.reduced_states import LocalStates, compare_local_states
from comparison.convergence.spectrum import SpectrumComparison, compare_spectrum, mean_field_sums
from comparison.convergence.theorem_1 import (
    BoundConstants,
    TheoremBound,
    bound_constants,
    mean_field_error,
    theorem_bound,
)
from comparison.referee.claim import Claim, derived_claim
from comparison.referee.extrapolation import Extrapolation, Rate, extrapolate, rate
from comparison.referee.verdict import Verdict, judge
from comparison.study.planted_errors import PowerRow, power_test
from comparison.study.report import write
from comparison.study.study import Study, StudyResult
from comparison.study_file.build import build, load

__all__ = [
    "BoundConstants",
    "Claim",
    "Departure",
    "Extrapolation",
    "FractionLadder",
    "LocalStates",
    "PowerRow",
    "Rate",
    "SpectrumComparison",
    "Study",
    "StudyResult",
    "TheoremBound",
    "Verdict",
    "bound_constants",
    "build",
    "compare_local_states",
    "compare_spectrum",
    "departure_times",
    "derived_claim",
    "extrapolate",
    "fraction_ladder",
    "judge",
    "load",
    "mean_field_error",
    "mean_field_sums",
    "power_test",
    "rate",
    "theorem_bound",
    "write",
]
