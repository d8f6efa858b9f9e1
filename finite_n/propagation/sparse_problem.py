"""ẋ = Ax for a real sparse matrix, on the window of x that is not empty: what the time integrators work on for reduced
spaces.

x holds real and imaginary parts of independent elements of ρ, so that 2 Σ|x| bounds the trace norm: no element of the
bases used here has a larger one than 1, and every element off the diagonal stands for itself and its mirror image.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import scipy.sparse as sp

from finite_n import kernels
from finite_n.propagation.driven_terms import step_by_terms
from finite_n.propagation.faber import Ellipse, around_rows, row_bounds

_WINDOW_TERMS = 500
_ROUNDING = 1e-15  # of a state of trace norm 1: what cancellation inside a step leaves at the ends of a window


class SparseProblem:
    """Matrix A (n, n) real, x at the start, functionals (count, n) real; states are arrays (n,)."""

    arithmetic = "real"
    workers = 1  # threads
    may_be_windowed = True

    def __init__(self, matrix: sp.csr_array, vector: np.ndarray, functionals: sp.csr_array):
        self.matrix = sp.csr_array(matrix)
        self.start_vector = np.ascontiguousarray(vector, dtype=float)
        self.functionals = sp.csr_array(functionals)
        self.count, self.elements = self.functionals.shape
        self._arrays = (
            *(x.astype(np.int64) for x in (matrix.indptr, matrix.indices)),
            matrix.data.astype(float, copy=False),
        )
        by_row = sp.csr_array(self.functionals.T)
        self._compiled = (
            *(x.astype(np.int64) for x in (by_row.indptr, by_row.indices)),
            by_row.data.astype(float, copy=False),
        )
        rows = np.repeat(np.arange(self.elements), np.diff(self.matrix.indptr))
        self._bandwidth = int(np.abs(rows - self.matrix.indices).max(initial=0))
        self._windowed = self.may_be_windowed and self._bandwidth * 2 * _WINDOW_TERMS < self.elements
        self._window = self._filled()
        self.terms = _WINDOW_TERMS if self._windowed else 1200
        self._left, self._high = row_bounds(self.matrix)

    def _filled(self) -> tuple[int, int]:
        """The window at the start; all of x where no window is followed."""
        used = np.flatnonzero(self.start_vector)
        if not self._windowed or used.size == 0:
            return 0, self.elements
        return int(used[0]), int(used[-1]) + 1

    def start(self) -> np.ndarray:
        """The initial vector."""
        self._window = self._filled()
        return self.start_vector.copy()

    def empty(self) -> np.ndarray:
        """An empty vector."""
        return np.zeros(self.elements)

    def measure(self) -> np.ndarray:
        """Functionals of the initial vector."""
        return self.functionals @ self.start_vector

    def unpack(self, state: np.ndarray) -> np.ndarray:
        """The vector itself."""
        return state.copy()

    def _reached(self) -> slice:
        pad = self._bandwidth * 2 * self.terms if self._windowed else self.elements
        return slice(max(0, self._window[0] - pad), min(self.elements, self._window[1] + pad))

    def field_of_values(self, span: float, state: np.ndarray) -> Ellipse:
        """An ellipse about the field of values of the part of A that a step may touch."""
        part = self._reached()
        return around_rows(self._left[part], self._high[part], span)

    def accept(self, state: np.ndarray, allowed: float) -> float:
        """Empty the ends of the window that together weigh less than `allowed`; returns what that discards."""
        if not self._windowed:
            return 0.0
        pad = self._bandwidth * 2 * self.terms
        low, high = max(0, self._window[0] - pad), min(self.elements, self._window[1] + pad)
        size = np.cumsum(np.abs(state[low:high]))
        enough = max(allowed / 4, _ROUNDING * min(size[-1], 1.0))  # where Σ|x| is large, so would be what is lost
        inside = np.flatnonzero((size > enough) & (size[-1] - size + np.abs(state[low:high]) > enough))
        if inside.size == 0:
            return 0.0
        new = (low + int(inside[0]), low + int(inside[-1]) + 1)
        lost = 2 * (np.abs(state[low : new[0]]).sum() + np.abs(state[new[1] : high]).sum())
        state[low : new[0]], state[new[1] : high] = 0.0, 0.0
        self._window = new
        return float(lost)

    def trace_norm(self, state: np.ndarray) -> float:
        """2 Σ|x|."""
        return 2 * float(np.abs(state).sum())

    def apply(self, source, out, scale: float, shift: float = 0.0, keep: float = 0.0) -> None:
        """out = keep out + scale (A + shift) source."""
        kernels.sparse_apply(0, self.elements, source, out, keep, scale, shift, *self._arrays)

    def add(self, term, acc, weight: float) -> np.ndarray:
        """acc += weight term; functionals of the term."""
        values = np.zeros(self.count)
        kernels.sparse_add(0, self.elements, term, acc, weight, *self._compiled, values)
        return values

    def finish(self, state: np.ndarray) -> None:
        """Nothing is stale here."""

    def series(self, v, first, second, acc, series, weight, tail, ellipse: Ellipse, allowed: float, highest: float):
        """acc = Σ_k weight_k F_k v: (applications, rest, largest image over the start)."""
        if self._windowed and len(weight) > 2 * self.terms:
            return 0, np.inf, 1.0
        return kernels.sparse_faber_step(
            v, first, second, acc, series, weight, tail, ellipse.capacity, ellipse.ratio, ellipse.mu, allowed, highest,
            *self._compiled, *self._arrays, *self._window, self._bandwidth,
        )  # fmt: skip


class DrivenSparseProblem(SparseProblem):
    """ẋ = Σ_k f_k(t) A_k x: `matrix` has every entry that occurs in the A_k, `matrices`; course: from whether other
    points are wanted to the f_k (`finite_n.propagation.problem.DrivenProblem`)."""

    may_be_windowed = False

    def __init__(self, matrix, vector, functionals, matrices: Sequence[sp.csr_array], course: Callable):
        super().__init__(matrix, vector, functionals)
        self.course, self._matrices = course, [sp.csr_array(m) for m in matrices]
        self._parts = [
            (*(x.astype(np.int64) for x in (m.indptr, m.indices)), m.data.astype(float, copy=False))
            for m in self._matrices
        ]

    def ellipses(self, span: float) -> list[Ellipse]:
        """About the field of values of every A_k."""
        return [around_rows(*row_bounds(m), span) for m in self._matrices]

    def step(self, *arguments):
        """See `finite_n.propagation.problem.DrivenProblem`."""
        return step_by_terms(self, *arguments)

    def next_term(self, memory, source: int, out: int, weights, acc, scale: float, shift: float):
        """A term of `step` from earlier ones."""
        term, values = memory[out], np.zeros(self.count)
        kernels.sparse_apply(0, self.elements, memory[source], term, 0.0, scale, shift, *self._parts[0])
        for own, part in zip(weights[1:], self._parts[1:], strict=True):
            combined = own @ memory[: len(own)]
            kernels.sparse_apply(0, self.elements, combined, term, 1.0, scale, 0.0, *part)
        size = 2 * kernels.sparse_add(0, self.elements, term, acc, 1.0, *self._compiled, values)
        return values, size
