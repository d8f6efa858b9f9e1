"""meanfield: the N → ∞ limits of a finite_n model: averages, Gaussian fluctuations, fixed points, limit cycles, phase diagrams."""

from meanfield.bifurcations import Bifurcation
from meanfield.continuation import Branch, branches, continue_branch
from meanfield.fixed_points import FixedPoint, fixed_points
from meanfield.limit import Coefficient, Limit, LimitResult
from meanfield.limit_cycles import Attractor, LimitCycle, attractor, attractors, limit_cycle
from meanfield.lines import Line, bifurcation_line, bifurcation_lines
from meanfield.phase_diagram import Cell, PhaseDiagram, phase_diagram

__all__ = [
    "Attractor",
    "Bifurcation",
    "Branch",
    "Cell",
    "Coefficient",
    "FixedPoint",
    "Limit",
    "LimitCycle",
    "LimitResult",
    "Line",
    "PhaseDiagram",
    "attractor",
    "attractors",
    "bifurcation_line",
    "bifurcation_lines",
    "branches",
    "continue_branch",
    "fixed_points",
    "limit_cycle",
    "phase_diagram",
]
