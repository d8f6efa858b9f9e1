"""Frames of species: for each a rotation that puts Δ along z and, where rotations about z suffice, makes the generator
real.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping

import numpy as np

from finite_n.dicke_blocks.initial_state import is_real as is_real_state
from finite_n.dicke_blocks.reality import is_real
from finite_n.model.model import Model
from finite_n.model.rotation import adjoint_matrix, axis_rotation, turn_to_z
from finite_n.model.species import Species
from finite_n.states.initial_state import InitialState
from finite_n.states.mode import ModeState
from finite_n.states.particles import ProductState

_MOST = 16  # frames tried
_LONG = 20  # words of h that take longer to rotate than jumps


def choose_frames(model: Model, state: InitialState | None = None) -> dict[str, np.ndarray]:
    """U for every species of two-level particles, by name: the Δ of the first jumps along z and, if rotations about z
    suffice, generator and start real.
    """
    tilts = {s.name: turn_to_z(_axis(model, s)) for s in model.species}
    choices = [
        [axis_rotation([0, 0, 1], x) @ tilts[s.name] for x in _angles(model, state, s, tilts)] for s in model.species
    ]
    names = [s.name for s in model.species]
    # what does not take long to rotate first
    short = len(model.hamiltonian.words) < _LONG
    flips = model if short else dataclasses.replace(model, hamiltonian=0.0)
    real = None
    for frames in itertools.islice(itertools.product(*choices), _MOST):
        frames = dict(zip(names, frames, strict=True))
        start_too = state is None or state_is_real(state, frames)
        if real is not None and not start_too:
            continue
        if (short or is_real(flips.rotated(frames))) and is_real(model.rotated(frames)):
            if start_too:
                return frames
            real = frames
    return real or tilts


def _axis(model: Model, species: Species) -> np.ndarray:
    """The first axis that Δ has along a species."""
    axes = (np.real([j.argument.words.get((a,), 0) for a in species.letters]) for j in model.jumps)
    return next((r for r in axes if np.any(r)), np.zeros(3))


def _angles(model: Model, state: InitialState | None, species, tilts) -> list[float]:
    """Rotations about z worth trying: none, a quarter, and what makes the linear part of h or the state real."""
    turn = adjoint_matrix(tilts[species.name])
    zero = dict.fromkeys(model.space.letters, 0.0)
    field = turn @ [p.value(zero).real for p in model.hamiltonian.partials(species.letters)]
    angles = [0.0, -np.pi / 2, np.pi / 2 - np.arctan2(field[1], field[0])]
    own = state.parts[species.name] if state is not None else None
    if isinstance(own, ProductState):
        m = turn @ own.bloch
        angles.append(-np.arctan2(m[1], m[0]))
    return list(dict.fromkeys(np.round(angles, 15)))


def state_is_real(state: InitialState, frames: Mapping[str, np.ndarray]) -> bool:
    """Whether the states of the species and the amplitudes of the modes are known to be real."""
    return all(
        part.is_real if isinstance(part, ModeState) else is_real_state(part, frames[name])
        for name, part in state.parts.items()
    )
