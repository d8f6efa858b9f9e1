"""Basis elements of a joint space: numbered, enumerated, and closed under a generator.

ρ is Hermitian, so of an element and its mirror image one is stored. An element is numbered by a linear function of its
columns, so that a shift of occupations is the addition of one number; the smaller number of the two is that of the
stored one.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from finite_n.errors import FiniteNError
from finite_n.occupations.columns import Layout
from finite_n.occupations.steps import Chain, run_all

ROUNDING = 1e-14  # of the absolute values added up: below it, a coefficient is what cancellation left
CHUNK = 8_192  # elements looked at in one go


class Numbering:
    """code(n) = Σ_c place_c n_c: mixed radix where it fits into 62 bits, else random places modulo 2^64, whose hits are
    verified."""

    def __init__(self, layout: Layout):
        self.mirror = layout.mirror
        base = [p.size + 1 if c < p.last - 1 else 1 for p in layout.particles for c in range(p.first, p.last)]
        base += [b.cutoff + 1 for b in layout.bosons for _ in range(2)]  # the last unit follows from the others
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
    """A set of elements, one of every mirror pair, in the order of their codes.

    Attributes: `n` (size, width) occupations; `codes` (size,); `alone` (size,) mask of those that are their own mirror
    image.
    """

    def __init__(self, layout: Layout, n: np.ndarray):
        self.layout, self.numbering = layout, Numbering(layout)
        n = np.asarray(n)
        code, mirrored = self.numbering.codes(n)
        n = np.where((code <= mirrored)[:, None], n, n[:, layout.mirror])
        self.codes, first, inverse = np.unique(np.minimum(code, mirrored), return_index=True, return_inverse=True)
        self._verify(n, n[first][inverse])
        self.n = np.ascontiguousarray(n[first])
        self.alone = np.all(self.n == self.n[:, layout.mirror], axis=1)

    @property
    def size(self) -> int:
        """Number of stored elements."""
        return len(self.codes)

    @property
    def count(self) -> int:
        """Number of elements with the mirror images."""
        return 2 * self.size - int(np.count_nonzero(self.alone))

    def find(
        self, code: np.ndarray, mirrored: np.ndarray, n: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Position of elements of given codes, −1 for none, and whether it is their mirror image that is stored.

        n: their occupations, needed where codes are not exact.
        """
        wanted = np.minimum(code, mirrored)
        place = np.minimum(np.searchsorted(self.codes, wanted), self.size - 1)
        known = self.codes[place] == wanted
        if not self.numbering.exact and n is not None:
            stored = np.where((code <= mirrored)[:, None], n, n[:, self.layout.mirror])
            self._verify(stored[known], self.n[place[known]])
        return np.where(known, place, -1), code > mirrored

    def _verify(self, n: np.ndarray, same: np.ndarray) -> None:
        if not self.numbering.exact and not np.array_equal(n, same):
            raise FiniteNError("symmetrised products: two basis elements share a code; try another N.")

    def joined(self, other: np.ndarray) -> Elements:
        """With more elements, given by their occupations."""
        return Elements(self.layout, np.concatenate([self.n, other]))


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


def combined(groups: Sequence[np.ndarray]) -> np.ndarray:
    """All combinations of rows of the groups, in the order of the columns of a layout."""
    total = np.zeros((1, 0), np.int32)
    for rows in groups:
        total = np.concatenate(
            [np.repeat(total, len(rows), axis=0), np.tile(np.asarray(rows, np.int32), (len(total), 1))], axis=1
        )
    return total


def supported(layout: Layout, units: Sequence[np.ndarray], pairs: Sequence[np.ndarray]) -> tuple[int, list]:
    """Elements that use only some units of every species (columns within it) and some pairs (n, n′) of every mode.

    Returns their number and the groups to give to `combined`, each made only when asked for: a list of functions.
    """
    count, groups = 1, []
    for p, some in zip(layout.particles, units, strict=True):
        count *= _compositions_count(p.size, len(some))
        groups.append(lambda p=p, some=some: _spread(compositions(p.size, len(some)), some, p.dim**2))
    for some in pairs:
        count *= len(some)
        groups.append(lambda some=some: np.asarray(some))
    return count, groups


def _compositions_count(total: int, parts: int) -> int:
    count = 1
    for k in range(1, parts):
        count = count * (total + k) // k
    return count


def _spread(rows: np.ndarray, columns: np.ndarray, width: int) -> np.ndarray:
    out = np.zeros((len(rows), width), np.int32)
    out[:, columns] = rows
    return out


def everything(layout: Layout) -> np.ndarray:
    """All elements."""
    units = [np.arange(p.dim**2) for p in layout.particles]
    pairs = [np.array(list(itertools.product(range(b.cutoff + 1), repeat=2))) for b in layout.bosons]
    return combined([group() for group in supported(layout, units, pairs)[1]])


def populations(layout: Layout) -> tuple[int, list]:
    """Number of the elements on the diagonal, and their groups, as `supported` gives them."""
    units = [np.arange(p.dim) * (p.dim + 1) for p in layout.particles]
    pairs = [np.stack([np.arange(b.cutoff + 1)] * 2, axis=1) for b in layout.bosons]
    return supported(layout, units, pairs)


def closed(chains: Sequence[Chain], layout: Layout, seeds: np.ndarray, backward: bool, limit: int) -> Elements | None:
    """All elements that `seeds` lead to, or (backward) that lead to them; None if there are more than `limit` pairs.

    A coefficient counts as zero below 1e-14 of the absolute values it is the sum of.
    """
    found = Elements(layout, seeds)
    layer = found.n
    while len(layer):
        if found.size > limit:
            return None
        new = [_led_to(chains, found, layer[i : i + CHUNK], backward) for i in range(0, len(layer), CHUNK)]
        new = [x for x in new if len(x)]
        if not new:
            break
        layer = Elements(layout, np.concatenate(new)).n
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
        place, _ = found.find(*found.numbering.codes(rows), rows)
        out.append(rows[place < 0])
    return Elements(found.layout, np.concatenate(out)).n if len(out) > 1 else out[0]
