"""comparison: exact numbers at finite N against claimed limits, with error bars and verdicts.

Every public name is imported when it is first used, so that a command loads no more than it needs. Type
checkers and editors read `__init__.pyi`.
"""

import importlib

import comparison.starting  # noqa: F401 (before what takes seconds)

_NAMES = {  # by the file that defines them, in the order of the way from a claim to a report
    # claims, extrapolation, verdicts
    "comparison.referee.claim": ["Claim", "derived_claim"],
    "comparison.referee.extrapolation": ["Extrapolation", "Rate", "extrapolate", "rate"],
    "comparison.referee.verdict": ["Verdict", "judge"],
    "comparison.referee.finite_size": ["FiniteSizeVerdict"],
    "comparison.referee.fluctuation": ["Fluctuation"],
    "comparison.referee.state_function": ["StateFunction"],
    "comparison.referee.prediction": ["Prediction"],
    "comparison.referee.theories": ["theories"],
    # studies
    "comparison.study.study": ["Study"],
    "comparison.study.result": ["StudyResult"],
    "comparison.study.points": ["StudyPoints"],
    "comparison.point_store.store": ["PointStore"],
    "comparison.study.theories": ["TheoryErrors", "theory_errors", "theory_table"],
    "comparison.study.planted_errors": ["PowerRow", "power_test"],
    "comparison.report.files": ["write"],
    "comparison.report.headlines": ["headlines"],
    "comparison.report.pages": ["html_report"],
    "comparison.study.saved": ["SavedStudy", "read_saved"],
    "comparison.study_file.build": ["build", "load"],
    "comparison.study_file.claim_tables": ["claim_from_csv"],
    # over grids of parameters
    "comparison.sweep.sweep": ["Sweep"],
    "comparison.sweep.result": ["SweepResult", "SweepRow"],
    # formulas of one's own, judged like those of the papers
    "comparison.claims.own": ["formula_claim"],
    "comparison.claims.paper_claim": ["Decision"],
    "comparison.claims.decisions": ["decide", "decision_table"],
    # other questions over a ladder of sizes
    "comparison.convergence.spectrum": ["SpectrumComparison", "compare_spectrum"],
    "comparison.convergence.mean_field_sums": ["mean_field_sums"],
    "comparison.convergence.reduced_states": ["LocalStates", "compare_local_states"],
    "comparison.convergence.fluctuations": ["Fluctuations", "compare_fluctuations"],
    "comparison.convergence.correlations": ["Correlations", "compare_correlations"],
    "comparison.convergence.theorem_1": ["TheoremBound", "mean_field_error", "theorem_bound"],
    "comparison.convergence.theorem_1_constants": ["BoundConstants", "bound_constants"],
    "comparison.convergence.fraction_ladder": ["FractionLadder", "fraction_ladder"],
    "comparison.convergence.departure": ["Departure", "departure_times"],
    "comparison.convergence.growth": ["Growth", "fit_growth"],
    "comparison.convergence.horizon": ["Horizon", "horizon"],
    "comparison.convergence.bin_report": ["BinConvergence"],
    "comparison.convergence.bins": ["bin_convergence"],
}
_FILES = {name: file for file, names in _NAMES.items() for name in names}

__all__ = sorted(_FILES)


def __getattr__(name: str):
    if name not in _FILES:
        raise AttributeError(f"module 'comparison' has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_FILES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_FILES})
