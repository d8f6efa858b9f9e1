"""Exact results by the names of quantities: values at all times, and how far they may be off."""

from __future__ import annotations

import numpy as np

from comparison.referee.quantities import covariance_names, first_moment_names, mean_names, named_quantities
from finite_n.solvers.result import Result


def exact_values(result: Result, limit_means: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """{quantity: (T,)} of averages, covariances and observables, and of first moments of modes if the averages of the
    limit, (T, n), are given."""
    first = None if limit_means is None else np.sqrt(result.N) * (result.means - limit_means)
    values = named_quantities(result.means, result.covariance, result.space, first)
    return values | {label: v.real for label, v in result.e_data.items()}


def exact_errors(result: Result, tol: float) -> dict[str, float]:
    """{quantity: bound} from the error budget, never below the tolerance asked for: the promise of the run, whatever a
    second run happened to give."""
    space, b = result.space, result.budget
    error = dict.fromkeys(mean_names(space), b.moment_error)
    error |= dict.fromkeys(covariance_names(space), b.covariance_error(result.N))
    error |= dict.fromkeys(first_moment_names(space), np.sqrt(result.N) * b.moment_error)
    for label, p in zip(result.labels, result.polynomials, strict=True):
        error[label] = max(p.size * b.moment_error, b.observable_difference or 0.0)
    return {q: float(max(e, tol)) for q, e in error.items()}
