"""`evolve`: the exact dynamics at one N, from a model, a state, times and observables to a `Result`."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction

import numpy as np

from finite_n.dicke_blocks.blocks import dimension
from finite_n.dicke_blocks.joint_evolve import evolve_joint
from finite_n.dicke_blocks.liouvillian.liouvillian import choose_frame
from finite_n.dicke_blocks.spaces import plan, products, products_plan, read_basis
from finite_n.engine.run import Job, Run, run_plan
from finite_n.errors import FiniteNError, shown
from finite_n.memory import NoMemoryError, check_memory, refused_when_full
from finite_n.model.inputs import check_times, read_observables
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.model.validation import check_choice, check_number, check_progress, check_size, check_switch
from finite_n.propagation.propagate import METHODS
from finite_n.solvers.result import ErrorBudget, Result
from finite_n.state_vector.engine import suits
from finite_n.states.initial_state import as_initial_state
from finite_n.threads import one_blas_thread, threads_for

_LISTED = 100.0  # bytes per particle of lists over them
_CORRECTIONS = 6  # of the largest N that fits
_BEYOND = 2**53  # particles that no machine has room for; up to here N is a whole number as a float too
_FINEST = 10**6  # denominators of shares of species


@one_blas_thread
def evolve(
    model: Model,
    N: int,
    rho0,
    tlist: Sequence[float],
    e_ops: Mapping[str, Polynomial] | Sequence[Polynomial] | None = None,
    *,
    tol: float = 1e-9,
    keep_states: bool = False,
    check: bool = True,
    method: str = "faber",
    basis: str = "auto",
    threads: int | None = None,
    cutoffs: Mapping[str, int] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Result:
    """Solve ρ̇ = L_N ρ exactly for N particles (ħ = 1) in the permutation-symmetric space.

    With several species N is the number of all particles, of which f_s N belong to species s; boson modes are cut off
    at a level chosen such that what lies above does not matter at the tolerance asked for. Without jumps and from a
    pure start ρ stays |ψ⟩⟨ψ|: then only |ψ(t)⟩ = exp(−iHt)|ψ(0)⟩ is stored, Π_s C(N_s + d_s − 1, d_s − 1) Π (cutoff +
    1) amplitudes.

    Parameters
    ----------
    model : Model
    N : int
        Number of particles, N ≥ 1.
    rho0 : State, Bloch vector (3,) or one-particle state (2, 2)
        `product`, `coherent`, `dicke`, `thermal`, `from_blocks`; a Bloch vector or one-particle state means a product.
        With several species or modes a dict of names: a state for every species, a `Field` for a mode that does not
        start in the vacuum.
    tlist : array, shape (T,)
        Increasing times; rho0 is the state at tlist[0].
    e_ops : dict or list of Polynomial, optional
        Further observables, ordered polynomials of averages such as mz * mx. All moments up to second order, hence
        covariances, connected correlations and the reduced states of one and two particles, come by themselves.
    tol : float
        Truncation error allowed on averages, their products, covariances, and the observables asked for. Default 1e-9.
    keep_states : bool
        Keep the state at every time, for `result.states` and the purity. Default False: the final state only.
    check : bool
        Run a second time with another ellipse, other step lengths and a ten times smaller tolerance, and
        put the largest difference into the error budget. Costs as much again. Default True.
    method : str
        "faber" (default): a series of Faber polynomials, long steps (of Chebyshev's for a state vector); "runge_kutta":
        adaptive steps of order 8 for the density matrix, slower, with the same promise.
    basis : str
        "auto" (default): the smallest space that holds what the observables need, a state vector where that suffices.
        "Dicke": blocks ρ_J, all that the initial state reaches, so that states and their purity are known. "symmetrised
        products" (or "symmetrised"): where few suffice. "state vector": |ψ⟩, of closed models that start pure.
        stats["basis"] says which was taken, in these words; capital letters do not matter.
    threads : int, optional
        Threads at most, 1 or more; default: one for every core that no other program uses when the run begins, or one
        for small states. Whole Dicke blocks are evolved on so many; symmetrised products, some elements of blocks, and
        state vectors on one, whatever is asked for: stats["threads"] says how many were used.
    cutoffs : dict of names of modes to int, optional
        Highest Fock level kept, where it is not to be found automatically.
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
    if not isinstance(model, Model):
        raise FiniteNError(f"model: got {shown(model)}; give a finite_n.Model.")
    N = check_size(N)
    times = check_times(tlist)
    tol = check_number(tol, "tol", 1e-13, 0.1)
    check_choice(method, "method", METHODS)
    check_progress(progress)
    for name, switch in (("keep_states", keep_states), ("check", check)):
        check_switch(switch, name)
    labels, polynomials = read_observables(e_ops, model)
    for label, p in zip(labels, polynomials, strict=True):
        if foreign := p.letters - set(model.space.letters):
            names = ", ".join(sorted(str(a) for a in foreign))
            raise FiniteNError(f"observable {label}: {names} is no average of the model.")
    threads_for(threads, 0)  # refuses what is no number of threads, whether the engine uses them or not
    job = Job(model, N, times, polynomials, tol, keep_states, check, method, read_basis(basis), threads, progress)
    with _naming_what_fits(job, rho0, cutoffs), refused_when_full(f"evolution at N = {shown(N)}"):
        run = _run(job, rho0, cutoffs)
    moments, difference, space = run.moments(job, run.values), None, model.space
    if run.second is not None:
        again = run.moments(job, run.second)
        difference = [float(np.abs(x - y).max(initial=0)) for x, y in zip(moments[:4], again[:4], strict=True)]
    factor = 3 * N * run.largest**2
    one_j = run.plan.basis == "state vector" and all(s.dim == 2 for s in space.species)
    budget = ErrorBudget(
        tolerance=tol,
        truncation_bound=run.bound,
        moment_difference=difference and max(difference[:2]),
        covariance_difference=difference and factor * max(difference[:2]),
        observable_difference=difference and difference[3],
        trace_drift=float(np.abs(moments.weights.sum(axis=1) - 1).max()),
        smallest_eigenvalue=float(run.smallest),
        boson_tail=run.tail,
        rounding=run.rounding,
        discarded_weight=run.discarded,
        largest_average=float(run.largest),
    )
    return Result(
        N=N,
        times=times,
        means=moments.means,
        second=moments.second,
        j_weights=moments.weights if run.plan.basis == "Dicke" or one_j else None,
        labels=labels,
        expect=list(moments.polynomials.T),
        polynomials=polynomials,
        stored_final=run.finals if run.complete else [],
        stored_states=[list(x) for x in zip(*run.states, strict=True)] if keep_states else [],
        frame=run.frame,
        budget=budget,
        stats={"method": method}
        | run.stats
        | {
            "basis": run.plan.basis,
            "kept": run.plan.note,
            "elements": run.plan.elements,
            "bytes": run.plan.bytes,
            "run time": time.perf_counter() - started,
        },
        space=space,
        sizes=space.sizes(N),
        levels=dict(zip((mode.name for mode in model.modes), moments.levels, strict=True)),
    )


def _run(job: Job, rho0, cutoffs, dry: bool = False) -> Run | None:
    """The run by the cheapest representation; `dry`: None after the same choices and the same checks of memory, before
    anything is made."""
    if not job.model.is_single:
        return evolve_joint(job, rho0, cutoffs, dry)
    if cutoffs is not None:
        raise FiniteNError(f"cutoffs = {shown(cutoffs)}: the model has no modes; leave them out.")
    return _run_single(job, rho0, dry)


def _run_single(job: Job, rho0, dry: bool) -> Run | None:
    """One species of two-level particles."""
    joint, N = as_initial_state(rho0, job.model), job.N
    state = joint.parts[job.model.species[0].name]
    frame = choose_frame(job.model, state.bloch)
    closed = suits(job, joint)
    # where few products suffice, their rates are differences of energies, and far smaller
    few = products(job.model, N, joint, job.polynomials, (), job.asked) if closed and job.basis == "auto" else None
    if (closed and few is None) or job.basis in ("state vector", "symmetrised"):
        return evolve_joint(job, state, dry=dry)
    # N(δ⟨mm⟩ + 2|m| δ⟨m⟩) ≤ 3N ‖δρ‖₁ for a covariance, Σ_w |c_w| ‖δρ‖₁ for a polynomial of averages
    trace_tol = job.trace_tolerance(1.0, [p.size for p in job.polynomials])
    workers = threads_for(job.threads, dimension(N))
    chosen = (
        products_plan(few, dry)
        if few
        else plan(job.model, N, state, job.polynomials, frame, job.basis, job.asked, workers, 0.01 * trace_tol, dry)
    )
    return None if dry else run_plan(chosen, job, frame, trace_tol, job.check)


def check_evolution_memory(
    model: Model,
    N: int,
    rho0,
    e_ops=None,
    *,
    tlist: Sequence[float] = (0.0, 1.0),
    tol: float = 1e-9,
    keep_states: bool = False,
    check: bool = True,
    method: str = "faber",
    basis: str = "auto",
    cutoffs: Mapping[str, int] | None = None,
) -> None:
    """Refuse an evolution that `evolve` would refuse for memory, naming the largest N that fits: by the same choices,
    without running.

    Modes are taken with the levels that the start asks for, or with `cutoffs`.
    """
    N, (_, polynomials) = check_size(N), read_observables(e_ops, model)
    basis = read_basis(basis)
    job = Job(model, N, check_times(tlist), polynomials, tol, keep_states, check, method, basis, None, None)
    with _naming_what_fits(job, rho0, cutoffs):
        _run(job, rho0, cutoffs, dry=True)


@contextlib.contextmanager
def _naming_what_fits(job: Job, rho0, cutoffs) -> Iterator[None]:
    """A refusal names an N that is not refused itself, where parts of an evolution are checked one after the other."""
    try:
        check_memory("a list of N + 1 numbers", job.N, lambda n: _LISTED * n)
        yield
    except NoMemoryError as refusal:
        reason, at = refusal, _whole_size(job.model, refusal.largest)
        for _ in range(_CORRECTIONS):
            try:
                if at:
                    _run(dataclasses.replace(job, N=at), rho0, cutoffs, dry=True)
                break
            except NoMemoryError as smaller:
                reason, at = smaller, _whole_size(job.model, smaller.largest)
            except FiniteNError:  # a state of one N, for example
                break
        if job.model.modes and cutoffs is None:
            at = _largest_with_its_levels(job, rho0, at)
        if reason is refusal and at == refusal.largest:
            raise
        raise (refusal if reason is refusal else reason.at(job.N)).naming(at) from None


def _largest_with_its_levels(job: Job, rho0, low: int) -> int:
    """The largest N that fits where the levels that the start asks for grow with N; `low` fits with the levels of
    job.N."""

    def fits(n):
        try:
            _run(dataclasses.replace(job, N=n), rho0, None, dry=True)
        except FiniteNError:
            return False
        return True

    high = min(job.N, _BEYOND)
    if high == job.N and fits(high):  # what did not fit were levels that filled later
        return low
    while high - low > 1:
        n = _whole_size(job.model, (low + high) // 2)
        if n <= low:
            high = (low + high) // 2
        elif fits(n):
            low = n
        else:
            high = n
    return low


def _whole_size(model: Model, largest: int) -> int:
    """The largest N up to `largest` that gives every species a whole number of particles."""
    shares = [Fraction(s.fraction).limit_denominator(_FINEST) for s in model.species]
    return largest - largest % math.lcm(*(x.denominator for x in shares))
