"""Collective operators as diagonals: O|J,M⟩ = Σ_a c_a(J,M)|J,M+a⟩, all blocks at once.

A coefficient vanishes where M+a leaves the block, so products and adjoints may shift flat arrays across block borders.
"""

from __future__ import annotations

import numpy as np

from finite_n.blocks import DickeBlocks


class Bands:
    """An operator that keeps J, stored as {a: coefficients c_a over rows (J, M)}."""

    __slots__ = ("diagonals",)
    __array_ufunc__ = None  # so that numpy scalars on the left defer to __rmul__

    def __init__(self, diagonals: dict[int, np.ndarray]):
        self.diagonals = {a: c for a, c in diagonals.items() if np.any(c)}

    def __add__(self, other: Bands) -> Bands:
        out = dict(self.diagonals)
        for a, c in other.diagonals.items():
            out[a] = out[a] + c if a in out else c
        return Bands(out)

    def __mul__(self, other):
        if not isinstance(other, Bands):
            return Bands({a: c * other for a, c in self.diagonals.items()})
        out: dict[int, np.ndarray] = {}
        for b, cb in other.diagonals.items():
            for a, ca in self.diagonals.items():
                product = np.roll(ca, b) * cb  # c_a at the row of M+b, which lies b rows earlier
                out[a + b] = out[a + b] + product if a + b in out else product
        return Bands(out)

    __rmul__ = __mul__  # numbers only: Bands on the left are handled above

    def adjoint(self) -> Bands:
        """Hermitian conjugate."""
        return Bands({-a: np.roll(c.conj(), -a) for a, c in self.diagonals.items()})

    def dense(self, blocks: DickeBlocks) -> list[np.ndarray]:
        """The (2J+1)×(2J+1) matrices ⟨J,M′|O|J,M⟩."""
        out = [np.zeros((n, n), dtype=complex) for n in blocks.size]
        for a, c in self.diagonals.items():
            for b, n in enumerate(blocks.size):
                part = c[blocks.row_start[b] : blocks.row_start[b + 1]]
                source = np.arange(max(0, a), min(n, n + a))
                out[b][source - a, source] = part[source]
        return out


def spin_bands(blocks: DickeBlocks) -> tuple[Bands, Bands, Bands, Bands]:
    """1, S+, S−, Sz of the total spin S = ½ Σ_k σ^(k)."""
    J, M = blocks.row_J, blocks.row_M
    return (
        Bands({0: np.ones(blocks.rows)}),
        Bands({1: np.sqrt((J - M) * (J + M + 1))}),
        Bands({-1: np.sqrt((J + M) * (J - M + 1))}),
        Bands({0: M.astype(float)}),
    )


def ladder_coefficients(x: np.ndarray) -> np.ndarray:
    """x = q_0 + q_1 s+ + q_2 s− + q_3 s_z with s = σ/2; shape (4,)."""
    return np.array([(x[0, 0] + x[1, 1]) / 2, x[0, 1], x[1, 0], x[0, 0] - x[1, 1]])


def total(x: np.ndarray, blocks: DickeBlocks) -> Bands:
    """Σ_k x^(k) of a single-particle operator x, shape (2, 2)."""
    q = ladder_coefficients(x)
    one, plus, minus, z = spin_bands(blocks)
    return (q[0] * blocks.N) * one + q[1] * plus + q[2] * minus + q[3] * z
