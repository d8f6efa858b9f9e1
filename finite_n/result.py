"""What an exact evolution returns: moments and all that follows from them, the error budget, statistics."""

from __future__ import annotations

import dataclasses

import numpy as np
import xarray as xr

from finite_n.algebra import Polynomial
from finite_n.basis import AXES, PAULI, coefficients
from finite_n.blocks import DickeBlocks, dicke_blocks
from finite_n.errors import FiniteNError
from finite_n.inputs import axis_index
from finite_n.rotation import rotate

# ⟨σ_a σ_b⟩ on one particle: δ_ab + i ε_abc ⟨σ_c⟩
_PRODUCTS = np.einsum("aij,bjk->abik", PAULI[1:], PAULI[1:])
_ONE_SITE = np.array([[coefficients(x) for x in row] for row in _PRODUCTS])  # (3, 3, 4)


@dataclasses.dataclass(frozen=True)
class ErrorBudget:
    """How far the numbers of one exact result may be off.

    tolerance: the one asked for; truncation_bound: of the series, on the trace norm of the final state;
    *_difference: largest change under a second run with other settings (None if not run); trace_drift: largest
    |Tr ρ − 1|; smallest_eigenvalue: of the final ρ_J, or the smallest
    population where not all of ρ is stored; boson_tail, discarded_weight: of blocks
    and ends of windows left out. boson_tail: there are none yet.
    """

    tolerance: float
    truncation_bound: float
    moment_difference: float | None
    covariance_difference: float | None
    observable_difference: float | None
    trace_drift: float
    smallest_eigenvalue: float
    boson_tail: float = 0.0
    discarded_weight: float = 0.0

    @property
    def state_error(self) -> float:
        """Error of the state in trace norm as far as it is known: truncation, trace drift, negative eigenvalues."""
        return max(self.truncation_bound, self.discarded_weight, self.trace_drift, -self.smallest_eigenvalue)

    @property
    def moment_error(self) -> float:
        """Error of averages and of products of averages, operators of norm one."""
        return max(self.state_error, self.moment_difference or 0.0)

    @property
    def holds(self) -> bool:
        """Whether everything measured stays within the tolerance asked for."""
        differences = (self.moment_difference, self.covariance_difference, self.observable_difference)
        return max(self.state_error, *(d or 0.0 for d in differences)) <= self.tolerance

    def covariance_error(self, N: int) -> float:
        """Error of covariances of fluctuations at N particles."""
        return max(3 * N * self.state_error, self.covariance_difference or 0.0)


@dataclasses.dataclass(repr=False)
class Result:
    """Exact dynamics at one N. T times; a, b = 0, 1, 2 for σx, σy, σz.

    times (T,); means (T, 3): ⟨m_a⟩; second (T, 3, 3): ⟨m_a m_b⟩, complex; j_distribution (T, number of J), J descending;
    expect: list of complex (T,) arrays in the order of `labels`; e_data: the same as a dict; stored_final, stored_states: blocks
    and vectors in the frame of the computation (use final_state and states); budget; stats, of which "kept" says what part of the
    state space was stored and why.
    """

    N: int
    times: np.ndarray
    means: np.ndarray
    second: np.ndarray
    j_weights: np.ndarray | None
    labels: list[str]
    expect: list[np.ndarray]
    polynomials: list[Polynomial]
    stored_final: list[tuple[DickeBlocks, np.ndarray]]
    stored_states: list[list[tuple[DickeBlocks, np.ndarray]]]
    frame: np.ndarray
    budget: ErrorBudget
    stats: dict

    @property
    def e_data(self) -> dict[str, np.ndarray]:
        """Expectation values of the observables asked for, by label."""
        return dict(zip(self.labels, self.expect, strict=True))

    @property
    def J(self) -> np.ndarray:
        """Values of J that `j_distribution` runs over."""
        return dicke_blocks(self.N).J

    def mean(self, axis: str) -> np.ndarray:
        """⟨m(σ_axis)⟩, shape (T,); axis is "x", "y" or "z"."""
        return self.means[:, axis_index(axis)]

    @property
    def covariance(self) -> np.ndarray:
        """Σ_ab = ½⟨{F_a, F_b}⟩ of F_a = √N (m(σ_a) − ⟨m(σ_a)⟩), shape (T, 3, 3), real."""
        symmetric = (self.second + np.swapaxes(self.second, 1, 2)).real / 2
        return self.N * (symmetric - np.einsum("ta,tb->tab", self.means, self.means))

    @property
    def pair_moments(self) -> np.ndarray:
        """⟨σ_a ⊗ σ_b⟩ of two different particles, shape (T, 3, 3)."""
        if self.N < 2:
            raise FiniteNError("N = 1: there is no pair of particles; use N ≥ 2 for two-particle quantities.")
        one = np.concatenate([np.ones((len(self.times), 1)), self.means], axis=1)
        same = np.einsum("abc,tc->tab", _ONE_SITE, one)
        return ((self.N * self.second - same) / (self.N - 1)).real

    @property
    def connected(self) -> np.ndarray:
        """N (⟨σ_a ⊗ σ_b⟩ − ⟨σ_a⟩⟨σ_b⟩) of two different particles, shape (T, 3, 3)."""
        return self.N * (self.pair_moments - np.einsum("ta,tb->tab", self.means, self.means))

    def reduced_state(self, n: int = 1) -> np.ndarray:
        """Reduced density matrix of n = 1 or 2 particles, shape (T, 2^n, 2^n)."""
        one = np.concatenate([np.ones((len(self.times), 1)), self.means], axis=1)
        if n == 1:
            return np.einsum("ta,aij->tij", one, PAULI) / 2
        if n != 2:
            raise FiniteNError(f"reduced state of {n!r} particles: one and two are available.")
        full = np.einsum("ta,tb->tab", one, one)
        full[:, 1:, 1:] = self.pair_moments
        return np.einsum("tab,aij,bkl->tikjl", full, PAULI, PAULI).reshape(-1, 4, 4) / 4

    @property
    def j_distribution(self) -> np.ndarray:
        """Weight of every J, shape (T, number of J), J descending."""
        if self.j_weights is None:
            raise FiniteNError(f"J is not resolved by {self.stats['basis']}; call evolve(…, basis='dicke').")
        return self.j_weights

    def _in_laboratory(self, pieces: list[tuple[DickeBlocks, np.ndarray]]) -> list[np.ndarray]:
        if not pieces:
            raise FiniteNError(
                f"the state is not known in full, only {self.stats['kept']}; call evolve(…, basis='dicke') for states."
            )
        out = [np.zeros((n, n), complex) for n in range(self.N + 1, 0, -2)]
        for blocks, vector in pieces:
            turned = rotate(vector.astype(complex), self.frame.conj().T, blocks)
            for J, m in zip(blocks.J, blocks.matrices(turned), strict=True):
                out[round(self.N / 2 - J)] = m
        return out

    @property
    def final_state(self) -> list[np.ndarray]:
        """ρ_J at the last time, J = N/2, N/2 − 1, …, M descending."""
        return self._in_laboratory(self.stored_final)

    @property
    def states(self) -> list[list[np.ndarray]]:
        """ρ_J at every time; needs keep_states=True."""
        if not self.stored_states:
            raise FiniteNError("states were not kept; call evolve(…, keep_states=True).")
        return [self._in_laboratory(pieces) for pieces in self.stored_states]

    @property
    def purity(self) -> np.ndarray:
        """Tr ρ² = Σ_J tr ρ_J² / d_J, shape (T,) if states were kept, else (1,) for the last time."""
        weight = np.exp(-dicke_blocks(self.N).log_multiplicity)
        states = self.stored_states or [self.stored_final]
        return np.array(
            [
                sum(w * np.sum(np.abs(m) ** 2) for w, m in zip(weight, self._in_laboratory(x), strict=True))
                for x in states
            ]
        )

    def to_xarray(self) -> xr.Dataset:
        """Dataset with dimensions time, axis, axis2, J, observable; observables as real and imaginary parts."""
        data = {
            "mean": (("time", "axis"), self.means),
            "covariance": (("time", "axis", "axis2"), self.covariance),
        }
        if self.j_weights is not None:
            data["j_distribution"] = (("time", "J"), self.j_weights)
        if self.labels:
            data["expect"] = (("observable", "time"), np.real(self.expect))
            data["expect_imag"] = (("observable", "time"), np.imag(self.expect))
        coords = {"time": self.times, "axis": list(AXES), "axis2": list(AXES), "observable": self.labels}
        if self.j_weights is not None:
            coords["J"] = self.J
        attrs = {"N": self.N} | {k: v for k, v in dataclasses.asdict(self.budget).items() if v is not None}
        return xr.Dataset(data, coords, attrs)

    def __repr__(self):
        b, s = self.budget, self.stats
        second = "not run" if b.moment_difference is None else f"{b.moment_difference:.1e} on averages"
        lines = [
            f"Exact dynamics, N = {self.N}, {len(self.times)} times from {self.times[0]:g} to {self.times[-1]:g}",
            f"  state        {s['elements']} elements, {s['arithmetic']}, {s['bytes'] / 2**20:.1f} MiB planned",
            f"  kept         {s['kept']}",
            f"  method       {s['method']}, {s['applications']} applications of {s['terms']} terms in {s['steps']} "
            f"steps, {s['run time']:.2f} s",
            f"  final ⟨m⟩    {', '.join(f'{a} {x:+.8f}' for a, x in zip(AXES, self.means[-1], strict=True))}",
            f"  error budget tolerance {b.tolerance:.0e}; second run {second}; trace drift {b.trace_drift:.1e}; "
            f"smallest eigenvalue {b.smallest_eigenvalue:.1e}{'' if b.holds else '; EXCEEDS THE TOLERANCE'}",
        ]
        if self.labels:
            lines.append(f"  observables  {', '.join(self.labels)}")
        return "\n".join(lines)
