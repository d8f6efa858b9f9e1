"""meanfield: the N → ∞ limits of a model: averages, Gaussian fluctuations, local operators, fixed points, cycles, phase
diagrams."""

from meanfield.bifurcations.branches import Branch, branches, continue_branch
from meanfield.bifurcations.codim2 import Line, bifurcation_line, bifurcation_lines
from meanfield.bifurcations.fixed_length import FixedLength
from meanfield.bifurcations.fixed_points import FixedPoint, fixed_points
from meanfield.bifurcations.normal_forms import Bifurcation
from meanfield.bifurcations.periodic_orbits import Attractor, LimitCycle, attractor, attractors, limit_cycle
from meanfield.bifurcations.phase_diagram import Cell, PhaseDiagram, phase_diagram
from meanfield.gaussian.canonical_modes import Separation, canonical_modes
from meanfield.gaussian.states import (
    canonical_form,
    entropy,
    partial_transpose,
    purity,
    symplectic_eigenvalues,
    uncertainty_margin,
)
from meanfield.gaussian.two_modes import (
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
from meanfield.limit.limit import Coefficient, Limit
from meanfield.limit.result import LimitResult
from meanfield.particles.local_dynamics import LocalDynamics, LocalGenerator, LocalMap, local_dynamics

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
