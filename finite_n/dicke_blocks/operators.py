"""Collective operators as diagonals: O|J,M⟩ = Σ_a c_a(J,M)|J,M+a⟩, all blocks at once.

A coefficient vanishes where M+a leaves the block, so products and adjoints may shift flat arrays across block borders.
With several species and modes `a` is a number of rows: the row of the image lies a rows earlier.
"""

from __future__ import annotations

import functools

import numpy as np

from finite_n.dicke_blocks.blocks import DickeBlocks, Quanta, Spins
from finite_n.model.operators import from_coefficients
from finite_n.model.polynomial import Polynomial, linear_coefficients
from finite_n.model.quadratures import quadrature_product
from finite_n.model.species import Mode, Space


class BandOperator:
    """An operator that keeps J, stored as {a: coefficients c_a over rows (J, M)}."""

    __slots__ = ("diagonals",)
    __array_ufunc__ = None  # so that numpy scalars on the left defer to __rmul__

    def __init__(self, diagonals: dict[int, np.ndarray]):
        self.diagonals = {a: c for a, c in diagonals.items() if c.any()}

    def __add__(self, other: BandOperator) -> BandOperator:
        out = dict(self.diagonals)
        for a, c in other.diagonals.items():
            out[a] = out[a] + c if a in out else c
        return BandOperator(out)

    def __mul__(self, other):
        if not isinstance(other, BandOperator):
            return BandOperator({a: c * other for a, c in self.diagonals.items()})
        out: dict[int, np.ndarray] = {}
        for b, cb in other.diagonals.items():
            for a, ca in self.diagonals.items():
                product = _rolled(ca, b) * cb  # c_a at the row of M+b, which lies b rows earlier
                out[a + b] = out[a + b] + product if a + b in out else product
        return BandOperator(out)

    __rmul__ = __mul__  # numbers only: BandOperator on the left are handled above

    def adjoint(self) -> BandOperator:
        """Hermitian conjugate."""
        return BandOperator({-a: _rolled(c.conj(), -a) for a, c in self.diagonals.items()})

    def dense(self, blocks: DickeBlocks) -> list[np.ndarray]:
        """The (2J+1)×(2J+1) matrices ⟨J,M′|O|J,M⟩."""
        out = [np.zeros((n, n), dtype=complex) for n in blocks.size]
        for a, c in self.diagonals.items():
            for b, n in enumerate(blocks.size):
                part = c[blocks.row_start[b] : blocks.row_start[b + 1]]
                source = np.arange(max(0, a), min(n, n + a))
                out[b][source - a, source] = part[source]
        return out


def _rolled(x: np.ndarray, by: int) -> np.ndarray:
    """np.roll, quicker for short arrays."""
    by %= len(x)
    return np.concatenate([x[-by:], x[:-by]]) if by else x


@functools.lru_cache(maxsize=4)  # asked for by every letter and every term
def spin_operators(spins: Spins) -> tuple[BandOperator, BandOperator, BandOperator, BandOperator]:
    """1, S+, S−, Sz of the total spin S = ½ Σ_k σ^(k) of one species."""
    J, M, there = spins.row_J, spins.row_M, spins.exists
    return (
        BandOperator({0: there.astype(float)}),
        BandOperator({spins.stride: np.sqrt(np.where(there, (J - M) * (J + M + 1), 0.0))}),
        BandOperator({-spins.stride: np.sqrt(np.where(there, (J + M) * (J - M + 1), 0.0))}),
        BandOperator({0: np.where(there, M, 0.0)}),
    )


def mode_operators(mode: Quanta) -> tuple[BandOperator, BandOperator]:
    """a, a† of a truncated mode."""
    n = mode.row_n
    raised = np.where(mode.exists & (n < mode.cutoff), np.sqrt(n + 1.0), 0.0)
    return BandOperator({mode.stride: np.where(mode.exists, np.sqrt(n), 0.0)}), BandOperator({-mode.stride: raised})


def measured(p: Polynomial, letters: dict, space: Space, blocks: DickeBlocks) -> BandOperator:
    """An observable on states without weight above the cutoffs: words with several letters of one mode are exact at the
    highest level."""
    one = BandOperator({0: blocks.exists.astype(float)})
    owners = {a: (mode, quanta) for mode, quanta in zip(space.modes, blocks.modes, strict=True) for a in mode.letters}
    plain, out = {}, BandOperator({})
    for word, weight in p.words.items():
        own: dict[Mode, list] = {}
        for a in word:
            if a in owners:
                own.setdefault(owners[a][0], []).append(a)
        if all(len(x) < 2 for x in own.values()):
            plain[word] = weight
            continue
        product = weight * one
        for a in word:
            product = product if a in owners else product * letters[a]
        for mode, x in own.items():
            quanta, scale = owners[x[0]][1], (2 * blocks.N) ** (-len(x) / 2)
            of_mode = quadrature_product([mode.letters.index(a) for a in x], quanta.cutoff)
            product = product * BandOperator(
                {d * quanta.stride: np.where(quanta.exists, scale * c[quanta.row_n], 0.0) for d, c in of_mode.items()}
            )
        out = out + product
    return Polynomial(plain).evaluate(letters, one) + out if plain else out


def letter_operators(space: Space, blocks: DickeBlocks, images=None) -> dict:
    """The letters of a model as operators; `images`: what letters become in a rotated frame, as polynomials."""
    out, N = {}, blocks.N
    for s, spins in zip(space.species, blocks.spins, strict=True):
        for letter in s.letters:
            image = Polynomial({(letter,): 1}) if images is None else images[letter]
            out[letter] = total(from_coefficients(linear_coefficients(image, s.letters)), spins) * (1 / spins.N)
    for mode, quanta in zip(space.modes, blocks.modes, strict=True):
        lower, higher = mode_operators(quanta)
        phi, pi = mode.letters
        out[phi] = (lower + higher) * (1 / np.sqrt(2 * N))
        out[pi] = (lower + -1.0 * higher) * (-1j / np.sqrt(2 * N))
    return out


def ladder_coefficients(x: np.ndarray) -> np.ndarray:
    """x = q_0 + q_1 s+ + q_2 s− + q_3 s_z with s = σ/2; shape (4,)."""
    return np.array([(x[0, 0] + x[1, 1]) / 2, x[0, 1], x[1, 0], x[0, 0] - x[1, 1]])


def total(x: np.ndarray, spins: Spins) -> BandOperator:
    """Σ_k x^(k) of a single-particle operator x, shape (2, 2), over one species."""
    q = ladder_coefficients(x)
    q[0] *= spins.N
    return sum((c * band for c, band in zip(q, spin_operators(spins), strict=True) if c), BandOperator({}))
