"""Time evolution ρ̇ = Lρ with the tolerance on the trace norm: for a constant generator by either of two methods, for
one that depends on time by a third.

"faber": a series of Faber polynomials of an ellipse about the field of values (`finite_n.propagation.faber`), long
steps; what is left out after K terms is estimated from the coefficients and the sizes of the polynomials' images.
"runge_kutta": adaptive steps of order 8 (`finite_n.propagation.runge_kutta`), many and short, with a bound of their
error. "taylor": long steps for L(t) (`finite_n.propagation.taylor`). In all, the error of a step of length h is kept
below tol·h/t, and since evolution contracts the trace norm such errors add up at most. States are measured by a bound
of the trace norm. Linear functionals of the state at any time inside a step come from those of its terms. Four states
are held for a constant generator. What is evolved is a `LinearProblem`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np

from finite_n.errors import FiniteNError
from finite_n.propagation import runge_kutta
from finite_n.propagation.faber import longest_step, tails
from finite_n.propagation.problem import LinearProblem
from finite_n.propagation.scheme import ROUNDING, Scheme, Trial
from finite_n.propagation.taylor import Taylor

_GROWTH = 1e5  # of polynomials over the start: above, digits are lost and the ellipse is too small
_ROUNDING = 1e-15  # no step is asked for less
_ONE_THREAD = 200_000  # multiplications of one product, below what BLAS shares out
_TIMES = 256  # inside a step, read out together
_REJECTIONS = 80  # in a row: 1e-24 of the first step


@dataclasses.dataclass
class Propagation:
    """Functionals at every time, shape (times, functionals); states where asked for; final state; the work done, and
    errors.
    """

    values: np.ndarray
    states: list[np.ndarray]
    final: np.ndarray
    applications: int
    steps: int
    error_bound: float
    discarded: float
    rounding: float


def propagate(
    problem: LinearProblem,
    times: np.ndarray,
    tol: float,
    keep_states: bool | Callable[[int, np.ndarray], None] = False,
    method: str = "faber",
    safety: float = 1.0,
    progress=None,
    watch=None,
) -> Propagation:
    """Evolve a problem from times[0] through `times`; `tol` bounds the truncation error of the final state in trace
    norm.

    keep_states: True, or a function that is called with the number of every time and the state there in place of
    keeping it. `safety` > 1 takes a larger ellipse and shorter steps: the same result by other numbers. watch(times,
    values) is called with the functionals `watch.columns` at times within every step, as many as the fastest phase asks
    for (`finite_n.engine.leakage`).
    """
    times = times - times[0]
    span = float(times[-1])
    v, acc = problem.start(), problem.empty()
    scheme = scheme_of(method)(problem, span, safety)
    t, next_time, rejected, error, discarded, applications, steps, rounding = 0.0, 1, 0, 0.0, 0.0, 0, 0, 0.0
    values, states = [problem.measure()], []
    keep = keep_states if callable(keep_states) else lambda _, state: states.append(state)
    if keep_states:
        keep(0, problem.unpack(v))
    discarded += problem.accept(v, 0.1 * tol)
    h = scheme.first_step(v) if len(times) > 1 else 0.0
    if watch is not None:
        watch(np.zeros(1), values[0][None, watch.columns])
    while next_time < len(times):
        wanted = float(times[next_time] if keep_states else times[-1])
        limit = min(wanted, scheme.next_edge(t))
        h = h if watch is None else min(h, watch.step)
        reaches_limit = t + h >= limit  # in what t becomes: a state at that time is kept
        # what t advances by: summed over steps, the rounding of t + h would shift the time by that of t, many times
        step = limit - t if reaches_limit else (t + h) - t
        allowed = max(tol * step / span, _ROUNDING)
        trial = scheme.attempt(t, v, acc, step, allowed)
        applications += trial.applications
        if not trial.error <= allowed:
            rejected += 1
            if rejected > _REJECTIONS:
                raise FiniteNError(
                    f"evolution: no step is short enough at t = {t:.6g}, tried down to {step:.3g}; the tolerance is "
                    "below what rounding allows for these rates. Try a larger tol, or check the model's rates."
                )
            h = step * trial.shorten
            continue
        rejected = 0
        end = limit if reaches_limit else t + step
        last = next_time + int(np.searchsorted(times[next_time:], end, side="right"))
        if last > next_time:
            for begin in range(next_time, last, _TIMES):  # weights of all times at once would outgrow the state
                inside = times[begin : min(begin + _TIMES, last)] - t
                values.extend(small_products(trial.weights(inside), trial.series))
            next_time = last
        if watch is not None:
            inside = step / (count := watch.samples(scheme.rate * step)) * np.arange(1, count + 1)
            watch(
                t + inside, small_products(trial.weights(inside), np.ascontiguousarray(trial.series[:, watch.columns]))
            )
        v, acc = acc, v
        discarded += problem.accept(v, 0.1 * allowed)
        t, steps, rounding = end, steps + 1, rounding + trial.rounding
        error += trial.error + trial.unresolved
        if keep_states and reaches_limit and limit == wanted:
            keep(next_time - 1, problem.unpack(v))
        if not reaches_limit:
            h = scheme.next_step(v, step)
        if progress is not None:
            progress(t / span)
    return Propagation(np.array(values), states, problem.unpack(v), applications, steps, error, discarded, rounding)


def small_products(weights: np.ndarray, series: np.ndarray) -> np.ndarray:
    """weights @ series, some rows at a time: threads of BLAS, once woken, would spin beside the next kernel."""
    pieces = -(-weights.size * series.shape[1] // _ONE_THREAD)
    return np.concatenate([w @ series for w in np.array_split(weights, max(1, min(pieces, len(weights))))])


class _Faber(Scheme):
    def first_step(self, v) -> float:
        self.current = self.ellipse(v)
        return min(self.span, longest_step(self.current, self.problem.terms)) / self.enlarged

    def attempt(self, t, v, acc, step: float, allowed: float) -> Trial:
        ellipse = self.current
        weight = ellipse.coefficients(step)[0]
        tail = tails(weight)
        series = np.zeros((weight.size, self.problem.count))
        terms, rest, growth = self.problem.series(
            v, self.first, self.second, acc, series, weight, tail, ellipse, allowed, _GROWTH
        )
        accepted = rest <= allowed
        if not accepted and growth > 10:  # the field of values reaches beyond the ellipse
            self.enlarged *= 1.2
            self.current = ellipse.scaled(1.2)

        def weights(times):
            rows = ellipse.coefficients(times)[:, : terms + 1]
            return np.pad(rows, ((0, 0), (0, terms + 1 - rows.shape[1])))

        # polynomials of the ellipse are at most 2; beyond, rounding grows with them
        return Trial(series[: terms + 1], weights, terms, rest, 0.5, ROUNDING * terms * max(1.0, growth / 2))

    def next_step(self, v, step: float) -> float:
        self.current = self.ellipse(v)
        return longest_step(self.current, self.problem.terms) / self.enlarged


class _RungeKutta(Scheme):
    vectors = 5

    def first_step(self, v) -> float:
        ellipse = self.ellipse(v)
        return min(self.span, 1.0 / max(ellipse.a, ellipse.b)) / self.enlarged

    def attempt(self, t, v, acc, step: float, allowed: float) -> Trial:
        problem, weight, remainder = self.problem, runge_kutta.step(), runge_kutta.remainder()
        acc[:], error = 0.0, 0.0
        series = np.zeros((weight.size, problem.count))
        series[0] = problem.add(v, acc, weight[0])
        source, term = v, self.first
        for k in range(1, weight.size):
            problem.apply(source, term, step)
            series[k] = problem.add(term, acc, weight[k])
            if remainder[k] > 0:
                error += remainder[k] * problem.trace_norm(term)
            source, term = term, self.second if term is self.first else self.first
        problem.finish(acc)
        error = error if np.isfinite(error) else math.inf
        self.factor = 0.9 * (allowed / error) ** (1 / runge_kutta.ORDER) if error > 0 else 5.0

        def weights(times):  # of a step that ends there
            return (times[:, None] / step) ** np.arange(weight.size) * weight

        return Trial(series, weights, weight.size - 1, error, min(0.9, max(0.2, self.factor)), ROUNDING)

    def next_step(self, v, step: float) -> float:
        return step * min(5.0, max(0.2, self.factor))


METHODS = {"faber": _Faber, "runge_kutta": _RungeKutta}  # values of method=
TAYLOR = "taylor"  # what problems that depend on time are integrated by


def scheme_of(method: str) -> type[Scheme]:
    """The scheme by its name."""
    return Taylor if method == TAYLOR else METHODS[method]
