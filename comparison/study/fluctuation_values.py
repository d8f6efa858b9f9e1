"""Fluctuations beyond their covariance of an exact result: values of the quantities of a study, with bounds of their
errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from comparison.referee.fluctuation import CUMULANTS, DISTANCE, Direction, owner_of
from finite_n.solvers.result import Result

_STEEPEST = 0.4  # slope of Φ at most

Found = dict[str, tuple[np.ndarray, np.ndarray]]  # values and errors by name of the quantity, (T,) each


def fluctuation_values(
    result: Result, directions: Sequence[Direction], derived: Mapping[str, np.ndarray] | None = None
) -> Found:
    """Values and errors (T,) of all quantities of these fluctuations but products, of a result that has kept its
    states.

    derived : variances (T,) of the derived limit by name, needed for distances
    """
    out: Found = {}
    for d in directions:
        if not d.between:
            out |= _values(result, d, None if derived is None else derived[d.name])
    return out


def product_values(directions: Sequence[Direction], product: Callable[[np.ndarray], tuple[np.ndarray, float]]) -> Found:
    """The same of products; product : function of (r_1, r, r_2) that gives values (T,) and their error."""
    out: Found = {}
    for d in directions:
        if d.between:
            values, error = product(d.product)
            out |= {q: (x, np.full(len(x), error)) for q, x in d.product_named(values).items()}
    return out


def _values(result: Result, d: Direction, variance: np.ndarray | None) -> Found:
    r, space, name = np.array(d.r), result.space, d.name
    ones = np.ones(len(result.times))
    state, third, fourth, moved = _errors(result, r)
    owner = owner_of(r, space)
    if owner is None:
        chi = result.characteristic(r)
    else:
        own = result.distribution(r[space.part(owner)], owner)
        chi = own.characteristic(1.0)
    found = {f"re_chi_{name}": (chi.real, (state + moved) * ones), f"im_chi_{name}": (chi.imag, (state + moved) * ones)}
    if CUMULANTS in d.asked:
        found[f"kappa3_{name}"] = own.cumulant(3), third * ones
        found[f"kappa4_{name}"] = own.cumulant(4), fourth * ones
    if DISTANCE in d.asked:
        width = np.sqrt(np.maximum(variance, 1e-300))
        error = np.minimum(state + _STEEPEST * moved / width, 1.0)
        found[f"distance_{name}"] = own.distance_from_normal(variance), error
    return {q: found[q] for q in d.quantities}


def _errors(result: Result, r: np.ndarray) -> tuple[float, float, float, float]:
    """Bounds of the errors of χ, κ_3 and κ_4: those of the state in trace norm times the largest |r·F|^k; and |r·δ⟨F⟩|,
    by which averages that are off move F."""
    budget, scale = result.budget, result.space.scale * np.sqrt(result.N)
    length = float(np.abs(scale * r).sum())
    state = budget.state_error
    return state, 3 * state * (2 * length) ** 3, 4 * state * (2 * length) ** 4, length * budget.moment_error
