"""Single-particle operators of a two-level particle: the Hermitian basis (1, σx, σy, σz) and reading of user input.

The basis is orthogonal, tr(v_a v_b) = 2 δ_ab, with basis(2, 0) = up, as in qutip.
"""

from __future__ import annotations

import numpy as np

from finite_n.errors import FiniteNError

PAULI = np.array(
    [
        [[1, 0], [0, 1]],
        [[0, 1], [1, 0]],
        [[0, -1j], [1j, 0]],
        [[1, 0], [0, -1]],
    ],
    dtype=complex,
)  # (4, 2, 2): identity first
AXES = ("x", "y", "z")


def as_operator(x, what: str = "operator") -> np.ndarray:
    """Read a 2×2 array or a qutip `Qobj` as a complex array, shape (2, 2)."""
    matrix = x.full() if hasattr(x, "full") else x
    try:
        matrix = np.array(matrix, dtype=complex)
    except (TypeError, ValueError):
        raise FiniteNError(
            f"{what}: got {x!r}; give a 2×2 array or a qutip Qobj, for example qutip.sigmaz()."
        ) from None
    if matrix.shape != (2, 2):
        raise FiniteNError(
            f"{what}: got shape {matrix.shape}; particles have two levels, so give a 2×2 array or Qobj, "
            "for example qutip.sigmaz()."
        )
    if not np.all(np.isfinite(matrix)):
        raise FiniteNError(f"{what}: has an entry that is not finite; give finite numbers.")
    return matrix


def coefficients(x: np.ndarray) -> np.ndarray:
    """Expand x = Σ_a c_a v_a in the basis (1, σx, σy, σz); c has shape (4,), complex."""
    return np.einsum("aij,ji->a", PAULI, x) / 2


def from_coefficients(c: np.ndarray) -> np.ndarray:
    """Σ_a c_a v_a, shape (2, 2)."""
    return np.einsum("a,aij->ij", np.asarray(c, dtype=complex), PAULI)


def bloch_to_density(m) -> np.ndarray:
    """One-particle density matrix ½(1 + m·σ) of a Bloch vector m = ⟨σ⟩, shape (2, 2)."""
    return from_coefficients(np.concatenate([[0.5], 0.5 * np.asarray(m)]))
