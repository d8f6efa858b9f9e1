"""One oscillator in a truncated Fock space, for statements about q and p with [q, p] = i."""

from __future__ import annotations

import numpy as np
from scipy.linalg import expm

LEVELS, KEPT = 60, 12  # kept in the space, and those whose matrix elements truncation leaves alone


def position_momentum(levels: int = LEVELS) -> np.ndarray:
    """q = (a + a†)/√2 and p = (a − a†)/(i√2), (2, levels, levels)."""
    a = np.diag(np.sqrt(np.arange(1, levels)), 1)
    return np.array([(a + a.T) / np.sqrt(2), (a - a.T) / (1j * np.sqrt(2))])


def weyl(r: np.ndarray, levels: int = LEVELS) -> np.ndarray:
    """W(r) = e^{i(r_1 q + r_2 p)}."""
    return expm(1j * np.tensordot(r, position_momentum(levels), 1))


def low(x: np.ndarray) -> np.ndarray:
    """The matrix elements between low levels."""
    return x[..., :KEPT, :KEPT]
