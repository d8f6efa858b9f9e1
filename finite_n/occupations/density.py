"""A density matrix in occupation numbers, on the elements that do not vanish, and what is read of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from finite_n.engine.moments import Moments, Readout
from finite_n.memory import check_memory
from finite_n.model.polynomial import Polynomial
from finite_n.occupations.basis import Elements, everything
from finite_n.occupations.columns import Columns
from finite_n.occupations.moments import Functionals
from finite_n.occupations.operator_elements import OperatorElements
from finite_n.occupations.units import log_products

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

    def distance(self, other: DensityElements) -> float:
        """A bound of ‖ρ − ρ′‖₁ of states with different cutoffs in the same frames."""
        levels = tuple(map(max, self.cutoffs, other.cutoffs))
        one, two = (x.operator().with_levels(levels) for x in (self, other))
        apart = DensityElements(one.elements, one.values - two.values)
        twice = np.where(one.elements.self_conjugate, 1.0, 2.0)
        logs = [p.size * np.log(p.dim) for p in self.columns.particles] + [np.log(c + 1.0) for c in levels]
        frobenius = np.exp(min(sum(logs), 700.0) / 2) * np.sqrt(apart.purity())
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
