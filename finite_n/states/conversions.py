"""States from elsewhere: a qutip `Qobj` or matrix on the full space of all particles, or the Dicke basis of PIQS."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
from scipy.linalg import block_diag

from finite_n.errors import FiniteNError, shown
from finite_n.states.full_space import averaged, blocks_of, check_rows, check_symmetric, classes
from finite_n.states.particles import BlockState, State, from_blocks

_HERMITIAN = 1e-10  # of the largest element
_POSITIVE = 1e-8  # as for blocks


class FullState(State):
    """A permutation-symmetric ρ of `size` particles of `dim` levels on their full space, shape (dim^size, dim^size)."""

    def __init__(self, matrix: np.ndarray, size: int, dim: int):
        self.matrix, self.size, self.dim = matrix, size, dim

    def elements(self, N: int, frame: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Occupations n_ab of the one-particle |a⟩⟨b|, (E, dim²), and the sums of the elements that share them, in the
        frame rotated by `frame`; refuses another N."""
        self.check_size(N)
        turn = np.eye(1)
        for _ in range(N):
            turn = np.kron(turn, frame)
        matrix = turn @ self.matrix @ turn.conj().T
        of = classes(N, self.dim)
        first = np.unique(of, return_index=True)[1]
        row, column = np.divmod(first, len(matrix))
        n = np.zeros((len(first), self.dim**2), int)
        for _ in range(N):
            n[np.arange(len(first)), (row % self.dim) * self.dim + column % self.dim] += 1
            row, column = row // self.dim, column // self.dim
        x = matrix.ravel()
        return n, np.bincount(of, x.real) + 1j * np.bincount(of, x.imag)

    def reduced(self, n: int) -> np.ndarray:
        """ρ of the first n particles."""
        rows, rest = self.dim**n, self.dim ** (self.size - n)
        return np.einsum("aibi->ab", self.matrix.reshape(rows, rest, rows, rest))

    def check_size(self, N: int) -> None:
        """Refuse another number of particles than that of the state."""
        if self.size != N:
            raise FiniteNError(f"state on the full space: it is of {self.size} particles, not of {N}; give one of {N}.")

    def to_qobj(self):
        """ρ as a qutip `Qobj` on the full space."""
        import qutip

        return qutip.Qobj(self.matrix, dims=[[self.dim] * self.size] * 2)

    def __repr__(self):
        return f"from_qobj({self.size} particles of {self.dim} levels)"


def from_qobj(state, dim: int | None = None) -> State:
    """A state of all N particles from a permutation-symmetric ket or density matrix on their full space, d^N ≤ 1024.

    Particles are tensor factors, as `qutip.tensor` makes them. Two-level particles become blocks ρ_J.

    state : Qobj, or an array with `dim`
        With dims [[d, …, d], …], or with `dim` of any; (d^N,) or (d^N, d^N).
    dim : int, optional
        Levels of a particle.

    Raises FiniteNError for what is not symmetric to 1e-10 or not a density matrix to 1e-8.

    >>> import qutip
    >>> from finite_n import from_qobj
    >>> from_qobj(qutip.ghz_state(3))
    from_blocks(2 blocks)
    """
    what = "state on the full space"
    matrix = _density_of(state, what)
    dims = dims_of(state)
    if dim is None:
        if dims is None or len(set(dims)) != 1:
            raise FiniteNError(
                f"{what}: its tensor factors {shown(dims)} are not N particles of the same number of levels; give a "
                "Qobj with dims [[d, …, d], [d, …, d]], or the levels of a particle as dim."
            )
        dim = dims[0]
    if isinstance(dim, bool) or not isinstance(dim, int | np.integer) or dim < 2:
        raise FiniteNError(f"{what}: dim = {shown(dim)}; give the number of levels of a particle, 2 or more.")
    size = round(math.log(len(matrix), dim))
    if size < 1 or dim**size != len(matrix):
        raise FiniteNError(f"{what}: {len(matrix)} rows are not {dim}^N; give the state of all N particles.")
    check_symmetric(matrix, [size], [dim], what)
    matrix = averaged(matrix, [size], [dim], 0)
    return _of_blocks(blocks_of(matrix, [size]).values(), what) if dim == 2 else FullState(matrix, size, int(dim))


def read_full_space(state, sizes: Sequence[int], levels: Sequence[int], what: str) -> dict[tuple, np.ndarray]:
    """Blocks of a state of several species of two-level particles, one after the other, and of modes, symmetric within
    every species; `levels` of the modes."""
    matrix, dims = _density_of(state, what), [2] * len(sizes) + list(levels)
    check_symmetric(matrix, sizes, dims, what)
    for s in range(len(sizes)):
        matrix = averaged(matrix, sizes, dims, s)
    return blocks_of(matrix, sizes, levels)


def is_of_many(state, dim: int) -> bool:
    """Whether a `Qobj` has more than one tensor factor, all of `dim` levels: a state of many particles."""
    dims = dims_of(state)
    return dims is not None and len(dims) > 1 and set(dims) == {dim}


def dims_of(state) -> list[int] | None:
    """Tensor factors of a `Qobj`, None of anything else."""
    dims = getattr(state, "dims", None)
    try:
        return [int(x) for x in dims[0]]
    except (TypeError, ValueError, IndexError):
        return None


def _density_of(state, what: str) -> np.ndarray:
    """A density matrix from a ket or matrix, Hermitian and positive with trace 1."""
    try:
        given = np.asarray(state.full() if hasattr(state, "full") else state, dtype=complex)
    except (TypeError, ValueError, OverflowError):
        given = np.zeros(())
    if given.ndim == 2 and given.shape[1] == 1:
        given = given[:, 0]
    check_rows(len(given) if given.ndim else 0, what)
    if given.ndim == 1 and given.size > 1:
        given = np.outer(given, given.conj())
    if given.ndim != 2 or given.shape[0] != given.shape[1] or not np.all(np.isfinite(given)):
        raise FiniteNError(f"{what}: got {shown(state)}; give a ket or a square matrix of finite numbers.")
    trace = np.trace(given)
    if abs(trace - 1) > _POSITIVE:
        raise FiniteNError(f"{what}: the trace is {trace:.6g}; it must be 1.")
    if np.abs(given - given.conj().T).max() > _HERMITIAN:
        raise FiniteNError(f"{what}: it is not Hermitian; give a density matrix.")
    given = (given + given.conj().T) / 2
    if np.linalg.eigvalsh(given)[0] < -_POSITIVE:
        raise FiniteNError(f"{what}: it has negative eigenvalues; give a density matrix.")
    return given


def from_piqs(state) -> BlockState:
    """A state from its density matrix in the Dicke basis of `qutip.piqs`: blocks ρ_J, J = N/2, N/2 − 1, …, M
    descending, along the diagonal of one matrix, zero between them.

    state : Qobj or array, (n, n) with n = (N/2 + 1)² for even, (N + 1)(N + 3)/4 for odd N; a ket is taken too.

    >>> from finite_n import from_piqs
    >>> from qutip.piqs.piqs import dicke
    >>> from_piqs(dicke(4, 1, 0))
    from_blocks(3 blocks)
    """
    what = "state in the Dicke basis of PIQS"
    try:
        given = np.asarray(state.full() if hasattr(state, "full") else state, dtype=complex)
    except (TypeError, ValueError, OverflowError):
        given = np.zeros(())
    if given.ndim == 2 and given.shape[1] == 1:
        given = given @ given.conj().T
    rows = len(given) if given.ndim else 0
    N = next((n for n in range(1, 2 * math.isqrt(rows) + 2) if piqs_rows(n) == rows), None)
    if N is None or given.shape != (rows, rows):
        raise FiniteNError(
            f"{what}: got {f'an array of shape {given.shape}' if given.ndim else shown(state)}; it is (N/2 + 1)² by "
            "(N/2 + 1)² for even N, (N + 1)(N + 3)/4 for odd N."
        )
    starts = np.cumsum([0, *range(N + 1, 0, -2)])
    blocks = [given[a:b, a:b] for a, b in itertools.pairwise(starts)]
    if np.abs(given - block_diag(*blocks)).max() > _HERMITIAN:
        raise FiniteNError(f"{what}: it has elements between different J, which no symmetric state of {N} spins has.")
    return _of_blocks(blocks, what)


def piqs_rows(N: int) -> int:
    """Rows of the Dicke basis, Σ_J (2J + 1)."""
    return (N // 2 + 1) * (N + 1 - N // 2)


def _of_blocks(blocks, what: str) -> BlockState:
    try:
        return from_blocks(list(blocks))
    except FiniteNError as error:
        raise FiniteNError(f"{what}: {error}") from None
