"""How many bins an inhomogeneous ensemble needs: the same model with more and more of them, and until when they agree.

K bins in place of a distribution are K frequencies (couplings, rates) in place of a continuum. What they give is right
until their differences are resolved; then they rephase, at t = 2π/δω for neighbours δω apart, which a continuum never
does.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from comparison.convergence.bin_error import converged_until, remaining_error
from comparison.convergence.bin_frequencies import Frequencies, frequencies_of
from comparison.convergence.bin_report import BinConvergence
from comparison.convergence.bin_values import Ensemble, ExactValues, LimitValues
from finite_n.errors import FiniteNError, shown
from finite_n.memory import NoMemoryError
from finite_n.model.bins import MOST, Bins, binned
from finite_n.model.inputs import check_times
from finite_n.model.model import Model
from finite_n.model.validation import (
    check_choice,
    check_function,
    check_number,
    check_progress,
    check_size,
    check_switch,
    check_whole,
)
from meanfield import Limit

FEWEST = 3  # numbers of bins, for a rate
_LIMIT, _EXACT = (8, 13, 21, 34), (1, 2, 3)
_PER_TURN = 8  # times for every period of the largest difference of frequencies
_FEWEST_TIMES, _MOST, _MOST_COSTLY = 101, 4000, 1000  # times; fewer of exact numbers and covariances
_SAMPLES = 3  # times at which frequencies are taken
_BETWEEN = {"quantiles": "staggered", "medians": "staggered medians", "gauss": "gauss"}
_OPTIONS = ("cut", "dim", "name", "weights")  # of binned


def bin_convergence(
    model: Callable[[Bins], Model],
    distribution,
    rho0,
    tlist: Sequence[float],
    bins: Sequence[int] | None = None,
    *,
    N: int | None = None,
    observables: Callable[[Bins], Mapping] | None = None,
    fluctuations: bool = False,
    accuracy: float = 1e-3,
    rule: str = "quantiles",
    tol: float = 1e-9,
    progress: Callable[[int, float], None] | None = None,
    **options,
) -> BinConvergence:
    """The same ensemble with more and more bins: what changes, what is left of the error, and when bins rephase.

    A quantity is converged until the last time up to which its error is at most `accuracy` at every time from the
    start. The error is three times the larger of what a power of 1/K, at most 2, leaves after the last member, and of
    the distance to a second division into bins, whose values lie between those of the last and in the limit go further
    into the tails; where no power is seen a slow one is assumed. It is an estimate, no bound. At finite N the aim is N
    particles that each have a value of their own, `binned(…, bins=N, N=N)`; what differs from one random draw of N
    values to the next, of relative order N^−½, is not part of the error.

    Parameters
    ----------
    model : function of Bins → Model
    distribution, options : as for `finite_n.binned`, without bins, N and rule
    rho0 : an initial state of the particles of all bins; or a function of Bins that returns a dict by species and mode
    tlist : array, shape (T,)
    bins : three or more increasing K. Default: 8, 13, 21, 34, and 1, 2, 3 at finite N. What is odd and even, and
        no multiples of each other, hides least.
    N : number of particles. Default: the limit N → ∞, mean field.
    observables : function of Bins → dict of Hermitian Polynomial. Default: ⟨σx⟩, ⟨σy⟩, ⟨σz⟩ of all particles.
    fluctuations : N (⟨o²⟩ − ⟨o⟩²) of every observable too; in the limit of the Gaussian fluctuations. Default False.
    accuracy : absolute. Default 1e-3.
    rule : "quantiles" (default), "medians", "gauss", of `binned`; "gauss" for limits only
    tol : of the exact evolution. Default 1e-9.
    progress : function of K and the share that is done, optional

    Raises FiniteNError for what is not allowed and where the smallest numbers of bins do not fit into memory; larger
    ones are left out, and `failure` says so.

    Example
    -------
    >>> import numpy as np
    >>> from scipy.stats import norm
    >>> from comparison import bin_convergence
    >>> from finite_n import Model
    >>> def spins(b):
    ...     return Model(b.average(lambda w, s: 0.5 * w * s.mz), species=b.species)
    >>> found = bin_convergence(spins, norm(0, 1), [1, 0, 0], [0.0, 1.0, 2.0], [5, 8, 13, 21], rule="gauss")
    >>> found.is_converged, bool(abs(found.values[-1, found.index("x"), -1] - np.exp(-2)) < 1e-9)
    (True, True)
    """
    asked, times = numbers_of_bins(bins, N), check_times(tlist)
    check_function(model, "bins: model", "a function of Bins that returns a Model")
    accuracy, tol = check_number(accuracy, "bins: accuracy", 0, strict=True), check_number(tol, "tol", 1e-13, 0.1)
    check_choice(rule, "bins: rule", tuple(_BETWEEN))
    check_progress(progress)
    if unknown := set(options) - set(_OPTIONS):
        raise FiniteNError(f"bins: unknown option {shown(min(unknown))}; those of binned are {', '.join(_OPTIONS)}.")

    def ensemble(k: int, by: str) -> Ensemble:
        return Ensemble(binned(distribution, k, rule=by, N=N, **options), model, rho0, observables)

    fluctuations = check_switch(fluctuations, "bins: fluctuations")
    values = LimitValues(fluctuations) if N is None else ExactValues(check_size(N), fluctuations, tol)
    members, elements, failure = [ensemble(k, rule) for k in asked], [], ""
    if N is not None:
        elements, failure = _that_fit(values, asked, members, times)
        asked, members = asked[: len(elements)], members[: len(elements)]
    between = _between(values, ensemble, asked[-1], rule, N, times)
    frequencies = [_frequencies(member, times) for member in members]
    most = _MOST if N is None and not fluctuations else _MOST_COSTLY
    grid, seen = _grid(times, frequencies[-1].spread, most)
    found = []
    for k, member in zip([*asked, asked[-1] + 1], [*members, between], strict=True):
        if member is not None:
            if progress is not None:
                progress(k, 0.0)
            found.append(values.of(member, grid))
            if progress is not None:
                progress(k, 1.0)
    numbers, floor = np.array([x for x, _ in found]), np.max([x for _, x in found], axis=0)
    if between is None:  # every particle has a value of its own
        numbers = np.concatenate([numbers, numbers[-1:]])
        error = np.repeat(floor[:, None], len(grid), axis=1)
        rate = np.full(error.shape, np.nan)
    else:
        error, rate = remaining_error(asked, numbers[:-1], numbers[-1], floor)
    if not seen:
        error[:] = np.inf
        unseen = (
            f"frequencies that spread over {frequencies[-1].spread:.3g} rephase within times too short to be seen on "
            f"{most} points until t = {times[-1]:g}, so nothing is said; take a shorter time."
        )
        failure = " ".join(filter(None, [failure, unseen]))
    return BinConvergence(
        bins=asked,
        N=N,
        rule=rule,
        times=grid,
        labels=members[0].labels(fluctuations),
        values=numbers[:-1],
        witness=numbers[-1],
        error=error,
        rate=rate,
        accuracy=accuracy,
        until=converged_until(grid, error, accuracy),
        frequencies=frequencies,
        elements=elements,
        failure=failure,
    )


def numbers_of_bins(bins, N: int | None) -> list[int]:
    """Increasing numbers of bins, default ones for None: three, or fewer of which the last is N."""
    if bins is None:
        bins = _LIMIT if N is None else [k for k in _EXACT if k <= check_size(N)]
    if not isinstance(bins, list | tuple | range | np.ndarray):
        raise FiniteNError(f"bins = {shown(bins)}: give three or more increasing numbers of bins, such as 8, 13, 21.")
    found = [check_whole(k, "bins: number of bins", 1, MOST) for k in bins]
    few = len(found) < FEWEST and not (found and found[-1] == N)
    if few or any(a >= b for a, b in itertools.pairwise(found)):
        raise FiniteNError(
            f"bins = {shown(found)}: give three or more increasing numbers of bins, such as 8, 13, 21, or at finite N "
            "fewer of which the last is N."
        )
    return found


def _that_fit(values: ExactValues, asked: list[int], members, times: np.ndarray) -> tuple[list[float], str]:
    """Elements of those numbers of bins that fit into memory, and why others do not; planned, before anything runs."""
    elements: list[float] = []
    for k, member in zip(asked, members, strict=True):
        try:
            elements.append(values.plan(member, times).elements)
        except NoMemoryError as error:
            if len(elements) < FEWEST:
                raise FiniteNError(f"{k} bins: {error}") from None
            return elements, f"{k} bins: {error}"
    return elements, ""


def _between(values, ensemble: Callable, last: int, rule: str, N: int | None, times) -> Ensemble | None:
    """Bins whose values lie between those of the last number; None where every particle has its own value."""
    if last == N:
        return None
    if N is None:
        return ensemble(last + 1, _BETWEEN[rule])
    try:
        found = ensemble(last + 1, _BETWEEN[rule])
        values.plan(found, times)
    except NoMemoryError:
        return ensemble(last, _BETWEEN[rule])
    return found


def _frequencies(ensemble: Ensemble, times: np.ndarray) -> Frequencies:
    """At a few times along mean field; at averages 0 where the start has no limit."""
    some = np.linspace(times[0], times[-1], _SAMPLES)
    try:
        means = Limit(ensemble.model).means(ensemble.start, some)
    except FiniteNError:
        means = np.zeros((_SAMPLES, ensemble.model.space.size))
    return frequencies_of(ensemble.model, some, means)


def _grid(times: np.ndarray, spread: float, most: int) -> tuple[np.ndarray, bool]:
    """The times asked for and others between, close enough to see particles of all frequencies rephase; False where
    that takes too many."""
    needed = int(np.ceil(_PER_TURN * spread * (times[-1] - times[0]) / (2 * np.pi))) + 1
    between = np.linspace(times[0], times[-1], max(_FEWEST_TIMES, min(needed, most)))
    found = np.unique(np.concatenate([times, between]))
    apart = np.append(True, np.diff(found) > 1e-12 * (times[-1] - times[0]))
    return found[apart | np.isin(found, times)], needed <= most
