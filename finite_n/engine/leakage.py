"""What a cutoff changes: how much of the state would have gone above it, watched during the whole evolution.

With P the levels kept, H_c the Hamiltonian that is used and ψ_c its state, δ = ψ − ψ_c obeys δ̇ = −iHδ − i(H − H_c)ψ_c,
so that

    ‖δ(t)‖ ≤ ‖δ(0)‖ + ∫ ‖(H − H_c) ψ_c‖ dt,    ‖|ψ⟩⟨ψ| − |ψ_c⟩⟨ψ_c|‖₁ ≤ 2 ‖δ‖,

a bound that is followed for state vectors. For a density matrix the same step gives the trace norm of (L − L_c)ρ_c, of
which an observable feels ∫ Tr(O(t − s) (L − L_c) ρ_c(s)) ds: what leaves with the amplitude of the highest levels comes
back with that of O(t − s), which fills levels above somewhat more than ρ does. So moments are watched for max q + 2κ ∫
q dt, q = p^{7/8}, p the population of the highest levels and κ the norm of L − L_c there: an estimate, above the error
in all cases tried (with q = p it was up to 8 times too small). Both are integrated by the trapezoidal rule over samples
that are at most PHASE apart in the fastest phase of H or L.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.model.quadratures import quadrature_product
from finite_n.propagation.propagate import small_products

POWER = 7 / 8  # of populations, see above
PHASE = 4.0  # radians of the fastest component, between samples
_ROUNDING = 1e-15  # populations below are not distinguished from zero
_WINDOW = 12  # levels on either side of a cutoff that are looked at, or more for long words


class TooFewLevels(Exception):
    """The highest levels hold more than is allowed: at time t, with populations (1, cutoff + 1) of every mode so
    far."""

    def __init__(self, t: float, populations: list[np.ndarray]):
        super().__init__(f"t = {t}")
        self.t, self.populations = t, populations


def tail_of(populations: np.ndarray, width: int, lowest: int = 1) -> np.ndarray:
    """Population of the highest `width` levels, of none below `lowest`, per time."""
    return populations[:, max(lowest, populations.shape[1] - width) :].sum(axis=1)


class TailWatch:
    """Called with times and populations of all levels inside every step; adds up what cutoffs change.

    first: column of the first population; widths: how many of the highest levels count, 0 for a mode that reaches no
    further; rates: κ;
    error: max q + 2κ ∫ q dt so far; beyond `stop_at` TooFewLevels is raised; step: the longest step to take next, so
    that little is lost then.
    """

    def __init__(
        self, first: int, cutoffs: Sequence[int], widths: Sequence[int], rates, stop_at: float, step: float = math.inf
    ):
        self.ends = first + np.cumsum([0, *(c + 1 for c in cutoffs)])
        self.columns = slice(int(self.ends[0]), int(self.ends[-1]))
        self.widths, self.rates, self.stop_at, self.step = widths, rates, stop_at, step
        self.t, self.last = 0.0, np.zeros(len(widths))
        self.sums, self.largest = np.zeros(len(widths)), np.zeros(len(widths))
        self.seen = [np.zeros((1, c + 1)) for c in cutoffs]

    @property
    def error(self) -> float:
        """An estimate of what the cutoffs change, for operators of norm one."""
        return min(2.0, float(np.sum(self.largest + 2 * np.asarray(self.rates) * self.sums)))

    @staticmethod
    def samples(phase: float) -> int:
        """Times looked at within a step over which the fastest phase turns by `phase`."""
        return max(1, math.ceil(phase / PHASE))

    def __call__(self, times: np.ndarray, values: np.ndarray) -> None:
        """values (times, all levels); times count from the first one of the evolution."""
        ends, steps, error = self.ends - self.ends[0], np.diff(times, prepend=self.t), np.zeros(len(times))
        for i, (width, rate) in enumerate(zip(self.widths, self.rates, strict=True)):
            own = values[:, ends[i] : ends[i + 1]]
            p = tail_of(own, width, 0)
            p = np.where(p < _ROUNDING, 0.0, p) ** POWER
            sums = self.sums[i] + np.cumsum(steps * (p + np.append(self.last[i], p[:-1])) / 2)
            largest = np.maximum.accumulate(np.append(self.largest[i], p))[1:]
            error += largest + 2 * rate * sums
            self.sums[i], self.largest[i], self.last[i] = sums[-1], largest[-1], p[-1]
        first = _first_above(error, self.stop_at)
        for i, seen in enumerate(self.seen):
            np.maximum(seen, values[: first + 1, ends[i] : ends[i + 1]].max(axis=0), out=seen)
        self.t = float(times[min(first, len(times) - 1)])
        self.step *= 2
        if first < len(times):
            raise TooFewLevels(self.t, self.seen)


class AmplitudeWatch:
    """The same for a state vector: the bound. Called with the series of a step, (terms + 1, columns) of its
    polynomials' images.

    operator: (H − H_c) on the levels kept, a sparse matrix, of which only `columns` count; start: ψ(0); lost: norm of
    what it has above; populations(ψ): of the levels, ψ as the series has it.
    """

    def __init__(self, operator, start: np.ndarray, lost: float, stop_at: float, populations: Callable):
        self.columns = np.unique(operator.indices)
        used = np.flatnonzero(np.diff(operator.indptr))
        self.operator = operator[used][:, self.columns].tocsr()
        columns = abs(self.operator).power(2).sum(axis=0) if self.columns.size else np.zeros(1)
        self.rate = math.sqrt(float(np.max(columns)))
        self.lost, self.sum, self.t, self.stop_at = lost, 0.0, 0.0, stop_at
        self.last = float(np.linalg.norm(self.operator @ start[self.columns]))
        self.populations = populations
        self._weights: dict = {}

    @property
    def error(self) -> float:
        """Bound of what the cutoffs change, in trace norm."""
        return min(2.0, 2 * (self.lost + self.sum))

    def __call__(self, h: float, radius: float, series: np.ndarray, final: np.ndarray, coefficients) -> None:
        """series: T_k ψ on `columns`, (K + 1, columns); coefficients(x) are 2 J_k(x)."""
        samples = TailWatch.samples(radius * h)
        even, odd = self._table(samples, radius * h, len(series), coefficients)
        tops = _complex(even, series[0::2]) - 1j * _complex(odd, series[1::2])
        leak = np.sqrt((np.abs(self.operator @ tops.T) ** 2).sum(axis=0))
        leak[leak < 4 * _ROUNDING * self.rate] = 0.0
        sums = self.sum + h / samples * np.cumsum((leak + np.append(self.last, leak[:-1])) / 2)
        first = _first_above(2 * (self.lost + sums), self.stop_at)
        if first < samples:
            raise TooFewLevels(self.t + h * (first + 1) / samples, [p[None] for p in self.populations(final)])
        self.sum, self.last, self.t = float(sums[-1]), float(leak[-1]), self.t + h

    def _table(self, samples: int, phase: float, terms: int, coefficients) -> tuple[np.ndarray, np.ndarray]:
        """(−i)^k times the coefficients at equal times, even and odd k apart, the latter divided by −i."""
        key = samples, round(phase, 9), terms
        if key not in self._weights:
            rows = np.zeros((samples, terms))
            for s in range(samples):
                w = coefficients(phase * (s + 1) / samples)[:terms]
                rows[s, : len(w)] = w
            self._weights = {key: tuple(rows[:, i::2] * (-1.0) ** np.arange(len(rows[0, i::2])) for i in (0, 1))}
        return self._weights[key]


def _first_above(error: np.ndarray, allowed: float) -> int:
    """Position of the first error that is too large, len(error) if none is."""
    return int(np.argmax(error > allowed)) if np.any(error > allowed) else len(error)


def _complex(weights: np.ndarray, series: np.ndarray) -> np.ndarray:
    """Real weights times a complex series."""
    return small_products(weights, np.ascontiguousarray(series).view(float)).view(complex)


def leak_rates(model: Model, N: int, cutoffs: Sequence[int]) -> list[float]:
    """κ of every mode: a bound of the norm of what its cutoff leaves out of H − (i/2) Σ L†L, and of what L ρ L† would
    carry above."""
    h, raised = N * model.hamiltonian, [0.0] * len(cutoffs)
    for part in model.collective:
        for (m, n), d in np.ndenumerate(part.kossakowski):
            if d != 0:
                p, q = part.polynomials[m], part.polynomials[n]
                h = h + (-0.5j * N * d) * (p.adjoint() * q)
                sizes = [_norms_above(model, N, cutoffs, x) for x in (p, q)]
                raised = [r + N * abs(d) * x * y for r, x, y in zip(raised, *sizes, strict=True)]
    return [x + y for x, y in zip(_norms_above(model, N, cutoffs, h), raised, strict=True)]


def _norms_above(model: Model, N: int, cutoffs: Sequence[int], p: Polynomial) -> list[float]:
    """For every mode a bound of ‖p − p_c‖ on the levels kept, p_c made of truncated quadratures."""
    modes, out = {a: i for i, mode in enumerate(model.modes) for a in mode.letters}, []
    norms = {a: 1.0 if s.dim == 2 else math.sqrt(2.0) for s in model.species for a in s.letters}
    norms |= {a: math.sqrt(2 * (cutoffs[i] + 1) / N) for a, i in modes.items()}
    for i, (mode, cutoff) in enumerate(zip(model.modes, cutoffs, strict=True)):
        groups: dict = {}
        for word, c in p.words.items():
            own = tuple(mode.letters.index(a) for a in word if modes.get(a) == i)
            others = tuple(a for a in word if modes.get(a) != i)  # in their order: commutators do not cancel
            if own:
                groups.setdefault(others, {}).setdefault(own, []).append(c * (2 * N) ** (-len(own) / 2))
        total = 0.0
        for others, words in groups.items():
            longest = max(map(len, words))
            matrix = sum(sum(c) * _left_out(own, cutoff, longest) for own, c in words.items())
            total += float(np.linalg.norm(matrix, 2)) * math.prod(norms[a] for a in others)
        out.append(total)
    return out


def _left_out(word: tuple[int, ...], cutoff: int, longest: int) -> np.ndarray:
    """A product of quadratures × √(2N) less that of truncated ones, from the `longest` highest levels to those and the
    ones above.

    Words of at most `longest` letters, which is what they need, so that matrices of words of different lengths can be
    added.
    """
    window = max(_WINDOW, 2 * longest)  # a word from there neither comes back from below it nor leaves it
    low = max(0, cutoff - window)
    whole = quadrature_product(word, cutoff + window)
    size, first = cutoff + window - low + 1, cutoff - low + 1
    out = np.zeros((size, size), complex)
    n = np.arange(low, cutoff + window + 1)
    for d, c in whole.items():
        inside = (n - d >= low) & (n - d <= cutoff + window)
        out[(n - d)[inside] - low, n[inside] - low] = c[n[inside]]
    lower = np.diag(np.sqrt(np.arange(low + 1.0, cutoff + 1)), 1)
    pair, product = (lower + lower.T, -1j * (lower - lower.T)), np.eye(first)
    for letter in word:
        product = product @ pair[letter]
    out[:first, :first] -= product
    return out[:, max(0, first - longest) : first]
