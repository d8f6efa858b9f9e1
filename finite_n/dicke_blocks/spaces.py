"""The space an evolution is done in: whole Dicke blocks, some of them, some of their elements, or symmetrised products.

Chosen so that little is stored, without anyone declaring a symmetry: what the initial state does not reach and what no
observable depends on is left out, blocks evolve one after the other where J is conserved, and where the elements of the
second basis are fewer (classical chains) they are taken. `Plan.note` says what was kept and why.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator

import numpy as np

from finite_n.dicke_blocks import initial_state
from finite_n.dicke_blocks.blocks import DickeBlocks, dicke_blocks, dimension
from finite_n.dicke_blocks.liouvillian.block_problem import BlockProblem
from finite_n.dicke_blocks.liouvillian.liouvillian import Generator, terms_matrix
from finite_n.dicke_blocks.moments import moment_count, moment_functionals
from finite_n.engine.footprint import Arithmetic, Asked, some_elements, whole_blocks
from finite_n.errors import FiniteNError, shown
from finite_n.memory import NoMemoryError, check_memory, fits
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.occupations.engine import Prospect
from finite_n.propagation.reachability import (
    SomeElements,
    closed_elements,
    closed_orders,
    led_to,
    mirrored,
    needed,
    real_form,
)
from finite_n.propagation.sparse_problem import SparseProblem
from finite_n.states.initial_state import InitialState
from finite_n.states.particles import State
from finite_n.threads import SMALL

# what is asked for, in any case of letters, and how the engines call it; results say the same words, "Dicke" with its
# capital
BASES = {"auto": "auto", "dicke": "dicke", "symmetrised products": "symmetrised", "state vector": "state vector"}
_SHORT = {"symmetrised": "symmetrised"}
# a subspace is stored apart if it has at most 1/SHARE of the elements: by then its sparse matrix is the faster
SHARE = 8
PLENTY = 10  # times what generous tables take: no need to look closer
_ORDERS = 48  # coherence orders looked at to tell whether those that matter are few
_TOGETHER = 50_000  # elements of blocks that are evolved in one go


def read_basis(basis) -> str:
    """The basis asked for, as the engines call it."""
    known = BASES | _SHORT
    word = basis.lower() if isinstance(basis, str) else None
    if word not in known:
        raise FiniteNError(f"basis = {shown(basis)}: choose one of {', '.join(map(repr, BASES))}.")
    return known[word]


_MOMENTS = Asked()


@dataclasses.dataclass
class Piece:
    """A problem of its own: its block weights' columns, and how a final vector becomes (blocks, vector), if it is
    complete."""

    problem: BlockProblem | SparseProblem
    columns: np.ndarray
    terms: int
    state_of: Callable[[np.ndarray], tuple[DickeBlocks, np.ndarray]] | None
    populations: np.ndarray | None  # variables that are populations, of a sparse problem
    share: float = 1.0  # of the tolerance
    bytes: float = 0.0  # that its evolution takes
    unit: np.ndarray | float = 1.0  # of the populations


@dataclasses.dataclass
class Plan:
    """What an evolution consists of. `weights` is the number of block weights, 1 (the trace) where J is not resolved;
    before them come `moments` functionals, 9 for one species."""

    pieces: Callable[[], Iterator[Piece]]
    weights: int
    elements: int
    bytes: float
    basis: str
    note: str
    discarded: float = 0.0
    moments: int = 9
    shape: tuple[int, ...] = (-1,)  # of the block weights: values of J, per species
    stats: dict = dataclasses.field(default_factory=dict)

    def empty(self, times: int, polynomials: int) -> np.ndarray:
        """Functionals of all pieces, none added yet, shape (times, count)."""
        return np.zeros((times, self.moments + self.weights + 2 * polynomials))

    def add(self, total: np.ndarray, values: np.ndarray, columns: np.ndarray, polynomials: int) -> None:
        """total += the functionals of a piece, whose block weights belong into `columns`."""
        end, m = values.shape[1] - 2 * polynomials, self.moments
        total[:, :m] += values[:, :m]
        total[:, m + columns] += values[:, m:end]
        total[:, m + self.weights :] += values[:, end:]


def plan(
    model: Model,
    N: int,
    state: State,
    polynomials: list[Polynomial],
    frame: np.ndarray,
    basis: str = "auto",
    asked: Asked = _MOMENTS,
    workers: int = 1,
    negligible: float = 0.0,
    dry: bool = False,
) -> Plan | None:
    """Choose the space. `asked` says what takes memory, states kept among it; blocks that together weigh less than
    `negligible` may be dropped.

    `dry`: None in place of a plan that would have to be made, after the checks of memory.

    Raises FiniteNError if nothing fits into memory, or if the basis asked for does not suffice.
    """
    complete = basis == "dicke" or asked.kept > 0
    other = None if complete else products(model, N, single(state, model), polynomials, (), asked)
    if other is not None and (model.jumps or not fits(block_bytes(N + 1, (N + 1) ** 2))):
        few = other.elements < dimension(N)
        return (
            products_plan(other, dry) if few else _blocks(model, N, state, polynomials, frame, asked, workers, dry=dry)
        )
    if model.jumps:
        return _blocks(model, N, state, polynomials, frame, asked, workers, complete, dry)
    conserved = _conserved(model, N, state, polynomials, frame, asked, workers, negligible, complete, dry)
    if dry:
        return None
    return products_plan(other) if other is not None and other.elements < conserved.elements else conserved


def single(state: State, model: Model) -> InitialState:
    """The state of the only species as an initial state."""
    return InitialState({model.species[0].name: state}, model.space)


def block_bytes(rows: float, elements: float) -> float:
    """The least that an evolution on whole blocks takes."""
    return whole_blocks(rows, elements, 1, Arithmetic(1.0, 1, False), Asked(check=False))


def evolution_bytes(N: int, how: Arithmetic, asked: Asked) -> float:
    """Memory of an evolution on all blocks of N particles."""
    return whole_blocks((N / 2 + 1) ** 2, dimension(N), N / 2 + 1, how, asked)


def arithmetic_of(generator: Generator, real: bool) -> Arithmetic:
    """How a generator and a start, real or not, are stored."""
    planes = 1 if generator.is_real and real else 2
    return Arithmetic(len(generator.terms), planes, not generator.is_real, len(generator.parts))


def _blocks(model, N, state, polynomials, frame, asked, workers, complete=False, dry=False) -> Plan | None:
    """All blocks, or the elements among them that matter."""
    plenty = fits(PLENTY * evolution_bytes(N, Arithmetic.generous(), asked))
    whole_fits = True
    if not plenty:
        orders, how = _at_small_n(model, N, state, polynomials, frame, complete)

        def few_bytes(n):
            elements = _count(orders, n) if orders is not None else math.inf
            if SHARE * elements > dimension(n):
                return math.inf
            return some_elements((n / 2 + 1) ** 2, elements, how.terms, n / 2 + 1, asked, how.planes == 1)

        check_memory("the evolution", N, lambda n: min(evolution_bytes(n, how, asked), few_bytes(n)))
        whole_fits = fits(evolution_bytes(N, how, asked))
    if dry:
        return None
    generator, blocks = Generator(model, N, frame), dicke_blocks(N)
    piece, note = on_blocks(generator, Made(state, blocks, frame), polynomials, workers, complete, whole_fits, asked)
    return Plan(lambda: iter([piece]), len(blocks.size), piece.problem.elements, piece.bytes, "Dicke", note)


def _at_small_n(model, N, state, polynomials, frame, complete) -> tuple[np.ndarray | None, Arithmetic]:
    """What does not depend on N, found at a small one: the coherence orders M − M′ that matter, None if they are not
    few or not sought, and how numbers are stored."""
    n = min(N, 2 * (2 + max([2, *(p.degree for p in polynomials)])))
    generator = Generator(model, n, frame)
    how = arithmetic_of(generator, initial_state.is_real(state, frame))
    if len(generator.parts) > 1:
        return None, how
    changes = {t.left_shift - t.right_shift for t in generator.parts[0].terms.all()}
    found = None
    if state.is_diagonal(frame):
        found = closed_orders([0], changes, True, _ORDERS)
    if not complete:
        blocks = generator.blocks
        _, i, k = blocks.locate(moment_functionals(polynomials, blocks, frame).elements)
        read = np.unique(k - i)
        backward = closed_orders([*read.tolist(), *(-read).tolist()], changes, False, _ORDERS)
        found = backward if found is None else np.intersect1d(found, backward)
    if found is None or np.abs(found).max(initial=0) > _ORDERS // 2:
        return None, how
    return found, how


def _count(orders: np.ndarray, N: int) -> float:
    """Elements of the given coherence orders: a block of size s has s − |q| of order q."""
    longest = np.maximum(N + 1.0 - np.abs(orders), 0)
    blocks = np.ceil(longest / 2)
    return float((blocks * longest - blocks * (blocks - 1)).sum())


def with_weight(weight: np.ndarray, negligible: float) -> tuple[np.ndarray, float]:
    """Positions of the blocks to keep, and the weight of the others, together at most `negligible`."""
    order = np.argsort(weight)
    dropped = order[np.cumsum(weight[order]) <= negligible]
    return np.setdiff1d(np.arange(len(weight)), dropped), float(weight[dropped].sum())


def _conserved(model, N, state, polynomials, frame, asked, workers, negligible, complete, dry=False) -> Plan | None:
    """J is conserved: the blocks that hold weight, a batch at a time."""
    what = "the evolution block by block"
    check_memory(what, N, lambda n: 24.0 * initial_state.least_elements(state, n))
    weight = initial_state.weights(state, N) if initial_state.knows_weights(state) or not dry else np.ones(N // 2 + 1)
    chosen, lost = with_weight(weight, negligible)

    how = _at_small_n(model, N, state, [], frame, True)[1]

    def batches_of(some):
        batch = np.cumsum((N + 1.0 - 2 * some) ** 2) // _TOGETHER
        return [some[batch == b] for b in np.unique(batch)]

    def cost_of(some):
        together = batches_of(some)
        elements = float(((N + 1.0 - 2 * some) ** 2).sum())
        largest = max(((N + 1.0 - 2 * b) ** 2).sum() for b in together)
        rows = max((N + 1.0 - 2 * b).sum() for b in together)
        given = 0.0 if initial_state.knows_weights(state) else 16.0  # others are made for all blocks at once

        def cost(n):
            x = n / N
            others = (elements - largest) * 8.0 * how.planes * (1 + asked.kept)
            batch = whole_blocks(rows * x, largest * x**2, len(some) * x, how, asked)
            return batch + x**2 * (others + given * elements)

        return cost

    # a state that is made for all J at once is held for all of them
    cost = cost_of(chosen if initial_state.knows_weights(state) else np.arange(N // 2 + 1))
    check_memory(what, N, cost)
    if dry:
        return None
    batches = batches_of(chosen)
    elements = float(((N + 1.0 - 2 * chosen) ** 2).sum())
    given = None if initial_state.knows_weights(state) else initial_state.vector(state, DickeBlocks(N, chosen), frame)
    begin = np.concatenate([[0], np.cumsum((N + 1 - 2 * chosen) ** 2)])
    at = dict(zip(chosen.tolist(), range(len(chosen)), strict=True))

    def pieces():
        for b in batches:
            blocks = DickeBlocks(N, b)
            start = Made(state, blocks, frame)
            if given is not None:
                start = Given(given[begin[at[int(b[0])]] : begin[at[int(b[-1])] + 1]])
            threads = workers if blocks.dim >= SMALL else 1
            piece, _ = on_blocks(Generator(model, N, frame, blocks), start, polynomials, threads, complete)
            share = max(float(weight[b].sum()), 1e-3 / len(batches))
            yield dataclasses.replace(piece, columns=b, share=share)

    why = f"; the others weigh {lost:.1e} together" if len(chosen) < len(weight) else ""
    note = f"{len(chosen)} of {len(weight)} blocks, in {len(batches)} batches one after the other: J is conserved{why}"
    if len(batches) == 1:
        note = f"{len(chosen)} of {len(weight)} blocks: J is conserved{why}"
    return Plan(pieces, len(weight), int(elements), float(cost(N)), "Dicke", note, lost)


@dataclasses.dataclass(frozen=True)
class Made:
    """A start that is made where it is needed: a state on blocks, in a frame."""

    state: State
    blocks: DickeBlocks
    frame: np.ndarray

    def vector(self) -> np.ndarray:
        """All elements."""
        return initial_state.vector(self.state, self.blocks, self.frame)

    def support(self) -> np.ndarray | None:
        """Elements that are not zero; None if nearly all are."""
        return initial_state.support(self.state, self.blocks, self.frame)

    def on(self, elements: np.ndarray) -> np.ndarray:
        """Some of the elements."""
        return initial_state.elements(self.state, elements, self.blocks, self.frame)


@dataclasses.dataclass(frozen=True)
class Given:
    """A start whose elements are there."""

    elements: np.ndarray

    def vector(self) -> np.ndarray:
        """All elements."""
        return self.elements

    def support(self) -> np.ndarray:
        """Elements that are not zero."""
        return np.flatnonzero(self.elements)

    def on(self, elements: np.ndarray) -> np.ndarray:
        """Some of the elements."""
        return self.elements[elements]


def on_blocks(
    generator: Generator,
    start: Made | Given,
    polynomials,
    workers: int,
    complete: bool,
    whole_fits=True,
    asked=_MOMENTS,
):
    """A piece on the blocks of a generator, on some of its elements if they are few; and what to say about it."""
    blocks = generator.blocks
    functionals = moment_functionals(polynomials, blocks, generator.frame, generator.model.space)
    columns = np.arange(len(blocks.size))
    whole = f"all {blocks.elements} elements"
    if len(generator.parts) == 1:
        terms = generator.parts[0].terms.all()
        limit = blocks.elements // SHARE
        seeds = start.support()
        forward = None if seeds is None else closed_elements(terms, blocks, seeds, True, limit)
        backward = None
        if not complete:
            read = functionals.elements
            seeds = np.concatenate([read, mirrored(read, blocks)])
            backward = closed_elements(terms, blocks, seeds, False, limit)
        if forward is not None or backward is not None:
            few = forward if backward is None else backward if forward is None else np.intersect1d(forward, backward)
            few = np.union1d(few, mirrored(few, blocks))
            size = some_elements(blocks.rows, few.size, len(terms), len(columns), asked, real=True)
            if not whole_fits or fits(size):
                piece = _on_elements(generator, start, functionals, few, backward is None, asked)
                reasons = [
                    text
                    for text, used in (
                        ("the initial state reaches no others", forward is not None),
                        ("the observables depend on no others", backward is not None),
                    )
                    if used
                ]
                kept = f"{piece.problem.elements} real numbers for {len(few)} of {blocks.elements} elements"
                return piece, f"{kept}: {' and '.join(reasons)}"
        whole += f": more than 1/{SHARE} of them matter"
    else:
        whole += ": rates depend on averages along several axes, so no subset is sought"
    problem = BlockProblem(generator, start.vector(), functionals, workers)
    how = dataclasses.replace(arithmetic_of(generator, True), planes=problem.planes)
    padding = 3.0 * blocks.rows * (blocks.elements < blocks.dim)
    size = whole_blocks(blocks.rows, blocks.dim, len(columns), how, asked, padding)
    return Piece(problem, columns, len(generator.terms), lambda final: (blocks, final), None, bytes=size), whole


def _on_elements(
    generator: Generator, start: Made | Given, functionals, few: np.ndarray, complete: bool, asked: Asked
) -> Piece:
    """A sparse problem on some elements of Dicke blocks."""
    blocks = generator.blocks
    terms = generator.parts[0].terms.all()
    mirror_element = mirrored(few, blocks)
    mirror = np.searchsorted(few, mirror_element)
    upper = np.flatnonzero(few <= mirror_element)
    stored, matrix = few[upper], terms_matrix(terms, blocks, few)
    values = start.on(stored)
    real = not (np.iscomplexobj(matrix) or np.any(np.imag(values)))
    matrix, _ = real_form(matrix, mirror, upper, only_real=real)
    values = values.real if real else np.concatenate([values.real, np.imag(values)])
    rows = functionals.on(stored)[:, : len(values)]
    used = led_to(matrix, values) if complete else needed(matrix, values, rows)
    problem = SparseProblem(matrix[used][:, used], values[used], rows[:, used])
    diagonal = np.flatnonzero(np.isin(stored, blocks.diagonal()))
    populations = np.flatnonzero(np.isin(used, diagonal))
    size = len(values)

    def state_of(final):
        parts = np.zeros(size)
        parts[used] = final
        return blocks, SomeElements(stored, parts if real else parts[: size // 2] + 1j * parts[size // 2 :])

    columns = np.arange(len(blocks.size))
    taken = some_elements(blocks.rows, few.size, len(terms), len(columns), asked, real)
    return Piece(problem, columns, len(terms), state_of if complete else None, populations, bytes=taken)


def products(
    model: Model, N: int, state: InitialState, polynomials, cutoffs=(), asked: Asked = _MOMENTS
) -> Prospect | None:
    """Symmetrised products, if elements with few coherences suffice; None if not, or if they cannot hold the model or
    start from the state."""
    try:
        prospect = Prospect(model, N, state, polynomials, cutoffs, asked)
    except NoMemoryError:
        raise
    except FiniteNError:  # Δ that do not commute, a state that is neither a product nor diagonal
        return None
    return None if prospect.labels is None else prospect


def products_plan(prospect: Prospect, dry: bool = False) -> Plan | None:
    """The evolution on symmetrised products; `dry`: None, after the checks of memory."""
    prospect.check()
    if dry:
        return None
    made = prospect.prepare()

    def pieces():
        for part in made.parts():
            yield Piece(part.problem, np.zeros(1, int), part.terms, None, part.populations, part.share, unit=part.unit)

    space, cutoffs = prospect.layout.model.space, [b.cutoff for b in prospect.layout.bosons]
    return Plan(
        pieces,
        1,
        made.elements,
        prospect.bytes,
        "symmetrised products",
        made.note,
        moments=moment_count(space, cutoffs),
        stats={"units": made.units, "variables": made.variables},
    )
