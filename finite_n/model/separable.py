"""The generator of jumps j Γ(Δ, t) as a sum Σ_k c_k(t) L_k of constant ones, to the digits of double precision.

Between two times Γ(Δ, t) = Σ_k γ_k(t) q_k(Δ) by adaptive cross approximation with full pivoting: q_k is what the terms
before leave of Γ at a time t_k, divided by its largest value, at Δ_k, and γ_k(t) what they leave at Δ_k. The generator
holds products Γ(δ)Γ(δ′) of two values, of q_k with q_l for k ≠ l too. With L[Γ] that of the constant amplitude Γ,

    L(t) = Σ_k γ_k (γ_k − Σ_{l≠k} γ_l) L[q_k] + Σ_{k<l} γ_k γ_l L[q_k + q_l],

in which γ_k falls as fast as Γ is smooth, so that few pairs matter. (M. Bebendorf, Numer. Math. 86, 565 (2000).)
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from finite_n.errors import FiniteNError
from finite_n.model.amplitude import Amplitude
from finite_n.model.coefficient import Coefficient
from finite_n.model.local_jump import LocalJump
from finite_n.model.timed_amplitude import TimedAmplitude

_ENOUGH = 4e-15  # of the largest |Γ|: what is left of it
_PAIRS = 1e-16  # of the largest Γ²: pairs of terms that are left out
_MOST = 24  # terms of Γ
_AGAIN = 4  # times that points are added to those looked at
_PIECES, _OF_PIECE, _OF_DELTA, _OTHERS = 24, 12, 25, 300  # points looked at: of time, in each piece, of Δ, and others
_NOISE = 0.25  # of the sizes from which the rounding of a product follows: 20 units remain to polynomials in t
_KEPT = 4_000  # arrays of times at which functions of time are remembered
_GOLDEN = (np.sqrt(5) - 1) / 2


def products_of(jump: LocalJump, start: float, end: float) -> list[LocalJump]:
    """Jumps with constant amplitudes, times functions of time of either sign, that together act as one with Γ(Δ, t)."""
    terms = _Terms(jump.amplitude_in_time, *jump.range(), start, end)
    factor = None if jump.time is None else jump.rate_factor
    most = 1.0 if factor is None else float(np.abs(factor(terms.times)).max(initial=0.0))
    domain = (start, end) if factor is None else (max(start, factor.domain[0]), min(end, factor.domain[1]))
    breaks = sorted({*terms.gamma.breaks, *(() if factor is None else factor.breaks)})
    squares, out = terms.squares(), []
    for c, amplitude, size in squares:
        function = c if factor is None else _both(c, factor)
        times = Coefficient(function, breaks, domain, f"a part of {terms.gamma}")
        times.size, times.uncertainty = most * size, 0.0 if out else most * terms.error * terms.scale**2
        out.append(jump.with_amplitude(amplitude, times))
    return out


def _both(c, factor: Coefficient):
    return lambda t: c(t) * factor(t)


class _Terms:
    """γ_k and q_k, k < r, on [low, high] × [start, end].

    times: looked at; scale: the largest |Γ|; error: what is left out of products of two Γ, over its square.
    """

    def __init__(self, gamma: TimedAmplitude, low: float, high: float, start: float, end: float):
        self.gamma = gamma
        inside = (1 - np.cos(np.pi * np.arange(_OF_PIECE) / _OF_PIECE)) / 2
        span = end - start
        times = start + span * np.append((np.arange(_PIECES)[:, None] + inside).ravel() / _PIECES, 1.0)
        delta = low + (high - low) * (1 - np.cos(np.pi * np.arange(_OF_DELTA) / (_OF_DELTA - 1))) / 2
        other_times = start + span * (np.arange(1, _OTHERS) * _GOLDEN % 1)
        other_delta = low + (high - low) * (np.arange(1, _OF_DELTA) * _GOLDEN % 1)
        for _ in range(_AGAIN):
            values = gamma.values(delta, times)
            self.times, self.scale = times, float(np.abs(values).max())
            left = self._crossed(values, times, delta)
            elsewhere = gamma.values(other_delta, other_times)
            rest = np.abs(elsewhere - self._sums(other_delta, other_times))
            if rest.max(initial=0.0) <= 10 * _ENOUGH * max(self.scale, 1e-300):
                self.error = 2 * max(left, float(rest.max(initial=0.0))) / max(self.scale, 1e-300)
                return
            times = np.concatenate([times, other_times[np.argsort(-rest.max(axis=1))[: _OTHERS // 3]]])
            delta = np.concatenate([delta, other_delta])
            other_times = start + span * (np.arange(1, _OTHERS) * np.sqrt(2) * (1 + len(times)) % 1)
            other_delta = low + (high - low) * (np.arange(1, _OF_DELTA) * np.sqrt(2) * (1 + len(delta)) % 1)
        raise FiniteNError(
            f"{gamma.described}: it changes with t on too fine a scale, or in more ways than {_MOST} products of a "
            "function of Δ and one of t describe; give it as several jumps with amplitudes times functions of time."
        )

    def _crossed(self, values: np.ndarray, times: np.ndarray, delta: np.ndarray) -> float:
        """Find the terms; returns what they leave, at most."""
        rest, pivots = values.copy(), []
        while len(pivots) < _MOST:
            t, d = np.unravel_index(np.argmax(np.abs(rest)), rest.shape)
            pivot = rest[t, d]
            if abs(pivot) <= _ENOUGH * self.scale:
                break
            row = rest[t] / pivot
            pivots.append((times[t], delta[d]))
            rest -= np.outer(rest[:, d], row)
        self.t, self.delta = np.array([p[0] for p in pivots]), np.array([p[1] for p in pivots])
        # γ_i(t_k), i < k, and q_i(Δ_k), i ≤ k, by the same elimination
        r, at = len(self.t), self.gamma.values(self.delta, self.t)
        self._gammas, self._qs, self._known = np.zeros((r, r)), np.zeros((r, r)), {}
        for k in range(r):
            self._qs[k] = at[k] / at[k, k]
            self._gammas[k] = at[:, k]
            at = at - np.outer(at[:, k], self._qs[k])
        self._heights = np.abs(self.of_time(times)).max(axis=1, initial=0.0)
        return float(np.abs(rest).max(initial=0.0))

    def of_time(self, t: np.ndarray) -> np.ndarray:
        """γ_k(t), shape (r, times)."""
        key = t.tobytes()
        if key not in self._known:  # asked for by every pair
            values = self.gamma.values(self.delta, t).T
            out = np.zeros(values.shape)
            for k in range(len(out)):
                out[k] = values[k] - self._qs[:k, k] @ out[:k]
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[key] = out
        return self._known[key]

    def of_delta(self, x, amplitudes) -> list[np.ndarray]:
        """q_k(x), by one amplitude, or its derivative, at every t_k."""
        out: list[np.ndarray] = []
        for k, of_one_time in enumerate(amplitudes):
            value = of_one_time(x)
            for i in range(k):
                value = value - self._gammas[i, k] * out[i]
            out.append(value / self._gammas[k, k])
        return out

    def _sums(self, delta: np.ndarray, times: np.ndarray) -> np.ndarray:
        """Σ_k γ_k(t) q_k(Δ), shape (times, Δ)."""
        if not len(self.t):
            return np.zeros((len(times), len(delta)))
        return self.of_time(times).T @ np.array(self.of_delta(delta, [self.gamma.at(float(t)) for t in self.t]))

    def squares(self) -> list[tuple[Callable, Amplitude, float]]:
        """Functions c(t) and amplitudes q(Δ) whose squares, c q(δ)q(δ′), add up to Γ(δ)Γ(δ′), and the size of numbers
        whose rounding is in c; what is left out is added to `error`."""
        h, scale, r = self._heights, max(self.scale, 1e-300), len(self.t)
        pairs = list(itertools.combinations(range(r), 2))
        kept = [(k, l) for k, l in pairs if h[k] * h[l] > _PAIRS * scale**2]
        self.error += 2 * sum(h[k] * h[l] for k, l in set(pairs) - set(kept)) / scale**2
        others = [[l for pair in kept if k in pair for l in pair if l != k] for k in range(r)]
        own = [
            (self._square(k, others[k]), self._amplitude([k]), _NOISE * scale * h[[k, *others[k]]].sum())
            for k in range(r)
        ]
        both = [(self._product(*p), self._amplitude([*p]), _NOISE * scale * h[[*p]].sum()) for p in kept]
        return own + both

    def _square(self, k: int, others: list[int]):
        def c(t):
            gammas = self.of_time(np.ravel(t))
            return (gammas[k] * (gammas[k] - gammas[others].sum(axis=0))).reshape(np.shape(t))

        return c

    def _product(self, k: int, l: int):
        def c(t):
            gammas = self.of_time(np.ravel(t))
            return (gammas[k] * gammas[l]).reshape(np.shape(t))

        return c

    def _amplitude(self, some: list[int]) -> Amplitude:
        """Σ q_k of some k."""
        used = [self.gamma.at(float(t)) for t in self.t[: max(some) + 1]]

        def q(x):
            found = self.of_delta(x, used)
            return sum(found[k] for k in some)

        return Amplitude(q)
