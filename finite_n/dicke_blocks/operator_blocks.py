"""Operators on Dicke blocks that need not be Hermitian nor have a trace, such as bρ, and their Hermitian parts."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np

from finite_n.dicke_blocks.blocks import DickeBlocks
from finite_n.dicke_blocks.density import DensityBlocks, SomeElements, mirrored
from finite_n.dicke_blocks.frames import choose_frames
from finite_n.dicke_blocks.operators import BandOperator, letter_operators
from finite_n.dicke_blocks.rotation import in_laboratory, representation, turn
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.model.rotation import turned_letters, turns_of
from finite_n.model.species import Space

_REAL = 1e-14  # of the largest element: what is imaginary below is rounding


@dataclasses.dataclass(frozen=True)
class OperatorBlocks:
    """X, or its part on some blocks, in the frame of the computation.

    blocks; elements: those that are not zero (sorted), None for all; values: of these; frames: unitaries by species;
    space of the model.
    """

    blocks: DickeBlocks
    elements: np.ndarray | None
    values: np.ndarray
    frames: Mapping[str, np.ndarray]
    space: Space

    @classmethod
    def of_state(cls, part: DensityBlocks) -> OperatorBlocks:
        """A density matrix, or what is known of it, with both elements of every mirror pair."""
        some = part.elements
        if not isinstance(some, SomeElements):
            return cls(part.blocks, None, some, part.frames, part.space)
        both = np.concatenate([mirrored(some.elements, part.blocks), some.elements])
        elements, first = np.unique(both, return_index=True)
        values = np.concatenate([some.values.conj(), some.values])[first]
        return cls(part.blocks, elements, values, part.frames, part.space)

    @property
    def levels(self) -> tuple[int, ...]:
        """Cutoffs of the modes."""
        return tuple(q.cutoff for q in self.blocks.modes)

    def full(self) -> np.ndarray:
        """All elements."""
        if self.elements is None:
            return self.values
        out = np.zeros(self.blocks.dim, self.values.dtype)
        out[self.elements] = self.values
        return out

    def in_laboratory(self) -> dict[tuple[int, ...], np.ndarray]:
        """Blocks in the frame of the model by the positions of their J in N_s/2, N_s/2 − 1, …"""
        positions = itertools.product(*(spins.positions.tolist() for spins in self.blocks.spins))
        matrices = in_laboratory(self.full(), self.frames, self.blocks, self.space)
        return dict(zip(positions, matrices, strict=True))

    def smallest_eigenvalue(self) -> float:
        """Zero: an operator may have negative ones."""
        return 0.0

    def trace(self) -> complex:
        """Tr X."""
        if self.elements is None:
            return complex(self.blocks.trace(self.values))
        _, i, k = self.blocks.locate(self.elements)
        return complex(self.values[i == k].sum())

    def norm(self) -> float:
        """Σ_J √(2J + 1) ‖X_J‖_F ≥ ‖X‖₁."""
        blocks = self.blocks
        elements = np.arange(blocks.dim) if self.elements is None else self.elements
        at = np.searchsorted(blocks.element_start, elements, side="right") - 1
        squares = np.bincount(at, np.abs(self.values) ** 2, minlength=len(blocks.size))
        return float(np.sqrt(blocks.size) @ np.sqrt(squares))

    def weighted(self, left: Polynomial | None = None, right: Polynomial | None = None) -> OperatorBlocks:
        """left X right for ordered polynomials of averages and modes; exact where no mode is raised above its
        cutoff."""
        out = self
        for p, from_left in ((left, True), (right, False)):
            if p is not None:
                out = out._times(self._operator(p), from_left)
        return out

    def _operator(self, p: Polynomial) -> BandOperator:
        images = turned_letters(self.space, turns_of(self.space, self.frames))
        one = BandOperator({0: self.blocks.exists.astype(float)})
        return p.evaluate(letter_operators(self.space, self.blocks, images), one)

    def _times(self, operator: BandOperator, from_left: bool) -> OperatorBlocks:
        if self.elements is None:
            return dataclasses.replace(self, values=_of_all(self.values, operator, self.blocks, from_left))
        found, values = _of_some(self.elements, self.values, operator, self.blocks, from_left)
        return dataclasses.replace(self, elements=found, values=values)

    def with_levels(self, levels: tuple[int, ...]) -> OperatorBlocks:
        """The same with other cutoffs of the modes: new levels are empty, what lies above the cutoffs is left out."""
        old = self.blocks
        if self.levels == tuple(levels):
            return self
        new = DickeBlocks([s.N for s in old.spins], levels, [s.positions for s in old.spins])
        index, kept = np.zeros(old.rows, int), old.exists.copy()
        for one, other in zip(old.spins, new.spins, strict=True):
            index += np.rint(one.row_J - one.row_M).astype(int) * other.stride
        for one, other in zip(old.modes, new.modes, strict=True):
            index += one.row_n * other.stride
            kept &= one.row_n <= other.cutoff
        elements = np.flatnonzero(self.values) if self.elements is None else self.elements
        values = self.values[elements] if self.elements is None else self.values
        b, i, k = old.locate(elements)
        inside = kept[old.row_start[b] + i] & kept[old.row_start[b] + k]
        b, i, k, values = b[inside], i[inside], k[inside], values[inside]
        row, column = index[old.row_start[b] + i], index[old.row_start[b] + k]
        place = new.element_start[b] + row * new.size[b] + column
        if self.elements is None:
            out = np.zeros(new.dim, values.dtype)
            out[place] = values
            return dataclasses.replace(self, blocks=new, values=out)
        order = np.argsort(place)
        return dataclasses.replace(self, blocks=new, elements=place[order], values=values[order])

    def phase(self) -> complex | None:
        """c of modulus one with X/c real; None if there is none."""
        if self.values.size == 0 or not np.iscomplexobj(self.values):
            return complex(1.0)
        largest = self.values[np.argmax(np.abs(self.values))]
        if largest == 0:
            return complex(1.0)
        c = complex(largest / abs(largest))
        return c if np.abs((self.values / c).imag).max() <= _REAL * abs(largest) else None

    def parts(self) -> tuple[OperatorBlocks, OperatorBlocks]:
        """A = (X + X†)/2 and B = (X − X†)/2i."""
        if self.elements is None:
            adjoint = self.blocks.join(m.conj().T for m in self.blocks.matrices(self.values))
            x, elements = self.values, None
        else:
            other = mirrored(self.elements, self.blocks)
            elements = np.union1d(self.elements, other)
            x, adjoint = (np.zeros(len(elements), self.values.dtype) for _ in range(2))
            x[np.searchsorted(elements, self.elements)] = self.values
            adjoint[np.searchsorted(elements, other)] = self.values.conj()
        pair = (x + adjoint) / 2, (x - adjoint) / 2j
        return tuple(dataclasses.replace(self, elements=elements, values=_real_if_real(y)) for y in pair)

    def symmetrised(self, c: complex) -> OperatorBlocks:
        """C = A − B of X/c, which is real: Re C is its symmetric, Im C its antisymmetric part."""
        a, b = dataclasses.replace(self, values=np.real(self.values / c)).parts()
        return dataclasses.replace(a, values=_real_if_real(a.values - b.values))


def _of_all(vector: np.ndarray, operator: BandOperator, blocks: DickeBlocks, from_left: bool) -> np.ndarray:
    """The product of all elements with an operator: O|J,M⟩ = Σ_a c_a |J,M+a⟩, the image a rows earlier."""
    out = np.zeros(blocks.dim, np.result_type(vector, *operator.diagonals.values()))
    for b, (x, y) in enumerate(zip(blocks.matrices(vector), blocks.matrices(out), strict=True)):
        n = len(x)
        for a, c in operator.diagonals.items():
            begin, end = max(0, a), min(n, n + a)
            if begin >= end:
                continue
            c = c[blocks.row_start[b] + begin : blocks.row_start[b] + end]
            if from_left:
                y[begin - a : end - a] += c[:, None] * x[begin:end]
            else:
                y[:, begin:end] += x[:, begin - a : end - a] * c
    return out


def _of_some(elements: np.ndarray, values: np.ndarray, operator: BandOperator, blocks: DickeBlocks, from_left: bool):
    """The same of some elements: those of the product, sorted, and their values."""
    b, i, k = blocks.locate(elements)
    found, products = [np.zeros(0, int)], [np.zeros(0, values.dtype)]
    for a, c in operator.diagonals.items():
        target = i - a if from_left else k + a
        inside = (target >= 0) & (target < blocks.size[b])
        at = blocks.row_start[b] + (i if from_left else target)
        inside[inside] = c[at[inside]] != 0
        found.append(elements[inside] + (-a * blocks.size[b][inside] if from_left else a))
        products.append(c[at[inside]] * values[inside])
    where, place = np.unique(np.concatenate(found), return_inverse=True)
    out = np.zeros(len(where), np.result_type(*products))
    np.add.at(out, place, np.concatenate(products))
    return where, out


def _real_if_real(x: np.ndarray) -> np.ndarray:
    if np.iscomplexobj(x) and np.abs(x.imag).max(initial=0) <= _REAL * np.abs(x).max(initial=0):
        return np.ascontiguousarray(x.real)
    return x


def from_laboratory(
    matrices: Mapping[tuple[int, ...], np.ndarray],
    model: Model,
    N: int,
    cutoffs: Sequence[int] = (),
    frames: Mapping[str, np.ndarray] | None = None,
) -> OperatorBlocks:
    """X of blocks by the positions of their J in N_s/2, N_s/2 − 1, …, as `DensityBlocks.in_laboratory` gives them.

    matrices : factors in the order of species, then modes; a matrix for every choice of the J that occur
    cutoffs : of every mode
    frames : unitaries by species to keep X in; by default those that suit the generator
    """
    sizes, space = model.space.sizes(N), model.space
    chosen = [np.array(sorted({at[s] for at in matrices})) for s in range(len(sizes))]
    blocks = DickeBlocks(sizes, cutoffs, chosen)
    frames = choose_frames(model) if frames is None else turns_of(space, frames)
    strides = [s.stride for s in blocks.spins] + [q.stride for q in blocks.modes]
    order = np.argsort([-x for x in strides], kind="stable")
    existing = []
    for at in itertools.product(*(c.tolist() for c in chosen)):
        dims = [n + 1 - 2 * p for n, p in zip(sizes, at, strict=True)] + [c + 1 for c in cutoffs]
        tensor = np.asarray(matrices[at]).reshape(*dims, *dims)
        existing.append(tensor.transpose(*order, *(order + len(dims))).reshape(2 * [math.prod(dims)]))
    vector = turn(blocks.filled(existing), representation(frames, blocks, space), blocks)
    return OperatorBlocks(blocks, None, vector, frames, space)
