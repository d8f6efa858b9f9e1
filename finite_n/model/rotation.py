"""Rotated frames: unitaries of one particle, and what operators, letters and coefficients become in their frame."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.operators import PAULI, as_operator, hermitian_basis, without_rounding
from finite_n.model.polynomial import Letter, Polynomial, linear
from finite_n.model.species import Space


def axis_rotation(axis, angle: float) -> np.ndarray:
    """U = exp(−i angle n·σ/2), n the unit vector along `axis`."""
    n = np.asarray(axis, dtype=float)
    n = n / np.linalg.norm(n)
    return np.cos(angle / 2) * np.eye(2) - 1j * np.sin(angle / 2) * np.einsum("a,aij->ij", n, PAULI[1:])


def turn_to_z(r) -> np.ndarray:
    """U with U (r·σ) U† = |r| σz or, if r lies on the negative z axis, −|r| σz; the identity for r = 0 or along z."""
    x, y, z = np.asarray(r, dtype=float)
    flat = np.hypot(x, y)
    if flat <= 1e-15 * abs(z) or flat == 0:
        return np.eye(2, dtype=complex)
    return axis_rotation([y, -x, 0.0], np.arctan2(flat, z))


def adjoint_matrix(u: np.ndarray) -> np.ndarray:
    """The rotation R with U (c·v) U† = (R c)·v, shape (d² − 1, d² − 1), real."""
    v = hermitian_basis(len(u))[1:]
    return np.real(without_rounding(np.einsum("aij,jk,bkl,li->ab", v, u, v, u.conj().T) / 2))


def turns_of(space: Space, unitary) -> dict[str, np.ndarray]:
    """U of every species, from a unitary for the only one or a mapping of names; the identity where none is given."""
    turns = unitary if isinstance(unitary, Mapping) else {space.species[0].name: unitary}
    if unknown := set(turns) - {s.name for s in space.species}:
        raise FiniteNError(f"rotated frame: {shown(unknown.pop())} is not a species of the model.")
    out = {s.name: np.eye(s.dim, dtype=complex) for s in space.species}
    for s in space.species:
        if s.name in turns:
            u = as_operator(turns[s.name], f"rotated frame of {s}, U", None)
            if u.shape != (s.dim, s.dim) or np.abs(u @ u.conj().T - out[s.name]).max() > 1e-8:
                raise FiniteNError(
                    f"rotated frame of {s}: got {shown(turns[s.name])}; give a unitary, {s.dim}×{s.dim}."
                )
            out[s.name] = u
    return out


def turned_letters(space: Space, turns: Mapping[str, np.ndarray]) -> dict[Letter, Polynomial]:
    """What the letters become in a frame in which every species is rotated by its U."""
    images = {a: Polynomial({(a,): 1}) for a in space.letters}
    for s in space.species:
        images |= images_of(s.letters, turns[s.name])
    return images


def images_of(letters: list[Letter], u: np.ndarray) -> dict[Letter, Polynomial]:
    return {a: linear((0, *row), letters) for a, row in zip(letters, adjoint_matrix(u).T, strict=True)}


def turned(x: np.ndarray, u: np.ndarray) -> np.ndarray:
    """U x U†, without what rounding leaves of a zero."""
    return without_rounding(u @ x @ u.conj().T)
