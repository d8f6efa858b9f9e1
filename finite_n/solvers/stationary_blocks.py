"""The stationary state on Dicke blocks with modes cut off where told, or why there is not exactly one."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Mapping

import numpy as np

from finite_n.dicke_blocks import initial_state
from finite_n.dicke_blocks.density import DensityBlocks
from finite_n.dicke_blocks.liouvillian.liouvillian import Liouvillian
from finite_n.dicke_blocks.moments import functionals_of
from finite_n.eigenmodes.arnoldi import smallest_told_from_zero
from finite_n.eigenmodes.dicke_sectors import largest_rate, typical_rate
from finite_n.eigenmodes.invariant_subspaces import EPS
from finite_n.eigenmodes.long_time import LongTime
from finite_n.eigenmodes.prepare import check_tables, generator, searched
from finite_n.eigenmodes.unique import Unique, limit_of_every_J, unique_state
from finite_n.engine.moments import Readout
from finite_n.model.model import Model
from finite_n.solvers.stationary_checks import Found, checked, of_sectors, of_weights, several
from finite_n.solvers.stationary_result import SteadyState
from finite_n.states.initial_state import InitialState

WHAT = "the stationary state"
_SLOWEST = 2  # modes of a sector that are looked for at first
SEARCHED = 1000  # elements up to which every sector is searched at no cost


def solved_on_blocks(
    model: Model, N: int, start: InitialState | None, tol: float, J, cutoffs: Mapping[str, int] | None
) -> SteadyState:
    """The stationary state with modes cut off where told."""
    liouvillian = generator(WHAT, model, N, cutoffs, J, whole=False)
    check = functools.partial(check_tables, WHAT, model, N, cutoffs, J)
    zero = _zero(liouvillian, tol)
    if liouvillian.dim > SEARCHED:
        only = unique_state(liouvillian, zero, tol)
        if isinstance(only, Unique):
            return _alone(only, liouvillian, tol, check)
        if only is not None and start is None:
            raise several(Counter(s.label for s in only.sectors), tol)
        check()
        if only is not None and len(model.species) == 1 and not model.jumps:  # collective jumps conserve J
            limit = limit_of_every_J(liouvillian, _initial(start, liouvillian), zero, tol)
            if limit is not None:
                return _alone(limit, liouvillian, tol, check, len(only.sectors))
    vector = None if start is None else _initial(start, liouvillian)
    norm = float(np.sqrt(np.sum(liouvillian.blocks.exists)))  # of trace and Frobenius norm
    found, error, counts, stats = of_sectors(_searched(liouvillian, tol, zero), vector, tol, norm, N)
    return _checked(found, liouvillian.apply(found), error, counts, stats, liouvillian, tol)


def _searched(liouvillian: Liouvillian, tol: float, zero: float) -> list[LongTime]:
    """Of every sector."""
    sectors = searched(WHAT, liouvillian, _SLOWEST, stationary=True)
    return [LongTime(s, tol, zero) for s in sectors if s.size]


def _alone(
    found: Unique, liouvillian: Liouvillian, tol: float, check: Callable[[], None], zero_modes: int = 1
) -> SteadyState:
    """The state that is the limit from every start: where only one is stationary nothing oscillates indefinitely, for
    the frequencies of undamped modes would be a group. The same of every J, where J is conserved."""
    counts = {"zero_modes": zero_modes, "undamped": 0, "found_gap": None}
    error = found.error + (10 * EPS if zero_modes == 1 else of_weights(liouvillian.blocks.N))
    state = _checked(found.elements, found.image, error, counts, found.stats, liouvillian, tol)

    def gap() -> float:
        check()
        return min(f.gap for f in _searched(liouvillian, tol, _zero(liouvillian, tol)))

    state.search = gap
    return state


def _zero(liouvillian: Liouvillian, tol: float) -> float:
    return smallest_told_from_zero(tol, typical_rate(liouvillian), largest_rate(liouvillian))


def _initial(start: InitialState, liouvillian: Liouvillian) -> np.ndarray:
    vector = initial_state.vector(start, liouvillian.blocks, liouvillian.frames)
    if not liouvillian.blocks.modes:
        return vector
    return vector / np.real(liouvillian.blocks.trace(vector))  # where levels are cut off the rest stands for all


def _checked(elements, image, error: float, counts: dict, stats: dict, liouvillian: Liouvillian, tol: float):
    """elements of ρ and of Lρ, all or some."""
    blocks, frames, space = liouvillian.blocks, liouvillian.frames, liouvillian.model.space
    rho, lost = (DensityBlocks(blocks, x, frames, space) for x in (elements, image))
    readout = Readout(space, [q.cutoff for q in blocks.modes], len(blocks.size))
    found = Found(
        model=liouvillian.model,
        N=blocks.N,
        rho=rho,
        moments=readout.moments(rho.read(functionals_of(readout, blocks, frames))[None], blocks.N),
        residual=float(sum(np.abs(x).sum() for x in lost.eigenvalues())),
        relative=lost.frobenius() / rho.frobenius() / typical_rate(liouvillian),
        trace=float(rho.weights().sum()),
        smallest=min(float(x.min()) for x in rho.eigenvalues()),
        error=error,
    )
    return checked(found, counts, stats, tol)
