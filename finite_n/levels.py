"""How many Fock levels of the modes are kept: those given, a first guess from the state, and more where the highest are filled."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from finite_n.closed import field_amplitudes
from finite_n.errors import FiniteNError, shown
from finite_n.joint import Field, JointState
from finite_n.model import Model

_FASTEST = 0.6  # populations are not trusted to fall faster than this from level to level


def given_levels(model: Model, state: JointState | None, N: int, cutoffs) -> tuple[int, ...] | None:
    """The highest levels asked for, in the order of the modes, or None; refuses what leaves nearly all of `state` above."""
    if cutoffs is None:
        return None
    names = [mode.name for mode in model.modes]
    if not isinstance(cutoffs, Mapping) or set(cutoffs) != set(names):
        raise FiniteNError(
            f"cutoffs = {shown(cutoffs)}: give a dict with the highest level of {', '.join(names) or 'no mode'}."
        )
    for name, c in cutoffs.items():
        if isinstance(c, bool) or not isinstance(c, int | np.integer) or not 1 <= c < 100_000:
            raise FiniteNError(f"cutoffs: {name} = {shown(c)}; give a whole number, 1 or more.")
        lost = 1 - _weight_below(state.parts[name], N, int(c)) if state is not None else 0.0
        if lost > 0.9:  # what is less shows in the error budget, as a trace below 1
            raise FiniteNError(f"cutoffs: {name} = {c} leaves {lost:.2g} of the initial state above; give more levels.")
    return tuple(int(cutoffs[name]) for name in names)


def _weight_below(field: Field, N: int, cutoff: int) -> float:
    """Weight of a field in the levels 0 … cutoff."""
    if field.thermal:
        return float(np.trace(field.density(N, cutoff)).real)
    return float((np.abs(field_amplitudes(field, N, cutoff)) ** 2).sum())


def first_levels(state: JointState, N: int, tol: float) -> tuple[int, ...]:
    """What the initial fields need, at least six."""
    fields: list[Field] = [state.parts[mode.name] for mode in state.space.modes]
    return tuple(max(6, f.cutoff(N, max(tol * 1e-2, 1e-14))) for f in fields)


def reach_in_levels(model: Model, mode) -> int:
    """Levels that one term of the generator may jump over, at least two: so many highest ones count as the tail."""
    own = set(mode.letters)
    polynomials = [model.hamiltonian, *(p for part in model.collective for p in part.polynomials)]
    return max([2, *(sum(a in own for a in word) for p in polynomials for word in p.words)])


def tail_of(populations: np.ndarray, width: int) -> np.ndarray:
    """Population of the highest `width` levels, never of the lowest one, per time."""
    return populations[:, max(1, populations.shape[1] - width) :].sum(axis=1)


def more_levels(populations: np.ndarray, width: int, allowed: float) -> int:
    """A cutoff at which the populations, seen at all times, should have fallen below `allowed`."""
    top = populations.max(axis=0)
    cutoff = len(top) - 1
    if tail_of(populations, width).max() <= allowed:
        return cutoff
    top[-2:] = np.maximum(top[-2:], tail_of(populations, width).max() / 2)
    half = max(1, cutoff // 2)
    fall = np.clip((max(top[-1], 1e-300) / max(top[-1 - half], 1e-300)) ** (1 / half), _FASTEST, 1 - 1e-3)
    further = np.log(0.1 * allowed / top[-2:].sum()) / np.log(fall)
    return cutoff + int(np.clip(np.ceil(further), 4, cutoff + 4))


def in_words(levels) -> str:
    """For messages."""
    return f"{' × '.join(str(c + 1) for c in levels)} levels" if levels else "its blocks"
