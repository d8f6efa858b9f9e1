"""Initial states, written for every N at once: product, coherent, Dicke, thermal, or given block by block.

A state knows `vector(blocks, frame)`, its elements in the frame turned by a 2×2 unitary, and, if it clusters,
`limit()`, the Bloch vector and covariance of fluctuations as N → ∞.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable

import numpy as np
from scipy.special import logsumexp, xlogy

from finite_n import kernels
from finite_n.dicke_blocks.blocks import DickeBlocks, dicke_blocks, log_multiplicity
from finite_n.dicke_blocks.operators import spin_bands, total
from finite_n.dicke_blocks.rotation import rotate
from finite_n.errors import FiniteNError, shown
from finite_n.model.operators import PAULI, as_operator, bloch_to_density, coefficients, hermitian_basis
from finite_n.model.polynomial import XYZ, Polynomial, as_polynomial

LARGEST_ANGLE = 1e6  # beyond, digits of the direction are lost
_IDENTITY = np.eye(2, dtype=complex)
_ROUNDING = 1e-15  # of entries of one particle: taken for zero
_AT_ONCE = 2_000_000  # elements of blocks that are made to look at some of them


class State:
    """A family of permutation-symmetric states ρ_N."""

    def matrices(self, blocks: DickeBlocks) -> list[np.ndarray]:
        """ρ_J in the frame of the laboratory."""
        raise NotImplementedError

    def vector(self, blocks: DickeBlocks, frame: np.ndarray = _IDENTITY) -> np.ndarray:
        """Elements of W ρ W†, W the representation of `frame`, on the given blocks; float64 if all are real."""
        matrices = self.matrices(dicke_blocks(blocks.N))
        lab = blocks.join(matrices[round(blocks.N / 2 - J)] for J in blocks.J)
        return _real_if_real(lab if np.array_equal(frame, _IDENTITY) else rotate(lab, frame, blocks))

    def diagonal(self, blocks: DickeBlocks, frame: np.ndarray = _IDENTITY) -> np.ndarray | None:
        """⟨J, M|W ρ W†|J, M⟩ over the rows if there is nothing else, made without the blocks; None where that is not
        known."""
        return None

    def is_diagonal(self, frame: np.ndarray = _IDENTITY) -> bool:
        """Whether `diagonal` knows the state for every N."""
        return False

    def populations(self, N: int, frame: np.ndarray = _IDENTITY) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Positions N/2 − J, positions J − M and weights of the populations that are not zero, of a state that is
        diagonal."""
        blocks = dicke_blocks(N)
        weight = self.diagonal(blocks, frame)
        used = np.flatnonzero(weight)
        return blocks.row_block[used], blocks.row_index[used], weight[used]

    def support(self, blocks: DickeBlocks, frame: np.ndarray = _IDENTITY) -> np.ndarray | None:
        """Elements that are not zero, sorted; None if nearly all are."""
        diagonal = self.diagonal(blocks, frame)
        if diagonal is None:
            return np.flatnonzero(self.vector(blocks, frame))
        return blocks.diagonal()[diagonal != 0]

    def on(self, elements: np.ndarray, blocks: DickeBlocks, frame: np.ndarray = _IDENTITY) -> np.ndarray:
        """Some elements (sorted) of `vector`, without making the others where that can be avoided."""
        diagonal = self.diagonal(blocks, frame)
        if diagonal is None:
            return self.vector(blocks, frame)[elements]
        b, i, k = blocks.locate(elements)
        return np.where(i == k, diagonal[blocks.row_start[b] + i], 0.0)

    def weights(self, N: int) -> np.ndarray:
        """tr ρ_J for J = N/2, N/2 − 1, …"""
        diagonal = self.diagonal(blocks := dicke_blocks(N))
        if diagonal is not None:
            return np.add.reduceat(diagonal, blocks.row_start[:-1])
        return np.array([np.trace(m).real for m in self.matrices(dicke_blocks(N))])

    @property
    def bloch(self) -> np.ndarray | None:
        """⟨v_a⟩ of one particle, for two levels ⟨σ⟩, where it does not depend on N; None otherwise."""
        return None

    def limit(self) -> tuple[np.ndarray, np.ndarray]:
        """m = ⟨σ⟩, shape (3,), and Σ_ab = ½⟨{F_a, F_b}⟩, shape (3, 3), as N → ∞."""
        raise FiniteNError(
            f"{shown(self)} has no mean-field limit here: its fluctuations are not those of a product state. "
            "Start from product(…) or coherent(…) to compare with a limit."
        )


class ProductState(State):
    """ρ = ρ₁^⊗N, ρ₁ pure or mixed, of d levels (on Dicke blocks: two)."""

    def __init__(self, density: np.ndarray):
        self.density = density

    @property
    def bloch(self) -> np.ndarray:
        return 2 * np.real(coefficients(self.density)[1:])

    def vector(self, blocks: DickeBlocks, frame: np.ndarray = _IDENTITY) -> np.ndarray:
        density = frame @ self.density @ frame.conj().T
        if np.abs(density.imag).max() < 1e-15:
            density = density.real
        logs, spectrum = self._logs(blocks.N)
        factor = np.exp(logs[np.rint(blocks.N / 2 - blocks.J).astype(int)])
        out = np.empty(blocks.dim, density.dtype)
        kernels.symmetric_powers(density / spectrum[1], factor, out, blocks.size, blocks.element_start)
        return out

    def _logs(self, N: int) -> tuple[np.ndarray, np.ndarray]:
        """Logarithms of d_J det(ρ₁)^{N/2−J} λ^{2J} in ρ_J = d_J det(ρ₁)^{N/2−J} Sym^{2J}(ρ₁), and the eigenvalues of
        ρ₁, of which the larger one, λ, is taken out against underflow."""
        spectrum = np.clip(np.linalg.eigvalsh(self.density), 0.0, 1.0)
        J = N / 2 - np.arange(N // 2 + 1)
        logs = log_multiplicity(N, J) + xlogy(N / 2 - J, spectrum[0] * spectrum[1])
        return logs + 2 * J * np.log(spectrum[1]), spectrum

    def weights(self, N: int) -> np.ndarray:
        logs, spectrum = self._logs(N)
        ratio, two_J = spectrum[0] / spectrum[1], N - 2 * np.arange(N // 2 + 1)
        # tr Sym^{2J} = Σ_k ratio^k, k = 0 … 2J
        if ratio == 1:
            series = two_J + 1.0
        elif ratio > 0:  # the same logarithm twice, so that its error cancels near the maximally mixed state
            series = np.expm1((two_J + 1.0) * np.log(ratio)) / np.expm1(np.log(ratio))
        else:
            series = np.ones(len(two_J))
        return np.exp(logs) * series

    def matrices(self, blocks: DickeBlocks) -> list[np.ndarray]:
        return blocks.matrices(self.vector(blocks))

    def is_diagonal(self, frame: np.ndarray = _IDENTITY) -> bool:
        return bool(abs((frame @ self.density @ frame.conj().T)[0, 1]) < _ROUNDING)

    def diagonal(self, blocks: DickeBlocks, frame: np.ndarray = _IDENTITY) -> np.ndarray | None:
        if not self.is_diagonal(frame):
            return None
        up, down = np.clip(np.diag(frame @ self.density @ frame.conj().T).real, 0.0, 1.0)
        logs = blocks.log_multiplicity[blocks.row_block]
        logs = logs + xlogy(blocks.N / 2 + blocks.row_M, up) + xlogy(blocks.N / 2 - blocks.row_M, down)
        return np.exp(logs)

    def support(self, blocks: DickeBlocks, frame: np.ndarray = _IDENTITY) -> np.ndarray | None:
        if self.is_diagonal(frame):
            return super().support(blocks, frame)
        if np.linalg.eigvalsh(self.density)[0] > 0 or blocks.J[0] < blocks.N / 2:
            return None
        return np.arange(blocks.size[0] ** 2)  # pure: J = N/2 only

    def on(self, elements: np.ndarray, blocks: DickeBlocks, frame: np.ndarray = _IDENTITY) -> np.ndarray:
        if self.is_diagonal(frame) or blocks.dim <= _AT_ONCE:
            return super().on(elements, blocks, frame)
        out, together = [], np.cumsum(blocks.size.astype(float) ** 2) // _AT_ONCE
        for x in np.unique(together):
            chosen = np.flatnonzero(together == x)
            begin, end = blocks.element_start[[chosen[0], chosen[-1] + 1]]
            wanted = elements[np.searchsorted(elements, begin) : np.searchsorted(elements, end)]
            if wanted.size:
                part = DickeBlocks(blocks.N, np.rint(blocks.N / 2 - blocks.J[chosen]).astype(int))
                out.append(self.vector(part, frame)[wanted - begin])
        return np.concatenate(out) if out else np.zeros(0)

    def limit(self) -> tuple[np.ndarray, np.ndarray]:
        m, v = self.bloch, hermitian_basis(len(self.density))[1:]
        return m, np.real(np.einsum("aij,bjk,ki->ab", v, v, self.density)) - np.outer(m, m)

    def __repr__(self):
        if len(self.density) > 2:
            return f"product({len(self.density)} levels)"
        return f"product(m = ({', '.join(f'{x:.6g}' for x in self.bloch)}))"


def product(state) -> ProductState:
    """ρ₁^⊗N from a Bloch vector ⟨σ⟩ (3 real numbers, length ≤ 1) or a d×d density matrix or `Qobj` (ket too).

    >>> product([0, 0.3, 0.4])
    product(m = (0, 0.3, 0.4))
    """
    if hasattr(state, "isket") and state.isket:
        state = state * state.dag()
    given = state.full() if hasattr(state, "full") else state
    try:
        array = np.asarray(given, dtype=complex)
    except (TypeError, ValueError, OverflowError):
        array = np.zeros(())
    if array.shape == (3,):
        length = np.linalg.norm(array)
        if np.any(array.imag != 0) or not np.isfinite(length) or length > 1 + 1e-12:
            raise FiniteNError(
                f"Bloch vector {shown(list(state))}: give three real numbers ⟨σx⟩, ⟨σy⟩, ⟨σz⟩ with length at most 1; "
                f"this one has length {length:.6g}."
            )
        return ProductState(bloch_to_density(array.real))
    if array.ndim != 2 or array.shape[0] != array.shape[1] or len(array) < 2:
        got = f"an array of shape {array.shape}" if array.ndim else shown(state)
        raise FiniteNError(
            f"one-particle state: got {got}; give a Bloch vector of three real numbers, a d×d density matrix (2×2 array for two levels), "
            "or a ket or density matrix as qutip Qobj."
        )
    density = as_operator(state, "one-particle state", None)
    if np.abs(density - density.conj().T).max() > 1e-12 or abs(np.trace(density) - 1) > 1e-12:
        raise FiniteNError(
            f"one-particle state: not a density matrix, trace {np.trace(density):.6g}; it must be Hermitian with trace "
            "1."
        )
    if np.linalg.eigvalsh(density).min() < -1e-12:
        raise FiniteNError(
            f"one-particle state: smallest eigenvalue {np.linalg.eigvalsh(density).min():.6g}; it must not be negative."
        )
    return ProductState(density)


def coherent(theta: float, phi: float = 0.0) -> ProductState:
    """Spin-coherent state: every spin along (sin θ cos φ, sin θ sin φ, cos θ). Note that qutip.piqs.css has −φ."""
    if not all(isinstance(x, numbers.Real) and abs(x) <= LARGEST_ANGLE for x in (theta, phi)):
        raise FiniteNError(f"coherent state: θ = {shown(theta)}, φ = {shown(phi)}; give two finite angles in radians.")
    return product([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])


class DickeState(State):
    """|J, M⟩ mixed evenly over the d_J copies of spin J."""

    def __init__(self, J, M):
        self.J, self.M = J, M

    def position(self, N: int) -> tuple[int, int]:
        """(N/2 − J, J − M); refuses what does not exist for N particles."""
        try:
            J, M = (x(N) if callable(x) else x for x in (self.J, self.M))
        except Exception as error:
            raise FiniteNError(f"Dicke state: J or M at N = {N} failed with «{error}»; give functions of N.") from None
        if not all(isinstance(x, numbers.Real) for x in (J, M)):
            raise FiniteNError(f"Dicke state J = {shown(J)}, M = {shown(M)}: give two real numbers, or functions of N.")
        b = N / 2 - J
        if not np.isfinite(b + M) or b != int(b) or not 0 <= b <= N // 2 or J - M != int(J - M) or abs(M) > J:
            raise FiniteNError(
                f"Dicke state J = {J}, M = {M} does not exist for N = {N}: J is one of N/2, N/2 − 1, … ≥ 0 and "
                "M one of J, J − 1, …, −J."
            )
        return int(b), int(J - M)

    def matrices(self, blocks: DickeBlocks) -> list[np.ndarray]:
        b, i = self.position(blocks.N)
        out = [np.zeros((n, n)) for n in blocks.size]
        out[b][i, i] = 1.0
        return out

    def is_diagonal(self, frame: np.ndarray = _IDENTITY) -> bool:
        return bool(abs(frame[0, 1]) < _ROUNDING)

    def diagonal(self, blocks: DickeBlocks, frame: np.ndarray = _IDENTITY) -> np.ndarray | None:
        if not self.is_diagonal(frame):
            return None
        b, i = self.position(blocks.N)
        return ((blocks.row_J == blocks.N / 2 - b) & (blocks.row_index == i)).astype(float)

    def weights(self, N: int) -> np.ndarray:
        return (np.arange(N // 2 + 1) == self.position(N)[0]).astype(float)

    def populations(self, N: int, frame: np.ndarray = _IDENTITY) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        b, i = self.position(N)
        return np.array([b]), np.array([i]), np.ones(1)

    def vector(self, blocks: DickeBlocks, frame: np.ndarray = _IDENTITY) -> np.ndarray:
        b, i = self.position(blocks.N)
        own = DickeBlocks(blocks.N, np.array([b]))
        block = np.zeros(own.dim)
        block[i * (own.size[0] + 1)] = 1.0
        block = block if self.is_diagonal(frame) else _real_if_real(rotate(block, frame, own))
        out = np.zeros(blocks.dim, block.dtype)
        for at in np.flatnonzero(blocks.J == own.J[0]):
            out[blocks.element_start[at] : blocks.element_start[at + 1]] = block
        return out

    def support(self, blocks: DickeBlocks, frame: np.ndarray = _IDENTITY) -> np.ndarray | None:
        if self.is_diagonal(frame):
            return super().support(blocks, frame)
        b, _ = self.position(blocks.N)
        at = np.flatnonzero(blocks.J == blocks.N / 2 - b)
        return np.concatenate([np.arange(*blocks.element_start[x : x + 2]) for x in at] or [np.zeros(0, int)])

    def __repr__(self):
        return f"dicke(J = {self.J}, M = {self.M})"


def dicke(J: float | Callable[[int], float], M: float | Callable[[int], float]) -> DickeState:
    """Dicke state |J, M⟩ (for J < N/2 mixed evenly over its copies); J and M are numbers or functions of N.

    Raises FiniteNError for what exists at no N: J must be a multiple of ½, 0 or more, and M one of J, J − 1, …, −J.
    """
    known = [x for x in (J, M) if not callable(x)]
    if not all(isinstance(x, numbers.Real) and not isinstance(x, bool) for x in known):
        raise FiniteNError(f"Dicke state J = {shown(J)}, M = {shown(M)}: give two real numbers, or functions of N.")
    whole = all(abs(x) < 1e15 and 2 * x == int(2 * x) for x in known)
    if not whole or (not callable(J) and J < 0) or (len(known) == 2 and (abs(M) > J or J - M != int(J - M))):
        raise FiniteNError(
            f"Dicke state J = {shown(J)}, M = {shown(M)} does not exist: J is a multiple of ½, 0 or more, and M one of "
            "J, J − 1, …, −J."
        )
    return DickeState(J, M)


class ThermalState(State):
    """ρ ∝ exp(−β N h(m))."""

    def __init__(self, hamiltonian: Polynomial, beta: float):
        self.hamiltonian, self.beta = hamiltonian, beta

    def matrices(self, blocks: DickeBlocks) -> list[np.ndarray]:
        letters = [total(PAULI[a], blocks) * (1 / blocks.N) for a in (1, 2, 3)]
        H = blocks.N * self.hamiltonian.evaluate(letters, spin_bands(blocks)[0])
        spectra = [np.linalg.eigh(h) for h in H.dense(blocks)]
        logs = [d - self.beta * e for d, (e, _) in zip(blocks.log_multiplicity, spectra, strict=True)]
        norm = logsumexp(np.concatenate(logs))
        return [(v * np.exp(x - norm)) @ v.conj().T for x, (_, v) in zip(logs, spectra, strict=True)]

    def is_diagonal(self, frame: np.ndarray = _IDENTITY) -> bool:
        return bool(abs(frame[0, 1]) < _ROUNDING) and all(a.index == 3 for w in self.hamiltonian.words for a in w)

    def diagonal(self, blocks: DickeBlocks, frame: np.ndarray = _IDENTITY) -> np.ndarray | None:
        if not self.is_diagonal(frame):
            return None
        every = dicke_blocks(blocks.N)
        m = 2 * every.row_M / blocks.N
        h = sum(np.real(c) * m ** len(w) for w, c in self.hamiltonian.words.items()) * np.ones(every.rows)
        logs = every.log_multiplicity[every.row_block] - self.beta * blocks.N * h
        out = np.exp(logs - logsumexp(logs))
        if len(blocks.J) == len(every.J):
            return out
        first = every.row_start[np.rint(blocks.N / 2 - blocks.J).astype(int)]
        return out[first[blocks.row_block] + blocks.row_index]

    def limit(self) -> tuple[np.ndarray, np.ndarray]:
        if self.hamiltonian.degree > 1:
            return super().limit()
        field = np.real(self.hamiltonian.gradient(np.zeros(3)))
        length = np.linalg.norm(field)
        m = -field / length * np.tanh(self.beta * length) if length else np.zeros(3)
        return ProductState(bloch_to_density(m)).limit()

    def __repr__(self):
        return f"thermal({self.hamiltonian}, β = {self.beta})"


def thermal(hamiltonian: Polynomial, beta: float) -> ThermalState:
    """ρ ∝ exp(−β H), H = N h(m); h a Hermitian polynomial of averages, β a finite real number."""
    try:
        hamiltonian = as_polynomial(hamiltonian)
    except FiniteNError as error:
        raise FiniteNError(f"thermal state: {error}") from None
    if not hamiltonian.letters <= set(XYZ):
        raise FiniteNError(
            f"thermal state: h = {hamiltonian} speaks of a named species or of a mode; write it with mx, my, mz, which stand for the "
            "particles that the state is given to."
        )
    if not np.isfinite(hamiltonian.size):
        raise FiniteNError(f"thermal state: h = {hamiltonian} has a coefficient that is not finite.")
    if hamiltonian.non_hermitian_part().words:
        raise FiniteNError(f"thermal state: h = {hamiltonian} is not Hermitian; symmetrise products of averages.")
    if not isinstance(beta, numbers.Real) or not abs(beta) < np.inf or abs(beta) > 1e300:
        raise FiniteNError(f"thermal state: β = {shown(beta)}; give a finite real number.")
    if not hamiltonian.size * abs(beta) < 1e100:
        raise FiniteNError(f"thermal state: β h = {beta:g} ({hamiltonian}) is beyond what numbers can hold; lower β.")
    return ThermalState(hamiltonian, float(beta))


class BlockState(State):
    """A state given by its blocks ρ_J, J = N/2, N/2 − 1, …"""

    def __init__(self, blocks: list[np.ndarray]):
        self._blocks = [np.asarray(b, dtype=complex) for b in blocks]

    def matrices(self, blocks: DickeBlocks) -> list[np.ndarray]:
        if [b.shape for b in self._blocks] != [(n, n) for n in blocks.size]:
            raise FiniteNError(
                f"block state: the blocks have shapes {[b.shape for b in self._blocks]}, which is not N = {blocks.N}; "
                "give (2J+1)×(2J+1) matrices for J = N/2, N/2 − 1, …"
            )
        return self._blocks

    def is_diagonal(self, frame: np.ndarray = _IDENTITY) -> bool:
        off = max(np.abs(m - np.diag(np.diag(m))).max(initial=0.0) for m in self._blocks)
        return bool(abs(frame[0, 1]) < _ROUNDING) and off == 0

    def diagonal(self, blocks: DickeBlocks, frame: np.ndarray = _IDENTITY) -> np.ndarray | None:
        if not self.is_diagonal(frame):
            return None
        matrices = self.matrices(dicke_blocks(blocks.N))
        return np.concatenate([np.diag(matrices[round(blocks.N / 2 - J)]).real for J in blocks.J])

    def __repr__(self):
        return f"from_blocks({len(self._blocks)} blocks)"


def from_blocks(blocks) -> BlockState:
    """A state from its blocks ρ_J (M descending), for one N; refuses what is not a density matrix to 1e-8."""
    try:
        state = BlockState(blocks)
    except (TypeError, ValueError):
        raise FiniteNError("block state: give a list of square matrices ρ_J of numbers, J = N/2, N/2 − 1, …") from None
    if any(b.ndim != 2 or b.shape[0] != b.shape[1] or not np.all(np.isfinite(b)) for b in state._blocks):
        raise FiniteNError("block state: a block is not a square matrix of finite numbers; give ρ_J for every J.")
    trace = sum(np.trace(b) for b in state._blocks)
    if abs(trace - 1) > 1e-8:
        raise FiniteNError(f"block state: Σ_J tr ρ_J = {trace:.6g}; it must be 1.")
    for b in state._blocks:
        if np.abs(b - b.conj().T).max() > 1e-8 or np.linalg.eigvalsh((b + b.conj().T) / 2).min() < -1e-8:
            raise FiniteNError("block state: a block is not Hermitian and positive to 1e-8; give a density matrix.")
    return state


def as_state(rho0) -> State:
    """A `State`, or anything `product` accepts."""
    return rho0 if isinstance(rho0, State) else product(rho0)


def _real_if_real(vector: np.ndarray) -> np.ndarray:
    if np.iscomplexobj(vector) and np.abs(vector.imag).max() <= 1e-14 * np.abs(vector).max():
        return np.ascontiguousarray(vector.real)
    return vector
