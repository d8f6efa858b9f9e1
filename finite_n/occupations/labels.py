"""Labels of elements, and the sets of them that a Lindbladian does not leave or enter.

A label is what an element has off the diagonal: its numbers of units |a⟩⟨b| with a ≠ b, and n − n′ of every mode. As a
row it has the columns of an element, with zeros for the populations, n − n′ in the first column of a mode and 0 in the
second. A label holds all elements that differ in populations only. Whether a label leads to another does not depend on
N, so it is tried on elements with some hundred particles; at small N the set can only be too large.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from finite_n.occupations.basis import Elements, combined, compositions, compositions_count, spread
from finite_n.occupations.columns import Columns
from finite_n.occupations.lindbladian import lindblad_chains
from finite_n.occupations.steps import Chain, Shift, run_all

ROUNDING = 1e-14  # of the absolute values added up: below it, a coefficient is what cancellation left
SAMPLES = 48  # elements tried for one label, spread so that no Γ is zero on all of them
_SIZE = 300  # particles of the smallest species tried: not more, so that parts of order 1/N^k stay above rounding


class Labels:
    """A set of labels, of elements whose populations are in some levels only.

    rows (L, width): one or both of a mirror pair; levels: columns within every species of the populations that occur.
    """

    def __init__(self, columns: Columns, rows: np.ndarray, levels: Sequence[np.ndarray]):
        self.columns, self.levels = columns, levels
        both = np.concatenate([rows, mirrored(columns, rows)])
        self.rows = np.unique(both, axis=0) if len(both) else both
        self._off = [self.rows[:, p.first : p.last].sum(axis=1) for p in columns.particles]

    def count(self, N: float | None = None) -> float:
        """Number of elements, mirror images counted; at another N with the same fractions."""
        total = 0
        for i in range(len(self.rows)):
            some = 1
            for p, off, levels in zip(self.columns.particles, self._off, self.levels, strict=True):
                left = p.size - int(off[i]) if N is None else p.size * N / self.columns.N - int(off[i])
                some *= compositions_count(left, len(levels)) if left >= 0 else 0
            for b in self.columns.bosons:
                some *= max(b.cutoff + 1 - abs(int(self.rows[i, b.first])), 0)
            total += some
        return total

    def populations(self) -> int:
        """Number of the populations among them."""
        of_levels = [
            compositions_count(p.size, len(x)) for p, x in zip(self.columns.particles, self.levels, strict=True)
        ]
        return math.prod(of_levels) * math.prod(b.cutoff + 1 for b in self.columns.bosons)

    def elements(self) -> Elements:
        """All elements of the labels."""
        kept = {min(tuple(row), tuple(other)) for row, other in zip(self.rows, self._mirrored(), strict=True)}
        return Elements(self.columns, np.concatenate([self._of(np.array(row)) for row in sorted(kept)]))

    def sample(self, columns: Columns, labels: int = 32, each: int = 24) -> np.ndarray:
        """Some elements, at most so many of so many labels, of columns that may be those of another N."""
        rows = self.rows[:: max(1, len(self.rows) // labels)]
        some = samples(columns, rows, self.levels, each, np.random.default_rng(0))
        return some[np.all(some[:, ~self.columns.is_mode] >= 0, axis=1)]

    def _mirrored(self) -> np.ndarray:
        return mirrored(self.columns, self.rows)

    def _of(self, row: np.ndarray) -> np.ndarray:
        groups = []
        for p, levels in zip(self.columns.particles, self.levels, strict=True):
            own = row[p.first : p.last]
            left = p.size - int(own.sum())
            if left < 0 or (left > 0 and len(levels) == 0):
                return np.zeros((0, self.columns.width), np.int32)
            rows = compositions(left, len(levels)) if len(levels) else np.zeros((1, 0), np.int32)
            groups.append(spread(rows, levels, p.dim**2) + own.astype(np.int32))
        for b in self.columns.bosons:
            low = np.arange(b.cutoff + 1 - abs(row[b.first]))
            q = int(row[b.first])
            groups.append(np.stack([low + max(q, 0), low + max(-q, 0)], axis=1))
        return combined(groups)

    def common(self, other: Labels) -> Labels:
        """The labels that are in both."""
        rows = set(map(tuple, self.rows)) & set(map(tuple, other.rows))
        return Labels(self.columns, as_rows(self.columns, rows), self.levels)


def as_rows(columns: Columns, labels) -> np.ndarray:
    """Labels as sorted rows (L, width)."""
    return np.array(sorted(labels), dtype=np.int64).reshape(-1, columns.width)


def mirrored(columns: Columns, rows: np.ndarray) -> np.ndarray:
    """Labels of the mirror images."""
    out = np.array(rows)[:, columns.mirror]
    for b in columns.bosons:
        out[:, b.first], out[:, b.first + 1] = -rows[:, b.first], 0
    return out


def change(columns: Columns, shift: Shift) -> np.ndarray:
    """The change of label under a shift of occupations."""
    out = np.array(shift, dtype=np.int64)
    for p in columns.particles:
        out[p.first : p.last : p.dim + 1] = 0
    for b in columns.bosons:
        out[b.first], out[b.first + 1] = out[b.first] - out[b.first + 1], 0
    return out


class Trial:
    """Elements with some hundred particles in the same shares, on which labels are tried.

    levels: columns within every species of the populations that occur; units: mask (width,) of units that occur.
    """

    def __init__(self, columns: Columns, levels: Sequence[np.ndarray], units: np.ndarray):
        self.whole, self.levels, self.units = columns, levels, units
        least = min(p.size for p in columns.particles) if columns.particles else 1
        self.columns = columns.resized([max(1, round(p.size * _SIZE / least)) for p in columns.particles])
        self.chains = lindblad_chains(self.columns)
        self._rng = np.random.default_rng(0)

    def samples(self, labels: np.ndarray) -> np.ndarray:
        """SAMPLES elements of every label, label by label."""
        return samples(self.columns, labels, self.levels, SAMPLES, self._rng)

    def exists(self, labels: np.ndarray) -> np.ndarray:
        """Which labels exist."""
        out = np.ones(len(labels), dtype=bool)
        for p in self.whole.particles:
            own = labels[:, p.first : p.last]
            out &= (
                np.all(own >= 0, axis=1)
                & (own.sum(axis=1) <= p.size)
                & ~np.any(own[:, ~self.units[p.first : p.last]], axis=1)
            )
        for b in self.whole.bosons:
            out &= np.abs(labels[:, b.first]) <= b.cutoff
        return out

    def closed(self, start: np.ndarray, backward: bool, too_many: Callable[[set], bool]) -> set | None:
        """All labels that `start` leads to, or (backward) that lead to it; None as soon as they are too many.

        too_many(labels) says that they are. A coefficient counts as zero below 1e-14 of the absolute values that it
        is the sum of.
        """
        layer = np.asarray(start, dtype=np.int64).reshape(-1, self.whole.width)
        layer = layer[self.exists(layer)]
        found = set(map(tuple, layer.tolist()))
        while len(layer):
            if too_many(found) or self._fills(layer):
                return None
            new: set = set()
            begin, some = 0, 1
            while begin < len(layer):  # a few at a time, since the first may lead to too many already
                new |= self._moved(layer[begin : begin + some], backward) - found
                if too_many(new):
                    return None
                begin, some = begin + some, 2 * some
            found |= new
            layer = as_rows(self.whole, new)
        return None if too_many(found) else found

    def _fills(self, labels: np.ndarray) -> bool:
        """Whether labels have so many units off the diagonal that nothing is left to be tried."""
        return any(np.any(2 * labels[:, p.first : p.last].sum(axis=1) > p.size) for p in self.columns.particles)

    def _moved(self, labels: np.ndarray, backward: bool) -> set:
        rows = self.samples(labels)
        value = run_all(self.chains, rows, backward=backward)
        size = run_all(self.chains, rows, absolute=True, backward=backward)
        out: set = set()
        for shift, c in value.items():
            hop = change(self.columns, shift)
            if np.any(hop):
                moves = np.any((np.abs(c) > ROUNDING * size[shift]).reshape(len(labels), SAMPLES), axis=1)
                to = labels[moves] + hop
                out.update(map(tuple, to[self.exists(to)].tolist()))
        return out


def samples(columns: Columns, labels: np.ndarray, levels: Sequence[np.ndarray], each: int, rng) -> np.ndarray:
    """So many elements of every label, label by label, spread over the populations of their levels, extremes too."""
    out = np.repeat(np.asarray(labels, dtype=np.int32), each, axis=0)
    for k, (p, some) in enumerate(zip(columns.particles, levels, strict=True)):
        left = p.size - out[:, p.first : p.last].sum(axis=1)
        share = np.tile(_shares(rng, len(some), each, k), (len(labels), 1))
        at = np.rint(np.cumsum(share, axis=1) * left[:, None]).astype(np.int32)
        if len(some):
            out[:, p.first + some] = np.diff(at, axis=1, prepend=0)
    for b in columns.bosons:
        q = out[:, b.first].copy()
        n = rng.integers(0, b.cutoff + 1 - np.abs(q))
        edge = rng.integers(0, 4, len(out))  # the highest and the lowest level often
        n = np.where(edge == 0, b.cutoff - np.abs(q), np.where(edge == 1, 0, n))
        out[:, b.first], out[:, b.first + 1] = n + np.maximum(q, 0), n + np.maximum(-q, 0)
    return out


def _shares(rng, levels: int, count: int, k: int) -> np.ndarray:
    """How populations are shared among levels: spread evenly for two, else at random, and all in one."""
    if levels == 2:
        inner = (np.arange(count - 2) + rng.uniform(0.2, 0.8)) / max(count - 2, 1)
        first = np.concatenate([[0.0, 1.0], inner])
        share = np.stack([first, 1 - first], axis=1)
    else:
        share = rng.dirichlet(np.full(levels, 0.7), count) if levels else np.zeros((count, 0))
        share[:levels] = np.eye(levels)[: len(share)]
    return share if k == 0 else rng.permutation(share)


def units_reached(columns: Columns, chains: Sequence[Chain], units: Sequence[np.ndarray]) -> np.ndarray:
    """Mask (width,) of the units that those of the start lead to by single steps, at least all that ever occur."""
    out = columns.is_mode.copy()
    for p, some in zip(columns.particles, units, strict=True):
        out[p.first + some] = True
    entries = {(b, a) for c in chains for s in c.steps for b, a, _ in getattr(s, "entries", ())}
    while True:
        new = [b for b, a in entries if out[a] and not out[b]]
        if not new:
            return out
        out[new] = True
