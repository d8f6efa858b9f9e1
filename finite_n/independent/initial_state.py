"""What particles that do not interact need of the start of a species: averages of one, correlations of two.

Every state is known by x = ⟨v_a⟩ and C_ab = N (⟨v_a ⊗ v_b⟩ − ⟨v_a⟩⟨v_b⟩) of two different particles; a product state,
C = 0, is all known by x.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.special import gammaln, logsumexp

from finite_n.engine.thermal_states import down_populations
from finite_n.errors import FiniteNError
from finite_n.memory import check_memory
from finite_n.model.operators import PAULI, hermitian_basis
from finite_n.states.conversions import FullState
from finite_n.states.particles import BlockState, DickeState, ProductState, State, ThermalState, no_case
from finite_n.states.symmetric import SymmetricState

_PER_PARTICLE = 100.0  # bytes of lists over N + 1 populations


@dataclasses.dataclass(frozen=True)
class Start:
    """x (d²,), x_0 the trace; C (d² − 1, d² − 1), None for a product state; smallest: the smallest eigenvalue of a
    state that is given by its elements, zero if none is negative, None for others."""

    averages: np.ndarray
    correlations: np.ndarray | None = None
    smallest: float | None = None


def start_of(state: State, size: int) -> Start:
    """Of N_s particles of a species."""
    if isinstance(state, ThermalState) and state.hamiltonian.degree <= 1:
        state = ProductState(_thermal_density(state))
    if isinstance(state, ProductState):
        return Start(np.einsum("aij,ji->a", hermitian_basis(state.dim), state.density).real)
    if isinstance(state, ThermalState) and state.is_diagonal():
        check_memory("the start", size, lambda n: _PER_PARTICLE * n)
        m = 1 - 2 * np.arange(size + 1) / size
        return _along_z(m, down_populations(state, size), size)
    if isinstance(state, DickeState):
        b, i = state.position(size)
        J, M = size / 2 - b, size / 2 - b - i
        across = (J * (J + 1) - M**2) / 2  # ⟨S_x²⟩
        return _collective(np.array([0.0, 0.0, M]), np.diag([across, across, 0.0]), size)
    if isinstance(state, ThermalState):
        check_memory("the start", size, lambda n: 64.0 * n**3)
        return _of_blocks(_thermal_blocks(state, size), size)
    if isinstance(state, BlockState):
        return _of_blocks(state.of_size(size), size)
    if isinstance(state, SymmetricState):
        check_memory("the start", size, lambda n: 16.0 * n)
        return _of_amplitudes(state.of_size(size), size)
    if isinstance(state, FullState):
        state.check_size(size)
        return _of_pairs(state)
    raise FiniteNError(no_case(state, "independent particles"))


def _thermal_density(state: ThermalState) -> np.ndarray:
    """One particle's exp(−β Σ_a h_a σ_a)/Z."""
    field = state.beta * np.real(state.hamiltonian.gradient(np.zeros(3)))
    length = np.linalg.norm(field)
    m = -field / length * np.tanh(length) if length else np.zeros(3)
    return (PAULI[0] + np.einsum("a,aij->ij", m, PAULI[1:])) / 2


def _along_z(m: np.ndarray, weights: np.ndarray, size: int) -> Start:
    """A mixture of configurations of magnetisation m: only σz has an average, only σz σz is correlated."""
    mean = float(weights @ m)
    correlations = np.zeros((3, 3))
    if size > 1:
        # N (⟨σz σz⟩ − ⟨σz⟩²) with ⟨σz σz⟩ = (N⟨m²⟩ − 1)/(N − 1)
        correlations[2, 2] = size / (size - 1) * (size * float(weights @ (m - mean) ** 2) - (1 - mean**2))
    return Start(np.array([1.0, 0.0, 0.0, mean]), correlations)


def _of_blocks(blocks: list[np.ndarray], size: int) -> Start:
    """From all ρ_J, J = N/2, N/2 − 1, …"""
    mean, second = np.zeros(3), np.zeros((3, 3))
    for k, block in enumerate(blocks):
        S = _spin(size / 2 - k)
        mean += np.einsum("aij,ji->a", S, block).real
        second += np.einsum("aij,bjk,ki->ab", S, S, block, optimize=True).real
    trace = float(sum(np.trace(b).real for b in blocks))
    smallest = min(float(np.linalg.eigvalsh(b)[0]) for b in blocks)
    return _collective(mean, (second + second.T) / 2 - np.outer(mean, mean), size, trace, min(smallest, 0.0))


def _collective(mean, covariance, size: int, trace: float = 1.0, smallest: float | None = None) -> Start:
    """From ⟨S_a⟩ and Re⟨S_a S_b⟩ − ⟨S_a⟩⟨S_b⟩ = ¼ [N (δ_ab Tr ρ − m_a m_b) + (N − 1) C_ab]."""
    m = 2 * mean / size
    correlations = np.zeros((3, 3))
    if size > 1:
        correlations = (4 * covariance - size * (trace * np.eye(3) - np.outer(m, m))) / (size - 1)
    return Start(np.append(trace, m), correlations, smallest)


def _thermal_blocks(state: ThermalState, size: int) -> list[np.ndarray]:
    """exp(−β N h)/Z on every J, times the number of copies of that spin."""
    spectra, logs = [], []
    for k in range(size // 2 + 1):
        J = size / 2 - k
        h = state.hamiltonian.evaluate([_Matrix(s * 2 / size) for s in _spin(J)], _Matrix(np.eye(round(2 * J) + 1)))
        energies, vectors = np.linalg.eigh(size * h.array)
        copies = np.log(2 * J + 1) + gammaln(size + 1) - gammaln(k + 1) - gammaln(size - k + 2)
        spectra.append(vectors)
        logs.append(copies - state.beta * energies)
    norm = logsumexp(np.concatenate(logs))
    return [(v * np.exp(x - norm)) @ v.conj().T for v, x in zip(spectra, logs, strict=True)]


class _Matrix:
    """A matrix whose * is the product of matrices, for `Polynomial.evaluate`."""

    def __init__(self, array: np.ndarray):
        self.array = array

    def __mul__(self, other):
        return _Matrix(self.array @ other.array)

    def __rmul__(self, number):
        return _Matrix(number * self.array)

    def __add__(self, other):
        return _Matrix(self.array + other.array)


def _of_amplitudes(psi: np.ndarray, size: int) -> Start:
    """From |ψ⟩ on J = N/2."""
    J, M = size / 2, size / 2 - np.arange(size + 1)
    raised = np.append(np.sqrt((J - M[1:]) * (J + M[1:] + 1)) * psi[1:], 0.0)
    lowered = np.append(0.0, np.sqrt((J + M[:-1]) * (J - M[:-1] + 1)) * psi[:-1])
    S = np.array([(raised + lowered) / 2, (raised - lowered) / 2j, M * psi])
    mean = (S @ psi.conj()).real
    return _collective(mean, (S.conj() @ S.T).real - np.outer(mean, mean), size)


def _of_pairs(state: FullState) -> Start:
    """From the states of one and of two particles."""
    v = hermitian_basis(state.dim)
    x = np.einsum("aij,ji->a", v, state.reduced(1)).real
    correlations = np.zeros((len(v) - 1,) * 2)
    if state.size > 1:
        d = state.dim
        pair = np.einsum("aij,bkl,jlik->ab", v[1:], v[1:], state.reduced(2).reshape(d, d, d, d)).real
        correlations = state.size * (pair - np.outer(x[1:], x[1:]))
    return Start(x, correlations, 0.0)


def _spin(J: float) -> np.ndarray:
    """S_x, S_y, S_z on |J, M⟩, M descending, shape (3, 2J + 1, 2J + 1)."""
    M = J - np.arange(round(2 * J) + 1)
    up = np.diag(np.sqrt((J - M[1:]) * (J + M[1:] + 1)), 1).astype(complex)
    return np.array([(up + up.T) / 2, (up - up.T) / 2j, np.diag(M)])
