"""`photon_distribution` and `g2_zero`: the counting of photons of a mode at one time."""

from __future__ import annotations

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.inputs import read_observables
from finite_n.model.polynomial import Polynomial
from finite_n.model.species import Mode
from finite_n.model.validation import check_choice
from finite_n.state_functions.density_matrix import DensityMatrix, of_every_time

_DARK = 1e-6  # of ⟨b†b⟩: below, errors of 1e-12 of the state leave no digits of g²(0)


def photon_distribution(state, mode: Mode | str | None = None) -> np.ndarray:
    """Probabilities ⟨n|ρ|n⟩ of n photons in a mode, n = 0 … cutoff.

    Parameters
    ----------
    state : Result or SteadyState
        States need not be kept.
    mode : Mode or its name; needed if there are several

    Returns
    -------
    array (T, cutoff + 1) of a `Result`, (cutoff + 1,) of a `SteadyState`

    Raises FiniteNError for a model without modes, and where Fock levels are not resolved (evolve with basis="dicke").

    Example
    -------
    >>> from finite_n import CollectiveJumps, Mode, Model, photon_distribution, steady_state
    >>> light = Mode("light")
    >>> bath = [CollectiveJumps([light.alpha], 1.5), CollectiveJumps([light.alpha.adjoint()], 0.5)]
    >>> found = steady_state(Model(collective=bath, modes=[light]), 1, rho0={"": [0, 0, 1]})
    >>> photon_distribution(found)[:3].round(6)
    array([0.666667, 0.222222, 0.074074])
    """
    levels = getattr(state, "levels", None)
    if levels is None:
        raise FiniteNError(f"photon distribution: got {shown(state)}; give what evolve or steady_state returned.")
    if not levels:
        raise FiniteNError("photon distribution: the model has no modes.")
    if mode is None and len(levels) > 1:
        raise FiniteNError(f"photon distribution: say which mode: {', '.join(levels)}.")
    name = next(iter(levels)) if mode is None else mode.name if isinstance(mode, Mode) else mode
    populations = levels[check_choice(name, "photon distribution: mode", list(levels))]
    if not populations.shape[-1]:
        raise FiniteNError(
            f"photon distribution: Fock levels are not resolved by {state.stats['basis']}; call evolve(…, "
            "basis='dicke') for them."
        )
    return populations


def g2_zero(state, b: Mode | str | Polynomial | None = None):
    """g²(0) = ⟨b† b† b b⟩ / ⟨b† b⟩², the bunching of light at one time; 1 of coherent, 2 of thermal light, 0 of a
    single photon.

    Parameters
    ----------
    state : Result or SteadyState
    b : what destroys a photon: a mode or its name (by default the only one), or a Polynomial, such as m(σ₋)
        Of a mode states need not be kept: with its distribution p_n it is Σ n(n − 1) p_n / (Σ n p_n)². Of a polynomial
        as of `entropy`.

    Returns
    -------
    array (T,) of a `Result`, a number of a `SteadyState`; nan where there is no light, ⟨b†b⟩ < 1e-6

    Raises FiniteNError as `photon_distribution` or `entropy`. For delays use `g2`.

    Example
    -------
    >>> import qutip
    >>> from finite_n import CollectiveJumps, Model, average, g2_zero, steady_state
    >>> both = [CollectiveJumps([qutip.sigmam()], 4.0), CollectiveJumps([qutip.sigmap()], 4.0)]
    >>> found = steady_state(Model(collective=both), 4, rho0=[0, 0, -1])
    >>> round(g2_zero(found, average(qutip.sigmam())), 8)
    1.05

    Source: R. J. Glauber, Phys. Rev. 130, 2529 (1963).
    """
    if isinstance(b, Polynomial):
        _, (b,) = read_observables({"b": b})
        pairs = of_every_time(state, lambda x: _counted(x, b))
    else:
        p = photon_distribution(state, b)
        n = np.arange(p.shape[-1])
        pairs = np.stack([p @ n, p @ (n * (n - 1))], axis=-1)
    light, both = pairs[..., 0], pairs[..., 1]
    value = np.divide(both, light**2, out=np.full(light.shape, np.nan), where=light >= _DARK)
    return value if value.ndim else float(value)


def _counted(state: DensityMatrix, b: Polynomial) -> np.ndarray:
    """⟨b†b⟩ and ⟨b†b†bb⟩."""
    wide = state.with_levels([n + 2 * b.degree for n in state.levels])
    own, total = wide.own(b, "b"), np.zeros(2)
    for at, rho in wide.blocks.items():
        B = wide.operator(own, at)
        total += [np.vdot(x, x @ rho).real for x in (B, B @ B)]
    return total
