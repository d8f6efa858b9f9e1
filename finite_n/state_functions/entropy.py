"""`entropy` and `purity` of a state, or of some of its species and modes."""

from __future__ import annotations

import numpy as np

from finite_n.dicke_blocks.density import entropy_of
from finite_n.state_functions.density_matrix import DensityMatrix, of_every_time


def entropy(state, of=None):
    """Von Neumann entropy −Tr ρ ln ρ in nats, of all particles and modes or of some species and modes.

    ρ = ⊕ ρ_J ⊗ 1/d_J, so that it is −Σ_J tr ρ_J ln(ρ_J/d_J). Of a part of a pure state it is the entropy of
    entanglement between that part and the rest.

    Parameters
    ----------
    state : Result or SteadyState
        Of a `Result` the states that it kept are used, by keep_states=True; without it the last one.
    of : species or mode, or a list of them, themselves or by name; by default all
        The others are traced out.

    Returns
    -------
    array (T,) of a `Result`, T = 1 if states were not kept; a number of a `SteadyState`

    Raises FiniteNError where the blocks ρ_J are not known (evolve with basis="dicke" to know them), and for what is
    not a species or mode of the model.

    Example
    -------
    >>> from finite_n import Field, Mode, Model, average, entropy, evolve
    >>> import qutip
    >>> light = Mode("light")
    >>> exchange = light.alpha * average(qutip.sigmap())
    >>> model = Model(exchange + exchange.adjoint(), modes=[light])
    >>> entropy(evolve(model, 1, {"": [0, 0, 1]}, [0, 0.785398163397], basis="dicke"), of="light").round(8)
    array([0.69314718])
    """
    if of is None and hasattr(state, "density_matrices"):
        return state.entropy  # without a rotation to the frame of the model
    return of_every_time(state, lambda x: _entropy(_part(x, of, "entropy")))


def purity(state, of=None):
    """Tr ρ² = Σ_J tr ρ_J²/d_J, of all particles and modes or of some species and modes; state, of, shapes and refusals
    as of `entropy`."""
    if of is None and hasattr(state, "density_matrices"):
        return state.purity
    return of_every_time(state, lambda x: _purity(_part(x, of, "purity")))


def _part(state: DensityMatrix, of, what: str) -> DensityMatrix:
    return state.reduced(state.space.owners_of(state.space.owners if of is None else of, what))


def _entropy(state: DensityMatrix) -> float:
    return sum(entropy_of(np.linalg.eigvalsh(m), state.log_copies(at)) for at, m in state.blocks.items())


def _purity(state: DensityMatrix) -> float:
    return float(sum(np.exp(-state.log_copies(at)) * np.sum(np.abs(m) ** 2) for at, m in state.blocks.items()))
