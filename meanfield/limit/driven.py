"""Limits of models that depend on time: drift and noise are Σ_k f_k(t) times those of constant models.

Integration restarts where a function of time is not smooth, and takes it there from the side of the step.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from finite_n.model.coefficient import Coefficient, coefficient
from finite_n.model.local_jump import LocalJump
from finite_n.model.model import Model
from meanfield.limit.averages import JumpAmplitude, jump_amplitudes
from meanfield.limit.drift import DriftTerm, drift_terms
from meanfield.limit.integrate import integrate, integrate_until
from meanfield.limit.noise import NoiseTerm, noise_terms

_SECTIONS = (0.07, 0.31, 0.5, 0.74, 0.96)  # of the range of Δ
_INSIDE = 4e-15  # of the span: how well an end of a piece is known


@dataclasses.dataclass(frozen=True)
class Terms:
    """Drift and noise in terms; the functions of time that multiply them, None for a constant model; amplitudes that
    are functions of Δ and time."""

    drift: list[DriftTerm]
    noise: list[NoiseTerm]
    functions: list[Coefficient | None] | None
    joint: list[JumpAmplitude]


def terms_of(model: Model) -> Terms:
    """Those of a model."""
    if not model.depends_on_time:
        amplitudes = jump_amplitudes(model)
        return Terms(drift_terms(model, amplitudes), noise_terms(model, amplitudes), None, [])
    drift, noise, joint = [], [], []
    for k, part in enumerate(model.parts):
        amplitudes = jump_amplitudes(part.model)
        joint += [a for a in amplitudes if a.jump.is_joint]
        for found, terms in ((drift, drift_terms), (noise, noise_terms)):
            for term in terms(part.model, amplitudes):
                name = term.name if k == 0 else f"{term.name} × f{k} = {part.coefficient.text}"
                found.append(dataclasses.replace(term, name=name, part=k))
    return Terms(drift, noise, [part.coefficient for part in model.parts], joint)


@dataclasses.dataclass(frozen=True)
class Instant:
    """Values of all functions of time, and the time for functions of Δ and time, at one time on one side of it."""

    values: np.ndarray
    time: float


class OnPiece(float):
    """A time on a certain piece, with what is known there."""

    known: Instant

    @classmethod
    def of(cls, t: float, known: Instant) -> OnPiece:
        """A time with what is known at it."""
        out = cls(t)
        out.known = known
        return out


def values_at(t: float) -> Instant | None:
    """What an integrator's time carries; None for a constant model."""
    return t.known if isinstance(t, OnPiece) else None


class Course:
    """The functions of time of all parts on [start, end], None for 1, resolved into smooth pieces; `beside`: other
    functions that are to be smooth on each of them."""

    def __init__(
        self, functions: list[Coefficient | None], start: float, end: float, beside: Sequence[Coefficient] = ()
    ):
        self._pieces = [None if f is None else f.resolved(start, end) for f in functions]
        every = [*self._pieces, *(f.resolved(start, end) for f in beside)]
        inner = [p.edges[1:-1] for p in every if p is not None]
        self._spacing = _INSIDE * (end - start + abs(start))
        self.edges = np.unique(np.concatenate([[start, end], *inner]))

    def between(self, left: float, right: float) -> Callable[[float], OnPiece]:
        """t → values, for times of one piece, ends included."""
        middle = left + (right - left) / 2
        own: list[Callable] = [(lambda t: 1.0) if p is None else p.around(middle) for p in self._pieces]
        low, high = min(left + self._spacing, middle), max(right - self._spacing, middle)

        def known(t: float) -> OnPiece:
            return OnPiece.of(t, Instant(np.array([f(t) for f in own]), min(max(float(t), low), high)))

        return known


def course_of(model: Model, times) -> Course | None:
    """The functions of time of a model for an integration over `times`; None for a constant one."""
    if not model.depends_on_time:
        return None
    beside = [x for part in model.parts for jump in part.model.jumps if jump.is_joint for x in _sections(jump)]
    return Course([part.coefficient for part in model.parts], float(times[0]), float(times[-1]), beside)


def _sections(jump: LocalJump) -> list[Coefficient]:
    """Γ(Δ, t) as functions of time at some values of Δ: where it is not smooth in time is seen by them."""
    low, high = jump.range()
    gamma = jump.amplitude_in_time

    def at(x: float) -> Coefficient:
        function = lambda t: gamma.values(np.array([x]), np.ravel(t)).reshape(np.shape(t))  # noqa: E731
        return coefficient(function, breaks=gamma.breaks, text=repr(gamma))

    return [at(low + (high - low) * share) for share in _SECTIONS]


def integrate_over(course: Course | None, rhs: Callable, start: np.ndarray, times: np.ndarray, what: str):
    """As `integrate`, of rhs(t, y) in which `values_at(t)` are the functions of time; piece by piece of a course."""
    if course is None:
        return integrate(rhs, start, times, what)
    out, used, y = [start], 0, start
    for rhs_here, wanted, inside in _segments(course, rhs, times):
        found, evaluations = integrate(rhs_here, y, wanted, what)
        out.extend(found[inside])
        y, used = found[-1], used + evaluations
    return np.array(out), used


def integrate_until_over(
    course: Course | None, rhs: Callable, start: np.ndarray, times: np.ndarray, what: str, rtol: float, blocks: int
) -> tuple[np.ndarray, str]:
    """As `integrate_until`, piece by piece of a course."""
    if course is None:
        return integrate_until(rhs, start, times, what, rtol, blocks)
    out, y, reason = [start], start, ""
    for rhs_here, wanted, inside in _segments(course, rhs, times):
        if not reason:
            found, reason = integrate_until(rhs_here, y, wanted, what, rtol, blocks)
            y = found[-1]
        else:
            found = np.full((len(wanted), len(start)), np.nan)
        out.extend(found[inside])
    return np.array(out), reason


def _segments(course: Course, rhs: Callable, times: np.ndarray) -> Iterator[tuple[Callable, np.ndarray, np.ndarray]]:
    """For every piece rhs on it, its ends with the times asked for between them, and which of these were."""
    for left, right in itertools.pairwise(course.edges):
        at = course.between(left, right)
        wanted = np.unique(np.concatenate([[left], times[(times > left) & (times <= right)], [right]]))
        yield lambda t, y, at=at: rhs(at(t), y), wanted, np.isin(wanted, times) & (wanted > left)
