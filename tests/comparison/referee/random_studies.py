"""Random studies, seeded: families of (model, initial state, times) on which the referee is measured.

    case("steep rates", 3).model

Every family of FAMILIES is of one kind of physics; together they hold what makes ladders of sizes hard to judge: rates
that change within the range of the fluctuations, starts near unstable points, nearly critical and slow relaxation.
Times go up to one to five relaxation times. Seeds below 10000 are those that measure the referee; whoever chooses its
constants looks at others only.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from finite_n import Model
from finite_n.states.initial_state import as_initial_state
from meanfield import Limit
from tests.comparison.referee.random_species_and_modes import OTHERS
from tests.comparison.referee.random_spins import SPINS

# times in units of the inverse of the fastest rate of the limit, so that a study takes seconds
_LONGEST = {"slow modes": 60.0, "stiff rates": 60.0, "closed Dicke from its pole": 6.0}
_LONGEST |= dict.fromkeys(("open Dicke", "displaced field", "field of order one"), 5.0)
_LONGEST_OTHERS = 8.0
_STILL = 0.02  # of the fastest rate: real parts of eigenvalues below count as none


@dataclasses.dataclass(frozen=True)
class Case:
    """One random study.

    model, rho0, times : as for `comparison.Study`
    family, seed : where it comes from
    """

    model: Model
    rho0: object
    times: np.ndarray
    family: str = ""
    seed: int = -1

    def __str__(self):
        return f"{self.family}, seed {self.seed}"


def case(family: str, seed: int) -> Case:
    """The study of that family and seed."""
    return dataclasses.replace(FAMILIES[family](np.random.default_rng([seed, *family.encode()])), seed=seed)


def _timed(family: str, build: Callable) -> Callable[[np.random.Generator], Case]:
    def timed(rng) -> Case:
        model, rho0 = build(rng)
        return Case(model, rho0, _times(rng, model, rho0, _LONGEST.get(family, _LONGEST_OTHERS)), family)

    return timed


def _times(rng, model: Model, rho0, longest: float) -> np.ndarray:
    """8 to 13 times up to one to five relaxation times.

    That is 1/|Re λ| of the slowest eigenvalue λ of Q at the start, or 1/max |λ| where nothing relaxes or grows.
    """
    eigenvalues = np.linalg.eigvals(Limit(model).jacobian(as_initial_state(rho0, model).limit()[0]))
    fastest = max(np.abs(eigenvalues).max(), 0.1)
    rates = np.abs(eigenvalues.real)
    slowest = min(rates[rates > _STILL * fastest], default=fastest)
    span = min(rng.uniform(1, 5) / slowest, longest / fastest)
    return np.linspace(0, span, rng.integers(8, 14))


FAMILIES: dict[str, Callable[[np.random.Generator], Case]] = {
    family: _timed(family, build) for family, build in (SPINS | OTHERS).items()
}
