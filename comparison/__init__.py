"""comparison: studies over N, extrapolation, rates, verdicts on claimed limits, power, reports."""

from comparison.claim import Claim, derived_claim
from comparison.extrapolation import Extrapolation, Rate, extrapolate, rate
from comparison.power import PowerRow, power_test
from comparison.report import write
from comparison.specification import build, load
from comparison.spectrum import SpectrumComparison, compare_spectrum, mean_field_sums
from comparison.study import Study, StudyResult
from comparison.verdict import Verdict, judge

__all__ = [
    "Claim",
    "Extrapolation",
    "PowerRow",
    "Rate",
    "SpectrumComparison",
    "Study",
    "StudyResult",
    "Verdict",
    "build",
    "compare_spectrum",
    "derived_claim",
    "extrapolate",
    "judge",
    "load",
    "mean_field_sums",
    "power_test",
    "rate",
    "write",
]
