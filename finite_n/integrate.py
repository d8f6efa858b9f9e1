"""Exponential action exp(tL)ρ of the constant generator by a shifted Taylor series, with the tolerance on the trace norm.

One step: exp(hL)ρ = e^{−hμ} Σ_k (h(L + μ))^k ρ / k!. With μ near the largest decay rate the slow part of the state sums
positive terms only (uniformisation), so steps may be long without cancellation. Terms are measured by
Σ_J √(2J+1) ‖X_J‖_F ≥ ‖X‖₁. After term k the remainder is taken as term k times x/(1 − x), x = hΛ/(k + 1), where Λ is a
weighted row-sum norm of |L + μ| (Collatz and Wielandt), a bound in that norm and a cautious estimate in the other; it is kept
below tol·h/t in every step, and since exp(hL) contracts the trace norm, such errors add up at most. Four stored
states are held. Linear functionals of the state at any time inside a step come from those of the series' terms.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from finite_n import kernel
from finite_n.errors import FiniteNError
from finite_n.functionals import Functionals
from finite_n.generator import Generator

_MAX_TERMS = 1000
_TOO_MANY = 1e7  # growth × time: beyond, an explicit method is the wrong tool
_NORM_ITERATIONS = 12
_HUMP = 1e2  # largest term over the start: above, digits are lost to cancellation and the step is shortened
_LONGEST = 200.0  # h μ beyond which longer steps gain little, and e^{hμ} would come near overflow
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


def decay_scale(generator: Generator) -> float:
    """Largest decay rate of an element under the terms of one part that map it to itself: a choice of the shift μ."""
    blocks, largest = generator.blocks, 0.0
    for part in generator.parts:
        own = [t for t in part.terms.all() if t.hop == t.left_shift == t.right_shift == 0]
        for a, b in zip(blocks.row_start[:-1], blocks.row_start[1:], strict=True):
            diagonal = sum((np.outer(t.left[a:b], t.right[a:b]).real for t in own), np.zeros((b - a, b - a)))
            largest = max(largest, float(-diagonal.min(initial=0)))
    return largest


def growth_scale(generator: Generator, mu: float) -> float:
    """Λ with |L + μ| w ≤ Λ w element by element, for a positive w close to the leading vector of |L + μ|.

    With turned parts the sum of such numbers, one for every part in its own frame.
    """
    return sum(_growth_of(part.arrays, generator, mu if k == 0 else 0.0) for k, part in enumerate(generator.parts))


def _growth_of(arrays, generator: Generator, mu: float) -> float:
    halves = generator.halves
    table, left, right, diagonal = arrays
    size = np.hypot(*left)[None] if len(left) == 2 else np.abs(left)
    own = np.hypot(diagonal[0] + mu / 2, diagonal[1])[None] if len(diagonal) == 2 else np.abs(diagonal + mu / 2)
    stored = halves.pack(np.ones(generator.dim), 1)
    inside, image, best = stored > 0, halves.zeros(1), np.inf
    for _ in range(_NORM_ITERATIONS):
        kernel.apply[False](stored, image, 0.0, *generator.layout, table, size, np.abs(right), own, halves.bounds(1))
        best = min(best, float((image[inside] / stored[inside]).max()))
        largest = image.max()
        if largest == 0:
            return 0.0
        np.maximum(image / largest, 1e-6, out=image)  # keep w positive where nothing arrives
        stored[:] = np.where(inside, image, 0.0)
    return best


def propagate(
    generator: Generator,
    vector: np.ndarray,
    times: np.ndarray,
    functionals: Functionals,
    tol: float,
    workers: int = 1,
    keep_states: bool = False,
    step_factor: float = 1.0,
    progress=None,
) -> Propagation:
    """Evolve from times[0] through `times`; `tol` bounds the truncation error of the final state in trace norm."""
    halves, planes = generator.halves, generator.planes(vector)
    v = halves.pack(vector, planes)
    buffers, acc = (halves.zeros(planes), halves.zeros(planes)), halves.zeros(planes)
    series = np.zeros((_MAX_TERMS, functionals.count))
    mu = step_factor * decay_scale(generator)
    growth = growth_scale(generator, mu)
    take_step = _stepper(generator, functionals, series, growth, planes, workers)
    times = times - times[0]
    span = float(times[-1])
    t, next_time, rejected = 0.0, 1, 0
    values = [functionals(vector)]
    states = [vector.copy()] if keep_states else []
    applications = steps = 0
    error = 0.0
    if growth * span > _TOO_MANY:
        raise FiniteNError(
            f"evolution: rates near {growth:.3g} over a time of {span:.3g} need about {2 * growth * span:.1e} applications "
            f"of the generator, and {2 * _TOO_MANY:.0e} are the limit; shorten the times or lower the rates."
        )
    h = span if growth == 0 else min(span, 15.0 * step_factor / growth)
    while next_time < len(times):
        limit = float(times[next_time] if keep_states else times[-1])
        step = min(h, limit - t)
        reaches_limit = step >= limit - t
        allowed = tol * step / span
        used, remainder, hump = take_step(v, *buffers, acc, step, mu, allowed)
        applications += used
        if remainder > allowed or hump > 10 * _HUMP:
            rejected += 1
            if rejected > _REJECTIONS:
                raise FiniteNError(
                    f"evolution: no step is short enough at t = {t:.6g}, tried down to {step:.3g}; the tolerance is "
                    "below what rounding allows for these rates. Try a larger tol, or check the model's rates."
                )
            h = step / 2
            continue
        rejected = 0
        end = limit if reaches_limit else t + step
        while next_time < len(times) and times[next_time] <= end:
            x = (times[next_time] - t) / step
            values.append((np.exp(-x * step * mu) * x ** np.arange(used + 1)) @ series[: used + 1])
            next_time += 1
        acc *= np.exp(-step * mu)
        v, acc = acc, v
        t = end
        steps += 1
        error += remainder
        if keep_states and reaches_limit:
            states.append(halves.unpack(v))
        if hump > _HUMP:
            h = 0.7 * h
        elif hump < _HUMP / 10 and not reaches_limit:
            h = 1.5 * h if mu == 0 else min(1.5 * h, _LONGEST / mu)
        if progress is not None:
            progress(t / span)
    return Propagation(np.array(values), states, halves.unpack(v), applications, steps, error)


def _stepper(generator: Generator, functionals: Functionals, series: np.ndarray, growth: float, planes, workers):
    """The function (state, first, second, acc, step, mu, allowed) ↦ (terms used, remainder, hump) of one Taylor step."""
    blocks, compiled = generator.blocks, functionals.compiled(generator.halves, planes)
    square, bounds = np.zeros(blocks.rows), generator.halves.bounds(workers)
    if len(generator.parts) == 1:

        def compiled_step(state, first, second, acc, step, mu, allowed):
            return kernel.taylor_step[workers > 1](
                state, first, second, acc, series, square, step, mu, growth, allowed, 10 * _HUMP,
                *compiled, *generator.layout, *generator.parts[0].arrays, bounds,
            )  # fmt: skip

        return compiled_step

    def step_with_turned_parts(state, first, second, acc, step, mu, allowed):
        damping = np.exp(-step * mu)
        acc[:] = state
        series[0] = functionals(generator.halves.unpack(state))
        size = largest = start = _norm_bound(generator, state)
        source, remainder, k = state, np.inf, 0
        for k in range(1, len(series)):
            dest = (first, second)[k % 2]
            generator.apply_halves(source, dest, mu, workers)
            dest *= step / k
            acc += dest
            series[k] = functionals(generator.halves.unpack(dest))
            source, size = dest, _norm_bound(generator, dest)
            largest = max(largest, size)
            ratio = step * growth / (k + 1)
            remainder = damping * size * ratio / (1 - ratio) if ratio < 0.9 else np.inf
            if remainder <= allowed or damping * size > 10 * _HUMP * start:
                break
        return k, remainder, damping * largest / start

    return step_with_turned_parts


def _norm_bound(generator: Generator, state: np.ndarray) -> float:
    """Σ_J √(2J+1) ‖X_J‖_F, an upper bound of the trace norm."""
    matrices = generator.blocks.matrices(generator.halves.unpack(state))
    return float(sum(np.sqrt(len(m) * np.sum(np.abs(m) ** 2)) for m in matrices))
