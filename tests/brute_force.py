"""The same generators on the full 2^N space, written from the definitions with qutip operators: the reference for N ≤
6.

Nothing here uses the package's Dicke blocks: particles are tensor factors, Γ(Δ) is a function of a 2^N × 2^N matrix.
"""

from __future__ import annotations

import numpy as np
import qutip
from scipy.integrate import solve_ivp

PAULI = [qutip.qeye(2), qutip.sigmax(), qutip.sigmay(), qutip.sigmaz()]


def site(x, k: int, N: int) -> np.ndarray:
    """x acting on particle k."""
    return qutip.tensor([qutip.Qobj(np.asarray(x)) if i == k else qutip.qeye(2) for i in range(N)]).full()


def mean(x, N: int) -> np.ndarray:
    """m(x) = (1/N) Σ_k x^(k)."""
    return sum(site(x, k, N) for k in range(N)) / N


def polynomial(p, N: int) -> np.ndarray:
    """An ordered polynomial of averages."""
    letters = [mean(PAULI[a].full(), N) for a in (1, 2, 3)]
    total = np.zeros((2**N, 2**N), complex)
    for word, c in p.words.items():
        product = np.eye(2**N)
        for letter in word:
            product = product @ letters[letter.index - 1]
        total += c * product
    return total


def hermitian_function(f, operator: np.ndarray) -> np.ndarray:
    """f of a Hermitian matrix through its eigenvectors."""
    values, vectors = np.linalg.eigh(operator)
    return (vectors * f(values)) @ vectors.conj().T


def integrated(rhs, rho0: np.ndarray, t: float) -> np.ndarray:
    """ρ(t) of ρ̇ = rhs(ρ), relative tolerance 1e-12."""
    shape = rho0.shape
    solution = solve_ivp(
        lambda _, y: rhs(y.reshape(shape)).ravel(),
        (0, t),
        rho0.astype(complex).ravel(),
        method="DOP853",
        rtol=1e-12,
        atol=1e-13,
    )
    return solution.y[:, -1].reshape(shape)


class BruteForce:
    """H, all jump operators and all collective forms of a model on 2^N."""

    def __init__(self, model, N: int):
        self.N = N
        self.H = N * polynomial(model.hamiltonian, N)
        self.jumps = [self._jump(jump, k) for jump in model.jumps for k in range(N)]
        self.collective = [
            ([np.sqrt(N) * mean(v, N) for v in part.operators], part.kossakowski) for part in model.collective
        ]

    def _jump(self, jump, k):
        N, j = self.N, site(jump.operator, k, self.N)
        if jump.amplitude.is_constant:
            return float(jump.amplitude(0.0)) * j
        ones = sum(jump.ones.values())  # of r; the rest of the constant belongs to no particle
        r = sum((c * p.full() for c, p in zip(jump.delta[1:], PAULI[1:], strict=True)), ones * np.eye(2))
        others = [i for i in range(N) if jump.include_self or i != k]
        delta = sum((site(r, i, N) for i in others), np.zeros((2**N, 2**N), complex)) / N
        delta = delta + (jump.delta[0] - ones) * np.eye(2**N)
        return j @ hermitian_function(jump.amplitude, delta)

    def rhs(self, rho: np.ndarray) -> np.ndarray:
        """ρ̇."""
        out = -1j * (self.H @ rho - rho @ self.H)
        for J in self.jumps:
            square = J.conj().T @ J
            out += J @ rho @ J.conj().T - 0.5 * (square @ rho + rho @ square)
        for L, D in self.collective:
            for m, left in enumerate(L):
                for n, right in enumerate(L):
                    square = left.conj().T @ right
                    out += D[m, n] * (right @ rho @ left.conj().T - 0.5 * (square @ rho + rho @ square))
        return out

    def liouvillian(self) -> np.ndarray:
        """The superoperator from qutip, on column-stacked density matrices: a check of `rhs` (small N)."""
        c_ops = [qutip.Qobj(J) for J in self.jumps]
        L = qutip.liouvillian(qutip.Qobj(self.H), c_ops)
        for ops, D in self.collective:
            for m, n in np.ndindex(D.shape):
                a, b = qutip.Qobj(ops[m]), qutip.Qobj(ops[n])
                square = a.dag() * b
                half = (qutip.spre(square) + qutip.spost(square)) / 2
                L = L + D[m, n] * (qutip.spre(b) * qutip.spost(a.dag()) - half)
        return L.full()

    def evolve(self, rho0: np.ndarray, t: float) -> np.ndarray:
        """ρ(t), relative tolerance 1e-12."""
        return integrated(self.rhs, rho0, t)

    def expect(self, p, rho: np.ndarray) -> complex:
        """Tr(ρ p) of a polynomial of averages."""
        return np.trace(polynomial(p, self.N) @ rho)


def product_state(density, N: int) -> np.ndarray:
    """density^⊗N, shape (2^N, 2^N)."""
    return qutip.tensor([qutip.Qobj(density)] * N).full()


def reduced(rho: np.ndarray, n: int, N: int) -> np.ndarray:
    """Reduced state of the first n particles, shape (2^n, 2^n)."""
    return qutip.Qobj(rho, dims=[[2] * N] * 2).ptrace(list(range(n))).full()
