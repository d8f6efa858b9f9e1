"""Functions of the averages m of a model's letters: values of polynomials, amplitudes of jumps and their slopes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from finite_n.model.local_jump import LocalJump
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial, linear_coefficients

Function = Callable[[np.ndarray], np.ndarray]


def with_one(m: np.ndarray) -> np.ndarray:
    """(1, m), shape (n + 1,)."""
    return np.concatenate([[1.0], m])


def real_values(polynomials: Sequence[Polynomial], letters: Sequence) -> Function:
    """m → the real parts of the values of several polynomials at commuting averages, shape (len(polynomials),).

    All words in one table: the index of every letter in (1, m), padded with that of 1.
    """
    index = {a: i for i, a in enumerate(letters, start=1)}
    words = [(k, [index[a] for a in w], c.real) for k, p in enumerate(polynomials) for w, c in p.words.items()]
    words = [word for word in words if word[2] != 0]
    table = np.zeros((len(words), max((len(w) for _, w, _ in words), default=0)), int)
    for row, (_, w, _) in zip(table, words, strict=True):
        row[: len(w)] = w
    owner, weight = np.array([k for k, _, _ in words], int), np.array([c for _, _, c in words])
    return lambda m: np.bincount(owner, weight * with_one(m)[table].prod(axis=1), len(polynomials))


class JumpAmplitude:
    """Γ and Γ′ of one local jump, at the mean-field value Δ(m) = r·(1, m) of its argument.

    r: shape (n + 1,); own: slice of the letters of the jump's species among all n; time: that of Γ(Δ, t), to be set
    before a value is asked for.
    """

    def __init__(self, model: Model, jump: LocalJump):
        self.jump, self.species, self.space = jump, model.species_of(jump), model.space
        self.own = self.space.part(self.species)
        self.r = linear_coefficients(jump.argument, self.space.letters).real
        self.time: float | None = None
        self._last = (None, 0.0, 0.0)  # the drift, its slope and the noise ask for the same point

    def __call__(self, m: np.ndarray) -> tuple[float, float]:
        """Γ and Γ′ at Δ(m)."""
        x = float(self.r @ with_one(m))
        if (x, self.time) != self._last[0]:
            gamma = self.jump.amplitude
            if self.jump.is_joint and self.time is not None:
                gamma = self.jump.amplitude_in_time.at(self.time)
            self._last = ((x, self.time), float(gamma(x)), gamma.derivative(x))
        return self._last[1:]


def jump_amplitudes(model: Model) -> list[JumpAmplitude]:
    """Those of all local jumps, in the model's order."""
    return [JumpAmplitude(model, jump) for jump in model.jumps]
