"""A claimed limit: named quantities as functions of time, to be judged by exact numbers."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np

from comparison.referee.quantities import named_quantities
from finite_n.errors import FiniteNError, shown
from finite_n.model.model import Model
from finite_n.model.validation import check_function, check_kind, check_number
from meanfield import Limit
from meanfield.limit.integrate import RTOL

# error of claimed values that an integrator gives: some hundred steps, each off by its tolerance
INTEGRATED = 100 * RTOL


@dataclasses.dataclass(frozen=True)
class Claim:
    """A limit that is claimed for some of a study's quantities.

    Parameters
    ----------
    name : short text, unique in a study
    source : text, such as paper and equation
    values : function of times (T,) → dict of arrays (T,) by quantity
        Quantities are averages and covariances of the model's letters (for one species of two levels mean_x … mean_z
        and cov_xx … cov_zz), first moments of its modes, and the labels of the study's own observables.
    error : of the values, relative to their size where that is above 1, as an integrator gives them. Default 0: exact
        but for rounding.
    """

    name: str
    source: str
    values: Callable[[np.ndarray], Mapping[str, np.ndarray]]
    error: float = 0.0

    def __post_init__(self):
        if not isinstance(self.name, str) or not self.name.strip():
            raise FiniteNError(f"claim: name = {shown(self.name)}; give a short text.")
        check_kind(self.source, f"claim {shown(self.name)}: source", str, "a text, such as paper and equation, or ''")
        check_function(
            self.values,
            f"claim {shown(self.name)}: values",
            "a function of times that returns a dict of arrays by quantity",
        )
        check_number(self.error, f"claim {self.name}: error", 0)

    def error_of(self, values: np.ndarray) -> np.ndarray:
        """Absolute errors of claimed values."""
        return self.error * np.maximum(1.0, np.abs(values))


def derived_claim(model: Model, rho0, e_ops=None, planted=None) -> Claim:
    """The limit that this package derives from the model.

    Parameters
    ----------
    model : Model
    rho0 : initial state with a limit
    e_ops : dict of Polynomial, further observables, optional
    planted : dict of relative errors by Coefficient, optional
    """

    def values(times):
        result = Limit(model, planted).evolve(rho0, times, e_ops)
        extra = {label: np.real(v) for label, v in result.e_data.items()}
        return named_quantities(result.means, result.covariance, model.space, result.first_moments) | extra

    source = "ṁ = f(m), Σ̇ = QΣ + ΣQᵀ + 𝒟 with Q = ∂f/∂m, from the model"
    return Claim("derived", source, values, INTEGRATED)
