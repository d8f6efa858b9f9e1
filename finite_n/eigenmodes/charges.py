"""Weak symmetries that phases of rows generate: which elements they allow beside the diagonal, and what is left over.

Every term of L changes the differences q(row) − q(column) of M of the species and n of the modes by vectors of a
lattice Λ. Phases that Λ leaves alone are weak symmetries: a torus, and a finite group. The elements with q(row) −
q(column) in Λ are those that all of them leave alone.

Smith's normal form: H. Cohen, A Course in Computational Algebraic Number Theory (1993), §2.4.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from finite_n.dicke_blocks.blocks import DickeBlocks
from finite_n.dicke_blocks.terms import Term


@dataclasses.dataclass(frozen=True)
class Charges:
    """invariant: elements that all these symmetries leave alone; orders: of the cyclic factors of the finite group."""

    invariant: int
    orders: tuple[int, ...]

    @property
    def are_signs(self) -> bool:
        """Whether the finite group has elements of order two only."""
        return all(order == 2 for order in self.orders)


def charges_of(terms: list[Term], blocks: DickeBlocks) -> Charges:
    """The charges that `terms` conserve."""
    spins = [np.rint(s.row_J + s.row_M).astype(int) for s in blocks.spins]
    quanta = np.column_stack([*spins, *(mode.row_n for mode in blocks.modes)])
    changes = np.column_stack(
        [*(np.rint(s.row_M * 2).astype(int) for s in blocks.spins), *(2 * m.row_n for m in blocks.modes)]
    )
    found = set()
    for t in terms:
        left = _changes(changes, t.hop, t.left_shift, t.left, blocks)
        right = _changes(changes, t.hop, t.right_shift, t.right, blocks)
        found |= {tuple((a - b) // 2) for a in left for b in right}
    orders, basis = smith(np.array(sorted(found), dtype=int).reshape(-1, quanta.shape[1]))
    keys = quanta @ basis
    for j, order in enumerate(orders):
        if order:
            keys[:, j] %= order
    there = blocks.exists
    _, count = np.unique(np.column_stack([blocks.row_block, keys])[there], axis=0, return_counts=True)
    return Charges(int((count**2).sum()), tuple(int(x) for x in orders if x > 1))


def _changes(quanta: np.ndarray, hop: int, shift: int, coefficient: np.ndarray, blocks: DickeBlocks) -> np.ndarray:
    """The changes, twice, of what a term takes from a row to where it puts it."""
    rows = np.flatnonzero((coefficient != 0) & blocks.exists)
    source = blocks.row_block[rows] + hop
    rows, source = rows[inside := (source >= 0) & (source < len(blocks.size))], source[inside]
    at = blocks.row_index[rows] - hop + shift
    inside = (at >= 0) & (at < blocks.size[source])
    rows, source = rows[inside], blocks.row_start[source[inside]] + at[inside]
    inside = blocks.exists[source]
    return np.unique(quanta[rows[inside]] - quanta[source[inside]], axis=0)


def smith(generators: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(s, V) for the lattice of integer combinations of rows: its points q are those with (qV)_j a multiple of s_j.

    V is unimodular; s_j = 0 where nothing but 0 is a multiple.
    """
    a, m = np.array(generators, dtype=int), np.shape(generators)[1]
    v, s = np.eye(m, dtype=int), np.zeros(m, dtype=int)
    for j in range(m):
        while a.size and np.any(a[:, j:]):
            rest = np.abs(a[:, j:])
            row, column = np.unravel_index(np.argmin(np.where(rest > 0, rest, rest.max() + 1)), rest.shape)
            a[[0, row]] = a[[row, 0]]
            for x in (a, v):
                x[:, [j, j + column]] = x[:, [j + column, j]]
            pivot = a[0, j]
            a[1:] -= np.outer(a[1:, j] // pivot, a[0])
            factor = a[0, j + 1 :] // pivot
            a[:, j + 1 :] -= np.outer(a[:, j], factor)
            v[:, j + 1 :] -= np.outer(v[:, j], factor)
            if not np.any(a[1:, j]) and not np.any(a[0, j + 1 :]):
                s[j], a = abs(pivot), a[1:]
                break
    return s, v
