"""Initial states of several species and boson modes: a product over them of a state of each."""

from __future__ import annotations

from collections.abc import Mapping

from finite_n.errors import FiniteNError, shown
from finite_n.model.bosonic_particle import BosonicParticle
from finite_n.model.model import Model
from finite_n.model.species import Mode, Species
from finite_n.states.conversions import from_qobj, is_of_many
from finite_n.states.joint import is_of_all, joint_from_qobj
from finite_n.states.mode import Field, ModeState
from finite_n.states.particles import State, as_state
from finite_n.states.parts import InitialState


def as_initial_state(rho0, model: Model) -> InitialState:
    """A state of every species and mode of `model`.

    Parameters
    ----------
    rho0 : mapping of names to states, or one state
        For a species anything `as_state` accepts, of its number of levels, or a permutation-symmetric `Qobj` of all
        its particles; for a mode a `Field`, `squeezed` or `cat`, by default the vacuum.
        Where there is one species only, its state may be given alone. A result stands for its state at its last time,
        a `Qobj` with a factor for every particle, species after species, and every mode for the state of all.
    """
    if callable(getattr(rho0, "state", None)):
        rho0 = rho0.state()
    if is_of_all(rho0, model.space):
        return joint_from_qobj(rho0, model.space)
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


def as_particle_start(rho0, particle: BosonicParticle) -> InitialState:
    """The start of one particle made of bosons, a product over them: names to `Field`, by default the vacuum."""
    names = [b.name for b in particle.bosons]
    rho0 = {} if rho0 is None else rho0
    if not isinstance(rho0, Mapping) or not set(rho0) <= set(names):
        raise FiniteNError(
            f"start of a particle: got {shown(rho0)}; give a dict of Fields for some of the bosons {', '.join(names)}, "
            "or None for the vacuum."
        )
    return as_initial_state({"": [0.0, 0.0, 1.0]} | dict(rho0), particle.as_model)


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
