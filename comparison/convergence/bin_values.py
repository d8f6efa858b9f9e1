"""One member of a ladder of bins: a model of so many bins with its start and observables, and their values in time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from comparison.referee.claim import INTEGRATED
from comparison.study.exact_values import exact_errors
from finite_n.errors import FiniteNError, shown
from finite_n.model.bins import Bins
from finite_n.model.inputs import check_letters, read_observables
from finite_n.model.model import Model
from finite_n.model.operators import is_function
from finite_n.model.validation import call_given
from finite_n.solvers.plan import EvolutionPlan, plan_evolution
from finite_n.states.initial_state import as_initial_state
from meanfield import Limit

_VAR = "var "  # before the label of an observable


class Ensemble:
    """Bins with their `model`, `start` and `observables`, {label: Polynomial}, from what a user wrote for any bins."""

    def __init__(self, bins: Bins, model: Callable, rho0, observables: Callable | None):
        wanted = "a function of Bins that returns a Model"
        self.model = call_given(model, "bins: model", wanted, bins)
        if not isinstance(self.model, Model):
            raise FiniteNError(f"bins: model gave {shown(self.model)}; give {wanted}.")
        wanted = "a function of Bins that returns a dict of states"
        start = call_given(rho0, "bins: rho0", wanted, bins) if is_function(rho0) else bins.start(rho0)
        self.start = as_initial_state(start, self.model)
        given = {"x": bins.mx, "y": bins.my, "z": bins.mz} if observables is None else None
        if given is None:
            wanted = "a function of Bins that returns a dict of polynomials"
            given = call_given(observables, "bins: observables", wanted, bins)
            if not isinstance(given, Mapping) or not given:
                raise FiniteNError(f"bins: observables gave {shown(given)}; give {wanted}.")
        self.observables = dict(zip(*read_observables(given, self.model), strict=True))
        for label, p in self.observables.items():
            check_letters(p, self.model, f"observable {label}")
            if p.non_hermitian_part().words:
                raise FiniteNError(f"observable {label} = {shown(p)}: not Hermitian; symmetrise it.")

    def labels(self, fluctuations: bool) -> list[str]:
        """Of all quantities."""
        return [*self.observables, *(_VAR + label for label in self.observables if fluctuations)]


class LimitValues:
    """Mean field, and the variances of Gaussian fluctuations where asked for."""

    def __init__(self, fluctuations: bool):
        self.fluctuations = fluctuations

    def of(self, ensemble: Ensemble, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values (Q, T) and the numerical error of each, (Q,)."""
        limit, letters = Limit(ensemble.model), ensemble.model.space.letters
        if self.fluctuations:
            result = limit.evolve(ensemble.start, times)
            means, covariance = result.means, result.covariance
        else:
            means, covariance = limit.means(ensemble.start, times), None
        points = [dict(zip(letters, m, strict=True)) for m in means]
        values = [[p.value(m).real for m in points] for p in ensemble.observables.values()]
        if covariance is not None:
            scale = ensemble.model.space.scale
            for p in ensemble.observables.values():
                partials = p.partials(letters)
                slopes = np.array([[q.value(m).real for q in partials] for m in points]) / scale
                values.append(np.einsum("ta,tab,tb->t", slopes, covariance, slopes))
        values = np.array(values)
        return values, INTEGRATED * np.maximum(1.0, np.abs(values).max(axis=1))


class ExactValues:
    """Exact numbers at N."""

    def __init__(self, N: int, fluctuations: bool, tol: float):
        self.N, self.fluctuations, self.tol = N, fluctuations, tol

    def plan(self, ensemble: Ensemble, times: np.ndarray) -> EvolutionPlan:
        """What it takes; refused where it does not fit into memory."""
        e_ops = dict(ensemble.observables)
        if self.fluctuations:
            e_ops |= {_VAR + label: p * p for label, p in ensemble.observables.items()}
        return plan_evolution(ensemble.model, self.N, ensemble.start, times, e_ops, tol=self.tol)

    def of(self, ensemble: Ensemble, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values (Q, T) and the numerical error of each, (Q,)."""
        result = self.plan(ensemble, times).run()
        errors, data = exact_errors(result, self.tol), {label: x.real for label, x in result.e_data.items()}
        values = [data[label] for label in ensemble.observables]
        floor = [errors[label] for label in ensemble.observables]
        if self.fluctuations:
            for label in ensemble.observables:
                mean, square = data[label], data[_VAR + label]
                values.append(self.N * (square - mean**2))
                floor.append(self.N * (errors[_VAR + label] + 2 * np.abs(mean).max() * errors[label]))
        return np.array(values), np.array(floor)
