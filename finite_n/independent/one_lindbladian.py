"""The Lindbladian of one particle made of bosons, sparse, on those elements of ρ that its start leads to.

ρ̇ = Gρ + ρG† + Σ_ij D_ij B_i ρ B_j†,  G = −iH − ½ Σ_ij D_ij B_j†B_i,

with B_i parts of the jump operators that shift levels by the same numbers. All matrices between the levels kept are
those of the full operators, so that what leaves for higher levels is missing from the trace.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from finite_n.errors import FiniteNError
from finite_n.independent.shifts import Levels, Shifts, cleaned
from finite_n.memory import available, fits
from finite_n.model.bosonic_particle import BosonicParticle
from finite_n.model.operators import without_rounding
from finite_n.propagation.reachability import reachable, real_form

_RANK = 1e-12  # of the largest part of the jumps that shift alike
_CANCELLED = 1e-14
_PER_TERM = 60.0  # bytes for every element and term, at the peak


@dataclasses.dataclass(frozen=True)
class Elements:
    """What is stored: `pairs` (i, j) of levels, (E, 2); the state is (Re x, Im x) of those with i ≤ j or Re x."""

    size: int
    pairs: np.ndarray
    embedding: sp.csr_array

    def matrix(self, state: np.ndarray) -> np.ndarray:
        """ρ, shape (D, D), complex."""
        out = np.zeros((self.size, self.size), complex)
        out[self.pairs[:, 0], self.pairs[:, 1]] = self.embedding @ state
        return out


class OneLindbladian:
    """The generator of a particle with levels up to some cutoffs."""

    def __init__(self, particle: BosonicParticle, cutoffs: Sequence[int]):
        self.levels = Levels(cutoffs)
        self.modes = [b.mode for b in particle.bosons]
        parts, D = self._parts(particle)
        self.left = self._left(particle, parts, D)
        self.sandwiches = [
            (*parts[i], *parts[j], D[i, j]) for i, j in zip(*np.nonzero(D), strict=True)
        ]  # shift and values of B_i, of B_j, D_ij
        self.terms = 2 * len(self.left) + len(self.sandwiches)

    def _parts(self, particle: BosonicParticle) -> tuple[list[tuple[tuple[int, ...], np.ndarray]], np.ndarray]:
        """B_i, and D between them."""
        if particle.jumps is None:
            return [], np.zeros((0, 0))
        operators = [self.levels.shifts(p, self.modes) for p in particle.jumps.polynomials]
        parts, columns = [], []
        for shift in sorted({s for x in operators for s in x}):
            rows = np.array([x.get(shift, np.zeros(self.levels.size)) for x in operators])
            u, sizes, v = np.linalg.svd(rows, full_matrices=False)
            for k in np.flatnonzero(sizes > _RANK * sizes[0]):
                parts.append((shift, sizes[k] * v[k]))
                columns.append(u[:, k])
        U = np.array(columns).T  # L_μ = Σ_i U_μi B_i
        K = particle.jumps.kossakowski
        # Σ_μν D_μν L_ν ρ L_μ†: the coefficient of B_i ρ B_j† is Σ D_μν U_νi U*_μj
        D = np.einsum("mn,ni,mj->ij", K, U, U.conj())
        size = np.einsum("mn,ni,mj->ij", np.abs(K), np.abs(U), np.abs(U))
        return parts, np.where(np.abs(D) > _CANCELLED * size, D, 0.0)

    def _left(self, particle: BosonicParticle, parts, D) -> Shifts:
        """G."""
        H = self.levels.shifts(particle.hamiltonian, self.modes)
        total: Shifts = {s: -1j * x for s, x in H.items()}
        size: Shifts = {s: np.abs(x) for s, x in H.items()}
        for i, j in zip(*np.nonzero(D), strict=True):
            (s, right), (t, left) = parts[i], parts[j]
            # from n to n − s by B_i, and on to n − s + t by B_j†, if that is kept
            shift = tuple(int(a - b) for a, b in zip(s, t, strict=True))
            end = self.levels.target(shift)
            value = np.where(end >= 0, -0.5 * D[i, j] * right * left[end].conj(), 0.0)
            total[shift] = total.get(shift, 0) + value
            size[shift] = size.get(shift, 0) + np.abs(value)
        return cleaned(total, size)

    def on_all(self) -> sp.csr_array:
        """L on all elements of ρ, row by row, (D², D²)."""
        one = sp.eye_array(self.levels.size, format="csr")
        G = self.levels.matrix(self.left)
        L = sp.kron(G, one, format="csr") + sp.kron(one, G.conj(), format="csr")
        matrix = self.levels.matrix
        for s, left, t, right, weight in self.sandwiches:
            L = L + sp.kron(matrix({s: weight * left}), matrix({t: right}).conj(), format="csr")
        return L

    def restricted(self, rho: np.ndarray) -> tuple[sp.csr_array, np.ndarray, Elements]:
        """A (real) on the elements that ρ (D, D), Hermitian, leads to, the start, and what the elements are."""
        D = self.levels.size
        self._check(D * D)
        L = self.on_all()
        reached = np.sort(reachable(L, rho.ravel()))
        L = L[reached][:, reached]
        L.data = without_rounding(L.data, np.abs(L.data), _CANCELLED)
        position = np.full(D * D, -1)
        position[reached] = np.arange(len(reached))
        pairs, start = np.stack(np.divmod(reached, D), axis=1), rho.ravel()[reached]
        mirror, upper = position[pairs[:, 1] * D + pairs[:, 0]], np.flatnonzero(pairs[:, 0] <= pairs[:, 1])
        real = not np.any(start.imag) and not np.any(L.data.imag)
        A, embedding = real_form(L.real if real else L, mirror, upper, only_real=real)
        first = start[upper].real if real else np.concatenate([start[upper].real, start[upper].imag])
        return sp.csr_array(A), first, Elements(D, pairs, sp.csr_array(embedding))

    def _check(self, elements: int) -> None:
        needed = elements * self.terms * _PER_TERM
        if not fits(needed):
            raise FiniteNError(
                f"one particle on {' × '.join(str(c + 1) for c in self.levels.cutoffs)} levels needs up to "
                f"{needed / 2**30:.3g} GiB of {available() / 2**30:.3g} GiB; give smaller cutoffs, or a larger tol."
            )


def trace_row(operator: Shifts, levels: Levels, elements: Elements) -> np.ndarray:
    """Re Tr(Oρ) as a row on the state."""
    position = np.full((elements.size, elements.size), -1)
    position[elements.pairs[:, 0], elements.pairs[:, 1]] = np.arange(len(elements.pairs))
    row = np.zeros(len(elements.pairs), complex)
    n = np.arange(elements.size)
    for shift, x in operator.items():
        end = levels.target(shift)
        # O_mn ρ_nm with m = n − s
        kept = (end >= 0) & (x != 0)
        at = position[n[kept], end[kept]]
        np.add.at(row, at[at >= 0], x[kept][at >= 0])
    return (elements.embedding.T @ row).real
