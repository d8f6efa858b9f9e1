"""Limits of models that depend on time: drift and noise are Σ_k f_k(t) times those of constant models.

Integration restarts where a function of time is not smooth, and takes it there from the side of the step.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from finite_n.model.coefficient import Coefficient
from finite_n.model.model import Model
from meanfield.limit.averages import jump_amplitudes
from meanfield.limit.drift import DriftTerm, drift_terms
from meanfield.limit.integrate import integrate
from meanfield.limit.noise import NoiseTerm, noise_terms


def terms_of(model: Model) -> tuple[list[DriftTerm], list[NoiseTerm], list[Coefficient | None] | None]:
    """Drift and noise in terms, and the functions of time that multiply them, None for a constant model."""
    if not model.depends_on_time:
        amplitudes = jump_amplitudes(model)
        return drift_terms(model, amplitudes), noise_terms(model, amplitudes), None
    drift, noise = [], []
    for k, part in enumerate(model.parts):
        amplitudes = jump_amplitudes(part.model)
        for found, terms in ((drift, drift_terms), (noise, noise_terms)):
            for term in terms(part.model, amplitudes):
                name = term.name if k == 0 else f"{term.name} × f{k} = {part.coefficient.text}"
                found.append(dataclasses.replace(term, name=name, part=k))
    return drift, noise, [part.coefficient for part in model.parts]


@dataclasses.dataclass(frozen=True)
class OnPiece:
    """A time on a certain piece: the values there of all functions of time."""

    values: np.ndarray


class Course:
    """The functions of time of all parts on [start, end], None for 1, resolved into smooth pieces."""

    def __init__(self, functions: list[Coefficient | None], start: float, end: float):
        self._pieces = [None if f is None else f.resolved(start, end) for f in functions]
        inner = [p.edges[1:-1] for p in self._pieces if p is not None]
        self.edges = np.unique(np.concatenate([[start, end], *inner]))

    def between(self, left: float, right: float) -> Callable[[float], OnPiece]:
        """t → values, for times of one piece, ends included."""
        middle = left + (right - left) / 2
        own: list[Callable] = [(lambda t: 1.0) if p is None else p.around(middle) for p in self._pieces]
        return lambda t: OnPiece(np.array([f(t) for f in own]))


def integrate_over(course: Course | None, rhs: Callable, start: np.ndarray, times: np.ndarray, what: str):
    """As `integrate`, of rhs(t, y) that hands t to limits; piece by piece of a course."""
    if course is None:
        return integrate(rhs, start, times, what)
    out, used, y = [start], 0, start
    for left, right in zip(course.edges[:-1], course.edges[1:], strict=True):
        inside = times[(times > left) & (times <= right)]
        at = course.between(left, right)
        wanted = np.unique(np.concatenate([[left], inside, [right]]))

        def on_piece(t, y, at=at):
            return rhs(at(t), y)

        found, evaluations = integrate(on_piece, y, wanted, what)
        out.extend(found[np.isin(wanted, inside)])
        y, used = found[-1], used + evaluations
    return np.array(out), used
