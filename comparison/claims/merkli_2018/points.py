"""The parameter points of the claims of Merkli and Rafiyi 2018, as `coverage/merkli_2018.toml` names them."""

from __future__ import annotations

import math

import numpy as np

from comparison.claims.merkli_2018.setting import Setting
from finite_n.model.operators import PAULI

ONE, SX, SY, SZ = PAULI
OMEGA0, NU = 1.0, 0.8
LAM = 0.25  # of ladders; Taylor coefficients are taken at λ = 1
P = 0.3  # of spins up
T = 0.7  # temperature of the spins
ALPHA = 0.5  # of the coherent state; complex where phases count
POLARISED = (0.6, 0.0, 0.5)


def lowering(levels: int) -> np.ndarray:
    """a in Fock levels 0 … levels − 1."""
    return np.diag(np.sqrt(np.arange(1, levels)), 1)


def phi(levels: int) -> np.ndarray:
    """φ = (a + a†)/√2."""
    a = lowering(levels)
    return (a + a.T) / np.sqrt(2)


def number(levels: int) -> np.ndarray:
    """a†a."""
    return np.diag(np.arange(levels, dtype=float))


def vacuum(levels: int) -> np.ndarray:
    """|0⟩⟨0|."""
    return np.diag(np.eye(levels)[0])


def coherent(alpha: complex, levels: int) -> np.ndarray:
    """The coherent state."""
    n = np.arange(levels)
    psi = np.exp(-(abs(alpha) ** 2) / 2) * alpha**n / np.sqrt([float(math.factorial(k)) for k in n])
    return np.outer(psi, psi.conj())


def diagonal(up: float) -> np.ndarray:
    """p|↑⟩⟨↑| + (1 − p)|↓⟩⟨↓|."""
    return np.diag([up, 1 - up])


def dicke(levels: int, field: np.ndarray | None = None, up: float = P) -> Setting:
    """Spins with G = σx and one mode with B = φ, from the vacuum or another state of the field."""
    field = vacuum(levels) if field is None else field
    return Setting(OMEGA0 / 2 * SZ, SX, diagonal(up), NU * number(levels), phi(levels), field)


def thermal(temperature: float = T) -> float:
    """p of spins in equilibrium."""
    return 1 / (1 + math.exp(OMEGA0 / temperature))


def bounded(up: float = P, reservoir=(0.4, 0.2, 0.6), G: np.ndarray = SX) -> Setting:
    """Spins with G = σx and a reservoir of one spin with B = σx, at ω_0 = 0.8."""
    rhoR = (ONE + np.tensordot(reservoir, PAULI[1:], 1)) / 2
    return Setting(0.8 / 2 * SZ, G, diagonal(up), SZ / 2, SX, rhoR)
