"""The engine on energy eigenstates: closed models of two-level particles, whatever the start, all times at once.

H keeps every J, so that ρ_J(t) = e^{−iH_J t} ρ_J e^{iH_J t}, and H_J is diagonalised once. The work, Σ_J (2J+1)³ ~ N⁴/8
for one species and every operator that is read, does not depend on how long the times are.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import scipy.sparse as sp

from finite_n.dicke_blocks import initial_state
from finite_n.dicke_blocks.blocks import DickeBlocks
from finite_n.dicke_blocks.density import DensityBlocks
from finite_n.dicke_blocks.eigenstates.block import EigenBlock
from finite_n.dicke_blocks.eigenstates.footprint import Blocks, eigenstates_bytes
from finite_n.dicke_blocks.eigenstates.frames import real_frames
from finite_n.dicke_blocks.extent import extent, scaled
from finite_n.dicke_blocks.kept import BatchStarts, Kept, blocks_kept, least_elements, positions_among
from finite_n.dicke_blocks.moments import Functionals, operators_of
from finite_n.dicke_blocks.operators import BandOperator, letter_operators
from finite_n.engine.moments import Readout
from finite_n.engine.protocol import AS_OPERATORS, FINAL_STATE, J_WEIGHTS, MOMENTS, STATES, Outcome, Question, Refusal
from finite_n.engine.rates import entries_per_row
from finite_n.engine.run import EvolutionOffer, Settings
from finite_n.errors import FiniteNError, shown
from finite_n.memory import check_memory
from finite_n.model.polynomial import Polynomial
from finite_n.model.rotation import turned_letters

NAME = "energy eigenstates"
# What n³ costs in applications of the Liouvillian to one element: once, for eigenvectors, the turned state and bounds,
# and for each operator. Such an application takes 8 ns with its check run on whole blocks (N = 80) where H has nine
# diagonals, and more in proportion to them. With the ten operators that are always read, real and complex H took 1.5
# and 4 of these for every n³ at N = 80 to 160.
_ONCE, _EACH = {True: 1.0, False: 2.8}, {True: 0.05, False: 0.12}
_DIAGONALS = 9.0


class EnergyEigenstates:
    """Every block ρ_J in the eigenstates of H."""

    name = NAME
    gives = frozenset([MOMENTS, FINAL_STATE, STATES, J_WEIGHTS, AS_OPERATORS])

    def offer(self, question: Question) -> EigenstatesOffer | Refusal:
        """An offer for two-level particles without jumps and modes, if it fits into memory."""
        model = question.model
        two_levels = all(s.dim == 2 for s in model.species)
        if not model.is_closed or model.modes or not two_levels or question.method != "faber":
            return Refusal(
                FiniteNError(
                    f"basis = {NAME!r}, method = {shown(question.method)}: eigenstates of H are enough for two-level "
                    "particles without jumps and modes, with method='faber'; use basis='auto'."
                )
            )
        for s in model.species:
            initial_state.check_known(question.start.parts[s.name])
        return EigenstatesOffer(question)


class EigenstatesOffer(EvolutionOffer):
    """An evolution by eigenstates of H; see `finite_n.engine.protocol.Offer`."""

    def __init__(self, question: Question):
        super().__init__(question)
        self.sizes = question.model.space.sizes(question.N)
        check_memory("the evolution", question.N, lambda n: 16.0 * least_elements(question, self.sizes, n))
        self.frames, self.real = real_frames(question.model, question.start)
        kept = blocks_kept(question, self.sizes, question.trace_tolerance(), listed=False)
        self.elements = kept.extent().elements
        self.bytes = self._checked(kept)
        self.applications = self._equivalent(kept)
        self.note = f"eigenstates of H in Dicke blocks{kept.note()}"

    def _equivalent(self, kept: Kept) -> float:
        """Applications of the Liouvillian that would take as long."""
        cubes = math.prod(
            float(((n + 1.0 - 2 * np.asarray(c)) ** 3).sum()) for n, c in zip(self.sizes, kept.chosen, strict=True)
        )
        operators = Readout(self.question.model.space, observables=self.question.observables).count
        each = _EACH[self.real]
        of_times = each * operators * len(self.question.times)
        slower = max(1.0, entries_per_row(self.question.model) / _DIAGONALS)  # steps in time
        return ((_ONCE[self.real] + each * operators) * cubes / self.elements + of_times) / slower

    def _checked(self, kept: Kept) -> float:
        """Bytes of the evolution; refused if they do not fit."""
        question = self.question
        states = [question.start.parts[s.name] for s in question.model.species]
        made, read = not all(map(initial_state.knows_weights, states)), Readout(question.model.space)
        operators = read.count - 1 + 2 * len(question.observables)
        diagonals = 3 * operators + 4 * sum(p.degree for p in question.observables)  # about
        rows = max(extent(self.sizes, (), kept.of_batch(b)).rows for b in kept.batches)

        def cost(n):
            sizes, chosen = scaled(kept.chosen, self.sizes, n / question.N)
            e = extent(sizes, (), chosen)
            largest = math.prod(x + 1.0 - 2 * float(np.min(c)) for x, c in zip(sizes, chosen, strict=True))
            of = Blocks(largest, rows * n / question.N, e.stored, e.blocks)
            return eigenstates_bytes(of, operators, diagonals, self.real, made, question.asked)

        check_memory("the evolution by eigenstates of H", question.N, cost)
        return cost(question.N)

    def attempt(self, levels: tuple[int, ...], tolerance: float, settings: Settings) -> Outcome:
        """Diagonalise H block by block, and read all times; with `settings.check` read what is wanted of the first and
        of the last state, and of those kept, from their elements as well."""
        question, space = self.question, self.question.model.space
        kept = blocks_kept(question, self.sizes, tolerance)
        reported = kept.reported(len(self.sizes) == 1)
        readout = Readout(space, (), math.prod(map(len, reported)), question.observables)
        values = np.zeros((len(question.times), readout.count))
        second = values.copy() if settings.check else None
        out = Outcome(None, NAME, int(self.elements), self._checked(kept), "", frames=self.frames)
        out.J = [n / 2 - x for n, x in zip(self.sizes, reported, strict=True)]
        out.discarded, done, whole = kept.lost, 0.0, kept.extent()
        starts, smallest, diagonals = BatchStarts(question, self.frames), 0.0, 0
        for batch in kept.batches:
            part = _Batch(self, kept.blocks(batch), question)
            found, again = part.evolved(starts.on(kept, batch, part.blocks).vector(), out)
            at = positions_among(reported, part.blocks)
            readout.add(values, found, part.readout, at)
            if settings.check:
                readout.add(second, again, part.readout, at)
            smallest, diagonals = min(smallest, out.final[-1].smallest_eigenvalue()), max(diagonals, part.diagonals)
            done += part.blocks.elements / whole.elements
            if question.progress is not None:
                question.progress(min(1.0, done))
        out.states = [list(x) for x in zip(*out.states, strict=True)]  # by time, then by part
        out.smallest, out.elements = smallest, int(whole.elements)
        out.note = f"eigenstates of H in all {whole.elements:.0f} elements{kept.note()}"
        out.moments = readout.moments(values, question.N)
        out.again = None if second is None else readout.moments(second, question.N)
        out.stats = {
            "applications": 0,
            "steps": len(question.times) - 1,
            "terms": diagonals,
            "arithmetic": "complex, H real" if self.real else "complex, H complex",
            "threads": 1,
            "method": "diagonalisation",
        }
        return out


class _Batch:
    """Some blocks: H and the operators that are read, on the rows that exist."""

    def __init__(self, offer: EigenstatesOffer, blocks: DickeBlocks, question: Question):
        self.offer, self.blocks, self.question = offer, blocks, question
        space = question.model.space
        self.readout = Readout(space, (), len(blocks.size), question.observables)
        operators = operators_of(self.readout, blocks, offer.frames)
        self.functionals = Functionals(operators, blocks)
        h = question.model.hamiltonian.substitute(turned_letters(space, offer.frames))
        H = blocks.N * _evaluated(h, letter_operators(space, blocks), blocks)
        self.diagonals = len(H.diagonals)
        self.rows = np.concatenate([[0], np.cumsum(np.bincount(blocks.row_block, blocks.exists).astype(int))])
        self.hamiltonian = _stacked([_entries(H, blocks)], self.rows)
        whole = {i: _entries(o, blocks) for i, o in enumerate(operators) if not isinstance(o, range)}
        parts = [{i: (r, c, part(x)) for i, (r, c, x) in whole.items() if part(x).any()} for part in (np.real, np.imag)]
        self.operators = [(list(x), _stacked(list(x.values()), self.rows)) for x in parts]  # real, then imaginary ones

    def evolved(self, start: np.ndarray, out: Outcome) -> tuple[np.ndarray, np.ndarray]:
        """Functionals at all times, shape (T, count), and the same with those of states that are made read from their
        elements; states, errors and rounding go to `out`."""
        blocks, question = self.blocks, self.question
        span = question.times - question.times[0]
        values = np.zeros((len(span), self.readout.count))
        wanted = range(len(span)) if question.asked.kept else [len(span) - 1]
        made = {k: np.zeros(blocks.dim, complex) for k in wanted}
        matrices = {k: blocks.matrices(vector) for k, vector in made.items()}
        for b, density in enumerate(blocks.existing(start)):
            block = EigenBlock(self.hamiltonian(b), density, span)
            values[:, self.readout["weights"].start + b] = block.weights()
            for imaginary, (indices, operators) in enumerate(self.operators):
                values[:, indices] += block.expectations(operators(b), bool(imaginary))
            there = np.flatnonzero(blocks.block_exists(b))
            for k, of_blocks in matrices.items():
                of_blocks[b][np.ix_(there, there)] = block.state(k)
            out.bound, out.rounding = out.bound + block.error, out.rounding + block.rounding
        again = values.copy()
        again[0] = self.functionals(start)
        for k, vector in made.items():
            again[k] = self.functionals(vector)
        states = {k: DensityBlocks(blocks, x, self.offer.frames, question.model.space) for k, x in made.items()}
        out.final.append(states[len(span) - 1])
        out.states.append([states[k] for k in wanted] if question.asked.kept else [])
        return values, again


def _evaluated(h: Polynomial, letters: dict, blocks: DickeBlocks) -> BandOperator:
    """h without its constant, which moves nothing. Words in alphabetical order, so that products of their first letters
    are made once."""
    total, made = BandOperator({}), [BandOperator({0: blocks.exists.astype(float)})]
    last: tuple = ()
    for word in sorted(w for w in h.words if w):
        same = next((i for i, (a, b) in enumerate(zip(word, last, strict=False)) if a != b), min(len(word), len(last)))
        del made[same + 1 :]
        for letter in word[same:]:
            made.append(made[-1] * letters[letter])
        total, last = total + h.words[word] * made[-1], word
    return total


def _entries(operator: BandOperator, blocks: DickeBlocks) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, columns and values of an operator on the rows that exist, of all blocks."""
    place = np.cumsum(blocks.exists) - 1
    found = [(c.nonzero()[0], a, c) for a, c in operator.diagonals.items()]
    empty = np.zeros(0, int)
    rows, columns = [empty, *(place[x - a] for x, a, _ in found)], [empty, *(place[x] for x, _, _ in found)]
    return np.concatenate(rows), np.concatenate(columns), np.concatenate([np.zeros(0), *(c[x] for x, _, c in found)])


def _stacked(operators: list[tuple], rows: np.ndarray) -> Callable[[int], sp.csr_array]:
    """From a block to its parts of K operators one below the other, shape (K n, n); `rows`: where blocks begin."""
    count, sizes = len(operators), np.diff(rows)
    block = np.repeat(np.arange(len(sizes)), sizes)
    below = [count * rows[b := block[r]] + k * sizes[b] + r - rows[b] for k, (r, _, _) in enumerate(operators)]
    empty = np.zeros(0, int)
    index = np.concatenate([empty, *below]), np.concatenate([empty, *(c - rows[block[c]] for _, c, _ in operators)])
    values = np.concatenate([np.zeros(0), *(x for _, _, x in operators)])
    values = values if np.any(values.imag) else values.real.copy()
    every = sp.coo_array((values, index), shape=(count * int(rows[-1]), int(sizes.max()))).tocsr()

    def on_block(b: int) -> sp.csr_array:
        first, last = count * rows[b], count * rows[b + 1]
        begin, end = every.indptr[first], every.indptr[last]
        parts = every.data[begin:end], every.indices[begin:end], every.indptr[first : last + 1] - begin
        return sp.csr_array(parts, shape=(count * int(sizes[b]), int(sizes[b])))

    return on_block
