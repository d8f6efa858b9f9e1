"""Initial states as vectors: their amplitudes, and what cutoffs leave out of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from finite_n.engine import mode_states
from finite_n.engine.pure_states import pure_vector
from finite_n.state_vector.hamiltonian import ClosedSystem
from finite_n.state_vector.symmetric_subspace import SymmetricSubspace
from finite_n.states.initial_state import InitialState
from finite_n.states.joint import JointState, MarginalMode
from finite_n.states.mode import ModeState
from finite_n.states.particles import ProductState, State
from finite_n.states.symmetric import SymmetricState

_LOST = 1e-14  # of an amplitude: what its series rounds off


def amplitudes(state: InitialState, system: ClosedSystem) -> np.ndarray:
    """Amplitudes of the initial state, shape (system.size,)."""
    if isinstance(state, JointState):
        state.check_sizes(system.sizes)
        return _with_levels(state, [c + 1 for c in system.cutoffs])
    psi = np.ones(1, complex)
    for s, own in zip(system.model.species, system.species, strict=True):
        psi = np.kron(psi, _of_species(state.parts[s.name], own))
    for mode, cutoff in zip(system.model.modes, system.cutoffs, strict=True):
        psi = np.kron(psi, mode_states.amplitudes(state.parts[mode.name], system.N, cutoff))
    return psi


def _with_levels(state: JointState, levels: Sequence[int]) -> np.ndarray:
    """Its amplitudes with other numbers of levels of the modes: new ones are empty, others are left out."""
    spins = [n + 1 for n in state.sizes]
    out = np.zeros([*spins, *levels], complex)
    kept = tuple(slice(min(pair)) for pair in zip(state.levels, levels, strict=True))
    out[(..., *kept)] = state.psi.reshape(*spins, *state.levels)[(..., *kept)]
    return out.ravel()


def _of_species(state: State, own: SymmetricSubspace) -> np.ndarray:
    if isinstance(state, ProductState):
        return own.product_state(pure_vector(state.density))
    if isinstance(state, SymmetricState):
        return state.of_size(own.size)
    psi = np.zeros(own.dimension)
    psi[state.position(own.size)[1]] = 1.0
    return psi


def lost_amplitude(state: InitialState, N: int, cutoffs: Sequence[int]) -> float:
    """Norm of what the initial states of modes have above the cutoffs."""
    total = 0.0
    for mode, cutoff in zip(state.space.modes, cutoffs, strict=True):
        field: ModeState = state.parts[mode.name]
        if isinstance(field, MarginalMode):
            above = math.sqrt(field.levels[cutoff + 1 :].sum())
        elif field.number_state is not None:
            above = float(field.number_state > cutoff)
        else:
            levels = max(cutoff, field.cutoff(N, 1e-30)) + 1
            above = np.linalg.norm(mode_states.amplitudes(field, N, levels)[cutoff + 1 :])
            above = above if above > _LOST else 0.0
        total = math.hypot(total, above)
    return total
