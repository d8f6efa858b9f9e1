"""What a study would take, before it runs: numbers stored, memory and time at every size, and which sizes are begun."""

from __future__ import annotations

import dataclasses
import math

from comparison.growing_ladder import GrowingLadder, working_time
from comparison.growth import Forecast, SizeSequence, duration
from comparison.referee.extrapolation import FEWEST
from comparison.referee.table import aligned
from comparison.study.study import Study
from finite_n.memory import NoMemoryError, available, in_bytes
from finite_n.model.model import Model
from finite_n.solvers.plan import EvolutionPlan, plan_evolution

_TELLING = 0.15  # seconds of a trial, beside those of the fastest, after which no larger one is made
_LONGEST = 4.0  # seconds of all trials after which none is made, if there are two
_DOMINANT = 0.5  # share of the fastest by which a trial has to be longer too: the rest does not grow with N
_AT_ONCE = 300.0  # times the work of the trial before, at most
_OCTAVE = 4  # places of a sequence from one size to its double
_OF_PARTICLES = "one particle, evolved once for all N"


@dataclasses.dataclass(frozen=True)
class SizeForecast:
    """What one size would take.

    N : number of particles
    note : what would be stored, and why
    elements : numbers stored, nan for particles made of bosons; bytes : of memory at the peak
    work : elements × applications of the generator
    seconds : predicted to a factor of two or so, nan where that is not known
    """

    N: int
    note: str
    elements: float = math.nan
    bytes: float = 0.0
    work: float = 0.0
    seconds: float = math.nan


@dataclasses.dataclass(frozen=True)
class StudyForecast:
    """What a study would take.

    sizes : of every size that would be begun
    trials : sizes that were evolved to know the speed
    budget : seconds within which sizes are chosen, None where they are given
    end : why no more would be begun, where they are chosen
    """

    sizes: list[SizeForecast]
    trials: list[int]
    budget: float | None = None
    end: str = ""

    @property
    def seconds(self) -> float:
        """Of all sizes."""
        return sum(x.seconds for x in self.sizes)

    @property
    def bytes(self) -> float:
        """Of memory at the peak."""
        return max((x.bytes for x in self.sizes), default=0.0)

    def __str__(self):
        rows = [["N", "numbers stored", "memory", "time", "engine"]]
        rows += [[str(x.N), _count(x.elements), in_bytes(x.bytes), _seconds(x.seconds), x.note] for x in self.sizes]
        lines = [aligned(rows, left={4})]
        speed = f", by trial runs at N = {', '.join(map(str, self.trials))}" if self.trials else ""
        lines += ["", f"In all {_seconds(self.seconds)} of exact evolution{speed}; {in_bytes(available())} are free."]
        if self.budget is not None:
            why = f" ({self.end})" if self.end else ""
            lines.append(
                f"Sizes are chosen within {duration(self.budget)}: these would be begun{why}, or fewer, until every "
                "verdict is settled."
            )
        return "\n".join(lines)

    def as_data(self) -> dict:
        """The same for JSON."""
        rows = [
            {"N": x.N, "engine": x.note, "bytes": x.bytes, "elements": _known(x.elements), "seconds": _known(x.seconds)}
            for x in self.sizes
        ]
        return {
            "sizes": rows,
            "seconds": _known(self.seconds),
            "bytes": self.bytes,
            "trials": self.trials,
            "budget": self.budget,
        }


def size_forecast(study: Study, N: int) -> SizeForecast:
    """What one size would take, its time apart; raises `NoMemoryError` where it does not fit."""
    if not isinstance(study.model, Model):
        return SizeForecast(N, _OF_PARTICLES, work=study.subject.cost(N))
    plan = _plan(study, N)
    return SizeForecast(N, plan.note, plan.elements, plan.bytes, plan.work)


def forecast(study: Study) -> StudyForecast:
    """What all sizes would take. Small sizes are evolved to know the speed, for a second or some; nothing else is."""
    if not isinstance(study.model, Model):
        sizes = study.doubling_sizes(FEWEST)
        return StudyForecast([size_forecast(study, N) for N in sizes], [], study.budget if study.is_auto else None)
    speed, trials = _speed(study)
    known: dict[int, SizeForecast] = {}

    def at(N: int) -> SizeForecast:
        if N not in known:
            found = size_forecast(study, N)
            known[N] = dataclasses.replace(found, seconds=speed.about(found.work))
        return known[N]

    if not study.is_auto:
        return StudyForecast([at(N) for N in study.sizes], trials)
    spent, started = [0.0], working_time()

    def work(N: int) -> None:
        spent[0] += at(N).seconds

    def clock() -> float:  # the choice is that of a run, whose clock is moved on
        return spent[0] + working_time() - started

    ladder = GrowingLadder(study._sequence, study.budget, FEWEST, cost=lambda N: at(N).work, clock=clock)
    ladder.climb(work, keep=True)
    end = ladder.growth.without_times().partition("; ")[2].rstrip(".") or {"memory": "larger ones do not fit"}.get(
        ladder.growth.ended, ""
    )
    return StudyForecast([known[N] for N in ladder.done], trials, study.budget, end)


def _plan(study: Study, N: int) -> EvolutionPlan:
    return plan_evolution(study.model, N, study.rho0, study.times, study.e_ops, **study.evolution)


def _speed(study: Study) -> tuple[Forecast, list[int]]:
    """Seconds of work, from trial runs: the smallest size and its doubles, up to one that takes long enough to tell."""
    sequence = study._sequence if study.is_auto else SizeSequence(study.space, 1)
    most = math.inf if study.is_auto else study.sizes[-1]
    speed, done, place, spent = Forecast(), [], sequence.lowest, 0.0
    while sequence[place] <= most and sequence.allows(place):
        try:
            plan = _plan(study, sequence[place])
        except NoMemoryError:
            break
        if done and plan.work > _AT_ONCE * speed.done[-1][0]:
            break  # of particles that grow that fast two trials tell enough
        seconds = [_timed(study, sequence[place])]
        while not done and len(seconds) < 3 and sum(seconds) < _LONGEST / 2:  # the first loads what is needed
            seconds.append(_timed(study, sequence[place]))
        spent += sum(seconds)
        speed.add(plan.work, min(seconds))
        done.append(sequence[place])
        beyond = min(seconds) - min(t for _, t in speed.done)  # functions of time take theirs at every N
        if beyond > max(_TELLING, _DOMINANT * (min(seconds) - beyond)) or (len(done) > 1 and spent > _LONGEST):
            break
        place += _OCTAVE if sequence[place] > 2 else 1
    return speed, done


def _timed(study: Study, N: int) -> float:
    plan, began = _plan(study, N), working_time()
    plan.run()
    return working_time() - began


def _count(x: float) -> str:
    return "–" if math.isnan(x) else f"{x:.0f}" if x < 1e6 else f"{x:.2g}"


def _seconds(x: float) -> str:
    return "unknown time" if math.isnan(x) else f"about {duration(x)}"


def _known(x: float) -> float | None:
    return None if math.isnan(x) else x
