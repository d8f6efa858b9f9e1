"""The sectors of a Lindbladian on symmetrised products: Hermitian matrices as independent real linear problems ẋ = Lx.

x holds real and imaginary parts of the elements p_n that are stored, in orthonormal units (‖x‖ is the Frobenius norm)
or as they are, which suits populations of many particles. What L does not connect are sectors.
"""

from __future__ import annotations

import copy
import functools
from collections import Counter
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from finite_n.eigenmodes.sectors import SparseSector
from finite_n.errors import FiniteNError, shown
from finite_n.memory import check_memory
from finite_n.model.model import Model
from finite_n.occupations.basis import Elements, combined, everything, populations
from finite_n.occupations.columns import Columns
from finite_n.occupations.common_frame import common_frames
from finite_n.occupations.density import DensityElements
from finite_n.occupations.lindbladian import lindblad_chains
from finite_n.occupations.matrix import real_matrix
from finite_n.occupations.prospect import random_rows
from finite_n.occupations.search import closed, elements_at
from finite_n.occupations.steps import run_all
from finite_n.occupations.units import log_dimension, log_units, orthonormal_units

_ROUNDING = 1e-14  # matrix elements below, relative to the largest, do not connect
_PER_ELEMENT, _PER_ENTRY = 200.0, 38.0  # bytes, while matrix and sectors are made


class ProductLindbladian:
    """L_N of a model of particles of any number of levels.

    levels: cutoffs of the modes. Attributes: `columns`, `chains`; `model`, `N`.

    Raises FiniteNError where the Δ of jumps do not commute, and for a model without dissipation.
    """

    def __init__(self, what: str, model: Model, N: int, levels: Sequence[int]):
        self.what, self.model, self.N = what, model, N
        self.columns = Columns(model, model.space.sizes(N), levels, common_frames(model))
        self.chains = lindblad_chains(self.columns)
        if self.rate <= 1e-14 * model.hamiltonian.size:
            raise FiniteNError(
                f"{what}: {shown(model)} has no dissipation, so nothing decays and every function of H is stationary; "
                "add jumps, or use evolve for its dynamics."
            )

    @functools.cached_property
    def rate(self) -> float:
        """The largest decay rate of some populations and coherences, per particle: a typical one."""
        rows = np.concatenate([random_rows(self.columns), self.diagonal[:: max(1, len(self.diagonal) // 64)]])
        kept = run_all(self.chains, rows).get((0,) * self.columns.width, np.zeros(1))
        return float(max(0.0, -np.real(kept).min(initial=0.0)) / self.N)

    @functools.cached_property
    def diagonal(self) -> np.ndarray:
        """All populations."""
        return combined([group() for group in populations(self.columns)[1]])

    @functools.cached_property
    def terms(self) -> float:
        """Real and imaginary parts of what an element leads to, on average."""
        rows = random_rows(self.columns)
        images = run_all(self.chains, rows).values()
        return sum(np.count_nonzero(np.real(c)) + np.count_nonzero(np.imag(c)) for c in images) / len(rows)

    def bytes_of(self, elements: float) -> float:
        """Memory of the sectors of so many elements, mirror images counted."""
        return elements * (_PER_ELEMENT + _PER_ENTRY * self.terms)

    def check_all(self) -> None:
        """Refuse all elements where they do not fit into memory."""
        check_memory(self.what, self.N, lambda n: self.bytes_of(elements_at(self.columns, n)))

    def all(self) -> ProductSectors:
        """On all elements."""
        self.check_all()
        return ProductSectors(self, Elements(self.columns, everything(self.columns)), orthonormal=True)

    def reached(self, seeds: np.ndarray, most: int, shares=None) -> ProductSectors | None:
        """On the elements that some lead to; None if these are more than `most`. shares : as for `ProductSectors`."""
        elements = closed(self.chains, self.columns, seeds, False, most)
        if elements is None or elements.size > most:
            return None
        check_memory(self.what, self.N, lambda n: self.bytes_of(elements.count * (n / self.N) ** 3))
        return ProductSectors(self, elements, shares=shares)

    def smaller(self, particles: int) -> ProductLindbladian:
        """The same with about so many particles in all."""
        out = copy.copy(self)
        for name in ("rate", "diagonal", "terms"):
            out.__dict__.pop(name, None)
        factor = particles / self.columns.N
        out.columns = self.columns.resized([max(1, round(p.size * factor)) for p in self.columns.particles])
        out.chains, out.N = lindblad_chains(out.columns), out.columns.N
        return out


class ProductSectors:
    """L on a set of elements that it does not leave.

    orthonormal: whether x must be in orthonormal units; shares: else about how much of every species is in its levels,
    arrays (d,) in the order of the species, so that x is of the order of one for such a product.

    Attributes: `elements`; `sectors`, list of SparseSector whose full vectors are (Re p, Im p), (2 size,); `norm`: the
    trace norm is at most that times ‖x‖.
    """

    def __init__(self, lindbladian: ProductLindbladian, elements: Elements, orthonormal: bool = False, shares=None):
        self.lindbladian, self.elements = lindbladian, elements
        size, columns = elements.size, elements.columns
        log_unit, dimension = log_units(elements)[0], np.inf
        if log_unit is not None or orthonormal:
            log_unit = orthonormal_units(elements)
            if orthonormal or shares is None:
                dimension = float(np.exp(min(log_dimension(columns) / 2, 700.0)))
            else:
                log_unit = log_unit - _log_of_product(elements, shares) / 2
        # 2|p_n| for an element and its mirror image, by the inequality of Cauchy and Schwarz
        twice = np.where(elements.self_conjugate, 1.0, 2.0)
        ways = twice if log_unit is None else twice * np.exp(-log_unit)
        self.norm = min(float(np.linalg.norm(ways)), dimension)
        matrix = real_matrix(lindbladian.chains, elements, log_unit)
        matrix.data[np.abs(matrix.data) <= _ROUNDING * np.abs(matrix.data).max(initial=0)] = 0.0
        matrix.eliminate_zeros()
        self._unit = np.ones(2 * size) if log_unit is None else np.exp(np.concatenate([log_unit, log_unit]))
        used = np.flatnonzero(np.concatenate([np.ones(size, bool), ~elements.self_conjugate]))
        self.is_population = columns.is_diagonal(elements.n)
        trace = np.concatenate([self.is_population, np.zeros(size)]) / self._unit
        self.scale = float(abs(matrix).sum(axis=1).max()) if matrix.nnz else 0.0
        self.sectors = [self._sector(matrix[some][:, some], trace[some], some) for some in _parts(matrix, used)]
        _number(self.sectors)

    def _sector(self, matrix, trace: np.ndarray, some: np.ndarray) -> SparseSector:
        unit, length = self._unit[some], len(self._unit)

        def embed(x):
            out = np.zeros(length)
            out[some] = x / unit
            return out

        def restrict(vector):
            return vector[some] * unit

        label = _in_common(self.elements, some)
        return SparseSector(matrix, trace, label, self.lindbladian.rate, embed, restrict, self.scale)

    def density(self, vector: np.ndarray) -> DensityElements:
        """The state of a full vector (Re p, Im p)."""
        size = self.elements.size
        return DensityElements(self.elements, vector[:size] + 1j * vector[size:])

    def frobenius(self, vector: np.ndarray) -> float:
        """‖x‖ of a full vector."""
        return float(np.linalg.norm(vector * self._unit))

    def trace_norm(self, vector: np.ndarray) -> float:
        """A bound of the trace norm of a full vector."""
        return float(min(2 * np.abs(vector).sum(), self.norm * self.frobenius(vector)))


def _log_of_product(elements: Elements, shares: Sequence[np.ndarray]) -> np.ndarray:
    """log Π (s_a s_b)^(n_ab/2) of every element, s shares of the levels."""
    out = np.zeros(elements.size)
    for p, own in zip(elements.columns.particles, shares, strict=True):
        half = np.log(own) / 2
        out += elements.n[:, p.first : p.last] @ (half[:, None] + half).ravel()
    return out


def _parts(matrix: sp.csr_array, used: np.ndarray) -> list[np.ndarray]:
    """Sets of variables, of those that are used, that do not act on each other."""
    label = connected_components(matrix, directed=False)[1][used]
    order = np.argsort(label, kind="stable")
    return np.split(used[order], np.flatnonzero(np.diff(label[order])) + 1)


def _in_common(elements: Elements, some: np.ndarray) -> str:
    """What elements have in common, in words: how many more particles, or quanta, are in a level on the left than on
    the right, or whether that is even."""
    columns, size = elements.columns, elements.size
    n, words = elements.n[some % size].astype(int), []
    if np.all(columns.is_diagonal(n)):
        return "populations"
    for p in columns.particles:
        for level in range(p.dim):
            more = n[:, p.level(level, 0)].sum(axis=1) - n[:, p.level(level, 1)].sum(axis=1)
            words += _of_difference(f"{p.name}: " if p.name else "", f"n{level}", more)
    for b in columns.bosons:
        words += _of_difference(f"{b.name}: ", "n", n[:, b.first] - n[:, b.first + 1])
    kind = "real" if np.all(some < size) else "imaginary" if np.all(some >= size) else "Hermitian"
    return ", ".join([kind, *words])


def _of_difference(of: str, letter: str, more: np.ndarray) -> list[str]:
    values = np.unique(np.abs(more))
    if len(values) == 1:
        return [f"{of}|{letter} − {letter}′| = {values[0]}"] if values[0] else []
    if np.all(values % 2 == values[0] % 2):
        return [f"{of}{letter} − {letter}′ {'odd' if values[0] % 2 else 'even'}"]
    return []


def _number(sectors: Sequence[SparseSector]) -> None:
    """Tell sectors of the same label apart."""
    count, seen = Counter(s.label for s in sectors), Counter()
    for sector in sectors:
        if count[name := sector.label] > 1:
            seen[name] += 1
            sector.label = f"{name}, part {seen[name]} of {count[name]}"
