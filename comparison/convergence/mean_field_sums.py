"""What mean field says of the low spectrum as N → ∞: sums of eigenvalues of the Jacobian at its fixed points.

At a stable fixed point of the drift, with Q = ∂f/∂m and eigenvalues q_1, q_2, q_3 of Q, fluctuations are Gaussian and
relax with Q, so as N → ∞ the low spectrum contains the sums n_1 q_1 + n_2 q_2 + n_3 q_3, n_i = 0, 1, 2, …. Several
stable fixed points each contribute their sums; of their several zeros one stays exactly zero and the others are gaps
that close exponentially in N. An unstable fixed point contributes too: with dx = q x dt + noise and Re q > 0 the
decaying solutions have −(n + 1) q in place of n q, the spectrum of a Gaussian escape. (H. Risken, The Fokker-Planck
Equation, Springer 1989, chapter 5.) Not covered: marginal points, points without noise in the unstable direction, limit
cycles.
"""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Iterator, Sequence

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.validation import check_whole
from meanfield.bifurcations.fixed_points import ZERO, FixedPoint

_MOST_SUMS = 10_000


def name_of(i: int) -> str:
    """q₁, q₂, …"""
    return "q" + str(i).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


@dataclasses.dataclass(frozen=True)
class Sum:
    """A predicted eigenvalue Σ c_i q_i at fixed point number `point`: c_i = n_i, or −(n_i + 1) where Re q_i > 0."""

    value: complex
    coefficients: tuple[int, ...]
    point: int

    def __str__(self):
        text = "0"
        for i, c in enumerate(self.coefficients, start=1):
            name = name_of(i)
            if c:
                size = name if abs(c) == 1 else f"{abs(c)}{name}"
                text = ("−" if c < 0 else "") + size if text == "0" else f"{text} {'−' if c < 0 else '+'} {size}"
        return text


def mean_field_sums(points: Sequence[FixedPoint], count: int) -> list[Sum]:
    """The `count` sums Σ c_i q_i with the largest real parts, of all `points` together, without one zero.

    c_i = 0, 1, 2, … where Re q_i < 0 and −1, −2, … where Re q_i > 0. A state is stationary at every N, so one zero is
    not listed; of s stable points s − 1 zeros are. Raises FiniteNError for a marginal point, Re q_i = 0, which has no
    such sums.

    Parameters
    ----------
    points : list of FixedPoint, none of them marginal
    count : number of sums
    """
    check_whole(count, "mean-field sums: count", 1, _MOST_SUMS)
    if not isinstance(points, list | tuple) or any(not hasattr(p, "eigenvalues") for p in points):
        raise FiniteNError(
            f"mean-field sums: points = {shown(points)}; give a list of fixed points, as of `fixed_points`."
        )
    sums, zeros = [], 0
    for number, point in enumerate(points):
        q = point.eigenvalues
        if np.any(np.abs(q.real) <= ZERO):
            raise FiniteNError(f"mean-field sums: {shown(point)} has an eigenvalue with real part zero; leave it out.")
        for n in _slowest(np.abs(q.real), count + 1):
            c = tuple(-(a + 1) if x.real > 0 else a for a, x in zip(n, q, strict=True))
            zeros += not any(c)
            if any(c) or zeros > 1:
                sums.append(Sum(complex(np.dot(c, q)), c, number))
    sums.sort(key=lambda s: (-round(s.value.real, 9), s.point, -s.value.imag))
    return sums[:count]


def _slowest(rates: np.ndarray, count: int) -> Iterator[tuple[int, ...]]:
    """The `count` lists of whole numbers n with the smallest n·rates, and those that tie with the last."""
    waiting, found, last = [(0.0, (0,) * len(rates), 0)], 0, np.inf
    while waiting:
        total, n, first = heapq.heappop(waiting)
        if found >= count and total > last + 1e-9:
            return
        found, last = found + 1, total if found < count else last
        yield n
        for i in range(first, len(rates)):  # so that each comes once
            heapq.heappush(waiting, (total + rates[i], (*n[:i], n[i] + 1, *n[i + 1 :]), i))
