"""The problem on some blocks: on a few of their elements where these suffice, else on whole blocks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from finite_n.dicke_blocks import initial_state
from finite_n.dicke_blocks.blocks import DickeBlocks
from finite_n.dicke_blocks.density import DensityBlocks, SomeElements, mirrored
from finite_n.dicke_blocks.footprint import Arithmetic, some_elements, whole_blocks
from finite_n.dicke_blocks.liouvillian.block_problem import BlockProblem
from finite_n.dicke_blocks.liouvillian.driven import DrivenBlockProblem, DrivenLiouvillian
from finite_n.dicke_blocks.liouvillian.elements import closed_elements, terms_matrix
from finite_n.dicke_blocks.liouvillian.liouvillian import Liouvillian
from finite_n.dicke_blocks.moments import Functionals
from finite_n.engine.footprint import Asked
from finite_n.engine.moments import Readout
from finite_n.engine.run import Piece
from finite_n.memory import fits
from finite_n.model.model import Model
from finite_n.propagation.reachability import needed, reachable, real_form
from finite_n.propagation.sparse_problem import DrivenSparseProblem, SparseProblem
from finite_n.states.initial_state import InitialState

# a subspace is stored apart if it has at most 1/SHARE of the elements: by then its sparse matrix is the faster
SHARE = 8


class Start:
    """The initial state on blocks, made where it is needed; `vector`: given, if it was made for more blocks at once."""

    def __init__(
        self,
        state: InitialState,
        model: Model,
        blocks: DickeBlocks,
        frames: Mapping[str, np.ndarray],
        vector: np.ndarray | None = None,
    ):
        self.blocks, self._state, self._model, self._frames, self._vector = blocks, state, model, frames, vector
        self._own = None
        if vector is None and blocks.is_one_species:
            name = model.species[0].name
            self._own = state.parts[name], frames[name]

    def vector(self) -> np.ndarray:
        """All elements."""
        if self._own is not None:
            return initial_state.vector(self._own[0], self.blocks, self._own[1])
        if self._vector is None:
            self._vector = initial_state.vector(self._state, self.blocks, self._frames)
        return self._vector

    def support(self) -> np.ndarray | None:
        """Elements that are not zero; None if nearly all are."""
        if self._own is not None:
            return initial_state.support(self._own[0], self.blocks, self._own[1])
        return np.flatnonzero(self.vector())

    def elements(self, chosen: np.ndarray) -> np.ndarray:
        """Some of the elements."""
        if self._own is not None:
            return initial_state.elements(self._own[0], chosen, self.blocks, self._own[1])
        return self.vector()[chosen]


def arithmetic_of(generator: Liouvillian, real: bool) -> Arithmetic:
    """How a generator and a start, real or not, are stored."""
    planes = 1 if generator.is_real and real else 2
    return Arithmetic(len(generator.terms), planes, not generator.is_real, len(generator.parts))


def piece_on(
    generator: Liouvillian,
    start: Start,
    functionals: Functionals,
    readout: Readout,
    weights: np.ndarray,
    workers: int,
    complete: bool,
    asked: Asked,
    whole_fits: bool = True,
) -> tuple[Piece, float, str]:
    """The problem on the blocks of a generator, the bytes of its evolution, and what is stored and why.

    `functionals`: what is read, in the order of `readout`; its weights of J belong to the positions `weights`;
    `complete`: elements that no functional depends on are kept too.
    """
    blocks = generator.blocks
    if len(generator.parts) > 1:
        why = "rates depend on averages along several axes, so no subset is sought"
    else:
        few, every, why = _sufficient(generator, start, functionals, complete)
        if few is not None:
            real = some_elements(blocks.rows, few.size, len(generator.terms), len(blocks.size), asked, real=True)
            if not whole_fits or fits(real):
                return _on_elements(generator, start, readout, functionals, weights, few, every, why, asked)
            why = "a subset does not fit into memory"
    kind = DrivenBlockProblem if isinstance(generator, DrivenLiouvillian) else BlockProblem
    problem = kind(generator, start.vector(), functionals, workers)
    how = arithmetic_of(generator, problem.planes == 1)
    padding = 3.0 * blocks.rows * (blocks.elements < blocks.dim)
    size = whole_blocks(blocks.rows, blocks.dim, len(blocks.size), how, asked, padding)

    def density(final):
        return DensityBlocks(blocks, final, generator.frames, generator.model.space)

    piece = Piece(problem, readout, weights, len(generator.terms), density)
    return piece, size, f"all {blocks.elements} elements: {why}"


def _sufficient(generator: Liouvillian, start: Start, functionals: Functionals, complete: bool):
    """A small part of the elements that suffices, whether it holds all that the state reaches, and why; None if there
    is none, and why not."""
    blocks, terms = generator.blocks, generator.parts[0].terms.all()
    limit = blocks.elements // SHARE
    seeds = start.support()
    forward = None if seeds is None else closed_elements(terms, blocks, seeds, True, limit)
    backward = None
    if not complete:
        read = functionals.elements
        seeds = np.concatenate([read, mirrored(read, blocks)])
        backward = closed_elements(terms, blocks, seeds, False, limit)
    if forward is None and backward is None:
        return None, True, f"more than 1/{SHARE} of them matter"
    few = forward if backward is None else backward if forward is None else np.intersect1d(forward, backward)
    few = few if few.size else np.zeros(1, int)  # nothing is read of what is there
    reasons = ["the initial state reaches no others"] * (forward is not None)
    reasons += ["the observables depend on no others"] * (backward is not None)
    return np.union1d(few, mirrored(few, blocks)), backward is None, " and ".join(reasons)


def _on_elements(
    generator: Liouvillian,
    start: Start,
    readout: Readout,
    functionals: Functionals,
    weights: np.ndarray,
    few: np.ndarray,
    every: bool,
    why: str,
    asked: Asked,
) -> tuple[Piece, float, str]:
    """A sparse problem on some elements of Dicke blocks; `every`: on all that the state reaches."""
    blocks, terms = generator.blocks, generator.parts[0].terms.all()
    mirror_element = mirrored(few, blocks)
    mirror = np.searchsorted(few, mirror_element)
    upper = np.flatnonzero(few <= mirror_element)
    each = generator.each if isinstance(generator, DrivenLiouvillian) else []
    stored, matrix = few[upper], terms_matrix(terms, blocks, few)
    matrices = [terms_matrix(g.parts[0].terms.all(), blocks, few) for g in each]
    values = start.elements(stored)
    real = not (any(np.iscomplexobj(m) for m in (matrix, *matrices)) or np.any(np.imag(values)))
    matrix, *matrices = (real_form(m, mirror, upper, only_real=real)[0] for m in (matrix, *matrices))
    values = values.real if real else np.concatenate([values.real, np.imag(values)])
    rows = functionals.on(stored)[:, : len(values)]
    used = reachable(matrix, values) if every else needed(matrix, values, rows)
    used = used if used.size else np.array([0])
    matrix, *matrices = (m[used][:, used] for m in (matrix, *matrices))
    problem = SparseProblem(matrix, values[used], rows[:, used])
    if each:
        problem = DrivenSparseProblem(matrix, values[used], rows[:, used], matrices, generator.drive.course)
    diagonal = np.flatnonzero(np.isin(stored, blocks.diagonal()))
    populations = np.flatnonzero(np.isin(used, diagonal))
    size = len(values)

    def density(final):
        parts = np.zeros(size)
        parts[used] = final
        some = SomeElements(stored, parts if real else parts[: size // 2] + 1j * parts[size // 2 :])
        return DensityBlocks(blocks, some, generator.frames, generator.model.space)

    taken = some_elements(blocks.rows, few.size, len(terms), len(blocks.size), asked, real)
    piece = Piece(problem, readout, weights, len(terms), density if every else None, populations)
    return piece, taken, f"{problem.elements} real numbers for {len(few)} of {blocks.elements} elements: {why}"
