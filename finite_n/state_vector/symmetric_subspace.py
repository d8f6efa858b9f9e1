"""The symmetric subspace of n particles of d levels: |n_0, …, n_{d−1}⟩, n_a particles in level a, Σ n_a = n.

Its C(n + d − 1, d − 1) states are those of d bosonic modes with n quanta, Σ_k x^(k) = Σ_ab x_ab b_a† b_b. For two
levels it is spin J = n/2 with M = (n_0 − n_1)/2 descending. A pure product state |c⟩^⊗n lies in it, and a Hamiltonian
of averages does not leave it.
"""

from __future__ import annotations

import math

import numpy as np
import scipy.sparse as sp

_ROUNDING = 1e-15  # of a one-particle amplitude: taken for zero


def symmetric_dimension(size: float, dim: int) -> float:
    """C(size + dim − 1, dim − 1), also between whole numbers."""
    return math.prod((size + k) / k for k in range(1, dim))


class SymmetricSubspace:
    """`size` particles of `dim` levels; `occupations` (dimension, dim), n_0 descending, then n_1, …"""

    def __init__(self, size: int, dim: int):
        self.size, self.dim = size, dim
        self.occupations = _occupations(size, dim)
        # the last level follows from the others, and the order of the states is that of their codes, descending
        self._place = (size + 1) ** np.arange(dim - 2, -1, -1)
        self._codes = -(self.occupations[:, :-1] @ self._place)
        self._hops: dict[tuple[int, int], sp.csr_array] = {}

    @property
    def dimension(self) -> int:
        """Number of states."""
        return len(self.occupations)

    def total(self, x: np.ndarray) -> sp.csr_array:
        """Σ_k x^(k) of a one-particle operator x, shape (dim, dim)."""
        out = sp.csr_array((self.dimension, self.dimension), dtype=complex)
        for a, b in np.argwhere(x):
            out = out + x[a, b] * self._hop(a, b)
        return out

    def _hop(self, a: int, b: int) -> sp.csr_array:
        """b_a† b_b."""
        if (a, b) not in self._hops:
            n = self.occupations
            if a == b:
                rows, columns, values = np.arange(len(n)), np.arange(len(n)), n[:, a].astype(float)
            else:
                columns = np.flatnonzero(n[:, b])
                reached = n[columns]
                reached[:, a] += 1
                reached[:, b] -= 1
                rows = np.searchsorted(self._codes, -(reached[:, :-1] @ self._place))
                values = np.sqrt(reached[:, a] * n[columns, b].astype(float))
            index = (rows.astype(np.int32), columns.astype(np.int32))
            self._hops[a, b] = sp.coo_array((values, index), shape=(len(n), len(n))).tocsr()
        return self._hops[a, b]

    def product_state(self, c: np.ndarray) -> np.ndarray:
        """Amplitudes of |c⟩^⊗size, √(size!/Π n_a!) Π c_a^{n_a}."""
        c = np.where(np.abs(c) > _ROUNDING, c, 0)
        return _product_amplitudes(self.size, c / np.linalg.norm(c))


def _occupations(size: int, dim: int) -> np.ndarray:
    if dim == 1:
        return np.array([[size]])
    if dim == 2:
        n = np.arange(size, -1, -1)
        return np.stack([n, size - n], axis=1)
    rest = [_occupations(size - n, dim - 1) for n in range(size, -1, -1)]
    return np.concatenate([np.pad(x, ((0, 0), (1, 0)), constant_values=size - k) for k, x in enumerate(rest)])


def _product_amplitudes(size: int, c: np.ndarray) -> np.ndarray:
    """Level by level: n_0 of `size` particles are in the first level, √Binomial, and the rest is the same problem
    again."""
    phase = np.where(c == 0, 1, c / np.where(c == 0, 1, np.abs(c)))
    n, left = np.arange(size, -1, -1), np.linalg.norm(c[1:])
    first = binomial_amplitudes(size, abs(c[0]), left)[::-1] * phase[0] ** n
    if len(c) == 2:
        return first * phase[1] ** (size - n)
    rest = c[1:] / left if left > 0 else np.eye(len(c) - 1)[0]
    return np.concatenate([x * _product_amplitudes(size - k, rest) for k, x in zip(n.tolist(), first, strict=True)])


def binomial_amplitudes(size: int, first: float, second: float) -> np.ndarray:
    """√C(size, n) first^n second^{size − n} for n = 0 … size, normalised: ratios outward from the largest, so that all
    digits hold."""
    n, peak = np.arange(size + 1.0), round(size * first**2 / (first**2 + second**2))
    with np.errstate(under="ignore"):
        up = np.cumprod(np.sqrt((size - n[peak:-1]) / (n[peak:-1] + 1)) * (first / second if peak < size else 0.0))
        n = n[1 : peak + 1]
        down = np.cumprod((np.sqrt(n / (size - n + 1)) * (second / first if peak else 0.0))[::-1])
        out = np.concatenate([down[::-1], [1.0], up])
        return out / np.linalg.norm(out)
