"""ρ̇ = Lρ on whole Dicke blocks, stored by halves, with the compiled term kernel: what the time integrators work on."""

from __future__ import annotations

import math

import numpy as np

from finite_n import kernels
from finite_n.dicke_blocks.liouvillian.liouvillian import Liouvillian
from finite_n.dicke_blocks.liouvillian.symbol import around_generator
from finite_n.dicke_blocks.moments import Functionals
from finite_n.propagation.faber import Ellipse


class BlockProblem:
    """A generator, an initial vector and functionals; states are arrays of stored halves."""

    terms = 1200  # of one step of the series, about

    def __init__(self, generator: Liouvillian, vector: np.ndarray, functionals: Functionals, workers: int = 1):
        self.generator, self.functionals = generator, functionals
        self.planes = generator.planes(vector)
        self.workers, self.parallel = workers, workers > 1
        self.start_vector = vector
        self._ellipse = None
        self._bounds = generator.storage.bounds(workers)
        compiled = functionals.compiled(self.planes)
        gathered = np.zeros((len(compiled[0]), generator.blocks.rows))
        self._compiled = (gathered, generator.storage.begin.astype(np.uint64), *compiled)
        self._square = np.zeros(generator.blocks.rows)
        self._shares = generator.storage.shares(workers)
        self._partial = np.zeros((len(self._shares) - 1, functionals.count))

    @property
    def count(self) -> int:
        """Number of functionals."""
        return self.functionals.count

    @property
    def elements(self) -> int:
        """Elements of the state."""
        return self.generator.blocks.elements

    @property
    def arithmetic(self) -> str:
        """How numbers are kept."""
        return "real" if self.planes == 1 else "two real planes" if self.generator.is_real else "complex"

    def start(self) -> np.ndarray:
        """The initial state in stored form."""
        return self.generator.storage.pack(self.start_vector, self.planes)

    def empty(self) -> np.ndarray:
        """An empty state."""
        return self.generator.storage.zeros(self.planes)

    def measure(self) -> np.ndarray:
        """Functionals of the initial state."""
        return self.functionals(self.start_vector)

    def unpack(self, state: np.ndarray) -> np.ndarray:
        """The full vector of a stored state."""
        return self.generator.storage.unpack(state)

    def field_of_values(self, span: float, state: np.ndarray) -> Ellipse:
        """An ellipse about the part of the field of values that counts."""
        if self._ellipse is None:
            self._ellipse = around_generator(self.generator, span, narrow=True)
        return self._ellipse

    def accept(self, state: np.ndarray, allowed: float) -> float:
        """Called with the state after every step; returns what it discards."""
        return 0.0

    def trace_norm(self, state: np.ndarray) -> float:
        """Σ_J √(2J+1) ‖X_J‖_F ≥ ‖X‖₁."""
        size, row_start, row_block, offset, _ = self.generator.layout
        return kernels.norm_bound(state, self._square, size, row_start, row_block, offset)

    def apply(self, source, out, scale: float, shift: float = 0.0, keep: float = 0.0) -> None:
        """out = keep out + scale (L + shift) source."""
        self.generator.apply_stored(source, out, scale, shift, keep, self.workers)

    def add(self, term, acc, weight: float) -> np.ndarray:
        """acc += weight term; functionals of the term."""
        size, row_start, row_block, offset, _ = self.generator.layout
        kernels.measure_and_add[self.parallel](
            term, acc, weight, self._square, self._partial,
            *self._compiled, size, row_start, row_block, offset, self._bounds, self._shares,
        )  # fmt: skip
        return self._partial[0].copy()

    def finish(self, state: np.ndarray) -> None:
        """Refresh what additions left stale: the halo."""
        kernels.mirror(state, *self.generator.layout)

    def series(self, v, first, second, acc, series, weight, tail, ellipse: Ellipse, allowed: float, highest: float):
        """acc = Σ_k weight_k F_k v: (applications, rest, largest image over the start); see `kernels.faber_step`."""
        if len(self.generator.parts) == 1:
            return kernels.faber_step[self.parallel](
                v, first, second, acc, series, self._square, self._partial, weight, tail,
                ellipse.capacity, ellipse.ratio, ellipse.mu, allowed, highest,
                *self._compiled, *self.generator.layout, *self.generator.parts[0].arrays, self._bounds, self._shares,
            )  # fmt: skip
        acc[:] = 0.0
        series[0] = self.add(v, acc, weight[0])
        largest = start = self.trace_norm(v)
        source, term, k = v, first, 0
        for k in range(1, len(weight)):
            if k == 2:
                second[:] = v
            self.apply(source, term, 1 / ellipse.capacity, ellipse.mu, ellipse.keep(k))
            series[k] = self.add(term, acc, weight[k])
            largest = max(largest, self.trace_norm(term))
            source, term = term, second if term is first else first
            if largest > highest * start or 2 * largest * tail[k] <= allowed:
                break
        self.finish(acc)
        rest = 2 * largest * tail[k] if largest <= highest * start else math.inf
        return k, rest, largest / start if start > 0 else 0.0
