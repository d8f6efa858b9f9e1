"""Frames: rotating all particles by one U ∈ SU(2), which acts on every block as the spin-J representation of U."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from finite_n.dicke_blocks.blocks import DickeBlocks
from finite_n.model.operators import PAULI
from finite_n.model.species import Space


def rotate(vector: np.ndarray, unitary: np.ndarray, blocks: DickeBlocks) -> np.ndarray:
    """W ρ W† of one species, with W = ⊕_J (spin-J representation of U)."""
    return turn(vector, spin_representation(unitary, blocks), blocks)


def in_laboratory(
    vector: np.ndarray, frames: Mapping[str, np.ndarray], blocks: DickeBlocks, space: Space
) -> list[np.ndarray]:
    """Blocks of a state kept in the frame rotated by `frames` in that of the model, factors in the order of species,
    then modes."""
    back = [frames[s.name].conj().T for s in space.species]
    return blocks.turned(vector, [spin_representation(u, x.alone()) for u, x in zip(back, blocks.spins, strict=True)])


def representation(turns: Mapping[str, np.ndarray], blocks: DickeBlocks, space: Space) -> list[np.ndarray]:
    """W = ⊗_s (spin-J_s representation of U_s) ⊗ 1 on the rows that exist, for every block; species that are not named
    are not rotated.
    """
    of_species = [
        spin_representation(turns.get(s.name, np.eye(2)), spins.alone())
        for s, spins in zip(space.species, blocks.spins, strict=True)
    ]
    return list(blocks.factors(of_species, [np.eye(q.cutoff + 1) for q in blocks.modes]))


def turn(vector: np.ndarray, representation: list[np.ndarray], blocks: DickeBlocks) -> np.ndarray:
    """W ρ W† with W = ⊕ of the given matrices on the rows that exist."""
    return blocks.filled(w @ m @ w.conj().T for w, m in zip(representation, blocks.existing(vector), strict=True))


def turn_back(vector: np.ndarray, representation: list[np.ndarray], blocks: DickeBlocks) -> np.ndarray:
    """W† ρ W, the inverse of `turn` for unitary W."""
    return turn(vector, [w.conj().T for w in representation], blocks)


def spin_along(r: np.ndarray, dim: int) -> np.ndarray:
    """r·S on spin J = (dim − 1)/2, M descending."""
    J = (dim - 1) / 2
    M = J - np.arange(dim)
    up = 0.5 * np.sqrt((J - M[1:]) * (J + M[1:] + 1))  # ⟨M+1|S_x|M⟩
    side = (r[0] - 1j * r[1]) * up
    return np.diag(r[2] * M).astype(complex) + np.diag(side, 1) + np.diag(side.conj(), -1)


def spin_representation(unitary: np.ndarray, blocks: DickeBlocks) -> list[np.ndarray]:
    """The (2J+1)×(2J+1) matrices of U on spin J, up to a common sign, for every block."""
    unitary = unitary / np.sqrt(np.linalg.det(unitary) + 0j)  # a common phase rotates nothing
    cosine = np.clip(np.real(np.trace(unitary)) / 2, -1.0, 1.0)
    vector = np.real(0.5j * np.einsum("aij,ji->a", PAULI[1:], unitary))  # n sin(angle/2)
    sine = np.linalg.norm(vector)
    if sine < 1e-16:
        return [np.eye(n, dtype=complex) for n in blocks.size]
    n, angle = vector / sine, 2 * np.arctan2(sine, cosine)
    out = []
    for size in blocks.size:
        values, vectors = np.linalg.eigh(spin_along(n, size))
        out.append((vectors * np.exp(-1j * angle * np.rint(2 * values) / 2)) @ vectors.conj().T)
    return out
