"""Steps in time for ẋ = Σ_k f_k(t) L_k x: Taylor's series of x(t), of any order, f_k being polynomials on pieces.

With f_k(t + hτ) = Σ_j f_kj τ^j, 0 ≤ τ ≤ 1, and x(t + hτ) = e^{−μhτ} Σ_n x_n τ^n,

    x_{n+1} = h/(n + 1) Σ_k (L_k + μ_k) Σ_j f_kj x_{n−j},    μ(τ) = Σ_k f_k μ_k, here of its mean over the step,

so that one term takes one application of every L_k, whatever the degree of f, and there are no commutators whose
neglect would limit the order. The series converges for every step; its terms grow to about e^{rh} before they fall, r
the radius of Σ f_k L_k about −μ, and rounding with them, which limits the step. It ends where what is left out is below
the tolerance: the sizes of the terms to come are bounded by the recursion, with the radius of L_k in place of L_k.
Compared with commutator-free Magnus steps (Blanes & Moan, Appl. Numer. Math. 56, 1519 (2006)), which are of order four
to eight, a tenth of the applications are needed at tolerances of 1e-12. The step is that of a Taylor method for
ordinary differential equations, as in Jorba & Zou, Exp. Math. 14, 99 (2005).
"""

from __future__ import annotations

import math

import numpy as np

from finite_n.propagation.problem import DrivenProblem
from finite_n.propagation.scheme import ROUNDING, Scheme, Trial
from finite_n.propagation.time_course import HIGHEST

_MOST_TERMS = 400  # of a series
_TRIMMED = 0.01  # of the error allowed: what is left out of f
_PHASES = np.linspace(2.5, 10, 61)  # radius × step
_ROUNDED = 0.05  # of the tolerance: what rounding may take of it, where phases can be chosen
_FARTHER = 60  # terms to come that are bounded


class Taylor(Scheme):
    """Steps for a `DrivenProblem`."""

    most_terms = _MOST_TERMS
    vectors = HIGHEST + 8  # terms that later ones need, their sum, and the states before and after

    def __init__(self, problem: DrivenProblem, span: float, safety: float):
        self.problem, self.span = problem, span
        self.course = problem.course(another=safety > 1)
        ellipses = problem.ellipses(span)
        self.centres = np.array([e.mu for e in ellipses])
        self.radii = np.array([max(e.a, e.b) for e in ellipses])
        self.reach = self.radii + np.abs(self.centres)
        self.safety, self.rate, self.phase = safety, 0.0, None
        state = problem.empty()
        self.memory = np.zeros((HIGHEST + 2, state.size))
        self.terms = [row.reshape(state.shape) for row in self.memory]
        self.sources = np.zeros((len(ellipses), state.size))

    def first_step(self, v) -> float:
        return self.span

    def next_step(self, v, step: float) -> float:
        return 2 * step  # longer ones are refused before anything is applied

    def next_edge(self, t: float) -> float:
        return self.course.next_edge(t)

    def attempt(self, t, v, acc, step: float, allowed: float) -> Trial:
        c = self.course.on(t, step, _TRIMMED * allowed / (step * np.maximum(self.reach, 1e-300)))
        if c is None:
            return self._refused(0.6)
        self.rate = float(c.largest @ self.radii)
        if self.phase is None:
            self.phase = self._longest(allowed / step) / self.safety
        if self.rate * step > 1.02 * self.phase:
            return self._refused(self.phase / (self.rate * step))
        centre = float(c.mean @ self.centres)
        growth = np.abs(c.powers * self.radii[:, None]).sum(axis=0)
        growth[0] += abs(float(c.powers[:, 0] @ self.centres) - centre)
        growth[1:] += np.abs(self.centres @ c.powers[:, 1:])
        terms, rest, series, rounding = self._series(v, acc, step, c.powers, centre, growth, allowed)
        decay = math.exp(-centre * step)
        acc *= decay
        self.problem.finish(acc)

        def weights(times):
            return np.exp(-centre * times)[:, None] * (times[:, None] / step) ** np.arange(terms + 1)

        unresolved = step * float(c.error @ self.reach)
        return Trial(series, weights, terms, decay * rest, 0.5, decay * rounding, unresolved)

    def _refused(self, shorten: float) -> Trial:
        return Trial(
            np.zeros((0, self.problem.count)), lambda times: np.zeros((len(times), 0)), 0, math.inf, shorten, 0.0
        )

    def _longest(self, tol: float) -> float:
        """Radius × step for which rounding stays below its part of the tolerance: noise grows by e^x/(1 + 2x)."""
        whole = max(self.rate * self.span, 1.0)
        noise = ROUNDING * np.exp(_PHASES) / (1 + 2 * _PHASES) * whole / _PHASES
        fine = np.flatnonzero(noise <= _ROUNDED * tol * self.span)
        return float(_PHASES[fine[-1]] if fine.size else _PHASES[0])

    def _series(self, v, acc, step, powers, centre, growth, allowed):
        """acc = Σ x_n: number of terms, bound of the rest, functionals of every term, rounding."""
        problem, degree = self.problem, powers.shape[1] - 1
        slots = degree + 2  # that take turns
        acc[:] = 0.0
        self.terms[0][:] = v
        series, sizes = [problem.add(self.terms[0], acc, 1.0)], [problem.trace_norm(v)]
        noise = total = 0.0
        for n in range(self.most_terms):
            source, out, scale = self.terms[n % slots], self.terms[(n + 1) % slots], step / (n + 1)
            used = np.arange(max(0, n - degree), n + 1)
            weights = np.zeros((len(powers), slots))
            weights[:, used % slots] = powers[:, n - used]
            for k in range(1, len(powers)):
                np.dot(weights[k], self.memory[:slots], out=self.sources[k])
            problem.apply_part(0, source, out, scale, centre)  # whose function is 1
            for k in range(1, len(powers)):
                problem.apply_part(k, self.sources[k].reshape(v.shape), out, scale, keep=1.0)
            series.append(problem.add(out, acc, 1.0))
            sizes.append(problem.trace_norm(out))
            noise = noise * step * growth[0] / (n + 1) + ROUNDING * sizes[-1]
            total += noise
            if not np.isfinite(sizes[-1]):
                return n + 1, math.inf, np.array(series), total
            rest = self._rest(sizes, step, growth, allowed)
            if rest <= allowed:
                break
        return n + 1, rest, np.array(series), total

    def _rest(self, sizes: list[float], step: float, growth: np.ndarray, allowed: float) -> float:
        """A bound of Σ_{m>n} ‖x_m‖ from the recursion; infinite while terms are too large to look."""
        if sizes[-1] > allowed:
            return math.inf
        n, d = len(sizes) - 1, len(growth)
        known = np.zeros(d + _FARTHER)
        last = np.array(sizes[-d:])
        known[d - len(last) : d] = last
        backwards, total = growth[::-1], 0.0
        for m in range(_FARTHER):
            x = step / (n + m + 1) * float(known[m : m + d] @ backwards)
            known[d + m] = x
            total += x
            if total > allowed:
                return math.inf
            if x <= 1e-3 * allowed and x <= 0.5 * known[d + m - 1]:
                return total + x
        return math.inf
