"""Exact reduced states of one and two particles beside the products that the limit gives them, and the rate (002 Theorem 2)."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Sequence

import numpy as np

from comparison.extrapolation import FEWEST, Extrapolation, Rate, extrapolate, rate
from comparison.verdict import with_error
from finite_n.blocks import check_size
from finite_n.errors import FiniteNError
from finite_n.evolve import evolve
from finite_n.inputs import check_times
from finite_n.model import Model
from finite_n.states import as_state
from meanfield import local_dynamics


def trace_distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """½‖a − b‖₁ of Hermitian matrices, shapes (…, d, d) to (…)."""
    return np.abs(np.linalg.eigvalsh(a - b)).sum(axis=-1) / 2


def check_sizes(sizes, fewest: int = FEWEST, smallest: int = 2) -> list[int]:
    """Increasing numbers of particles; refuses fewer than `fewest` and any below `smallest`."""
    if not isinstance(sizes, list | tuple | np.ndarray | range):
        raise FiniteNError(f"sizes = {sizes!r:.60}: give a list of increasing numbers of particles.")
    sizes = [check_size(N) for N in sizes]
    if len(sizes) < fewest or sizes[0] < smallest or any(a >= b for a, b in itertools.pairwise(sizes)):
        raise FiniteNError(
            f"sizes {sizes}: give {fewest} or more increasing numbers of particles, {smallest} or more each, "
            "for example 10, 20, 40, 80."
        )
    return sizes


@dataclasses.dataclass(frozen=True, repr=False)
class LocalStates:
    """Reduced states of n particles at S sizes and T times.

    exact (S, T, 2^n, 2^n); limit (T, 2^n, 2^n): ρ₁(t)^⊗n; distance (S, T): ½‖exact − limit‖₁; errors (S,): of a distance, in
    either norm.
    """

    n: int
    sizes: list[int]
    times: np.ndarray
    exact: np.ndarray
    limit: np.ndarray
    distance: np.ndarray
    errors: np.ndarray

    def rate(self, k: int = -1) -> Rate:
        """p of ‖exact − limit‖ ~ N^−p at time number k; nan where the distance is within ten errors, as at the first time.

        In the norm of Hilbert and Schmidt, which has the exponent of every norm but is smooth in 1/N: the trace norm has kinks
        where an eigenvalue changes its sign, and fits to it are poorer.
        """
        gap = np.linalg.norm(self.exact[:, k] - self.limit[k], axis=(1, 2))
        return rate(self.sizes, gap, 0.0, self.errors)

    @property
    def coefficient(self) -> Extrapolation:
        """lim N · distance with its error, arrays (T,): finite where the rate is 1/N, and nonzero unless it is faster.

        The matrices N (exact − limit) are extrapolated, which are smooth in 1/N where their trace norm need not be.
        """
        N = np.array(self.sizes, dtype=float)[:, None, None, None]
        scaled = N * (self.exact - self.limit)
        parts = np.stack([scaled.real, scaled.imag], axis=-1)
        e = extrapolate(self.sizes, parts, (N * self.errors[:, None, None, None])[..., None])
        value = np.linalg.norm(e.value[..., 0] + 1j * e.value[..., 1], ord="nuc", axis=(1, 2)) / 2
        # ½‖δ‖₁ ≤ ½ √d ‖δ‖ with the norm of Hilbert and Schmidt
        error = np.sqrt(2**self.n * (e.error**2).sum(axis=(1, 2, 3))) / 2
        return Extrapolation(value, error)

    def __repr__(self):
        r, c = self.rate(), self.coefficient
        return (
            f"Reduced states of {self.n} particle(s), N = {', '.join(map(str, self.sizes))}, t = {self.times[-1]:g}\n"
            f"  distance to the product  {', '.join(f'{x:.3e}' for x in self.distance[:, -1])}\n"
            f"  rate N^−p                p = {with_error(r.asymptotic, r.asymptotic_error)}\n"
            f"  N · distance             {with_error(c.value[-1], c.error[-1])}"
        )


def compare_local_states(
    model: Model,
    rho0,
    tlist: Sequence[float],
    sizes: Sequence[int],
    n: Sequence[int] = (1, 2),
    tol: float = 1e-9,
    progress: Callable[[int, float], None] | None = None,
) -> dict[int, LocalStates]:
    """Exact reduced states of n = 1, 2 particles at every size against Λ_t^⊗n of the limit, {n: LocalStates}.

    Parameters
    ----------
    model : Model
    rho0 : State, Bloch vector or one-particle state with a limit
    tlist : times, shape (T,)
    sizes : four or more increasing N, each at least 2
    n : which of 1 and 2
    tol : of the exact evolution. Default 1e-9.
    progress : function of N and of a number in [0, 1], optional

    Errors: the exact moments are off by at most e = max(tol, budget), so a distance is off by at most 2^n e.

    Example
    -------
    >>> from comparison import compare_local_states
    >>> from finite_n.systems import hopfield
    >>> compare_local_states(hopfield(), [0, 0.3, 0.4], [0.0, 1.0], [10, 20, 40, 80])[1]
    Reduced states of 1 particle(s), N = 10, 20, 40, 80, t = 1
      distance to the product  1.301e-02, 7.252e-03, 3.842e-03, 1.979e-03
      rate N^−p                p = 1.000(3)
      N · distance             0.1633(2)

    Source: 002 Theorem 2.
    """
    sizes = check_sizes(sizes)
    times = check_times(tlist)
    if not isinstance(n, list | tuple | range) or not n or any(k not in (1, 2) for k in n):
        raise FiniteNError(f"n = {n!r}: exact reduced states are available for one and two particles; give (1, 2).")
    state = as_state(rho0)
    local = local_dynamics(model, state, times)
    results = []
    for N in sizes:
        report = (lambda share, N=N: progress(N, share)) if progress else None
        results.append(evolve(model, N, state, times, tol=tol, progress=report))
    out = {}
    for k in n:
        exact = np.array([r.reduced_state(k) for r in results])
        limit = local.reduced_state(k)
        errors = np.array([2**k * max(tol, r.budget.moment_error) for r in results])
        out[k] = LocalStates(k, sizes, times, exact, limit, trace_distance(exact, limit), errors)
    return out
