"""Which elements suffice: those that the initial state reaches, or that observables depend on.

Labels first (`finite_n.occupations.labels`), a matter of milliseconds for any N; where they are too many, element by
element, which finds what conserved numbers tie together.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import gammaln

from finite_n.model.operators import hermitian_basis
from finite_n.model.polynomial import Polynomial
from finite_n.occupations.basis import CHUNK, Elements, combined, populations, supported
from finite_n.occupations.columns import Columns
from finite_n.occupations.initial_state import EXCHANGES, Diagonal, Start
from finite_n.occupations.labels import ROUNDING, Labels, Trial, as_rows, change, units_reached
from finite_n.occupations.lindbladian import lindblad_chains
from finite_n.occupations.moments import read_shifts
from finite_n.occupations.steps import Chain, run_all

REACHED = "the initial state reaches no others"
READ = "the observables depend on no others"
QUICK = 3_000  # elements up to which a search is a matter of a second
_LABELS = 256  # at most: where they are more, they are most of all


@dataclasses.dataclass(frozen=True)
class Search:
    """For a set of elements that suffices."""

    columns: Columns
    chains: list[Chain]
    start: Start
    observables: Sequence[Polynomial]

    def labels(self) -> tuple[Labels, str] | None:
        """Few labels that suffice, and why; None if there are many."""
        columns = self.columns
        units = units_reached(columns, self.chains, self.start.units)
        levels = [np.flatnonzero(units[p.first : p.last : p.dim + 1]) * (p.dim + 1) for p in columns.particles]
        trial = Trial(columns, levels, units)

        def too_many(labels):
            return len(labels) > _LABELS

        backward = trial.closed(self._read_labels(trial), True, too_many)
        if not self.start.is_simple and (backward is None or self._most_exchanges(backward) > EXCHANGES):
            return None
        seeds = self.start.labels()
        forward = None if seeds is None else trial.closed(seeds, False, too_many)
        if backward is None and forward is None:
            return None
        found = forward if backward is None else backward if forward is None else forward & backward
        # a trace is read in any case
        kept = Labels(columns, as_rows(columns, found | {(0,) * columns.width}), levels)
        if self.start.is_simple and kept.count() >= columns.elements:
            return None
        reasons = [text for text, used in ((REACHED, forward is not None), (READ, backward is not None)) if used]
        return kept, " and ".join(reasons)

    def _read_labels(self, trial: Trial) -> np.ndarray:
        zero = np.zeros((1, self.columns.width), np.int64)
        shifts = read_shifts(trial.columns, self.observables, trial.samples(zero))
        return as_rows(self.columns, {tuple(change(self.columns, s).tolist()) for s in shifts})

    def _most_exchanges(self, labels: set) -> int:
        rows, out = as_rows(self.columns, labels), 0
        for p, part in zip(self.columns.particles, self.start.parts, strict=True):
            if isinstance(part, Diagonal):
                out = max(out, int(rows[:, [p.first + 1, p.first + 2]].min(axis=1).max(initial=0)))
        return out

    def elements(self, few: int) -> tuple[Elements | None, str]:
        """At most `few` elements that suffice, and why, found one by one; None if they are more."""
        count, groups = supported(self.columns, self.start.units, self.start.pairs)
        if count <= few:
            kept = closed(self.chains, self.columns, combined([g() for g in groups]), False, few // 2)
            if kept is not None:
                return kept, REACHED  # what nothing depends on is dropped from the matrix
        if populations(self.columns)[0] <= few:
            seeds = self._read()
            kept = closed(self.chains, self.columns, seeds, True, few // 2) if len(seeds) <= few else None
            if kept is not None:
                return kept, READ
        return None, ""

    def _read(self) -> np.ndarray:
        """Elements that observables read."""
        diagonal = combined([g() for g in populations(self.columns)[1]])
        shifts = read_shifts(self.columns, self.observables, diagonal)
        rows = [diagonal[used] + np.array(shift, diagonal.dtype) for shift, used in shifts.items()]
        return Elements(self.columns, np.concatenate(rows)).n

    def at(self, N: int) -> Search:
        """The same with about N particles."""
        columns = self.columns.resized([max(1, round(p.size * N / self.columns.N)) for p in self.columns.particles])
        parts = dict(zip((p.name for p in columns.particles), self.start.parts, strict=True))
        return Search(columns, lindblad_chains(columns), Start(columns, parts, self.start.fields), self.observables)

    def predicted(self) -> Callable[[float], float]:
        """Elements as a function of N: c C(N + k, k), c and k from the largest two of a few small N that are searched
        quickly."""
        known, N = [], 4 * len(self.columns.particles)
        while N < self.columns.N and len(known) < 3:
            small = self.at(N)
            kept, _ = small.elements(QUICK)
            if kept is None and small.columns.elements > QUICK:
                break
            known.append((small.columns.N, kept.count if kept is not None else small.columns.elements))
            N = math.ceil(1.5 * N)
        if len(known) < 2:
            return lambda n: elements_at(self.columns, n)
        (n1, c1), (n2, c2) = known[-2:]

        def log_binomial(n, k):
            return gammaln(n + k + 1) - gammaln(n + 1)

        low, high = 0.0, 100.0
        for _ in range(60):
            k = (low + high) / 2
            low, high = (k, high) if log_binomial(n2, k) - log_binomial(n1, k) < math.log(c2 / c1) else (low, k)
        return lambda n: c2 * math.exp(min(log_binomial(n, low) - log_binomial(n2, low), 600.0))


def elements_at(columns: Columns, n: float) -> float:
    """Number of all elements at another N with the same fractions and cutoffs."""
    log = 0.0
    for p in columns.particles:
        size, k = p.size * n / columns.N, p.dim**2 - 1
        log += gammaln(size + k + 1) - gammaln(size + 1) - gammaln(k + 1)
    return math.exp(min(log, 600.0)) * math.prod((b.cutoff + 1.0) ** 2 for b in columns.bosons)


def all_are_turned(columns: Columns) -> bool:
    """Whether every species is turned by h or by a collective jump.

    That couples any number of units off the diagonal: of two levels nearly all elements matter, as many as Dicke blocks
    have; of more, all of the levels that are mixed.
    """
    return turned_species(columns) == {p.name for p in columns.particles}


def turned_species(columns: Columns) -> set[str]:
    """Species whose levels h or a collective jump mixes, in their frames."""
    space, names = columns.model.space, set()
    h = columns.model.hamiltonian
    floor = ROUNDING * max((abs(c) for c in h.words.values()), default=0.0)
    rows = [columns.letter(a) for word, c in h.words.items() if abs(c) > floor for a in word]
    for part in columns.model.collective:
        for p in part.polynomials:
            rows += [sum(c * columns.letter(w[0]) for w, c in p.words.items() if w)]
    for s in columns.model.species:
        v = hermitian_basis(s.dim)[1:]
        mixing = np.array([np.any(x - np.diag(np.diag(x))) for x in v])
        at = space.part(s)
        for row in rows:
            own = np.abs(np.asarray(row)).ravel()[1:][at] if np.ndim(row) else np.zeros(len(v))
            if np.any(own[mixing] > ROUNDING * max(own.max(initial=0.0), 1e-300)):
                names.add(s.name)
    return names


def closed(chains: Sequence[Chain], columns: Columns, seeds: np.ndarray, backward: bool, limit: int) -> Elements | None:
    """All elements that `seeds` lead to, or (backward) that lead to them; None if there are more than `limit` pairs.

    A coefficient counts as zero below 1e-14 of the absolute values it is the sum of.
    """
    found = Elements(columns, seeds)
    layer = found.n
    while len(layer):
        if found.size > limit:
            return None
        new = [_led_to(chains, found, layer[i : i + CHUNK], backward) for i in range(0, len(layer), CHUNK)]
        new = [x for x in new if len(x)]
        if not new:
            break
        layer = Elements(columns, np.concatenate(new)).n
        found = found.joined(layer)
    return found


def _led_to(chains: Sequence[Chain], found: Elements, n: np.ndarray, backward: bool) -> np.ndarray:
    """Elements not found yet that one step of the chains leads to."""
    value = run_all(chains, n, backward=backward)
    size = run_all(chains, n, absolute=True, backward=backward)
    out = [np.zeros((0, n.shape[1]), n.dtype)]
    for shift, c in value.items():
        used = np.abs(c) > ROUNDING * size[shift]
        rows = n[used] + np.array(shift, dtype=n.dtype)
        out.append(rows[found.places(rows)[0] < 0])
    return Elements(found.columns, np.concatenate(out)).n if len(out) > 1 else out[0]
