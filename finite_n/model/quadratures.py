"""Products of quadratures of a mode between Fock levels, exact at the highest one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def quadrature_product(word: Sequence[int], cutoff: int) -> dict[int, np.ndarray]:
    """A product of quadratures of one mode, φ for 0 and π for 1, each times √(2N), between the levels 0 … cutoff: the
    last factor acts first, on as many levels as it needs, so that a a† is whole at the highest one. {levels lowered:
    coefficients over n}."""
    n = np.arange(cutoff + 1.0)
    out = {0: np.ones(cutoff + 1)}
    for letter in word[::-1]:
        down, up = (1.0, 1.0) if letter == 0 else (-1j, 1j)
        image: dict[int, np.ndarray] = {}
        for d, c in out.items():
            at = np.maximum(n - d, 0.0)  # where n − d is below zero, c is
            for step, x in ((d + 1, down * np.sqrt(at) * c), (d - 1, up * np.sqrt(at + 1) * c)):
                image[step] = image[step] + x if step in image else x
        out = image
    return {d: np.where((n >= d) & (n - d <= cutoff), c, 0.0) for d, c in out.items()}
