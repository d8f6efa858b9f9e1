"""The stationary state on Dicke blocks with modes cut off where told, or why there is not exactly one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from finite_n.dicke_blocks import initial_state
from finite_n.dicke_blocks.liouvillian.liouvillian import Liouvillian
from finite_n.dicke_blocks.moments import functionals_of
from finite_n.eigenmodes.arnoldi import smallest_told_from_zero
from finite_n.eigenmodes.dicke_sectors import largest_rate, typical_rate
from finite_n.eigenmodes.invariant_subspaces import EPS
from finite_n.eigenmodes.long_time import LongTime
from finite_n.eigenmodes.prepare import generator, searched
from finite_n.eigenmodes.unique import Unique, limit_of_every_J, unique_state
from finite_n.engine.cutoffs import reach_in_levels
from finite_n.engine.leakage import tail_of
from finite_n.engine.moments import Readout
from finite_n.errors import FiniteNError
from finite_n.model.model import Model
from finite_n.solvers.stationary_result import SteadyState
from finite_n.states.initial_state import InitialState

WHAT = "the stationary state"
_SLOWEST = 2  # modes of a sector that are looked for at first
_OSCILLATING = 1e3  # times tol × ‖ρ‖ that an oscillation may have; what is less is part of the error
_USELESS = 0.1  # error in trace norm beyond which nothing is returned
_NAMED = 4  # sectors named in a message
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
            raise FiniteNError(_several(Counter(s.label for s in only.sectors), tol))
        if only is not None and len(model.species) == 1 and not model.jumps:  # collective jumps conserve J
            limit = limit_of_every_J(liouvillian, _initial(start, liouvillian), zero, tol)
            if limit is not None:
                return _alone(limit, liouvillian, tol, len(only.sectors))
    found = _searched(liouvillian, tol, zero)
    count = Counter({f.sector.label: f.zeros for f in found})
    undamped = sum(f.undamped for f in found)
    if not any(f.zeros and f.sector.carries_trace for f in found):
        raise FiniteNError(
            f"stationary state: no eigenvalue below tol = {tol:g} was found in the sectors that carry the trace; "
            f"{_larger(tol)}."
        )
    if count.total() > 1 and start is None:
        raise FiniteNError(_several(count, tol))
    if start is not None and (count.total() > 1 or undamped):
        vector, error = _limit(_initial(start, liouvillian), found, liouvillian, tol)
    else:
        only = next(f for f in found if f.zeros)
        x, error = only.stationary()
        vector, error = only.sector.embed(x), _trace_norm(error, liouvillian) + 10 * EPS
    stats = {
        "method": " and ".join(sorted({f.method for f in found})),
        "size": liouvillian.dim,
        "sectors": len(found),
        "propagations": sum(f.propagations for f in found),
    }
    counts = {"zero_modes": count.total(), "undamped": undamped, "found_gap": min(f.gap for f in found)}
    return _checked(vector, error, liouvillian, counts, stats, tol)


def _searched(liouvillian: Liouvillian, tol: float, zero: float) -> list[LongTime]:
    """Of every sector."""
    sectors = searched(WHAT, liouvillian, _SLOWEST, stationary=True)
    return [LongTime(s, tol, zero) for s in sectors if s.size]


def _alone(found: Unique, liouvillian: Liouvillian, tol: float, zero_modes: int = 1) -> SteadyState:
    """The state that is the limit from every start: where only one is stationary nothing oscillates indefinitely, for
    the frequencies of undamped modes would be a group. The same of every J, where J is conserved."""
    stats = {"sectors": 1} | {k: getattr(found, k) for k in ("method", "size", "propagations", "isolation")}
    counts = {"zero_modes": zero_modes, "undamped": 0, "found_gap": None}
    error = found.error + (10 * EPS if zero_modes == 1 else _of_weights(liouvillian.blocks.N))
    state = _checked(found.vector, error, liouvillian, counts, stats, tol)
    state.search = lambda: min(f.gap for f in _searched(liouvillian, tol, _zero(liouvillian, tol)))
    return state


def _zero(liouvillian: Liouvillian, tol: float) -> float:
    return smallest_told_from_zero(tol, typical_rate(liouvillian), largest_rate(liouvillian))


def _trace_norm(error: float, liouvillian: Liouvillian) -> float:
    """A bound of the trace norm of a block matrix by its Frobenius norm."""
    return error * float(np.sqrt(np.sum(liouvillian.blocks.exists)))


def _larger(tol: float) -> str:
    return "try a larger tol" if tol < 1e-2 else "evolve to a late time instead"


def _initial(start: InitialState, liouvillian: Liouvillian) -> np.ndarray:
    vector = initial_state.vector(start, liouvillian.blocks, liouvillian.frames)
    if not liouvillian.blocks.modes:
        return vector
    return vector / np.real(liouvillian.blocks.trace(vector))  # where levels are cut off the rest stands for all


def _several(count: Counter, tol: float) -> str:
    where = [f"{label}: {n}" for label, n in count.items() if n]
    names = "; ".join(where[:_NAMED]) + (f"; and {len(where) - _NAMED} more sectors" if len(where) > _NAMED else "")
    return (
        f"stationary state: there are {count.total()} linearly independent stationary operators ({names}), or modes "
        f"slower than tol = {tol:g}; give rho0=… for the limit of the evolution from a state, J=… for one value of a "
        "conserved J, or try a smaller tol."
    )


def _limit(vector: np.ndarray, found: list[LongTime], liouvillian: Liouvillian, tol: float) -> tuple[np.ndarray, float]:
    """lim exp(tL)ρ₀ and its error in trace norm."""
    total, error = np.zeros(len(vector)), 0.0
    for part in found:
        x = part.sector.restrict(vector)
        if not np.linalg.norm(x) > 1e-15:
            continue
        limit = part.limit(x)
        if limit.oscillating > _OSCILLATING * tol * np.linalg.norm(vector):
            raise FiniteNError(
                "stationary state: from rho0 the evolution oscillates indefinitely, with frequency "
                f"{limit.frequency:.6g} in the sector «{part.sector.label}»; it has no limit. Start from a state "
                "without that mode, or use evolve."
            )
        total = total + part.sector.embed(limit.vector)
        error += limit.error + limit.oscillating
    return total, _trace_norm(error, liouvillian) + _of_weights(liouvillian.blocks.N)


def _of_weights(N: int) -> float:
    """Rounding of the initial state, whose weights are exponentials of logarithms."""
    return EPS * (10 + N * np.log(N + 1))


def _advice(needed: float) -> str:
    return f"try tol = {1.5 * needed:.0e}" if needed <= 5e-3 else "evolve to a late time instead"


def _checked(vector, error: float, liouvillian: Liouvillian, counts: dict, stats: dict, tol: float) -> SteadyState:
    blocks, space = liouvillian.blocks, liouvillian.model.space
    trace = float(np.real(blocks.trace(vector)))
    image = liouvillian.apply(vector)
    rate = typical_rate(liouvillian)
    smallest = min(float(np.linalg.eigvalsh(m)[0]) for m in blocks.existing(vector))
    relative = float(np.linalg.norm(image) / np.linalg.norm(vector)) / rate
    if not (relative <= 10 * tol and abs(trace - 1) <= 10 * tol and smallest >= -tol):
        advice = _advice(max(relative / 10, abs(trace - 1) / 10, -smallest))
        raise FiniteNError(
            f"stationary state: found only to a relative residual {relative:.1e}, trace error {abs(trace - 1):.1e}, "
            f"smallest eigenvalue {smallest:.1e}, while tol = {tol:g}; {advice}."
        )
    if not error <= _USELESS:
        slowest = stats["isolation"] if counts["found_gap"] is None else counts["found_gap"]
        raise FiniteNError(
            f"stationary state: its error would be {error:.1e} in trace norm, since modes decay as slowly as "
            f"{slowest:.1e}, where double precision no longer tells stationary states apart; evolve to a time of "
            "interest, or take a smaller N."
        )
    readout = Readout(space, [q.cutoff for q in blocks.modes], len(blocks.size))
    moments = readout.moments(functionals_of(readout, blocks, liouvillian.frames)(vector)[None], blocks.N)
    levels = {mode.name: p[0] for mode, p in zip(space.modes, moments.levels, strict=True)}
    widths = [reach_in_levels(liouvillian.model, mode) for mode in space.modes]
    return SteadyState(
        N=blocks.N,
        means=moments.means[0],
        second_moments=moments.second_moments[0],
        j_distribution=moments.weights[0].reshape(blocks.shape),
        residual=float(sum(np.abs(np.linalg.eigvalsh(m)).sum() for m in blocks.existing(image))),
        relative_residual=relative,
        trace_error=abs(trace - 1),
        smallest_eigenvalue=smallest,
        solution_error=error,
        **counts,
        vector=vector,
        frames=liouvillian.frames,
        stats=stats,
        blocks=blocks,
        space=space,
        levels=levels,
        boson_tail=max((float(tail_of(p, w).max()) for p, w in zip(moments.levels, widths, strict=True)), default=0.0),
    )
