"""How much work the expansion in 1/N may take beside the limit itself, so that a Γ without an expansion is noticed
early."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from finite_n.errors import FiniteNError
from finite_n.model.amplitude import NoTaylorSeries
from finite_n.model.model import Model
from finite_n.states.initial_state import InitialState
from meanfield.limit.averages import jump_amplitudes, with_one
from meanfield.limit.limit import Limit

FEWEST, FACTOR = 2000, 10  # evaluations, and times those of the limit; smooth Γ, however steep, take one to three times
_NAMED = 3  # values of Δ in the error


def patient(rhs: Callable, model: Model, start: InitialState, times: np.ndarray) -> Callable:
    """rhs(t, y), whose y begins with the averages, until it is evaluated far more often than the limit needs in all.

    Where a derivative of Γ jumps that the limit does not see, as the third, the expansion sees it, and its integrator
    makes ever smaller steps towards that Δ. Then it raises NoTaylorSeries. Constant and polynomial Γ are left alone.
    """
    amplitudes = [a for part in model.parts for a in jump_amplitudes(part.model) if a.jump.amplitude.degree is None]
    if not amplitudes:
        return rhs
    count, limit, allowed = 0, np.inf, np.inf

    def counted(t, y):
        nonlocal count, limit, allowed
        count += 1
        if count == FEWEST:
            limit = _evaluations_of_limit(model, start, times)
            allowed = max(FEWEST, FACTOR * limit)
        if count > allowed:
            one = with_one(y[: model.space.size])
            at = list(dict.fromkeys(f"{float(a.r @ one):.4g}" for a in amplitudes))
            where = f"Δ = {at[0]}" if len(at) == 1 else f"one of Δ = {', '.join(at[:_NAMED])}"
            raise NoTaylorSeries(
                f"{count} evaluations reach t = {t:.6g} only, where the limit takes {limit} for all times, as where a "
                f"derivative of an amplitude Γ jumps near {where}; use a function that is analytic near the range of "
                "Δ, or the limit without its corrections."
            )
        return rhs(t, y)

    return counted


def _evaluations_of_limit(model: Model, start: InitialState, times: np.ndarray) -> float:
    """Evaluations of the limit, infinite where it cannot be integrated."""
    try:
        return Limit(model).evolve(start, times).stats["evaluations"]
    except FiniteNError:
        return np.inf
