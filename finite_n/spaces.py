"""The space an evolution is done in: whole Dicke blocks, some of them, some of their elements, or symmetrised products.

Chosen so that little is stored, without anyone declaring a symmetry: what the initial state does not reach and what no observable
depends on is left out, blocks evolve one after the other where J is conserved, and where the elements of the second basis are fewer
(classical chains) they are taken. `Plan.note` says what was kept and why.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator

import numpy as np
import scipy.sparse as sp

from finite_n import symmetrised
from finite_n.algebra import Polynomial
from finite_n.block_problem import BlockProblem
from finite_n.blocks import DickeBlocks, dicke_blocks, dimension
from finite_n.errors import FiniteNError, shown
from finite_n.functionals import moment_functionals
from finite_n.generator import Generator, terms_matrix
from finite_n.memory import check_memory, fits
from finite_n.model import Model
from finite_n.reachable import (
    SomeElements,
    closed_elements,
    closed_orders,
    independent,
    led_to,
    mirrored,
    needed,
    real_form,
)
from finite_n.sparse_problem import SparseProblem
from finite_n.states import DickeState, ProductState, State

# what is asked for, in any case of letters, and how the engines call it; results say the same words, "Dicke" with its capital
BASES = {"auto": "auto", "dicke": "dicke", "symmetrised products": "symmetrised", "state vector": "state vector"}
_SHORT = {"symmetrised": "symmetrised"}
# a subspace is stored apart if it has at most 1/SHARE of the elements: by then its sparse matrix is the faster
SHARE = 8
LABELS = 64  # of symmetrised products, at most
_EXCHANGES = 4  # of up and down, at most, where a start in |J, M⟩ is written in products: sums there alternate
_ORDERS = 48  # coherence orders looked at to tell whether those that matter are few
_TOGETHER = 50_000  # elements of blocks that are evolved in one go


def read_basis(basis) -> str:
    """The basis asked for, as the engines call it."""
    known = BASES | _SHORT
    word = basis.lower() if isinstance(basis, str) else None
    if word not in known:
        raise FiniteNError(f"basis = {shown(basis)}: choose one of {', '.join(map(repr, BASES))}.")
    return known[word]


class NoFewLabels(FiniteNError):
    """Symmetrised products do not close on few labels."""


@dataclasses.dataclass
class Piece:
    """A problem of its own: its block weights' columns, and how a final vector becomes (blocks, vector), if it is complete."""

    problem: BlockProblem | SparseProblem
    columns: np.ndarray
    terms: int
    state_of: Callable[[np.ndarray], tuple[DickeBlocks, np.ndarray]] | None
    populations: np.ndarray | None  # variables that are populations, of a sparse problem
    share: float = 1.0  # of the tolerance
    unit: np.ndarray | float = 1.0  # of the populations


@dataclasses.dataclass
class Plan:
    """What an evolution consists of. `weights` is the number of block weights, 1 (the trace) where J is not resolved; before them
    come `moments` functionals, 9 for one species."""

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
    kept: int = 0,
    workers: int = 1,
    negligible: float = 0.0,
    dry: bool = False,
) -> Plan | None:
    """Choose the space. `kept` states are asked for; blocks that together weigh less than `negligible` may be dropped.

    `dry`: None in place of a plan that would have to be made, after the checks of memory.

    Raises FiniteNError if nothing fits into memory, or if the basis asked for does not suffice.
    """
    if basis == "symmetrised" and kept:
        raise FiniteNError("basis = 'symmetrised' keeps no states; use basis='dicke' with keep_states=True.")
    complete = basis == "dicke" or kept > 0
    other = None if complete else products(model, N, state, polynomials, frame)
    if basis == "symmetrised":
        if other is None:
            raise NoFewLabels(
                f"basis = 'symmetrised': more than {LABELS} pairs (n_ud, n_du) would be needed, or a state that is no product; "
                "use basis='auto'."
            )
        return other
    if other is not None and (model.jumps or not fits(block_bytes(N + 1, (N + 1) ** 2))):
        few = other.elements < dimension(N)
        return other if few else _blocks(model, N, state, polynomials, frame, kept, workers, dry=dry)
    if model.jumps:
        return _blocks(model, N, state, polynomials, frame, kept, workers, complete, dry)
    conserved = _conserved(model, N, state, polynomials, frame, kept, workers, negligible, complete, dry)
    if dry:
        return None
    return other if other is not None and other.elements < conserved.elements else conserved


def block_bytes(rows: float, elements: float, kept: int = 0) -> float:
    """Memory of an evolution on whole blocks: stored states, full vectors in and out, `kept` more, tables of some fifty terms."""
    return elements * (4 * 9.0 + 4.5 * 16.0 + kept * 16.0) + 15000.0 * rows + 1.5e6


def evolution_bytes(N: int, kept: int = 0) -> float:
    """`block_bytes` for all blocks of N particles."""
    return block_bytes((N / 2 + 1) ** 2, dimension(N), kept)


def sparse_bytes(elements: float, terms: float) -> float:
    """Memory of an evolution on a sparse matrix with so many entries per row."""
    return elements * (200.0 + 120.0 * terms) + 3e6


def reduced_bytes(rows: float, elements: float, terms: float) -> float:
    """Memory of an evolution on some elements of Dicke blocks: tables over the rows, and the sparse problem."""
    return 250.0 * rows + sparse_bytes(elements, terms)


def _blocks(model, N, state, polynomials, frame, kept, workers, complete=False, dry=False) -> Plan | None:
    """All blocks, or the elements among them that matter."""
    orders = _orders(model, N, state, polynomials, frame, complete)
    terms = 10.0  # entries per row

    def few_bytes(n):
        elements = _count(orders, n) if orders is not None else math.inf
        return reduced_bytes((n / 2 + 1) ** 2, elements, terms) if SHARE * elements <= dimension(n) else math.inf

    check_memory("the evolution", N, lambda n: min(evolution_bytes(n, kept), few_bytes(n)))
    if dry:
        return None
    whole_fits = fits(evolution_bytes(N, kept))
    generator, blocks = Generator(model, N, frame), dicke_blocks(N)
    piece, note = on_blocks(generator, Made(state, blocks, frame), polynomials, workers, complete, whole_fits)
    if isinstance(piece.problem, BlockProblem):
        check_memory("the evolution", N, lambda n: evolution_bytes(n, kept))
        size = evolution_bytes(N, kept)
    else:
        size = reduced_bytes(blocks.rows, piece.problem.elements, piece.terms)
    return Plan(lambda: iter([piece]), len(blocks.size), piece.problem.elements, size, "Dicke", note)


def _orders(model, N, state, polynomials, frame, complete) -> np.ndarray | None:
    """Coherence orders M − M′ that matter at every N, found at a small one; None if they are not few, or not sought."""
    n = min(N, 2 * (2 + max([2, *(p.degree for p in polynomials)])))
    generator = Generator(model, n, frame)
    if len(generator.parts) > 1:
        return None
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
        return None
    return found


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


def knows_weights(state: State) -> bool:
    """Whether the weights of J, and single blocks, are made without all blocks."""
    return isinstance(state, ProductState | DickeState)


def least_elements(state: State, N: int) -> float:
    """Elements that blocks of conserved J hold at least, told without a list of the weights of J."""
    if isinstance(state, DickeState):
        return (N + 1.0 - 2 * state.position(N)[0]) ** 2
    if isinstance(state, ProductState):
        # half of the weight is at 2J ≥ N|m|, spread over √(N(1 − m²))
        m = min(float(np.linalg.norm(state.bloch)), 1.0)
        spread = math.sqrt(N * (1 - m**2))
        return max(1.0, spread / 2) * max(1.0, N * m + spread / 2) ** 2
    return dimension(N)  # they are made for all J


def _conserved(model, N, state, polynomials, frame, kept, workers, negligible, complete, dry=False) -> Plan | None:
    """J is conserved: the blocks that hold weight, a batch at a time."""
    what = "the evolution block by block"
    check_memory(what, N, lambda n: 24.0 * least_elements(state, n))
    weight = state.weights(N) if knows_weights(state) or not dry else np.ones(N // 2 + 1)
    chosen, lost = with_weight(weight, negligible)

    def batches_of(some):
        batch = np.cumsum((N + 1.0 - 2 * some) ** 2) // _TOGETHER
        return [some[batch == b] for b in np.unique(batch)]

    def cost_of(some):
        together = batches_of(some)
        elements = float(((N + 1.0 - 2 * some) ** 2).sum())
        largest = max(((N + 1.0 - 2 * b) ** 2).sum() for b in together)
        rows = max((N + 1.0 - 2 * b).sum() for b in together)
        given = 0.0 if knows_weights(state) else 16.0  # others are made for all blocks at once

        def cost(n):
            x = n / N
            return block_bytes(rows * x, largest * x**2, kept) + elements * x**2 * (given + 16.0 * (1 + kept))

        return cost

    # a state that is made for all J at once is held for all of them
    cost = cost_of(chosen if knows_weights(state) else np.arange(N // 2 + 1))
    check_memory(what, N, cost)
    if dry:
        return None
    batches = batches_of(chosen)
    elements = float(((N + 1.0 - 2 * chosen) ** 2).sum())
    given = None if knows_weights(state) else state.vector(DickeBlocks(N, chosen), frame)
    begin = np.concatenate([[0], np.cumsum((N + 1 - 2 * chosen) ** 2)])
    at = dict(zip(chosen.tolist(), range(len(chosen)), strict=True))

    def pieces():
        for b in batches:
            blocks = DickeBlocks(N, b)
            start = Made(state, blocks, frame)
            if given is not None:
                start = Given(given[begin[at[int(b[0])]] : begin[at[int(b[-1])] + 1]])
            piece, _ = on_blocks(Generator(model, N, frame, blocks), start, polynomials, workers, complete)
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
        return self.state.vector(self.blocks, self.frame)

    def support(self) -> np.ndarray | None:
        """Elements that are not zero; None if nearly all are."""
        return self.state.support(self.blocks, self.frame)

    def on(self, elements: np.ndarray) -> np.ndarray:
        """Some of the elements."""
        return self.state.on(elements, self.blocks, self.frame)


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


def on_blocks(generator: Generator, start: Made | Given, polynomials, workers: int, complete: bool, whole_fits=True):
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
            if not whole_fits or fits(reduced_bytes(blocks.rows, few.size, len(terms))):
                piece = _on_elements(generator, start, functionals, few, backward is None)
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
    return Piece(problem, columns, len(generator.terms), lambda final: (blocks, final), None), whole


def _on_elements(generator: Generator, start: Made | Given, functionals, few: np.ndarray, complete: bool) -> Piece:
    """A sparse problem on some elements of Dicke blocks."""
    blocks = generator.blocks
    terms = generator.parts[0].terms.all()
    check_memory("the reduced generator", blocks.N, lambda n: sparse_bytes(few.size * n / blocks.N, len(terms)))
    mirror_element = mirrored(few, blocks)
    mirror = np.searchsorted(few, mirror_element)
    upper = np.flatnonzero(few <= mirror_element)
    matrix, _ = real_form(terms_matrix(terms, blocks, few), mirror, upper)
    values = start.on(few[upper])
    values = np.concatenate([values.real, np.imag(values)])
    rows = functionals.on(few[upper])
    used = led_to(matrix, values) if complete else needed(matrix, values, rows)
    problem = SparseProblem(matrix[used][:, used], values[used], rows[:, used])
    diagonal = np.isin(few[upper], blocks.diagonal())
    populations = np.flatnonzero(np.concatenate([diagonal, np.zeros_like(diagonal)])[used])
    stored = few[upper]

    def state_of(final):
        parts = np.zeros(2 * len(upper))
        parts[used] = final
        x = parts[: len(upper)] + 1j * parts[len(upper) :] if parts[len(upper) :].any() else parts[: len(upper)]
        return blocks, SomeElements(stored, x)

    return Piece(problem, np.arange(len(blocks.size)), len(terms), state_of if complete else None, populations)


def products(model: Model, N: int, state: State, polynomials, frame) -> Plan | None:
    """Symmetrised products, if few labels are closed under the generator; None if not, or for a state that is neither a product nor
    diagonal in |J, M⟩."""
    if not (isinstance(state, ProductState) or state.is_diagonal(frame)) or _mixes_labels(
        turned := model.rotated(frame)
    ):
        return None
    degree = max([2, *(p.degree for p in polynomials)])
    try:
        labels = symmetrised.closed_labels(turned, N, symmetrised.observable_labels(degree), "backward", LABELS)
    except FiniteNError:  # Δ along several axes
        return None
    if labels is None:
        return None
    rows = 0.0
    if not isinstance(state, ProductState):
        if max(min(label) for label in labels) > _EXCHANGES:
            return None
        rows = 0.0 if isinstance(state, DickeState) else 1.0
    elif state.is_diagonal(frame):
        reached = symmetrised.closed_labels(turned, N, {(0, 0)}, "forward", LABELS)
        labels = labels if reached is None else labels & reached
    labels = labels | {(b, a) for a, b in labels} | {(0, 0)}
    elements = sum(N + 1 - k - l for k, l in labels)

    def cost(n):
        return sparse_bytes(elements * n / N, 6) + rows * 150.0 * (n / 2 + 1) ** 2

    check_memory("the evolution on symmetrised products", N, cost)

    def initial(space):
        if not isinstance(state, ProductState):
            return symmetrised.diagonal_vector(state.populations(N, frame), space)
        density = frame @ state.density @ frame.conj().T
        return symmetrised.product_vector(np.diag(np.diag(density)) if state.is_diagonal(frame) else density, space)

    def pieces():
        space = symmetrised.SymmetrisedSpace(labels, N)
        mirror = symmetrised.conjugate_index(space)
        upper = np.flatnonzero(np.arange(space.size) <= mirror)
        matrix, embedding = real_form(symmetrised.matrix(turned, space), mirror, upper)
        vector = initial(space)[upper]
        start = np.concatenate([vector.real, np.imag(vector)])
        read = symmetrised.moment_rows(polynomials, space, frame) @ embedding
        pairs = [part for row in range(10, read.shape[0]) for part in (read[[row]].real, read[[row]].imag)]
        functionals = sp.vstack([read[:10].real, *pairs], format="csr")
        used = needed(matrix, start, functionals)
        off = space.occupations[upper, 1] + space.occupations[upper, 2]
        population = np.concatenate([off == 0, np.zeros(len(upper), dtype=bool)])
        parts = independent(matrix[used][:, used])
        for part in parts:
            some = used[part]
            rows = functionals[:, some]
            # variables in units in which the largest functional is 1, so that errors mean the same in every part
            scale = 1.0 if population[some].any() else max(abs(rows).max(), 1e-300)
            problem = SparseProblem(matrix[some][:, some], start[some] * scale, rows / scale)
            yield Piece(problem, np.zeros(1, int), 6, None, np.flatnonzero(population[some]), 1 / len(parts))

    note = (
        f"{elements} symmetrised products, {len(labels)} pairs (n_ud, n_du), in place of {dimension(N)} elements: "
        "the observables depend on no others"
    )
    return Plan(pieces, 1, elements, float(cost(N)), "symmetrised products", note)


def _mixes_labels(model: Model) -> bool:
    """True if h or a collective jump turns spins, which couples any number of off-diagonal units: no need to try."""
    flips = any(letter != 3 for word in model.hamiltonian.words for letter in word)
    return flips or any(abs(v[0, 1]) + abs(v[1, 0]) > 0 for part in model.collective for v in part.operators)
