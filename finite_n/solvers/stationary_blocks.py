"""The stationary state on Dicke blocks with modes cut off where told, or why there is not exactly one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from finite_n.dicke_blocks import initial_state
from finite_n.dicke_blocks.density import DensityBlocks
from finite_n.dicke_blocks.liouvillian.liouvillian import Liouvillian
from finite_n.dicke_blocks.moments import functionals_of
from finite_n.eigenmodes.arnoldi import smallest_told_from_zero
from finite_n.eigenmodes.dicke_sectors import largest_rate, typical_rate
from finite_n.eigenmodes.invariant_subspaces import EPS
from finite_n.eigenmodes.long_time import LongTime
from finite_n.eigenmodes.prepare import generator, searched
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
    liouvillian = generator(WHAT, model, N, cutoffs, J)
    zero = _zero(liouvillian, tol)
    if liouvillian.dim > SEARCHED:
        only = unique_state(liouvillian, zero, tol)
        if isinstance(only, Unique):
            return _alone(only, liouvillian, tol)
        if only is not None and start is None:
            raise several(Counter(s.label for s in only.sectors), tol)
        if only is not None and len(model.species) == 1 and not model.jumps:  # collective jumps conserve J
            limit = limit_of_every_J(liouvillian, _initial(start, liouvillian), zero, tol)
            if limit is not None:
                return _alone(limit, liouvillian, tol, len(only.sectors))
    vector = None if start is None else _initial(start, liouvillian)
    norm = float(np.sqrt(np.sum(liouvillian.blocks.exists)))  # of trace and Frobenius norm
    return _checked(*of_sectors(_searched(liouvillian, tol, zero), vector, tol, norm, N), liouvillian, tol)


def _searched(liouvillian: Liouvillian, tol: float, zero: float) -> list[LongTime]:
    """Of every sector."""
    sectors = searched(WHAT, liouvillian, _SLOWEST, stationary=True)
    return [LongTime(s, tol, zero) for s in sectors if s.size]


def _alone(found: Unique, liouvillian: Liouvillian, tol: float, zero_modes: int = 1) -> SteadyState:
    """The state that is the limit from every start: where only one is stationary nothing oscillates indefinitely, for
    the frequencies of undamped modes would be a group. The same of every J, where J is conserved."""
    stats = {"sectors": 1} | {k: getattr(found, k) for k in ("method", "size", "propagations", "isolation")}
    counts = {"zero_modes": zero_modes, "undamped": 0, "found_gap": None}
    error = found.error + (10 * EPS if zero_modes == 1 else of_weights(liouvillian.blocks.N))
    state = _checked(found.vector, error, counts, stats, liouvillian, tol)
    state.search = lambda: min(f.gap for f in _searched(liouvillian, tol, _zero(liouvillian, tol)))
    return state


def _zero(liouvillian: Liouvillian, tol: float) -> float:
    return smallest_told_from_zero(tol, typical_rate(liouvillian), largest_rate(liouvillian))


def _initial(start: InitialState, liouvillian: Liouvillian) -> np.ndarray:
    vector = initial_state.vector(start, liouvillian.blocks, liouvillian.frames)
    if not liouvillian.blocks.modes:
        return vector
    return vector / np.real(liouvillian.blocks.trace(vector))  # where levels are cut off the rest stands for all


def _checked(vector, error: float, counts: dict, stats: dict, liouvillian: Liouvillian, tol: float) -> SteadyState:
    blocks, frames, space = liouvillian.blocks, liouvillian.frames, liouvillian.model.space
    image = liouvillian.apply(vector)
    readout = Readout(space, [q.cutoff for q in blocks.modes], len(blocks.size))
    found = Found(
        model=liouvillian.model,
        N=blocks.N,
        rho=DensityBlocks(blocks, vector, frames, space),
        moments=readout.moments(functionals_of(readout, blocks, frames)(vector)[None], blocks.N),
        residual=float(sum(np.abs(np.linalg.eigvalsh(m)).sum() for m in blocks.existing(image))),
        relative=float(np.linalg.norm(image) / np.linalg.norm(vector)) / typical_rate(liouvillian),
        trace=float(np.real(blocks.trace(vector))),
        smallest=min(float(np.linalg.eigvalsh(m)[0]) for m in blocks.existing(vector)),
        error=error,
    )
    return checked(found, counts, stats, tol)
