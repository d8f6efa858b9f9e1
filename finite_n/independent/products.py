"""Averages of ordered products of averages over particles in a product state, at any N.

⟨m(x_1) … m(x_k)⟩ = N^{-k} Σ over all ways to hit particles. The first factor hits one of the N − j particles not yet
hit, some of the later factors hit the same one, and the others go on with what is left:

    P(S, j) = (N − j) N^{-|B|} Σ_{B ∋ min S} ⟨Π_{i ∈ B} x_i⟩ P(S − B, j + 1),

with factors in their order, so that no sum has terms of size N.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from finite_n.model.operators import hermitian_basis


def work(length: int) -> float:
    """Terms of a product of so many averages, about."""
    return 3.0**length


def product_average(word: Sequence[int], density: np.ndarray, N: int) -> np.ndarray:
    """⟨m_a m_b …⟩ of N particles in ρ₁^⊗N, shape (T,), complex.

    word: positions of the letters among the d² − 1 of the species; density: ρ₁ at all times, (T, d, d).
    """
    v = hermitian_basis(density.shape[-1])[1:]

    @functools.cache
    def operator(chosen: int) -> np.ndarray:
        highest = chosen.bit_length() - 1
        own = v[word[highest]]
        return operator(chosen ^ (1 << highest)) @ own if chosen & (chosen - 1) else own

    @functools.cache
    def one(chosen: int) -> np.ndarray:
        return np.einsum("ij,tji->t", operator(chosen), density)

    @functools.cache
    def average(left: int, hit: int) -> np.ndarray | float:
        if left == 0:
            return 1.0
        first = left & -left
        rest, total = left ^ first, 0.0
        some = rest
        while True:  # all subsets of `rest`
            chosen = first | some
            total = total + one(chosen) * average(left ^ chosen, hit + 1) / float(N) ** (some.bit_count())
            if some == 0:
                break
            some = (some - 1) & rest
        return (1 - hit / N) * total

    return average((1 << len(word)) - 1, 0) * np.ones(len(density), complex)
