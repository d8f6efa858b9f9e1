"""What is read from an operator X that evolves as a state does: Tr(O X) for the observables asked for, complex."""

from __future__ import annotations

import numpy as np

from finite_n.engine.moments import Moments, Readout
from finite_n.model.species import Space


class OperatorReadout(Readout):
    """Real and imaginary parts of Tr(H X), H the Hermitian and anti-Hermitian parts of every observable.

    Parts of X are evolved as Hermitian operators, each of which adds to real or to imaginary parts. `parts`: slices
    "real" and "imaginary", two functionals for every observable.
    """

    def __init__(self, space: Space, cutoffs=(), observables=()):
        self.space, self.cutoffs, self.given = space, tuple(cutoffs), tuple(observables)
        n = 2 * len(self.given)
        self.parts, self.count = {"real": slice(0, n), "imaginary": slice(n, 2 * n)}, 2 * n

    def add(self, total: np.ndarray, values: np.ndarray, other: Readout, weights: np.ndarray) -> None:
        """total += values, whose functionals are the same for every part of X."""
        total += values

    def moments(self, values: np.ndarray, N: int) -> Moments:
        """Tr(O X) of the observables; nothing else is read."""
        both = values[:, self["real"]] + 1j * values[:, self["imaginary"]]
        times, none = len(values), np.zeros((len(values), 0))
        return Moments(none, np.zeros((times, 0, 0)), none, both[:, 0::2] + 1j * both[:, 1::2], [])
