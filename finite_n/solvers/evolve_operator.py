"""exp(tL)X for operators X that need be neither Hermitian nor positive, such as bρ or WρW′: what the quantum regression
theorem asks for."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from finite_n.dicke_blocks.operator_blocks import OperatorBlocks
from finite_n.engine.operator_start import OperatorPart, OperatorStart
from finite_n.engine.protocol import FINAL_STATE, OPERATOR_START, STATES, Question
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.solvers.choose import choose
from finite_n.solvers.plan import in_time
from finite_n.typing import Cutoffs, Progress


@dataclasses.dataclass
class OperatorEvolution:
    """Tr(O exp(tL)X).

    values (T, observables), complex; error of these; states: exp(tL)X at all times if they were kept, else at the
    last one if asked for, as blocks in the frame of the model by the positions of their J in N_s/2, N_s/2 − 1, …;
    final: the last one of these in the frame of the computation, to go on from; stats.
    """

    values: np.ndarray
    error: float
    states: list[dict[tuple[int, ...], np.ndarray]]
    final: list[OperatorBlocks]
    stats: dict


def evolve_operator(
    model: Model,
    N: int,
    parts: Sequence[OperatorPart],
    times: np.ndarray,
    observables: Sequence[Polynomial] = (),
    *,
    origin: float = 0.0,
    tol: float = 1e-9,
    keep_states: bool = False,
    final_state: bool = False,
    check: bool = True,
    method: str = "faber",
    threads: int | None = None,
    cutoffs: Cutoffs | None = None,
    progress: Progress | None = None,
) -> OperatorEvolution:
    """Solve Ẋ = L_N X for an operator X, from times[0], where it is given.

    parts : of X, on different blocks that L does not connect, such as `OperatorBlocks.of_state(part).weighted(b)` for
        every part of `Outcome.final`, or [`from_laboratory(…)`]
    origin : the time from which `times` count, of a model that depends on time
    tol : of values, in units in which ‖X‖₁ = 1 or less
    keep_states, final_state : whether `states` are wanted at all times, or at the last one

    Raises FiniteNError where X is too large, or a step is refused.
    """
    wants = frozenset([OPERATOR_START] + [STATES] * keep_states + [FINAL_STATE] * final_state)
    times = np.asarray(times, dtype=float)
    of_time, wants_time = in_time(model, origin + float(times[0]), origin + float(times[-1]), method)
    question = Question(
        N=N,
        start=OperatorStart(parts),
        times=times,
        observables=tuple(observables),
        tol=tol,
        wants=wants | wants_time,
        threads=threads,
        cutoffs=cutoffs,
        check=check,
        progress=progress,
        **of_time,
    )
    outcome = choose(question).run()
    values, again = outcome.moments.observables, outcome.again and outcome.again.observables
    apart = 0.0 if again is None else float(np.abs(values - again).max(initial=0))
    kept = outcome.states if keep_states else [outcome.final] if final_state else []
    kept = [_summed(parts) for parts in kept]
    states = [{at: m for part in parts for at, m in part.in_laboratory().items()} for parts in kept]
    largest = max([1.0, *(p.size for p in observables)])
    error = max(largest * outcome.bound, largest * outcome.rounding, apart)
    stats = outcome.stats | {"kept": outcome.note}
    return OperatorEvolution(values, error, states, kept[-1] if kept else [], stats)


def _summed(parts: Sequence[OperatorBlocks]) -> list[OperatorBlocks]:
    """Parts with those on the same blocks, Hermitian and anti-Hermitian ones, added up."""
    total: dict[int, OperatorBlocks] = {}
    for part in parts:
        before = total.get(id(part.blocks))
        values = part.values if before is None else before.values + part.values
        total[id(part.blocks)] = dataclasses.replace(part, values=values)
    return list(total.values())
