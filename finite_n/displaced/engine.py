"""The engine of energy-conserving models: commuting operators of spins, bosons that are driven by them linearly.

Spins keep their levels, so that modes are displaced by constant forces, and every average is a product over particles
(`finite_n.displaced.closed_form`) or, where phases are not linear in the numbers of particles, a sum over these numbers
(`finite_n.displaced.configurations`). No time steps, no Fock levels; modes may lose bosons and coherences may decay.
Source: Merkli and Rafiyi 2018, §2.2, at finite N.
"""

from __future__ import annotations

import math

import numpy as np

from finite_n.displaced.closed_form import ClosedForm
from finite_n.displaced.commuting_model import CommutingModel
from finite_n.displaced.configurations import Configurations, count
from finite_n.displaced.moments import Reader, joined
from finite_n.displaced.recognised import recognised
from finite_n.displaced.words import terms
from finite_n.engine.footprint import BASE
from finite_n.engine.moments import Moments
from finite_n.engine.protocol import MOMENTS, Outcome, Question, Refusal
from finite_n.errors import FiniteNError, shown
from finite_n.memory import USABLE, available, check_memory, fits

NAME = "displaced"
_AT_ONCE = 5e5  # numbers of configurations × times × modes that are held at once
_LONGEST = 3e6  # products of matrix elements of observables
_MOST = 2e7  # configurations that are summed over
_CHECKED = 3e5  # configurations × times × modes up to which closed forms are checked by a sum
_WIDER = 14.0  # standard deviations, of the check of a sum
_COPIES = 6  # of second moments: their parts, both runs, covariances


class Displaced:
    """Sectors between kets and bras in the levels of the particles."""

    name = NAME
    gives = frozenset([MOMENTS])

    def offer(self, question: Question) -> DisplacedOffer | Refusal:
        """An offer for models whose operators of spins commute, from product states, if it fits into memory."""
        if question.method != "faber" or question.cutoffs is not None:
            return Refusal(
                FiniteNError(
                    f"basis = 'displaced', method = {shown(question.method)}, cutoffs = {shown(question.cutoffs)}: "
                    "closed forms take no time steps and no Fock levels; leave both out, or use basis='auto'."
                )
            )
        try:
            model = recognised(question.model, question.N, question.start)
        except FiniteNError as error:
            return Refusal(error)
        if not model.is_linear and count(model) > _MOST:
            return Refusal(
                FiniteNError(
                    f"basis = 'displaced': {count(model):.1e} configurations of N = {question.N} particles; at most "
                    f"{_MOST:.0e} are summed over, so lower N, or let h be quadratic in averages and linear in modes."
                )
            )
        long = sum(terms(word) for p in question.observables for word in p.words)
        if long > _LONGEST:
            return Refusal(
                FiniteNError(
                    f"basis = 'displaced': the observables are {long:.1e} products of matrix elements, and at most "
                    f"{_LONGEST:.0e} are taken; ask for products of fewer averages, or use basis='auto'."
                )
            )
        return DisplacedOffer(question, model)


class DisplacedOffer:
    """An evolution in closed form; see `finite_n.engine.protocol.Offer`."""

    def __init__(self, question: Question, model: CommutingModel):
        self.question, self.model = question, model
        self.closed_form = model.is_linear
        self.modes = len(model.modes)
        configurations = 1.0 if model.is_linear else count(model)
        touched = sum(d**2 for d in model.dims)  # ways in which one particle can differ between ket and bra
        self.elements = touched * (touched + 1) / 2 + touched * 2.0 * self.modes
        self.applications = configurations
        n = len(model.letters) + 2 * self.modes
        times = len(question.times)

        def cost(_):
            held = _COPIES * 16.0 * times * n**2 + 200.0 * times * (n + touched) * max(model.dims)
            held += 50.0 * times * touched**2
            one_time = count(model) * (self.modes + 1)
            at_once = min(one_time * times, max(_AT_ONCE, one_time))
            summed = 300.0 * at_once if self._is_checked() else 0.0
            return BASE + 8 * self.elements + question.asked.values(n**2) + held + summed

        self.bytes = cost(question.N)
        if model.is_linear and not fits(self.bytes):  # no smaller N would help
            raise FiniteNError(
                f"evolution at N = {shown(question.N)}: second moments of {n} averages at {times} times need "
                f"{self.bytes / 2**30:.3g} GiB, and {USABLE * available() / 2**30:.3g} GiB may be used here; ask for "
                "fewer times."
            )
        check_memory("the sum over configurations", question.N, cost)
        self.note = "contributions of what an observable touches"

    def run(self) -> Outcome:
        """All averages at all times, and again by a sum over configurations where there are few enough."""
        question, model = self.question, self.model
        linear = model.is_linear
        moments, phase = self._closed() if linear else self._summed()
        again, said = None, "; no second sum: too many configurations" if question.check else ""
        checked = question.check and self._is_checked()
        if question.progress is not None and checked:
            question.progress(0.5)
        if checked:
            again, _ = self._summed() if linear else self._summed(_WIDER)
            said = "; checked by a sum over configurations"
        if question.progress is not None:
            question.progress(1.0)
        first = len(model.letters)
        squares = np.einsum("tii->ti", moments.second_moments).real[:, first:]
        largest = 1.0 if all(d == 2 for d in model.dims) else math.sqrt(2.0)
        how = "products over particles" if linear else f"a sum over {count(model):.0f} configurations at most"
        return Outcome(
            moments=moments,
            again=again,
            basis=NAME,
            elements=int(self.elements),
            bytes=self.bytes,
            note=f"{self.note}, in closed form: {how}{said}",
            frames={s.name: np.eye(s.dim) for s in question.model.species},
            rounding=float(np.finfo(float).eps * (8.0 + phase)),
            largest_average=max(largest, math.sqrt(squares.max(initial=0.0))),
            stats={
                "applications": 0,
                "steps": 0,
                "terms": len(question.model.hamiltonian.words),
                "arithmetic": "complex",
                "threads": 1,
                "method": "closed form",
            },
        )

    def _is_checked(self) -> bool:
        return count(self.model) * len(self.question.times) * (self.modes + 1) <= _CHECKED or not self.model.is_linear

    def _closed(self) -> tuple[Moments, float]:
        sectors = ClosedForm(self.model, self._times())
        return Reader(sectors).moments(self._observables()), sectors.phase

    def _summed(self, *widths: float) -> tuple[Moments, float]:
        """By parts of the times, since configurations take memory."""
        times, parts, phase = self._times(), [], 0.0
        at_once = max(1, int(_AT_ONCE / (count(self.model) * (self.modes + 1))))
        for k in range(0, len(times), at_once):
            sectors = Configurations(self.model, times[k : k + at_once], *widths)
            parts.append(Reader(sectors).moments(self._observables()))
            phase = max(phase, sectors.phase)
        return joined(parts), phase

    def _times(self) -> np.ndarray:
        return self.question.times - self.question.times[0]

    def _observables(self):
        shares = {s.name: s.fraction for s in self.question.model.species}
        return tuple(p.with_shares(shares) for p in self.question.observables)
