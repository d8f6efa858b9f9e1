"""meanfield: the N → ∞ limits of a finite_n model: averages, Gaussian fluctuations, fixed points, local operators."""

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
from meanfield.limit_result import LimitResult
from meanfield.local_operators import LocalDynamics, LocalGenerator, local_dynamics
from meanfield.normal_form import Separation, canonical_modes
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
    "Coefficient",
    "FixedPoint",
    "Invariants",
    "Limit",
    "LimitResult",
    "LocalDynamics",
    "LocalGenerator",
    "Separation",
    "StandardForm",
    "canonical_form",
    "canonical_modes",
    "classical_correlations",
    "discord",
    "entropy",
    "fixed_points",
    "invariants",
    "local_dynamics",
    "log_negativity",
    "mutual_information",
    "partial_transpose",
    "purity",
    "standard_form",
    "symplectic_eigenvalues",
    "two_mode_covariance",
    "uncertainty_margin",
]
