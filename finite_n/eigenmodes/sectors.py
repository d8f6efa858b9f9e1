"""Sectors, real linear problems ẋ = Lx on invariant subspaces of a generator: what the search for slow modes needs."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import numpy as np
import scipy.sparse as sp

from finite_n.propagation.exponential import exponential
from finite_n.propagation.faber import around_rows, row_bounds

_ABSENT = 1e-12  # of a start: part in a sector that is rounding


class Sector(ABC):
    """A real linear problem ẋ = Lx on an invariant subspace.

    Attributes
    ----------
    size : int
        Number of real numbers in x.
    label : str
        What distinguishes the subspace.
    trace : array, shape (size,)
        t with t·x = Tr ρ; zeros if the subspace carries no trace.
    rate : float
        A typical decay rate: it sets the time of the first filter, and tolerances are in its units.
    scale : float
        Largest rate or frequency.
    """

    size: int
    label: str
    trace: np.ndarray
    rate: float
    scale: float

    @abstractmethod
    def apply(self, x: np.ndarray) -> np.ndarray:
        """Lx, shape (size,)."""

    @abstractmethod
    def propagate(self, x: np.ndarray, tau: float, tol: float = 1e-14) -> np.ndarray:
        """exp(τL)x for any x, with an error of about tol·‖x‖."""

    @abstractmethod
    def matrix(self) -> sp.csr_array | None:
        """L as a sparse matrix, or None where it would be too large."""

    @property
    def bytes(self) -> float:
        """Bytes kept: tables of where every number stands, and of its weight in the trace."""
        return 75.0 * self.size

    @property
    def workspace(self) -> float:
        """Bytes taken while `apply` and `propagate` run, besides vectors of this size."""
        return 0.0

    @property
    def carries_trace(self) -> bool:
        """Whether Tr ρ can differ from zero here."""
        return bool(np.any(self.trace))

    def embed(self, x: np.ndarray) -> np.ndarray:
        """The full state vector, in the frame of the Liouvillian."""
        raise NotImplementedError(f"{self.label}: this sector knows no density matrix")

    def restrict(self, vector: np.ndarray) -> np.ndarray:
        """x of the part of a full Hermitian state vector that lies here."""
        raise NotImplementedError(f"{self.label}: this sector knows no density matrix")

    def __repr__(self):
        return f"{type(self).__name__}({self.label}, {self.size} numbers)"


class SparseSector(Sector):
    """A sector given by its real sparse matrix.

    Parameters
    ----------
    matrix : sparse matrix, shape (size, size), real
    trace : array, shape (size,), optional
        Default zeros.
    label : str
    rate : float, optional
        Default: the largest decay rate on the diagonal.
    embed, restrict : functions, optional
        Between x and the full state vector, where there is one.
    scale : float, optional
        Default: by Gershgorin. Of parts of a Liouvillian that of the whole, since what cancels here leaves its
        rounding.
    """

    def __init__(
        self,
        matrix,
        trace: np.ndarray | None = None,
        label: str = "sector",
        rate: float | None = None,
        embed: Callable[[np.ndarray], np.ndarray] | None = None,
        restrict: Callable[[np.ndarray], np.ndarray] | None = None,
        scale: float = 0.0,
    ):
        self._matrix = sp.csr_array(matrix)
        self.size, self.label = self._matrix.shape[0], label
        self.trace = np.zeros(self.size) if trace is None else np.asarray(trace, dtype=float)
        self.rate = max(0.0, float(-self._matrix.diagonal().min(initial=0))) if rate is None else rate
        self.scale = max(scale, float(abs(self._matrix).sum(axis=1).max()) if self.size else 0.0)
        self._embed, self._restrict = embed, restrict

    def apply(self, x: np.ndarray) -> np.ndarray:
        return self._matrix @ x

    def propagate(self, x: np.ndarray, tau: float, tol: float = 1e-14) -> np.ndarray:
        def combined(source, out, scale, shift, keep):
            out *= keep
            out += scale * (self._matrix @ source + shift * source)

        return exponential(combined, x, tau, around_rows(*self._bounds, tau), tol)

    @property
    def bytes(self) -> float:
        return super().bytes + 12.0 * self._matrix.nnz + 8.0 * self.size

    @property
    def workspace(self) -> float:
        return 50.0 * self._matrix.nnz  # its transpose and absolute values

    @functools.cached_property
    def _bounds(self) -> tuple[np.ndarray, np.ndarray]:
        return row_bounds(self._matrix)

    def matrix(self) -> sp.csr_array:
        return self._matrix

    def embed(self, x: np.ndarray) -> np.ndarray:
        return super().embed(x) if self._embed is None else self._embed(x)

    def restrict(self, vector: np.ndarray) -> np.ndarray:
        return super().restrict(vector) if self._restrict is None else self._restrict(vector)


def reached_by(sectors: Sequence[Sector], start: np.ndarray, size: float) -> list[Sector]:
    """Those in which a full vector of norm `size` has a part."""
    return [s for s in sectors if s.size and np.linalg.norm(s.restrict(start)) > _ABSENT * size]
