"""How many Fock levels a stationary state needs, and what the levels that are left out change."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from finite_n.engine.cutoffs import Patience, first_levels, in_words, raised_levels, reach_in_levels
from finite_n.errors import FiniteNError
from finite_n.model.model import Model
from finite_n.occupations.density import DensityElements
from finite_n.solvers.stationary_result import SteadyState
from finite_n.states.initial_state import InitialState

_FEWEST = 8  # levels to begin with
_TAIL = 100.0  # times tol that the highest levels may hold
_GROWTH = 16.0  # of the work with twice as many levels: four times as many elements, of which large sectors are dense
_FALLS = 0.5  # of what the highest levels held before: where more levels leave them more, a mode keeps filling
Solver = Callable[[Mapping[str, int]], SteadyState]  # of cutoffs


def with_empty_highest_levels(
    solved: Solver, model: Model, N: int, start: InitialState | None, tol: float
) -> SteadyState:
    """The stationary state with so many levels of the modes that the highest hold at most 100 tol."""
    allowed, patience, before = _TAIL * tol, Patience(_GROWTH), np.inf
    levels = first_levels(model, start, N, tol, _FEWEST)
    while True:
        cutoffs = {mode.name: c for mode, c in zip(model.modes, levels, strict=True)}
        found = solved(cutoffs)
        if found.boson_tail <= allowed:
            return found
        if patience.ends(levels, hopeless=found.boson_tail > _FALLS * before):
            raise FiniteNError(
                f"stationary state: of {in_words(levels)} the highest still hold {found.boson_tail:.1e}, so that the "
                "mode may have no stationary state; give cutoffs={…} or a larger tol."
            )
        levels = raised_levels(model, [p[None] for p in found.levels.values()], [allowed] * len(levels))
        before = found.boson_tail


def cutoff_error(solved: Solver, state: SteadyState, model: Model) -> float:
    """Distance to the state with fewer levels (with more, where there are few), which takes no longer."""
    cutoffs = {}
    for mode in model.modes:
        cutoff = len(state.levels[mode.name]) - 1
        fewer = cutoff - reach_in_levels(model, mode)
        cutoffs[mode.name] = fewer if fewer >= 1 else 2 * cutoff - fewer
    try:
        return _distance(state, solved(cutoffs))
    except FiniteNError:  # nothing to compare with
        return np.inf


def _distance(one: SteadyState, other: SteadyState) -> float:
    """‖ρ − ρ′‖₁ of states with different numbers of levels of the modes, missing levels taken as empty."""
    if isinstance(one.rho, DensityElements):
        return one.rho.distance(other.rho)
    levels = [max(a.cutoff, b.cutoff) + 1 for a, b in zip(one.blocks.modes, other.blocks.modes, strict=True)]

    def padded(state: SteadyState, matrix: np.ndarray) -> np.ndarray:
        own = [q.cutoff + 1 for q in state.blocks.modes]
        spins = len(matrix) // int(np.prod(own))
        more = [(0, 0), *((0, n - m) for n, m in zip(levels, own, strict=True))]
        size = spins * int(np.prod(levels))
        return np.pad(matrix.reshape(spins, *own, spins, *own), more + more).reshape(size, size)

    pairs = zip(one.states, other.states, strict=True)
    return float(sum(np.abs(np.linalg.eigvalsh(padded(one, a) - padded(other, b))).sum() for a, b in pairs))
