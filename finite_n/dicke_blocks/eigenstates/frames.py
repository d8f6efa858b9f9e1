"""Frames in which H is a real matrix, where some rotation of every species makes it one.

With S_x and S_z real and S_y imaginary, a word of letters with real coefficient is real if it holds an even number of
σy. H = h(m) is then unchanged under m_y → −m_y with the order of factors kept: a mirror whose normal is sought.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from finite_n.dicke_blocks.frames import state_is_real
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.model.rotation import axis_rotation, turn_to_z, turned_letters
from finite_n.model.species import Species
from finite_n.states.initial_state import InitialState

_MOST = 64  # frames tried
_ROUNDING = 1e-14  # of the largest coefficient
_PARALLEL = 1e-12  # of unit vectors
Z_TO_Y = axis_rotation([1, 0, 0], np.pi / 2)  # up to a sign, which no mirror minds


def real_frames(model: Model, state: InitialState) -> tuple[dict[str, np.ndarray], bool]:
    """U for every species of two-level particles, by name, and whether H is real then; the state too, if that can be
    had as well."""
    h, space = model.hamiltonian, model.space
    short = Polynomial({w: c for w, c in h.words.items() if len(w) <= 2})  # quicker to rotate
    names, found = [s.name for s in model.species], None
    choices = [[_to_y(n) for n in _normals(h, s)] for s in model.species]
    for turns in itertools.islice(itertools.product(*choices), _MOST):
        frames = dict(zip(names, turns, strict=True))
        too = state_is_real(state, frames)
        if found is not None and not too:
            continue
        images = turned_letters(space, frames)
        if _is_real(short.substitute(images)) and _is_real(h.substitute(images)):
            if too:
                return frames, True
            found = frames
    return (found, True) if found is not None else ({name: np.eye(2, dtype=complex) for name in names}, False)


def _is_real(h: Polynomial) -> bool:
    largest = max((abs(c) for w, c in h.words.items() if w), default=0.0)
    parts = (c.imag if sum(a.index == 2 for a in w) % 2 == 0 else c.real for w, c in h.words.items() if w)
    return all(abs(x) <= _ROUNDING * largest for x in parts)


def _to_y(normal: np.ndarray) -> np.ndarray:
    """U that takes a unit vector to y or −y."""
    if abs(normal[1]) > 1 - _PARALLEL:
        return np.eye(2, dtype=complex)
    return Z_TO_Y @ turn_to_z(normal)


def _normals(h: Polynomial, species: Species) -> Iterator[np.ndarray]:
    """Unit vectors normal to a plane of h, if it has one: an axis, a principal axis of its quadratic part, or what is
    normal to one of these and to the linear part."""
    letters = species.letters
    field = np.array([h.words.get((a,), 0.0) for a in letters]).real
    quadratic = np.array([[h.words.get((a, b), 0.0) for b in letters] for a in letters]).real
    axes = [*np.eye(3)[[1, 0, 2]], *np.linalg.eigh(quadratic + quadratic.T)[1].T]
    seen: list[np.ndarray] = []
    for n in [*axes, *(np.cross(field, a) for a in axes)]:
        size = np.linalg.norm(n)
        if size > _PARALLEL and all(abs(n @ x) < size * (1 - _PARALLEL) for x in seen):
            seen.append(n / size)
    return iter(seen)
