"""How many rows and elements Dicke blocks have, at any N, without building them: for the memory check."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

Chosen = np.ndarray | range  # positions of values of J; a range: all of them


@dataclasses.dataclass(frozen=True)
class Extent:
    """rows; stored: elements and those that do not exist; elements; blocks; width: rows in the outermost factor."""

    rows: float
    stored: float
    elements: float
    blocks: float
    width: float

    @property
    def padding(self) -> float:
        """What rows of several factors repeat left of their diagonal."""
        return 3 * self.width * self.rows if self.width > 1 else 0.0


def extent(sizes: Sequence[int], levels: Sequence[int], chosen: Sequence[Chosen]) -> Extent:
    """Of `DickeBlocks(sizes, levels, chosen)`."""
    lengths = [_lengths(n, c) for n, c in zip(sizes, chosen, strict=True)]
    outer = int(np.argmax(sizes))
    inner = [x for i, x in enumerate(lengths) if i != outer]
    width = math.prod(c + 1.0 for c in levels) * math.prod(most for _, _, _, most in inner)
    copies = math.prod(count for count, _, _, _ in inner)
    count, rows, squares, _ = lengths[outer]
    existing = math.prod(x for _, _, x, _ in lengths) * math.prod((c + 1.0) ** 2 for c in levels)
    return Extent(rows * width * copies, squares * width**2 * copies, existing, count * copies, width)


def scaled(chosen: Sequence[Chosen], sizes: Sequence[int], factor: float) -> tuple[list[int], list[Chosen]]:
    """Sizes and positions of J for `factor` times as many particles."""
    positions = [
        range(int(n * factor / 2) + 1) if isinstance(c, range) else np.unique((c * factor).astype(int))
        for c, n in zip(chosen, sizes, strict=True)
    ]
    return [max(1, round(n * factor)) for n in sizes], positions


def _lengths(n: int, chosen: Chosen) -> tuple[float, float, float, float]:
    """How many values 2J + 1 = n + 1 − 2c there are, their sum, the sum of their squares, the largest."""
    if isinstance(chosen, range):  # all of them
        k, most = float(len(chosen)), n + 1.0
        return k, k * most - k * (k - 1), k * most**2 - 2 * most * k * (k - 1) + 2 * k * (k - 1) * (2 * k - 1) / 3, most
    x = n + 1.0 - 2 * chosen
    return float(len(x)), float(x.sum()), float((x**2).sum()), float(x.max())


def of_orders(orders: np.ndarray, N: int) -> float:
    """Elements of the given coherence orders of one species: a block of size s has s − |q| of order q."""
    longest = np.maximum(N + 1.0 - np.abs(orders), 0)
    blocks = np.ceil(longest / 2)
    return float((blocks * longest - blocks * (blocks - 1)).sum())


def with_weight(weight: np.ndarray, negligible: float) -> tuple[np.ndarray, float]:
    """Positions of the blocks to keep, and the weight of the others, together at most `negligible`."""
    order = np.argsort(weight)
    dropped = order[np.cumsum(weight[order]) <= negligible]
    return np.setdiff1d(np.arange(len(weight)), dropped), float(weight[dropped].sum())
