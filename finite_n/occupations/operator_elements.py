"""Operators in occupation numbers that need not be Hermitian nor have a trace, such as bρ."""

from __future__ import annotations

import dataclasses

import numpy as np

from finite_n.model.polynomial import Polynomial
from finite_n.occupations.basis import CHUNK, Elements, everything
from finite_n.occupations.columns import Columns
from finite_n.occupations.lindbladian import right_step, word_steps
from finite_n.occupations.steps import Chain, plain, run_all


@dataclasses.dataclass(frozen=True)
class OperatorElements:
    """X = Σ_n X_n E_n on all elements: `values` X_n at the stored ones, `mirrored` X_n̄ at their mirror images, both
    complex (size,)."""

    elements: Elements
    values: np.ndarray
    mirrored: np.ndarray

    @property
    def columns(self) -> Columns:
        """Of the elements."""
        return self.elements.columns

    @property
    def levels(self) -> tuple[int, ...]:
        """Cutoffs of the modes."""
        return tuple(b.cutoff for b in self.columns.bosons)

    def trace(self) -> complex:
        """Tr X, the sum over populations."""
        return complex(self.values[self.columns.is_diagonal(self.elements.n)].sum())

    def norm(self) -> float:
        """Σ_n |X_n| ≥ ‖X‖₁."""
        other = ~self.elements.self_conjugate
        return float(np.abs(self.values).sum() + np.abs(self.mirrored[other]).sum())

    def smallest_eigenvalue(self) -> float:
        """The smallest population, zero if none is negative."""
        return float(self.values[self.columns.is_diagonal(self.elements.n)].real.min(initial=0.0))

    def weighted(self, left: Polynomial | None = None, right: Polynomial | None = None) -> OperatorElements:
        """left X right for ordered polynomials; exact where no mode is raised above its cutoff."""
        out, columns = self, self.columns
        if left is not None:
            chains = [Chain(plain(c), tuple(word_steps(columns, w))) for w, c in left.words.items()]
            out = out._under(chains)
        if right is not None:
            steps = {w: tuple(right_step(columns, columns.letter(a)) for a in w) for w in right.words}
            out = out._under([Chain(plain(c), steps[w]) for w, c in right.words.items()])
        return out

    def with_levels(self, levels: tuple[int, ...]) -> OperatorElements:
        """The same with other cutoffs: new levels are empty, what lies above the cutoffs is left out."""
        if levels == self.levels:
            return self
        old = self.columns
        columns = Columns(old.model, [p.size for p in old.particles], levels, old.frames)
        elements = Elements(columns, everything(columns))
        inside = np.ones(self.elements.size, bool)
        for b in columns.bosons:
            inside &= np.all(self.elements.n[:, b.first : b.first + 2] <= b.cutoff, axis=1)
        return self._moved(elements, self.elements.n[inside], self.values[inside], self.mirrored[inside])

    def on(self, elements: Elements) -> OperatorElements:
        """The same on a larger set of elements of the same columns."""
        return self._moved(elements, self.elements.n, self.values, self.mirrored)

    def hermitian_parts(self) -> tuple[np.ndarray, np.ndarray]:
        """A = (X + X†)/2 and B = (X − X†)/2i at the stored elements."""
        adjoint = self.mirrored.conj()
        return (self.values + adjoint) / 2, (self.values - adjoint) / 2j

    def _under(self, chains: list[Chain]) -> OperatorElements:
        """What a sum of chains makes of X."""
        elements, mirror = self.elements, self.columns.mirror
        out = np.zeros((2, elements.size), complex)
        other = np.flatnonzero(~elements.self_conjugate)
        rows = np.concatenate([elements.n, elements.n[other][:, mirror]])
        every = np.concatenate([self.values, self.mirrored[other]])
        used = np.flatnonzero(every)
        for some in np.array_split(used, max(1, -(-len(used) // CHUNK))):
            n, x = rows[some], every[some]
            for shift, c in run_all(chains, n).items():
                at = np.flatnonzero(c)
                _add(out, elements, n[at] + np.array(shift, n.dtype), c[at] * x[at])
        return dataclasses.replace(self, values=out[0], mirrored=_completed(elements, out))

    @staticmethod
    def _moved(elements: Elements, n: np.ndarray, values: np.ndarray, mirrored: np.ndarray) -> OperatorElements:
        """The same operator on other elements."""
        out = np.zeros((2, elements.size), complex)
        place, flipped = elements.places(n)
        out[flipped.astype(int), place] = values
        out[1 - flipped.astype(int), place] = mirrored
        return OperatorElements(elements, out[0], out[1])


def _add(out: np.ndarray, elements: Elements, n: np.ndarray, values: np.ndarray) -> None:
    """Add values at the elements n, to those stored in out[0], to mirror images in out[1]."""
    place, flipped = elements.places(n)
    there = place >= 0
    np.add.at(out, (flipped[there].astype(int), place[there]), values[there])


def _completed(elements: Elements, out: np.ndarray) -> np.ndarray:
    """Mirror images, where an element that is its own has the same value."""
    return np.where(elements.self_conjugate, out[0], out[1])
