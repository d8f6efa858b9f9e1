# The public names of comparison for type checkers and editors; `__init__.py` imports them when they are used.
# ruff: noqa: I001 (in the order of the way from a claim to a report)

# claims, extrapolation, verdicts
from comparison.referee.claim import Claim as Claim, derived_claim as derived_claim
from comparison.referee.extrapolation import Extrapolation as Extrapolation, Rate as Rate, extrapolate as extrapolate
from comparison.referee.extrapolation import rate as rate
from comparison.referee.verdict import Verdict as Verdict, judge as judge
from comparison.referee.finite_size import FiniteSizeVerdict as FiniteSizeVerdict
from comparison.referee.fluctuation import Fluctuation as Fluctuation
from comparison.referee.state_function import StateFunction as StateFunction
from comparison.referee.prediction import Prediction as Prediction
from comparison.referee.theories import theories as theories

# studies
from comparison.study.study import Study as Study
from comparison.study.result import StudyResult as StudyResult
from comparison.study.points import StudyPoints as StudyPoints
from comparison.point_store.store import PointStore as PointStore
from comparison.study.theories import TheoryErrors as TheoryErrors, theory_errors as theory_errors
from comparison.study.theories import theory_table as theory_table
from comparison.study.planted_errors import PowerRow as PowerRow, power_test as power_test
from comparison.report.files import write as write
from comparison.report.headlines import headlines as headlines
from comparison.report.pages import html_report as html_report
from comparison.study.saved import SavedStudy as SavedStudy, read_saved as read_saved
from comparison.study_file.build import build as build, load as load
from comparison.study_file.claim_tables import claim_from_csv as claim_from_csv

# over grids of parameters
from comparison.sweep.sweep import Sweep as Sweep
from comparison.sweep.result import SweepResult as SweepResult, SweepRow as SweepRow

# formulas of one's own, judged like those of the papers
from comparison.claims.own import formula_claim as formula_claim
from comparison.claims.paper_claim import Decision as Decision
from comparison.claims.decisions import decide as decide, decision_table as decision_table

# other questions over a ladder of sizes
from comparison.convergence.spectrum import SpectrumComparison as SpectrumComparison
from comparison.convergence.spectrum import compare_spectrum as compare_spectrum
from comparison.convergence.mean_field_sums import mean_field_sums as mean_field_sums
from comparison.convergence.correlations import Correlations as Correlations
from comparison.convergence.correlations import compare_correlations as compare_correlations
from comparison.convergence.fluctuations import Fluctuations as Fluctuations
from comparison.convergence.fluctuations import compare_fluctuations as compare_fluctuations
from comparison.convergence.reduced_states import LocalStates as LocalStates
from comparison.convergence.reduced_states import compare_local_states as compare_local_states
from comparison.convergence.theorem_1 import TheoremBound as TheoremBound, mean_field_error as mean_field_error
from comparison.convergence.theorem_1 import theorem_bound as theorem_bound
from comparison.convergence.theorem_1_constants import BoundConstants as BoundConstants
from comparison.convergence.theorem_1_constants import bound_constants as bound_constants
from comparison.convergence.fraction_ladder import FractionLadder as FractionLadder, fraction_ladder as fraction_ladder
from comparison.convergence.departure import Departure as Departure, departure_times as departure_times
from comparison.convergence.growth import Growth as Growth, fit_growth as fit_growth
from comparison.convergence.horizon import Horizon as Horizon, horizon as horizon
from comparison.convergence.bin_report import BinConvergence as BinConvergence
from comparison.convergence.bins import bin_convergence as bin_convergence
