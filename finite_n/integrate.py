"""Time evolution ρ(t) = exp(tL)ρ for a constant generator, with the tolerance on the trace norm, by either of two methods.

"faber": a series of Faber polynomials of an ellipse about the field of values (`finite_n.faber`), long steps; what is left out
after K terms is estimated from the coefficients and the sizes of the polynomials' images. "runge_kutta": an adaptive
pair of order 8 (`finite_n.runge_kutta`), many short steps; its own error estimate. In both, the error of a step of length h
is kept below tol·h/t, and since exp(hL) contracts the trace norm such errors add up at most. States are measured by
Σ_J √(2J+1) ‖X_J‖_F ≥ ‖X‖₁. Linear functionals of the state at any time inside a step come from those of its terms.
At most six stored states are held.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from finite_n import kernel, runge_kutta
from finite_n.errors import FiniteNError
from finite_n.faber import Ellipse, ellipse_of, longest_step
from finite_n.functionals import Functionals
from finite_n.generator import Generator

METHODS = ("faber", "runge_kutta")
_TOO_MANY = 1e7  # rates × time: beyond, an explicit method is the wrong tool
_TERMS = 1200  # of one step of the series, about
_GROWTH = 1e5  # of polynomials over the start: above, digits are lost and the ellipse is too small
_REJECTIONS = 80  # in a row: 1e-24 of the first step


@dataclasses.dataclass
class Propagation:
    """Functionals at every time, shape (times, functionals); states where asked; final state; what it took."""

    values: np.ndarray
    states: list[np.ndarray]
    final: np.ndarray
    applications: int
    steps: int
    error_bound: float


@dataclasses.dataclass
class Trial:
    """One attempted step: the functionals of its terms and how they make a value at time τ into the step; its error."""

    series: np.ndarray
    weights: object
    applications: int
    error: float
    next_factor: float


def propagate(
    generator: Generator,
    vector: np.ndarray,
    times: np.ndarray,
    functionals: Functionals,
    tol: float,
    workers: int = 1,
    keep_states: bool = False,
    method: str = "faber",
    cautious: float = 1.0,
    progress=None,
) -> Propagation:
    """Evolve from times[0] through `times`; `tol` bounds the truncation error of the final state in trace norm.

    `cautious` > 1 takes a larger ellipse and shorter steps: the same result by other numbers.
    """
    halves, planes = generator.halves, generator.planes(vector)
    v, acc = halves.pack(vector, planes), halves.zeros(planes)
    times = times - times[0]
    span = float(times[-1])
    ellipse = ellipse_of(generator, span).scaled(cautious)
    scheme = (_Faber if method == "faber" else _RungeKutta)(generator, ellipse, functionals, planes, workers)
    if scheme.rate * span > _TOO_MANY:
        raise FiniteNError(
            f"evolution: rates near {scheme.rate:.3g} over a time of {span:.3g} need about {2 * scheme.rate * span:.1e} "
            f"applications of the generator, and {2 * _TOO_MANY:.0e} are the limit; shorten the times or lower the rates."
        )
    t, next_time, rejected, error, applications, steps = 0.0, 1, 0, 0.0, 0, 0
    values, states = [functionals(vector)], [vector.copy()] if keep_states else []
    h = scheme.first_step(span) / cautious
    while next_time < len(times):
        limit = float(times[next_time] if keep_states else times[-1])
        step = min(h, limit - t)
        reaches_limit = step >= limit - t
        allowed = tol * step / span
        trial = scheme.attempt(v, acc, step, allowed)
        applications += trial.applications
        if not trial.error <= allowed:
            rejected += 1
            if rejected > _REJECTIONS:
                raise FiniteNError(
                    f"evolution: no step is short enough at t = {t:.6g}, tried down to {step:.3g}; the tolerance is "
                    "below what rounding allows for these rates. Try a larger tol, or check the model's rates."
                )
            h = step * trial.next_factor
            continue
        rejected = 0
        end = limit if reaches_limit else t + step
        last = next_time + int(np.searchsorted(times[next_time:], end, side="right"))
        if last > next_time:
            values.extend(trial.weights(times[next_time:last] - t) @ trial.series)
            next_time = last
        v, acc = acc, v
        t, steps, error = end, steps + 1, error + trial.error
        if keep_states and reaches_limit:
            states.append(halves.unpack(v))
        if not reaches_limit:
            h = step * trial.next_factor
        if progress is not None:
            progress(t / span)
    return Propagation(np.array(values), states, halves.unpack(v), applications, steps, error)


class _Scheme:
    """What both methods need: buffers, compiled functionals, threads."""

    def __init__(self, generator: Generator, ellipse: Ellipse, functionals: Functionals, planes: int, workers: int):
        self.generator, self.ellipse, self.functionals = generator, ellipse, functionals
        self.workers, self.parallel = workers, workers > 1
        self.compiled = functionals.compiled(generator.halves, planes)
        self.bounds = generator.halves.bounds(workers)
        self.first, self.second = generator.halves.zeros(planes), generator.halves.zeros(planes)
        self.square, self.partial = np.zeros(generator.blocks.rows), np.zeros((workers, functionals.count))
        self.rate = max(ellipse.a, ellipse.b)

    def add(self, term, acc, weight, lower=None, lower_weights=None) -> np.ndarray:
        """acc += weight term, the same for `lower`; functionals of the term."""
        lower = np.zeros((0, *acc.shape)) if lower is None else lower
        lower_weights = np.zeros(0) if lower_weights is None else lower_weights
        size, row_start, row_block, offset, _ = self.generator.layout
        kernel.measure_and_add[self.parallel](
            term, acc, weight, lower, lower_weights, self.square, self.partial,
            *self.compiled, size, row_start, row_block, offset, self.bounds,
        )  # fmt: skip
        return self.partial[0].copy()

    def norm(self, state) -> float:
        """Σ_J √(2J+1) ‖X_J‖_F."""
        size, row_start, row_block, offset, _ = self.generator.layout
        return kernel.norm_bound(state, self.square, size, row_start, row_block, offset)

    def mirror(self, state) -> None:
        """Fill the halo."""
        _, row_start, row_block, offset, halo = self.generator.layout
        kernel.mirror(state, row_start, row_block, offset, halo)


class _Faber(_Scheme):
    def first_step(self, span: float) -> float:
        self.longest = min(span, longest_step(self.ellipse, _TERMS))
        return self.longest

    def attempt(self, v, acc, step: float, allowed: float) -> Trial:
        ellipse = self.ellipse
        weight = ellipse.coefficients(step)[0]
        tail = np.append(np.cumsum(np.abs(weight[::-1]))[::-1][1:], 0.0)
        series = np.zeros((weight.size, self.functionals.count))
        run = self._compiled if len(self.generator.parts) == 1 else self._with_turned_parts
        terms, rest, growth = run(v, acc, series, weight, tail, allowed)
        if not rest <= allowed and growth > 10:  # the field of values reaches beyond the ellipse
            self.ellipse = ellipse.scaled(1.2)
        self.longest = min(self.longest, longest_step(self.ellipse, _TERMS))

        def weights(times):
            rows = ellipse.coefficients(times)[:, : terms + 1]
            return np.pad(rows, ((0, 0), (0, terms + 1 - rows.shape[1])))

        return Trial(series[: terms + 1], weights, terms, rest, 0.5 if not rest <= allowed else self.longest / step)

    def _compiled(self, v, acc, series, weight, tail, allowed):
        e = self.ellipse
        return kernel.faber_step[self.parallel](
            v, self.first, self.second, acc, series, self.square, self.partial, weight, tail,
            e.capacity, e.ratio, e.mu, allowed, _GROWTH,
            *self.compiled, *self.generator.layout, *self.generator.parts[0].arrays, self.bounds,
        )  # fmt: skip

    def _with_turned_parts(self, v, acc, series, weight, tail, allowed):
        """The same recurrence, one application after the other."""
        e, acc[:] = self.ellipse, 0.0
        series[0] = self.add(v, acc, weight[0])
        largest = start = self.norm(v)
        source, term = v, self.first
        for k in range(1, len(weight)):
            if k == 2:
                self.second[:] = v
            keep = 0.0 if k == 1 else -e.ratio * (2 if k == 2 else 1)
            self.generator.apply_halves(source, term, 1 / e.capacity, e.mu, keep, self.workers)
            series[k] = self.add(term, acc, weight[k])
            largest = max(largest, self.norm(term))
            source, term = term, self.second if term is self.first else self.first
            if largest > _GROWTH * start or 2 * largest * tail[k] <= allowed:
                break
        self.mirror(acc)
        rest = 2 * largest * tail[k] if largest <= _GROWTH * start else math.inf
        return k, rest, largest / start if start > 0 else 0.0


class _RungeKutta(_Scheme):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.lower = np.zeros((2, *self.first.shape))

    def first_step(self, span: float) -> float:
        return min(span, 1.0 / self.rate)

    def attempt(self, v, acc, step: float, allowed: float) -> Trial:
        step_weights, *lower_weights = runge_kutta.polynomials()
        lower_weights, terms = np.array(lower_weights), np.flatnonzero(step_weights)[-1]
        acc[:], self.lower[:] = 0.0, 0.0
        series = np.zeros((terms + 1, self.functionals.count))
        series[0] = self.add(v, acc, step_weights[0], self.lower, lower_weights[:, 0].copy())
        source, term = v, self.first
        for k in range(1, terms + 1):
            self.generator.apply_halves(source, term, step, 0.0, 0.0, self.workers)
            series[k] = self.add(term, acc, step_weights[k], self.lower, lower_weights[:, k].copy())
            source, term = term, self.second if term is self.first else self.first
        self.mirror(acc)
        error = runge_kutta.error_estimate(self.norm(self.lower[0]), self.norm(self.lower[1]))
        factor = 0.9 * (allowed / error) ** (1 / runge_kutta.ORDER) if error > 0 else 5.0
        if not error <= allowed:
            factor = min(0.9, max(0.2, factor))

        def weights(times):  # the Taylor series, of higher order than the step
            return (times[:, None] / step) ** np.arange(terms + 1) / [math.factorial(k) for k in range(terms + 1)]

        return Trial(series, weights, terms, error if np.isfinite(error) else math.inf, min(5.0, max(0.2, factor)))
