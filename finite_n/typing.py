"""What public functions take: names for annotations, with what they stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from finite_n.model.polynomial import Polynomial
from finite_n.states.initial_state import InitialState
from finite_n.states.mode import ModeState
from finite_n.states.particles import State

OperatorLike = np.ndarray | Sequence[Sequence[complex]] | Any
"""A d×d array of one particle, or a qutip `Qobj`."""

ParticleState = State | np.ndarray | Sequence[float] | Any
"""A `State`, a Bloch vector (3,), or a one-particle density matrix or ket (array or `Qobj`): the last three mean a
product; or a `Qobj` of all particles of a species, with a tensor factor for each."""

StateLike = InitialState | ParticleState | Mapping[str, ParticleState | ModeState]
"""The initial state of the only species, or a mapping of names of species and modes."""

Observables = Mapping[str, Polynomial] | Sequence[Polynomial]
"""Ordered polynomials of averages, by name or in a list."""

Cutoffs = Mapping[str, int]
"""Highest Fock level by name of the mode."""

Progress = Callable[[float], None]
"""Called with numbers from 0 to 1."""
