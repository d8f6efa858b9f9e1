"""How offers run: attempts with more and more Fock levels, every part of the state once and once more as a check."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

import numpy as np

from finite_n.engine.cutoffs import LevelSearch, watched_levels
from finite_n.engine.leakage import TailWatch, TooFewLevels, leak_rates
from finite_n.engine.moments import Readout
from finite_n.engine.protocol import Outcome, Question
from finite_n.errors import FiniteNError
from finite_n.memory import check_memory
from finite_n.propagation.problem import LinearProblem
from finite_n.propagation.propagate import propagate

SAFETY = 1.3  # of a check run: a larger ellipse and shorter steps
_LISTED = 100.0  # bytes per particle of lists over them
_RETRIES = 4  # after a check run that differs by more than the tolerance
_FIRST = 0.45  # of the progress, where a check run follows


@dataclasses.dataclass
class Piece:
    """A part of the state that evolves independently of the others.

    problem: a `LinearProblem`; readout of its functionals; weights: positions of its weights of J among all; terms of
    one application; density: from a final vector to `DensityBlocks`, None where not all elements are known;
    populations: variables that are populations, where density is None, and unit: what they have to be divided by; share
    of the tolerance.
    """

    problem: LinearProblem
    readout: Readout
    weights: np.ndarray
    terms: int
    density: Callable | None = None
    populations: np.ndarray | None = None
    unit: np.ndarray | float = 1.0
    share: float = 1.0

    def smallest(self, final: np.ndarray) -> float:
        """The smallest eigenvalue of its part of ρ, zero if none is negative; where not all is known, the smallest
        population."""
        if self.density is None and self.populations is None:
            return 0.0
        if self.density is None:
            return float((final[self.populations] / self.unit).min(initial=0.0))
        return self.density(final).smallest_eigenvalue()


@dataclasses.dataclass
class Attempt:
    """The linear problems of an evolution with modes cut off at `readout.cutoffs`; pieces are made one after the
    other."""

    readout: Readout
    pieces: Callable[[], Iterator[Piece]]
    elements: int
    bytes: float
    note: str
    discarded: float = 0.0
    J: list[np.ndarray] | None = None
    frames: dict[str, np.ndarray] = dataclasses.field(default_factory=dict)
    stats: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Settings:
    """Of one attempt.

    check: whether a second run with other settings follows at once; safety: of the ellipse, above 1 for other numbers;
    part: of the progress, (begin, length); closed: modes that cannot be filled above their cutoffs; stop_at: what
    cutoffs may change before TooFewLevels is raised; step: of the integrator at most, to begin with.
    """

    check: bool
    safety: float = 1.0
    part: tuple[float, float] = (0.0, 1.0)
    closed: tuple[bool, ...] = ()
    stop_at: float = np.inf
    step: float = np.inf


class EvolutionOffer(ABC):
    """What engines have in common: levels raised until the highest stay empty, and a check run.

    Attributes: `elements`, `bytes`, `applications`, `note` of the offer; `amplitudes`: whether levels are watched for
    the square root of populations; `retries`: attempts after a check run that differs by more than the tolerance.
    """

    amplitudes = False
    retries = _RETRIES

    def __init__(self, question: Question):
        check_memory("a list of N + 1 numbers", question.N, lambda n: _LISTED * n)
        self.question = question
        self.search = LevelSearch(question, self.amplitudes)
        self.elements = self.bytes = 0.0
        self.note = ""

    @abstractmethod
    def attempt(self, levels: tuple[int, ...], tolerance: float, settings: Settings) -> Outcome:
        """Evolve with modes cut off at `levels`, `tolerance` on the trace norm."""

    def run(self) -> Outcome:
        """The evolution with the levels given, or with as many as the tolerance asks for, and its check."""
        question, search = self.question, self.search
        modes, given = question.model.modes, question.cutoffs is not None
        retries = self.retries
        while True:
            levels = search.levels
            tolerance, at_once = question.trace_tolerance(levels), question.check and not modes
            part = (0.0, 1.0 if at_once or not question.check else _FIRST)
            stop_at = np.inf if given else tolerance
            settings = Settings(at_once, 1.0, part, tuple(search.closed), stop_at, self._first_step())
            try:
                outcome = self.attempt(levels, tolerance, settings)
            except TooFewLevels as failed:
                search.raise_levels(failed, tolerance)
                continue
            if not modes or not question.check:
                break
            more, closed = search.further()
            settings = Settings(False, SAFETY, (_FIRST, 1 - _FIRST), tuple(closed))
            try:
                again = self.attempt(more, tolerance / 10, settings)
            except FiniteNError as error:  # too large: what is known already is not given up
                outcome.note += f"; no check with more levels: {error}"
                break
            outcome.again = again.moments
            outcome.bytes = max(outcome.bytes, again.bytes)
            retries -= 1
            enough = question.agrees(outcome.moments, again.moments, levels)
            if given or retries < 0 or more == levels or enough:
                break
            search.levels = more  # the highest levels were all but empty, and yet matter
        outcome.largest_average = question.largest_average(levels)
        return outcome

    def _first_step(self) -> float:
        """After an attempt that broke off, no step beyond what it reached."""
        times = self.question.times
        if not self.search.history or self.amplitudes:
            return np.inf
        return max(self.search.history[-1][0], 0.01 * (times[-1] - times[0]))


class LinearOffer(EvolutionOffer):
    """An offer to evolve by ẋ = Lx: an engine says what the problems are, and this does the rest. `name` is that of the
    engine."""

    name: str

    @abstractmethod
    def problems(self, levels: tuple[int, ...], tolerance: float) -> Attempt:
        """The problems with modes cut off at `levels`; `tolerance` on the trace norm says what may be left out."""

    def attempt(self, levels: tuple[int, ...], tolerance: float, settings: Settings) -> Outcome:
        attempt = self.problems(levels, tolerance)
        outcome = propagated(attempt, self.question, tolerance, settings, self.watch(attempt, settings))
        outcome.basis = self.name
        return outcome

    def watch(self, attempt: Attempt, settings: Settings) -> TailWatch | None:
        """What breaks off as soon as the highest levels hold too much."""
        return _watch(self.question, attempt, settings)


def _watch(question: Question, attempt: Attempt, settings: Settings) -> TailWatch | None:
    levels, model = attempt.readout.cutoffs, question.model
    if not levels:
        return None
    modes = zip(model.modes, levels, settings.closed, strict=True)
    widths = [0 if closed else watched_levels(model, mode, c) for mode, c, closed in modes]
    rates = leak_rates(model, question.N, levels)
    return TailWatch(attempt.readout["levels"].start, levels, widths, rates, settings.stop_at, settings.step)


def propagated(attempt: Attempt, question: Question, tolerance: float, settings: Settings, watch) -> Outcome:
    """All pieces evolved, with `settings.check` each twice."""
    values = np.zeros((len(question.times), attempt.readout.count))
    second = values.copy() if settings.check else None
    out = Outcome(None, "", attempt.elements, attempt.bytes, attempt.note, frames=attempt.frames, J=attempt.J)
    out.smallest, out.discarded = np.inf, attempt.discarded
    applications = steps = terms = 0
    keep = bool(question.asked.kept)
    arithmetic, done, used, complete = set(), 0.0, 1, True
    for piece in attempt.pieces():
        problem = piece.problem
        share = problem.elements / max(attempt.elements, 1)
        first, rest = two_reports(question.progress, done, min(share, 1.0), settings)
        done += share
        allowed = piece.share * tolerance
        run = propagate(problem, question.times, allowed, keep, question.method, settings.safety, first, watch)
        attempt.readout.add(values, run.values, piece.readout, piece.weights)
        if settings.check:
            again = propagate(problem, question.times, allowed / 10, False, question.method, SAFETY, rest)
            attempt.readout.add(second, again.values, piece.readout, piece.weights)
        applications += run.applications
        steps, terms = max(steps, run.steps), max(terms, piece.terms)
        arithmetic.add(problem.arithmetic)
        used = max(used, problem.workers)
        out.bound, out.discarded = out.bound + run.error_bound, out.discarded + run.discarded
        out.rounding = max(out.rounding, run.rounding)  # relative to the weight of a piece, and all weigh 1 together
        complete &= piece.density is not None
        if piece.density is not None:
            out.final.append(piece.density(run.final))
            out.states.append([piece.density(v) for v in run.states])
        out.smallest = min(out.smallest, piece.smallest(run.final))
        del piece, problem
    if not complete:
        out.final, out.states = [], []
    out.states = [list(x) for x in zip(*out.states, strict=True)]  # by time, then by part
    out.moments = attempt.readout.moments(values, question.N)
    out.again = None if second is None else attempt.readout.moments(second, question.N)
    out.tail = 0.0 if watch is None else watch.error
    own = {"applications": applications, "steps": steps, "terms": terms}
    out.stats = own | {"arithmetic": ", ".join(sorted(arithmetic)), "threads": used} | attempt.stats
    return out


def two_reports(progress, done: float, share: float, settings: Settings):
    """Progress of the first and the second run of a part of the state."""
    if progress is None:
        return None, None
    cut, (start, width) = _FIRST if settings.check else 1.0, settings.part

    def report(x):
        progress(min(1.0, start + width * (done + share * x)))

    return lambda x: report(cut * x), lambda x: report(cut + (1 - cut) * x)
