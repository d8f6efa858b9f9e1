"""`negativity` between species and modes, `pair_negativity` of two particles: entanglement of mixed states."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.species import Mode, Species
from finite_n.state_functions.density_matrix import DensityMatrix, of_every_time


def negativity(state, first, second=None):
    """(‖ρ^{T_A}‖₁ − 1)/2 between the parts A and B of a state, each one or more species and modes.

    ρ^{T_A} is the partial transpose on A, all that is in neither part traced out first. It acts on the blocks one by
    one, and the d_J copies of a block drop out of the trace norm. Above zero only if A and B are entangled; ln(2 x + 1)
    is the logarithmic negativity.

    Parameters
    ----------
    state : Result or SteadyState, as of `entropy`
    first : species or mode, or a list of them, themselves or by name
    second : the same; by default all that is not in `first`

    Returns
    -------
    array (T,) of a `Result`, T = 1 if states were not kept; a number of a `SteadyState`

    Raises FiniteNError where the blocks ρ_J are not known (evolve with basis="dicke" to know them), where the parts
    have something in common, and for what is not a species or mode of the model.

    Example
    -------
    >>> from finite_n import Field, Mode, Model, average, evolve, negativity
    >>> import qutip
    >>> light = Mode("light")
    >>> exchange = light.alpha * average(qutip.sigmap())
    >>> model = Model(exchange + exchange.adjoint(), modes=[light])
    >>> negativity(evolve(model, 1, {"": [0, 0, 1]}, [0, 0.785398163397], basis="dicke"), "light").round(8)
    array([0.5])

    Source: G. Vidal and R. F. Werner, Phys. Rev. A 65, 032314 (2002).
    """

    def between(x: DensityMatrix) -> float:
        one = x.space.owners_of(first, "negativity")
        rest = [o for o in x.space.owners if o not in one]
        other = rest if second is None else x.space.owners_of(second, "negativity")
        if not other or set(one) & set(other):
            raise FiniteNError(
                "negativity: the two parts must be different species or modes; for two particles of a species use "
                "pair_negativity."
            )
        return _between(x.reduced(one + other), one)

    return of_every_time(state, between)


def _between(state: DensityMatrix, one: Sequence[Species | Mode]) -> float:
    """Between some species and modes and all others."""
    n = len(state.space.owners)
    order = list(range(2 * n))
    for k, owner in enumerate(state.space.owners):
        if owner in one:
            order[k], order[n + k] = n + k, k
    excess = 0.0
    for at, matrix in state.blocks.items():
        dims = state.dims(at)
        transposed = matrix.reshape(*dims, *dims).transpose(order).reshape(matrix.shape)
        excess -= float(np.minimum(np.linalg.eigvalsh(transposed), 0.0).sum())
    return excess


def pair_negativity(state, species=None):
    """(‖ρ₂^{T_A}‖₁ − 1)/2 of the reduced state ρ₂ of two particles; see `negativity`.

    Two of many particles share little: for W states of N qubits it falls as 1/N², for products and GHZ states it is 0.

    Parameters
    ----------
    state : Result or SteadyState
        States need not be kept: averages and their products suffice, so that every engine will do.
    species : whose particles, as of `Result.reduced_state`: one species, or a pair of them
        Needed if there are several.

    Returns
    -------
    array (T,) of a `Result`; a number of a `SteadyState`

    Raises FiniteNError where a species has one particle only, and for what is not a species of the model.

    Example
    -------
    >>> from finite_n import Model, dicke, evolve, mz, pair_negativity
    >>> pair_negativity(evolve(Model(0.3 * mz), 2, dicke(1, 0), [0, 1])).round(8)
    array([0.5, 0.5])
    """
    ask = getattr(state, "reduced_states", None)
    if ask is None:
        raise FiniteNError(f"state: got {shown(state)}; give what evolve or steady_state returned.")
    reduced = ask()
    rho = reduced.of_particles(2, species)
    both = species if isinstance(species, tuple | list) else (species,) * 2
    d, e = (reduced.space.species_of(s).dim for s in both)
    transposed = rho.reshape(-1, d, e, d, e).transpose(0, 3, 2, 1, 4).reshape(rho.shape)
    values = np.maximum(-np.linalg.eigvalsh(transposed), 0.0).sum(axis=-1)
    return values if np.ndim(state.means) == 2 else float(values[0])
