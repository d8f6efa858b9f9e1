"""Initial states of several species and boson modes: a product over them of a state of each."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.model import Model
from finite_n.model.species import Mode, Space, Species
from finite_n.states.conversions import from_qobj, is_of_many
from finite_n.states.mode import Field, ModeState
from finite_n.states.particles import State, as_state


class InitialState:
    """A product over species and modes; `parts` maps names to a `State` or a `ModeState`."""

    def __init__(self, parts: Mapping[str, State | ModeState], space: Space):
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

    @property
    def number_states(self) -> dict[str, int]:
        """n of the modes that start in a number state n > 0, displaced or not: their fluctuations are not Gaussian."""
        return {name: part.number for name, part in self.parts.items() if isinstance(part, Field) and part.number}

    def __repr__(self):
        if len(self.parts) == 1:
            return repr(*self.parts.values())
        return f"joint({', '.join(f'{name}: {part!r}' if name else repr(part) for name, part in self.parts.items())})"


def as_initial_state(rho0, model: Model) -> InitialState:
    """A state of every species and mode of `model`.

    Parameters
    ----------
    rho0 : mapping of names to states, or one state
        For a species anything `as_state` accepts, of its number of levels, or a permutation-symmetric `Qobj` of all
        its particles; for a mode a `Field`, `squeezed` or `cat`, by default the vacuum.
        Where there is one species only, its state may be given alone. A result stands for its state at its last time.
    """
    if callable(getattr(rho0, "state", None)):
        rho0 = rho0.state()
    if isinstance(rho0, InitialState):
        if type(rho0) is not InitialState:  # not a product over its parts
            return rho0.within(model.space)
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
            f"initial state: {shown(min(unknown, key=str))} is not a species or mode; known are "
            f"{', '.join(map(repr, known))}."
        )
    parts = {}
    for name, owner in known.items():
        if isinstance(owner, Mode):
            parts[name] = rho0.get(name, Field())
            if not isinstance(parts[name], ModeState):
                raise FiniteNError(
                    f"initial state of {owner}: got {shown(parts[name])}; give a Field, for example Field(beta=1), "
                    "squeezed or cat."
                )
        else:
            parts[name] = _of_species(rho0, owner)
    return InitialState(parts, model.space)


def _of_species(rho0: Mapping, owner: Species) -> State:
    if owner.name not in rho0:
        raise FiniteNError(f"initial state: {owner} is missing; give a state for every species.")
    try:
        given = rho0[owner.name]
        state = from_qobj(given) if is_of_many(given, owner.dim) else as_state(given)
    except FiniteNError as error:
        raise FiniteNError(f"initial state of {owner}: {error}" if owner.name else str(error)) from None
    if state.dim != owner.dim:
        other = f", or model particles of {state.dim} levels by Species(dim={state.dim})" if state.dim <= 16 else ""
        raise FiniteNError(
            f"initial state{f' of {owner}' if owner.name else ''}: got a state of {state.dim} levels, but particles "
            f"have {owner.dim}; give the state of one particle, a {owner.dim}×{owner.dim} density matrix{other}, "
            "or of all particles as a Qobj with a tensor factor for each."
        )
    return state
