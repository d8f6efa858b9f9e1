"""`steady_state`: the stationary state at one N with a bound of its error, or why there is not exactly one."""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping

from finite_n.dicke_blocks import initial_state
from finite_n.eigenmodes.prepare import check_question
from finite_n.errors import FiniteNError
from finite_n.model.inputs import check_letters, read_observables
from finite_n.model.model import Model
from finite_n.solvers.stationary_blocks import solved_on_blocks
from finite_n.solvers.stationary_levels import cutoff_error, with_empty_highest_levels
from finite_n.solvers.stationary_products import solved_on_products
from finite_n.solvers.stationary_result import SteadyState
from finite_n.states.initial_state import as_initial_state
from finite_n.threads import one_blas_thread
from finite_n.typing import Observables, StateLike


@one_blas_thread
def steady_state(
    model: Model,
    N: int,
    *,
    rho0: StateLike | None = None,
    J: float | Mapping[str, float] | None = None,
    e_ops: Observables | None = None,
    tol: float = 1e-10,
    cutoffs: Mapping[str, int] | None = None,
) -> SteadyState:
    """The state with L_N ρ = 0, Tr ρ = 1 (ħ = 1).

    Parameters
    ----------
    model : Model
    N : int
        Number of particles, N ≥ 1.
    rho0 : State, Bloch vector (3,) or one-particle state (d, d), optional; with several species or modes a dict of them
        and of Fields
        Where there are several stationary states: the limit of exp(tL_N) rho0 for t → ∞ is returned. Without it the
        state must be unique.
    J : float, or dict of names of species to float, optional
        The state of these blocks alone, of species whose particles do not jump one by one, so that J is conserved:
        J = N/2 for symmetric states. Not together with rho0, which has weights on the J.
    e_ops : dict or list of Polynomial, optional
        Ordered polynomials of averages and modes, whose expectation values are `e_data`; others later by `expectation`.
    tol : float
        ‖Lρ‖ ≤ tol × ‖ρ‖ × the largest decay rate per particle; eigenvalues of ρ down to −tol are allowed, and modes
        slower than tol, in units of that rate, are taken for stationary. Default 1e-10.
    cutoffs : dict of names of modes to int, optional
        Highest Fock level kept; by default so many that the highest hold at most 100 tol. What of rho0 lies above is
        left out. A second solution with fewer levels says what the cutoff does (`cutoff_error`), and takes as long
        again.

    Returns
    -------
    SteadyState

    Two-level species are searched in Dicke blocks; models with particles of more levels in symmetrised products, of
    which all are searched where symmetries do not show that the state is unique.

    Raises FiniteNError if there are several stationary states and no rho0, if the evolution from rho0 oscillates
    indefinitely, if a mode keeps filling however many levels are kept, for a model without dissipation, for bad N,
    rho0, J or tol, if memory does not suffice or symmetrised products are too many, or if the tolerance is not reached.

    Example
    -------
    >>> import qutip
    >>> from finite_n import LocalJump, Model, mx, steady_state
    >>> driven = Model(0.5 * mx, jumps=[LocalJump(qutip.sigmam())])
    >>> steady_state(driven, 10).means.round(9)
    array([ 0.        ,  0.66666667, -0.33333333])
    """
    started = time.perf_counter()
    N, tol = check_question(model, N, tol)
    if J is not None and rho0 is not None:
        raise FiniteNError(
            "stationary state: J and rho0; give one of them, since rho0 has weights on the J of its own."
        )
    start = None if rho0 is None else as_initial_state(rho0, model)
    labels, observables = read_observables(e_ops, model)
    observables = [check_letters(x, model, f"observable {label}") for label, x in zip(labels, observables, strict=True)]
    on_blocks = all(s.dim == 2 for s in model.species)
    if start is not None and on_blocks:  # refuses early a state that does not exist at this N
        for s, n in zip(model.species, model.space.sizes(N), strict=True):
            initial_state.weights(start.parts[s.name], n)
    solved = functools.partial(solved_on_blocks if on_blocks else solved_on_products, model, N, start, tol, J)
    if model.modes and cutoffs is None:
        state = with_empty_highest_levels(solved, model, N, start, tol)
    else:
        state = solved(cutoffs)
    if model.modes:
        state.cutoff_error = cutoff_error(solved, state, model)
    state.e_data = {label: state.expectation(x) for label, x in zip(labels, observables, strict=True)}
    state.stats["run time"] = time.perf_counter() - started
    return state


steadystate = steady_state  # as qutip calls it
