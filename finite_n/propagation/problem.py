"""What the time integrators work on: any linear equation ẋ = Lx with functionals that are read on the way."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from finite_n.propagation.faber import Ellipse
from finite_n.propagation.time_course import TimeCourse


class LinearProblem(Protocol):
    """ẋ = Lx, L constant, from one initial state; states are arrays in a form of the problem's own.

    elements: of the state; count: of functionals; terms: of one step of the series, about; arithmetic: how numbers are
    kept, in words; workers: threads used.
    """

    elements: int
    count: int
    terms: int
    arithmetic: str
    workers: int

    def start(self) -> np.ndarray:
        """The initial state."""

    def empty(self) -> np.ndarray:
        """An empty state."""

    def unpack(self, state: np.ndarray) -> np.ndarray:
        """The state as a vector of its own, which later steps do not change."""

    def measure(self) -> np.ndarray:
        """Functionals of the initial state, shape (count,)."""

    def apply(self, source: np.ndarray, out: np.ndarray, scale: float, shift: float = 0.0, keep: float = 0.0) -> None:
        """out = keep out + scale (L + shift) source."""

    def add(self, term: np.ndarray, acc: np.ndarray, weight: float) -> np.ndarray:
        """acc += weight term; functionals of the term, shape (count,)."""

    def finish(self, state: np.ndarray) -> None:
        """Refresh what additions left stale."""

    def series(
        self,
        v: np.ndarray,
        first: np.ndarray,
        second: np.ndarray,
        acc: np.ndarray,
        series: np.ndarray,
        weight: np.ndarray,
        tail: np.ndarray,
        ellipse: Ellipse,
        allowed: float,
        highest: float,
    ) -> tuple[int, float, float]:
        """acc = Σ_k weight_k F_k v with two buffers and the functionals of every term: (applications, bound of the
        rest, largest image over the start); it stops as soon as the rest is at most `allowed` or an image exceeds
        `highest` times the start."""

    def field_of_values(self, span: float, state: np.ndarray) -> Ellipse:
        """An ellipse about the part of the field of values that counts, for steps within `span`."""

    def trace_norm(self, state: np.ndarray) -> float:
        """An upper bound of the trace norm."""

    def accept(self, state: np.ndarray, allowed: float) -> float:
        """Called with the state after every step: what it discards, at most about `allowed` in trace norm."""


class DrivenProblem(LinearProblem, Protocol):
    """ẋ = Σ_k f_k(t) L_k x, f_0 = 1; as a `LinearProblem` it is that of a constant L with all terms that occur."""

    def course(self, another: bool) -> TimeCourse:
        """f_k; `another`: resolved from other points."""

    def ellipses(self, span: float) -> list[Ellipse]:
        """About the field of values of every L_k."""

    def step(
        self,
        v: np.ndarray,
        acc: np.ndarray,
        memory: np.ndarray,
        powers: np.ndarray,
        growth: np.ndarray,
        step: float,
        centre: float,
        allowed: float,
        most: int,
    ) -> tuple[int, float, np.ndarray, np.ndarray]:
        """acc = Σ_n x_n with x_0 = v, x_{n+1} = step/(n + 1) ((L_0 + centre) x_n + Σ_k>0 L_k Σ_j powers_kj x_{n−j}).

        memory (slots, size of a state): for terms in turn, degree + 2 at least; growth_j: how much a term may grow by
        the one j terms before, times n + 1; most: terms. Returns the number of terms, an estimate of the rest, which
        ends the series once it is at most `allowed`, functionals of all terms, and bounds of their trace norms.
        """
