"""The generator of a model that depends on time, L(t) = Σ_k f_k(t) L_k: the L_k on the same blocks, in the same frames
and the same form of storage.
"""

from __future__ import annotations

import functools

import numpy as np

from finite_n import kernels
from finite_n.dicke_blocks.blocks import DickeBlocks
from finite_n.dicke_blocks.liouvillian.block_problem import BlockProblem
from finite_n.dicke_blocks.liouvillian.liouvillian import Liouvillian
from finite_n.dicke_blocks.liouvillian.storage import coefficient_arrays
from finite_n.dicke_blocks.liouvillian.symbol import around_generator
from finite_n.engine.drive import Drive
from finite_n.propagation.driven_terms import SAFE, step_by_terms
from finite_n.propagation.faber import Ellipse


class DrivenLiouvillian(Liouvillian):
    """A generator with all terms that occur, those of `drive.peak`, and the generators L_k of its parts, `each`."""

    def __init__(self, drive: Drive, N: int, frames, blocks: DickeBlocks):
        super().__init__(drive.peak, N, frames, blocks)
        self.drive = drive
        self.each = [Liouvillian(model, N, frames, blocks) for model in drive.parts]
        for generator in self.each:
            generator.store_as(self)

    @functools.cached_property
    def is_real(self) -> bool:
        """Whether the coefficients of all parts are real in this frame."""
        return super().is_real and all(generator.is_real for generator in self.each)


def generator_of(question, N: int, frames, blocks: DickeBlocks) -> Liouvillian:
    """The generator that a `finite_n.engine.protocol.Question` asks for, of N particles on some blocks."""
    if question.drive is None:
        return Liouvillian(question.model, N, frames, blocks)
    return DrivenLiouvillian(question.drive, N, frames, blocks)


class DrivenBlockProblem(BlockProblem):
    """A `finite_n.propagation.problem.DrivenProblem` on whole blocks."""

    generator: DrivenLiouvillian

    def course(self, another: bool):
        """f_k."""
        return self.generator.drive.course(another)

    def ellipses(self, span: float) -> list[Ellipse]:
        """About the field of values of every L_k."""
        return [around_generator(generator, span) for generator in self.generator.each]

    def step(self, v, acc, memory, powers, growth, step: float, centre: float, allowed: float, most: int):
        """See `finite_n.propagation.problem.DrivenProblem`."""
        if self._joint is None:
            return step_by_terms(self, v, acc, memory, powers, growth, step, centre, allowed, most)
        series, sizes = np.zeros((most + 1, self.count)), np.zeros(most + 1 + kernels.FARTHER)
        planes, length = v.shape
        terms, rest = kernels.driven_step[self.parallel](
            v, memory.reshape(-1, planes, length), self._sources, self._sources.reshape(planes, -1), acc, series, sizes,
            powers, growth, step, centre, allowed, SAFE, self._square, self._partial, *self._compiled,
            *self.generator.layout, *self._joint, self._bounds, self._shares,
        )  # fmt: skip
        return terms, rest, series[: terms + 1], sizes

    @functools.cached_property
    def _joint(self) -> tuple | None:
        """The terms of all parts, each with a source of its own; None where some act in other frames."""
        parts = [generator.parts for generator in self.generator.each]
        if any(len(x) > 1 for x in parts):
            return None
        first, *others = (x[0].terms for x in parts)
        return coefficient_arrays(first, self.generator.storage, *others)

    @functools.cached_property
    def _sources(self) -> np.ndarray:
        return np.zeros((self.planes, len(self.generator.each), self.generator.storage.length))

    def next_term(self, memory, source: int, out: int, weights, acc, scale: float, shift: float):
        """A term of `step` from earlier ones, where parts act in frames of their own."""
        term = memory[out].reshape(acc.shape)
        first, *others = self.generator.each
        first.apply_stored(memory[source].reshape(acc.shape), term, scale, shift, 0.0, self.workers)
        for own, generator in zip(weights[1:], others, strict=True):
            combined = (own @ memory[: len(own)]).reshape(acc.shape)
            generator.apply_stored(combined, term, scale, 0.0, 1.0, self.workers)
        return self.add(term, acc, 1.0), self.trace_norm(term)
