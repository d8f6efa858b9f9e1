"""Exact reduced states of one and two particles beside the products that the limit gives them, and the rate.

Theorem 2 of Fiorelli et al. 2023.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Sequence

import numpy as np

from comparison.ladder import Ladder
from comparison.referee.extrapolation import FEWEST, Extrapolation, Rate, check_power, extrapolate, rate
from comparison.referee.verdict import with_error
from finite_n.errors import FiniteNError, shown
from finite_n.model.inputs import check_times
from finite_n.model.model import Model
from finite_n.model.species import Species
from finite_n.model.validation import check_progress, check_whole
from finite_n.states.initial_state import as_initial_state
from meanfield import local_dynamics
from meanfield.particles.tensor_products import read_particles


def trace_distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """½‖a − b‖₁ of Hermitian matrices, shapes (…, d, d) to (…)."""
    return np.abs(np.linalg.eigvalsh(a - b)).sum(axis=-1) / 2


@dataclasses.dataclass(frozen=True, repr=False)
class LocalStates:
    """Reduced states of n particles at S sizes and T times; D is the product of their numbers of levels.

    n : one or two particles
    sizes : S numbers of all particles
    times : (T,)
    exact : (S, T, D, D)
    limit : ⊗ ρ_s(t), (T, D, D)
    distance : ½‖exact − limit‖₁, (S, T)
    errors : of a distance, in either norm, (S,)
    particles : their species by name
    power : of the expansion in N^−power
    """

    n: int
    sizes: list[int]
    times: np.ndarray
    exact: np.ndarray
    limit: np.ndarray
    distance: np.ndarray
    errors: np.ndarray
    particles: tuple[str, ...] = ()
    power: float = 1.0

    def rate(self, k: int = -1) -> Rate:
        """p of ‖exact − limit‖ ~ N^−p at time number k; nan where the distance is within ten errors, as at the first
        time.

        In the norm of Hilbert and Schmidt, which has the exponent of every norm but is smooth in N^−power: the trace
        norm has kinks where an eigenvalue changes its sign, and fits to it are poorer.
        """
        k = check_whole(k, "number k of a time", -len(self.times), len(self.times) - 1)
        gap = np.linalg.norm(self.exact[:, k] - self.limit[k], axis=(1, 2))
        return rate(self.sizes, gap, 0.0, self.errors, self.power)

    @property
    def coefficient(self) -> Extrapolation:
        """lim N^power · distance with its error, arrays (T,): finite where the rate is that power, and nonzero unless
        it is faster.

        The matrices N^power (exact − limit) are extrapolated, which are smooth in N^−power where their trace norm need
        not be.
        """
        scale = np.array(self.sizes, dtype=float)[:, None, None, None] ** self.power
        scaled = scale * (self.exact - self.limit)
        parts = np.stack([scaled.real, scaled.imag], axis=-1)
        errors = (scale * self.errors[:, None, None, None])[..., None]
        e = extrapolate(self.sizes, parts, errors, self.power)
        value = np.linalg.norm(e.value[..., 0] + 1j * e.value[..., 1], ord="nuc", axis=(1, 2)) / 2
        # ½‖δ‖₁ ≤ ½ √D ‖δ‖ with the norm of Hilbert and Schmidt
        error = np.sqrt(self.limit.shape[-1] * (e.error**2).sum(axis=(1, 2, 3))) / 2
        return Extrapolation(value, error)

    def __repr__(self):
        r, c = self.rate(), self.coefficient
        which = f" of {', '.join(self.particles)}" if all(self.particles) and self.particles else ""
        scaled = "N · distance   " if self.power == 1 else "N^½ · distance "
        return (
            f"Reduced states of {self.n} particle(s){which}, "
            f"N = {', '.join(map(str, self.sizes))}, t = {self.times[-1]:g}\n"
            f"  distance to the product  {', '.join(f'{x:.3e}' for x in self.distance[:, -1])}\n"
            f"  rate N^−p                p = {with_error(r.asymptotic, r.asymptotic_error)}\n"
            f"  {scaled}          {with_error(c.value[-1], c.error[-1])}"
        )


def compare_local_states(
    model: Model,
    rho0,
    tlist: Sequence[float],
    sizes: Sequence[int],
    n: Sequence[int] = (1, 2),
    tol: float = 1e-9,
    progress: Callable[[int, float], None] | None = None,
    particles: Sequence | None = None,
    power: float | None = None,
) -> dict[int | tuple[str, ...], LocalStates]:
    """Exact reduced states of one and two particles at every size against the product of their Λ_t of the limit.

    Parameters
    ----------
    model : Model
    rho0 : State, Bloch vector or one-particle state with a limit; with several species or modes a dict of them and of
        Fields
    tlist : times, shape (T,)
    sizes : four or more increasing N, each at least 2, that give every species whole numbers
    n : which of 1 and 2; with several species every species and every pair of species
    tol : of the exact evolution. Default 1e-9.
    progress : function of N and of a number in [0, 1], optional
    particles : list of species and pairs of species, such as ["a", ("a", "b")], optional
        Default: all that `n` asks for.
    power : of the expansion in N^−power, 1 or ½
        Default: ½ if fluctuations start with a mean value, as with a field of amplitude of order one, since averages
        then have terms N^−½; else 1.

    Returns
    -------
    dict of LocalStates: by n for one species, by tuples of names such as ("a", "b") for several or where `particles` is
    given

    Errors: averages are off by at most e = max(tol, budget) times the norms of their operators, at most √2 each, so a
    distance of states of D levels is off by at most max(D, ½D^{3/2}) e, which is 2^n e for two levels.

    Raises FiniteNError for particles that the model does not have, for pairs where a species has one particle, and for
    bad sizes, times, states and powers.

    Example
    -------
    >>> from comparison import compare_local_states
    >>> from finite_n.systems import hopfield
    >>> compare_local_states(hopfield(), [0, 0.3, 0.4], [0.0, 1.0], [10, 20, 40, 80])[1]
    Reduced states of 1 particle(s), N = 10, 20, 40, 80, t = 1
      distance to the product  1.301e-02, 7.252e-03, 3.842e-03, 1.979e-03
      rate N^−p                p = 1.000(3)
      N · distance             0.1633(2)

    Source: Fiorelli et al. 2023, Theorem 2, for one species.
    """
    check_progress(progress)
    ladder = Ladder(sizes, FEWEST, 2)
    sizes = ladder.sizes
    times = check_times(tlist)
    if not isinstance(model, Model):
        raise FiniteNError(f"local states: got {shown(model)}; give a finite_n.Model.")
    wanted = _wanted(model, n, particles)
    _check_numbers(model, sizes, list(wanted.values()))
    state = as_initial_state(rho0, model)
    if power is None:
        power = 0.5 if np.any(state.limit()[2]) else 1.0
    check_power(power)
    local = local_dynamics(model, state, times)
    results = ladder.evolve(model, state, times, tol=tol, progress=progress)
    out = {}
    for key, owners in wanted.items():
        exact = np.array([r.reduced_state(len(owners), owners) for r in results])
        limit = local.reduced_state(particles=owners)
        levels = limit.shape[-1]
        errors = max(levels, levels**1.5 / 2) * np.array([max(tol, r.budget.moment_error) for r in results])
        names, distance = tuple(s.name for s in owners), trace_distance(exact, limit)
        out[key] = LocalStates(len(owners), sizes, times, exact, limit, distance, errors, names, power)
    return out


def _wanted(model: Model, n, particles) -> dict[int | tuple[str, ...], tuple[Species, ...]]:
    """The species of the particles of every reduced state asked for, by the key of the answer."""
    if not isinstance(n, list | tuple | range) or not n or any(k not in (1, 2) for k in n):
        raise FiniteNError(
            f"n = {shown(n)}: exact reduced states are available for one and two particles; give (1, 2)."
        )
    species = model.space.species
    if particles is None and len(species) == 1:
        return {k: species * k for k in n}
    if particles is None:
        chosen = [c for k in n for c in itertools.combinations_with_replacement(species, k)]
    elif not isinstance(particles, list | tuple) or not particles:
        raise FiniteNError(f"particles = {shown(particles)}: give a list such as ['a', ('a', 'b')].")
    else:
        chosen = [read_particles(model.space, p if isinstance(p, list | tuple) else (p,)) for p in particles]
    if long := next((c for c in chosen if len(c) > 2), None):
        names = ", ".join(s.name for s in long)
        raise FiniteNError(f"particles {names}: exact reduced states are available for one and two particles.")
    return {tuple(s.name for s in owners): owners for owners in chosen}


def _check_numbers(model: Model, sizes: list[int], wanted: list[tuple[Species, ...]]) -> None:
    for N in sizes:
        for species, count in zip(model.species, model.space.sizes(N), strict=True):
            if count < 2 and (species, species) in wanted:
                raise FiniteNError(
                    f"N = {N}: there are no pairs of particles of {species}, which has {count}; use larger sizes or "
                    "choose others with particles=…"
                )
