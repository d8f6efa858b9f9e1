"""What a study is about, a model: where its limit, its expansion and its exact numbers come from.

Particles made of bosons that do not interact are another subject, `particles.py`, with the same attributes.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from comparison.ladder import Ladder
from comparison.referee.claim import Claim, derived_claim
from comparison.referee.cumulant_witness import CumulantWitness
from comparison.referee.expansion import DerivedExpansion, derived_expansion
from comparison.referee.fluctuation import Direction, check_gaussian
from comparison.referee.theories import Corrected
from finite_n.model.inputs import read_observables
from finite_n.model.model import Model
from finite_n.model.species import Space
from finite_n.solvers.error_budget import ErrorBudget
from finite_n.solvers.evolve import check_evolution_memory, evolve
from finite_n.solvers.result import Result
from finite_n.solvers.weyl_three_point import weyl_three_point
from finite_n.states.initial_state import as_initial_state
from meanfield import Limit, fluctuation_map
from meanfield.gaussian.limit_functions import symmetric_species

_ASKED = {"labels", "polynomials", "space", "stored_final", "stored_states", "final_amplitudes"}  # not numbers found


class ModelSubject:
    """A model that starts in a state with a limit, with further observables.

    rho0 : the state as it was read; space : of averages and fluctuations
    """

    cost: Callable[[int], float] | None = None  # of a size in any unit; None: asked of the engines

    def __init__(self, model: Model, rho0, e_ops):
        self.model, self.e_ops = model, e_ops
        self.rho0 = as_initial_state(rho0, model)

    @property
    def space(self) -> Space:
        """What averages there are."""
        return self.model.space

    @property
    def power(self) -> float:
        """Of 1/N in expansions: ½ if fluctuations start with a mean value."""
        return 0.5 if np.any(self.rho0.limit()[2]) else 1.0

    def check(self, N: int, times: np.ndarray, options: Mapping) -> None:
        """Refuse what could not be run at N."""
        self.rho0.limit()  # refuses what has no limit
        if options["keep_states"]:  # for fluctuations, and functions of the state
            check_gaussian(self.rho0)
        check_evolution_memory(self.model, N, self.rho0, self.e_ops, tlist=times, **options)

    def means(self, times: np.ndarray) -> np.ndarray:
        """Averages of the limit, (T, n)."""
        return Limit(self.model).evolve(self.rho0, times).means

    def first_moments(self, times: np.ndarray) -> np.ndarray:
        """First moments of fluctuations in the limit, (T, n)."""
        if not np.any(self.rho0.limit()[2]):
            return np.zeros((len(times), self.space.size))
        return Limit(self.model).evolve(self.rho0, times).first_moments

    def derived(self, directions: Sequence[Direction] = ()) -> Claim:
        """The derived limit, with products of Weyl operators by the map of fluctuations."""
        claim, products = derived_claim(self.model, self.rho0, self.e_ops), [d for d in directions if d.between]
        if not products:
            return claim

        def values(times):
            found = fluctuation_map(self.model, self.rho0, times)
            named = (d.product_named(found.three_point(d.product)) for d in products)
            return functools.reduce(dict.__or__, named, claim.values(times))

        return dataclasses.replace(claim, values=values)

    def symmetric(self, times: np.ndarray) -> np.ndarray:
        """Where each of S species is known to be on J = N_s/2, (T, S)."""
        return symmetric_species(self.model, self.rho0, times)

    def product(self, N: int, times: np.ndarray, r: np.ndarray, tol: float, cutoffs) -> tuple[np.ndarray, float]:
        """⟨W(r_1) Φ_t[W(r)] W(r_2)⟩ at N, (T,), and its error."""
        found = weyl_three_point(self.model, N, self.rho0, times, r, tol=tol, cutoffs=cutoffs)
        return found.values, found.error

    def expansion(
        self, times: np.ndarray, quantities: Sequence[str], power: float, claims, directions: Sequence[Direction] = ()
    ) -> DerivedExpansion:
        """How quantities go with N; an expansion that one of the claims has derived is not derived again."""
        own = (self.model, self.rho0, self.e_ops)
        same = [c.values for c in claims if isinstance(c.values, Corrected) and c.values.is_of(*own)]
        known = same[0].expansion if same else None
        arguments = (self.model, self.rho0, times, quantities, self.e_ops, power, known, directions)
        return derived_expansion(*arguments)

    def cumulants(self, times: np.ndarray, quantities: Sequence[str], accuracy: float) -> CumulantWitness:
        """What a cumulant expansion says of the quantities at any N."""
        return CumulantWitness(self.model, self.rho0, self.e_ops, times, quantities, accuracy)

    def climb(self, ladder: Ladder, times: np.ndarray, **options) -> None:
        """Exact results at every size."""
        ladder.evolve(self.model, self.rho0, times, self.e_ops, **options)

    def exact(self, N: int, times: np.ndarray, **options) -> Result:
        """The exact result at one size, as `climb` has it."""
        return evolve(self.model, N, self.rho0, times, self.e_ops, **options)

    def without_states(self, result: Result) -> Result:
        """What a study keeps: states of all sizes would fill the memory."""
        return dataclasses.replace(result, stored_final=[], stored_states=[], final_amplitudes=None)

    def as_data(self, result: Result) -> dict:
        """What a study keeps of a result, as numbers, texts and arrays."""
        data = {f.name: getattr(result, f.name) for f in dataclasses.fields(result) if f.name not in _ASKED}
        return data | {"budget": vars(result.budget)}

    def from_data(self, data: Mapping) -> Result:
        """The result of `as_data`, to the last bit."""
        labels, polynomials = read_observables(self.e_ops, self.model)
        asked = {"labels": labels, "polynomials": polynomials, "space": self.space}
        states = {"stored_final": [], "stored_states": [], "final_amplitudes": None}
        return Result(**data | asked | states | {"budget": ErrorBudget(**data["budget"])})

    def evolved(self) -> list:
        """All that exact results follow from, beside N, times and options."""
        labels, polynomials = read_observables(self.e_ops, self.model)
        return [self.model, self.rho0, labels, polynomials]

    def identity(self) -> dict:
        """All that exact numbers and limits follow from, by name."""
        return {"model": self.model, "initial state": [self.rho0, *self.rho0.limit()]}
