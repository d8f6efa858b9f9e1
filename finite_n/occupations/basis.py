"""Basis elements: numbered, enumerated, and found again.

ρ is Hermitian, so of an element and its mirror image one is stored. An element is numbered by a linear function of its
columns, so that a shift of occupations is the addition of one number; the smaller number of the two is that of the
stored one.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np

from finite_n.errors import FiniteNError
from finite_n.occupations.columns import Columns

CHUNK = 8_192  # elements looked at in one go


class Numbering:
    """code(n) = Σ_c place_c n_c: mixed radix where it fits into 62 bits, else random places modulo 2^64, whose hits are
    verified."""

    def __init__(self, columns: Columns):
        self.mirror = columns.mirror
        base = [p.size + 1 if c < p.last - 1 else 1 for p in columns.particles for c in range(p.first, p.last)]
        base += [b.cutoff + 1 for b in columns.bosons for _ in range(2)]  # the last unit follows from the others
        place = list(itertools.accumulate(base[:0:-1], lambda x, y: x * y, initial=1))[::-1]
        self.exact = place[0] * base[0] < 2**62
        if self.exact:
            self.place = np.array([x if b > 1 else 0 for x, b in zip(place, base, strict=True)], dtype=np.int64)
        else:
            self.place = np.random.default_rng(1).integers(-(2**63), 2**63 - 1, len(base), dtype=np.int64)
        self.mirrored_place = self.place[self.mirror]

    def codes(self, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of the elements and of their mirror images."""
        n = np.asarray(n, dtype=np.int64)
        return n @ self.place, n @ self.mirrored_place


class Elements:
    """A set of elements, one of every mirror pair, in the order of their numbers or, where these are random, of their
    columns.

    n: occupations (E, width), of any element or its mirror image, repeated or not.
    Attributes: `n` (size, width) occupations; `self_conjugate` (size,) mask of those that are their own mirror image.
    """

    def __init__(self, columns: Columns, n: np.ndarray):
        self.columns, self.numbering = columns, Numbering(columns)
        n = np.asarray(n)
        code, mirrored = self.numbering.codes(n)
        n = np.where((code <= mirrored)[:, None], n, n[:, columns.mirror])
        code = np.minimum(code, mirrored)
        order = np.argsort(code, kind="stable")
        code, n = code[order], n[order]
        first = np.diff(code, prepend=code[:1] - 1) != 0
        if not self.numbering.exact:
            self._verify(n[1:][~first[1:]], n[:-1][~first[1:]])
        self._codes, self.n = code[first], n[first]
        self._place = None
        if not self.numbering.exact:
            order = np.lexsort(self.n.T[::-1])
            self.n, self._place = self.n[order], np.argsort(order)
        self.self_conjugate = np.all(self.n == self.n[:, columns.mirror], axis=1)

    @property
    def size(self) -> int:
        """Number of stored elements."""
        return len(self.n)

    @property
    def count(self) -> int:
        """Number of elements with the mirror images."""
        return 2 * self.size - int(np.count_nonzero(self.self_conjugate))

    def find(
        self, code: np.ndarray, mirrored: np.ndarray, n: Callable[[], np.ndarray] | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Position of elements of given codes, −1 for none, and whether it is their mirror image that is stored.

        n(): their occupations, needed where codes are not exact.
        """
        wanted, flipped = np.minimum(code, mirrored), code > mirrored
        place = np.minimum(np.searchsorted(self._codes, wanted), self.size - 1)
        known = self._codes[place] == wanted
        place = place if self._place is None else self._place[place]
        if not self.numbering.exact and n is not None:
            rows = n()
            stored = np.where(flipped[:, None], rows[:, self.columns.mirror], rows)
            self._verify(stored[known], self.n[place[known]])
        return np.where(known, place, -1), flipped

    def places(self, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """`find` for elements of given occupations."""
        return self.find(*self.numbering.codes(n), lambda: n)

    def _verify(self, n: np.ndarray, same: np.ndarray) -> None:
        if not np.array_equal(n, same):
            raise FiniteNError("symmetrised products: two basis elements share a code; try another N.")

    def joined(self, other: np.ndarray) -> Elements:
        """With more elements, given by their occupations."""
        return Elements(self.columns, np.concatenate([self.n, other]))


def compositions(total: int, parts: int) -> np.ndarray:
    """All rows of `parts` whole numbers ≥ 0 with sum `total`, shape (C(total + parts − 1, total), parts)."""
    rows, rest = np.zeros((1, 0), np.int32), np.array([total])
    for _ in range(parts - 1):
        repeats = rest + 1
        start = np.repeat(np.cumsum(repeats) - repeats, repeats)
        new = np.arange(repeats.sum()) - start
        rows = np.concatenate([np.repeat(rows, repeats, axis=0), new[:, None].astype(np.int32)], axis=1)
        rest = np.repeat(rest, repeats) - new
    return np.concatenate([rows, rest[:, None].astype(np.int32)], axis=1)


def compositions_count(total: float, parts: int) -> float:
    """Their number, exact for whole numbers; of no parts there is one with the sum 0."""
    if parts == 0:
        return float(total == 0)
    if isinstance(total, int):
        return math.comb(total + parts - 1, parts - 1)
    return math.prod((total + k) / k for k in range(1, parts))


def combined(groups: Sequence[np.ndarray]) -> np.ndarray:
    """All combinations of rows of the groups, in the order of their columns."""
    total = np.zeros((1, 0), np.int32)
    for rows in groups:
        total = np.concatenate(
            [np.repeat(total, len(rows), axis=0), np.tile(np.asarray(rows, np.int32), (len(total), 1))], axis=1
        )
    return total


def supported(columns: Columns, units: Sequence[np.ndarray], pairs: Sequence[np.ndarray]) -> tuple[int, list]:
    """Elements that use only some units of every species (columns within it) and some pairs (n, n′) of every mode.

    Returns their number and the groups to give to `combined`, each made only when asked for: a list of functions.
    """
    count, groups = 1, []
    for p, some in zip(columns.particles, units, strict=True):
        count *= compositions_count(p.size, len(some))
        groups.append(lambda p=p, some=some: spread(compositions(p.size, len(some)), some, p.dim**2))
    for some in pairs:
        count *= len(some)
        groups.append(lambda some=some: np.asarray(some))
    return count, groups


def spread(rows: np.ndarray, columns: np.ndarray, width: int) -> np.ndarray:
    """Rows over some columns, zero in the others."""
    out = np.zeros((len(rows), width), np.int32)
    out[:, columns] = rows
    return out


def everything(columns: Columns) -> np.ndarray:
    """All elements."""
    units = [np.arange(p.dim**2) for p in columns.particles]
    pairs = [np.array(list(itertools.product(range(b.cutoff + 1), repeat=2))) for b in columns.bosons]
    return combined([group() for group in supported(columns, units, pairs)[1]])


def populations(columns: Columns) -> tuple[int, list]:
    """Number of the elements on the diagonal, and their groups, as `supported` gives them."""
    units = [np.arange(p.dim) * (p.dim + 1) for p in columns.particles]
    pairs = [np.stack([np.arange(b.cutoff + 1)] * 2, axis=1) for b in columns.bosons]
    return supported(columns, units, pairs)
