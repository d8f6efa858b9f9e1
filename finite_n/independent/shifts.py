"""Operators of a particle made of bosons as shifts of Fock levels, exact at the highest ones.

O = Σ_s O_s, where O_s lowers the levels of the bosons by s (negative: raises): ⟨n − s| O |n⟩ = O_s[n] for all n up to
the cutoffs, whether n − s is kept or not. Entries that are rounding of what cancels are zero, so that symmetries show.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from finite_n.model.polynomial import Polynomial
from finite_n.model.quadratures import quadrature_product
from finite_n.model.species import Mode

_CANCELLED = 1e-14  # of the absolute values added up
Shifts = dict[tuple[int, ...], np.ndarray]


@dataclasses.dataclass(frozen=True)
class Levels:
    """All |n⟩ = |n_1, n_2, …⟩ up to the cutoffs, the last boson running fastest."""

    cutoffs: tuple[int, ...]

    def __post_init__(self):
        object.__setattr__(self, "cutoffs", tuple(int(c) for c in self.cutoffs))

    @functools.cached_property
    def numbers(self) -> np.ndarray:
        """n of every level, (D, bosons)."""
        grids = np.indices([c + 1 for c in self.cutoffs], dtype=np.int64)
        return grids.reshape(len(self.cutoffs), -1).T

    @property
    def size(self) -> int:
        """D."""
        return math.prod(c + 1 for c in self.cutoffs)

    def positions(self, numbers: np.ndarray) -> np.ndarray:
        """Where levels (…, bosons) are, −1 where they are not kept."""
        inside = np.all((numbers >= 0) & (numbers <= self.cutoffs), axis=-1)
        strides = np.append(np.cumprod((np.array(self.cutoffs) + 1)[::-1])[::-1][1:], 1)
        return np.where(inside, numbers @ strides, -1)

    def target(self, shift: Sequence[int]) -> np.ndarray:
        """Positions of n − s, −1 where it is not kept, (D,)."""
        return self.positions(self.numbers - np.asarray(shift))

    def matrix(self, operator: Shifts) -> sp.csr_array:
        """The operator between the levels, (D, D)."""
        n, out = np.arange(self.size), sp.csr_array((self.size, self.size), dtype=complex)
        for shift, x in operator.items():
            end = self.target(shift)
            kept = (end >= 0) & (x != 0)
            out = out + sp.coo_array((x[kept], (end[kept], n[kept])), shape=out.shape).tocsr()
        return out

    def shifts(self, p: Polynomial, modes: Sequence[Mode]) -> Shifts:
        """The operator of a polynomial of x and p."""
        total: Shifts = {}
        size: dict[tuple[int, ...], np.ndarray] = {}
        for word, c in p.words.items():
            factors = []
            for mode, cutoff in zip(modes, self.cutoffs, strict=True):
                own = [mode.letters.index(a) for a in word if a.owner == mode.name]
                # on levels so high that what leaves those kept is whole too
                high = quadrature_product(own, cutoff + len(own))
                factors.append([(d, x[: cutoff + 1]) for d, x in high.items()])
            for choice in itertools.product(*factors):
                shift = tuple(d for d, _ in choice)
                value = c * 2.0 ** (-len(word) / 2) * _outer([x for _, x in choice])
                total[shift] = total.get(shift, 0) + value
                size[shift] = size.get(shift, 0) + np.abs(value)
        return cleaned(total, size)


def cleaned(total: Shifts, size: Shifts) -> Shifts:
    """Without what cancels."""
    out = {s: np.where(np.abs(x) > _CANCELLED * size[s], x, 0.0) for s, x in total.items()}
    return {s: x for s, x in out.items() if np.any(x)}


def _outer(factors: Sequence[np.ndarray]) -> np.ndarray:
    out = factors[0]
    for x in factors[1:]:
        out = np.multiply.outer(out, x)
    return np.ravel(out)
