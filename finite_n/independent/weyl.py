"""exp(isX) between Fock levels, X a Hermitian polynomial of the x and p of a particle's bosons.

It is made on so many levels that twice the distance to their end changes nothing: of exact X, what is cut off is felt
only near the end.
"""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import expm_multiply

from finite_n.errors import FiniteNError
from finite_n.independent.shifts import Levels
from finite_n.model.bosonic_particle import BosonicParticle
from finite_n.model.polynomial import Polynomial

_CHANGE = 1e-13  # of elements, when more levels are taken
_FIRST, _LAST = 6, 200  # levels beyond those asked for


@dataclasses.dataclass(frozen=True)
class Weyl:
    """exp(i s X), `scale` s, `operator` X."""

    particle: BosonicParticle
    operator: Polynomial
    scale: float

    @functools.lru_cache(maxsize=8)  # noqa: B019 (as many as one call asks for again)
    def between(self, rows: Levels, columns: Levels | None = None, most: int | None = None) -> np.ndarray:
        """Elements from levels `columns`, by default `rows`, to `rows`, complex; with `most` from those only that hold
        so many quanta together, the others are zero."""
        columns = rows if columns is None else columns
        if not self.operator.words or self.scale == 0:
            return _embedding(columns, rows).toarray().astype(complex)
        modes = [b.mode for b in self.particle.bosons]
        beyond, before = _FIRST, None
        while beyond <= _LAST:
            whole = Levels(tuple(max(c) + beyond for c in zip(rows.cutoffs, columns.cutoffs, strict=True)))
            X = whole.matrix(whole.shifts(self.operator, modes))
            start = _embedding(columns, whole).toarray().astype(complex)
            some = slice(None) if most is None else columns.numbers.sum(axis=1) <= most
            now = np.zeros((rows.size, columns.size), complex)
            now[:, some] = _embedding(rows, whole).T @ expm_multiply(1j * self.scale * X, start[:, some])
            if before is not None and np.abs(now - before).max() < _CHANGE:
                return now
            beyond, before = 2 * beyond, now
        raise FiniteNError(
            f"exp(i {self.scale:.3g} ({self.operator})): {_LAST} levels beyond those of the state do not suffice; "
            "give smaller r, or larger N."
        )


def _embedding(few: Levels, many: Levels) -> sp.csr_array:
    """From some levels to others, (D of many, D of few); levels that are not there are left out."""
    at = many.positions(few.numbers)
    inside = np.flatnonzero(at >= 0)
    return sp.coo_array((np.ones(len(inside)), (at[inside], inside)), shape=(many.size, few.size)).tocsr()
