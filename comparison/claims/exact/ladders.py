"""Limits N → ∞ of exact numbers, for claims about the limit: of studies, and of closed forms that hold at every N."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from comparison.referee.extrapolation import FEWEST, ROUNDING, extrapolate
from comparison.study.study import Study
from finite_n.errors import FiniteNError
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial

_LARGE = tuple(10**k for k in range(3, 8))
QUICK, LONG = 8.0, 60.0  # seconds for a ladder


def budget(quick: bool) -> float:
    """Seconds allowed for a ladder."""
    return QUICK if quick else LONG


def limits(
    model: Model,
    rho0,
    times: Sequence[float],
    quantities: Sequence[str],
    quick: bool,
    accuracy: float = 1e-6,
    e_ops: Mapping[str, Polynomial] | None = None,
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Limits of exact numbers at `times` and their errors, by quantity; infinite errors where there is no limit yet.

    Sizes are chosen until the derived limit is confirmed to `accuracy`, or until `quick` or long ladders have used
    their time.
    """
    study = Study(model, rho0, times, e_ops=e_ops, accuracy=accuracy, tol=accuracy / 1e3, budget=budget(quick))
    result = study.run()
    if len(result.sizes) < FEWEST:
        raise FiniteNError(f"too few sizes in {budget(quick):g} s: {result.growth} {result.failure}")
    found = result.extrapolation
    at = {q: study.quantities.index(q) for q in quantities}
    return {q: found.value[:, i] for q, i in at.items()}, {q: found.error[:, i] for q, i in at.items()}


def of_sizes(
    value: Callable[[int], np.ndarray], sizes: Sequence[int], errors: Sequence[float] | float, power: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """N → ∞ of numbers that are known at `sizes`, in powers N^−power, and its error.

    errors : bounds of the numbers at every size, or one for all
    """
    values = np.array([value(N) for N in sizes])
    bounds = np.broadcast_to(errors, len(sizes)).reshape(-1, *[1] * (values.ndim - 1))
    if not np.iscomplexobj(values):
        found = extrapolate(sizes, values, bounds, power)
        return found.value, found.error
    parts = [extrapolate(sizes, part, bounds, power) for part in (values.real, values.imag)]
    return parts[0].value + 1j * parts[1].value, parts[0].error + parts[1].error


def of_closed_form(
    value: Callable[[int], np.ndarray], power: float = 0.5, sizes: Sequence[int] = _LARGE
) -> tuple[np.ndarray, np.ndarray]:
    """N → ∞ of a closed form that holds at every N, such as the number of one particle to the power N, which loses N
    times the rounding of that number."""
    return of_sizes(value, sizes, ROUNDING * np.asarray(sizes, float), power)
