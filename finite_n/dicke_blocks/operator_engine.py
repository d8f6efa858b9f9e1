"""Evolution of operators that need not be Hermitian: exp(tL)X on Dicke blocks, as that of Hermitian parts.

X = A + iB with A = (X + X†)/2 and B = (X − X†)/2i. Where the generator and X/c are real, |c| = 1, one problem suffices:
L keeps real symmetric and imaginary antisymmetric matrices apart, so C = A − B of X/c holds both, X/c = Re C + Im C.
Where X lies on one side of the diagonal for good, as J₋ρ of a laser, X + X† is one problem, too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from finite_n.dicke_blocks.density import SomeElements
from finite_n.dicke_blocks.footprint import Arithmetic, some_elements, whole_blocks
from finite_n.dicke_blocks.liouvillian.driven import generator_of
from finite_n.dicke_blocks.liouvillian.elements import closed_orders
from finite_n.dicke_blocks.liouvillian.liouvillian import Liouvillian
from finite_n.dicke_blocks.moments import Functionals, operators_read
from finite_n.dicke_blocks.operator_blocks import OperatorBlocks
from finite_n.dicke_blocks.operators import BandOperator
from finite_n.dicke_blocks.pieces import piece_on
from finite_n.engine.cutoffs import in_words
from finite_n.engine.operator_moments import OperatorReadout
from finite_n.engine.operator_start import RETRIES, OperatorLevels
from finite_n.engine.protocol import Question
from finite_n.engine.rates import applications
from finite_n.engine.run import Attempt, LinearOffer, Piece
from finite_n.memory import check_memory
from finite_n.threads import SMALL, threads_for

_LEADS_TO = 4.0  # elements for every one of X where these are few, about: looked for when it runs
_LEAST = 1e-3  # of the tolerance: for the smallest of many parts


class OperatorOffer(LinearOffer):
    """An evolution of an `OperatorStart`; see `finite_n.engine.protocol.Offer`."""

    name = "Dicke"
    retries = RETRIES

    def __init__(self, question: Question):
        self.question, self.search = question, OperatorLevels(question.start.levels)
        parts, model = question.start.parts, question.model
        rows, elements = (sum(getattr(p.blocks, x) for p in parts) for x in ("rows", "dim"))
        how = Arithmetic(len(model.hamiltonian.words) + 6 * len(model.jumps) + 6 * len(model.collective), 2, True)
        blocks = sum(len(p.blocks.size) for p in parts)

        few = sum(len(p.elements) if p.elements is not None else p.blocks.dim for p in parts)

        def bytes_at(n):
            factor = n / question.N
            whole = whole_blocks(rows * factor, elements * factor**3, blocks, how, question.asked)
            return min(
                whole, some_elements(rows * factor, _LEADS_TO * few * factor**2, how.terms, blocks, question.asked)
            )

        check_memory("the evolution of an operator", question.N, bytes_at)
        self.elements, self.bytes = float(elements), bytes_at(question.N)
        self.applications = applications(question, self.search.levels)
        self.note = "operators on Dicke blocks"

    def watch(self, attempt: Attempt, settings) -> None:
        """None: populations of an operator bound nothing; cutoffs are judged by the check with more levels."""
        return None

    def problems(self, levels: tuple[int, ...], tolerance: float) -> Attempt:
        """Hermitian parts of X on its blocks, with modes cut off at `levels`."""
        question = self.question
        readout = OperatorReadout(question.model.space, levels, question.observables)
        parts = [p.with_levels(levels) for p in question.start.parts]
        elements = sum(p.blocks.elements if p.elements is None else len(p.elements) for p in parts)
        note = self.note + (f"; {in_words(levels)}" if levels else "")
        return Attempt(readout, lambda: self._pieces(parts, readout), elements, self.bytes, note)

    def _pieces(self, parts: Sequence[OperatorBlocks], readout: OperatorReadout) -> Iterator[Piece]:
        question, norms = self.question, [p.norm() for p in parts]
        none = [BandOperator({})] * (readout.count // 2)
        for part, norm in zip(parts, norms, strict=True):
            if norm == 0:
                continue
            generator = generator_of(question, question.N, part.frames, part.blocks)
            operators = operators_read(readout.observables, question.model.space, part.blocks, part.frames)
            c = part.phase() if generator.is_real else None
            if (orders := _one_sided(generator, part)) is not None:
                problems = [_of_one_side(part, c or 1.0, operators, orders)]
            elif c is not None:
                problems = [(part.symmetrised(c), _of_both(operators, c), lambda x, c=c: c * (np.real(x) + np.imag(x)))]
            else:
                a, b = part.parts()
                problems = [(a, operators + none, lambda x: x), (b, none + operators, lambda x: 1j * x)]
            if generator.is_real and not question.wants_all_elements:
                problems = [(_read_planes(x, functionals), functionals, whole) for x, functionals, whole in problems]
            problems = [p for p in problems if p[0].values.any()]
            share = max(norm / sum(norms), _LEAST / len(parts)) / max(len(problems), 1)
            for x, functionals, whole in problems:
                yield self._piece(generator, x, Functionals(functionals, part.blocks), readout, share, whole)

    def _piece(self, generator, x: OperatorBlocks, functionals, readout, share: float, whole) -> Piece:
        """The problem of a Hermitian part x; whole: from its elements to what they are of X."""
        question, blocks = self.question, generator.blocks
        complete = question.wants_all_elements
        workers = threads_for(question.threads, blocks.dim) if blocks.dim >= SMALL else 1
        piece, _, _ = piece_on(
            generator, _HermitianStart(x), functionals, readout, np.zeros(0, int), workers, complete, question.asked
        )

        def density(final):
            elements = piece.density(final).elements
            elements = elements.full(blocks) if isinstance(elements, SomeElements) else elements
            return dataclasses.replace(x, elements=None, values=whole(elements))

        known = density if complete else None
        return dataclasses.replace(piece, density=known, populations=None, share=share)


def _one_sided(generator: Liouvillian, part: OperatorBlocks) -> np.ndarray | None:
    """The coherence orders k − i that X reaches, where X† reaches none of them; else None."""
    if len(generator.parts) > 1:
        return None
    blocks = part.blocks
    elements = np.flatnonzero(part.values) if part.elements is None else part.elements
    _, i, k = blocks.locate(elements)
    changes = {t.left_shift - t.right_shift for t in generator.parts[0].terms.all()}
    reached = closed_orders(np.unique(k - i).tolist(), changes, True, int(blocks.size.max()))
    return None if np.intersect1d(reached, -reached).size else reached


def _of_one_side(part: OperatorBlocks, c: complex, operators: list[BandOperator], orders: np.ndarray):
    """X/c + its adjoint, which do not mix, with Tr(OX) read from elements of these orders; and how X is got back."""
    a, _ = dataclasses.replace(part, values=part.values / c).parts()
    own = [BandOperator({d: c * x for d, x in o.diagonals.items() if -d in orders}) for o in operators]
    read = [0.5 * (o + o.adjoint()) for o in own] + [-0.5j * (o + -1.0 * o.adjoint()) for o in own]

    def whole(x):
        _, i, k = part.blocks.locate(np.arange(part.blocks.dim))
        return np.where(np.isin(k - i, orders), c * x, 0.0)

    return dataclasses.replace(a, values=2 * a.values), read, whole


class _HermitianStart:
    """A Hermitian operator in the form of `finite_n.dicke_blocks.pieces.Start`."""

    def __init__(self, x: OperatorBlocks):
        self._x = x

    def vector(self) -> np.ndarray:
        return self._x.full()

    def support(self) -> np.ndarray:
        return np.flatnonzero(self._x.values) if self._x.elements is None else self._x.elements

    def elements(self, chosen: np.ndarray) -> np.ndarray:
        x = self._x
        if x.elements is None:
            return x.values[chosen]
        place = np.minimum(np.searchsorted(x.elements, chosen), len(x.elements) - 1)
        return np.where(x.elements[place] == chosen, x.values[place], 0.0)


def _read_planes(x: OperatorBlocks, operators: list[BandOperator]) -> OperatorBlocks:
    """Without the real or the imaginary elements of a Hermitian x, where a real generator and operators that are all
    imaginary or all real do without."""
    numbers = [c for o in operators for c in o.diagonals.values()]
    if all(not np.any(np.imag(c)) for c in numbers):
        return dataclasses.replace(x, values=np.ascontiguousarray(np.real(x.values)))
    if all(not np.any(np.real(c)) for c in numbers):
        return dataclasses.replace(x, values=1j * np.imag(x.values))
    return x


def _of_both(operators: list[BandOperator], c: complex) -> list[BandOperator]:
    """What is read from C of X/c: Tr(O X) = c (Tr(Re O · C) − i Tr(i Im O · C)), real parts, then imaginary parts."""
    out = []
    for of_real, of_imaginary in ((c.real, c.imag), (c.imag, -c.real)):
        for o in operators:
            real = BandOperator({a: np.real(x) for a, x in o.diagonals.items()})
            imaginary = BandOperator({a: 1j * np.imag(x) for a, x in o.diagonals.items()})
            out.append(of_real * real + of_imaginary * imaginary)
    return out
