"""The same generators on the full 2^N space, in qutip, written from the definitions: the reference for N ≤ 6.

Nothing here uses the package's Dicke blocks: particles are tensor factors, Γ(Δ) is a matrix function of a 2^N matrix.
"""

from __future__ import annotations

import itertools

import numpy as np
import qutip
from scipy.sparse.linalg import expm_multiply

PAULI = [qutip.qeye(2), qutip.sigmax(), qutip.sigmay(), qutip.sigmaz()]


def site(x, k: int, N: int) -> qutip.Qobj:
    """x acting on particle k."""
    return qutip.tensor([qutip.Qobj(np.asarray(x)) if i == k else qutip.qeye(2) for i in range(N)])


def mean(x, N: int) -> qutip.Qobj:
    """m(x) = (1/N) Σ_k x^(k)."""
    return sum(site(x, k, N) for k in range(N)) / N


def polynomial(p, N: int) -> qutip.Qobj:
    """An ordered polynomial of averages."""
    identity = qutip.tensor([qutip.qeye(2)] * N)
    letters = [mean(PAULI[a].full(), N) for a in (1, 2, 3)]
    total = 0 * identity
    for word, c in p.words.items():
        product = identity
        for letter in word:
            product = product * letters[letter - 1]
        total = total + c * product
    return total


def hermitian_function(f, operator: qutip.Qobj) -> qutip.Qobj:
    """f of a Hermitian operator through its eigenvectors."""
    values, vectors = np.linalg.eigh(operator.full())
    return qutip.Qobj((vectors * f(values)) @ vectors.conj().T, dims=operator.dims)


def liouvillian(model, N: int):
    """The superoperator, as a scipy sparse matrix on column-stacked density matrices."""
    L = qutip.liouvillian(N * polynomial(model.hamiltonian, N))
    for jump in model.jumps:
        for k in range(N):
            J = site(jump.operator, k, N)
            if not jump.amplitude.is_constant:
                r = sum(c * p.full() for c, p in zip(jump.delta, PAULI, strict=True))
                others = [i for i in range(N) if jump.include_self or i != k]
                delta = sum((site(r, i, N) for i in others), 0 * J) / N
                J = J * hermitian_function(jump.amplitude, delta)
            else:
                J = J * float(jump.amplitude(0.0))
            L = L + qutip.lindblad_dissipator(J)
    for part in model.collective:
        ops = [np.sqrt(N) * mean(v, N) for v in part.operators]
        for m, n in itertools.product(range(len(ops)), repeat=2):
            a, b = ops[m], ops[n]
            square = a.dag() * b
            L = L + part.kossakowski[m, n] * (
                qutip.spre(b) * qutip.spost(a.dag()) - 0.5 * (qutip.spre(square) + qutip.spost(square))
            )
    return L.to("csr").data.as_scipy()


def product_state(density, N: int) -> np.ndarray:
    """density^⊗N, shape (2^N, 2^N)."""
    return qutip.tensor([qutip.Qobj(density)] * N).full()


def evolve(model, rho0: np.ndarray, t: float, N: int) -> np.ndarray:
    """ρ(t) on the full space, shape (2^N, 2^N)."""
    vector = expm_multiply(t * liouvillian(model, N), rho0.reshape(-1, order="F").astype(complex))
    return vector.reshape(rho0.shape, order="F")


def expect(p, rho: np.ndarray, N: int) -> complex:
    """Tr(ρ p)."""
    return np.trace(polynomial(p, N).full() @ rho)


def reduced(rho: np.ndarray, n: int, N: int) -> np.ndarray:
    """Reduced state of the first n particles, shape (2^n, 2^n)."""
    return qutip.Qobj(rho, dims=[[2] * N] * 2).ptrace(list(range(n))).full()
