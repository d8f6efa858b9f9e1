"""A density matrix in occupation numbers, on the elements that do not vanish, and what is read of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from scipy.special import xlogy

from finite_n.engine.moments import Moments, Readout
from finite_n.errors import FiniteNError
from finite_n.memory import check_memory
from finite_n.model.polynomial import Polynomial
from finite_n.occupations.basis import Elements, everything
from finite_n.occupations.columns import Columns
from finite_n.occupations.moments import Functionals
from finite_n.occupations.operator_elements import OperatorElements
from finite_n.occupations.units import log_dimension, log_products

_ROWS = 1_100  # of a matrix on all particles
_PER_ELEMENT = 200.0  # bytes of an operator on all elements


@dataclasses.dataclass(frozen=True)
class DensityElements:
    """ρ = Σ_n p_n E_n: `values` p_n at the stored elements, complex (size,); those of mirror images are p_n*."""

    elements: Elements
    values: np.ndarray

    @property
    def columns(self) -> Columns:
        """Of the elements."""
        return self.elements.columns

    @property
    def cutoffs(self) -> list[int]:
        """Of the modes."""
        return [b.cutoff for b in self.columns.bosons]

    @property
    def populations(self) -> np.ndarray:
        """p_n of the elements on the diagonal, in the frame of the computation."""
        return self.values.real[self.columns.is_diagonal(self.elements.n)]

    def moments(self, observables: Sequence[Polynomial] = ()) -> Moments:
        """Averages, products, levels and observables, T = 1; the trace is the only weight."""
        readout = Readout(self.columns.model.space, self.cutoffs, 1, observables)
        rows = Functionals(self.columns, readout).on(self.elements, None)
        return readout.moments((rows @ np.concatenate([self.values.real, self.values.imag]))[None], self.columns.N)

    def purity(self) -> float:
        """Tr ρ² = Σ_n |p_n|²/M_n, M_n the number of products with these occupations."""
        twice = np.where(self.elements.self_conjugate, 1.0, 2.0)
        return float(np.sum(twice * np.abs(self.values) ** 2 * np.exp(-log_products(self.elements))))

    def full(self) -> np.ndarray:
        """The matrix on all particles, species after species, then the modes, in the frame of the computation.

        Raises FiniteNError where it has more than some thousand rows.
        """
        columns = self.columns
        dims = [p.dim for p in columns.particles for _ in range(p.size)] + [b.cutoff + 1 for b in columns.bosons]
        rows = float(np.prod([float(d) for d in dims]))
        if rows > _ROWS:
            raise FiniteNError(
                f"state: a matrix on all particles would have {rows:.3g} rows, at most {_ROWS}; known of a larger one "
                "are means, second_moments, expectation, reduced_states().of_particles(2) and purity."
            )
        numbering = self.elements.numbering
        codes = []
        for place in (numbering.place, numbering.mirrored_place):  # sums over factors, of units |a⟩⟨b| or n and n′
            code = np.zeros((1, 1), np.int64)
            own = [place[p.first : p.last].reshape(p.dim, p.dim) for p in columns.particles for _ in range(p.size)]
            for b in columns.bosons:
                n = np.arange(b.cutoff + 1)
                own.append(n[:, None] * place[b.first] + n * place[b.first + 1])
            for unit in own:
                size = len(code) * len(unit)
                code = (code[:, None, :, None] + unit[None, :, None, :]).reshape(size, size)
            codes.append(code.ravel())
        at, flipped = self.elements.find(*codes)
        x = (self.values * np.exp(-log_products(self.elements)))[at]
        x = np.where(at < 0, 0.0, np.where(flipped, x.conj(), x))
        return x.reshape(2 * [round(rows)])

    def entropy(self) -> float:
        """−Tr ρ ln ρ in nats, by the eigenvalues of the full matrix."""
        return float(-sum(xlogy(p, p) for p in np.maximum(np.linalg.eigvalsh(self.full()), 0.0)))

    def distance(self, other: DensityElements) -> float:
        """A bound of ‖ρ − ρ′‖₁ of states with different cutoffs in the same frames."""
        levels = tuple(map(max, self.cutoffs, other.cutoffs))
        one, two = (x.operator().with_levels(levels) for x in (self, other))
        apart = DensityElements(one.elements, one.values - two.values)
        twice = np.where(one.elements.self_conjugate, 1.0, 2.0)
        frobenius = np.exp(min(log_dimension(self.columns, levels), 700.0) / 2) * np.sqrt(apart.purity())
        return float(min(np.sum(twice * np.abs(apart.values)), frobenius))

    def operator(self) -> OperatorElements:
        """The same on all elements."""
        columns = self.columns
        check_memory("a state in all symmetrised products", columns.N, lambda n: _bytes(columns, n))
        return OperatorElements(self.elements, self.values, self.values.conj()).on(
            Elements(columns, everything(columns))
        )


def _bytes(columns: Columns, n: float) -> float:
    sizes = [max(1, round(p.size * n / columns.N)) for p in columns.particles]
    return _PER_ELEMENT * columns.resized(sizes).elements
