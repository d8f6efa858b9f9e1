"""An energy-conserving model at one N, in levels in which its operators of spins are diagonal.

H = E(n) + Σ_k [ω_k a_k†a_k + γ_k(n) a_k† + γ_k(n)* a_k], n the numbers of particles in every level of every species.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Sequence

import numpy as np

from finite_n.model.polynomial import Letter

Terms = list[tuple[complex, tuple[int, ...]]]  # coefficients of products of averages, by their positions


@dataclasses.dataclass(frozen=True)
class CommutingModel:
    """An energy-conserving model at one N, in its levels.

    L levels of all species one after the other, K modes, n averages of particles (letters).
    sizes: N_s; dims: d_s; species (L,): of every level; p (L,): what every level holds at the start; densities: the
    start of one particle of each species, (d, d); letters; matrices: of every letter, (d, d); owners: its species;
    per_particle (n, L): what one particle adds to the diagonal part of every average; energy: E; couplings: γ_k;
    modes: names; frequencies: ω (K,); losses: κ (K,), of a_k; amplitudes (K,), thermal (K,), numbers (K,): the initial
    fields; rates: of coherences of one particle, for every species (d, d), [a′, a] between ket a and bra a′; baths: (D,
    ℓ (M, L), ℓ₀ (M,)) of L_μ = ℓ₀ + Σ ℓ n.
    """

    N: int
    sizes: tuple[int, ...]
    dims: tuple[int, ...]
    species: np.ndarray
    p: np.ndarray
    densities: list[np.ndarray]
    matrices: list[np.ndarray]
    per_particle: np.ndarray
    energy: Terms
    couplings: list[Terms]
    frequencies: np.ndarray
    losses: np.ndarray
    amplitudes: np.ndarray
    thermal: np.ndarray
    numbers: np.ndarray
    rates: list[np.ndarray]
    baths: list[tuple[np.ndarray, np.ndarray, np.ndarray]]
    letters: tuple[Letter, ...]
    owners: tuple[int, ...]
    modes: tuple[str, ...]

    @functools.cached_property
    def position(self) -> dict[Letter, int]:
        """Of the letters of particles."""
        return {a: i for i, a in enumerate(self.letters)}

    @functools.cached_property
    def first(self) -> np.ndarray:
        """The first level of every species, and L."""
        return np.cumsum([0, *self.dims])

    @property
    def is_linear(self) -> bool:
        """Whether phases are linear in n, so that they are products over particles."""
        linear = all(len(word) <= 1 for terms in self.couplings for _, word in terms)
        return linear and all(len(word) <= 2 for _, word in self.energy)


def value(terms: Terms, averages: np.ndarray) -> np.ndarray:
    """Σ c Π m at averages (n, …)."""
    total = np.zeros(averages.shape[1:], complex)
    for c, word in terms:
        total = total + c * math.prod([averages[i] for i in word])
    return total


def difference(terms: Terms, averages: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """value(averages + steps) − value(averages) without cancellation; steps (n,)."""
    total = np.zeros(averages.shape[1:], complex)
    for c, word in terms:
        total = total + c * sum(_changed(word, j, averages, steps) for j in range(len(word)))
    return total


def _changed(word: Sequence[int], j: int, averages: np.ndarray, steps: np.ndarray):
    """Π_{i<j} (m + step) · step_j · Π_{i>j} m."""
    out = steps[word[j]]
    for i in word[:j]:
        out = out * (averages[i] + steps[i])
    for i in word[j + 1 :]:
        out = out * averages[i]
    return out
