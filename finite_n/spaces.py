"""The space an evolution is done in: whole Dicke blocks, some of them, some of their elements, or symmetrised products.

Chosen so that little is stored, without anyone declaring a symmetry: what the initial state does not reach and what no observable
depends on is left out, blocks evolve one after the other where J is conserved, and where the elements of the second basis are fewer
(classical chains) they are taken. `Plan.note` says what was kept and why.
"""

from __future__ import annotations

import dataclasses
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
from finite_n.reachable import closed_elements, independent, led_to, mirrored, needed, real_form
from finite_n.sparse_problem import SparseProblem
from finite_n.states import ProductState, State

BASES = ("auto", "dicke", "symmetrised")
# a subspace is stored apart if it has at most 1/SHARE of the elements: by then its sparse matrix is the faster
SHARE = 8
LABELS = 64  # of symmetrised products, at most
_TOGETHER = 50_000  # elements of blocks that are evolved in one go


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
) -> Plan:
    """Choose the space. `kept` states are asked for; blocks that together weigh less than `negligible` may be dropped.

    Raises FiniteNError if nothing fits into memory, or if the basis asked for does not suffice.
    """
    if not isinstance(basis, str) or basis not in BASES:
        raise FiniteNError(f"basis = {shown(basis)}: choose one of {', '.join(BASES)}.")
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
        return other if other.elements < dimension(N) else _blocks(model, N, state, polynomials, frame, kept, workers)
    if model.jumps:
        return _blocks(model, N, state, polynomials, frame, kept, workers, complete)
    conserved = _conserved(model, N, state, polynomials, frame, kept, workers, negligible, complete)
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


def _blocks(model, N, state, polynomials, frame, kept, workers, complete=False) -> Plan:
    """All blocks, or the elements among them that matter."""
    check_memory("the initial state", N, lambda n: 48.0 * dimension(n))
    generator, blocks = Generator(model, N, frame), dicke_blocks(N)
    vector = state.vector(blocks, frame)
    piece, note = on_blocks(generator, vector, polynomials, workers, complete)
    if isinstance(piece.problem, BlockProblem):
        check_memory("the evolution", N, lambda n: evolution_bytes(n, kept))
        size = evolution_bytes(N, kept)
    else:
        size = 48.0 * dimension(N) + sparse_bytes(piece.problem.elements, piece.terms)
    return Plan(lambda: iter([piece]), len(blocks.size), piece.problem.elements, size, "Dicke", note)


def with_weight(weight: np.ndarray, negligible: float) -> tuple[np.ndarray, float]:
    """Positions of the blocks to keep, and the weight of the others, together at most `negligible`."""
    order = np.argsort(weight)
    dropped = order[np.cumsum(weight[order]) <= negligible]
    return np.setdiff1d(np.arange(len(weight)), dropped), float(weight[dropped].sum())


def _conserved(model, N, state, polynomials, frame, kept, workers, negligible, complete) -> Plan:
    """J is conserved: the blocks that hold weight, a batch at a time."""
    weight = state.weights(N)
    chosen, lost = with_weight(weight, negligible)
    size = N + 1 - 2 * chosen
    batch = np.cumsum(size.astype(float) ** 2) // _TOGETHER
    batches = [chosen[batch == b] for b in np.unique(batch)]
    elements = float((size.astype(float) ** 2).sum())
    largest = max(((N + 1.0 - 2 * b) ** 2).sum() for b in batches)
    rows = max((N + 1.0 - 2 * b).sum() for b in batches)

    def cost(n):
        x = n / N
        return block_bytes(rows * x, largest * x**2, kept) + elements * x**2 * 24.0 * (1 + kept)

    check_memory("the evolution block by block", N, cost)
    whole = DickeBlocks(N, chosen)
    vector = state.vector(whole, frame)
    at = dict(zip(chosen.tolist(), range(len(chosen)), strict=True))

    def pieces():
        for b in batches:
            blocks = DickeBlocks(N, b)
            part = vector[whole.element_start[at[int(b[0])]] : whole.element_start[at[int(b[-1])] + 1]]
            piece, _ = on_blocks(Generator(model, N, frame, blocks), part, polynomials, workers, complete)
            share = max(float(weight[b].sum()), 1e-3 / len(batches))
            yield dataclasses.replace(piece, columns=b, share=share)

    why = f"; the others weigh {lost:.1e} together" if len(chosen) < len(weight) else ""
    note = f"{len(chosen)} of {len(weight)} blocks, in {len(batches)} batches one after the other: J is conserved{why}"
    if len(batches) == 1:
        note = f"{len(chosen)} of {len(weight)} blocks: J is conserved{why}"
    return Plan(pieces, len(weight), int(elements), float(cost(N)), "Dicke", note, lost)


def on_blocks(generator: Generator, vector: np.ndarray, polynomials, workers: int, complete: bool):
    """A piece on the blocks of a generator, on some of its elements if they are few; and what to say about it."""
    blocks = generator.blocks
    functionals = moment_functionals(polynomials, blocks, generator.frame, generator.model.space)
    columns, terms = np.arange(len(blocks.size)), len(generator.terms)
    whole = f"all {blocks.elements} elements"
    if len(generator.parts) == 1:
        limit = blocks.elements // SHARE
        list_of_terms = generator.parts[0].terms.all()
        seeds = np.flatnonzero(vector)
        forward = closed_elements(list_of_terms, blocks, seeds, True, limit)
        backward = None
        if not complete:
            read = functionals.elements
            seeds = np.concatenate([read, mirrored(read, blocks)])
            backward = closed_elements(list_of_terms, blocks, seeds, False, limit)
        if forward is not None or backward is not None:
            few = forward if backward is None else backward if forward is None else np.intersect1d(forward, backward)
            few = np.union1d(few, mirrored(few, blocks))
            piece = _on_elements(generator, vector, functionals, few, backward is None)
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
    problem = BlockProblem(generator, vector, functionals, workers)
    return Piece(problem, columns, terms, lambda final: (blocks, final), None), whole


def _on_elements(generator: Generator, vector, functionals, few: np.ndarray, complete: bool) -> Piece:
    """A sparse problem on some elements of Dicke blocks."""
    blocks = generator.blocks
    terms = generator.parts[0].terms.all()
    check_memory("the reduced generator", blocks.N, lambda n: sparse_bytes(few.size * n / blocks.N, len(terms)))
    mirror_element = mirrored(few, blocks)
    mirror = np.searchsorted(few, mirror_element)
    upper = np.flatnonzero(few <= mirror_element)
    matrix, embedding = real_form(terms_matrix(terms, blocks, few), mirror, upper)
    start = np.concatenate([vector[few[upper]].real, np.imag(vector[few[upper]])])
    rows = functionals.on(few[upper])
    used = led_to(matrix, start) if complete else needed(matrix, start, rows)
    problem = SparseProblem(matrix[used][:, used], start[used], rows[:, used])
    diagonal = np.isin(few[upper], blocks.diagonal())
    populations = np.flatnonzero(np.concatenate([diagonal, np.zeros_like(diagonal)])[used])

    def state_of(final):
        full, parts = np.zeros(blocks.dim, complex), np.zeros(2 * len(upper))
        parts[used] = final
        full[few] = embedding @ parts
        return blocks, full

    return Piece(problem, np.arange(len(blocks.size)), len(terms), state_of if complete else None, populations)


def products(model: Model, N: int, state: State, polynomials, frame) -> Plan | None:
    """Symmetrised products, if few labels are closed under the generator; None if not, or for other than product states."""
    if not isinstance(state, ProductState) or _mixes_labels(turned := model.rotated(frame)):
        return None
    degree = max([2, *(p.degree for p in polynomials)])
    try:
        labels = symmetrised.closed_labels(turned, N, symmetrised.observable_labels(degree), "backward", LABELS)
    except FiniteNError:  # Δ along several axes
        return None
    if labels is None:
        return None
    density = frame @ state.density @ frame.conj().T
    if abs(density[0, 1]) < 1e-15:
        density = np.diag(np.diag(density))
        reached = symmetrised.closed_labels(turned, N, {(0, 0)}, "forward", LABELS)
        labels = labels if reached is None else labels & reached
    labels = labels | {(b, a) for a, b in labels} | {(0, 0)}
    elements = sum(N + 1 - k - l for k, l in labels)
    check_memory("the evolution on symmetrised products", N, lambda n: sparse_bytes(elements * n / N, 6))

    def pieces():
        space = symmetrised.SymmetrisedSpace(labels, N)
        mirror = symmetrised.conjugate_index(space)
        upper = np.flatnonzero(np.arange(space.size) <= mirror)
        matrix, embedding = real_form(symmetrised.matrix(turned, space), mirror, upper)
        vector = symmetrised.product_vector(density, space)[upper]
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
    return Plan(pieces, 1, elements, sparse_bytes(elements, 6), "symmetrised products", note)


def _mixes_labels(model: Model) -> bool:
    """True if h or a collective jump turns spins, which couples any number of off-diagonal units: no need to try."""
    flips = any(letter != 3 for word in model.hamiltonian.words for letter in word)
    return flips or any(abs(v[0, 1]) + abs(v[1, 0]) > 0 for part in model.collective for v in part.operators)
