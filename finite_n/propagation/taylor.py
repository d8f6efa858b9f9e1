"""Steps in time for ẋ = Σ_k f_k(t) L_k x: Taylor's series of x(t), of any order, f_k being polynomials on pieces.

With f_k(t + hτ) = Σ_j f_kj τ^j, 0 ≤ τ ≤ 1, and x(t + hτ) = e^{−μhτ} Σ_n x_n τ^n,

    x_{n+1} = h/(n + 1) Σ_k (L_k + μ_k) Σ_j f_kj x_{n−j},    μ(τ) = Σ_k f_k μ_k, here of its mean over the step,

so that one term takes one application of every L_k, whatever the degree of f, and there are no commutators whose
neglect would limit the order. The series converges for every step. With r the radius of Σ f_k L_k about −μ, its terms
may add up to e^{(r − μ)h} times the state, which limits the step. It ends where what is left out is below the
tolerance: the sizes of terms to come are those of the recursion with the radius of L_k in place of L_k, as far as terms
so far have used it, times a safety factor.
Commutator-free Magnus steps (Blanes & Moan, Appl. Numer. Math. 56, 1519 (2006)) take no memory of earlier terms, but
their order, four to eight, asks for short steps where the tolerance is tight. The step is that of a Taylor method for
ordinary differential equations, as in Jorba & Zou, Exp. Math. 14, 99 (2005).
"""

from __future__ import annotations

import functools
import math

import numpy as np

from finite_n.propagation.problem import DrivenProblem
from finite_n.propagation.scheme import ROUNDING, Scheme, Trial
from finite_n.propagation.time_course import HIGHEST

_MOST_TERMS = 1000  # of a series
_TRIMMED = 0.2  # of the error allowed: what is left out of all f
_PHASE = 11.0  # (radius − centre) × step: longer steps save little; from 20 on rounding grows as its exponential
_LONGEST = 300.0  # radius × step
_LOST = 1e5  # terms over the state that they add up to


class Taylor(Scheme):
    """Steps for a `DrivenProblem`."""

    most_terms = _MOST_TERMS
    vectors = HIGHEST + 8  # terms that later ones need, their sum, and the states before and after

    def __init__(self, problem: DrivenProblem, span: float, safety: float):
        self.problem, self.span = problem, span
        self.course = problem.course(another=safety > 1)
        self.rate, self.safety, self._longest = 0.0, safety, span
        self.memory = np.zeros((HIGHEST + 2, problem.empty().size))

    @functools.cached_property
    def _ellipses(self):
        return self.problem.ellipses(self.span)

    @functools.cached_property
    def centres(self) -> np.ndarray:
        """Of an ellipse about the field of values of every L_k, on the real axis: −μ_k."""
        return np.array([e.mu for e in self._ellipses])

    @functools.cached_property
    def radii(self) -> np.ndarray:
        """Of a circle about every ellipse."""
        return np.array([max(e.a, e.b) for e in self._ellipses])

    @functools.cached_property
    def reach(self) -> np.ndarray:
        """A bound of the size of every L_k."""
        return self.radii + np.abs(self.centres)

    def first_step(self, v) -> float:
        return self.span

    def next_step(self, v, step: float) -> float:
        return min(2 * step, self._longest)  # longer ones are refused before anything is applied

    def next_edge(self, t: float) -> float:
        return self.course.next_edge(t)

    def attempt(self, t, v, acc, step: float, allowed: float) -> Trial:
        trimmed = _TRIMMED * allowed / len(self.reach)
        c = self.course.on(t, step, trimmed / (step * np.maximum(self.reach, 1e-300)))
        if c is None:
            return self._refused(0.6)
        self.rate = self.bounded(float(c.largest @ self.radii))
        centre = float(c.mean @ self.centres)
        turned = step * self.safety * max((self.rate - centre) / _PHASE, self.rate / _LONGEST)
        self._longest = step / max(turned, 1e-300)
        if turned > 1.02:
            return self._refused(1 / turned)
        growth = np.abs(c.powers * self.radii[:, None]).sum(axis=0)
        growth[0] += abs(float(c.powers[:, 0] @ self.centres) - centre)
        growth[1:] += np.abs(self.centres @ c.powers[:, 1:])
        decay = math.exp(-centre * step)
        problem, target, most = self.problem, allowed / decay, self.most_terms
        terms, rest, series, sizes = problem.step(
            v, acc, self.memory, c.powers, step * growth, step, centre, target, most
        )
        lost = float(np.linalg.norm(sizes[: terms + 1])) / max(sizes[0], 1e-300)
        acc *= decay
        lost *= decay
        if lost > _LOST:
            rest = math.inf
        self.problem.finish(acc)

        def weights(times):
            return np.exp(-centre * times)[:, None] * (times[:, None] / step) ** np.arange(terms + 1)

        unresolved = step * float(c.error @ self.reach)
        return Trial(series, weights, terms, decay * rest, 0.5, ROUNDING * max(terms, lost), unresolved)

    def _refused(self, shorten: float) -> Trial:
        return Trial(
            np.zeros((0, self.problem.count)), lambda times: np.zeros((len(times), 0)), 0, math.inf, shorten, 0.0
        )
