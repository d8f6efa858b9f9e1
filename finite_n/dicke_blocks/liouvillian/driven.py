"""The generator of a model that depends on time, L(t) = Σ_k f_k(t) L_k: the L_k on the same blocks, in the same frames
and the same form of storage.
"""

from __future__ import annotations

import functools

from finite_n.dicke_blocks.blocks import DickeBlocks
from finite_n.dicke_blocks.liouvillian.block_problem import BlockProblem
from finite_n.dicke_blocks.liouvillian.liouvillian import Liouvillian
from finite_n.dicke_blocks.liouvillian.symbol import around_generator
from finite_n.engine.drive import Drive
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


class DrivenBlockProblem(BlockProblem):
    """A `finite_n.propagation.problem.DrivenProblem` on whole blocks."""

    generator: DrivenLiouvillian

    def course(self, another: bool):
        """f_k."""
        return self.generator.drive.course(another)

    def ellipses(self, span: float) -> list[Ellipse]:
        """About the field of values of every L_k."""
        return [around_generator(generator, span) for generator in self.generator.each]

    def apply_part(self, k: int, source, out, scale: float, shift: float = 0.0, keep: float = 0.0) -> None:
        """out = keep out + scale (L_k + shift) source."""
        self.generator.each[k].apply_stored(source, out, scale, shift, keep, self.workers)
