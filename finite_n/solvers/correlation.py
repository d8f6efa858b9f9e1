"""`correlation`: averages of two operators at two times, stationary or after a start, by the quantum regression
theorem."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence

import numpy as np

from finite_n.dicke_blocks.density import DensityBlocks
from finite_n.dicke_blocks.operator_blocks import OperatorBlocks
from finite_n.engine.operator_start import OperatorPart, with_room
from finite_n.engine.protocol import AS_OPERATORS, MOMENTS, Question
from finite_n.errors import FiniteNError, shown
from finite_n.memory import refused_when_full
from finite_n.model.inputs import check_delays, check_starts, read_operator
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.model.time_dependent import TimeDependentError
from finite_n.model.validation import check_switch
from finite_n.occupations.density import DensityElements
from finite_n.solvers.choose import choose, naming_what_fits
from finite_n.solvers.evolve_operator import evolve_operator
from finite_n.solvers.plan import check_options, in_time, read_question
from finite_n.solvers.stationary_result import SteadyState
from finite_n.solvers.steady_state import steady_state
from finite_n.threads import one_blas_thread
from finite_n.typing import Cutoffs, Progress, StateLike


@dataclasses.dataclass(repr=False)
class Correlation:
    """⟨c(t) a(t + τ) b(t)⟩ at one N.

    N; times: t, (T,), None in the stationary state; delays: τ, (D,); values: complex, (T, D), in the stationary state
    (D,), with several a one such array after the other; error: of values, as far as it is known: of truncation, of the
    check run, of the state at t; stats: in the stationary state also its averages, (n,).
    """

    N: int
    times: np.ndarray | None
    delays: np.ndarray
    values: np.ndarray
    error: float
    stats: dict

    def __repr__(self):
        when = "stationary" if self.times is None else f"{len(self.times)} times from {self.times[0]:g}"
        return "\n".join(
            [
                f"Two-time correlation, N = {self.N}, {when}, {len(self.delays)} delays from {self.delays[0]:g} to "
                f"{self.delays[-1]:g}",
                f"  at the last  {np.array2string(np.asarray(self.values[..., -1]), precision=8)}",
                f"  error        below {self.error:.0e}",
                f"  method       {self.stats['kept']}, {self.stats['arithmetic']}, {self.stats['applications']} "
                f"applications, {self.stats['run time']:.2f} s",
            ]
        )


@one_blas_thread
def correlation(
    model: Model,
    N: int,
    rho0: StateLike | None,
    tlist: Sequence[float] | None,
    taulist: Sequence[float],
    a: Polynomial | Sequence[Polynomial],
    b: Polynomial,
    *,
    c: Polynomial | None = None,
    connected: bool = False,
    tol: float = 1e-9,
    check: bool = True,
    method: str = "faber",
    threads: int | None = None,
    cutoffs: Cutoffs | None = None,
    progress: Progress | None = None,
) -> Correlation:
    """⟨a(t + τ) b(t)⟩ = Tr(a e^{τL} b ρ(t)) exactly for N particles (ħ = 1), or ⟨c(t) a(t + τ) b(t)⟩.

    Of a model that depends on time, e^{τL} is the evolution from t to t + τ, and there is no stationary state.
    bρ is not Hermitian: its Hermitian and its anti-Hermitian part are evolved as states are, which takes twice as long
    as an evolution of ρ over the same time, for every t and whatever the number of τ and of a.

    Parameters
    ----------
    model : Model
    N : int
        Number of particles, N ≥ 1.
    rho0 : as for `evolve`, or None
        With tlist=None the stationary state that is reached from it; None where there is only one.
    tlist : array, shape (T,), or None
        Times t, increasing; rho0 is the state at tlist[0]. None: the stationary state.
    taulist : array, shape (D,)
        Delays τ ≥ 0, increasing.
    a, b, c : Polynomial
        Ordered polynomials of averages and modes, in the order in which they are written: for normally ordered light
        α† of a mode or m(σ₊) on the left. For m(σ₊), m(σ₋) this is ⟨J₊(t + τ) J₋(t)⟩/N². A list of a is answered at
        once. The order in time of photon counting, ⟨x†(t) y†y(t + τ) x(t)⟩, is c = x†, a = y†y, b = x.
    connected : bool
        Take b − ⟨b(t)⟩ in place of b: ⟨a(t + τ) b(t)⟩ − ⟨a(t + τ)⟩⟨b(t)⟩, without loss of digits. Not with c.
    tol : float
        Truncation error allowed of the values, averages taken at norm one.
    check, method, threads, cutoffs, progress : as for `evolve`

    Returns
    -------
    Correlation

    Raises FiniteNError for bad input, where there is no unique stationary state, or if memory does not suffice.

    Example
    -------
    >>> import qutip
    >>> from finite_n import LocalJump, Model, average, correlation, mz
    >>> up, down = average(qutip.sigmap()), average(qutip.sigmam())
    >>> decay = Model(0.5 * mz, jumps=[LocalJump(qutip.sigmam())])
    >>> correlation(decay, 20, [0, 0, 1], [0.0], [0.0, 1.0], up, down).values.round(8)
    array([[0.05     +0.j       , 0.0163855+0.0255189j]])

    Source: M. Lax, Phys. Rev. 129, 2342 (1963); for N independent spins e^{(iω − γ/2)τ}/N from all up.
    """
    started = time.perf_counter()
    N, tol = check_options(model, N, tol, check, method, threads, progress)
    delays, several = check_delays(taulist), not isinstance(a, Polynomial)
    if several and not isinstance(a, list | tuple):
        raise FiniteNError(f"a: got {shown(a)}; give a polynomial of averages, such as mz, or a list of them.")
    read = [read_operator(x, "a", model) for x in (a if several else [a])]
    if not read:
        raise FiniteNError("correlation: a is empty; give one operator or more.")
    weights = [read_operator(b, "b", model)] + ([] if c is None else [read_operator(c, "c", model)])
    if check_switch(connected, "connected") and c is not None:
        raise FiniteNError("correlation: connected=True is for two operators; leave c out.")
    options = {"tol": tol, "check": check, "method": method, "threads": threads, "cutoffs": cutoffs}
    if tlist is None:
        times, (states, error, means) = None, stationary_parts(model, N, rho0, cutoffs)
    else:
        times = check_starts(tlist)
        states, error = _evolved_parts(model, N, rho0, times, float(delays[-1]), options)
    error *= max(p.size for p in read) * float(np.prod([p.size for p in weights]))  # of the state, in trace norm
    values, stats = [], {}
    span = np.union1d([0.0], delays)
    for number, parts in enumerate(states):
        share = None if progress is None else lambda x, k=number: progress((k + x) / len(states))
        with refused_when_full(f"correlation at N = {shown(N)}"):
            x = weighted(model, parts, *weights, connected=connected)
            origin = 0.0 if times is None else float(times[number])
            run = evolve_operator(model, N, x, span, read, origin=origin, progress=share, **options)
        values.append(run.values[len(span) - len(delays) :].T)
        error, stats = max(error, run.error), stats or run.stats
    values = np.array(values).transpose(1, 0, 2)  # of every a, (T, D)
    values = values if times is not None else values[:, 0]
    stats["run time"] = time.perf_counter() - started
    if times is None:
        stats["averages"] = means
    return Correlation(N, times, delays, values if several else values[0], error, stats)


def weighted(
    model: Model, parts: Sequence[OperatorPart], b: Polynomial, c: Polynomial | None = None, *, connected: bool = False
) -> list[OperatorPart]:
    """bρ, or bρc, from the parts of ρ; connected: (b − ⟨b⟩)ρ."""
    roomy = [with_room(part, [b] if c is None else [b, c], model.modes) for part in parts]
    x = [part.weighted(b, c) for part in roomy]
    if not connected:
        return x
    average = sum(part.trace() for part in x) / sum(part.trace() for part in parts)
    return [part.weighted(b - average) for part in roomy]


def stationary_parts(model: Model, N: int, rho0, cutoffs) -> tuple[list[list[OperatorPart]], float, np.ndarray]:
    """The stationary state, its error in trace norm, and its averages."""
    if model.depends_on_time:
        raise TimeDependentError(
            "the model",
            "the model depends on time and has no stationary state: give model.at(t), the model at one time, or ask "
            "for correlations after a start, such as a state of periodic_state, by rho0 and tlist.",
        )
    found: SteadyState = steady_state(model, N, rho0=rho0, cutoffs=cutoffs)
    return [[_as_operator(found.rho)]], found.error, found.means


def _evolved_parts(model: Model, N: int, rho0, times: np.ndarray, longest: float, options: dict):
    """ρ at all times, in parts on different blocks, and its error in trace norm.

    Where the model depends on time, the blocks and frames are those for all that acts until the `longest` delay ends.
    """
    if rho0 is None:
        raise FiniteNError("correlation: rho0 is missing; give the state at tlist[0], or tlist=None.")
    of_time, wants_time = in_time(model, float(times[0]), float(times[-1]) + longest, options["method"])
    _, question = read_question(of_time["model"], N, rho0, [times[0], times[0] + 1.0], **options)
    wants = wants_time | {MOMENTS, AS_OPERATORS}
    question: Question = dataclasses.replace(question, times=times, wants=wants, **of_time)
    with naming_what_fits(question), refused_when_full(f"evolution at N = {shown(N)}"):
        outcome = choose(question).run()
    error = max(outcome.bound, outcome.discarded, outcome.tail, outcome.rounding, -outcome.smallest)
    return [[_as_operator(part) for part in state] for state in outcome.states], error


def _as_operator(part) -> OperatorPart:
    if isinstance(part, DensityBlocks):
        return OperatorBlocks.of_state(part)
    return part.operator() if isinstance(part, DensityElements) else part
