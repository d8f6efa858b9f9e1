"""Unstable limits: until when exact numbers follow a limit that grows without bound.

Where fluctuations grow as e^{γt}, second moments grow as e^{2γt} until they reach the size N of what mean field
neglects: exact numbers leave the limit at a time that grows as log N/(2γ).
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence

import numpy as np

from comparison.convergence.crossing import first_crossing
from comparison.ladder import Ladder
from finite_n.errors import FiniteNError
from finite_n.model.inputs import check_times
from finite_n.model.model import Model
from finite_n.model.validation import call_given, check_array, check_function, check_number
from finite_n.solvers.result import Result
from meanfield import Limit
from meanfield.bifurcations.vector_field import eigenvalues
from meanfield.limit.result import LimitResult


@dataclasses.dataclass(frozen=True)
class Departure:
    """Times at which exact values leave the limit by a relative `share`: nan if they do not before the last time.

    sizes : (n,)
    departure : times at which they leave, (n,)
    times : (T,)
    exact : the quantity at every size, (n, T)
    limit : the quantity in the limit, (T,)
    growth : γ, the largest real part of Q at the first time
    share : relative difference that counts as having left
    """

    sizes: np.ndarray
    departure: np.ndarray
    times: np.ndarray
    exact: np.ndarray
    limit: np.ndarray
    growth: float
    share: float

    @property
    def slope(self) -> float:
        """Of the departure time against log N, over the sizes that depart."""
        there = np.isfinite(self.departure)
        if there.sum() < 2:
            raise FiniteNError("departure: fewer than two sizes leave the limit in time; ask for later times.")
        return float(np.polyfit(np.log(self.sizes[there]), self.departure[there], 1)[0])

    def __repr__(self):
        rows = [f"{N:5d}  log N = {np.log(N):6.3f}  leaves by {self.share:.0%} at t = {t:.4f}" for N, t in
                zip(self.sizes, self.departure, strict=True)]  # fmt: skip
        return "\n".join([*rows, f"slope against log N {self.slope:.4f}; 1/(2γ) = {1 / (2 * self.growth):.4f}"])


def departure_times(
    model: Model,
    rho0,
    tlist: Sequence[float],
    sizes: Sequence[int],
    exact: Callable[[Result], np.ndarray],
    limit: Callable[[LimitResult], np.ndarray],
    share: float = 0.1,
    tol: float = 1e-7,
) -> Departure:
    """When exact(result) first differs from limit(limit_result) by `share` of the latter, for every size.

    Parameters
    ----------
    model, rho0, tlist : the limit is unstable there; times are spaced so that cubic interpolation is good
    sizes : numbers of particles
    exact, limit : the quantity compared, from a `Result` and from a `LimitResult`, shape (T,)
    share : relative difference that counts as having left
    tol : of the exact evolution. Default 1e-7.
    """
    times = check_times(tlist)
    ladder = Ladder(sizes)
    check_number(share, "departure: share", 0, 1, strict=True)
    for what, function in (("exact", exact), ("limit", limit)):
        check_function(function, f"departure: {what}", "a function of a result that returns a quantity at all times")
    claim = Limit(model)
    result = claim.evolve(rho0, times)
    reference = _values(limit, "limit", result)
    growth = float(eigenvalues(claim, result.means[0]).real.max())
    if not growth > 0:
        raise FiniteNError(
            f"departure: the limit is not unstable at the first time, its largest growth rate is {growth:.3g}."
        )
    read = functools.partial(_values, exact, "exact")
    values = np.array(ladder.evolve(model, rho0, times, tol=tol, check=False, read=read))
    leaves = np.array([_leaves(times, v, reference, share) for v in values])
    return Departure(np.array(ladder.sizes), leaves, times, values, reference, growth, share)


def _leaves(times: np.ndarray, values: np.ndarray, reference: np.ndarray, share: float) -> float:
    """When values first differ from the reference by `share` of it, after they did not; nan if they never do."""
    off = (values - reference) / np.maximum(np.abs(reference), 1e-300)
    inside = np.flatnonzero(np.abs(off) < share)
    if not inside.size or inside[0] == len(times) - 1:
        return np.nan
    time = first_crossing(times[inside[0] :], off[inside[0] :], share).time
    return time if np.isfinite(time) else np.nan


def _values(function: Callable, what: str, result) -> np.ndarray:
    """function(result), real numbers at all times."""
    given = call_given(
        function, f"departure: {what}", "a function of a result that returns a quantity at all times", result
    )
    return check_array(given, f"departure: what {what} returns", result.times.shape)
