"""Single-particle operators: a Hermitian basis for particles of d levels, and reading of user input.

The basis is (1, v_1, …, v_{d²−1}) with tr v_a = 0 and tr(v_a v_b) = 2 δ_ab: for d = 2 (1, σx, σy, σz) with basis(2, 0)
= up, as in qutip; for d > 2 the generalised Gell-Mann matrices: for every pair of levels j < k, in order, the symmetric
and the antisymmetric one, then the d − 1 diagonal ones.
"""

from __future__ import annotations

import functools

import numpy as np

from finite_n.errors import FiniteNError, shown

PAULI = np.array(
    [
        [[1, 0], [0, 1]],
        [[0, 1], [1, 0]],
        [[0, -1j], [1j, 0]],
        [[1, 0], [0, -1]],
    ],
    dtype=complex,
)  # (4, 2, 2): identity first
SIGMA_PLUS, SIGMA_MINUS = (PAULI[1] + 1j * PAULI[2]) / 2, (PAULI[1] - 1j * PAULI[2]) / 2  # |up⟩⟨down|, |down⟩⟨up|
AXES = ("x", "y", "z")


@functools.lru_cache(maxsize=16)
def hermitian_basis(dim: int) -> np.ndarray:
    """(1, v_1, …, v_{d²−1}), shape (d², d, d), read-only."""
    out = [np.eye(dim, dtype=complex)]
    for j in range(dim):
        for k in range(j + 1, dim):
            x, y = np.zeros((2, dim, dim), complex)
            x[j, k] = x[k, j] = 1
            y[j, k], y[k, j] = -1j, 1j
            out += [x, y]
    for l in range(1, dim):
        diagonal = np.zeros(dim)
        diagonal[:l], diagonal[l] = 1, -l
        out.append(np.diag(np.sqrt(2 / (l * (l + 1))) * diagonal).astype(complex))
    basis = np.array(out)
    basis.flags.writeable = False
    return basis


LARGEST = 1e35  # of operators, Γ and coefficients: rates are products of four of them, errors squares of rates


def as_operator(x, what: str = "operator", dim: int | None = 2) -> np.ndarray:
    """Read a d×d array or a qutip `Qobj` as a complex array, shape (d, d); dim = None: any d ≥ 2."""
    matrix = _as_array(x.full() if hasattr(x, "full") else x)
    if matrix is None:
        constant = "a function of time multiplies jumps by time=f, so " if _depends_on_time(x) else ""
        raise FiniteNError(
            f"{what}: got {shown(x)}; {constant}give a {dim or 2}×{dim or 2} array or a qutip Qobj, for example "
            "qutip.sigmaz()."
        )
    if dim is None and (matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) < 2):
        raise FiniteNError(f"{what}: got shape {matrix.shape}; give a square array or Qobj with two levels or more.")
    if dim not in (None, 2) and matrix.shape != (dim, dim):
        raise FiniteNError(
            f"{what}: got shape {matrix.shape}; particles have {dim} levels, so give a {dim}×{dim} array."
        )
    if dim == 2 and matrix.shape != (2, 2):
        raise FiniteNError(
            f"{what}: got shape {matrix.shape}; particles have two levels, so give a 2×2 array or Qobj, "
            "for example qutip.sigmaz()."
        )
    if not np.all(np.isfinite(matrix)):
        raise FiniteNError(f"{what}: has an entry that is not finite; give finite numbers.")
    if not np.abs(matrix).max(initial=0.0) < LARGEST:
        raise FiniteNError(
            f"{what}: has an entry beyond {LARGEST:.0e}, whose rate is more than double precision carries; lower it."
        )
    return matrix


def _as_array(x) -> np.ndarray | None:
    """A complex array, or None for what is not an array of numbers."""
    try:
        matrix = np.array(x, dtype=complex)
    except (TypeError, ValueError, OverflowError):
        return None
    return matrix if matrix.ndim else None


def _depends_on_time(x) -> bool:
    return any(is_function(p) for p in (x if isinstance(x, list | tuple) else [x]))


def is_function(x) -> bool:
    """Whether it is a function; states and operators of qutip, which may be called too, are none."""
    return callable(x) and not hasattr(x, "full")


def coefficients(x: np.ndarray) -> np.ndarray:
    """Expand x = Σ_a c_a v_a in the Hermitian basis; c has shape (d²,), complex."""
    c = np.einsum("aij,ji->a", hermitian_basis(len(x)), x) / 2
    c[0] *= 2 / len(x)
    return c


def from_coefficients(c: np.ndarray) -> np.ndarray:
    """Σ_a c_a v_a, shape (d, d)."""
    c = np.asarray(c, dtype=complex)
    return np.einsum("a,aij->ij", c, hermitian_basis(round(np.sqrt(len(c)))))


def bloch_to_density(m) -> np.ndarray:
    """One-particle density matrix ½(1 + m·σ) of a Bloch vector m = ⟨σ⟩, shape (2, 2)."""
    return from_coefficients(np.concatenate([[0.5], 0.5 * np.asarray(m)]))


def without_rounding(x: np.ndarray, size: np.ndarray | None = None, relative: float = 1e-15) -> np.ndarray:
    """A complex copy whose real and imaginary parts of at most `relative` times `size` are zero.

    size: what was added up, entry by entry; by default the largest part of all entries.
    """
    out = np.array(x, dtype=complex, order="C")
    parts = out.view(float).reshape(*out.shape, 2)
    found = np.abs(parts)
    parts[found <= relative * (found.max(initial=0) if size is None else np.asarray(size)[..., None])] = 0.0
    return out
