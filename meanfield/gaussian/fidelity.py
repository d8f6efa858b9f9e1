"""Uhlmann's fidelity of Gaussian states of canonical pairs, and of states that are Gaussian for given classical
variables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from finite_n.errors import FiniteNError
from finite_n.model.validation import check_array
from meanfield.gaussian.canonical_modes import checked_matrix
from meanfield.gaussian.states import UNPHYSICAL, canonical_form, state_eigenvalues


def root_fidelity(first, second, shift=None) -> float:
    """√F = ‖√ρ √σ‖₁ of two Gaussian states.

    first, second : their covariances over pairs (x_1, p_1, …), vacuum ½·1, (2k, 2k); shift : by which their means
    differ, (2k,), by default 0. `qutip.fidelity` is this root, `finite_n.fidelity` its square.

        √F = Π_j (w_j + √(w_j² − 1))^½ / det(V₁ + V₂)^¼ · exp(−¼ δᵀ(V₁ + V₂)⁻¹δ)

    with ±w_j the eigenvalues of −2iWΩ, W = Ωᵀ(V₁ + V₂)⁻¹(Ω/4 + V₂ΩV₁); all w_j are 1 if one of the states is pure.

    Raises FiniteNError for covariances of no state or of different numbers of modes.

    Example
    -------
    >>> print(round(root_fidelity(np.eye(2) / 2, np.eye(2) * 1.5), 12))  # the vacuum and one thermal photon: √½
    0.707106781187

    Source: L. Banchi, S. L. Braunstein and S. Pirandola, Phys. Rev. Lett. 115, 260501 (2015), eqs. 10 to 14.
    """
    V, W = (checked_matrix(x, "covariance", +1) for x in (first, second))
    if V.shape != W.shape:
        raise FiniteNError(f"fidelity: covariances of shapes {V.shape} and {W.shape}; give states of the same modes.")
    widest = [state_eigenvalues(x)[-1] for x in (V, W)]
    omega, total = canonical_form(len(V) // 2), V + W
    shift = np.zeros(len(V)) if shift is None else check_array(shift, "fidelity: shift", (len(V),))
    root = float(np.linalg.det(total) ** -0.25 * np.exp(-shift @ np.linalg.solve(total, shift) / 4))
    if min(widest) <= 0.5 + UNPHYSICAL:
        return root
    auxiliary = omega.T @ np.linalg.solve(total, omega / 4 + W @ omega @ V)
    w = np.sort(np.linalg.eigvals(-2j * auxiliary @ omega).real)[len(V) // 2 :]
    w = np.maximum(w, 1.0)
    return root * float(np.prod(np.sqrt(w + np.sqrt(w**2 - 1))))


def averaged_root_fidelity(
    means: Sequence[np.ndarray], pairs: Sequence[np.ndarray], between: Sequence[np.ndarray], lengths: Sequence
) -> float:
    """√F = ∫ √(p(c) q(c)) √F(ρ_c, σ_c) dc of two states, Gaussian for given classical variables c, which are Gaussian
    too.

    means : of the pairs and c of the first state relative to the second, (2k,) and (l,)
    pairs : covariances of the pairs for given c, (2k, 2k) each
    between : by which their means follow c, (2k, l) each
    lengths : covariances of c, (l, l) each
    """
    (a, c), (V, W), (K, L), (A, B) = means, pairs, between, lengths
    root = root_fidelity(V, W)
    if not len(c):
        return root * float(np.exp(-a @ np.linalg.solve(V + W, a) / 4))
    if (least := min(np.linalg.eigvalsh(x)[0] for x in (A, B))) <= 0:
        raise FiniteNError(
            f"fidelity: a classical variable of variance {least:.3g}; give positive ones, or leave it out."
        )
    A, B, S = np.linalg.inv(A), np.linalg.inv(B), np.linalg.inv(V + W)
    # with u = c − ⟨c⟩ of the first state the exponent is −¼ (uᵀMu + 2bᵀu + rest)
    follows, apart = K - L, a - L @ c
    M, b = A + B + follows.T @ S @ follows, B @ c + follows.T @ S @ apart
    rest = c @ B @ c + apart @ S @ apart - b @ np.linalg.solve(M, b)
    weight = (np.linalg.det(A) * np.linalg.det(B)) ** 0.25 * 2 ** (len(c) / 2) / np.sqrt(np.linalg.det(M))
    return root * float(weight * np.exp(-rest / 4))
