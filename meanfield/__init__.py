"""meanfield: the N → ∞ limits of a model: averages, Gaussian fluctuations, local operators, fixed points, cycles, phase
diagrams."""

# isort: off

# the limit of a model: drift, noise, evolution of averages and fluctuations
from meanfield.limit.limit import Coefficient, Limit
from meanfield.limit.result import LimitResult
from meanfield.limit.fluctuation_map import FluctuationMap, fluctuation_map

# the next orders in 1/N
from meanfield.corrections.corrections import Corrections
from meanfield.corrections.result import Expansion

# averages and correlations at one finite N, closed at second to fourth order
from meanfield.cumulants.cumulants import Cumulants
from meanfield.cumulants.result import CumulantResult

# fluctuations as Gaussian states of canonical modes
from meanfield.gaussian.canonical_modes import CanonicalModes, canonical_modes
from meanfield.gaussian.states import (
    canonical_form,
    entropy,
    partial_transpose,
    purity,
    symplectic_eigenvalues,
    uncertainty_margin,
)
from meanfield.gaussian.fidelity import root_fidelity
from meanfield.gaussian.limit_functions import GaussianLimit

# two of these modes: their entanglement and correlations
from meanfield.gaussian.two_modes import Invariants, StandardForm, invariants, standard_form, two_mode_covariance
from meanfield.gaussian.entanglement import entanglement_witness, log_negativity
from meanfield.gaussian.correlations import classical_correlations, discord, mutual_information

# single particles in the field of the averages
from meanfield.particles.local_dynamics import LocalDynamics, LocalGenerator, LocalMap, local_dynamics

# fixed points and periodic orbits of the averages
from meanfield.bifurcations.fixed_length import FixedLength
from meanfield.bifurcations.fixed_points import FixedPoint, fixed_points
from meanfield.bifurcations.driven_orbits import PeriodicOrbit, periodic_orbit
from meanfield.bifurcations.periodic_orbits import Attractor, LimitCycle, attractor, attractors, limit_cycle

# how they change with one parameter, with two, and on a grid
from meanfield.bifurcations.normal_forms import Bifurcation
from meanfield.bifurcations.branches import Branch, branches, continue_branch
from meanfield.bifurcations.codim2 import BifurcationCurve, bifurcation_curve, bifurcation_curves
from meanfield.bifurcations.phase_diagram import Cell, PhaseDiagram, phase_diagram

__all__ = [
    "Attractor",
    "Bifurcation",
    "BifurcationCurve",
    "Branch",
    "CanonicalModes",
    "Cell",
    "Coefficient",
    "Corrections",
    "CumulantResult",
    "Cumulants",
    "Expansion",
    "FixedLength",
    "FixedPoint",
    "FluctuationMap",
    "GaussianLimit",
    "Invariants",
    "Limit",
    "LimitCycle",
    "LimitResult",
    "LocalDynamics",
    "LocalGenerator",
    "LocalMap",
    "PeriodicOrbit",
    "PhaseDiagram",
    "StandardForm",
    "attractor",
    "attractors",
    "bifurcation_curve",
    "bifurcation_curves",
    "branches",
    "canonical_form",
    "canonical_modes",
    "classical_correlations",
    "continue_branch",
    "discord",
    "entanglement_witness",
    "entropy",
    "fixed_points",
    "fluctuation_map",
    "invariants",
    "limit_cycle",
    "local_dynamics",
    "log_negativity",
    "mutual_information",
    "partial_transpose",
    "periodic_orbit",
    "phase_diagram",
    "purity",
    "root_fidelity",
    "standard_form",
    "symplectic_eigenvalues",
    "two_mode_covariance",
    "uncertainty_margin",
]
