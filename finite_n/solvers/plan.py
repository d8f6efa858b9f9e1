"""An evolution that is planned but not run: what it would take, for who wants to decide before waiting."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence

import numpy as np

from finite_n.engine.drive import Drive
from finite_n.engine.protocol import FINAL_STATE, J_WEIGHTS, MOMENTS, STATES, TIME_DEPENDENCE, Offer, Outcome, Question
from finite_n.errors import FiniteNError, shown
from finite_n.memory import refused_when_full
from finite_n.model.inputs import check_times, read_observables
from finite_n.model.model import Model
from finite_n.model.validation import check_choice, check_kind, check_number, check_progress, check_size, check_switch
from finite_n.propagation.propagate import METHODS, TAYLOR
from finite_n.solvers.choose import choose, naming_what_fits, read_basis
from finite_n.solvers.error_budget import ErrorBudget
from finite_n.solvers.result import Result
from finite_n.states.initial_state import as_initial_state
from finite_n.threads import one_blas_thread, threads_for
from finite_n.typing import Observables, StateLike


@dataclasses.dataclass(frozen=True)
class EvolutionPlan:
    """What an evolution takes, by the offer that `evolve` would accept.

    N : number of particles
    elements : numbers that would be stored; an upper bound where finding out takes as long as running
    bytes : of memory at the peak
    applications : of the generator, about; of modes for the levels that the start asks for, which may become more
    note : what would be stored, and why
    """

    question: Question = dataclasses.field(repr=False)
    labels: list[str] = dataclasses.field(repr=False)
    offer: Offer = dataclasses.field(repr=False)

    @property
    def N(self) -> int:
        """Number of particles."""
        return self.question.N

    @property
    def elements(self) -> float:
        """Numbers that would be stored."""
        return self.offer.elements

    @property
    def bytes(self) -> float:
        """Of memory at the peak."""
        return self.offer.bytes

    @property
    def applications(self) -> float:
        """Of the generator, about."""
        return self.offer.applications

    @property
    def note(self) -> str:
        """What would be stored, and why."""
        return self.offer.note

    @property
    def work(self) -> float:
        """elements × applications, by which offers are compared. The time of one unit depends on the engine: 2 to 500
        ns."""
        return self.elements * self.applications

    @one_blas_thread
    def run(self) -> Result:
        """The evolution, as by `evolve`, without looking again for what the plan has found."""
        started = time.perf_counter()
        with naming_what_fits(self.question), refused_when_full(f"evolution at N = {shown(self.N)}"):
            outcome = self.offer.run()
        result = result_of(self.question, self.labels, outcome)
        result.stats["run time"] = time.perf_counter() - started
        return result


@one_blas_thread
def plan_evolution(
    model: Model,
    N: int,
    rho0: StateLike,
    tlist: Sequence[float],
    e_ops: Observables | None = None,
    **options,
) -> EvolutionPlan:
    """What `evolve` would take for the same arguments, without running it: milliseconds, or seconds where few elements
    of three and more levels are looked for.

    model, N, rho0, tlist, e_ops, options : as for `finite_n.evolve`

    Raises what `evolve` would raise before it runs: FiniteNError for bad arguments; `finite_n.memory.NoMemoryError`, a
    FiniteNError, where the state does not fit into memory.

    Example
    -------
    >>> import qutip
    >>> from finite_n import LocalJump, Model
    >>> decay = Model(jumps=[LocalJump(qutip.sigmam())])
    >>> plan = plan_evolution(decay, 20, [0, 0, 1], [0.0, 1.0])
    >>> plan.elements, plan.run().mean("z").round(8)
    (4.0, array([ 1.        , -0.26424112]))
    """
    labels, question = read_question(model, N, rho0, tlist, e_ops, **options)
    with naming_what_fits(question), refused_when_full(f"evolution at N = {shown(N)}"):
        return EvolutionPlan(question, labels, choose(question))


def check_options(model, N, tol, check, method, threads, progress) -> tuple[int, float]:
    """N and tol; refuses what no evolution accepts."""
    check_kind(model, "model", Model, "a finite_n.Model")
    N, tol = check_size(N), check_number(tol, "tol", 1e-13, 0.1)
    check_choice(method, "method", tuple(METHODS))
    check_progress(progress)
    check_switch(check, "check")
    threads_for(threads, 0)  # refuses a wrong number of threads, whether the engine uses them or not
    return N, tol


def read_question(
    model,
    N,
    rho0,
    tlist,
    e_ops=None,
    *,
    tol=1e-9,
    keep_states=False,
    check=True,
    method="faber",
    basis="auto",
    threads=None,
    cutoffs=None,
    progress=None,
) -> tuple[list[str], Question]:
    """The labels of the observables, and the question; refuses what is not allowed."""
    N, tol = check_options(model, N, tol, check, method, threads, progress)
    times = check_times(tlist)
    of_time, wants_time = in_time(model, float(times[0]), float(times[-1]), method)
    check_switch(keep_states, "keep_states")
    labels, observables = read_observables(e_ops, model)
    for label, p in zip(labels, observables, strict=True):
        if foreign := p.letters - set(model.space.letters):
            names = ", ".join(sorted(str(a) for a in foreign))
            raise FiniteNError(f"observable {label}: {names} is not an average of the model.")
    if cutoffs is not None and not model.modes:
        raise FiniteNError(f"cutoffs = {shown(cutoffs)}: the model has no modes; leave them out.")
    basis = read_basis(basis)
    wants = frozenset([MOMENTS] + [STATES] * keep_states)
    if basis == "dicke":  # asked for to know the state
        wants |= {FINAL_STATE, J_WEIGHTS}
    return labels, Question(
        N=N,
        start=as_initial_state(rho0, model),
        times=times,
        observables=tuple(observables),
        tol=tol,
        wants=wants | wants_time,
        basis=basis,
        threads=threads,
        cutoffs=cutoffs,
        check=check,
        progress=progress,
        **of_time,
    )


def in_time(model: Model, start: float, end: float, method: str) -> tuple[dict, frozenset[str]]:
    """`model`, `method` and `drive` of a `Question` from one time to another, and what is wanted because of them."""
    if not model.depends_on_time:
        return {"model": model, "method": method}, frozenset()
    check_choice(method, "method of a model that depends on time", ("faber",))
    if start == end:
        return {"model": model.at(start), "method": method}, frozenset()
    drive = Drive(model.between(start, end), start, end)
    return {"model": drive.peak, "method": TAYLOR, "drive": drive}, frozenset([TIME_DEPENDENCE])


def result_of(question: Question, labels: list[str], outcome: Outcome) -> Result:
    """What a user gets of an outcome."""
    model, N = question.model, question.N
    moments, again = outcome.moments, outcome.again
    names = ("means", "second_moments", "weights", "observables")
    difference = again and [float(np.abs(getattr(moments, x) - getattr(again, x)).max(initial=0)) for x in names]
    apart = difference and 3 * N * outcome.largest_average**2 * max(difference[:2])
    if outcome.covariance_again is not None:
        apart = float(np.abs(outcome.covariance - outcome.covariance_again).max(initial=0))
    budget = ErrorBudget(
        tolerance=question.tol,
        truncation_bound=outcome.bound,
        moment_difference=difference and max(difference[:2]),
        covariance_difference=apart,
        observable_difference=difference and difference[3],
        trace_drift=float(np.abs(moments.weights.sum(axis=1) - 1).max()),
        smallest_eigenvalue=float(outcome.smallest),
        boson_tail=outcome.tail,
        rounding=outcome.rounding,
        discarded_weight=outcome.discarded,
        largest_average=float(outcome.largest_average),
        covariance_growth=outcome.covariance_growth,
    )
    return Result(
        N=N,
        times=question.times,
        means=moments.means,
        second_moments=moments.second_moments,
        weights=moments.weights,
        values_of_J=outcome.J,
        labels=labels,
        expect=list(moments.observables.T),
        polynomials=list(question.observables),
        stored_final=outcome.final,
        stored_states=outcome.states,
        frames=outcome.frames,
        budget=budget,
        stats={"method": question.method}
        | outcome.stats
        | {"basis": outcome.basis, "kept": outcome.note, "elements": outcome.elements, "bytes": outcome.bytes},
        space=model.space,
        sizes=model.space.sizes(N),
        levels=dict(zip((mode.name for mode in model.modes), moments.levels, strict=True)),
        known_covariance=outcome.covariance,
        final_amplitudes=outcome.amplitudes,
    )
