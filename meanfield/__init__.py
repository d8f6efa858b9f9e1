"""meanfield: the N → ∞ limits of a finite_n model: averages, Gaussian fluctuations, fixed points."""

from meanfield.fixed_points import FixedPoint, fixed_points
from meanfield.limit import Coefficient, Limit
from meanfield.limit_result import LimitResult

__all__ = ["Coefficient", "FixedPoint", "Limit", "LimitResult", "fixed_points"]
