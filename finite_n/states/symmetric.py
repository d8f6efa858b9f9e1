"""Pure states of the symmetric subspace J = N/2 by name: GHZ, W, spin-squeezed by one-axis twisting."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable

import numpy as np
from scipy.special import gammaln

from finite_n.errors import FiniteNError, shown
from finite_n.states.particles import LARGEST_ANGLE, BlockState, DickeState, State


class SymmetricState(State):
    """|ψ⟩ = Σ_M c_M |N/2, M⟩ of two-level particles; `of_size(N)` gives c, M descending."""

    def __init__(self, amplitudes: Callable[[int], np.ndarray], name: str):
        self._amplitudes, self._name = amplitudes, name

    def of_size(self, N: int) -> np.ndarray:
        """Normalised amplitudes, shape (N + 1,)."""
        c = self._amplitudes(N)
        return c / np.linalg.norm(c)

    def __repr__(self):
        return self._name


class SymmetricVector(SymmetricState):
    """The same for one N, as an evolution leaves it, (N + 1,): its norm is kept."""

    def __init__(self, psi: np.ndarray):
        self.psi = psi

    @property
    def size(self) -> int:
        """N."""
        return len(self.psi) - 1

    def of_size(self, N: int) -> np.ndarray:
        if N != self.size:
            raise FiniteNError(f"initial state: it has {self.size} particles, not {N}; evolve the same number.")
        return self.psi

    @property
    def blocks(self) -> list[np.ndarray]:
        """ρ_J, J = N/2, N/2 − 1, …, of which the first one is not zero."""
        return [np.outer(self.psi, self.psi.conj()), *(np.zeros((n, n), complex) for n in range(self.size - 1, 0, -2))]

    def to_qobj(self):
        """ρ as a qutip `Qobj` on the full space of N particles, N ≤ 10."""
        return BlockState(self.blocks).to_qobj()

    def to_piqs(self):
        """ρ as a `Qobj` in the Dicke basis of `qutip.piqs`."""
        return BlockState(self.blocks).to_piqs()

    def __repr__(self):
        return f"state vector of {self.size} particles"


def ghz(phase: float = 0.0) -> SymmetricState:
    """(|↑↑…↑⟩ + e^{iφ} |↓↓…↓⟩)/√2, with `phase` φ in radians."""
    _check_angle(phase, "GHZ state: phase")

    def amplitudes(N: int) -> np.ndarray:
        c = np.zeros(N + 1, complex)
        c[0], c[-1] = 1.0, c[-1] + np.exp(1j * phase)
        return c if phase else c.real

    return SymmetricState(amplitudes, f"ghz({f'{phase:g}' if phase else ''})")


def w() -> DickeState:
    """One particle up, the others down, in an even superposition: |N/2, 1 − N/2⟩. Note that `qutip.w_state` has one
    particle in `basis(2, 1)`, which is down here."""
    return DickeState(_half, _one_up, "w()")


def _half(N: int) -> float:
    return N / 2


def _one_up(N: int) -> float:
    return 1 - N / 2


def spin_squeezed(mu: float | Callable[[int], float], angle: float | Callable[[int], float] = 0.0) -> SymmetricState:
    """e^{−iν S_x} e^{−iμ S_z²/2} |N/2 along x⟩: one-axis twisting by μ = 2χt of spins along x, then a rotation by ν.

    Kitagawa and Ueda, Phys. Rev. A 47, 5138 (1993), eq. 3 ff. The average stays along x, where it has the length
    cos^{N−1}(μ/2); the quadratures S_y and S_z are squeezed, and ν says along which direction.

    mu : number or function of N
        Twisting μ.
    angle : number or function of N
        ν in radians.
    """
    for x, what in ((mu, "μ"), (angle, "angle")):
        if not callable(x):
            _check_angle(x, f"spin-squeezed state: {what}")

    def amplitudes(N: int) -> np.ndarray:
        twist, turn = _at(mu, N, "μ"), _at(angle, N, "angle")
        M = N / 2 - np.arange(N + 1)
        along_x = np.exp((gammaln(N + 1) - gammaln(N / 2 - M + 1) - gammaln(N / 2 + M + 1) - N * math.log(2)) / 2)
        c = along_x * np.exp(-0.5j * twist * M**2)
        if turn:
            up = 0.5 * np.sqrt((N / 2 - M[1:]) * (N / 2 + M[1:] + 1))  # ⟨M+1|S_x|M⟩
            values, vectors = np.linalg.eigh(np.diag(up, 1) + np.diag(up, -1))
            c = vectors @ (np.exp(-0.5j * turn * np.rint(2 * values)) * (vectors.T @ c))
        return c

    name = ", ".join(f"{x:g}" if not callable(x) else "…" for x in ([mu, angle] if angle else [mu]))
    return SymmetricState(amplitudes, f"spin_squeezed({name})")


def _at(x, N: int, what: str) -> float:
    try:
        value = x(N) if callable(x) else x
    except Exception as error:
        raise FiniteNError(
            f"spin-squeezed state: {what} at N = {N} failed with «{error}»; give a function of N."
        ) from None
    _check_angle(value, f"spin-squeezed state: {what} at N = {N}")
    return float(value)


def _check_angle(x, what: str) -> None:
    if not isinstance(x, numbers.Real) or isinstance(x, bool) or not abs(x) <= LARGEST_ANGLE:
        raise FiniteNError(f"{what} = {shown(x)}: give a finite real number.")
