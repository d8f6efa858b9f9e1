"""`evolve`: the exact dynamics at one N, from a model, a state, times and observables to a `Result`."""

from __future__ import annotations

import time
from collections.abc import Sequence

from finite_n.model.model import Model
from finite_n.solvers.choose import choose, naming_what_fits
from finite_n.solvers.plan import plan_evolution, read_question
from finite_n.solvers.result import Result
from finite_n.threads import one_blas_thread
from finite_n.typing import Cutoffs, Observables, Progress, StateLike


@one_blas_thread
def evolve(
    model: Model,
    N: int,
    rho0: StateLike,
    tlist: Sequence[float],
    e_ops: Observables | None = None,
    *,
    tol: float = 1e-9,
    keep_states: bool = False,
    check: bool = True,
    method: str = "faber",
    basis: str = "auto",
    threads: int | None = None,
    cutoffs: Cutoffs | None = None,
    progress: Progress | None = None,
) -> Result:
    """Solve ρ̇ = L_N(t) ρ exactly for N particles (ħ = 1) in the permutation-symmetric space.

    With several species N is the number of all particles, of which f_s N belong to species s; the cutoffs of boson
    modes are chosen automatically, such that what lies above does not matter at the tolerance asked for. Without jumps
    and from a pure start ρ stays |ψ⟩⟨ψ|: then only |ψ(t)⟩ = exp(−iHt)|ψ(0)⟩ is stored, Π_s C(N_s + d_s − 1, d_s − 1) Π
    (cutoff + 1) amplitudes.

    Parameters
    ----------
    model : Model
    N : int
        Number of particles, N ≥ 1.
    rho0 : State, Bloch vector (3,) or one-particle state (2, 2)
        `product`, `coherent`, `dicke`, `ghz`, `w`, `spin_squeezed`, `thermal`, `from_blocks`, `from_piqs`; a Bloch
        vector or one-particle state means a product, a permutation-symmetric `Qobj` with a tensor factor for every
        particle the state of all of them (`from_qobj`), and `result.state(t)` goes on from an earlier result.
        With several species or modes a dict of names: a state for every species, a `Field`, `squeezed` or `cat`
        for a mode that does not start in the vacuum.
    tlist : array, shape (T,)
        Increasing times; rho0 is the state at tlist[0].
    e_ops : dict or list of Polynomial, optional
        Further observables, ordered polynomials of averages such as mz * mx. All moments up to second order, hence
        covariances, connected correlations and the reduced states of one and two particles, are always returned.
    tol : float
        Truncation error allowed on averages, their products, covariances, and the observables asked for. Default 1e-9.
    keep_states : bool
        Keep the state at every time, for `result.states` and the purity. Default False: the final state only.
    check : bool
        Run a second time with another ellipse, other step lengths and a ten times smaller tolerance, and
        put the largest difference into the error budget. Costs as much again. Default True. Energy eigenstates, whose
        errors are bounded by their residuals, read the first and the last state a second time, from their elements;
        displaced modes are checked by a sum over all configurations of the spins, where these are few enough.
    method : str
        "faber" (default): a series of Faber polynomials, long steps (of Chebyshev's for a state vector); "runge_kutta":
        adaptive steps of order 8 for the density matrix, slower, with the same promise. Models that depend on time take
        Taylor's series in t instead, of any order, and only "faber" is allowed.
    basis : str
        "auto" (default): the smallest space that holds what the observables need, a state vector where that suffices.
        "Dicke": blocks ρ_J, all that the initial state reaches, so that states and their purity are known. "symmetrised
        products" (or "symmetrised"): elements of ρ in occupation numbers, where few suffice. "state vector": |ψ⟩, of
        closed models that start pure. "energy eigenstates": blocks ρ_J of closed models of two-level particles, from
        any start, all times at once by the eigenstates of H. "independent": averages of one particle, where particles
        do not interact, for any N. "displaced": closed forms for any N, where operators of spins commute and drive
        modes linearly; populations of Fock levels are not given. stats["basis"] says which was taken, in these words;
        capital letters do not matter.
    threads : int, optional
        Threads at most, 1 or more; default: one for every core that no other program uses when the run begins, or one
        for small states. Whole Dicke blocks use as many; symmetrised products, some elements of blocks, and state
        vectors use one in any case. stats["threads"] says how many were used.
    cutoffs : dict of names of modes to int, optional
        Highest Fock level kept of every mode. Default: chosen automatically.
    progress : function of a number in [0, 1], optional

    Returns
    -------
    Result

    Raises FiniteNError for bad N, times, observables or tolerance, or if the state does not fit into memory.

    Example
    -------
    >>> import qutip
    >>> from finite_n import LocalJump, Model, evolve
    >>> decay = Model(jumps=[LocalJump(qutip.sigmam())])
    >>> evolve(decay, 20, [0, 0, 1], [0.0, 1.0]).mean("z").round(8)
    array([ 1.        , -0.26424112])
    """
    started = time.perf_counter()
    options = {"tol": tol, "keep_states": keep_states, "check": check, "method": method, "basis": basis}
    options |= {"threads": threads, "cutoffs": cutoffs, "progress": progress}
    result = plan_evolution(model, N, rho0, tlist, e_ops, **options).run()
    result.stats["run time"] = time.perf_counter() - started
    return result


def check_evolution_memory(
    model: Model,
    N: int,
    rho0: StateLike,
    e_ops: Observables | None = None,
    *,
    tlist: Sequence[float] = (0.0, 1.0),
    tol: float = 1e-9,
    keep_states: bool = False,
    check: bool = True,
    method: str = "faber",
    basis: str = "auto",
    cutoffs: Cutoffs | None = None,
) -> None:
    """Refuse an evolution that `evolve` would refuse for memory, naming the largest N that fits: by the same choices,
    without running.

    Modes are taken with the levels that the start asks for, or with `cutoffs`.
    """
    options = {"tol": tol, "keep_states": keep_states, "check": check, "method": method, "basis": basis}
    _, question = read_question(model, N, rho0, tlist, e_ops, cutoffs=cutoffs, **options)
    with naming_what_fits(question):
        choose(question)
