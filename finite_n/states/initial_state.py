"""Initial states of several species and boson modes: a product over them of a state of each.

A mode starts in D(√N α + β) ρ_0 D†, ρ_0 a number state or a thermal state: α is an amplitude of order √N, which mean
field sees, β one of order one, which belongs to the fluctuations.
"""

from __future__ import annotations

import dataclasses
import math
import numbers
from collections.abc import Mapping

import numpy as np
import scipy.sparse as sp
from scipy.linalg import expm

from finite_n.errors import FiniteNError, shown
from finite_n.model.model import Model
from finite_n.model.species import Mode, Space, Species
from finite_n.model.validation import check_number, check_whole
from finite_n.propagation.chebyshev import evolved
from finite_n.states.particles import ProductState, State, as_state

_MOST = 10_000  # bosons


@dataclasses.dataclass(frozen=True)
class Field:
    """Initial state of a boson mode, D(√N α + β) ρ_0 D† with D(z) = exp(z a† − z* a).

    beta: coherent amplitude of order one; number: ρ_0 = |n⟩⟨n|; thermal: mean number n̄ of a thermal ρ_0, instead of
    `number`;
    alpha: amplitude per √N. Default: vacuum.

    >>> Field(number=2).limit()[1]
    array([[2.5, 0. ],
           [0. , 2.5]])
    """

    beta: complex = 0.0
    number: int = 0
    thermal: float = 0.0
    alpha: complex = 0.0

    def __post_init__(self):
        amplitudes = (self.alpha, self.beta)
        if not all(isinstance(x, numbers.Number) and abs(x) < 1e3 for x in amplitudes):
            raise FiniteNError(
                f"field: alpha = {shown(self.alpha)}, beta = {shown(self.beta)}; give complex numbers of size below "
                "1000."
            )
        check_whole(self.number, "field: number of bosons, number", 0, _MOST)
        check_number(self.thermal, "field: mean number of bosons, thermal", 0, _MOST)
        if self.number and self.thermal:
            raise FiniteNError("field: give `number` or `thermal`, not both.")

    def populations(self, cutoff: int) -> np.ndarray:
        """Weights of the levels 0 … cutoff of ρ_0."""
        n = np.arange(check_whole(cutoff, "field: cutoff") + 1)
        if self.thermal:
            return (self.thermal / (1 + self.thermal)) ** n / (1 + self.thermal)
        return (n == self.number).astype(float)

    def amplitude(self, N: int) -> complex:
        """√N α + β."""
        return math.sqrt(N) * self.alpha + self.beta

    def cutoff(self, N: int, tail: float) -> int:
        """Highest level needed so that about `tail` is left out."""
        check_number(tail, "field: tail", 0, 1, strict=True)
        amplitude = abs(self.amplitude(N))
        spread = np.sqrt(-2 * np.log(tail))
        undisplaced = self.number + (np.log(tail) / np.log(self.thermal / (1 + self.thermal)) if self.thermal else 0)
        return (
            int(np.ceil((amplitude + np.sqrt(undisplaced)) ** 2 + spread * amplitude * np.sqrt(1 + 2 * undisplaced)))
            + 4
        )

    def density(self, N: int, cutoff: int) -> np.ndarray:
        """Matrix elements between levels 0 … cutoff, shape (cutoff + 1, cutoff + 1); real if the amplitudes are."""
        z = self.amplitude(N)
        if z == 0:
            return np.diag(self.populations(cutoff))
        if not self.thermal:
            psi = self.amplitudes(N, cutoff)
            psi = psi.real if np.imag(z) == 0 else psi
            return np.outer(psi, psi.conj())
        size = 2 * max(cutoff, self.cutoff(N, 1e-18)) + 20  # so large that its own edge does not matter
        lower = np.diag(np.sqrt(np.arange(1.0, size)), 1)
        z = z.real if np.imag(z) == 0 else z
        d = expm(z * lower.T - np.conj(z) * lower)[: cutoff + 1]
        return (d * self.populations(size - 1)) @ d.conj().T

    def amplitudes(self, N: int, cutoff: int) -> np.ndarray:
        """⟨n|D(√N α + β)|number⟩ for n = 0 … cutoff, of a state that is not thermal; D(z) = exp(−iK), K = i(z a† − z*
        a)."""
        if self.thermal:
            raise FiniteNError(f"field: {self} is thermal and has no amplitudes; use density(N, cutoff).")
        check_whole(cutoff, "field: cutoff")
        z = self.amplitude(N)
        # so many levels that their edge does not matter
        levels = cutoff + 1 if z == 0 else 2 * max(cutoff, self.cutoff(N, 1e-18)) + 20
        psi = np.zeros(levels, complex)
        psi[self.number : self.number + 1] = 1.0
        if z != 0:
            root = np.sqrt(np.arange(1.0, levels))
            K = sp.diags_array([1j * z * root, -1j * np.conj(z) * root], offsets=[-1, 1]).tocsr()
            psi = evolved(K, psi, 1.0, 1e-15)
        return psi[: cutoff + 1]

    def limit(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(⟨φ⟩, ⟨π⟩)/√N, covariance of (φ, π), and their first moments of order one, as N → ∞."""
        mean, first = (np.sqrt(2) * np.array([np.real(x), np.imag(x)]) for x in (self.alpha, self.beta))
        return mean, (self.number + self.thermal + 0.5) * np.eye(2), first


class InitialState:
    """A product over species and modes; `parts` maps names to a `State` or a `Field`."""

    def __init__(self, parts: Mapping[str, State | Field], space: Space):
        self.parts, self.space = dict(parts), space

    def limit(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """m (n,), Σ_ab = ½⟨{F_a, F_b}⟩ (n, n) and ⟨F⟩ (n,) as N → ∞, in the order of the letters."""
        space = self.space
        m, covariance, first = np.zeros(space.size), np.zeros((space.size, space.size)), np.zeros(space.size)
        for owner in space.owners:
            at = space.part(owner)
            own = self.parts[owner.name].limit()
            m[at], covariance[at, at] = own[:2]
            if isinstance(owner, Mode):
                first[at] = own[2]
        return m, covariance, first

    def __repr__(self):
        if len(self.parts) == 1:
            return repr(*self.parts.values())
        return f"joint({', '.join(f'{name}: {part!r}' if name else repr(part) for name, part in self.parts.items())})"


def as_initial_state(rho0, model: Model) -> InitialState:
    """A state of every species and mode of `model`.

    Parameters
    ----------
    rho0 : mapping of names to states, or one state
        For a species anything `as_state` accepts, of its number of levels; for a mode a `Field`, by default the vacuum.
        Where there is one species only, its state may be given alone.
    """
    if isinstance(rho0, InitialState):
        rho0 = rho0.parts
    if not isinstance(rho0, Mapping):
        if len(model.species) > 1:
            names = ", ".join(s.name for s in model.species)
            raise FiniteNError(
                f"initial state {shown(rho0)}: give a dict with a state for each of the species {names}."
            )
        rho0 = {model.species[0].name: rho0}
    known = {owner.name: owner for owner in model.space.owners}
    if unknown := set(rho0) - set(known):
        raise FiniteNError(
            f"initial state: {shown(min(unknown, key=str))} is no species or mode; known are "
            f"{', '.join(map(repr, known))}."
        )
    parts = {}
    for name, owner in known.items():
        if isinstance(owner, Mode):
            parts[name] = rho0.get(name, Field())
            if not isinstance(parts[name], Field):
                raise FiniteNError(
                    f"initial state of {owner}: got {shown(parts[name])}; give a Field, for example Field(beta=1)."
                )
        else:
            parts[name] = _of_species(rho0, owner)
    return InitialState(parts, model.space)


def _of_species(rho0: Mapping, owner: Species) -> State:
    if owner.name not in rho0:
        raise FiniteNError(f"initial state: {owner} is missing; give a state for every species.")
    try:
        state = as_state(rho0[owner.name])
    except FiniteNError as error:
        raise FiniteNError(f"initial state of {owner}: {error}" if owner.name else str(error)) from None
    levels = len(state.density) if isinstance(state, ProductState) else 2
    if levels != owner.dim:
        other = f", or model particles of {levels} levels by Species(dim={levels})" if levels <= 16 else ""
        raise FiniteNError(
            f"initial state{f' of {owner}' if owner.name else ''}: got a state of {levels} levels, but particles have {owner.dim}; give the "
            f"state of one particle (not of all N together), a {owner.dim}×{owner.dim} density matrix{other}."
        )
    return state
