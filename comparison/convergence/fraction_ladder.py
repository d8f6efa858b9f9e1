"""Networks whose species have the sizes of a random draw: exact numbers against the limit at the actual fractions and
at others.

A draw of N spins gives fractions that differ from equal ones by order N^−½. Exact averages go to the limit at the
actual fractions as 1/N; their distance to the limit at equal fractions is mostly the distance of the two limits, a
finite-size effect of the draw, not of the dynamics.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from comparison.ladder import Ladder
from finite_n.errors import FiniteNError, shown
from finite_n.model.inputs import check_times
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.model.validation import call_given, check_function, check_kind
from finite_n.solvers.evolve import evolve
from meanfield import Limit


@dataclasses.dataclass(frozen=True)
class FractionLadder:
    """Observables (K) at times (T) for a ladder of N.

    sizes : numbers of all particles N
    parts : sizes of the species by name, for every N
    times : (T,)
    labels : K names of the observables
    exact : exact numbers, (N, T, K)
    actual : the limit at the actual fractions, (N, T, K)
    reference : the limit of the reference model, (N, T, K), since observables may depend on fractions
    """

    sizes: list[int]
    parts: list[dict[str, int]]
    times: np.ndarray
    labels: list[str]
    exact: np.ndarray
    actual: np.ndarray
    reference: np.ndarray

    @property
    def to_actual(self) -> np.ndarray:
        """Largest |exact − limit at the actual fractions|, for every size, shape (number of N,)."""
        return np.abs(self.exact - self.actual).max(axis=(1, 2))

    @property
    def to_reference(self) -> np.ndarray:
        """Largest |exact − limit of the reference|, for every size, shape (number of N,)."""
        return np.abs(self.exact - self.reference).max(axis=(1, 2))

    @property
    def between(self) -> np.ndarray:
        """Largest difference of the two limits, shape (number of N,): the finite-size effect of the fractions."""
        return np.abs(self.actual - self.reference).max(axis=(1, 2))

    def __repr__(self):
        lines = [f"{'N':>5}  {'sizes':<28} {'exact − actual':>15} {'exact − reference':>18} {'between limits':>15}"]
        for k, N in enumerate(self.sizes):
            own = ", ".join(f"{name} {n}" for name, n in self.parts[k].items())
            lines.append(
                f"{N:5d}  {own:<28} {self.to_actual[k]:15.3e} {self.to_reference[k]:18.3e} {self.between[k]:15.3e}"
            )
        return "\n".join(lines)


def fraction_ladder(
    family: Callable[[int], Model],
    reference: Model,
    rho0: Mapping[str, object],
    tlist: Sequence[float],
    sizes: Sequence[int],
    observables: Callable[[Model], Mapping[str, Polynomial]] | None = None,
    tol: float = 1e-9,
) -> FractionLadder:
    """Exact numbers for family(N) beside the limits at its fractions and those of `reference`.

    Parameters
    ----------
    family : function of N → Model
        For example lambda N: hopfield_patterns(patterns=Patterns.draw(2, N, seed=1)).
    reference : Model
        Its fractions are what the family's tend to, for example hopfield_patterns(patterns=2).
    rho0 : dict of initial states for every species (and mode) of `reference`
        A member of the family that lacks a species leaves it out.
    tlist, sizes, tol : times (T,), numbers of particles, tolerance of the exact evolution
    observables : function of a model → dict of Polynomial, optional
        Default: averages over all particles, Σ_s f_s m_s(σ_a).

    Raises FiniteNError as `evolve` and `Limit` do, or if a family member has a species that the reference lacks.
    """
    times = check_times(tlist)
    check_function(family, "fraction ladder: family", "a function of N that returns a Model")
    if observables is not None:
        check_function(
            observables, "fraction ladder: observables", "a function of a model that returns a dict of polynomials"
        )
    check_kind(reference, "fraction ladder: reference", Model)
    check_kind(rho0, "fraction ladder: rho0", Mapping, "a dict of initial states by species")
    ladder = Ladder(sizes)
    observables = observables or averages_over_all
    members = {
        N: _Member(family, N, reference, rho0, observables) for N in ladder.sizes
    }  # refused before the long work

    def work(N: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        own = members[N]
        exact = evolve(own.model, N, own.state, times, own.observables, tol=tol)
        actual = Limit(own.model).evolve(own.state, times, own.observables)
        other = Limit(reference).evolve(rho0, times, own.of_reference)
        return tuple(np.real(x.expect).T for x in (exact, actual, other))

    exact, actual, limits = map(np.array, zip(*ladder.climb(work), strict=True))
    parts = [own.parts for own in members.values()]
    labels = list(members[ladder.sizes[-1]].observables)
    return FractionLadder(ladder.sizes, parts, times, labels, exact, actual, limits)


class _Member:
    """The model of one N: its state, the sizes of its species, its observables and those of the reference."""

    def __init__(self, family: Callable, N: int, reference: Model, rho0: Mapping[str, object], observables: Callable):
        wanted = "a function of N that returns a Model"
        self.model = call_given(family, f"fraction ladder: family({N})", wanted, N)
        if not isinstance(self.model, Model):
            raise FiniteNError(f"fraction ladder: family({N}) gave {shown(self.model)}; give {wanted}.")
        names = {owner.name for owner in self.model.space.owners}
        if unknown := names - set(rho0):
            raise FiniteNError(f"fraction ladder: N = {N} has {shown(min(unknown))}, for which rho0 gives no state.")
        self.state = {name: part for name, part in rho0.items() if name in names}
        self.parts = dict(zip((s.name for s in self.model.species), self.model.space.sizes(N), strict=True))
        self.observables, self.of_reference = (_observables(observables, m) for m in (self.model, reference))


def _observables(observables: Callable, model: Model) -> Mapping[str, Polynomial]:
    what, wanted = "fraction ladder: observables", "a function of a model that returns a dict of polynomials"
    return check_kind(call_given(observables, what, wanted, model), what, Mapping, wanted)


def averages_over_all(model: Model) -> dict[str, Polynomial]:
    """m_a = Σ_s f_s m_s(σ_a) over species of two-level particles, a = x, y, z."""
    out = {}
    for k, axis in enumerate("xyz"):
        out[axis] = sum((s.share * Polynomial({(s.letters[k],): 1}) for s in model.species), Polynomial({}))
    return out
