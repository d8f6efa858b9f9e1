"""The frequencies of particles in bins, from the one-particle Hamiltonians in mean field: when neighbours rephase."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
from scipy.optimize import linear_sum_assignment

from finite_n.model.model import Model
from meanfield.particles.local_dynamics import Bulk, lindblad_form
from meanfield.particles.tensor_products import on_columns

_SAME = 1e-6  # of the spread: frequencies that do not differ
_BEFORE = 1e-6  # of the previous Hamiltonian, added where levels cross so that eigenvectors keep their order


@dataclasses.dataclass(frozen=True)
class Frequencies:
    """How far bins are apart in a transition frequency of their particles, at the worst of some times.

    spread : largest minus smallest frequency
    widest : largest difference of neighbours
    typical : difference of neighbours, the median over particles
    """

    spread: float
    widest: float
    typical: float

    @property
    def resolved(self) -> float:
        """2π/widest, from when on the bins that lie farthest apart are seen as single frequencies; inf if all are the
        same."""
        return 2 * np.pi / self.widest if self.widest else np.inf

    @property
    def revival(self) -> float:
        """2π/typical, when most neighbours are in phase again; inf if all have the same frequency."""
        return 2 * np.pi / self.typical if self.typical else np.inf


def frequencies_of(model: Model, times: np.ndarray, means: np.ndarray) -> Frequencies:
    """Over all transitions of particles with the same number of levels, at averages (T, n)."""
    found = [_at(model.at(t) if model.depends_on_time else model, m) for t, m in zip(times, means, strict=True)]
    return Frequencies(*np.max(found, axis=0).tolist())


def _at(model: Model, m: np.ndarray) -> tuple[float, float, float]:
    """Spread, widest and typical difference of neighbours."""
    bulk = Bulk(model)
    g = bulk.matrix(m)
    hamiltonians = [lindblad_form(on_columns(bulk.of_particle(s, g)), s.dim)[0] for s in model.species]
    weights = np.array([float(s.fraction) for s in model.species])
    worst = (0.0, 0.0, 0.0)
    for dim in {s.dim for s in model.species}:
        own = [k for k, s in enumerate(model.species) if s.dim == dim]
        levels = _levels([hamiltonians[k] for k in own])
        for i, j in itertools.combinations(range(dim), 2):
            worst = tuple(map(max, worst, _gaps(levels[:, i] - levels[:, j], weights[own])))
    return worst


def _levels(hamiltonians: list[np.ndarray]) -> np.ndarray:
    """Energies (K, d), those in one column belonging to eigenvectors that go over into each other from bin to bin."""
    out, before, vectors = [], None, None
    size = max(np.abs(h).max() for h in hamiltonians)
    for h in hamiltonians:
        _, found = np.linalg.eigh(h if before is None else h + _BEFORE * before)
        if vectors is not None:
            _, order = linear_sum_assignment(-np.abs(vectors.conj().T @ found))
            found = found[:, order]
        out.append(np.einsum("ij,ik,kj->j", found.conj(), h, found).real)
        vectors = found
        before = (found * np.linspace(-size, size, len(h))) @ found.conj().T
    return np.array(out)


def _gaps(frequency: np.ndarray, weights: np.ndarray) -> tuple[float, float, float]:
    order = np.argsort(frequency)
    frequency, weights = frequency[order], weights[order]
    gaps, weight = np.diff(frequency), (weights[1:] + weights[:-1]) / 2
    spread = float(frequency[-1] - frequency[0])
    apart = gaps > _SAME * max(spread, 1e-300)
    if spread <= 1e-9 * max(1.0, np.abs(frequency).max()) or not apart.any():
        return 0.0, 0.0, 0.0
    gaps, weight = gaps[apart], weight[apart]
    order = np.argsort(gaps)
    middle = np.searchsorted(np.cumsum(weight[order]), weight.sum() / 2)
    return spread, float(gaps.max()), float(gaps[order][min(middle, len(gaps) - 1)])
