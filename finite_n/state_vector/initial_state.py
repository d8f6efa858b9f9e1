"""Initial states as vectors: whether a state is one, its amplitudes, and what cutoffs leave out of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from finite_n.engine import mode_states
from finite_n.model.model import Model
from finite_n.state_vector.hamiltonian import ClosedSystem
from finite_n.state_vector.symmetric_subspace import SymmetricSubspace, pure_vector
from finite_n.states.initial_state import InitialState
from finite_n.states.mode import Field
from finite_n.states.particles import DickeState, ProductState, State

_LOST = 1e-14  # of an amplitude: what its series rounds off


def is_closed_and_pure(model: Model, N: int, state: InitialState) -> bool:
    """Whether nothing jumps, and every part of the state is a vector of the symmetric subspace or of the mode."""
    if not model.is_closed:
        return False
    sizes = dict(zip((s.name for s in model.species), model.space.sizes(N), strict=True))
    return all(
        not part.thermal if isinstance(part, Field) else _is_symmetric(part, sizes[name])
        for name, part in state.parts.items()
    )


def _is_symmetric(state: State, size: int) -> bool:
    if isinstance(state, ProductState):
        return pure_vector(state.density) is not None
    return isinstance(state, DickeState) and state.position(size)[0] == 0


def amplitudes(state: InitialState, system: ClosedSystem) -> np.ndarray:
    """Amplitudes of the initial state, shape (system.size,)."""
    psi = np.ones(1, complex)
    for s, own in zip(system.model.species, system.species, strict=True):
        psi = np.kron(psi, _of_species(state.parts[s.name], own))
    for mode, cutoff in zip(system.model.modes, system.cutoffs, strict=True):
        psi = np.kron(psi, mode_states.amplitudes(state.parts[mode.name], system.N, cutoff))
    return psi


def _of_species(state: State, own: SymmetricSubspace) -> np.ndarray:
    if isinstance(state, ProductState):
        return own.product_state(pure_vector(state.density))
    psi = np.zeros(own.dimension)
    psi[state.position(own.size)[1]] = 1.0
    return psi


def lost_amplitude(state: InitialState, N: int, cutoffs: Sequence[int]) -> float:
    """Norm of what the initial states of modes have above the cutoffs."""
    total = 0.0
    for mode, cutoff in zip(state.space.modes, cutoffs, strict=True):
        field: Field = state.parts[mode.name]
        if field.amplitude(N) == 0:
            above = float(field.number > cutoff)
        else:
            levels = max(cutoff, field.cutoff(N, 1e-30)) + 1
            above = np.linalg.norm(mode_states.amplitudes(field, N, levels)[cutoff + 1 :])
            above = above if above > _LOST else 0.0
        total = math.hypot(total, above)
    return total
