"""Gaussian states of canonical modes: uncertainty relation, symplectic eigenvalues, purity, entropy.

Covariances are Σ_ab = ½⟨{F_a, F_b}⟩ over (x_1, p_1, …, x_k, p_k) with [x, p] = i, ħ = 1: the vacuum is ½·1, and every
entropy is in nats. `canonical_modes` takes the modes out of fluctuations whose symplectic form is degenerate.
"""

from __future__ import annotations

import numpy as np

from finite_n.errors import FiniteNError
from finite_n.model.validation import check_whole
from meanfield.gaussian.canonical_modes import checked_matrix

_MOST_MODES = 10_000
CERTAIN = 1e-10  # a variance of a classical variable, over the largest one, below which it is known
UNPHYSICAL = 1e-8  # a symplectic eigenvalue below ½ by more than this times 1 + ‖Σ‖ is not rounding


def canonical_form(modes: int) -> np.ndarray:
    """ω = ⊕ [[0, 1], [−1, 0]], shape (2k, 2k), for k modes."""
    return np.kron(np.eye(check_whole(modes, "canonical form: modes", 1, _MOST_MODES)), [[0.0, 1.0], [-1.0, 0.0]])


def uncertainty_margin(covariance, symplectic=None) -> float:
    """Smallest eigenvalue of Σ + iσ/2; a state exists if and only if it is not negative.

    Parameters
    ----------
    covariance : array, shape (n, n)
    symplectic : array, shape (n, n), optional
        σ_ab = −i⟨[F_a, F_b]⟩, which may be degenerate. Default: canonical pairs.

    Source: Simon, Mukunda and Dutta, Phys. Rev. A 49, 1567 (1994).
    """
    cov = checked_matrix(covariance, "covariance", +1)
    sigma = canonical_form(_count(cov)) if symplectic is None else checked_matrix(symplectic, "symplectic form", -1)
    if sigma.shape != cov.shape:
        raise FiniteNError(
            f"uncertainty: got a covariance of {len(cov)} directions and a symplectic form of {len(sigma)}; "
            "give both for the same fluctuations."
        )
    return float(np.linalg.eigvalsh(cov + 0.5j * sigma)[0])


def symplectic_eigenvalues(covariance) -> np.ndarray:
    """ν_1 ≤ … ≤ ν_k, shape (k,): the positive eigenvalues of iωΣ; all are ½ or more for a state, and ½ for a pure one.

    The covariance Σ, shape (2k, 2k), must be positive definite; it need not be a state, so that partial transposes
    can be given.

    Example
    -------
    >>> print(symplectic_eigenvalues(np.diag([2.0, 0.5])))
    [1.]

    Source: Vidal and Werner, Phys. Rev. A 65, 032314 (2002).
    """
    cov = checked_matrix(covariance, "covariance", +1)
    modes = _count(cov)
    try:
        root = np.linalg.cholesky(cov)
    except np.linalg.LinAlgError:
        raise FiniteNError(
            f"covariance: its smallest eigenvalue is {np.linalg.eigvalsh(cov)[0]:.3g}; give a positive definite "
            "matrix, over canonical modes only, with classical directions left out."
        ) from None
    return np.linalg.eigvalsh(1j * root.T @ canonical_form(modes) @ root)[modes:]


def purity(covariance) -> float:
    """Tr ρ² = Π 1/(2ν) of a Gaussian state with canonical covariance (2k, 2k)."""
    return float(np.prod(0.5 / state_eigenvalues(covariance)))


def entropy(covariance) -> float:
    """Von Neumann entropy Σ g(2ν) in nats; g(x) = ½(x + 1) ln ½(x + 1) − ½(x − 1) ln ½(x − 1).

    covariance : Σ of canonical pairs, shape (2k, 2k), vacuum ½·1

    Source: Holevo, Sohma and Hirota, Phys. Rev. A 59, 1820 (1999).
    """
    return float(np.sum(bosonic_entropy(2 * state_eigenvalues(covariance))))


def partial_transpose(covariance, mode: int = 1) -> np.ndarray:
    """The covariance (2k, 2k) with the sign of p reversed in one mode (0 … k − 1)."""
    cov = checked_matrix(covariance, "covariance", +1)
    flip = np.ones(len(cov))
    flip[2 * mode_index(mode, _count(cov)) + 1] = -1
    return flip[:, None] * cov * flip


def bosonic_entropy(x):
    """Entropy of a mode with symplectic eigenvalue x (vacuum 1): (n + 1) ln(n + 1) − n ln n at n = ½(x − 1)."""
    n = np.maximum((np.asarray(x) - 1) / 2, 0.0)
    return np.log1p(n) + n * np.log1p(1 / np.where(n > 0, n, 1.0))


def state_eigenvalues(covariance) -> np.ndarray:
    """Symplectic eigenvalues of a state, without rounding below ½; refuses what is not a state."""
    nu = symplectic_eigenvalues(covariance)
    if nu[0] < 0.5 - UNPHYSICAL * (1 + np.abs(covariance).max()):
        raise FiniteNError(
            f"covariance: its smallest symplectic eigenvalue is {nu[0]:.6g}, below ½, so it is not that of a state; "
            "give ½⟨{F_a, F_b}⟩ over pairs with [x, p] = +i (vacuum ½)."
        )
    return np.maximum(nu, 0.5)


def conditional(covariance: np.ndarray, T: np.ndarray, C: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Covariance of T F for given C F, and the matrix by which its mean follows C F."""
    V, between, classical = T @ covariance @ T.T, T @ covariance @ C.T, C @ covariance @ C.T
    follows = between @ np.linalg.pinv(classical, CERTAIN, hermitian=True)
    found = V - follows @ between.T
    return (found + found.T) / 2, follows


def _count(cov: np.ndarray) -> int:
    if len(cov) == 0 or len(cov) % 2:
        raise FiniteNError(
            f"covariance: got {len(cov)} directions; give canonical pairs (x_1, p_1, …), such as those of "
            "canonical_modes."
        )
    return len(cov) // 2


def mode_index(mode, count: int) -> int:
    """The index of a mode, 0 … count − 1; refuses anything else."""
    return check_whole(mode, "mode", 0, count - 1)
