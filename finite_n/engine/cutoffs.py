"""How many Fock levels of the modes are kept: those given, a first guess from the state, and more where the highest are
filled."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import numpy as np

from finite_n.engine import mode_states
from finite_n.engine.leakage import POWER, leak_rates, tail_of
from finite_n.engine.protocol import Question
from finite_n.engine.reachable_levels import highest_levels
from finite_n.errors import FiniteNError, shown
from finite_n.model.model import Model
from finite_n.model.quadratures import quadrature_product
from finite_n.model.validation import check_whole
from finite_n.states.initial_state import InitialState
from finite_n.states.mode import ModeState

_ATTEMPTS = 40
_FEWEST = 6  # levels that evolutions begin with
_HOPELESS = 30.0  # growth of levels still expected, beyond which an evolution is hopeless
_TRIED, _PATIENCE = 3, 20.0  # attempts and seconds that something hopeless is given
_LONGEST = 600.0  # seconds of attempts that broke off
_MOST = 100_000  # levels
_CANCELLED = 1e-12  # of the absolute values added up
_FASTEST = 0.35  # populations are not trusted to fall faster than this from level to level


def given_levels(model: Model, state: InitialState | None, N: int, cutoffs) -> tuple[int, ...] | None:
    """The highest levels asked for, in the order of the modes, or None; refuses what leaves nearly all of `state`
    above."""
    if cutoffs is None:
        return None
    names = [mode.name for mode in model.modes]
    if not names:
        raise FiniteNError(f"cutoffs = {shown(cutoffs)}: the model has no modes; leave them out.")
    if not isinstance(cutoffs, Mapping) or set(cutoffs) != set(names):
        raise FiniteNError(f"cutoffs = {shown(cutoffs)}: give a dict with the highest level of {', '.join(names)}.")
    for name, c in cutoffs.items():
        c = check_whole(c, f"cutoffs: {name}", 1, _MOST - 1)
        lost = 1 - mode_states.weight_below(state.parts[name], N, c) if state is not None else 0.0
        if lost > 0.9:  # what is less shows in the error budget, as a trace below 1
            raise FiniteNError(f"cutoffs: {name} = {c} leaves {lost:.2g} of the initial state above; give more levels.")
    return tuple(int(cutoffs[name]) for name in names)


def first_levels(
    model: Model, state: InitialState | None, N: int, tail: float, fewest: int = _FEWEST
) -> tuple[int, ...]:
    """What the initial fields need so that about `tail` of their weight is above, at least `fewest`."""
    if state is None:
        return (fewest,) * len(model.modes)
    fields: list[ModeState] = [state.parts[mode.name] for mode in model.modes]
    return tuple(max(fewest, f.cutoff(N, max(tail, 1e-30))) for f in fields)


def reach_in_levels(model: Model, mode) -> int:
    """Levels that one term of the generator may jump over, at least two: as many of the highest count as the tail."""
    own = set(mode.letters)
    polynomials = [model.hamiltonian, *(p for part in model.collective for p in part.polynomials)]
    return max([2, *(sum(a in own for a in word) for p in polynomials for word in p.words)])


def watched_levels(model: Model, mode, cutoff: int) -> int:
    """How many of the highest levels count as the tail of an evolution: not the lowest one, unless a term leads from
    there to above."""
    reach = reach_in_levels(model, mode)
    return cutoff + 1 if cutoff < reach and _raised_by(model, mode) > cutoff else min(reach, cutoff)


def _raised_by(model: Model, mode) -> int:
    """The largest number of quanta that a term of h, L or L†L adds to the lowest level."""
    polynomials = [model.hamiltonian]
    for part in model.collective:
        polynomials += [*part.polynomials, *(p.adjoint() * q for p in part.polynomials for q in part.polynomials)]
    most = 0
    for p in polynomials:
        groups: dict = {}
        for word, c in p.words.items():
            own = tuple(mode.letters.index(a) for a in word if a in mode.letters)
            rest = tuple(a for a in word if a not in mode.letters)
            for lowered, x in quadrature_product(own, len(own)).items():
                if -lowered > most:
                    groups.setdefault((rest, len(own), lowered), []).append(c * x[0])
        most = max([most, *(-k[2] for k, x in groups.items() if abs(sum(x)) > _CANCELLED * np.abs(x).sum())])
    return most


def levels_to_begin(question: Question, amplitudes: bool) -> tuple[int, ...]:
    """Levels of the first attempt of an evolution; of a state vector the amplitudes above are to be small, not the
    populations."""
    return first_levels(question.model, question.start, question.N, (question.tol * 1e-2) ** (2 if amplitudes else 1))


def raised_levels(model: Model, populations: Sequence[np.ndarray], allowed: Sequence[float]) -> list[int]:
    """Cutoffs of the next attempt: where the populations (times, levels) of every mode should have fallen below what is
    allowed for it.

    The one rule of evolutions and stationary states. An evolution also looks at how its levels grow with time and at
    what its start can reach; a stationary state has no times and, as a rule, no start.
    """
    modes = zip(model.modes, populations, allowed, strict=True)
    return [_fallen_below(p, reach_in_levels(model, mode), most) for mode, p, most in modes]


def _fallen_below(populations: np.ndarray, width: int, allowed: float) -> int:
    """A cutoff at which the populations of a mode, seen at all times, should have fallen below `allowed`."""
    top = populations.max(axis=0)
    cutoff = len(top) - 1
    if tail_of(populations, width).max() <= allowed:
        return cutoff
    top[-2:] = np.maximum(top[-2:], tail_of(populations, width).max() / 2)
    half = max(1, cutoff // 2)
    fall = np.clip((max(top[-1], 1e-300) / max(top[-1 - half], 1e-300)) ** (1 / half), _FASTEST, 1 - 1e-3)
    further = np.log(0.1 * allowed / top[-2:].sum()) / np.log(fall)
    return cutoff + int(np.clip(np.ceil(further), 4, cutoff + 4))


class Patience:
    """How long more levels are tried; `growth`: by how much the next attempt is expected to take longer."""

    def __init__(self, growth: float):
        self.growth, self.attempts = growth, 0
        self.started = self.begun = time.perf_counter()

    def ends(self, levels: Sequence[int], hopeless: bool) -> bool:
        """Whether no further attempt is worth it after one with these levels; `hopeless`: attempts so far promise
        nothing, so that little time is given to another."""
        now = time.perf_counter()
        further, self.begun = (now - self.begun) * self.growth, now
        self.attempts += 1
        spent = now - self.started
        hopeless = hopeless and self.attempts > _TRIED and spent + further > _PATIENCE
        return hopeless or spent > _LONGEST or max(levels) >= _MOST or self.attempts >= _ATTEMPTS


class LevelSearch:
    """The levels of the next attempt of an evolution, raised from what an attempt that broke off has seen.

    `levels`: cutoffs; `closed`: which modes cannot be filled above theirs. An attempt breaks off as soon as its highest
    levels hold too much, and the work is bounded: a refusal names the time up to which levels sufficed.
    """

    def __init__(self, question: Question, amplitudes: bool):
        self.question, self.amplitudes = question, amplitudes
        given = given_levels(question.model, question.start, question.N, question.cutoffs)
        self.levels = given or levels_to_begin(question, amplitudes)
        self.closed = [False] * len(self.levels)
        self.highest: list[int | None] | None = None
        self.history: list[tuple[float, tuple[int, ...]]] = []
        # twice as many levels are four times as many elements of ρ, or twice as many amplitudes, with faster phases
        self.patience = Patience(4 if amplitudes else 8)
        if given is not None:
            self.close()

    def close(self) -> None:
        """Find out which modes cannot be filled above their cutoffs."""
        if self.highest is None:
            self.highest = highest_levels(self.question.model, self.question.start, self.question.N)
        self.closed = [h is not None and c >= h for c, h in zip(self.levels, self.highest, strict=True)]

    def further(self) -> tuple[tuple[int, ...], list[bool]]:
        """Levels for a check, and which modes they close."""
        return tuple(c if x else c + max(3, c // 5) for c, x in zip(self.levels, self.closed, strict=True)), self.closed

    def raise_levels(self, failed, allowed: float) -> None:
        """More levels, after an attempt that broke off at failed.t with failed.populations."""
        model = self.question.model
        self.history.append((failed.t, self.levels))
        span = float(self.question.times[-1] - self.question.times[0])
        self.close()
        growth = self._growth(span)
        if self.patience.ends(self.levels, growth > _HOPELESS):
            times = self.question.times
            raise FiniteNError(
                f"modes: {in_words(self.levels)} suffice up to t = {times[0] + failed.t:.4g} of {times[-1]:.4g}, and "
                "the mode keeps filling; ask for earlier times, or set cutoffs and see in the error budget what they "
                "change."
            )
        power, least = (2, 1e-30) if self.amplitudes else (1 / POWER, 1e-16)
        rates = leak_rates(model, self.question.N, self.levels)
        targets = [max((0.5 * allowed / (2 * rate * span + 1)) ** power, least) for rate in rates]
        raised, new = raised_levels(model, failed.populations, targets), []
        for c, wanted, closed, highest in zip(self.levels, raised, self.closed, self.highest, strict=True):
            wanted = c if closed else wanted
            if wanted > c and failed.t < span:  # what happens later is not known yet
                wanted = max(wanted, int(np.ceil(c * min(2.0, max(1.2, growth)))))
            new.append(wanted if highest is None else min(wanted, max(highest, 1)))
        # just above what is allowed, by levels below the highest
        self.levels = self.further()[0] if tuple(new) == self.levels else tuple(new)
        self.close()

    def _growth(self, span: float) -> float:
        """The factor by which levels should still grow, from the power of time with which they have grown."""
        t, levels = self.history[-1]
        if len(self.history) < 2:
            return 1.2
        before, fewer = self.history[-2]
        if not 0 < before < t:
            return span / max(t, 1e-300) if len(self.history) > 2 else 1.2
        power = np.log(max(levels) / max(fewer)) / np.log(t / before)
        return float((span / t) ** np.clip(power, 0.0, 50.0))


def in_words(levels) -> str:
    """Numbers of levels, for messages."""
    return f"{' × '.join(str(c + 1) for c in levels)} levels" if levels else "its blocks"
