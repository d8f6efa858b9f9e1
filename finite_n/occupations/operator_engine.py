"""Evolution of operators that need not be Hermitian: exp(tL)X in occupation numbers, as that of Hermitian parts."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp

from finite_n.engine.cutoffs import in_words
from finite_n.engine.operator_moments import OperatorReadout
from finite_n.engine.operator_start import RETRIES, OperatorLevels
from finite_n.engine.protocol import Question
from finite_n.engine.rates import applications
from finite_n.engine.run import Attempt, LinearOffer, Piece
from finite_n.memory import check_memory
from finite_n.occupations.footprint import many_products
from finite_n.occupations.lindbladian import lindblad_chains
from finite_n.occupations.matrix import real_matrix
from finite_n.occupations.moments import Functionals
from finite_n.occupations.operator_elements import OperatorElements
from finite_n.occupations.units import log_units
from finite_n.propagation.reachability import needed
from finite_n.propagation.sparse_problem import DrivenSparseProblem, SparseProblem

_TERMS = 60.0  # entries of a row of the matrix, about


class OperatorOffer(LinearOffer):
    """An evolution of an `OperatorStart` of `OperatorElements`; see `finite_n.engine.protocol.Offer`."""

    name = "symmetrised products"
    retries = RETRIES

    def __init__(self, question: Question):
        self.question, self.search = question, OperatorLevels(question.start.levels)
        self.elements = float(question.start.parts[0].columns.elements)
        self.bytes = many_products(self.elements, _TERMS, False, question.asked)
        check_memory("the evolution of an operator", question.N, lambda n: self.bytes * (n / question.N) ** 3)
        self.applications = applications(question, self.search.levels)
        self.note = "operators in all symmetrised products"

    def watch(self, attempt: Attempt, settings) -> None:
        """None: populations of an operator bound nothing; cutoffs are judged by the check with more levels."""
        return None

    def problems(self, levels: tuple[int, ...], tolerance: float) -> Attempt:
        """Hermitian parts of X, with modes cut off at `levels`."""
        question = self.question
        x = functools.reduce(_sum, (p.with_levels(levels) for p in question.start.parts))
        readout = OperatorReadout(question.model.space, levels, question.observables)
        note = self.note + (f"; {in_words(levels)}" if levels else "")
        return Attempt(readout, lambda: self._pieces(x, readout), x.elements.count, self.bytes, note)

    def _pieces(self, x: OperatorElements, readout: OperatorReadout) -> Iterator[Piece]:
        elements = x.elements
        log_unit, _ = log_units(elements)
        drive = self.question.drive
        models = [self.question.model, *([] if drive is None else drive.parts)]
        matrix, *each = (real_matrix(lindblad_chains(x.columns.of_part(m)), elements, log_unit) for m in models)
        rows = Functionals(x.columns, readout).of(readout.observables, elements, log_unit)
        none, unit = sp.csr_array(rows.shape), 1.0 if log_unit is None else np.exp(log_unit)
        for part, both in zip(x.hermitian_parts(), ((rows, none), (none, rows)), strict=True):
            if not part.any():
                continue
            start, functionals = np.concatenate([part.real * unit, part.imag * unit]), sp.vstack(both, format="csr")
            used = needed(matrix, start, functionals)
            used = used if used.size else np.array([0])
            own, *parts = (m[used][:, used] for m in (matrix, *each))
            problem = SparseProblem(own, start[used], functionals[:, used])
            if drive is not None:
                problem = DrivenSparseProblem(own, start[used], functionals[:, used], parts, drive.course)
            yield Piece(problem, readout, np.zeros(0, int), int(_TERMS), share=0.5)


def _sum(one: OperatorElements, other: OperatorElements) -> OperatorElements:
    """Of two parts on the same elements."""
    return OperatorElements(one.elements, one.values + other.values, one.mirrored + other.mirrored)
