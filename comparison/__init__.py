"""comparison: studies over N, extrapolation, rates, verdicts on claimed limits, power, reports, reduced states, error
bounds."""

import comparison.starting  # noqa: F401 (before what takes seconds)
from comparison.claim import Claim, derived_claim
from comparison.departure import Departure, departure_times
from comparison.extrapolation import Extrapolation, Rate, extrapolate, rate
from comparison.fraction_ladder import FractionLadder, fraction_ladder
from comparison.local_states import LocalStates, compare_local_states
from comparison.power import PowerRow, power_test
from comparison.report import write
from comparison.specification import build, load
from comparison.spectrum import SpectrumComparison, compare_spectrum, mean_field_sums
from comparison.study import Study, StudyResult
from comparison.theorem_bound import BoundConstants, TheoremBound, bound_constants, mean_field_error, theorem_bound
from comparison.verdict import Verdict, judge

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
