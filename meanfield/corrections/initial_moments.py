"""Moments of the fluctuations in an initial state, normally ordered: zero in a product state of particles, so that only
modes have any."""

from __future__ import annotations

import itertools
from math import comb, factorial, prod

import numpy as np

from finite_n.model.species import Mode
from finite_n.states.initial_state import InitialState
from finite_n.states.mode import Field, ModeState
from meanfield.corrections.hierarchy import Moments


def initial_moments(start: InitialState, keys: list[tuple[int, int]], first: np.ndarray | None = None) -> Moments:
    """⟨y_a y_b …⟩ at the first time for the (d, j) of `keys`; they are of order ε^0 and do not depend on N.

    first : ⟨y⟩ (n,) in place of that of the modes
    """
    space = start.space
    shift = start.limit()[2] if first is None else first
    out = {(d, j): np.zeros((space.size,) * d) for d, j in keys}
    parts = {space.part(o).start: start.parts[o.name] for o in space.owners if isinstance(o, Mode)}
    for d, j in keys:
        if j:
            continue
        alive = sorted({*np.flatnonzero(shift).tolist(), *(q + k for q in parts for k in (0, 1))})
        for letters in itertools.product(alive, repeat=d):
            out[d, j][letters] = _moment(letters, shift, parts)
    return out


def _moment(letters: tuple[int, ...], shift: np.ndarray, parts: dict[int, ModeState]) -> float:
    """⟨Π (shift + undisplaced)⟩: every letter is one or the other."""
    total = 0.0
    for displaced in itertools.product((True, False), repeat=len(letters)):
        kept = [a for a, moved in zip(letters, displaced, strict=True) if not moved]
        factors = prod(shift[a] for a, moved in zip(letters, displaced, strict=True) if moved)
        if factors:
            total += (
                factors
                * prod(_undisplaced(f, kept.count(q), kept.count(q + 1)) for q, f in parts.items())
                * (all(a in parts or a - 1 in parts for a in kept))
            )
    return total


def _undisplaced(field: ModeState, i: int, j: int) -> float:
    """⟨:φ^i π^j:⟩ of a Field that is not displaced, or of a Gaussian state."""
    return _of_field(field, i, j) if isinstance(field, Field) else _gaussian(field.limit()[1] - 0.5 * np.eye(2), i, j)


def _gaussian(c: np.ndarray, i: int, j: int) -> float:
    """Isserlis' sum over pairs, k of them of φ with π, c (2, 2) the normally ordered covariance."""
    return sum(
        factorial(k)
        * comb(i, k)
        * comb(j, k)
        * c[0, 1] ** k
        * _odd(i - k)
        * _odd(j - k)
        * c[0, 0] ** ((i - k) // 2)
        * c[1, 1] ** ((j - k) // 2)
        for k in range(min(i, j) + 1)
        if (i - k) % 2 == (j - k) % 2 == 0
    )


def _of_field(field: Field, i: int, j: int) -> float:
    """⟨:φ^i π^j:⟩ of a number or thermal state: (i − 1)!! (j − 1)!! ⟨a†^k a^k⟩/k! with k = (i + j)/2, i and j even."""
    if i % 2 or j % 2:
        return 0.0
    k = (i + j) // 2
    normal = factorial(k) * field.thermal**k if field.thermal else prod(range(field.number - k + 1, field.number + 1))
    return _odd(i) * _odd(j) * normal / factorial(k)


def _odd(i: int) -> int:
    """(i − 1)!! of an even number."""
    return prod(range(1, i, 2))
