"""The engine on symmetrised products: offers for any model of species of any number of levels and modes."""

from __future__ import annotations

import numpy as np

from finite_n.engine.cutoffs import given_levels, in_words, levels_to_begin
from finite_n.engine.moments import Readout
from finite_n.engine.protocol import AS_OPERATORS, MOMENTS, OPERATOR_START, TIME_DEPENDENCE, Question, Refusal
from finite_n.engine.pure_states import is_closed_and_pure
from finite_n.engine.rates import terms
from finite_n.engine.run import Attempt, LinearOffer, Piece
from finite_n.errors import FiniteNError
from finite_n.occupations.columns import Columns
from finite_n.occupations.operator_elements import OperatorElements
from finite_n.occupations.operator_engine import OperatorOffer
from finite_n.occupations.prospect import Prospect, is_hopeless

NAME = "symmetrised products"
_FEW = 20_000  # elements


class Occupations:
    """Elements of ρ by their occupations, for particles of any number of levels."""

    name = NAME
    gives = frozenset([MOMENTS, AS_OPERATORS, OPERATOR_START, TIME_DEPENDENCE])

    def offer(self, question: Question) -> OccupationsOffer | OperatorOffer | Refusal:
        """An offer for product states and for starts in |J, M⟩, if it fits into memory.

        Where another engine holds the model too and none is asked for, only if few elements suffice: to find out how
        many there are otherwise can take long.
        """
        if OPERATOR_START in question.wants:
            if isinstance(question.start.parts[0], OperatorElements):
                return OperatorOffer(question)
            return Refusal(FiniteNError("symmetrised products: the operator is given in Dicke blocks."))
        two_levels = all(s.dim == 2 for s in question.model.species)
        if AS_OPERATORS in question.wants and question.basis == "auto" and two_levels:
            return Refusal(FiniteNError("symmetrised products: operators of two-level particles are in Dicke blocks."))
        if AS_OPERATORS in question.wants or not (question.basis == "auto" and _others_hold(question)):
            offer = OccupationsOffer(question)
            offer.check()
            return offer
        if not (_is_small(question) or is_hopeless(question.model, question.N)):
            offer = OccupationsOffer(question)
            if offer.prospect.labels is not None:
                offer.check()
                return offer
        return Refusal(FiniteNError("symmetrised products: nearly all elements would be needed."))


def _is_small(question: Question) -> bool:
    """Whether all elements of several species or modes are so few that to look for fewer takes longer than to run."""
    model = question.model
    if len(model.space.owners) == 1 and model.species[0].dim == 2:
        return False
    levels = given_levels(model, question.start, question.N, question.cutoffs) or levels_to_begin(question, False)
    return Columns(model, model.space.sizes(question.N), levels).elements <= _FEW


def _others_hold(question: Question) -> bool:
    """Whether Dicke blocks or a state vector hold the model and the start."""
    blocks = all(s.dim == 2 for s in question.model.species)
    pure = question.method == "faber" and is_closed_and_pure(question.model, question.N, question.start)
    return blocks or pure


class OccupationsOffer(LinearOffer):
    """An evolution on symmetrised products; see `finite_n.engine.protocol.Offer`."""

    name = NAME

    def __init__(self, question: Question):
        super().__init__(question)
        self._levels = self.search.levels
        self.prospect = self._prospect(self._levels)

    def check(self) -> None:
        """Refuse what does not fit into memory; what the offer says of itself."""
        prospect = self.prospect
        prospect.check()
        self.elements, self.bytes = prospect.elements, prospect.bytes
        self.applications = terms(prospect.rate, self.question)
        why = "" if prospect.labels is None else f": {prospect.labels[1]}"
        self.note = f"{self.elements:.12g} of {prospect.all:.12g} {NAME}{why}"

    def _prospect(self, levels) -> Prospect:
        q = self.question
        return Prospect(q.model, q.N, q.start, q.observables, levels, q.asked, not q.wants_all_elements, q.drive)

    def problems(self, levels: tuple[int, ...], tolerance: float) -> Attempt:
        """The elements that suffice, in parts that do not act on each other."""
        prospect = self.prospect if levels == self._levels else self._prospect(levels)
        made, readout = prospect.prepare(), Readout(self.question.model.space, levels, 1, self.question.observables)

        def pieces():
            for part in made.parts():
                yield Piece(
                    part.problem,
                    readout,
                    np.zeros(1, int),
                    part.terms,
                    populations=part.populations,
                    unit=part.unit,
                    share=part.share,
                    density=part.density,
                )

        note = made.note + (f"; {in_words(levels)}" if levels else "")
        stats = {"units": made.units, "variables": made.variables}
        return Attempt(readout, pieces, made.elements, prospect.bytes_of(made.elements), note, stats=stats)
