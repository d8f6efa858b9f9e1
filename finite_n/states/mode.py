"""Initial states of a boson mode: D(√N α + β) ρ_0 D†, ρ_0 a number state or a thermal state.

α is an amplitude of order √N, which mean field sees, β one of order one, which belongs to the fluctuations.
"""

from __future__ import annotations

import dataclasses
import math
import numbers

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.validation import check_number, check_whole

_MOST = 10_000  # bosons


class ModeState:
    """A family of states of a boson mode, for every N.

    is_pure: whether it is a vector; is_real: whether its elements in the number basis are known to be real;
    number_state: n of |n⟩, else None.
    """

    is_pure, is_real, number_state = False, False, None

    def cutoff(self, N: int, tail: float) -> int:
        """Highest level needed at N particles so that about `tail` is left out."""
        raise NotImplementedError

    def limit(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(⟨φ⟩, ⟨π⟩)/√N, covariance of (φ, π), and their first moments of order one, as N → ∞."""
        raise FiniteNError(f"{shown(self)} has no limit; start from a Field to compare with a limit.")


@dataclasses.dataclass(frozen=True)
class Field(ModeState):
    """Initial state of a boson mode, D(√N α + β) ρ_0 D† with D(z) = exp(z a† − z* a).

    beta: coherent amplitude of order one; number: ρ_0 = |n⟩⟨n|; thermal: mean number n̄ of a thermal ρ_0, instead of
    `number`;
    alpha: amplitude per √N. Default: vacuum.

    >>> Field(number=2).limit()[1]
    array([[2.5, 0. ],
           [0. , 2.5]])
    """

    beta: complex = 0.0
    number: int = 0
    thermal: float = 0.0
    alpha: complex = 0.0

    def __post_init__(self):
        amplitudes = (self.alpha, self.beta)
        if not all(isinstance(x, numbers.Number) and abs(x) < 1e3 for x in amplitudes):
            raise FiniteNError(
                f"field: alpha = {shown(self.alpha)}, beta = {shown(self.beta)}; give complex numbers of size below "
                "1000."
            )
        check_whole(self.number, "field: number of bosons, number", 0, _MOST)
        check_number(self.thermal, "field: mean number of bosons, thermal", 0, _MOST)
        if self.number and self.thermal:
            raise FiniteNError("field: give `number` or `thermal`, not both.")

    @property
    def is_pure(self) -> bool:
        """Whether it is not thermal."""
        return not self.thermal

    @property
    def is_real(self) -> bool:
        """Whether both amplitudes are real."""
        return bool(np.imag(self.alpha) == np.imag(self.beta) == 0)

    @property
    def number_state(self) -> int | None:
        """n of |n⟩, None if displaced or thermal."""
        return self.number if self.alpha == self.beta == 0 and not self.thermal else None

    def populations(self, cutoff: int) -> np.ndarray:
        """Weights of the levels 0 … cutoff of ρ_0, shape (cutoff + 1,)."""
        n = np.arange(check_whole(cutoff, "field: cutoff") + 1)
        if self.thermal:
            return (self.thermal / (1 + self.thermal)) ** n / (1 + self.thermal)
        return (n == self.number).astype(float)

    def amplitude(self, N: int) -> complex:
        """√N α + β."""
        return math.sqrt(N) * self.alpha + self.beta

    def cutoff(self, N: int, tail: float) -> int:
        """Highest level needed at N particles so that about `tail` is left out."""
        check_number(tail, "field: tail", 0, 1, strict=True)
        amplitude = abs(self.amplitude(N))
        spread = np.sqrt(-2 * np.log(tail))
        undisplaced = self.number + (np.log(tail) / np.log(self.thermal / (1 + self.thermal)) if self.thermal else 0)
        return (
            int(np.ceil((amplitude + np.sqrt(undisplaced)) ** 2 + spread * amplitude * np.sqrt(1 + 2 * undisplaced)))
            + 4
        )

    def limit(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(⟨φ⟩, ⟨π⟩)/√N, covariance of (φ, π), and their first moments of order one, as N → ∞."""
        mean, first = (np.sqrt(2) * np.array([np.real(x), np.imag(x)]) for x in (self.alpha, self.beta))
        return mean, (self.number + self.thermal + 0.5) * np.eye(2), first
