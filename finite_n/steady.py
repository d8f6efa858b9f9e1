"""`steady_state`: the stationary state at one N, checked, or a clear word why there is not exactly one."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter

import numpy as np

from finite_n.basis import PAULI
from finite_n.blocks import DickeBlocks, check_size, dicke_blocks
from finite_n.errors import FiniteNError
from finite_n.functionals import moment_functionals, read_moments
from finite_n.generator import Generator
from finite_n.rotation import rotate
from finite_n.sectors import Sector, typical_rate
from finite_n.slow import SlowSubspace
from finite_n.spectrum import prepared, until_decaying
from finite_n.states import as_state

_FORGOTTEN = 36.0  # e^{−36} = 2e-16: what is left of modes outside the slow subspace
_NAMED = 4  # sectors named in a message


@dataclasses.dataclass(repr=False)
class SteadyState:
    """A stationary state ρ, L_N ρ = 0, a, b = 0, 1, 2 for σx, σy, σz.

    N; means (3,): ⟨m_a⟩; second (3, 3): ⟨m_a m_b⟩, complex; j_distribution: weights of the J, J descending; residual: ‖Lρ‖₁, in the
    model's units of a rate; relative_residual: ‖Lρ‖/‖ρ‖, Frobenius norm of the blocks, over the decay rate per particle;
    trace_error: |Tr ρ − 1|; smallest_eigenvalue: of the ρ_J; zero_modes: stationary operators of the model; gap: decay rate of the
    slowest mode seen that is not zero, in the sectors of the state and elsewhere; vector: elements in the frame of the computation;
    frame; stats.
    """

    N: int
    means: np.ndarray
    second: np.ndarray
    j_distribution: np.ndarray
    residual: float
    relative_residual: float
    trace_error: float
    smallest_eigenvalue: float
    zero_modes: int
    gap: float
    vector: np.ndarray
    frame: np.ndarray
    stats: dict

    @property
    def error(self) -> float:
        """Error of ρ in trace norm to first order, ‖Lρ‖₁ over the gap: large where a gap closes."""
        return self.residual / self.gap

    @property
    def J(self) -> np.ndarray:
        """Values of J that `j_distribution` runs over."""
        return dicke_blocks(self.N).J

    @property
    def covariance(self) -> np.ndarray:
        """Σ_ab = N (½⟨{m_a, m_b}⟩ − ⟨m_a⟩⟨m_b⟩), shape (3, 3), real."""
        return self.N * ((self.second + self.second.T).real / 2 - np.outer(self.means, self.means))

    @property
    def reduced_state(self) -> np.ndarray:
        """Density matrix of one particle, shape (2, 2)."""
        return np.einsum("a,aij->ij", np.concatenate([[1.0], self.means]), PAULI) / 2

    @property
    def states(self) -> list[np.ndarray]:
        """ρ_J in the frame of the laboratory, J = N/2, N/2 − 1, …, M descending; Σ_J tr ρ_J = 1."""
        blocks = dicke_blocks(self.N)
        return blocks.matrices(rotate(self.vector.astype(complex), self.frame.conj().T, blocks))

    def __repr__(self):
        s = self.stats
        several = (
            "unique" if self.zero_modes == 1 else f"reached from rho0, one of {self.zero_modes} zero modes' states"
        )
        return "\n".join(
            [
                f"Stationary state, N = {self.N}, {several}",
                f"  m            x {self.means[0]:+.10f}, y {self.means[1]:+.10f}, z {self.means[2]:+.10f}",
                f"  diag Σ       {', '.join(f'{x:.8f}' for x in np.diag(self.covariance))}",
                f"  slowest mode decays at {self.gap:.8g}; error of ρ about {self.error:.0e}",
                f"  residual     ‖Lρ‖₁ = {self.residual:.1e}, |Tr ρ − 1| = {self.trace_error:.0e}, smallest eigenvalue "
                f"{self.smallest_eigenvalue:.1e}",
                f"  method       {s['method']}, {s['size']} real numbers in {s['sectors']} sectors, {s['run time']:.2f} s",
            ]
        )


def steady_state(model, N: int, *, rho0=None, tol: float = 1e-10) -> SteadyState:
    """The state with L_N ρ = 0, Tr ρ = 1 (ħ = 1).

    Parameters
    ----------
    model : Model
    N : int
        Number of particles, N ≥ 1.
    rho0 : State, Bloch vector (3,) or one-particle state (2, 2), optional
        Where there are several stationary states: the limit of exp(tL_N) rho0 for t → ∞ is returned. Without it the state must be
        unique.
    tol : float
        ‖Lρ‖ ≤ tol × ‖ρ‖ × the largest decay rate per particle; eigenvalues of ρ down to −tol are allowed, and modes slower
        than tol, in units of that rate, are taken for stationary. Default 1e-10.

    Returns
    -------
    SteadyState

    Raises FiniteNError if there are several stationary states and no rho0, if the evolution from rho0 oscillates for ever, for a model
    without dissipation, for bad N, rho0 or tol, if memory does not suffice, or if the tolerance is not reached.

    Example
    -------
    >>> import qutip
    >>> from finite_n import LocalJump, Model, mx, steady_state
    >>> driven = Model(0.5 * mx, jumps=[LocalJump(qutip.sigmam())])
    >>> steady_state(driven, 10).means.round(9)
    array([ 0.        ,  0.66666667, -0.33333333])
    """
    started = time.perf_counter()
    start = None if rho0 is None else as_state(rho0)
    if start is not None:
        start.weights(check_size(N))  # refuses early a state that does not exist at this N
    generator, sectors = prepared(model, N, "the stationary state", 4, tol)
    zero = tol * typical_rate(generator)
    found = [(s, until_decaying(s, 2 if s.carries_trace else 1, tol, zero)) for s in sectors]
    count = Counter({s.label: int(np.sum(np.abs(f.eigenvalues) <= zero)) for s, f in found})
    undamped = any(np.any((np.abs(f.eigenvalues) > zero) & (np.abs(f.eigenvalues.real) <= zero)) for _, f in found)
    if count.total() == 0:
        raise FiniteNError(f"stationary state: no eigenvalue below tol = {tol:g} was found; try a larger tol.")
    if count.total() > 1 and start is None:
        raise FiniteNError(_several(count, tol))
    if start is not None and (count.total() > 1 or undamped):
        vector = _limit(start.vector(generator.blocks, generator.frame), found, tol, zero)
    else:
        vector = next(_zero_mode(s, f) for s, f in found if count[s.label])
    gaps = [-f.eigenvalues.real[np.abs(f.eigenvalues) > zero].max(initial=-np.inf) for _, f in found]
    methods = sorted({f.method for _, f in found})
    stats = {
        "method": " and ".join(methods),
        "size": generator.dim,
        "sectors": len(sectors),
        "propagations": sum(f.propagations for _, f in found),
    }
    state = _checked(vector, generator, sectors, count.total(), float(min(gaps)), stats, tol)
    state.stats["run time"] = time.perf_counter() - started
    return state


def _several(count: Counter, tol: float) -> str:
    where = [f"{label}: {n}" for label, n in count.items() if n]
    names = "; ".join(where[:_NAMED]) + (f"; and {len(where) - _NAMED} more sectors" if len(where) > _NAMED else "")
    return (
        f"stationary state: there are {count.total()} linearly independent stationary operators ({names}), or modes slower than "
        f"tol = {tol:g}; give rho0=… for the limit of the evolution from a state, or try a smaller tol."
    )


def _zero_mode(sector: Sector, found: SlowSubspace) -> np.ndarray:
    x = found.mode(int(np.argmin(np.abs(found.eigenvalues))))
    x = np.real(x * np.exp(-1j * np.angle(x[np.argmax(np.abs(x))])))
    return sector.embed(x / (sector.trace @ x))


def _limit(vector: np.ndarray, found, tol: float, zero: float) -> np.ndarray:
    """lim exp(tL)ρ₀: propagated until it lies in the slow subspace, there projected onto the zero modes."""
    total = np.zeros(len(vector))
    for sector, slow in found:
        x = sector.restrict(vector)
        if not np.linalg.norm(x) > 1e-15:
            continue
        if slow.basis.shape[1] < sector.size:
            m = int(np.sum(slow.eigenvalues.real >= -zero))
            slow = until_decaying(sector, m + 4, tol, zero)
            x = sector.propagate(x, _FORGOTTEN / -slow.eigenvalues.real.min())
        c = np.linalg.solve(slow.vectors, slow.basis.T @ x)
        stays = np.abs(slow.eigenvalues) <= zero
        turns = ~stays & (np.abs(slow.eigenvalues.real) <= zero)
        if np.any(turns) and np.abs(c[turns]).max() > 1e3 * tol * np.linalg.norm(sector.restrict(vector)):
            raise FiniteNError(
                f"stationary state: from rho0 the evolution oscillates for ever, with frequency "
                f"{np.abs(slow.eigenvalues[turns].imag).max():.6g} in the sector «{sector.label}»; it has no limit. "
                "Start from a state without that mode, or use evolve."
            )
        total = total + sector.embed(slow.basis @ np.real(slow.vectors[:, stays] @ c[stays]))
    return total


def _checked(
    vector, generator: Generator, sectors, zero_modes: int, gap: float, stats: dict, tol: float
) -> SteadyState:
    blocks: DickeBlocks = generator.blocks
    trace = float(np.real(blocks.trace(vector)))
    image = generator.apply(vector)
    rate = typical_rate(generator)
    smallest = min(float(np.linalg.eigvalsh(m)[0]) for m in blocks.matrices(vector))
    relative = float(np.linalg.norm(image) / np.linalg.norm(vector)) / rate
    if not (relative <= 10 * tol and abs(trace - 1) <= 10 * tol and smallest >= -tol):
        raise FiniteNError(
            f"stationary state: found only to a relative residual {relative:.1e}, trace error {abs(trace - 1):.1e}, smallest "
            f"eigenvalue {smallest:.1e}, while tol = {tol:g}; try a larger tol."
        )
    values = moment_functionals([], blocks, generator.frame)(vector)
    means, second, distribution, *_ = read_moments(values[None], blocks.N, 0)
    return SteadyState(
        N=blocks.N,
        means=means[0],
        second=second[0],
        j_distribution=distribution[0],
        residual=float(sum(np.abs(np.linalg.eigvalsh(m)).sum() for m in blocks.matrices(image))),
        relative_residual=relative,
        trace_error=abs(trace - 1),
        smallest_eigenvalue=smallest,
        zero_modes=zero_modes,
        gap=gap,
        vector=vector,
        frame=generator.frame,
        stats=stats,
    )
