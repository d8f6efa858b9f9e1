"""Squeezed vacuum and cat states of a boson mode, by their amplitudes in the number basis."""

from __future__ import annotations

import dataclasses
import functools
import numbers

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.validation import check_number
from finite_n.states.mode import ModeState
from finite_n.states.particles import LARGEST_ANGLE

_MOST_SQUEEZED, _LARGEST_CAT = 3.0, 30.0  # r; |β|
_BEYOND = 1e-40  # population that no cutoff asks for
_NO_STATE = 1e-12  # norm of a superposition that cancels


@dataclasses.dataclass(frozen=True)
class VectorState(ModeState):
    """A pure state of a mode, the same at every N; `amplitudes` up to a cutoff."""

    is_pure = True

    def amplitudes(self, cutoff: int) -> np.ndarray:
        """⟨n|ψ⟩, n = 0 … cutoff."""
        raise NotImplementedError

    @functools.cached_property
    def _above(self) -> np.ndarray:
        """Weight of the levels from n on."""
        levels = 64
        while np.abs(self.amplitudes(levels)[-2:]).max() ** 2 > _BEYOND:
            levels *= 2
        return np.cumsum(np.abs(self.amplitudes(levels))[::-1] ** 2)[::-1]

    def weight_below(self, cutoff: int) -> float:
        """Weight of the levels 0 … cutoff."""
        return float((np.abs(self.amplitudes(cutoff)) ** 2).sum())

    def cutoff(self, N: int, tail: float) -> int:
        """Highest level needed so that about `tail` is left out."""
        check_number(tail, "mode: tail", 0, 1, strict=True)
        return int(np.count_nonzero(self._above > tail)) + 4

    @property
    def is_real(self) -> bool:
        """Whether the amplitudes are real."""
        return not np.any(self.amplitudes(8).imag)


@dataclasses.dataclass(frozen=True)
class SqueezedVacuum(VectorState):
    """S(ζ)|0⟩ with S(ζ) = exp(½(ζ* a² − ζ a†²)), ζ = r e^{iθ}."""

    r: float
    angle: float

    def amplitudes(self, cutoff: int) -> np.ndarray:
        """⟨2n|ζ⟩ = (−e^{iθ} tanh r)^n √(2n)!/(2^n n!)/√cosh r."""
        n = 2.0 * np.arange(1, cutoff // 2 + 1)
        ratios = -np.exp(1j * self.angle) * np.tanh(self.r) * np.sqrt((n - 1) / n)
        out = np.zeros(cutoff + 1, complex)
        out[::2] = np.cumprod(np.append(1 / np.sqrt(np.cosh(self.r)), ratios))
        return out if np.any(out.imag) else out.real

    def limit(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        c, s = np.cos(self.angle), np.sin(self.angle)
        squeezed = np.cosh(2 * self.r) * np.eye(2) - np.sinh(2 * self.r) * np.array([[c, s], [s, -c]])
        return np.zeros(2), squeezed / 2, np.zeros(2)

    def __repr__(self):
        return f"squeezed({self.r:g}{f', {self.angle:g}' if self.angle else ''})"


@dataclasses.dataclass(frozen=True)
class Cat(VectorState):
    """(|β⟩ + e^{iφ} |−β⟩)/norm of coherent states."""

    beta: complex
    phase: float

    def amplitudes(self, cutoff: int) -> np.ndarray:
        """e^{−|β|²/2} β^n/√n! (1 + e^{iφ} (−1)^n)/norm."""
        n = np.arange(cutoff + 1)
        sign = np.exp(1j * self.phase) if self.phase % np.pi else np.cos(self.phase)
        powers = np.cumprod(np.append(np.exp(-(abs(self.beta) ** 2) / 2), self.beta / np.sqrt(n[1:])))
        out = powers * (1 + sign * (-1.0) ** n) / np.sqrt(self.square)
        return out if np.any(np.imag(out)) else np.real(out)

    @property
    def square(self) -> float:
        """2 + 2 cos φ e^{−2|β|²}, without cancellation."""
        return float(4 * np.cos(self.phase / 2) ** 2 + 2 * np.cos(self.phase) * np.expm1(-2 * abs(self.beta) ** 2))

    def limit(self):
        raise FiniteNError(
            f"{self!r} has no Gaussian limit: start from a Field or a squeezed vacuum to compare with a limit."
        )

    def __repr__(self):
        return f"cat({self.beta:g}{f', {self.phase:g}' if self.phase else ''})"


def squeezed(r: float, angle: float = 0.0) -> SqueezedVacuum:
    """The squeezed vacuum S(ζ)|0⟩ of a mode, S(ζ) = exp(½(ζ* a² − ζ a†²)) with ζ = r e^{iθ}, `angle` θ in radians.

    For θ = 0 the variances of φ and π are e^{−2r}/2 and e^{2r}/2. r: from 0 to 3. (`qutip.squeeze(n, ζ)` is S.)

    >>> from finite_n import squeezed
    >>> squeezed(0.5).limit()[1].round(8)
    array([[0.18393972, 0.        ],
           [0.        , 1.35914091]])
    """
    check_number(r, "squeezed vacuum: r", 0, _MOST_SQUEEZED)
    return SqueezedVacuum(float(r), _angle(angle, "squeezed vacuum: angle"))


def cat(beta: complex, phase: float = 0.0) -> Cat:
    """(|β⟩ + e^{iφ} |−β⟩)/norm of a mode, coherent states of order one; it has no Gaussian limit.

    beta : β, 0 < |β| ≤ 30
    phase : φ in radians: 0 even, π odd

    >>> from finite_n import cat
    >>> cat(2.0).amplitudes(3).round(6)
    array([0.191361, 0.      , 0.54125 , 0.      ])
    """
    if not isinstance(beta, numbers.Number) or not 0 < abs(beta) <= _LARGEST_CAT:
        raise FiniteNError(f"cat state: β = {shown(beta)}; give a complex number with 0 < |β| ≤ {_LARGEST_CAT:g}.")
    state = Cat(complex(beta), _angle(phase, "cat state: phase"))
    if not state.square > _NO_STATE:
        raise FiniteNError(f"cat state: β = {shown(beta)}, φ = {phase:g}: the two parts cancel; give a larger |β|.")
    return state


def _angle(x, what: str) -> float:
    if not isinstance(x, numbers.Real) or isinstance(x, bool) or not abs(x) <= LARGEST_ANGLE:
        raise FiniteNError(f"{what} = {shown(x)}: give a finite real number.")
    return float(x)
