"""Boson modes driven by constant forces, with loss: what a force γ a† + γ* a does to a mode up to a time t.

With λ = iω + κ/2, A(t) = ∫₀ᵗ e^{−λs} ds and F(t) = ∫₀ᵗ (t − s) e^{−λs} ds, between a ket driven by γ and a bra driven
by γ′, Δγ = γ′ − γ,

    a(t) → e^{−λt} a − iγ A + vacuum noise,  and a factor
    exp(i Im F (|γ′|² − |γ|²) + 2i Re F Im(Δγ* γ)) D(δ),  δ = i A* Δγ,

in which D(δ) acts on the initial state of the mode, and the vacuum into which bosons are lost adds
exp(−(Re F − |A|²/2) |Δγ|²).  At κ = 0 that is 1, and Im F = −(ωt − sin ωt)/ω².
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Sequence

import numpy as np
from scipy.special import eval_genlaguerre, eval_laguerre

_SMALL, _TERMS = 1.0, 22  # series of (x − 1 + e^{−x})/x²: x^22/24! is below rounding


@dataclasses.dataclass(frozen=True)
class DrivenModes:
    """K modes at T times: `decay` e^{−λt}, `pull` A, `twice` F, all of shape (T, K).

    frequencies ω, losses κ, amplitudes b, thermal n̄ and numbers of the initial fields: (K,); times (T,), from zero.
    """

    times: np.ndarray
    frequencies: np.ndarray
    losses: np.ndarray
    amplitudes: np.ndarray
    thermal: np.ndarray
    numbers: np.ndarray

    @functools.cached_property
    def decay(self) -> np.ndarray:
        return np.exp(-self._exponent)

    @functools.cached_property
    def pull(self) -> np.ndarray:
        x = self._exponent
        nonzero = np.where(x == 0, 1.0, x)
        return self.times[:, None] * np.where(x == 0, 1.0, -_expm1(-x) / nonzero)

    @functools.cached_property
    def twice(self) -> np.ndarray:
        x = self._exponent
        large = np.where(np.abs(x) < _SMALL, 1.0, x)
        small = np.where(np.abs(x) < _SMALL, x, 0.0)
        series = sum((-small) ** k / math.factorial(k + 2) for k in range(_TERMS))
        return self.times[:, None] ** 2 * np.where(np.abs(x) < _SMALL, series, (large + _expm1(-large)) / large**2)

    @property
    def _exponent(self) -> np.ndarray:
        return self.times[:, None] * (1j * self.frequencies + self.losses / 2)

    def letters(self, N: int) -> np.ndarray:
        """r of φ = r a + r* a† and of π, one after the other for every mode, in units of a at that time: (2K,)."""
        return np.tile(np.array([1.0, -1.0j]) / math.sqrt(2 * N), len(self.frequencies))

    def overlaps(self, delta: np.ndarray) -> np.ndarray:
        """⟨D(δ_k)⟩ of the undisplaced initial state of every mode, for δ (…, K)."""
        square = np.abs(delta) ** 2
        out = np.exp(-square * np.where(self.numbers > 0, 0.5, self.thermal + 0.5))
        for k in np.flatnonzero(self.numbers):
            out[..., k] *= eval_laguerre(int(self.numbers[k]), square[..., k])
        return out


def product_of_letters(
    letters: Sequence[tuple[np.ndarray, np.ndarray]],
    noise: Sequence[tuple[np.ndarray, np.ndarray]],
    delta: np.ndarray,
    thermal: float,
    number: int,
) -> np.ndarray:
    """⟨D(δ) Π_j (c_j + r_j a + r_j* a† + ν_j)⟩ in a thermal or number state of one mode.

    letters: (c_j, r_j); noise: s_j of ν_j = s_j f + s_j* f†, f in the vacuum, [f, f†] = 1.
    """
    if not number:
        means = [c + r * delta * thermal - np.conj(r * delta) * (thermal + 1) for c, r in letters]
        pairs = {
            (i, j): letters[i][1] * np.conj(letters[j][1]) * (thermal + 1)
            + np.conj(letters[i][1]) * letters[j][1] * thermal
            + noise[i] * np.conj(noise[j])
            for j in range(len(letters))
            for i in range(j)
        }
        return np.exp(-(np.abs(delta) ** 2) * (thermal + 0.5)) * _wick(tuple(range(len(letters))), means, pairs)
    total, everything = 0.0, tuple(range(len(letters)))
    for factor, rest in _contractions(everything, noise):
        total = total + factor * _in_number_state([letters[j] for j in rest], delta, number)
    return total


def _wick(places: tuple[int, ...], means, pairs):
    """Gaussian moment in the order given."""
    if not places:
        return 1.0
    first, rest = places[0], places[1:]
    total = means[first] * _wick(rest, means, pairs)
    for j in rest:
        total = total + pairs[first, j] * _wick(tuple(x for x in rest if x != j), means, pairs)
    return total


def _contractions(places: tuple[int, ...], noise):
    """Products of pairs of noise, and the places that are left."""
    if not places:
        yield 1.0, ()
        return
    first, rest = places[0], places[1:]
    for factor, left in _contractions(rest, noise):
        yield factor, (first, *left)
    for j in rest:
        for factor, left in _contractions(tuple(x for x in rest if x != j), noise):
            yield factor * noise[first] * np.conj(noise[j]), left


def _in_number_state(letters, delta: np.ndarray, number: int):
    """⟨n|D(δ) Π (c + r a + r* a†)|n⟩."""
    levels: dict[int, np.ndarray] = {number: 1.0}
    for c, r in reversed(letters):
        image: dict[int, np.ndarray] = {}
        for n, x in levels.items():
            for m, y in ((n, c * x), (n - 1, r * math.sqrt(n) * x), (n + 1, np.conj(r) * math.sqrt(n + 1) * x)):
                if m >= 0:
                    image[m] = image.get(m, 0) + y
        levels = image
    return sum(x * displacement(number, m, delta) for m, x in levels.items())


def displacement(m: int, n: int, delta: np.ndarray) -> np.ndarray:
    """⟨m|D(δ)|n⟩ (Cahill and Glauber, Phys. Rev. 177, 1857 (1969), eq. B.22)."""
    low, high, amplitude = (n, m, delta) if m >= n else (m, n, -np.conj(delta))
    square = np.abs(delta) ** 2
    ratio = math.prod(1 / math.sqrt(k) for k in range(low + 1, high + 1))
    return ratio * amplitude ** (high - low) * np.exp(-square / 2) * eval_genlaguerre(low, high - low, square)


def _expm1(x: np.ndarray) -> np.ndarray:
    """e^x − 1 of complex x, without cancellation in the real part."""
    real, imag = x.real, x.imag
    return np.expm1(real) * np.cos(imag) - 2 * np.sin(imag / 2) ** 2 + 1j * np.exp(real) * np.sin(imag)
