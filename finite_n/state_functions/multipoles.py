"""Multipoles ρ_kq of a collective spin: its matrix in the tensor operators T_kq, stable at large J.

T_kq, tr T†T' = δδ, are eigenvectors of Σ_a [J_a, [J_a, T]] = k(k + 1) T. On the elements ⟨M + q|T_kq|M⟩ that is a
three-term recurrence (K. Schulten and R. G. Gordon, J. Math. Phys. 16, 1961 (1975), of 3j symbols). From the largest M
to the middle, M = −q/2, the solution grows until it oscillates, which is the stable direction; the other half
follows by symmetry.
"""

from __future__ import annotations

import numpy as np

_AT_ONCE = 2**22  # numbers of a table of operators, 32 MiB
_LARGE, _OFTEN = 1e80, 8  # columns beyond are scaled down after so many rows, by which they grow less than (2J)^8


def multipoles(rho: np.ndarray) -> np.ndarray:
    """tr(ρ T_kq) of a Hermitian matrix on |J, M⟩, M descending, at [q, k], 0 ≤ q ≤ k ≤ 2J; of −q they are conjugate.

    Their phases are those of Y_kq without (−1)^q: ⟨J|T_kq|J − q⟩ > 0.
    """
    n = len(rho)
    out = np.zeros((n, n), complex)
    diagonals = [q for q in range(n) if np.any(np.diagonal(rho, q))]
    width = max(1, _AT_ONCE // (n * (n // 2 + 1)))
    for begin in range(0, len(diagonals), width):
        q = np.array(diagonals[begin : begin + width])
        out[q] = _of_diagonals(rho, q)
    return out


def _of_diagonals(rho: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Rows q, increasing, of the multipoles."""
    n = len(rho)
    T = _operators(n, q)  # (j, q, k)
    even, odd = (np.zeros((len(T), len(q)), complex) for _ in range(2))  # in M + q/2
    squares = 2 * np.einsum("jqk,jqk->qk", T, T)
    for at, offset in enumerate(q):
        d = np.diagonal(rho, offset)
        half = (len(d) + 1) // 2
        even[:half, at], odd[:half, at] = d[:half] + d[::-1][:half], d[:half] - d[::-1][:half]
        if len(d) % 2:  # the middle has no mirror image
            even[half - 1, at] /= 2
            squares[at] -= T[half - 1, at] ** 2
    parts = np.stack([even.real, even.imag, odd.real, odd.imag], axis=-1)
    sums = np.matmul(T.transpose(1, 2, 0), parts.transpose(1, 0, 2))  # (q, k, part)
    k = np.arange(n)
    sums = np.where(((k - q[:, None]) % 2 == 0)[..., None], sums[..., :2], sums[..., 2:])
    return np.where(k >= q[:, None], (sums[..., 0] + 1j * sums[..., 1]) / np.sqrt(np.where(squares > 0, squares, 1)), 0)


def _operators(n: int, q: np.ndarray) -> np.ndarray:
    """⟨J − j|T_kq|J − j − q⟩ at [j, q, k] down to the middle, n = 2J + 1, each T_kq times a positive number; zero for
    k < q."""
    k, q = np.arange(n, dtype=float), q[:, None].astype(float)
    halves = ((n - q[:, 0] + 1) // 2).astype(int)  # rows of every q, fewer for larger q
    T = np.zeros((halves[0], len(q), n))
    T[0] = k >= q
    before = np.zeros_like(q)
    for j in range(halves[0] - 1):
        some = np.searchsorted(-halves, -(j + 1))  # those that go on
        own, row = q[:some], T[j, :some]
        diagonal = (n - 1) * (1 + own + 2 * j) - 2 * j * (own + j) - k * (k + 1)
        after = np.sqrt((own + j + 1) * (n - 1 - own - j) * (j + 1) * (n - 1 - j))
        T[j + 1, :some] = (diagonal * row - before[:some] * T[j - 1, :some]) / after
        before[:some] = after
        if j % _OFTEN == 0 and np.any(large := np.abs(T[j + 1, :some]) > _LARGE):
            T[: j + 2, :some] *= np.where(large, 1 / _LARGE, 1.0)
    return T
