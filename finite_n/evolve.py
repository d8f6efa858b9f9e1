"""`evolve`: the exact dynamics at one N, from a model, a state, times and observables to a `Result`."""

from __future__ import annotations

import numbers
import os
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from finite_n.algebra import Polynomial
from finite_n.blocks import check_size, dicke_blocks, dimension
from finite_n.errors import FiniteNError
from finite_n.functionals import moment_functionals, read_moments
from finite_n.generator import Generator, choose_frame
from finite_n.inputs import check_times, read_observables
from finite_n.integrate import METHODS, propagate
from finite_n.memory import check_memory
from finite_n.model import Model
from finite_n.result import ErrorBudget, Result
from finite_n.states import as_state

SMALL = 8_000  # elements below which a second thread costs more than it gives


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
    labels, polynomials = read_observables(e_ops)
    state = as_state(rho0)
    kept = len(times) if keep_states else 0
    check_evolution_memory(N, kept)
    workers = _threads(threads, N)

    frame = choose_frame(model, state.bloch)
    generator = Generator(model, N, frame)
    blocks = dicke_blocks(N)
    vector = state.vector(blocks, frame)
    functionals = moment_functionals(polynomials, blocks, frame)
    # N(δ⟨mm⟩ + 2|m| δ⟨m⟩) ≤ 3N ‖δρ‖₁ for a covariance, Σ_w |c_w| ‖δρ‖₁ for a polynomial of averages
    trace_tol = tol / max(3.0 * N, *(p.size for p in polynomials), 1.0)

    def run(tol, cautious, keep, report):
        return propagate(generator, vector, times, functionals, tol, workers, keep, method, cautious, report)

    first = progress and (lambda share: progress(share * (0.45 if check else 1.0)))
    rest = progress and (lambda share: progress(0.45 + 0.55 * share))
    main = run(trace_tol, 1.0, keep_states, first)
    difference = None
    if check:
        second = run(trace_tol / 10, 1.3, False, rest)
        difference = [
            float(np.abs(x - y).max(initial=0))
            for x, y in zip(*(read_moments(v.values, N, len(labels)) for v in (main, second)), strict=True)
        ]
    means, products, distribution, expect = read_moments(main.values, N, len(labels))

    # a block of norm below 1e-14 has no eigenvalue beyond that
    heavy = [m for m in blocks.matrices(main.final) if np.abs(m).max() > 1e-14 / len(m)]
    smallest = min(np.linalg.eigvalsh(m)[0] for m in heavy)
    budget = ErrorBudget(
        tolerance=tol,
        truncation_bound=main.error_bound,
        moment_difference=difference and max(difference[:2]),
        covariance_difference=difference and 3 * N * max(difference[:2]),
        observable_difference=difference and difference[3],
        trace_drift=float(np.abs(distribution.sum(axis=1) - 1).max()),
        smallest_eigenvalue=float(smallest),
    )
    return Result(
        N=N,
        times=times,
        means=means,
        second=products,
        j_distribution=distribution,
        labels=labels,
        expect=list(expect.T),
        polynomials=polynomials,
        stored_final=main.final,
        stored_states=main.states,
        frame=frame,
        budget=budget,
        stats={
            "method": method,
            "applications": main.applications,
            "steps": main.steps,
            "elements": blocks.dim,
            "terms": len(generator.terms),
            "arithmetic": "real"
            if generator.planes(vector) == 1
            else "two real planes"
            if generator.is_real
            else "complex",
            "threads": workers,
            "bytes": evolution_bytes(N, kept),
            "run time": time.perf_counter() - started,
        },
    )


def evolution_bytes(N: int, kept: int = 0) -> float:
    """Memory of an evolution: four stored states, full vectors in and out, `kept` more, tables of some fifty terms."""
    return dimension(N) * (4 * 9.0 + 4.5 * 16.0 + kept * 16.0) + 9000.0 * (N / 2 + 1) ** 2 + 2e5


def check_evolution_memory(N: int, kept: int = 0) -> None:
    """Refuse an evolution that does not fit, naming the largest N that does."""
    check_memory("the evolution", N, lambda n: evolution_bytes(n, kept))


def _threads(threads, N: int) -> int:
    if threads is None:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return 1 if dimension(N) < SMALL else cores
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        raise FiniteNError(f"threads = {threads!r}: a whole number, 1 or more, or None for the default.")
    return threads
