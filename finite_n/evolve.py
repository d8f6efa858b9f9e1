"""`evolve`: the exact dynamics at one N, from a model, a state, times and observables to a `Result`."""

from __future__ import annotations

import numbers
import os
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from finite_n.algebra import Polynomial
from finite_n.blocks import check_size, dimension
from finite_n.errors import FiniteNError
from finite_n.functionals import read_moments
from finite_n.generator import choose_frame
from finite_n.inputs import check_times, read_observables
from finite_n.integrate import METHODS, propagate
from finite_n.memory import check_memory, fits
from finite_n.model import Model
from finite_n.result import ErrorBudget, Result
from finite_n.spaces import evolution_bytes, plan
from finite_n.states import as_state

_RESOLVED = 1e-13  # of the trace norm: what double precision carries through thousands of applications
SMALL = 50_000  # elements below which a second thread costs more than it gives


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
    progress: Callable[[float], None] | None = None,
) -> Result:
    """Solve ρ̇ = L_N ρ exactly for N particles (ħ = 1) in the permutation-symmetric space.

    Parameters
    ----------
    model : Model
    N : int
        Number of particles, N ≥ 1.
    rho0 : State, Bloch vector (3,) or one-particle state (2, 2)
        `product`, `coherent`, `dicke`, `thermal`, `from_blocks`; a Bloch vector or one-particle state means a product.
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
        "faber" (default): a series of Faber polynomials, long steps; "runge_kutta": an adaptive pair of order 8, slower,
        with the same promise.
    basis : str
        "auto" (default): the smallest space that holds what the observables need. "dicke": blocks ρ_J, all that the initial
        state reaches, so that states and their purity are known. "symmetrised": symmetrised products, where few suffice.
    threads : int, optional
        Threads of the kernel, 1 or more; default: all cores this process may use, or one for small states.
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
        raise FiniteNError(f"model: got {model!r}; give a finite_n.Model.")
    N = check_size(N)
    times = check_times(tlist)
    if not isinstance(tol, numbers.Real) or not 1e-13 <= tol <= 1e-1:
        raise FiniteNError(f"tol = {tol!r}: choose between 1e-13 and 0.1; double precision carries no more.")
    if method not in METHODS:
        raise FiniteNError(f"method = {method!r}: choose one of {', '.join(METHODS)}.")
    if progress is not None and not callable(progress):
        raise FiniteNError(f"progress = {progress!r}: give a function of one number, the share that is done.")
    labels, polynomials = read_observables(e_ops)
    state = as_state(rho0)
    workers = _threads(threads, N)
    check_memory("a list of N + 1 numbers", N, lambda n: 100.0 * n)
    # N(δ⟨mm⟩ + 2|m| δ⟨m⟩) ≤ 3N ‖δρ‖₁ for a covariance, Σ_w |c_w| ‖δρ‖₁ for a polynomial of averages
    trace_tol = max(tol / max(3.0 * N, *(p.size for p in polynomials), 1.0), _RESOLVED)
    frame = choose_frame(model, state.bloch)
    kept = len(times) if keep_states else 0
    chosen = plan(model, N, state, polynomials, frame, basis, kept, workers, 0.01 * trace_tol)

    total = _Sum(len(times), chosen.weights, len(polynomials))
    main, second = total.empty(), total.empty()
    finals, states, smallest, arithmetic = [], [], np.inf, set()
    stats = dict.fromkeys(("applications", "steps", "terms"), 0)
    bound = discarded = 0.0
    complete = True
    for number, piece in enumerate(chosen.pieces()):
        share = piece.problem.elements / max(chosen.elements, 1)
        first, rest = _two_reports(progress, number * share, min(share, 1.0), check)
        allowed = piece.share * trace_tol
        run = propagate(piece.problem, times, allowed, keep_states, method, 1.0, first)
        total.add(main, run.values, piece.columns)
        if check:
            again = propagate(piece.problem, times, allowed / 10, False, method, 1.3, rest)
            total.add(second, again.values, piece.columns)
        stats["applications"] += run.applications
        stats["steps"] = max(stats["steps"], run.steps)
        stats["terms"] = max(stats["terms"], piece.terms)
        arithmetic.add(piece.problem.arithmetic)
        bound, discarded = bound + run.error_bound, discarded + run.discarded
        complete &= piece.state_of is not None
        if piece.state_of is not None:
            finals.append(piece.state_of(run.final))
            states.append([piece.state_of(v) for v in run.states])
        smallest = min(smallest, _smallest(piece, run.final, finals))
        del piece
    labelled = len(labels)
    means, products, distribution, expect = read_moments(main, N, labelled)
    difference = None
    if check:
        pairs = zip(read_moments(main, N, labelled), read_moments(second, N, labelled), strict=True)
        difference = [float(np.abs(x - y).max(initial=0)) for x, y in pairs]
    budget = ErrorBudget(
        tolerance=tol,
        truncation_bound=bound,
        moment_difference=difference and max(difference[:2]),
        covariance_difference=difference and 3 * N * max(difference[:2]),
        observable_difference=difference and difference[3],
        trace_drift=float(np.abs(distribution.sum(axis=1) - 1).max()),
        smallest_eigenvalue=float(smallest),
        discarded_weight=discarded + chosen.discarded,
    )
    return Result(
        N=N,
        times=times,
        means=means,
        second=products,
        j_weights=distribution if chosen.weights > 1 or N == 1 else None,
        labels=labels,
        expect=list(expect.T),
        polynomials=polynomials,
        stored_final=finals if complete else [],
        stored_states=[list(x) for x in zip(*states, strict=True)] if keep_states else [],
        frame=frame,
        budget=budget,
        stats=stats
        | {
            "method": method,
            "basis": chosen.basis,
            "kept": chosen.note,
            "elements": chosen.elements,
            "arithmetic": ", ".join(sorted(arithmetic)),
            "threads": workers,
            "bytes": chosen.bytes,
            "run time": time.perf_counter() - started,
        },
    )


class _Sum:
    """Functionals of all pieces: 9 moments, block weights, polynomials."""

    def __init__(self, times: int, weights: int, polynomials: int):
        self.times, self.weights, self.pairs = times, weights, 2 * polynomials

    def empty(self) -> np.ndarray:
        return np.zeros((self.times, 9 + self.weights + self.pairs))

    def add(self, total: np.ndarray, values: np.ndarray, columns: np.ndarray) -> None:
        end = values.shape[1] - self.pairs
        total[:, :9] += values[:, :9]
        total[:, 9 + columns] += values[:, 9:end]
        total[:, 9 + self.weights :] += values[:, end:]


def _two_reports(progress, done: float, share: float, check: bool):
    """Progress of the first and the second run of a piece."""
    if progress is None:
        return None, None
    cut = 0.45 if check else 1.0
    return (
        lambda x: progress(min(1.0, done + share * cut * x)),
        lambda x: progress(min(1.0, done + share * (cut + (1 - cut) * x))),
    )


def _smallest(piece, final: np.ndarray, finals: list) -> float:
    """The smallest eigenvalue of the blocks of a piece, or its smallest population where elements are left out."""
    if piece.state_of is None:
        return float(final[piece.populations].min(initial=0.0))
    blocks, vector = finals[-1]
    # a block of norm below 1e-14 has no eigenvalue beyond that
    heavy = [m for m in blocks.matrices(vector) if np.abs(m).max() > 1e-14 / len(m)]
    return min((np.linalg.eigvalsh(m)[0] for m in heavy), default=0.0)


def check_evolution_memory(model: Model, N: int, rho0, e_ops=None) -> None:
    """Refuse an evolution that does not fit, naming the largest N that does."""
    state = as_state(rho0)
    _, polynomials = read_observables(e_ops)
    if fits(evolution_bytes(N)):
        return
    plan(model, check_size(N), state, polynomials, choose_frame(model, state.bloch))


def _threads(threads, N: int) -> int:
    if threads is None:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return 1 if dimension(N) < SMALL else cores
    if isinstance(threads, bool) or not isinstance(threads, numbers.Integral) or threads < 1:
        raise FiniteNError(f"threads = {threads!r}: a whole number, 1 or more, or None for the default.")
    return min(int(threads), os.cpu_count() or 1)
