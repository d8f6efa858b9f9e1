"""A state as blocks ρ_J in the frame of the model, its partial traces, and functions of one state or of one at every
time."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from finite_n.dicke_blocks import initial_state
from finite_n.dicke_blocks.blocks import DickeBlocks, all_blocks, log_multiplicity
from finite_n.dicke_blocks.density import DensityBlocks
from finite_n.dicke_blocks.operators import BandOperator, letter_operators
from finite_n.errors import FiniteNError, shown
from finite_n.memory import refused_when_full
from finite_n.model.inputs import check_letters
from finite_n.model.polynomial import Polynomial
from finite_n.model.species import Mode, Space, Species
from finite_n.states.initial_state import InitialState


@dataclasses.dataclass(frozen=True)
class DensityMatrix:
    """ρ = ⊕ ρ_J ⊗ 1/d_J, Σ_J tr ρ_J = 1.

    blocks: matrices on ⊗_s |J_s, M_s⟩ ⊗ modes, M descending, by the positions of their J in N_s/2, N_s/2 − 1, …; those
    that are missing vanish; sizes: N_s; levels: of every mode, cutoff + 1; space: its species and modes.
    """

    blocks: Mapping[tuple[int, ...], np.ndarray]
    sizes: tuple[int, ...]
    levels: tuple[int, ...]
    space: Space

    @classmethod
    def of_initial(cls, start: InitialState, N: int, levels: Sequence[int]) -> DensityMatrix:
        """An initial state of N particles with these levels of the modes."""
        space, sizes = start.space, start.space.sizes(N)
        layout = all_blocks(tuple(sizes), tuple(n - 1 for n in levels))
        frames = {s.name: np.eye(2, dtype=complex) for s in space.species}
        vector = initial_state.vector(start, layout, frames)
        blocks = DensityBlocks(layout, vector, frames, space).in_laboratory()
        return cls(blocks, tuple(sizes), tuple(levels), space)

    def dims(self, at: tuple[int, ...]) -> list[int]:
        """Of the factors of a block, 2J + 1 of every species, then the levels of every mode."""
        return [*(n + 1 - 2 * p for n, p in zip(self.sizes, at, strict=True)), *self.levels]

    def log_copies(self, at: tuple[int, ...]) -> float:
        """log Π_s d_(J_s) of a block."""
        return float(sum(log_multiplicity(n, n / 2 - p) for n, p in zip(self.sizes, at, strict=True)))

    def reduced(self, kept: Sequence[Species | Mode]) -> DensityMatrix:
        """The state of some species and modes, all others traced out."""
        every = self.space.owners
        at_kept = [k for k, owner in enumerate(every) if owner in kept]
        if len(at_kept) == len(every):
            return self
        n, count = len(every), len(self.sizes)
        columns = [n + k if k in at_kept else k for k in range(n)]
        out: dict[tuple[int, ...], np.ndarray] = {}
        for at, matrix in self.blocks.items():
            dims = self.dims(at)
            result = [*at_kept, *(n + k for k in at_kept)]
            part = np.einsum(matrix.reshape(*dims, *dims), [*range(n), *columns], result)
            size = int(np.prod([dims[k] for k in at_kept]))
            key = tuple(at[k] for k in at_kept if k < count)
            out[key] = out.get(key, 0) + part.reshape(size, size)
        space = Space([every[k] for k in at_kept if k < count], [every[k] for k in at_kept if k >= count])
        sizes = tuple(self.sizes[k] for k in at_kept if k < count)
        return DensityMatrix(out, sizes, tuple(self.levels[k - count] for k in at_kept if k >= count), space)

    def with_levels(self, levels: Sequence[int]) -> DensityMatrix:
        """The same with more levels of the modes, which are empty."""
        if tuple(levels) == self.levels:
            return self
        out = {}
        for at, matrix in self.blocks.items():
            dims = self.dims(at)
            more = [(0, 0)] * len(at) + [(0, new - old) for new, old in zip(levels, self.levels, strict=True)]
            size = int(np.prod(dims[: len(at)], initial=1)) * int(np.prod(levels))
            out[at] = np.pad(matrix.reshape(*dims, *dims), more + more).reshape(size, size)
        return dataclasses.replace(self, blocks=out, levels=tuple(levels))

    def own(self, p: Polynomial, what: str) -> Polynomial:
        """A polynomial of the averages and modes of this state, with the fractions in place of shares N_s/N."""
        p = p.with_shares({s.name: s.fraction for s in self.space.species}) if p.has_shares else p
        return check_letters(p, self, what)

    def operator(self, p: Polynomial, at: tuple[int, ...]) -> np.ndarray:
        """A polynomial of averages and modes on a block."""
        layout = DickeBlocks(self.sizes, [n - 1 for n in self.levels], [[k] for k in at])
        one = BandOperator({0: layout.exists.astype(float)})
        (matrix,) = p.evaluate(letter_operators(self.space, layout), one).dense(layout)
        same = [[np.eye(n, dtype=complex)] for n in self.dims(at)[: len(at)]]
        return layout.turned(matrix.ravel(), same)[0]  # factors in the order of the model


def of_every_time(state, function: Callable[[DensityMatrix], np.ndarray | float]):
    """A function of the state of a result: of a `SteadyState` its value; of a `Result` (T, …), at all times if states
    were kept, else at the last one."""
    found = known(state)
    with refused_when_full("functions of the state"):
        return function(found) if isinstance(found, DensityMatrix) else np.array([function(x) for x in found])


def known(state) -> DensityMatrix | Iterator[DensityMatrix]:
    """The state of a `SteadyState`, those of a `Result` at all times that it kept."""
    ask = getattr(state, "density_matrices", None)
    if ask is None:
        raise FiniteNError(f"state: got {shown(state)}; give what evolve or steady_state returned.")
    return ask()
