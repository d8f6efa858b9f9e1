"""Initial states, written for every N at once: product, coherent, Dicke, thermal, or given block by block.

They are data; the engines work out their elements in some basis. A state that clusters knows its `limit()`,
the Bloch vector and covariance of fluctuations as N → ∞.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.operators import as_operator, bloch_to_density, coefficients, hermitian_basis
from finite_n.model.polynomial import XYZ, Polynomial, as_polynomial
from finite_n.states.full_space import full_matrix

LARGEST_ANGLE = 1e6  # beyond, digits of the direction are lost
_IDENTITY = np.eye(2, dtype=complex)
_ROUNDING = 1e-15  # of entries of one particle: taken for zero


class State:
    """A family of permutation-symmetric states ρ_N of particles of `dim` levels."""

    dim = 2

    def is_diagonal(self, frame: np.ndarray = _IDENTITY) -> bool:
        """Whether the state is known to be diagonal in |J, M⟩ of the rotated frame, at every N: then engines read its
        diagonal and take all else for zero."""
        return False

    def limit(self) -> tuple[np.ndarray, np.ndarray]:
        """m = ⟨σ⟩, shape (3,), and Σ_ab = ½⟨{F_a, F_b}⟩, shape (3, 3), as N → ∞."""
        raise FiniteNError(
            f"{shown(self)} has no mean-field limit here: its fluctuations are not those of a product state. "
            "Start from product(…) or coherent(…) to compare with a limit."
        )

    def __repr__(self):
        return type(self).__name__


class ProductState(State):
    """ρ = ρ₁^⊗N, ρ₁ pure or mixed, of d levels (on Dicke blocks: two)."""

    def __init__(self, density: np.ndarray):
        self.density, self.dim = density, len(density)

    @property
    def bloch(self) -> np.ndarray:
        """⟨v_a⟩ of one particle, for two levels ⟨σ⟩."""
        return 2 * np.real(coefficients(self.density)[1:])

    def is_diagonal(self, frame: np.ndarray = _IDENTITY) -> bool:
        return bool(abs((frame @ self.density @ frame.conj().T)[0, 1]) < _ROUNDING)

    def limit(self) -> tuple[np.ndarray, np.ndarray]:
        m, v = self.bloch, hermitian_basis(self.dim)[1:]
        return m, np.real(np.einsum("aij,bjk,ki->ab", v, v, self.density)) - np.outer(m, m)

    def __repr__(self):
        if self.dim > 2:
            return f"product({self.dim} levels)"
        return f"product(m = ({', '.join(f'{x:.6g}' for x in self.bloch)}))"


def product(state) -> ProductState:
    """ρ₁^⊗N, every particle in the same state ρ₁.

    state : Bloch vector ⟨σ⟩, shape (3,), of length ≤ 1; or a density matrix, shape (d, d), or `Qobj` (ket too)

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
            f"one-particle state: got {got}; give a Bloch vector of three real numbers, a d×d density matrix (2×2 "
            "array for two levels), or a ket or density matrix as qutip Qobj."
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
    """Spin-coherent state: every spin along (sin θ cos φ, sin θ sin φ, cos θ). Note that qutip.piqs.css has −φ.

    theta : θ in radians, 0 up
    phi : φ in radians. Default 0
    """
    if not all(isinstance(x, numbers.Real) and abs(x) <= LARGEST_ANGLE for x in (theta, phi)):
        raise FiniteNError(f"coherent state: θ = {shown(theta)}, φ = {shown(phi)}; give two finite angles in radians.")
    return product([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])


class DickeState(State):
    """|J, M⟩ mixed evenly over the d_J copies of spin J."""

    def __init__(self, J, M, name: str | None = None):
        self.J, self.M, self._name = J, M, name

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

    def is_diagonal(self, frame: np.ndarray = _IDENTITY) -> bool:
        return bool(abs(frame[0, 1]) < _ROUNDING)

    def __repr__(self):
        return self._name or f"dicke(J = {self.J}, M = {self.M})"


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

    def is_diagonal(self, frame: np.ndarray = _IDENTITY) -> bool:
        return bool(abs(frame[0, 1]) < _ROUNDING) and all(a.index == 3 for w in self.hamiltonian.words for a in w)

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
    """ρ ∝ exp(−β H), H = N h(m).

    hamiltonian : h, a Hermitian polynomial of averages
    beta : β, a finite real number
    """
    try:
        hamiltonian = as_polynomial(hamiltonian)
    except FiniteNError as error:
        raise FiniteNError(f"thermal state: {error}") from None
    if not hamiltonian.letters <= set(XYZ):
        raise FiniteNError(
            f"thermal state: h = {hamiltonian} contains a named species or a mode; write it with mx, my, mz, which "
            "stand for the particles that the state is given to."
        )
    if not np.isfinite(hamiltonian.size):
        raise FiniteNError(f"thermal state: h = {hamiltonian} has a coefficient that is not finite.")
    if hamiltonian.non_hermitian_part().words:
        raise FiniteNError(f"thermal state: h = {hamiltonian} is not Hermitian; symmetrise products of averages.")
    if not isinstance(beta, numbers.Real) or not abs(beta) < np.inf or abs(beta) > 1e300:
        raise FiniteNError(f"thermal state: β = {shown(beta)}; give a finite real number.")
    if not hamiltonian.size * abs(beta) < 1e100:
        raise FiniteNError(f"thermal state: β h = {beta:g} ({hamiltonian}) is too large for double precision; lower β.")
    return ThermalState(hamiltonian, float(beta))


class BlockState(State):
    """A state given by its blocks ρ_J, J = N/2, N/2 − 1, …"""

    def __init__(self, blocks: list[np.ndarray]):
        self.blocks = [np.asarray(b, dtype=complex) for b in blocks]

    def is_diagonal(self, frame: np.ndarray = _IDENTITY) -> bool:
        off = max(np.abs(m - np.diag(np.diag(m))).max(initial=0.0) for m in self.blocks)
        return bool(abs(frame[0, 1]) < _ROUNDING) and off == 0

    def of_size(self, N: int) -> list[np.ndarray]:
        """The blocks; refuses another N than theirs."""
        sizes = range(N + 1, 0, -2)
        if [b.shape for b in self.blocks] != [(n, n) for n in sizes]:
            raise FiniteNError(
                f"block state: the blocks have shapes {[b.shape for b in self.blocks]}, which is not N = {N}; "
                "give (2J+1)×(2J+1) matrices for J = N/2, N/2 − 1 and so on."
            )
        return self.blocks

    @property
    def size(self) -> int:
        """N."""
        return len(self.blocks[0]) - 1

    def to_qobj(self):
        """ρ as a qutip `Qobj` on the full space of N particles, N ≤ 10."""
        import qutip

        blocks = {(k,): b for k, b in enumerate(self.of_size(self.size))}
        return qutip.Qobj(full_matrix(blocks, [self.size]), dims=[[2] * self.size] * 2)

    def to_piqs(self):
        """ρ as a `Qobj` in the Dicke basis of `qutip.piqs`: the blocks along the diagonal of one matrix."""
        import qutip
        from scipy.linalg import block_diag

        return qutip.Qobj(block_diag(*self.of_size(self.size)))

    def __repr__(self):
        return f"from_blocks({len(self.blocks)} blocks)"


def from_blocks(blocks) -> BlockState:
    """A state from its blocks ρ_J (M descending), for one N; refuses what is not a density matrix to 1e-8."""
    try:
        state = BlockState(blocks)
    except (TypeError, ValueError):
        raise FiniteNError("block state: give a list of square matrices ρ_J of numbers, J = N/2, N/2 − 1, …") from None
    if any(b.ndim != 2 or b.shape[0] != b.shape[1] or not np.all(np.isfinite(b)) for b in state.blocks):
        raise FiniteNError("block state: a block is not a square matrix of finite numbers; give ρ_J for every J.")
    trace = sum(np.trace(b) for b in state.blocks)
    if abs(trace - 1) > 1e-8:
        raise FiniteNError(f"block state: Σ_J tr ρ_J = {trace:.6g}; it must be 1.")
    for b in state.blocks:
        if np.abs(b - b.conj().T).max() > 1e-8 or np.linalg.eigvalsh((b + b.conj().T) / 2).min() < -1e-8:
            raise FiniteNError("block state: a block is not Hermitian and positive to 1e-8; give a density matrix.")
    return state


def no_case(state: State, engine: str) -> str:
    """What an engine says of a state whose elements it cannot make."""
    return f"initial state {shown(state)}: {engine} have no case for a state of this kind."


def as_state(rho0) -> State:
    """A `State`, or anything `product` accepts."""
    return rho0 if isinstance(rho0, State) else product(rho0)
