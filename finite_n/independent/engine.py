"""The engine for particles that do not interact: H of degree one, constant rates, no collective jumps, no modes.

Every particle has the master equation of `finite_n.independent.one_particle`, so averages and correlations of two
particles at time t are linear in those at the start, and N is only a number in the moments:

    ⟨m_a m_b⟩ = ⟨v_a v_b⟩/N_s + (1 − 1/N_s)(⟨v_a⟩⟨v_b⟩ + C_ab/N_s)   within a species, ⟨m_a⟩⟨m_b⟩ between species.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable

import numpy as np

from finite_n.engine.footprint import BASE
from finite_n.engine.moments import Moments
from finite_n.engine.protocol import MOMENTS, TIME_DEPENDENCE, Outcome, Question, Refusal
from finite_n.engine.run import SAFETY
from finite_n.errors import FiniteNError
from finite_n.independent.initial_state import Start, start_of
from finite_n.independent.one_particle import again, density, driven_propagators, operators, phase, propagators
from finite_n.independent.products import product_average, work
from finite_n.memory import check_memory
from finite_n.model.operators import hermitian_basis
from finite_n.model.polynomial import Polynomial
from finite_n.propagation.propagate import ROUNDING, TAYLOR

NAME = "independent"
_SHARE, _LEAST = 0.01, 1e-12  # of the tolerance, for the error of a map; the covariance of N particles is that of one
_EXPONENTIAL = 32.0  # ‖G‖ × time × rounding that matrix exponentials lose at most: 26 of them in 300 drawn ones
_LARGEST_WORK = 1e6  # terms of products of averages, some seconds


class Independent:
    """One particle of every species, for any N."""

    name = NAME
    gives = frozenset([MOMENTS, TIME_DEPENDENCE])

    def offer(self, question: Question) -> IndependentOffer | Refusal:
        """An offer where no particle feels another one and what is asked follows from one or two of them."""
        reason = _why_not(question)
        return IndependentOffer(question) if reason is None else Refusal(FiniteNError(f"basis = {NAME!r}: {reason}"))


def _why_not(question: Question) -> str | None:
    """Why the engine does not answer."""
    model = question.model
    if not model.is_linear or model.modes:
        return (
            "particles must not interact, so H has degree one, rates are constant, and there are no collective jumps "
            "and no modes; use basis='auto'."
        )
    if question.method not in ("faber", TAYLOR):
        return "one particle's equation is solved by a matrix exponential; use method='faber' or basis='auto'."
    if sum(work(len(w)) for p in question.observables for w in p.words) > _LARGEST_WORK:
        return "the observables are products of too many averages; use basis='auto'."
    return None


class IndependentOffer:
    """An evolution of one particle of every species; see `finite_n.engine.protocol.Offer`."""

    applications = 1.0

    def __init__(self, question: Question):
        model = self._check_memory(question)
        self.question, self.sizes = question, model.space.sizes(question.N)
        self.starts = [
            start_of(question.start.parts[s.name], n) for s, n in zip(model.species, self.sizes, strict=True)
        ]
        self._check_observables()

    def _check_memory(self, question: Question):
        model, n = question.model, question.model.space.size
        self.elements = float(sum(s.dim**2 for s in model.species))
        steps = 48.0 * len(question.times) * sum(s.dim**4 for s in model.species)
        self.bytes = BASE + steps + 200.0 * len(question.times) * n**2 + question.asked.values(n)
        check_memory("moments at all times", question.N, lambda _: self.bytes)
        plural = "a particle" if len(model.species) == 1 else "a particle of every species"
        self.note = f"averages of {plural}: particles do not interact"
        return model

    def _check_observables(self) -> None:
        """Refuse products of more averages than two of a species that does not start in a product state."""
        model = self.question.model
        for s, start in zip(model.species, self.starts, strict=True):
            longest = max(
                (sum(a.owner == s.name for a in w) for p in self.question.observables for w in p.words), default=0
            )
            if start.correlations is not None and longest > 2:
                raise FiniteNError(
                    f"basis = {NAME!r}: the start {self.question.start.parts[s.name]!r} is no product of one-particle "
                    "states, so products of at most two averages are known; use basis='auto', or a product state."
                )

    def run(self) -> Outcome:
        """Averages at all times; with a check, by another form of the equation too."""
        question, model = self.question, self.question.model
        own = [operators(model, s) for s in model.species]
        evolved = self._evolved(self._maps(propagators, 1.0))
        second = self._evolved(self._maps(again, SAFETY)) if question.check else None
        if question.progress is not None:
            question.progress(1.0)
        span = float(question.times[-1] - question.times[0])
        given = [start.smallest for start in self.starts if start.smallest is not None]
        smallest = min([*given, *(float(np.linalg.eigvalsh(part.density[-1])[0]) for part in evolved)])
        steps, bound = len(question.times) - 1, 0.0
        if question.drive is not None:
            bound = max(_SHARE * question.tol, _LEAST)
        return Outcome(
            moments=self._moments(evolved),
            again=None if second is None else self._moments(second),
            basis=NAME,
            elements=int(self.elements),
            bytes=self.bytes,
            note=self.note,
            covariance=self._covariance(evolved),
            bound=bound,
            covariance_again=None if second is None else self._covariance(second),
            covariance_growth=None if given else 3.0 + max(float(np.abs(p.correlations).max()) for p in evolved),
            rounding=_EXPONENTIAL * ROUNDING * (1.0 + max(phase(H, jumps, span) for H, jumps in own)),
            smallest=smallest if smallest < -ROUNDING else 0.0,
            largest_average=question.largest_average(()),
            stats={
                "applications": steps,
                "steps": steps,
                "terms": 1,
                "arithmetic": "real",
                "threads": 1,
                "method": "matrix exponential" if question.drive is None else question.method,
            },
        )

    def _maps(self, by: Callable, safety: float) -> list[np.ndarray]:
        """Maps of the averages of every species, of a constant model by a given way; `safety`: of steps in time."""
        question = self.question
        times, drive, species = question.times, question.drive, question.model.species
        if drive is None:
            return [by(*operators(question.model, s), times) for s in species]
        parts = [[operators(model, s) for model in drive.parts] for s in species]
        tol = max(_SHARE * question.tol, _LEAST) / (10 if safety > 1 else 1)
        return [driven_propagators(own, drive.course, times, tol, safety) for own in parts]

    def _evolved(self, maps: list[np.ndarray]) -> list[_Evolved]:
        parts = zip(self.starts, maps, self.sizes, strict=True)
        return [_Evolved.of(start, own, size) for start, own, size in parts]

    def _moments(self, parts: list[_Evolved]) -> Moments:
        means = np.concatenate([p.averages for p in parts], axis=1)
        second = np.einsum("ta,tb->tab", means, means).astype(complex)
        for s, p in zip(self.question.model.species, parts, strict=True):
            at = self.question.model.space.part(s)
            second[:, at, at] = p.products / p.size + (1 - 1 / p.size) * (second[:, at, at] + p.correlations / p.size)
        observables = [self._observable(p, parts, means, second) for p in self.question.observables]
        trace = np.prod([p.trace for p in parts], axis=0)[:, None]
        return Moments(means, second, trace, np.array(observables, complex).reshape(-1, len(means)).T, [])

    def _observable(self, p: Polynomial, parts: list[_Evolved], means, second) -> np.ndarray:
        space, total = self.question.model.space, np.zeros(len(means), complex)
        for word, c in p.words.items():
            value = c * np.ones(len(means), complex)
            for owner, letters in itertools.groupby(word, key=lambda a: a.owner):
                at = [space.index[a] for a in letters]
                s = space.species.index(space.owner(owner))
                if len(at) == 1:
                    value = value * means[:, at[0]]
                elif len(at) == 2:
                    value = value * second[:, at[0], at[1]]
                else:
                    first = space.part(space.species[s]).start
                    value = value * product_average([a - first for a in at], parts[s].density, parts[s].size)
            total += value
        return total

    def _covariance(self, parts: list[_Evolved]) -> np.ndarray:
        """Σ = Re⟨v_a v_b⟩ − ⟨v_a⟩⟨v_b⟩ + (1 − 1/N_s) C_ab, without differences of numbers of size N."""
        space = self.question.model.space
        out = np.zeros((len(self.question.times), space.size, space.size))
        for s, p in zip(space.species, parts, strict=True):
            at, m = space.part(s), p.averages
            out[:, at, at] = p.products.real - np.einsum("ta,tb->tab", m, m) + (1 - 1 / p.size) * p.correlations
        return out


@dataclasses.dataclass(frozen=True)
class _Evolved:
    """A species at all times: averages (T, n) of its n = d² − 1 letters, correlations C and products ⟨v_a v_b⟩
    (T, n, n), one-particle states (T, d, d), their trace (T,), number of particles."""

    averages: np.ndarray
    correlations: np.ndarray
    products: np.ndarray
    density: np.ndarray
    trace: np.ndarray
    size: int

    @classmethod
    def of(cls, start: Start, maps: np.ndarray, size: int) -> _Evolved:
        x = maps @ start.averages
        rho = density(x)
        v = hermitian_basis(rho.shape[-1])[1:]
        n = len(v)
        # Tr(v_a v_b ρ) = Σ_ij (v_a)_ij (v_b ρ)_ji
        right = np.einsum("bjk,tki->tijb", v, rho).reshape(len(rho), -1, n)
        products = v.reshape(n, -1) @ right
        own = maps[:, 1:, 1:]
        if start.correlations is None:
            correlations = np.zeros((len(maps), n, n))
        else:
            correlations = own @ start.correlations @ own.swapaxes(1, 2)
        return cls(x[:, 1:], correlations, products, rho, x[:, 0], size)
