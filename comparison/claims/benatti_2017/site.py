"""One site of the double chain, two oscillators in a truncated Fock space: operators as matrices, the thermal state,
and the master equation as it is written, in the Heisenberg and in the Schrödinger picture.

Matrices are cut out of a larger space, so that those of the polynomials here are the full operators between the levels
kept. Of the thermal state at `CHAIN` what is left out weighs γ^15, 2e-16.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import expm_multiply

from comparison.claims.exact.full_space import anticommutator, commutator
from finite_n.model.polynomial import Polynomial
from finite_n.systems.double_chain import FIRST, SECOND, DoubleChain

CHAIN = DoubleChain(T=0.5, omega=1.2, coupling=0.9)  # ω is not 1, so that a factor ω shows
QUANTA = 14
_BEYOND = 4  # quanta of the larger space beyond those kept
LETTERS = (FIRST.x, FIRST.p, SECOND.x, SECOND.p)
# X1 … X6 span six of the ten quadratic operators; the others keep the number of quanta
OTHERS = (
    FIRST.x**2 + FIRST.p**2,
    SECOND.x**2 + SECOND.p**2,
    FIRST.x * SECOND.x + FIRST.p * SECOND.p,
    FIRST.x * SECOND.p - FIRST.p * SECOND.x,
)


class Site:
    """Both oscillators together hold at most `quanta` quanta; D = `size` levels of a site."""

    def __init__(self, chain: DoubleChain, quanta: int = QUANTA):
        self.chain = chain
        most = quanta + _BEYOND
        self.numbers = np.array([(n, total - n) for total in range(most + 1) for n in range(total, -1, -1)])
        self.size = int(np.count_nonzero(self.numbers.sum(axis=1) <= quanta))
        a, b = (self._lowering(k) for k in (0, 1))
        quadratures = (
            (a + a.T) / np.sqrt(2),
            (a - a.T) / (1j * np.sqrt(2)),
            (b + b.T) / np.sqrt(2),
            (b - b.T) / (1j * np.sqrt(2)),
        )
        self.wide_v = [sp.csr_array(x) for x in quadratures]

    @functools.cached_property
    def v(self) -> np.ndarray:
        """x_1, p_1, x_2, p_2, (4, D, D)."""
        return np.array([self.cut(x) for x in self.wide_v])

    @functools.cached_property
    def X(self) -> np.ndarray:
        """The six operators, (6, D, D)."""
        return np.array([self.matrix(p) for p in self.chain.operators.values()])

    @functools.cached_property
    def H(self) -> np.ndarray:
        """The Hamiltonian."""
        return self.matrix(self.chain.particle.hamiltonian)

    @functools.cached_property
    def weights(self) -> np.ndarray:
        """Populations of the thermal state, (D,)."""
        energies = self.wide(self.chain.particle.hamiltonian).diagonal().real[: self.size]
        weights = np.exp(-energies / self.chain.T)
        return weights / weights.sum()

    @functools.cached_property
    def rho(self) -> np.ndarray:
        """The thermal state, which is diagonal."""
        return np.diag(self.weights).astype(complex)

    def _lowering(self, b: int) -> sp.csr_array:
        at = {tuple(n): k for k, n in enumerate(self.numbers.tolist())}
        steps = [(at[n[0] - (b == 0), n[1] - (b == 1)], k, n[b]) for n, k in at.items() if n[b]]
        rows, columns, quanta = np.array(steps).T
        return sp.csr_array((np.sqrt(quanta), (rows, columns)), shape=(len(at), len(at)))

    def cut(self, x: sp.csr_array) -> np.ndarray:
        """The elements between levels that are kept, of a matrix of the larger space."""
        return x[: self.size, : self.size].toarray()

    def wide(self, p: Polynomial) -> sp.csr_array:
        """The matrix of a polynomial of x and p in the larger space."""
        letters = dict(zip((next(iter(x.letters)) for x in LETTERS), self.wide_v, strict=True))
        one = sp.eye_array(len(self.numbers), format="csr")
        return sum(
            c * functools.reduce(operator.matmul, [letters[a] for a in word], one) for word, c in p.words.items()
        )

    def matrix(self, p: Polynomial) -> np.ndarray:
        """The matrix of a polynomial of x and p of degree four or less."""
        return self.cut(self.wide(p))

    def average(self, x: np.ndarray) -> np.ndarray:
        """⟨x⟩ in the thermal state, of one or several matrices."""
        return np.einsum("i,...ii->...", self.weights, x)

    def combined(self, r: Sequence[float]) -> np.ndarray:
        """r·X."""
        return np.tensordot(np.asarray(r), self.X, 1)

    def exponential(self, r: Sequence[float], scale: float = 1.0) -> np.ndarray:
        """exp(i s r·X)."""
        values, vectors = self._spectrum(tuple(np.asarray(r, float)))
        return (vectors * np.exp(1j * scale * values)) @ vectors.conj().T

    @functools.cache  # noqa: B019 (sites live as long as the run)
    def _spectrum(self, r: tuple[float, ...]):
        return np.linalg.eigh(self.combined(r))

    def hamiltonian_part(self, p: Polynomial) -> np.ndarray:
        """i[H, p] of a polynomial of degree two or less."""
        return self.cut(1j * commutator(self.wide(self.chain.particle.hamiltonian), self.wide(p)))

    def dissipative_part(self, p: Polynomial) -> np.ndarray:
        """Σ C_αβ (V_α p V_β − ½ {V_α V_β, p}), the same."""
        x, (right, both) = self.wide(p), self._jumps
        return self.cut(sum(v @ x @ w for v, w in zip(self.wide_v, right, strict=True)) - anticommutator(both, x) / 2)

    @functools.cached_property
    def _jumps(self) -> tuple[list[sp.csr_array], sp.csr_array]:
        """W_α = Σ_β C_αβ V_β, and Σ_α V_α W_α."""
        right = [sum(c * v for c, v in zip(row, self.wide_v, strict=True)) for row in self.chain.kossakowski]
        return right, sum(v @ w for v, w in zip(self.wide_v, right, strict=True))

    def generated(self, p: Polynomial) -> np.ndarray:
        """L[p]."""
        return self.hamiltonian_part(p) + self.dissipative_part(p)

    def coefficients(self, x: np.ndarray, operators: Sequence[np.ndarray]) -> tuple[np.ndarray, float]:
        """c of x = Σ_k c_k operators_k, real, and the largest element that is left over."""
        columns = np.array([o.ravel() for o in operators]).T
        both = np.concatenate([columns.real, columns.imag])
        target = np.concatenate([x.ravel().real, x.ravel().imag])
        c = np.linalg.lstsq(both, target, rcond=None)[0]
        return c, float(np.abs(both @ c - target).max())

    @functools.cached_property
    def schroedinger(self) -> sp.csr_array:
        """ρ̇ = −i[H, ρ] + Σ C_αβ (V_β ρ V_α − ½ {V_α V_β, ρ}) on ρ row by row, (D², D²)."""
        C, one = self.chain.kossakowski, sp.eye_array(self.size)
        v = [sp.csr_array(x) for x in self.v]
        pairs = [(a, b) for a, b in np.ndindex(4, 4) if C[a, b] != 0]
        both = sum(C[a, b] * self.cut(self.wide_v[a] @ self.wide_v[b]) for a, b in pairs)
        left = sp.csr_array(-1j * self.H - both / 2)
        out = sp.kron(left, one) + sp.kron(one, left.conj())
        out = sp.csr_array(out + sum(C[a, b] * sp.kron(v[b], v[a].T) for a, b in pairs))
        out.data[np.abs(out.data) < 1e-14] = 0.0  # two jumps of the same kind cancel
        out.eliminate_zeros()
        return out

    def evolved(self, states: np.ndarray, t: float) -> np.ndarray:
        """e^{tL} of several states, or products of states with operators, (n, D, D)."""
        if t == 0:
            return states
        columns = np.ascontiguousarray(states.reshape(len(states), -1).T)
        out = expm_multiply(self.schroedinger, columns, 0, t, 2, endpoint=True, traceA=self.schroedinger.trace())
        return out[-1].T.reshape(states.shape)


@functools.cache
def site(
    T: float = CHAIN.T, coupling: float = CHAIN.coupling, quanta: int = QUANTA, omega: float = CHAIN.omega
) -> Site:
    """The site at these parameters."""
    return Site(DoubleChain(T, omega, coupling), quanta)


@functools.cache
def generator(
    T: float = CHAIN.T, coupling: float = CHAIN.coupling, omega: float = CHAIN.omega, dissipative: bool = False
) -> np.ndarray:
    """L, or its dissipative part, on 1, x and p, the six operators and the four others, by rows, (15, 15)."""
    s = site(T, coupling, 4, omega)
    basis = [Polynomial({(): 1}), *LETTERS, *s.chain.operators.values(), *OTHERS]
    matrices = [s.matrix(p) for p in basis]
    of = s.dissipative_part if dissipative else s.generated
    return np.array([s.coefficients(of(p), matrices)[0] for p in basis])


def correlations(where: Site) -> np.ndarray:
    """⟨X_μ X_ν⟩ of one site in its thermal state, (6, 6); ⟨X_μ⟩ = 0."""
    wide = [where.wide(p) for p in where.chain.operators.values()]
    return np.array([[where.weights @ (a @ b).diagonal()[: where.size] for b in wide] for a in wide])


def two_sites(x: np.ndarray, at: int) -> np.ndarray:
    """An operator of the first or second of two sites, at = 0 or 1."""
    one = np.eye(len(x))
    return np.kron(x, one) if at == 0 else np.kron(one, x)
