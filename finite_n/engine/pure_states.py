"""Whether an evolution stays with a state vector: no jumps, and a start in symmetric subspaces ⊗ modes."""

from __future__ import annotations

import numpy as np

from finite_n.model.model import Model
from finite_n.states.initial_state import InitialState
from finite_n.states.joint import JointState
from finite_n.states.mode import ModeState
from finite_n.states.particles import DickeState, ProductState, State
from finite_n.states.symmetric import SymmetricState

_ROUNDING = 1e-15  # of an eigenvalue of a one-particle state: taken for zero


def is_closed_and_pure(model: Model, N: int, state: InitialState) -> bool:
    """Whether nothing jumps, and every part of the state is a vector of the symmetric subspace or of the mode."""
    if not model.is_closed:
        return False
    if isinstance(state, JointState):
        return state.psi is not None
    sizes = dict(zip((s.name for s in model.species), model.space.sizes(N), strict=True))
    return all(
        part.is_pure if isinstance(part, ModeState) else _is_symmetric(part, sizes[name])
        for name, part in state.parts.items()
    )


def _is_symmetric(state: State, size: int) -> bool:
    if isinstance(state, ProductState):
        return pure_vector(state.density) is not None
    return isinstance(state, SymmetricState) or (isinstance(state, DickeState) and state.position(size)[0] == 0)


def pure_vector(density: np.ndarray) -> np.ndarray | None:
    """c with ρ₁ = |c⟩⟨c|, or None where the other eigenvalues are more than rounding."""
    values, vectors = np.linalg.eigh(density)
    return None if values[-2] > _ROUNDING else vectors[:, -1]
