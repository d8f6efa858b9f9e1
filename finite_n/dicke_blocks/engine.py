"""The engine on Dicke blocks: two-level species and modes, density matrices of any model.

Blocks whose J is conserved and that hold no weight are left out, blocks of conserved J evolve one after the other, and
of the elements only those are stored that the initial state reaches and the observables depend on, where these are few.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Iterator

import numpy as np

from finite_n.dicke_blocks import initial_state
from finite_n.dicke_blocks.blocks import DickeBlocks, dimension
from finite_n.dicke_blocks.extent import (
    Extent,
    extent,
    of_orders,
    scaled,
)
from finite_n.dicke_blocks.footprint import Arithmetic, some_elements, whole_blocks
from finite_n.dicke_blocks.frames import choose_frames, state_is_real
from finite_n.dicke_blocks.kept import BatchStarts, Kept, blocks_kept, least_elements, positions_among
from finite_n.dicke_blocks.liouvillian.driven import generator_of
from finite_n.dicke_blocks.liouvillian.elements import closed_orders
from finite_n.dicke_blocks.liouvillian.liouvillian import Liouvillian
from finite_n.dicke_blocks.moments import functionals_of
from finite_n.dicke_blocks.operator_blocks import OperatorBlocks
from finite_n.dicke_blocks.operator_engine import OperatorOffer
from finite_n.dicke_blocks.pieces import SHARE, arithmetic_of, piece_on
from finite_n.engine.cutoffs import in_words
from finite_n.engine.footprint import Asked
from finite_n.engine.moments import Readout
from finite_n.engine.protocol import (
    AS_OPERATORS,
    FINAL_STATE,
    J_WEIGHTS,
    MOMENTS,
    OPERATOR_START,
    STATES,
    TIME_DEPENDENCE,
    Question,
    Refusal,
)
from finite_n.engine.rates import applications
from finite_n.engine.run import Attempt, LinearOffer, Piece
from finite_n.errors import FiniteNError
from finite_n.memory import check_memory, fits
from finite_n.threads import SMALL, threads_for

NAME = "Dicke"
PLENTY = 10  # times what generous tables take: no need to look closer
_SPECIES = 4  # with more of them terms are counted on single particles
_UNCOUNTED = 8  # with more of them terms are not counted: one particle each has thousands of rows
_OF_ONE = 1.8  # times as many terms: one particle has no change of J; 1.7 to 2.0 for one to four species
_ORDERS = 48  # coherence orders looked at to find whether those that matter are few


class DickeEngine:
    """Whole Dicke blocks, or few of their elements."""

    name = NAME
    gives = frozenset([MOMENTS, FINAL_STATE, STATES, J_WEIGHTS, AS_OPERATORS, OPERATOR_START, TIME_DEPENDENCE])

    def offer(self, question: Question) -> DickeOffer | OperatorOffer | Refusal:
        """An offer for two-level particles from a state whose blocks are known, if it fits into memory."""
        if large := next((s for s in question.model.species if s.dim != 2), None):
            return Refusal(
                FiniteNError(
                    f"Dicke blocks are for two-level particles; {large} has {large.dim} levels, so leave basis out."
                )
            )
        if OPERATOR_START in question.wants:
            if isinstance(question.start.parts[0], OperatorBlocks):
                return OperatorOffer(question)
            return Refusal(FiniteNError("Dicke blocks: the operator is given in occupation numbers."))
        for s in question.model.species:
            initial_state.check_known(question.start.parts[s.name])
        return DickeOffer(question)


class DickeOffer(LinearOffer):
    """An evolution on Dicke blocks; see `finite_n.engine.protocol.Offer`."""

    name = NAME

    def __init__(self, question: Question):
        super().__init__(question)
        model = self.model = question.model
        self.N, self.sizes = question.N, model.space.sizes(question.N)
        self.jumping = {model.species_of(j).name for j in model.jumps}
        self.one_species = len(self.sizes) == 1 and not model.modes
        self.states = [question.start.parts[s.name] for s in model.species]
        levels = self.search.levels
        self._check_least(levels)
        self.frames = choose_frames(model, question.start)
        self._starts = BatchStarts(question, self.frames)
        kept = blocks_kept(question, self.sizes, question.trace_tolerance(levels), listed=False)
        self.elements = kept.extent(levels).elements
        self.bytes, _ = self._checked(kept, levels)
        self.note = f"Dicke blocks{kept.note()}"

    @functools.cached_property
    def applications(self) -> float:
        """Of the Liouvillian, about."""
        return applications(self.question, self.search.levels)

    def problems(self, levels: tuple[int, ...], tolerance: float) -> Attempt:
        """Blocks that hold weight, all levels up to the cutoffs."""
        self._check_least(levels)
        kept, space = blocks_kept(self.question, self.sizes, tolerance), self.model.space
        planned, whole_fits = self._checked(kept, levels)
        known = kept.reported(self.one_species)
        readout = Readout(space, levels, math.prod(map(len, known)), self.question.observables)
        note, elements = kept.note(), kept.extent(levels).elements
        if len(kept.batches) == 1:
            piece, planned, stored = self._piece(kept, kept.batches[0], levels, known, self.question.asked, whole_fits)
            elements = piece.problem.elements
            pieces, note = (lambda: iter([piece])), stored + note
        else:
            pieces = functools.partial(self._batches, kept, levels, known, whole_fits)
            note = f"blocks in {len(kept.batches)} batches one after the other{note}"
        note += f"; {in_words(levels)}" if levels else ""
        J = [n / 2 - x for n, x in zip(self.sizes, known, strict=True)]
        return Attempt(readout, pieces, int(elements), planned, note, kept.lost, J, self.frames)

    def _batches(self, kept: Kept, levels, known, whole_fits: bool) -> Iterator[Piece]:
        """A piece for every batch of blocks, made when it is needed."""
        weight = initial_state.weights(self.states[kept.split], self.sizes[kept.split])
        for batch in kept.batches:
            piece, _, _ = self._piece(kept, batch, levels, known, Asked(), whole_fits)
            yield dataclasses.replace(piece, share=max(float(weight[batch].sum()), 1e-3 / len(kept.batches)))

    def _piece(self, kept: Kept, batch, levels, known, asked: Asked, whole_fits: bool) -> tuple[Piece, float, str]:
        question, space = self.question, self.model.space
        blocks = kept.blocks(batch, levels)
        start, positions = self._starts.on(kept, batch, blocks), positions_among(known, blocks)
        workers = threads_for(question.threads, blocks.dim) if batch is None or blocks.dim >= SMALL else 1
        readout = Readout(space, levels, len(blocks.size), question.observables)
        generator, complete = self._generator(self.N, blocks), question.wants_all_elements
        functionals = functionals_of(readout, blocks, self.frames)
        return piece_on(generator, start, functionals, readout, positions, workers, complete, asked, whole_fits)

    def _generator(self, N: int, blocks: DickeBlocks) -> Liouvillian:
        return generator_of(self.question, N, self.frames, blocks)

    def _extents(self, kept: Kept, levels) -> tuple[Extent, Extent]:
        """All blocks, and the largest batch of them."""
        of_batches = (extent(self.sizes, levels, kept.of_batch(b)) for b in kept.batches)
        return kept.extent(levels), max(of_batches, key=lambda e: e.stored)

    def _cost(self, kept: Kept, levels, how: Arithmetic) -> Callable[[float], float]:
        """Bytes on whole blocks, as a function of N."""
        asked = self.question.asked
        every, largest = self._extents(kept, levels)
        # rows and elements of a species whose J are all kept, or of some of its J
        all_J = [isinstance(c, range) for c in kept.chosen]
        rows_power, elements_power = (sum(x + 1 if a else x for a in all_J) for x in (1, 2))
        at_once = kept.split is not None and not all(map(initial_state.knows_weights, self.states))
        made = 16.0 * every.stored if at_once else 0.0

        def cost(n):
            factor = n / self.N
            if len(kept.batches) == 1:
                e = extent(*self._at(kept, factor, levels))
                return whole_blocks(e.rows, e.stored, e.blocks, how, asked, e.padding) + made * factor**2
            batch = whole_blocks(
                largest.rows * factor**rows_power,
                largest.stored * factor**elements_power,
                every.blocks * factor,
                how,
                asked,
                largest.padding * factor**rows_power,
            )
            others = (every.stored - largest.stored) * 8.0 * how.planes * (1 + asked.kept)
            return batch + factor**elements_power * (others + made)

        return cost

    def _at(self, kept: Kept, factor: float, levels):
        sizes, chosen = scaled(kept.chosen, self.sizes, factor)
        return sizes, levels, chosen

    def _checked(self, kept: Kept, levels) -> tuple[float, bool]:
        """Bytes planned, and whether whole blocks fit; refused if nothing does."""
        generous = self._cost(kept, levels, Arithmetic.generous(len(self.sizes)))(self.N)
        if fits(PLENTY * generous) and len(kept.batches) == 1:
            return generous, True
        orders, how = self._at_small_size(levels)
        whole = self._cost(kept, levels, how)

        def few(n):
            elements = of_orders(orders, n) if orders is not None else math.inf
            if SHARE * elements > dimension(n):
                return math.inf
            return some_elements((n / 2 + 1) ** 2, elements, how.terms, n / 2 + 1, self.question.asked, how.planes == 1)

        what = f"the evolution with {in_words(levels)}" if levels else "the evolution"
        check_memory(what, self.N, lambda n: min(whole(n), few(n)))
        planned = whole(self.N)
        return min(planned, few(self.N)), fits(planned)

    def _at_small_size(self, levels) -> tuple[np.ndarray | None, Arithmetic]:
        """What does not depend on N, found at a small one: the coherence orders M − M′ of one species that matter, None
        if they are not few or not sought, and how numbers are stored."""
        question, model = self.question, self.model
        longest = 2 + max((len(w) for w in model.hamiltonian.words), default=0)
        if len(self.sizes) > _UNCOUNTED:
            return None, Arithmetic.generous(len(self.sizes))
        many = len(self.sizes) > _SPECIES  # three particles each would have millions of rows
        sizes = [min(self.N, 2 * (2 + question.degree))] if self.one_species else [min(3, n) for n in self.sizes]
        blocks = DickeBlocks([1] * len(sizes) if many else sizes, [min(c, longest) for c in levels])
        generator = self._generator(blocks.N, blocks)
        how = arithmetic_of(generator, state_is_real(question.start, self.frames))
        if many:
            how = dataclasses.replace(how, terms=_OF_ONE * how.terms)
        if len(generator.parts) > 1 or not self.one_species or self.sizes[0] == 1 or not self.jumping:
            return None, how
        changes = {t.left_shift - t.right_shift for t in generator.parts[0].terms.all()}
        found = None
        if self.states[0].is_diagonal(self.frames[model.species[0].name]):
            found = closed_orders([0], changes, True, _ORDERS)
        if not question.wants_all_elements:
            readout = Readout(model.space, (), len(blocks.size), question.observables)
            _, i, k = blocks.locate(functionals_of(readout, blocks, self.frames).elements)
            read = np.unique(k - i)
            backward = closed_orders([*read.tolist(), *(-read).tolist()], changes, False, _ORDERS)
            found = backward if found is None else np.intersect1d(found, backward)
        if found is None or np.abs(found).max(initial=0) > _ORDERS // 2:
            return None, how
        return found, how

    def _check_least(self, levels) -> None:
        """Refuse what does not fit whatever the weights of J are, before they are listed."""
        if self.one_species and self.jumping:
            return  # few elements may suffice
        width = math.prod(c + 1.0 for c in levels)

        def cost(n):
            elements = width**2 * least_elements(self.question, self.sizes, n)
            return whole_blocks(0, elements, 1, Arithmetic(1.0, 1, False), Asked(check=False))

        check_memory(f"the evolution with {in_words(levels)}" if levels else "the evolution", self.N, cost)
