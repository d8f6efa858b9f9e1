"""Density matrices of one and two particles, from averages and their products, which every engine gives."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.operators import coefficients, hermitian_basis
from finite_n.model.species import Space, Species
from finite_n.model.validation import check_whole


@dataclasses.dataclass(frozen=True)
class ReducedStates:
    """Of permutation-symmetric states at T times: means (T, n), second_moments (T, n, n), sizes N_s, space."""

    means: np.ndarray
    second_moments: np.ndarray
    sizes: Sequence[int]
    space: Space

    def of_particles(self, n: int = 1, species=None) -> np.ndarray:
        """Reduced density matrix of n = 1 or 2 particles, (T, d^n, d^n); see `Result.reduced_state`."""
        check_whole(n, "reduced state: number of particles n", 1, 2)
        both = species if isinstance(species, tuple | list) else (species,) * n
        if len(both) != n:
            raise FiniteNError(
                f"reduced state of {shown(n)} particles of {shown(species)}: one and two are available, each of one "
                "species."
            )
        owners = [self.space.species_of(s) for s in both]
        # ρ = Σ w_a ⟨v_a⟩ v_a with w = 1/d for the identity, ½ else
        scaled = [hermitian_basis(s.dim) * np.r_[1 / s.dim, np.full(s.dim**2 - 1, 0.5)][:, None, None] for s in owners]
        one = [self.with_one(s) for s in owners]
        if n == 1:
            return np.einsum("ta,aij->tij", one[0], scaled[0])
        full = np.einsum("ta,tb->tab", *one)
        full[:, 1:, 1:] = self.pair_moments(*owners)
        size = owners[0].dim * owners[1].dim
        return np.einsum("tab,aij,bkl->tikjl", full, *scaled).reshape(-1, size, size)

    def pair_moments(self, first: Species | str | None, second: Species | str | None) -> np.ndarray:
        """⟨v_a ⊗ v_b⟩ of two different particles, of the same or of two species, (T, d² − 1, d′² − 1)."""
        one, other = (self.space.species_of(s) for s in (first, second))
        values = self.second_moments[:, self.space.part(one), self.space.part(other)]
        if one is not other:
            return values.real
        N = self.sizes[self.space.species.index(one)]
        if N < 2:
            raise FiniteNError(f"N = {N}: there are no pairs of particles; use N ≥ 2 for two-particle quantities.")
        return ((N * values - self.same_particle(one)) / (N - 1)).real

    def same_particle(self, species: Species) -> np.ndarray:
        """⟨v_a v_b⟩ of one particle, (T, d² − 1, d² − 1)."""
        v = hermitian_basis(species.dim)
        products = np.array([[coefficients(a @ b) for b in v[1:]] for a in v[1:]])
        return np.einsum("abc,tc->tab", products, self.with_one(species))

    def with_one(self, species: Species) -> np.ndarray:
        """⟨1⟩ and ⟨v_a⟩ of one particle, (T, d²)."""
        return np.concatenate([np.ones((len(self.means), 1)), self.means[:, self.space.part(species)]], axis=1)
