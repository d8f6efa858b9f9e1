"""What an evolution on symmetrised products takes, and its preparation: a sparse real problem ẋ = Ax.

x holds real and imaginary parts of the elements that suffice, one of every mirror pair, in one of two units
(`finite_n.occupations.units`). Parts of A that do not act on each other are evolved one after the other.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import scipy.sparse as sp
from scipy.special import gammaln

from finite_n.engine import mode_states
from finite_n.engine.drive import Drive
from finite_n.engine.footprint import Asked
from finite_n.engine.moments import Readout
from finite_n.errors import FiniteNError
from finite_n.memory import check_memory, fits
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.occupations.basis import Elements, everything
from finite_n.occupations.columns import Columns
from finite_n.occupations.common_frame import common_frames, with_real_start
from finite_n.occupations.footprint import few_labels, many_products
from finite_n.occupations.initial_state import Diagonal, Start, not_a_product, parts_of
from finite_n.occupations.labels import Labels
from finite_n.occupations.lindbladian import lindblad_chains
from finite_n.occupations.matrix import real_matrix, row_bounds_of
from finite_n.occupations.moments import Functionals, rows_on_populations
from finite_n.occupations.operator_elements import OperatorElements
from finite_n.occupations.search import Search, all_are_turned, elements_at
from finite_n.occupations.steps import Chain, Shift, run_all
from finite_n.occupations.units import log_units
from finite_n.propagation.reachability import independent, needed, reachable
from finite_n.propagation.sparse_problem import DrivenSparseProblem, SparseProblem
from finite_n.states.initial_state import InitialState
from finite_n.states.particles import ProductState

SHARE = 4  # a subset is sought one by one if it has at most 1/SHARE of the elements: else that costs more than it saves
SMALL = 3_000  # elements below which none is sought one by one: what is not needed is dropped afterwards
_SAMPLED = 10**6  # particles of elements that are looked at, at most
_BEYOND = 10**15  # elements that no machine has room for
_WHAT = "the evolution on symmetrised products"


@dataclasses.dataclass
class Part:
    """Variables that others do not act on. populations: those that are populations, and unit: what they have to be
    divided by; share: of the tolerance; density: from their values to `OperatorElements`, None where not all elements
    are kept."""

    problem: SparseProblem
    populations: np.ndarray
    unit: np.ndarray | float
    share: float
    density: Callable | None = None

    @property
    def terms(self) -> int:
        """Entries of a row."""
        return math.ceil(self.problem.matrix.nnz / max(self.problem.elements, 1))


@dataclasses.dataclass
class Prepared:
    """Variables that suffice for a model, N, state and observables; functionals are in the order of a `Readout`."""

    matrix: sp.csr_array
    start: np.ndarray
    functionals: sp.csr_array
    population: np.ndarray  # mask of the variables that are populations
    unit: np.ndarray | None  # of the variables, None for p itself
    elements: int
    units: str
    note: str
    of: tuple[Elements, np.ndarray] | None = None  # where all elements are kept: these, and which the variables are
    drive: Drive | None = None
    each: Sequence[sp.csr_array] = ()  # of a model that depends on time: the matrices of its parts

    @property
    def variables(self) -> int:
        """Their number."""
        return len(self.start)

    def parts(self) -> Iterator[Part]:
        """Independent parts, one after the other."""
        some_of_all = independent(self.matrix)
        for some in some_of_all:
            matrix, start, rows, population = self.matrix, self.start, self.functionals, self.population
            each = self.each
            if len(some_of_all) > 1:
                matrix, start, rows, population = matrix[some][:, some], start[some], rows[:, some], population[some]
                each = [m[some][:, some] for m in each]
            at = np.flatnonzero(population)
            # in units in which the largest functional is 1, so that errors mean the same in every part
            scale = 1.0 if at.size else max(abs(rows).max(), 1e-300)
            if scale != 1.0:
                start, rows = start * scale, rows / scale
            unit = 1.0 if self.unit is None else self.unit[some[at]]
            density = None if self.of is None else functools.partial(self._operator, some, scale)
            problem = SparseProblem(matrix, start, rows)
            if self.drive is not None:
                problem = DrivenSparseProblem(matrix, start, rows, each, self.drive.course)
            yield Part(problem, at, unit, 1 / len(some_of_all), density)

    def _operator(self, some: np.ndarray, scale: float, x: np.ndarray) -> OperatorElements:
        """The operator whose variables `some` are x/scale, all others zero."""
        elements, variables = self.of
        p = np.zeros(2 * elements.size)
        p[variables[some]] = x / scale if self.unit is None else x / scale / self.unit[some]
        values = p[: elements.size] + 1j * p[elements.size :]
        return OperatorElements(elements, values, values.conj())


def is_hopeless(model: Model, N: int) -> bool:
    """Whether every species is turned by h or by a collective jump, so that few elements do not suffice."""
    return all_are_turned(Columns(model, model.space.sizes(N), [0] * len(model.modes), common_frames(model)))


class Prospect:
    """What an evolution on symmetrised products takes, known before it is prepared.

    Raises FiniteNError if the state is neither a product nor diagonal in |J, M⟩, or if the Δ of jumps do not commute.

    `is_hopeless`: of two levels, where nearly all elements matter; `is_small`: of more levels, where to look for what
    suffices takes longer than to keep all elements.
    """

    def __init__(
        self,
        model: Model,
        N: int,
        state: InitialState,
        polynomials: Sequence[Polynomial],
        cutoffs: Sequence[int] = (),
        asked: Asked | None = None,
        subset: bool = True,
        drive: Drive | None = None,
    ):
        self.asked, self.subset, self.drive = asked or Asked(), subset, drive
        frames = common_frames(model)
        sizes = model.space.sizes(N)
        columns = Columns(model, sizes, cutoffs, frames)
        two_levels = all(p.dim == 2 for p in columns.particles)
        self.is_hopeless = two_levels and all_are_turned(columns)
        self.is_small = not two_levels and columns.elements <= SMALL
        if not self.is_small and not self.is_hopeless:
            densities = {s.name: p.density for s in model.species if isinstance(p := state.parts[s.name], ProductState)}
            frames = with_real_start(columns, densities, frames)
            columns = columns.in_frames(frames)
        parts = parts_of(model, state, frames)
        # levels grow at most as N does
        check_memory("the state of the modes", N, lambda n: sum(48.0 * (c + 1.0) ** 2 for c in cutoffs) * (n / N) ** 2)
        fields = [mode_states.density(state.parts[m.name], N, c) for m, c in zip(model.modes, cutoffs, strict=True)]
        start = Start(columns, parts, fields)
        self.columns = columns
        self.search = Search(columns, lindblad_chains(columns), start, tuple(polynomials))

    @property
    def N(self) -> int:
        """All particles."""
        return self.columns.N

    @functools.cached_property
    def labels(self) -> tuple[Labels, str] | None:
        """Few labels that suffice, and why; None if they are many."""
        if self.is_small and self.search.start.is_simple:
            return None
        return self.search.labels() if self.subset and not self.is_hopeless else None

    @functools.cached_property
    def elements(self) -> float:
        """Elements of ρ, mirror images counted: exact for few labels, else all if they fit, else what is predicted from
        small N."""
        if self.labels is not None:
            return float(self.labels[0].count())
        total = self.all
        if self.is_hopeless or not self.subset or fits(self.bytes_of(total)):
            return total
        return min(self._predicted(self.N), total)

    @functools.cached_property
    def all(self) -> float:
        """Number of all elements."""
        total = self.columns.elements
        return float(total) if total < 10**300 else math.inf

    @functools.cached_property
    def _predicted(self):
        return self.search.predicted()

    @functools.cached_property
    def _sample(self) -> tuple[np.ndarray, dict[Shift, np.ndarray]]:
        """Some elements, and what they lead to."""
        search = self._sampled
        rows = self.labels[0].sample(search.columns) if self.labels is not None else random_rows(search.columns)
        return rows, run_all(search.chains, rows)

    @functools.cached_property
    def _sampled(self) -> Search:
        return self.search if self.N <= _SAMPLED else self.search.at(_SAMPLED)

    @property
    def terms(self) -> float:
        """Elements that one of them leads to: on average, of other sets than those of few labels at most."""
        rows, images = self._sample
        if self.labels is None:
            return max(len(images), 1)
        return float(sum(np.count_nonzero(c) for c in images.values())) / max(len(rows), 1)

    @functools.cached_property
    def rate(self) -> float:
        """About the largest rate or frequency, from the field of values on some elements."""
        rows, images = self._sample
        back = run_all(self._sampled.chains, rows, backward=True)
        left, high = row_bounds_of(self._sampled.columns, rows, images, back, self.labels is None)
        return float(-left.min(initial=0.0) + high.max(initial=0.0))

    def bytes_of(self, elements: float) -> float:
        """Memory with so many elements."""
        if self.labels is None:
            return many_products(elements, self.terms, self._is_real, self.asked)
        share = self.labels[0].populations() / max(self.elements, 1)
        read = elements * share * rows_on_populations(self.columns, self.asked.observables)
        return few_labels(elements, self.terms, read, self._is_real, self.asked)

    @functools.cached_property
    def _is_real(self) -> bool:
        chains = [chain for own in (self.search.chains, *self._chains_of_parts) for chain in own]
        return self.search.start.is_real and all(chain.is_real for chain in chains)

    @functools.cached_property
    def _chains_of_parts(self) -> list[list[Chain]]:
        parts = [] if self.drive is None else self.drive.parts
        return [lindblad_chains(self.columns.of_part(model)) for model in parts]

    @property
    def bytes(self) -> float:
        """Memory of the evolution."""
        return self.bytes_of(self.elements)

    def check(self) -> None:
        """Refuse what does not fit into memory, naming the largest N that fits."""
        _check_populations(self.columns)
        if self.labels is not None:
            check_memory(_WHAT, self.N, lambda n: self.bytes_of(self.labels[0].count(n)))
            return
        self._check_diagonal_start()
        if fits(self.bytes_of(self.all)):
            return
        count = self._predicted if self.subset and not self.is_hopeless else lambda n: math.inf
        check_memory(_WHAT, self.N, lambda n: self.bytes_of(min(count(n), elements_at(self.columns, n))))

    def _check_diagonal_start(self) -> None:
        for p, part in zip(self.columns.particles, self.search.start.parts, strict=True):
            if isinstance(part, Diagonal):
                raise FiniteNError(
                    f"initial state of {self.columns.model.space.owner(p.name)}: {not_a_product(part.state)}"
                )

    def _found(self) -> tuple[Elements, str]:
        """The elements to keep, and why: those that the state reaches, those that observables depend on, or all."""
        self.check()
        if self.labels is not None:
            return self.labels[0].elements(), self.labels[1]
        columns, kept, why = self.columns, None, ""
        total = columns.elements
        if self.subset and total > SMALL:
            few = min(total // SHARE, _BEYOND)
            while not fits(self.bytes_of(few)):  # the search itself must fit; what is larger is refused below
                few //= 2
            kept, why = self.search.elements(few)
        if kept is None:
            check_memory(_WHAT, self.N, lambda n: self.bytes_of(elements_at(columns, n)))
            why = "all are kept" if not self.subset or total <= SMALL else f"more than 1/{SHARE} of them matter"
            return Elements(columns, everything(columns)), why
        size = kept.count
        check_memory(_WHAT, self.N, lambda n: self.bytes_of(size * n / self.N))
        return kept, why

    def prepare(self) -> Prepared:
        """The variables that suffice."""
        search, (elements, why) = self.search, self._found()
        imaginary = not self._is_real
        log_unit, units = log_units(elements)
        matrix = real_matrix(search.chains, elements, log_unit, imaginary)
        values = search.start.values(elements.n)
        if log_unit is not None:
            values = values * np.exp(log_unit)
        values = np.where(elements.self_conjugate, values.real, values)
        start = np.concatenate([values.real, values.imag]) if imaginary else values.real
        readout = Readout(self.columns.model.space, [b.cutoff for b in self.columns.bosons], 1, search.observables)
        functionals = Functionals(self.columns, readout).on(elements, log_unit, imaginary)
        used = needed(matrix, start, functionals) if self.subset else reachable(matrix, start)
        used = used if used.size else np.array([0])
        # real and imaginary part side by side, so that the matrix has a narrow band
        used = used[np.argsort(used % elements.size, kind="stable")]
        population = self.columns.is_diagonal(elements.n)[used % elements.size] & (used < elements.size)
        out = Prepared(
            matrix=matrix[used][:, used],
            start=start[used],
            functionals=functionals[:, used],
            population=population,
            unit=None if log_unit is None else np.exp(log_unit[used % elements.size]),
            elements=elements.count,
            units=units,
            note="",
            of=None if self.subset else (elements, used),
            drive=self.drive,
            each=[real_matrix(x, elements, log_unit, imaginary)[used][:, used] for x in self._chains_of_parts],
        )
        out.note = f"{out.variables} real numbers for {elements.count} of {self.all:.12g} symmetrised products: {why}"
        return out


def random_rows(columns: Columns) -> np.ndarray:
    """Some elements, at random."""
    rng = np.random.default_rng(0)
    rows = np.zeros((24, columns.width), np.int32)
    for p in columns.particles:
        share = rng.dirichlet(np.ones(p.dim**2), len(rows))
        rows[:, p.first : p.last] = [rng.multinomial(p.size, x) for x in share]
    for b in columns.bosons:
        rows[:, b.first : b.first + 2] = rng.integers(0, b.cutoff + 1, (len(rows), 2))
    return rows


def _check_populations(columns: Columns) -> None:
    def count(n):
        log = sum(
            gammaln(p.size * n / columns.N + p.dim) - gammaln(p.size * n / columns.N + 1) - gammaln(p.dim)
            for p in columns.particles
        )
        return 400.0 * math.exp(min(log, 600.0)) * math.prod(b.cutoff + 1.0 for b in columns.bosons)

    check_memory("the list of populations", columns.N, count)
