"""meanfield: the N → ∞ limits of a finite_n model: averages, Gaussian fluctuations, fixed points, local operators."""

from meanfield.fixed_points import FixedPoint, fixed_points
from meanfield.limit import Coefficient, Limit, LimitResult
from meanfield.local_operators import LocalDynamics, LocalGenerator, local_dynamics

__all__ = [
    "Coefficient",
    "FixedPoint",
    "Limit",
    "LimitResult",
    "LocalDynamics",
    "LocalGenerator",
    "fixed_points",
    "local_dynamics",
]
