"""The columns of occupation numbers: d² units for every species, a left and a right number for every mode.

A basis element is one row of whole numbers. Species s with d levels has the columns first + a d + b,
the number of particles in the unit |a⟩⟨b|, with sum N_s; a mode has two columns n, n′ for |n⟩⟨n′|, each at most its
cutoff.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
import math
from collections.abc import Mapping, Sequence

import numpy as np

from finite_n.model.model import Model
from finite_n.model.rotation import adjoint_matrix, turned


@dataclasses.dataclass(frozen=True)
class Particles:
    """Columns first … first + d² − 1 of a species with `size` particles."""

    name: str
    dim: int
    size: int
    first: int

    @property
    def last(self) -> int:
        """One past the last column."""
        return self.first + self.dim**2

    def level(self, level: int, side: int) -> list[int]:
        """Columns of the units that are at `level` on the left (side 0) or on the right (side 1)."""
        if side == 0:
            return [self.first + level * self.dim + b for b in range(self.dim)]
        return [self.first + a * self.dim + level for a in range(self.dim)]


@dataclasses.dataclass(frozen=True)
class Boson:
    """Columns first (n) and first + 1 (n′) of a mode with levels 0 … cutoff."""

    name: str
    cutoff: int
    first: int


class Columns:
    """Columns of the elements of `model` with `sizes` particles of every species and modes cut off at `cutoffs`.

    frames: a unitary U for species by name; their levels are those of the turned frame, in which x is U x U†. Default:
    none turned.

    Attributes: `particles`, `bosons`; `N` all particles; `width` number of columns; `mirror` (width,): where every
    column goes under Hermitian conjugation, |a⟩⟨b| → |b⟩⟨a|; `letters` (1 + n, 1 + n): the number 1 and the letters of
    the model, row by row, as combinations of 1 and the letters of the frame.
    """

    def __init__(
        self,
        model: Model,
        sizes: Sequence[int],
        cutoffs: Sequence[int] = (),
        frames: Mapping[str, np.ndarray] | None = None,
    ):
        self.model, self.N = model, sum(sizes)
        first, self.particles, self.bosons = 0, [], []
        for s, size in zip(model.species, sizes, strict=True):
            self.particles.append(Particles(s.name, s.dim, size, first))
            first += s.dim**2
        for mode, cutoff in zip(model.modes, cutoffs, strict=True):
            self.bosons.append(Boson(mode.name, cutoff, first))
            first += 2
        self.width = first
        self.mirror = np.concatenate(
            [p.first + np.arange(p.dim**2).reshape(p.dim, p.dim).T.ravel() for p in self.particles]
            + [np.array([b.first + 1, b.first]) for b in self.bosons]
        )

        self.frames = dict(frames or {})
        self._frames = {name: u for name, u in (frames or {}).items() if not np.array_equal(u, np.eye(len(u)))}
        self.letters = np.eye(1 + model.space.size)
        for s in model.species:
            if s.name in self._frames:
                at = slice(1 + model.space.part(s).start, 1 + model.space.part(s).stop)
                self.letters[at, at] = adjoint_matrix(self._frames[s.name]).T

    def resized(self, sizes: Sequence[int]) -> Columns:
        """The same model, cutoffs and frames with other numbers of particles."""
        return Columns(self.model, sizes, [b.cutoff for b in self.bosons], self._frames)

    def in_frames(self, frames: Mapping[str, np.ndarray]) -> Columns:
        """The same in other frames."""
        return Columns(self.model, [p.size for p in self.particles], [b.cutoff for b in self.bosons], frames)

    def of_part(self, model: Model) -> Columns:
        """The same columns and frames for another model of the same species and modes."""
        return Columns(model, [p.size for p in self.particles], [b.cutoff for b in self.bosons], self._frames)

    def raised(self, levels: int) -> Columns:
        """The same columns with every mode cut off so many levels higher."""
        out = copy.copy(self)
        out.bosons = [dataclasses.replace(b, cutoff=b.cutoff + levels) for b in self.bosons]
        return out

    def turned(self, x: np.ndarray, name: str) -> np.ndarray:
        """A one-particle operator of a species in the frame."""
        return turned(x, self._frames[name]) if name in self._frames else x

    def letter(self, letter) -> np.ndarray:
        """A letter of the model as a combination of 1 and the letters of the frame, shape (1 + n,)."""
        return self.letters[1 + self.model.space.index[letter]]

    @property
    def elements(self) -> int:
        """Π_s C(N_s + d_s² − 1, d_s² − 1) Π (cutoff + 1)²."""
        particles = math.prod(math.comb(p.size + p.dim**2 - 1, p.size) for p in self.particles)
        return particles * math.prod((b.cutoff + 1) ** 2 for b in self.bosons)

    def is_diagonal(self, n: np.ndarray) -> np.ndarray:
        """Which rows are populations: no off-diagonal units, n = n′."""
        return np.all(n == n[:, self.mirror], axis=1) & ~np.any(n[:, self.off_diagonal_units], axis=1)

    @functools.cached_property
    def off_diagonal_units(self) -> np.ndarray:
        """Mask (width,) of the columns of units |a⟩⟨b| with a ≠ b."""
        return (self.mirror != np.arange(self.width)) & ~self.is_mode

    @functools.cached_property
    def is_mode(self) -> np.ndarray:
        """Mask (width,) of the columns of modes."""
        out = np.zeros(self.width, dtype=bool)
        out[self.width - 2 * len(self.bosons) :] = True
        return out
