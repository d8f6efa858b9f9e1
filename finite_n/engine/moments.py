"""What engines read from a state, by name: averages, their products, levels, weights of J, observables.

All engines read the same functionals: ⟨m_a⟩; ½⟨{m_a, m_b}⟩ for a ≤ b; populations of the Fock levels of every mode;
weights of J; and for every observable p its Hermitian part ½(p + p†) and (p − p†)/2i.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from finite_n.model.polynomial import Polynomial
from finite_n.model.species import Space


class Moments(NamedTuple):
    """What was read at T times, n letters: means (T, n), second_moments (T, n, n) complex, weights of J (T, B),
    observables (T, p) complex, and populations of the levels of every mode, a list of (T, cutoff + 1)."""

    means: np.ndarray
    second_moments: np.ndarray
    weights: np.ndarray
    observables: np.ndarray
    levels: list[np.ndarray]


class Readout:
    """The functionals that an engine reads, by name: `readout["levels"]` is the slice of the populations of levels.

    Parameters
    ----------
    space : Space
    cutoffs : sequence of int
        Highest level of every mode.
    weights : int
        Number of weights of J; 1, the trace, where J is not resolved.
    observables : sequence of Polynomial

    Attributes: `parts`, slices by name: averages, products, levels, weights, observables; `count` of all functionals;
    `averages`, `products`, `observables`: the Hermitian polynomials to be read, two for every observable.
    """

    def __init__(
        self,
        space: Space,
        cutoffs: Sequence[int] = (),
        weights: int = 1,
        observables: Sequence[Polynomial] = (),
    ):
        self.space, self.cutoffs, self.given = space, tuple(cutoffs), tuple(observables)
        lengths = {
            "averages": space.size,
            "products": len(pairs(space.size)),
            "levels": sum(c + 1 for c in self.cutoffs),
            "weights": weights,
            "observables": 2 * len(self.given),
        }
        ends = np.cumsum([0, *lengths.values()]).tolist()
        self.parts = {name: slice(a, b) for name, (a, b) in zip(lengths, itertools.pairwise(ends), strict=True)}
        self.count = ends[-1]

    def __getitem__(self, name: str) -> slice:
        return self.parts[name]

    @property
    def averages(self) -> list[Polynomial]:
        """The letters."""
        return [Polynomial({(a,): 1}) for a in self.space.letters]

    @property
    def products(self) -> list[Polynomial]:
        """½{m_a, m_b}, a ≤ b."""
        letters = self.averages
        return [0.5 * (letters[a] * letters[b] + letters[b] * letters[a]) for a, b in pairs(len(letters))]

    @property
    def observables(self) -> list[Polynomial]:
        """½(p + p†) and (p − p†)/2i, one after the other for every observable."""
        return [x for p in self.given for x in (0.5 * (p + p.adjoint()), -0.5j * (p - p.adjoint()))]

    def arranged(self, **parts: Sequence) -> list:
        """What belongs to the parts, given by name, in the order of the functionals."""
        out = []
        for name, at in self.parts.items():
            own = list(parts.pop(name))
            if len(own) != at.stop - at.start:
                raise ValueError(f"{name}: {len(own)} functionals in place of {at.stop - at.start}")
            out += own
        if parts:
            raise ValueError(f"no part is called {', '.join(parts)}")
        return out

    def add(self, total: np.ndarray, values: np.ndarray, other: Readout, weights: np.ndarray) -> None:
        """total += values of a part of the state (T, other.count), whose weights of J belong to the positions
        `weights`."""
        for name, at in self.parts.items():
            columns = at.start + weights if name == "weights" else np.arange(at.start, at.stop)
            total[:, columns] += values[:, other[name]]

    def moments(self, values: np.ndarray, N: int) -> Moments:
        """The moments of N particles in values (T, count)."""
        n = self.space.size
        means, symmetric = values[:, self["averages"]], values[:, self["products"]]
        second = np.zeros((len(values), n, n), complex)
        for k, (a, b) in enumerate(pairs(n)):
            second[:, a, b] = second[:, b, a] = symmetric[:, k]
        second += self.space.bracket_values(means) / (2 * N)  # ½[m_a, m_b]
        ends = self["levels"].start + np.cumsum([0, *(c + 1 for c in self.cutoffs)])
        levels = [values[:, a:b].copy() for a, b in itertools.pairwise(ends)]
        both = values[:, self["observables"]]
        return Moments(
            means.copy(), second, values[:, self["weights"]].copy(), both[:, 0::2] + 1j * both[:, 1::2], levels
        )


def pairs(n: int) -> list[tuple[int, int]]:
    """(a, b), a ≤ b."""
    return [(a, b) for a in range(n) for b in range(a, n)]


def covariance(means: np.ndarray, second: np.ndarray, N: int, space: Space) -> np.ndarray:
    """Σ_ab = ½⟨{F_a, F_b}⟩ of F_a = √N_s (m_a − ⟨m_a⟩), for modes √N in place of √N_s; means (…, n), second and result
    (…, n, n)."""
    symmetric = (second + np.swapaxes(second, -1, -2)).real / 2
    return N * np.outer(space.scale, space.scale) * (symmetric - means[..., :, None] * means[..., None, :])
