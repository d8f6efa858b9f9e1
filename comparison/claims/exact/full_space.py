"""A few spins ½ in their full space of 2^N dimensions, for statements that hold at every N: operators, the generator of
collective dissipation in the Heisenberg picture, and what it gives in product states."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from scipy.linalg import expm

from comparison.referee.extrapolation import weights
from finite_n.model.operators import PAULI

SPIN = PAULI[1:] / 2  # s = σ/2, (3, 2, 2)
EPSILON = np.zeros((3, 3, 3))
EPSILON[0, 1, 2] = EPSILON[1, 2, 0] = EPSILON[2, 0, 1] = 1
EPSILON -= EPSILON.transpose(0, 2, 1)


@functools.cache
def site(mu: int, k: int, N: int) -> np.ndarray:
    """s_μ of particle k, μ = 0, 1, 2."""
    return np.kron(np.kron(np.eye(2**k), SPIN[mu]), np.eye(2 ** (N - k - 1)))


@functools.cache
def total(N: int) -> np.ndarray:
    """Σ_k s_μ^(k), (3, 2^N, 2^N)."""
    return np.array([sum(site(mu, k, N) for k in range(N)) for mu in range(3)])


def particle(w: np.ndarray) -> np.ndarray:
    """The density matrix of one spin with averages ω_μ = w_μ of s_μ."""
    return np.eye(2) / 2 + 2 * np.tensordot(w, SPIN, 1)


def product(w: np.ndarray, N: int) -> np.ndarray:
    """N spins with averages w each, without correlations."""
    return functools.reduce(np.kron, [particle(w)] * N)


def commutator(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """[a, b]."""
    return a @ b - b @ a


def anticommutator(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """{a, b}."""
    return a @ b + b @ a


def dissipated(x: np.ndarray, d: np.ndarray, jumps: np.ndarray) -> np.ndarray:
    """Σ_μν D_μν (L_μ x L_ν − ½ {L_μ L_ν, x}), the Lindblad generator in the Heisenberg picture."""
    out = np.zeros(x.shape, complex)
    for mu, nu in np.ndindex(d.shape):
        both = jumps[mu] @ jumps[nu]
        out += d[mu, nu] * (jumps[mu] @ x @ jumps[nu] - anticommutator(both, x) / 2)
    return out


def superoperator(of: Callable[[np.ndarray], np.ndarray], dim: int) -> np.ndarray:
    """The matrix of a linear map of matrices, by rows of the flattened matrix."""
    units = np.eye(dim * dim).reshape(-1, dim, dim)
    return np.array([of(unit).ravel() for unit in units]).T


def evolved(of: Callable[[np.ndarray], np.ndarray], rho: np.ndarray, t: float) -> np.ndarray:
    """The density matrix at time t for the generator `of` of observables: tr(ρ_t x) = tr(ρ e^{tL}[x])."""
    heisenberg = superoperator(of, len(rho))
    return (expm(t * heisenberg).T @ rho.T.ravel()).reshape(rho.shape).T


def in_limit(value: Callable[[int], np.ndarray], degree: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """N → ∞ of a polynomial in 1/N of some degree from its values at N = 2, 3, …, and how far one more size moves
    it."""
    sizes = range(2, degree + 4)
    values = np.array([value(N) for N in sizes])
    found = [np.tensordot(weights(sizes[-k:]), values[-k:], 1) for k in (degree + 1, degree + 2)]
    return found[1], np.abs(found[1] - found[0])
