"""Fluctuations beyond their covariance, from the blocks of a state: characteristic function, distribution,
cumulants."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.linalg import expm
from scipy.special import ndtr

from finite_n.dicke_blocks.rotation import spin_along
from finite_n.errors import FiniteNError
from finite_n.model.species import Mode, Space
from finite_n.model.validation import check_whole

_ROUNDING = 1e-12  # of values, relative to the largest
_BEYOND = 40  # levels beyond a cutoff that make the matrix elements of a displacement below it exact
Blocks = Mapping[tuple[int, ...], np.ndarray]  # by the positions of J in N_s/2, N_s/2 − 1, …


def _exponential(hermitian: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(hermitian)
    return (vectors * np.exp(1j * values)) @ vectors.conj().T


def _displacement(r: np.ndarray, levels: int) -> np.ndarray:
    """e^{i(r_1 q + r_2 p)} between the lowest levels, q = (a + a†)/√2, p = (a − a†)/(i√2)."""
    a = np.diag(np.sqrt(np.arange(1, levels + _BEYOND)), 1)
    q, p = (a + a.T) / np.sqrt(2), (a - a.T) / (1j * np.sqrt(2))
    return expm(1j * (r[0] * q + r[1] * p))[:levels, :levels]


class WeylOperator:
    """W(r) = e^{i r·√N_s m} on blocks, for modes with √N: what e^{i r·F} is without the phase of the averages.

    levels : of every mode, cutoff + 1
    """

    def __init__(self, r: np.ndarray, space: Space, sizes: Sequence[int], levels: Sequence[int]):
        self.r, self.space, self.sizes = r, space, sizes
        self._spins: dict[tuple[int, int], np.ndarray] = {}
        self._modes = [_displacement(r[space.part(q)], n) for q, n in zip(space.modes, levels, strict=True)]

    def _factor(self, k: int, dim: int) -> np.ndarray:
        """Of species k on spin J = (dim − 1)/2."""
        if (k, dim) not in self._spins:
            along = 2 * self.r[self.space.part(self.space.species[k])] / np.sqrt(self.sizes[k])
            self._spins[k, dim] = _exponential(spin_along(along, dim))
        return self._spins[k, dim]

    def matrix(self, at: tuple[int, ...]) -> np.ndarray:
        """W on the block at these positions of J, factors in the order of species, then modes."""
        return functools.reduce(np.kron, self._factors(at))

    def _factors(self, at: tuple[int, ...]) -> list[np.ndarray]:
        dims = [n + 1 - 2 * p for n, p in zip(self.sizes, at, strict=True)]
        return [*(self._factor(k, dim) for k, dim in enumerate(dims)), *self._modes]

    def expectation(self, blocks: Blocks) -> complex:
        """tr(ρ W)."""
        total = 0.0
        for at, matrix in blocks.items():
            for factor in self._factors(at):
                matrix = _traced(matrix, factor)
            total = total + matrix[0, 0]
        return complex(total)


def _traced(matrix: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """tr over the first factor of the space, of ρ times an operator on it."""
    n, rest = len(factor), len(matrix) // len(factor)
    return np.einsum("iajb,ji->ab", matrix.reshape(n, rest, n, rest), factor)


def characteristic(
    states: Sequence[Blocks],
    means: np.ndarray,
    r: np.ndarray,
    space: Space,
    sizes: Sequence[int],
    levels: Sequence[int],
) -> np.ndarray:
    """⟨e^{i r·F}⟩ in states with averages `means` (T, n), for a direction r (n,) or rows of them (R, n); (T,) or (R,
    T)."""
    scale, out = space.scale * np.sqrt(sum(sizes)), []
    for row in np.atleast_2d(r):
        weyl, phases = WeylOperator(row, space, sizes, levels), np.exp(-1j * means @ (scale * row))
        out.append([phase * weyl.expectation(x) for phase, x in zip(phases, states, strict=True)])
    return np.array(out).reshape(*r.shape[:-1], len(means))


@dataclasses.dataclass(frozen=True)
class FluctuationDistribution:
    """The distribution of a fluctuation r·F = √N_s r·(m − ⟨m⟩) of one species at T times.

    values : (T, N_s + 1), in steps of 2|r|/√N_s
    probabilities : (T, N_s + 1)
    """

    values: np.ndarray
    probabilities: np.ndarray

    def cumulant(self, order: int) -> np.ndarray:
        """κ_1 … κ_4, shape (T,); κ_3 and κ_4 vanish for a Gaussian."""
        check_whole(order, "cumulant: order", 1, 4)
        first = (self.values * self.probabilities).sum(axis=1)
        if order == 1:
            return first
        centred = self.values - first[:, None]
        moment = (centred**order * self.probabilities).sum(axis=1)
        return moment if order < 4 else moment - 3 * (centred**2 * self.probabilities).sum(axis=1) ** 2

    def characteristic(self, s: float) -> np.ndarray:
        """⟨e^{i s r·F}⟩, shape (T,)."""
        return (np.exp(1j * s * self.values) * self.probabilities).sum(axis=1)

    def distance_from_normal(self, variance) -> np.ndarray:
        """max |P(x) − Φ(x/√v)| over the values x, for the normal distribution of zero mean with that variance, (T,).

        Kolmogorov's distance, but that P counts half of the step at x, so that the lattice of values alone makes no
        distance of order N^−½. variance : one number, or (T,); 0 is a distribution at x = 0 alone
        """
        order = np.argsort(self.values, axis=1)
        x, p = (np.take_along_axis(a, order, axis=1) for a in (self.values, self.probabilities))
        below = np.cumsum(p, axis=1) - p / 2
        x = np.where(np.abs(x) < _ROUNDING * np.abs(x).max(axis=1, keepdims=True), 0.0, x)
        width = np.broadcast_to(np.sqrt(np.maximum(np.reshape(variance, (-1, 1)), 0.0)), x.shape)
        scaled = np.divide(x, width, out=np.where(x > 0, np.inf, -np.inf), where=width > 0)
        return np.abs(below - ndtr(np.where(x == 0, 0.0, scaled))).max(axis=1)


def distribution(
    states: Sequence[Blocks], means: np.ndarray, r: np.ndarray, species: int, space: Space, sizes: Sequence[int]
) -> FluctuationDistribution:
    """The distribution of r·F of one species, its letters r (3,), in states with averages `means` (T, n)."""
    length, N = float(np.linalg.norm(r)), sizes[species]
    if length == 0:
        raise FiniteNError("distribution: direction = 0; give a direction, such as [0, 0, 1].")
    turned: dict[int, np.ndarray] = {}
    probabilities = np.zeros((len(states), N + 1))
    for t, blocks in enumerate(states):
        for at, matrix in blocks.items():
            dims = [n + 1 - 2 * p for n, p in zip(sizes, at, strict=True)]
            dim, before = dims[species], int(np.prod(dims[:species], initial=1))
            if dim not in turned:
                turned[dim] = np.linalg.eigh(-spin_along(r / length, dim))[1]  # M descending
            whole = matrix.reshape(before, dim, -1, before, dim, len(matrix) // (before * dim))
            own = np.einsum("aibajb->ij", whole)
            v = turned[dim]
            probabilities[t, at[species] : at[species] + dim] += np.einsum("im,im->m", v.conj(), own @ v).real
    M = N / 2 - np.arange(N + 1)
    mean = means[:, space.part(space.species[species])] @ r
    values = np.sqrt(N) * (2 * length * M / N - mean[:, None])
    return FluctuationDistribution(values, probabilities)


def owner_index(space: Space, species) -> int:
    """The place of a two-level species, the only one by default."""
    owner = space.species_of(species)
    if isinstance(owner, Mode) or owner.dim != 2:
        raise FiniteNError(f"distribution: {owner} is not a species of two-level particles.")
    return space.species.index(owner)
