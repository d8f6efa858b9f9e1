"""Gaussian operators of a few bosons without any Fock space: exponentials of quadratic forms and their evolution.

R = (x_1, p_1, x_2, p_2, …), [R_j, R_k] = iΩ_jk. An operator A with Tr A = z and complex "covariance" V_jk = ½ Tr(A
{R_j, R_k})/z, without first moments, is known by (z, V). Under a quadratic, linear-jump Lindbladian z stays and V obeys
the same linear equation as that of a state. What exponentials of quadratic forms do to (z, V) is integrated as an
ordinary differential equation in the exponent's scale: d/ds of e^{isX} A is iXA, with fourth moments by Wick's theorem.
"""

from __future__ import annotations

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import expm


def symplectic(bosons: int) -> np.ndarray:
    return np.kron(np.eye(bosons), [[0.0, 1.0], [-1.0, 0.0]])


def multiplied(z: complex, V: np.ndarray, K: np.ndarray, scale: float, left: bool) -> tuple[complex, np.ndarray]:
    """(z, V) of e^{isX}A, or of A e^{isX}, X = Σ K_jk R_j R_k with K real and symmetric.

    d(log z)/ds = i⟨X⟩ = i tr KV. By Wick's theorem dV/ds = i(⟨S X⟩ − ⟨S⟩⟨X⟩) = 2i W K W^T of S_jk = ½{R_j, R_k}, where
    Tr(XAS) = z⟨SX⟩ takes W_jl = ⟨R_j R_l⟩ = (V + iΩ/2)_jl, and Tr(AXS) = z⟨XS⟩ takes ⟨R_l R_j⟩.
    """
    n = len(V)
    omega = symplectic(n // 2)

    def rhs(s, y):
        v = y[1:].reshape(n, n)
        w = v + (0.5j if left else -0.5j) * omega
        return np.concatenate([[1j * np.trace(K @ v)], (2j * w @ K @ w.T).ravel()])

    start = np.concatenate([[0.0], V.ravel()]).astype(complex)
    done = solve_ivp(rhs, (0.0, scale), start, method="DOP853", rtol=1e-13, atol=1e-15)
    end = done.y[:, -1]
    return z * np.exp(end[0]), end[1:].reshape(n, n)


def evolved(V: np.ndarray, G: np.ndarray, C: np.ndarray, t: float) -> np.ndarray:
    """V(t) for H = ½ R·G·R and ρ̇ ∋ Σ C_ab (R_b ρ R_a − ½{R_a R_b, ρ}): V̇ = AV + VA^T + D.

    A = Ω(G + Im C), D = Ω Re C Ω^T.
    """
    omega = symplectic(len(V) // 2)
    A, D = omega @ (G + np.imag(C)), omega @ np.real(C) @ omega.T
    # V(t) = V* + e^{At}(V − V*)e^{A^T t}; by the exponential of a block matrix, which needs no V*
    n = len(V)
    block = expm(t * np.block([[A, D], [np.zeros((n, n)), -A.T]]))
    return block[:n, :n] @ V @ block[:n, :n].T + block[:n, n:] @ block[:n, :n].T
