"""The stationary state by a search of the trace's sector alone, where that shows that there is no other."""

from __future__ import annotations

import dataclasses

import numpy as np

from finite_n.dicke_blocks.liouvillian.liouvillian import Liouvillian
from finite_n.eigenmodes.null_vector import has_zero_mode, null_vector
from finite_n.eigenmodes.trace_sector import TraceSector, is_simple, trace_sector

_FEW_ORDERS = 3  # of k − i: elements in a plane, whose decomposition fills in little
_MOST, _MOST_OF_FEW = 6_500, 60_000  # numbers that a sparse decomposition is for


@dataclasses.dataclass(frozen=True)
class Unique:
    """The only stationary state.

    vector: elements of ρ; error: of it, Frobenius norm of the blocks; isolation: at least as far from zero are all
    other eigenvalues of the sector; size: numbers in the sector.
    """

    vector: np.ndarray
    error: float
    isolation: float
    size: int


def unique_state(liouvillian: Liouvillian, zero: float) -> Unique | TraceSector | None:
    """The state; or the sectors that carry the trace, if these are several, each with a stationary state of its own; or
    None where the search of all sectors has to tell."""
    found = trace_sector(liouvillian, _MOST_OF_FEW)
    if found is None or len(found.sectors) > 1:
        return found
    (sector,) = found.sectors
    if not found.complete or sector.size > (_MOST_OF_FEW if found.orders <= _FEW_ORDERS else _MOST):
        return None
    state = null_vector(sector, zero)
    if state is None:
        return None
    vector = sector.embed(state.vector)
    in_trace_norm = state.error * float(np.sqrt(np.sum(liouvillian.blocks.exists)))
    if not found.alone and not is_simple(liouvillian.blocks.existing(vector), in_trace_norm):
        if found.antisymmetric is None or has_zero_mode(found.antisymmetric(), zero):
            return None
    return Unique(vector, state.error, state.slowest, sector.size)
