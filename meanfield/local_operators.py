"""Local operators in the limit: each particle moves on its own under a generator that follows the averages of the bulk.

In the Heisenberg picture d/dt v_α = Σ_β G_αβ(m(t)) v_β with the G of `meanfield.one_particle` and ṁ = f(m); n particles move
with the n-fold product of this one-particle map, whatever their initial state, entangled or not (002 eq. 50 and Theorem 2).
"""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.integrate import solve_ivp

from finite_n.basis import PAULI, bloch_to_density
from finite_n.errors import FiniteNError
from finite_n.inputs import check_times
from finite_n.model import Model
from finite_n.states import as_state
from meanfield.limit import ATOL, RTOL, Limit
from meanfield.one_particle import pieces, with_one

LARGEST = 6  # particles: 4^n numbers at every time
_COLUMNS = PAULI.transpose(0, 2, 1).reshape(4, 4).T  # (4, 4): column a is σ_a, its columns stacked


class LocalGenerator:
    """The Lindblad generator of one particle inside a bulk with averages m = (⟨σx⟩, ⟨σy⟩, ⟨σz⟩), ħ = 1.

    Parameters
    ----------
    model : Model or Limit
        A Limit with planted errors is refused: they are not those of a generator.

    The same generator is offered as `matrix` on (1, σx, σy, σz), as `superoperator` on density matrices, and as
    Hamiltonian and jumps, `lindblad`. Source: 002 eq. 50.
    """

    def __init__(self, model: Model | Limit):
        limit = model if isinstance(model, Limit) else Limit(model)
        self.model = limit.model
        self._pieces, _ = pieces(self.model)
        probe = np.array([0.31, -0.43, 0.57])
        g = self.matrix(probe)
        if np.any(np.abs(limit.drift(probe) - g[1:] @ with_one(probe)) > 1e-13 * np.abs(g).max()):
            raise FiniteNError(
                "local operators: this Limit has planted errors, and its drift is that of no one-particle generator; "
                "give the model, or a Limit without planted errors."
            )

    def matrix(self, m) -> np.ndarray:
        """G with d/dt v_α = Σ_β G_αβ v_β over (1, σx, σy, σz), shape (4, 4); its first row is zero."""
        m = np.asarray(m, dtype=float)
        return np.vstack([np.zeros(4), sum((p.matrix(m) for p in self._pieces), np.zeros((3, 4)))])

    def superoperator(self, m) -> np.ndarray:
        """L̃ with d/dt vec(ρ) = L̃ vec(ρ), columns of ρ stacked as in qutip, shape (4, 4), complex."""
        return _to_columns(self.matrix(m))

    def lindblad(self, m, floor: float = 1e-13) -> tuple[np.ndarray, np.ndarray]:
        """H̃, shape (2, 2), without trace, and jumps L_k without trace, shape (K, 2, 2), K ≤ 3, at averages m.

        L̃ρ = −i[H̃, ρ] + Σ_k (L_k ρ L_k† − ½{L_k†L_k, ρ}). In this form, which fixes H̃ and the rates tr L_k†L_k, the trace of a
        jump j is part of H̃. Jumps with a rate below `floor` times the size of the generator are left out.
        (Gorini, Kossakowski and Sudarshan, J. Math. Phys. 17, 821 (1976).)
        """
        generator = self.superoperator(m)
        basis = PAULI / np.sqrt(2)
        vectors = basis.transpose(0, 2, 1).reshape(4, 4).T  # column a: Σ_i |i⟩ ⊗ F_a|i⟩
        x = vectors.conj().T @ choi(generator) @ vectors  # L̃ρ = Σ_ab x_ab F_a ρ F_b†
        half = np.einsum("a,aij->ij", x[1:, 0], basis[1:]) / np.sqrt(2)
        hamiltonian = 0.5j * (half - half.conj().T)
        rates, modes = np.linalg.eigh(x[1:, 1:])
        kept = rates > floor * np.abs(generator).max()
        jumps = np.einsum("k,ak,aij->kij", np.sqrt(rates[kept]), modes[:, kept], basis[1:])
        return hamiltonian, jumps[::-1]

    def __repr__(self):
        return f"One-particle generator of {self.model!r}"


def local_dynamics(model: Model | Limit, rho0, tlist) -> LocalDynamics:
    """The one-particle map Λ_t in the field of a bulk that starts from `rho0`, at all times.

    d/dt R = G(m(t)) R, R = 1 and m = ⟨σ⟩ at the first time, ṁ = f(m), ħ = 1. Integrated with relative tolerance 1e-12.

    Parameters
    ----------
    model : Model or Limit
    rho0 : State, Bloch vector (3,) or one-particle state (2, 2)
        The bulk; must have a limit: product, coherent, or thermal of a linear Hamiltonian.
    tlist : array, shape (T,)

    Raises FiniteNError for a state without a limit, bad times, or a Limit with planted errors.

    Example
    -------
    >>> import numpy as np
    >>> from finite_n.systems import hopfield
    >>> from meanfield import local_dynamics
    >>> local = local_dynamics(hopfield(), [0, 0.3, 0.4], [0.0, 1.0])
    >>> local.reduced_state(1)[-1].round(6)
    array([[0.690392+0.j      , 0.      +0.005741j],
           [0.      -0.005741j, 0.309608+0.j      ]])
    >>> singlet = np.array([0, 1, -1, 0]) / np.sqrt(2)
    >>> local.evolve_state(singlet)[-1].diagonal().real.round(6)
    array([0.319783, 0.276551, 0.276551, 0.127116])

    Source: 002 eq. 50 and Theorem 2.
    """
    generator = LocalGenerator(model)
    times = check_times(tlist)
    start, _ = as_state(rho0).limit()

    def rhs(_, y):
        g = generator.matrix(y[:3])
        return np.concatenate([g[1:] @ with_one(y[:3]), (g @ y[3:].reshape(4, 4)).ravel()])

    y0 = np.concatenate([start, np.eye(4).ravel()])
    try:
        solution = solve_ivp(rhs, (times[0], times[-1]), y0, method="DOP853", t_eval=times, rtol=RTOL, atol=ATOL)
    except FiniteNError as error:
        raise FiniteNError(f"local operators: the averages left the range of the model; {error}") from None
    if not solution.success:
        raise FiniteNError(f"local operators: the integrator stopped with «{solution.message}»; try earlier times.")
    y = solution.y.T
    return LocalDynamics(times, y[:, :3], y[:, 3:].reshape(-1, 4, 4), generator)


@dataclasses.dataclass(frozen=True, repr=False)
class LocalDynamics:
    """Λ_t at T times in the field of one bulk.

    times (T,); means (T, 3): m(t) of the bulk; transfer (T, 4, 4): R, real, with Λ_t[v_α] = Σ_β R_αβ v_β over (1, σx, σy, σz),
    equally ⟨σ_α⟩(t) = Σ_β R_αβ ⟨σ_β⟩(0); generator: the `LocalGenerator`.
    """

    times: np.ndarray
    means: np.ndarray
    transfer: np.ndarray
    generator: LocalGenerator

    @property
    def superoperator(self) -> np.ndarray:
        """Λ_t on density matrices with stacked columns, shape (T, 4, 4), complex."""
        return np.array([_to_columns(r) for r in self.transfer])

    @property
    def choi(self) -> np.ndarray:
        """Σ_ij |i⟩⟨j| ⊗ Λ_t(|i⟩⟨j|), shape (T, 4, 4); positive since Λ_t is completely positive."""
        return np.array([choi(s) for s in self.superoperator])

    def reduced_state(self, n: int = 1) -> np.ndarray:
        """The bulk's own state of n particles, the n-fold product of ½(1 + m(t)·σ), shape (T, 2^n, 2^n)."""
        if isinstance(n, bool) or not isinstance(n, int | np.integer) or not 1 <= n <= LARGEST:
            raise FiniteNError(f"reduced state of {n!r} particles: give a whole number from 1 to {LARGEST}.")
        out = []
        for m in self.means:
            one = state = bloch_to_density(m)
            for _ in range(n - 1):
                state = np.kron(state, one)
            out.append(state)
        return np.array(out)

    def evolve_state(self, state) -> np.ndarray:
        """Λ_t^⊗n(ρ) of n particles put into the bulk at the first time, shape (T, 2^n, 2^n).

        state : ket (2^n,), density matrix (2^n, 2^n) or Qobj; any state, entangled or different from the bulk, n ≤ 6.
        """
        return self._apply(_as_density(state), self.transfer)

    def evolve_operator(self, operator) -> np.ndarray:
        """The operator O of n particles in the Heisenberg picture, Λ_t^⊗n[O], (2^n, 2^n) array or Qobj, to (T, 2^n, 2^n)."""
        return self._apply(_as_matrix(operator, "local operator"), self.transfer.transpose(0, 2, 1))

    def _apply(self, x: np.ndarray, maps: np.ndarray) -> np.ndarray:
        n = x.shape[0].bit_length() - 1
        out = np.empty((len(maps), *x.shape), dtype=complex)
        start = _expand(x, n)
        for t, r in enumerate(maps):
            c = start
            for particle in range(n):
                c = np.moveaxis(np.tensordot(r, c, (1, particle)), 0, particle)
            out[t] = _collect(c, n)
        return out

    def __repr__(self):
        final = ", ".join(f"{x:+.8f}" for x in self.means[-1])
        return (
            f"LocalDynamics({len(self.times)} times from {self.times[0]:g} to {self.times[-1]:g}, final m = ({final}))"
        )


def choi(superoperator: np.ndarray) -> np.ndarray:
    """Choi matrix Σ_ij |i⟩⟨j| ⊗ Λ(|i⟩⟨j|), (d², d²), of a superoperator on stacked columns (d², d²)."""
    d = round(np.sqrt(len(superoperator)))
    return superoperator.reshape(d, d, d, d).transpose(3, 1, 2, 0).reshape(d * d, d * d)


def _to_columns(transfer: np.ndarray) -> np.ndarray:
    """ρ = ½ Σ_a c_a σ_a with c → R c, as a matrix on vec(ρ)."""
    return _COLUMNS @ transfer @ _COLUMNS.conj().T / 2


def _expand(x: np.ndarray, n: int) -> np.ndarray:
    """Coefficients c_{a…b} of x = Σ c_{a…b} σ_a ⊗ … ⊗ σ_b, shape (4,) * n."""
    c = x.reshape((2,) * (2 * n))
    for particle in range(n):  # the first row index and the first column index of what is left belong to this particle
        left = n - particle
        c = np.tensordot(c, PAULI / 2, ((0, left), (2, 1)))
    return c


def _collect(c: np.ndarray, n: int) -> np.ndarray:
    """Σ c_{a…b} σ_a ⊗ … ⊗ σ_b, shape (2^n, 2^n)."""
    for _ in range(n):
        c = np.tensordot(c, PAULI, (0, 0))  # … a′ i j, rows and columns of the particles in turn
    rows_first = [*range(0, 2 * n, 2), *range(1, 2 * n, 2)]
    return c.transpose(rows_first).reshape(2**n, 2**n)


def _as_matrix(x, what: str, ket: bool = False) -> np.ndarray:
    try:
        matrix = np.array(x.full() if hasattr(x, "full") else x, dtype=complex)
    except (TypeError, ValueError):
        raise FiniteNError(f"{what}: got {x!r:.60}; give a 2^n×2^n array or Qobj for n particles.") from None
    if ket and matrix.ndim in (1, 2) and matrix.size == max(matrix.shape):
        matrix = np.outer(matrix, matrix.conj())
    sizes = [2**n for n in range(1, LARGEST + 1)]
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) not in sizes:
        raise FiniteNError(
            f"{what}: got shape {matrix.shape}; give 2^n×2^n for n = 1 to {LARGEST} particles with two levels each."
        )
    if not np.all(np.isfinite(matrix)):
        raise FiniteNError(f"{what}: has an entry that is not finite; give finite numbers.")
    return matrix


def _as_density(state) -> np.ndarray:
    rho = _as_matrix(state, "local state", ket=True)
    trace, gap = np.trace(rho), np.abs(rho - rho.conj().T).max()
    if abs(trace - 1) > 1e-10 or gap > 1e-10:
        raise FiniteNError(
            f"local state: trace {trace:.6g} and ρ − ρ† of size {gap:.2g}; a density matrix is Hermitian with trace 1, "
            "so divide by the trace or symmetrise."
        )
    smallest = np.linalg.eigvalsh(rho)[0]
    if smallest < -1e-10:
        raise FiniteNError(f"local state: smallest eigenvalue {smallest:.6g}; a density matrix has none below 0.")
    return rho
