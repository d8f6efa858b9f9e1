"""meanfield: the N → ∞ limits of a model: averages, Gaussian fluctuations, local operators, fixed points, cycles, phase
diagrams."""

from meanfield.bifurcations import Bifurcation
from meanfield.continuation import Branch, branches, continue_branch
from meanfield.fixed_length import FixedLength
from meanfield.fixed_points import FixedPoint, fixed_points
from meanfield.gaussian import (
    canonical_form,
    entropy,
    partial_transpose,
    purity,
    symplectic_eigenvalues,
    uncertainty_margin,
)
from meanfield.limit import Coefficient, Limit
from meanfield.limit_cycles import Attractor, LimitCycle, attractor, attractors, limit_cycle
from meanfield.limit_result import LimitResult
from meanfield.lines import Line, bifurcation_line, bifurcation_lines
from meanfield.local_operators import LocalDynamics, LocalGenerator, LocalMap, local_dynamics
from meanfield.normal_form import Separation, canonical_modes
from meanfield.phase_diagram import Cell, PhaseDiagram, phase_diagram
from meanfield.two_modes import (
    Invariants,
    StandardForm,
    classical_correlations,
    discord,
    invariants,
    log_negativity,
    mutual_information,
    standard_form,
    two_mode_covariance,
)

__all__ = [
    "Attractor",
    "Bifurcation",
    "Branch",
    "Cell",
    "Coefficient",
    "FixedLength",
    "FixedPoint",
    "Invariants",
    "Limit",
    "LimitCycle",
    "LimitResult",
    "Line",
    "LocalDynamics",
    "LocalGenerator",
    "LocalMap",
    "PhaseDiagram",
    "Separation",
    "StandardForm",
    "attractor",
    "attractors",
    "bifurcation_line",
    "bifurcation_lines",
    "branches",
    "canonical_form",
    "canonical_modes",
    "classical_correlations",
    "continue_branch",
    "discord",
    "entropy",
    "fixed_points",
    "invariants",
    "limit_cycle",
    "local_dynamics",
    "log_negativity",
    "mutual_information",
    "partial_transpose",
    "phase_diagram",
    "purity",
    "standard_form",
    "symplectic_eigenvalues",
    "two_mode_covariance",
    "uncertainty_margin",
]
