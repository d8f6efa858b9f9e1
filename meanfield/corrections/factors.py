"""Values of the functions of Δ in the generator, products of derivatives of Γ, at given averages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from finite_n.model.model import Model
from finite_n.model.timed_amplitude import TimedAmplitude
from meanfield.corrections.generator import Factor, arguments, factor_matrix, jumps_of
from meanfield.limit.driven import Instant


class FactorValues:
    """g of all `factors` as functions of (1, x)."""

    def __init__(self, model: Model, factors: Sequence[Factor]):
        self._count, self._arguments = len(factors), arguments(model)
        self._parts = np.array([f.part for f in factors], int)
        # of every jump: its number, Γ, the range of Δ, its factors, and the matrix from products Γ^(a) Γ^(b) to them
        self._gammas = []
        for number, jump in enumerate(jumps_of(model)):
            own = [i for i, f in enumerate(factors) if f.jump == number]
            if own:
                ends = (0.0, 0.0) if jump.amplitude.is_constant else jump.range()
                products = factor_matrix([factors[i] for i in own])
                self._gammas.append((number, jump.amplitude, ends, own, products))

    def at(self, one: np.ndarray, now: Instant | None = None) -> np.ndarray:
        """g at (1, x), shape (…, 1 + n): shape (…, factors); now: what is known of functions of time, of a model that
        has some."""
        out = np.ones((*one.shape[:-1], self._count))
        for number, gamma, ends, own, products in self._gammas:
            gamma = gamma if now is None or not isinstance(gamma, TimedAmplitude) else gamma.at(now.time)
            slopes = gamma.derivatives(one @ self._arguments[number], products.shape[1], *ends)
            pairs = slopes[..., :, None] * slopes[..., None, :]
            out[..., own] = pairs.reshape(*one.shape[:-1], -1) @ products.reshape(len(own), -1).T
        return out if now is None else out * now.values[self._parts]
