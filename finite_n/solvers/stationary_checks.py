"""What a search of all sectors says of a stationary state, and what is checked of every one before it is returned."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence

import numpy as np

from finite_n.dicke_blocks.density import DensityBlocks
from finite_n.eigenmodes.invariant_subspaces import EPS
from finite_n.eigenmodes.long_time import LongTime
from finite_n.engine.cutoffs import reach_in_levels
from finite_n.engine.leakage import tail_of
from finite_n.engine.moments import Moments
from finite_n.errors import FiniteNError
from finite_n.model.model import Model
from finite_n.occupations.density import DensityElements
from finite_n.solvers.stationary_result import SteadyState

_OSCILLATING = 1e3  # times tol × ‖ρ‖ that an oscillation may have; what is less is part of the error
_USELESS = 0.1  # error in trace norm beyond which nothing is returned
_NAMED = 4  # sectors named in a message


def of_sectors(
    found: Sequence[LongTime], start: np.ndarray | None, tol: float, norm: float, N: int, has_J: bool = True
) -> tuple[np.ndarray, float, dict, dict]:
    """The full vector of the only stationary state, or of the limit from a start; its error in trace norm, which is at
    most `norm` times that of numbers x; counts and statistics for `SteadyState`.

    Raises FiniteNError where there are several and no start, or no limit.
    """
    count = Counter({f.sector.label: f.zeros for f in found})
    undamped = sum(f.undamped for f in found)
    if not any(f.zeros and f.sector.carries_trace for f in found):
        raise FiniteNError(
            f"stationary state: no eigenvalue below tol = {tol:g} was found in the sectors that carry the trace; "
            f"{_larger(tol)}."
        )
    if count.total() > 1 and start is None:
        raise several(count, tol, has_J)
    if start is not None and (count.total() > 1 or undamped):
        vector, error = _limit(start, found, tol)
        error = error * norm + of_weights(N)
    else:
        only = next(f for f in found if f.zeros)
        x, error = only.stationary()
        vector, error = only.sector.embed(x), error * norm + 10 * EPS
    stats = {
        "method": " and ".join(sorted({f.method for f in found})),
        "size": sum(f.sector.size for f in found),
        "sectors": len(found),
        "propagations": sum(f.propagations for f in found),
    }
    counts = {"zero_modes": count.total(), "undamped": undamped, "found_gap": min(f.gap for f in found)}
    return vector, error, counts, stats


def several(count: Counter, tol: float, has_J: bool = True) -> FiniteNError:
    """The refusal of so many stationary operators by sector; has_J: whether one J may be asked for."""
    where = [f"{label}: {n}" for label, n in count.items() if n]
    names = "; ".join(where[:_NAMED]) + (f"; and {len(where) - _NAMED} more sectors" if len(where) > _NAMED else "")
    return FiniteNError(
        f"stationary state: there are {count.total()} linearly independent stationary operators ({names}), or modes "
        f"slower than tol = {tol:g}; give rho0=… for the limit of the evolution from a state, "
        f"{'J=… for one value of a conserved J, ' if has_J else ''}or try a smaller tol."
    )


def of_weights(N: int) -> float:
    """Rounding of the initial state, whose weights are exponentials of logarithms."""
    return EPS * (10 + N * np.log(N + 1))


def _limit(vector: np.ndarray, found: Sequence[LongTime], tol: float) -> tuple[np.ndarray, float]:
    """lim exp(tL)ρ₀ and the error of its numbers."""
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
    return total, error


def _larger(tol: float) -> str:
    return "try a larger tol" if tol < 1e-2 else "evolve to a late time instead"


def _advice(needed: float) -> str:
    return f"try tol = {1.5 * needed:.0e}" if needed <= 5e-3 else "evolve to a late time instead"


@dataclasses.dataclass(frozen=True)
class Found:
    """A state ρ of `model` at N as it is found: its moments; residual ‖Lρ‖₁; relative, ‖Lρ‖/‖ρ‖ over the rate; trace;
    smallest eigenvalue; error in trace norm."""

    model: Model
    N: int
    rho: DensityBlocks | DensityElements
    moments: Moments
    residual: float
    relative: float
    trace: float
    smallest: float
    error: float


def checked(found: Found, counts: dict, stats: dict, tol: float) -> SteadyState:
    """The state as it is returned; refuses what is not as good as `tol` says, or of which too little is known."""
    off = abs(found.trace - 1)
    if not (found.relative <= 10 * tol and off <= 10 * tol and found.smallest >= -tol):
        advice = _advice(max(found.relative / 10, off / 10, -found.smallest))
        raise FiniteNError(
            f"stationary state: found only to a relative residual {found.relative:.1e}, trace error {off:.1e}, "
            f"smallest eigenvalue {found.smallest:.1e}, while tol = {tol:g}; {advice}."
        )
    if not found.error <= _USELESS:
        slowest = stats["isolation"] if counts["found_gap"] is None else counts["found_gap"]
        raise FiniteNError(
            f"stationary state: its error would be {found.error:.1e} in trace norm, since modes decay as slowly as "
            f"{slowest:.1e}, where double precision no longer tells stationary states apart; evolve to a time of "
            "interest, or take a smaller N."
        )
    space, moments = found.model.space, found.moments
    widths = [reach_in_levels(found.model, mode) for mode in space.modes]
    tails = (float(tail_of(p, w).max()) for p, w in zip(moments.levels, widths, strict=True))
    return SteadyState(
        N=found.N,
        means=moments.means[0],
        second_moments=moments.second_moments[0],
        residual=found.residual,
        relative_residual=found.relative,
        trace_error=off,
        smallest_eigenvalue=found.smallest,
        solution_error=found.error,
        **counts,
        rho=found.rho,
        stats=stats,
        space=space,
        levels={mode.name: p[0] for mode, p in zip(space.modes, moments.levels, strict=True)},
        boson_tail=max(tails, default=0.0),
    )
