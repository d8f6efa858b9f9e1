"""Which blocks an evolution keeps: those that hold weight where J is conserved, in batches that evolve one after the
other."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import numpy as np

from finite_n.dicke_blocks import initial_state
from finite_n.dicke_blocks.blocks import DickeBlocks, all_blocks, dimension
from finite_n.dicke_blocks.extent import Chosen, Extent, extent, with_weight
from finite_n.dicke_blocks.pieces import Start
from finite_n.engine.protocol import Question
from finite_n.states.particles import DickeState

_NEGLIGIBLE = 0.01  # of the tolerance: weight of blocks that are left out
_TOGETHER = 50_000  # elements of blocks that are evolved in one go


@dataclasses.dataclass(frozen=True)
class Kept:
    """Positions of the values of J kept for every species, and the weight of the others; batches: those of the species
    at `split` that evolve one after the other, None for all blocks at once."""

    sizes: list[int]
    chosen: list[Chosen]
    lost: float
    split: int | None
    batches: list[np.ndarray | None]

    def of_batch(self, batch: np.ndarray | None) -> list[Chosen]:
        """Positions for every species within a batch."""
        return self.chosen if batch is None else [batch if s == self.split else c for s, c in enumerate(self.chosen)]

    def blocks(self, batch: np.ndarray | None, levels=()) -> DickeBlocks:
        """The blocks of a batch."""
        chosen = self.of_batch(batch)
        every_J = all(isinstance(c, range) for c in chosen)
        return all_blocks(tuple(self.sizes), levels) if every_J else DickeBlocks(self.sizes, levels, chosen)

    def extent(self, levels=()) -> Extent:
        """Of all blocks that are kept."""
        return extent(self.sizes, levels, self.chosen)

    def reported(self, one_species: bool) -> list[np.ndarray]:
        """Positions of the values of J whose weights are reported: all of one species, of several those kept."""
        if one_species:
            return [np.arange(n // 2 + 1) for n in self.sizes]
        return [np.array(c) for c in self.chosen]

    def note(self) -> str:
        """The note on conserved values of J."""
        if not any(isinstance(c, np.ndarray) for c in self.chosen):
            return ""
        of = " × ".join(f"{len(c)} of {n // 2 + 1}" for c, n in zip(self.chosen, self.sizes, strict=True))
        left_out = any(len(c) <= n // 2 for c, n in zip(self.chosen, self.sizes, strict=True))
        return f"; {of} blocks: J is conserved" + (f", the others weigh {self.lost:.1e}" if left_out else "")


def blocks_kept(question: Question, sizes: list[int], tolerance: float, listed: bool = True) -> Kept:
    """The blocks that hold weight: all J of species whose particles jump one by one. Without `listed` all, for a state
    whose weights are not known before it is made.
    """
    chosen: list[Chosen] = []
    lost, negligible, model = 0.0, _NEGLIGIBLE * tolerance / len(sizes), question.model
    jumping = {model.species_of(j).name for j in model.jumps}
    for s, n in zip(model.species, sizes, strict=True):
        state = question.start.parts[s.name]
        if s.name in jumping:
            chosen.append(range(n // 2 + 1))
        elif not listed and not initial_state.knows_weights(state):
            chosen.append(np.arange(n // 2 + 1))
        else:
            kept, dropped = with_weight(initial_state.weights(state, n), negligible)
            chosen.append(kept)
            lost += dropped
    # levels of modes are watched in one piece
    conserved = [s for s, c in enumerate(chosen) if not isinstance(c, range)] if not model.modes else []
    if not conserved:
        return Kept(sizes, chosen, lost, None, [None])
    split = max(conserved, key=lambda s: sizes[s])
    others = [c for s, c in enumerate(chosen) if s != split]
    rest = extent([n for s, n in enumerate(sizes) if s != split], (), others).elements if others else 1.0
    some = chosen[split]
    number = np.cumsum((sizes[split] + 1.0 - 2 * some) ** 2 * rest) // _TOGETHER
    return Kept(sizes, chosen, lost, split, [some[number == b] for b in np.unique(number)])


def least_elements(question: Question, sizes: list[int], n: int) -> float:
    """Elements that are kept at least of n particles, known without a list of the weights of J."""
    model, elements = question.model, 1.0
    jumping = {model.species_of(j).name for j in model.jumps}
    for s, size in zip(model.species, sizes, strict=True):
        state, x = question.start.parts[s.name], max(1, round(size * n / question.N))
        if s.name in jumping:
            elements *= dimension(x)
        elif isinstance(state, DickeState):  # which may not exist for other sizes
            elements *= initial_state.least_elements(state, size) * (x / size) ** 2
        else:
            elements *= initial_state.least_elements(state, x)
    return elements


def positions_among(reported: list[np.ndarray], blocks: DickeBlocks) -> np.ndarray:
    """Where the weights of blocks belong among those reported."""
    at = [np.searchsorted(x, spins.positions) for x, spins in zip(reported, blocks.spins, strict=True)]
    return np.arange(math.prod(map(len, reported))).reshape([len(x) for x in reported])[np.ix_(*at)].ravel()


class BatchStarts:
    """The initial state on one batch of blocks after the other."""

    def __init__(self, question: Question, frames: Mapping[str, np.ndarray]):
        self.question, self.frames = question, frames
        self._whole: tuple[DickeBlocks, np.ndarray] | None = None  # a start that is made for all J at once

    def on(self, kept: Kept, batch: np.ndarray | None, blocks: DickeBlocks) -> Start:
        """The start on the `blocks` of a batch."""
        return Start(self.question.start, self.question.model, blocks, self.frames, self._given(kept, batch))

    def _given(self, kept: Kept, batch: np.ndarray | None) -> np.ndarray | None:
        """Elements of a batch of a state that is made for all J at once."""
        model = self.question.model
        if batch is None or len(kept.sizes) > 1 or model.modes:
            return None
        name = model.species[0].name
        state = self.question.start.parts[name]
        if initial_state.knows_weights(state):
            return None
        if self._whole is None:
            own = DickeBlocks(kept.sizes, chosen=kept.chosen)
            self._whole = own, initial_state.vector(state, own, self.frames[name])
        blocks, vector = self._whole
        first, last = np.searchsorted(kept.chosen[0], batch[[0, -1]])
        return vector[blocks.element_start[first] : blocks.element_start[last + 1]]
