"""The evolution of one particle made of bosons: its levels are raised, and the run is checked, as those of modes are.

One particle is a model of modes at N = 1, so the question that is asked is one about that model.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from finite_n.engine import mode_states
from finite_n.engine.cutoffs import in_words
from finite_n.engine.moments import Readout
from finite_n.engine.protocol import MOMENTS, STATES, Question
from finite_n.engine.run import Attempt, LinearOffer, Piece
from finite_n.independent.one_lindbladian import Elements, OneLindbladian, trace_row
from finite_n.independent.shifts import Levels
from finite_n.independent.weyl import Weyl
from finite_n.model.bosonic_particle import BosonicParticle
from finite_n.model.polynomial import Polynomial
from finite_n.propagation.sparse_problem import SparseProblem
from finite_n.states.initial_state import InitialState, as_particle_start
from finite_n.states.mode import Field

NAME = "one particle"
_EMPTY = 1e-18  # of elements of a start
_WHOLE = 700  # levels up to which eigenvalues of ρ are looked at


@dataclasses.dataclass(frozen=True)
class Turned:
    """A start X ρ X† in place of ρ, X = Σ_k c_k exp(i s X_k): `parts`, pairs of c_k and `Weyl`."""

    parts: Sequence[tuple[complex, Weyl]]

    def matrix(self, levels: Levels, filled: Levels, most: int) -> np.ndarray:
        """X from levels `filled` with at most so many quanta to `levels`."""
        return sum(c * w.between(levels, filled, most) for c, w in self.parts)


def question_of(particle: BosonicParticle, rho0, times: np.ndarray, observables: Sequence[Polynomial], **options):
    """The question about one particle, and about the start of its bosons: names to `Field`."""
    start = as_particle_start(rho0, particle)
    wants = frozenset([MOMENTS, STATES])
    return Question(particle.as_model, 1, start, times, tuple(observables), wants=wants, **options)


class OneParticle(LinearOffer):
    """An evolution of one particle made of bosons; see `finite_n.engine.protocol.Offer`. begin: levels of the first
    attempt from a turned start."""

    name = NAME

    def __init__(self, particle: BosonicParticle, question: Question, turned: Turned | None = None, begin=None):
        super().__init__(question)
        self.particle, self.turned = particle, turned
        if turned is not None:  # which levels the start cannot leave is known of number states only
            self.search.highest = [None] * len(particle.bosons)
            self.search.closed = [False] * len(particle.bosons)
            if question.cutoffs is None:
                self.search.levels = begin or self._levels_of_start()

    def problems(self, levels: tuple[int, ...], tolerance: float) -> Attempt:
        """ρ of one particle with levels up to the cutoffs."""
        lindbladian = OneLindbladian(self.particle, levels)
        A, first, elements = lindbladian.restricted(self._start(lindbladian.levels))
        readout = Readout(self.particle.space, levels, 1, self.question.observables)
        rows = self._rows(readout, lindbladian, elements)
        problem = SparseProblem(A, first, sp.csr_array(rows))

        def pieces():
            yield Piece(problem, readout, np.zeros(1, int), lindbladian.terms, lambda x: Density(elements, x))

        held = 8.0 * problem.elements * (6 + len(self.question.times)) + 16.0 * A.nnz
        note = f"{len(elements.pairs)} of {elements.size**2} elements of one particle; {in_words(levels)}"
        return Attempt(readout, pieces, problem.elements, held, note)

    def _start(self, levels: Levels) -> np.ndarray:
        """ρ between the levels; of a start that is turned, made of so many levels that their end does not matter."""
        if self.turned is None:
            return product_of_fields(self.question.start, self.particle, levels)
        filled = filled_levels(self.question.start, self.particle)
        rho = product_of_fields(self.question.start, self.particle, filled)
        weight, diagonal = np.diag(rho).real, not np.any(rho - np.diag(np.diag(rho)))
        used = weight > (_EMPTY if diagonal else _EMPTY**2)  # amplitudes are the roots of populations
        X = self.turned.matrix(levels, filled, int(filled.numbers.sum(axis=1)[used].max()))
        out = (X * weight) @ X.conj().T if diagonal else X @ rho @ X.conj().T
        out = (out + out.conj().T) / 2
        return np.where(np.abs(out) < _EMPTY, 0.0, out)

    def _levels_of_start(self) -> tuple[int, ...]:
        """Cutoffs above which the start that is turned has less than a hundredth of the tolerance."""
        beyond = Levels([c + 8 for c in filled_levels(self.question.start, self.particle).cutoffs])
        weight = np.diag(self._start(beyond)).real
        out = []
        for b, c in enumerate(beyond.cutoffs):
            own = np.bincount(beyond.numbers[:, b], weight, minlength=c + 1)
            above = own[::-1].cumsum()[::-1]
            out.append(max(self.search.levels[b], int(np.count_nonzero(above > 1e-2 * self.question.tol))))
        return tuple(out)

    def _rows(self, readout: Readout, lindbladian: OneLindbladian, elements: Elements) -> np.ndarray:
        levels, modes = lindbladian.levels, lindbladian.modes

        def row(p: Polynomial):
            return trace_row(levels.shifts(p, modes), levels, elements)

        none = (0,) * len(modes)
        filled = [
            trace_row({none: (levels.numbers[:, b] == n).astype(complex)}, levels, elements)
            for b, c in enumerate(levels.cutoffs)
            for n in range(c + 1)
        ]
        rows = readout.arranged(
            averages=map(row, readout.averages),
            products=map(row, readout.products),
            levels=filled,
            weights=[row(Polynomial({(): 1}))],
            observables=map(row, readout.observables),
        )
        return np.array(rows)


@dataclasses.dataclass(frozen=True)
class Density:
    """ρ of one particle at one time."""

    elements: Elements
    state: np.ndarray

    def matrix(self) -> np.ndarray:
        """Shape (D, D)."""
        return self.elements.matrix(self.state)

    def smallest_eigenvalue(self) -> float:
        """Zero if none is negative; of many levels the smallest population."""
        rho = self.matrix()
        if len(rho) > _WHOLE:
            return float(min(np.diag(rho).real.min(), 0.0))
        return float(min(np.linalg.eigvalsh(rho)[0], 0.0))


def filled_levels(start: InitialState, particle: BosonicParticle) -> Levels:
    """Levels above which the start of the bosons is empty."""
    fields = [start.parts[b.name] for b in particle.bosons]
    return Levels([f.cutoff(1, _EMPTY if isinstance(f, Field) and f.amplitude(1) == 0 else _EMPTY**2) for f in fields])


def start_averages(start: InitialState, particle: BosonicParticle, operators: Sequence[Polynomial]) -> np.ndarray:
    """⟨X_a⟩ of one particle at the start, (n,)."""
    levels, modes = filled_levels(start, particle), [b.mode for b in particle.bosons]
    rho = product_of_fields(start, particle, levels)
    return np.array([np.trace(levels.matrix(levels.shifts(p, modes)) @ rho).real for p in operators])


def product_of_fields(start: InitialState, particle: BosonicParticle, levels: Levels) -> np.ndarray:
    """ρ of one particle whose bosons start in `Field`s."""
    out = np.ones((1, 1), complex)
    for b, c in zip(particle.bosons, levels.cutoffs, strict=True):
        out = np.kron(out, mode_states.density(start.parts[b.name], 1, c))
    return out
