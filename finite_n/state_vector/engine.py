"""The engine on state vectors, by Chebyshev's series, for closed models that start pure: ρ = |ψ⟩⟨ψ| at all times.

Results are those of the density matrix: ⟨m_a m_b⟩ = ⟨m_a ψ|m_b ψ⟩, populations of Fock levels, J = N_s/2.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from finite_n.engine.cutoffs import in_words
from finite_n.engine.leakage import AmplitudeWatch
from finite_n.engine.moments import Readout
from finite_n.engine.protocol import MOMENTS, TIME_DEPENDENCE, Outcome, Question, Refusal
from finite_n.engine.pure_states import is_closed_and_pure
from finite_n.engine.rates import applications, entries_per_row
from finite_n.engine.run import SAFETY, EvolutionOffer, Settings, two_reports
from finite_n.errors import FiniteNError, shown
from finite_n.memory import check_memory
from finite_n.propagation.chebyshev import Chebyshev
from finite_n.propagation.driven_vector import DrivenVector
from finite_n.propagation.propagate import ROUNDING, TAYLOR
from finite_n.propagation.reachability import reachable
from finite_n.state_vector.hamiltonian import ClosedSystem, state_vector_bytes
from finite_n.state_vector.initial_state import amplitudes, lost_amplitude
from finite_n.state_vector.moments import populations, read
from finite_n.state_vector.symmetric_subspace import symmetric_dimension

NAME = "state vector"
_WHOLE = 512  # amplitudes up to which |ψ⟩⟨ψ| is kept too


class StateVector:
    """|ψ⟩ in (symmetric subspaces of the species) ⊗ (modes)."""

    name = NAME
    gives = frozenset([MOMENTS, TIME_DEPENDENCE])

    def offer(self, question: Question) -> StateVectorOffer | Refusal:
        """An offer without jumps, from a pure symmetric start, if it fits into memory."""
        pure = is_closed_and_pure(question.model, question.N, question.start)
        if question.drive is not None and question.model.modes:
            return Refusal(
                FiniteNError("basis = 'state vector' takes no modes where the model depends on time; use basis='auto'.")
            )
        if not pure or question.method not in ("faber", TAYLOR) or not question.wants <= self.gives:
            return Refusal(
                FiniteNError(
                    f"basis = 'state vector', method = {shown(question.method)}: |ψ⟩ is enough without jumps, from a "
                    "pure state that is symmetric within every species, with method='faber' and without keep_states; "
                    "use basis='auto'."
                )
            )
        return StateVectorOffer(question)


@dataclasses.dataclass(frozen=True)
class PureState:
    """|ψ⟩⟨ψ| as results know density matrices: psi in the order of species, then modes, with J = N_s/2."""

    psi: np.ndarray
    species: int

    def in_laboratory(self) -> dict[tuple[int, ...], np.ndarray]:
        """The only block, by the positions of its J."""
        return {(0,) * self.species: np.outer(self.psi, self.psi.conj())}

    def purity(self) -> float:
        """(⟨ψ|ψ⟩)²."""
        return float(np.vdot(self.psi, self.psi).real ** 2)

    def entropy(self) -> float:
        """Zero."""
        return 0.0


class StateVectorOffer(EvolutionOffer):
    """An evolution of |ψ⟩; see `finite_n.engine.protocol.Offer`."""

    amplitudes = True

    def __init__(self, question: Question):
        super().__init__(question)
        self.model, self.N = question.model, question.N
        self.two_levels = all(s.dim == 2 for s in self.model.species)
        levels = self.search.levels
        self.bytes = self._checked(levels)
        self.elements = np.prod([c + 1.0 for c in levels])
        for s, n in zip(self.model.species, self.model.space.sizes(self.N), strict=True):
            self.elements *= symmetric_dimension(n, s.dim)
        self.applications = applications(question, levels, density=False)
        self.note = "amplitudes of |ψ⟩"

    def _weights(self) -> int:
        """Weights of J that are said: of one species of two levels all, else the one that is there."""
        return self.N // 2 + 1 if self.two_levels and len(self.model.space.owners) == 1 else 1

    def _checked(self, levels) -> float:
        """Bytes of the evolution; refused if they do not fit."""
        what = f"the state vector with {in_words(levels)}" if levels else "the state vector"
        weights, asked = self._weights(), self.question.asked

        def cost(n):
            return state_vector_bytes(self.model, self.N, levels, n / self.N, asked, weights)

        check_memory(what, self.N, cost)
        return cost(self.N)

    def attempt(self, levels: tuple[int, ...], tolerance: float, settings: Settings) -> Outcome:
        """Evolve |ψ⟩ with modes cut off at `levels`; with `settings.check` a second time with other steps and a
        tolerance ten times smaller."""
        question, size = self.question, self._checked(levels)
        system = ClosedSystem(self.model, self.N, levels)
        H, start = system.hamiltonian(), amplitudes(question.start, system)
        reached = reachable(H, start)
        if len(reached) < system.size:
            H = H[reached][:, reached]
        parts = [] if question.drive is None else question.drive.parts
        each = [ClosedSystem(x, self.N, levels).hamiltonian()[reached][:, reached] for x in parts]
        readout = Readout(self.model.space, levels, self._weights(), question.observables)
        first, rest = two_reports(question.progress, 0.0, 1.0, settings)
        watch = self._watch(system, start, reached, settings) if levels else None
        # ‖|ψ⟩⟨ψ| − |χ⟩⟨χ|‖₁ ≤ 2 ‖ψ − χ‖
        evolve = _Evolution(question, system, readout, H, start, reached, each)
        values, psi, done = evolve(tolerance / 2, settings.safety, first, watch)
        again = None
        if settings.check:
            again = readout.moments(evolve(tolerance / 20, settings.safety * SAFETY, rest)[0], self.N)
        return Outcome(
            moments=readout.moments(values, self.N),
            again=again,
            basis=NAME,
            elements=len(reached),
            bytes=size,
            note=self._note(system, len(reached)),
            J=self._values_of_j(system),
            final=[PureState(psi, len(system.species))] if self.two_levels and system.size <= _WHOLE else [],
            amplitudes=psi if self.two_levels else None,
            frames={s.name: np.eye(s.dim) for s in self.model.species},
            bound=2 * done.error,
            tail=0.0 if watch is None else watch.error,
            rounding=ROUNDING * done.applications,
            stats={
                "applications": done.applications,
                "steps": len(question.times) - 1,
                "terms": entries_per_row(self.model),
                "arithmetic": "complex, H complex" if np.iscomplexobj(H) else "complex, H real",
                "threads": 1,
                "method": "chebyshev" if question.drive is None else question.method,
            },
        )

    def _watch(self, system: ClosedSystem, start, reached, settings: Settings) -> AmplitudeWatch:
        """What the cutoffs leave out of H, on the amplitudes that are reached."""

        def filled(x):
            psi = np.zeros(system.size, complex)
            psi[reached] = x[:, 0] + 1j * x[:, 1]
            return populations(system, psi)

        lost = lost_amplitude(self.question.start, system.N, system.cutoffs)
        left_out = system.left_out(settings.closed)[:, reached]
        return AmplitudeWatch(left_out, start[reached], lost, settings.stop_at, filled)

    def _values_of_j(self, system: ClosedSystem) -> list[np.ndarray] | None:
        """What the weights belong to."""
        if not self.two_levels:
            return None
        return [n / 2 - np.arange(self._weights()) for n in system.sizes]

    def _note(self, system: ClosedSystem, reached: int) -> str:
        of = "all of them" if reached == system.size else f"{reached} of {system.size}, H leads to no others"
        spins = " × ".join(
            f"1 of {n // 2 + 1}" for s, n in zip(system.species, system.sizes, strict=True) if s.dim == 2
        )
        values = f"; values of J: {spins}" if spins else ""
        levels = f"; {in_words(system.cutoffs)}" if system.cutoffs else ""
        return f"amplitudes of |ψ⟩, {of}: no jumps and a pure start{values}{levels}"


@dataclasses.dataclass(frozen=True)
class _Evolution:
    """|ψ⟩ on the amplitudes that are reached, for the run and its check; each: H_k of a model that depends on time."""

    question: Question
    system: ClosedSystem
    readout: Readout
    H: object
    start: np.ndarray
    reached: np.ndarray
    each: Sequence

    def __call__(
        self, tol: float, safety: float, progress, watch=None
    ) -> tuple[np.ndarray, np.ndarray, Chebyshev | DrivenVector]:
        """Functionals at all times, the final amplitudes, and the series with its number of applications."""
        question, system = self.question, self.system
        drive, wide = question.drive, system.raised(question.degree // 2)
        psi, values, start = np.zeros(system.size, complex), [], self.start[self.reached]
        v = np.stack([start.real, start.imag], axis=1)

        def take(x: np.ndarray) -> None:
            psi[self.reached] = x[:, 0] + 1j * x[:, 1]
            values.append(read(self.readout, system, wide, psi))

        if drive is not None:  # a watch, of cutoffs, is None: modes are for constant models here
            driven = DrivenVector(self.each, drive.course, safety)
            driven.follow(v, question.times, tol, take, progress)
            return np.array(values), psi, driven
        series = Chebyshev(self.H, safety)
        for k, x in enumerate(series.steps(v, question.times, tol, watch)):
            take(x)
            if progress is not None and k:
                progress(k / (len(question.times) - 1))
        return np.array(values), psi, series
