"""Initial states of boson modes in the number basis: amplitudes, or density matrices, up to a cutoff."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.linalg import expm

from finite_n.errors import FiniteNError
from finite_n.model.validation import check_whole
from finite_n.propagation.chebyshev import evolved
from finite_n.states.joint import MarginalMode
from finite_n.states.mode import Field, ModeState
from finite_n.states.nonclassical import VectorState


def density(field: ModeState, N: int, cutoff: int) -> np.ndarray:
    """Matrix elements between levels 0 … cutoff, shape (cutoff + 1, cutoff + 1); real if the amplitudes are."""
    if isinstance(field, VectorState):
        psi = field.amplitudes(cutoff)
        return np.outer(psi, psi.conj())
    if not isinstance(field, Field):
        raise FiniteNError(f"mode: {field!r} has no density matrix of its own to start from.")
    z = field.amplitude(N)
    if z == 0:
        return np.diag(field.populations(cutoff))
    if not field.thermal:
        psi = amplitudes(field, N, cutoff)
        psi = psi.real if np.imag(z) == 0 else psi
        return np.outer(psi, psi.conj())
    size = 2 * max(cutoff, field.cutoff(N, 1e-18)) + 20  # large enough that its own edge does not matter
    lower = np.diag(np.sqrt(np.arange(1.0, size)), 1)
    z = z.real if np.imag(z) == 0 else z
    d = expm(z * lower.T - np.conj(z) * lower)[: cutoff + 1]
    return (d * field.populations(size - 1)) @ d.conj().T


def weight_below(field: ModeState, N: int, cutoff: int) -> float:
    """Weight in the levels 0 … cutoff."""
    if isinstance(field, VectorState | MarginalMode):
        return field.weight_below(cutoff)
    if field.thermal:
        return float(np.trace(density(field, N, cutoff)).real)
    return float((np.abs(amplitudes(field, N, cutoff)) ** 2).sum())


def amplitudes(field: ModeState, N: int, cutoff: int) -> np.ndarray:
    """⟨n|D(√N α + β)|number⟩ for n = 0 … cutoff, of a state that is not thermal, or those of another vector."""
    if isinstance(field, VectorState):
        return field.amplitudes(cutoff)
    if field.thermal:
        raise FiniteNError(f"field: {field} is thermal and has no amplitudes; use density(field, N, cutoff).")
    check_whole(cutoff, "field: cutoff")
    z = field.amplitude(N)
    # enough levels that their edge does not matter
    levels = cutoff + 1 if z == 0 else 2 * max(cutoff, field.cutoff(N, 1e-18)) + 20
    psi = np.zeros(levels, complex)
    psi[field.number : field.number + 1] = 1.0
    if z != 0:
        root = np.sqrt(np.arange(1.0, levels))
        # D(z) = exp(−iK) with K = i(z a† − z* a)
        K = sp.diags_array([1j * z * root, -1j * np.conj(z) * root], offsets=[-1, 1]).tocsr()
        psi = evolved(K, psi, 1.0, 1e-15)
    return psi[: cutoff + 1]
