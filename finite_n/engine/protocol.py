"""The language of engines and solvers: a question, an offer or a refusal, an outcome.

Every engine answers a `Question` with an `Offer`, made without running anything, or a `Refusal`, one sentence. The
cheapest offer is taken (`finite_n.solvers.choose`), and `Offer.run` gives an `Outcome`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np

from finite_n.engine.drive import Drive
from finite_n.engine.footprint import Asked
from finite_n.engine.moments import Moments
from finite_n.engine.operator_start import OperatorStart
from finite_n.errors import FiniteNError
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.propagation.propagate import scheme_of
from finite_n.states.initial_state import InitialState

MOMENTS, FINAL_STATE, STATES, J_WEIGHTS = "moments", "final state", "states", "J weights"
AS_OPERATORS = "states as operators"  # at all times, in a form that can be multiplied with others
OPERATOR_START = "evolution of an operator"  # neither Hermitian nor positive; only observables are read
TIME_DEPENDENCE = "generator that depends on time"
_RESOLVED = 1e-13  # of the trace norm: what double precision carries through thousands of applications


@dataclasses.dataclass(frozen=True)
class Question:
    """What a user asks of an evolution at one N.

    model; N: particles of all species; start: the initial state; times (T,); observables beside first and second
    moments; tol: error allowed of averages, covariances and observables; wants: what the answer must hold, of
    "moments", "final state", "states" (at all times), "J weights", "states as operators" (at all times), "evolution of
    an operator" (start is then an `OperatorStart`, and observables alone are read); basis: "auto" or the name of an
    engine, in small letters; method: of time integration; threads: at most, None for the cores that are idle; cutoffs:
    highest Fock levels by name of the mode, None if they are to be found; check: whether to run a second time with
    other settings;
    progress: called with numbers from 0 to 1; drive: of a model that depends on time, with "generator that depends on
    time" among what is wanted and method "taylor"; model is then a constant one that has all terms that occur.
    """

    model: Model
    N: int
    start: InitialState | OperatorStart
    times: np.ndarray
    observables: tuple[Polynomial, ...] = ()
    tol: float = 1e-9
    wants: frozenset[str] = frozenset([MOMENTS])
    basis: str = "auto"
    method: str = "faber"
    threads: int | None = None
    cutoffs: Mapping[str, int] | None = None
    check: bool = True
    progress: Callable[[float], None] | None = None
    drive: Drive | None = None

    @property
    def asked(self) -> Asked:
        """What of the question takes memory."""
        times, vectors = len(self.times), scheme_of(self.method).vectors
        return Asked(
            times if {STATES, AS_OPERATORS} & self.wants else 0, vectors, self.check, times, len(self.observables)
        )

    @property
    def wants_all_elements(self) -> bool:
        """Whether elements that no observable depends on are wanted too."""
        return not self.wants <= {MOMENTS, OPERATOR_START, TIME_DEPENDENCE}

    @property
    def degree(self) -> int:
        """Of the longest product of averages that is read."""
        return max([2, *(p.degree for p in self.observables)])

    def largest_average(self, levels) -> float:
        """Norm of an average: Gell-Mann matrices have norms up to √2, quadratures of a mode √(2(c + 1)/N)."""
        matrices = 1.0 if all(s.dim == 2 for s in self.model.species) else np.sqrt(2.0)
        return max([matrices, *(np.sqrt(2 * (c + 1) / self.N) for c in levels)])

    def trace_tolerance(self, levels=()) -> float:
        """Trace-norm error of ρ allowed, with modes cut off at `levels`.

        N(δ⟨mm⟩ + 2|m| δ⟨m⟩) ≤ 3N ‖δρ‖₁ for a covariance of averages of norm one, Σ_w |c_w| ‖δρ‖₁ for an observable.
        """
        largest = self.largest_average(levels)
        sizes = [sum(abs(c) * largest ** len(w) for w, c in p.words.items()) for p in self.observables]
        covariances = 3.0 * self.N * largest**2 if MOMENTS in self.wants else 0.0
        return max(self.tol / max(covariances, *sizes, 1.0), _RESOLVED)

    def agrees(self, one: Moments, other: Moments, levels=()) -> bool:
        """Whether two runs with modes cut off at `levels` or above differ by less than the tolerance."""
        if MOMENTS not in self.wants:
            return float(np.abs(one.observables - other.observables).max(initial=0)) <= self.tol
        change = max(float(np.abs(x - y).max()) for x, y in zip(one[:2], other[:2], strict=True))
        return 3 * self.N * self.largest_average(levels) ** 2 * change <= self.tol


@dataclasses.dataclass(frozen=True)
class Refusal:
    """Why an engine does not answer a question, in one sentence; a `NoMemoryError` names the largest N that fits."""

    reason: FiniteNError


@dataclasses.dataclass
class Outcome:
    """What an evolution gave.

    moments; again: those of the check run, None without one; basis, elements, bytes, note: what was stored and why; J:
    values of J that the weights belong to, an array for every species, None where J is not resolved; final and states:
    (blocks, elements) for every part of the state, empty where not all of it is known; frames: unitaries by species in
    which they are kept; covariance and covariance_again: covariances of fluctuations (T, n, n) of both runs, where an
    engine knows them better than as N times a difference of moments, and covariance_growth: their error over that of
    the state, by default 3N for averages of norm one; amplitudes: those of a final state vector of two-level particles,
    in the order of species, then modes; bound: of the truncation error of the final state in trace norm;
    discarded: weight of what was left out; tail: what cutoffs of modes change; rounding; smallest: the smallest
    eigenvalue found; largest_average: norm of an average; stats.
    """

    moments: Moments
    basis: str
    elements: int
    bytes: float
    note: str
    again: Moments | None = None
    J: list[np.ndarray] | None = None
    final: list = dataclasses.field(default_factory=list)
    states: list = dataclasses.field(default_factory=list)
    frames: dict[str, np.ndarray] = dataclasses.field(default_factory=dict)
    covariance: np.ndarray | None = None
    covariance_again: np.ndarray | None = None
    covariance_growth: float | None = None
    amplitudes: np.ndarray | None = None
    bound: float = 0.0
    discarded: float = 0.0
    tail: float = 0.0
    rounding: float = 0.0
    smallest: float = 0.0
    largest_average: float = 1.0
    stats: dict = dataclasses.field(default_factory=dict)


class Offer(Protocol):
    """An engine's answer to a question, before anything runs.

    elements: numbers that would be stored; bytes: at the peak; applications: of the generator, about; note: what is
    stored and why. With `closed_form` = True, which may be left out, nothing is propagated, and no other is asked.
    """

    elements: float
    bytes: float
    applications: float
    note: str

    def run(self) -> Outcome:
        """Run the evolution."""


class Engine(Protocol):
    """A way to answer questions.

    name: as in basis= and stats["basis"]; gives: what it can answer of `Question.wants`.
    """

    name: str
    gives: frozenset[str]

    def offer(self, question: Question) -> Offer | Refusal:
        """An offer, after all checks of memory, or a refusal; refusals may be raised as FiniteNError too."""
