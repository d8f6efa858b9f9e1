"""What closed forms and sums over configurations have in common: letters of modes in a sector.

A sector is what lies between a ket and a bra that differ in the few particles that an observable touches; everything
else is averaged over the levels of the other particles, which nothing changes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from finite_n.displaced.commuting_model import CommutingModel
from finite_n.displaced.driven_modes import DrivenModes, product_of_letters
from finite_n.displaced.words import Touched


class Sectors(ABC):
    """Contributions of sectors to averages at T times, for what they touch; letters of modes are numbered 0 … 2K − 1,
    φ and π of every mode in turns."""

    def __init__(self, model: CommutingModel, times: np.ndarray):
        self.model, self.times = model, times
        self.modes = DrivenModes(times, model.frequencies, model.losses, model.amplitudes, model.thermal, model.numbers)
        self.r = self.modes.letters(model.N)
        self.each = np.repeat(np.arange(len(model.frequencies)), 2)  # the mode of every letter
        lost = np.sqrt(np.clip(1 - np.abs(self.modes.decay) ** 2, 0, None))
        self.kept = self.r * self.modes.decay[:, self.each]  # of a
        self.noise = self.r * lost[:, self.each]
        self.phase = 0.0  # the largest that was met

    @abstractmethod
    def weight(self, touched: Touched) -> np.ndarray:
        """Of the sector itself, (T,)."""

    @abstractmethod
    def firsts(self, touched: Touched) -> np.ndarray:
        """With one letter of the modes, for every letter, (T, 2K)."""

    @abstractmethod
    def word(self, touched: Touched, letters: Sequence[int]) -> np.ndarray:
        """With an ordered product of letters of the modes, (T,)."""

    @abstractmethod
    def mode_products(self) -> np.ndarray:
        """⟨X_i X_j⟩ of all letters of the modes, (T, 2K, 2K)."""

    def counts(self, touched: Touched) -> tuple[np.ndarray, np.ndarray, list[int]]:
        """How often levels occur in the bra and in the ket, (L,) each, and how many particles of each species."""
        bra, ket = np.zeros((2, len(self.model.p)), int)
        for b, a in touched:
            bra[b] += 1
            ket[a] += 1
        sizes = [int(ket[x:y].sum()) for x, y in zip(self.model.first[:-1], self.model.first[1:], strict=True)]
        return bra, ket, sizes

    def lost_coherence(self, touched: Touched) -> complex:
        """Rate that local jumps give to the coherences of what is touched."""
        total, model = 0j, self.model
        for b, a in touched:
            s = model.species[a]
            total += model.rates[s][b - model.first[s], a - model.first[s]]
        return total

    def shifts(self, gamma: np.ndarray) -> np.ndarray:
        """What the force γ (…, K) of a ket and the initial amplitude add to every letter, (T, …, 2K); γ may
        have an axis of configurations."""
        decay, pull = self._at(self.modes.decay, gamma), self._at(self.modes.pull, gamma)
        a = decay * self.model.amplitudes - 1j * pull * gamma
        return 2 * (self.r * a[..., self.each]).real

    def noise_shifts(self, change: np.ndarray) -> np.ndarray:
        """What the lost bosons of ket and bra add to every letter, for Δγ as in `shifts`."""
        pull, decay = self._at(self.modes.pull, change), self._at(self.modes.decay, change)
        lost = 1j * change * (pull - decay * pull.conj())
        return -(self.r * lost[..., self.each]).conj()

    def delta(self, change: np.ndarray) -> np.ndarray:
        """δ = i A* Δγ, (T, …, K)."""
        return 1j * self._at(self.modes.pull, change).conj() * change

    def field_exponent(self, gamma: np.ndarray, change: np.ndarray) -> np.ndarray:
        """What forces γ of the ket and γ + Δγ of the bra give to the exponent, beside ⟨D(δ)⟩, (T, …)."""
        F, A = self._at(self.modes.twice, change), self._at(self.modes.pull, change)
        turned = F.imag * (change.conj() * (2 * gamma + change)).real + 2 * F.real * (change.conj() * gamma).imag
        turned = turned + 2 * (self.delta(change) * self.model.amplitudes.conj()).imag
        lost = np.where(self.model.losses > 0, F.real - np.abs(A) ** 2 / 2, 0.0) * np.abs(change) ** 2
        return (1j * turned - lost).sum(axis=-1)

    def of_mode(self, k: int, letters: Sequence[int], constants, delta: np.ndarray) -> np.ndarray:
        """⟨D(δ_k) Π (c + r a + r* a† + noise)⟩ of mode k; constants: c of every letter; delta: (T, …, K)."""
        d = delta[..., k]
        return product_of_letters(
            [(c, self._of_time(self.kept[:, j], d)) for j, c in zip(letters, constants, strict=True)],
            [self._of_time(self.noise[:, j], d) for j in letters],
            d,
            float(self.model.thermal[k]),
            int(self.model.numbers[k]),
        )

    def first_of_modes(self, delta: np.ndarray, change: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """⟨D(δ)⟩ of all modes, (T, …), and the same with the undisplaced letters and their noise, (T, …, 2K)."""
        single = self.modes.overlaps(delta)
        d, quanta, r = delta[..., self.each], self.model.thermal[self.each], self._at(self.kept, change)
        letters = (r * d * quanta - (r * d).conj() * (quanta + 1) + self.noise_shifts(change)) * single[..., self.each]
        for j in np.flatnonzero(self.model.numbers[self.each]):
            k = self.each[j]
            letters[..., j] = self.of_mode(k, [j], [0.0], delta) + self.noise_shifts(change)[..., j] * single[..., k]
        return single.prod(axis=-1), letters * _products_of_others(single)[..., self.each]

    def with_own_noise(self, products: np.ndarray) -> np.ndarray:
        """Products of the letters of modes, (T, 2K, 2K), with what the initial states and lost bosons fluctuate by."""
        quanta = np.where(self.model.numbers > 0, self.model.numbers, self.model.thermal)
        for j, k in enumerate(self.each):
            for i in (2 * k, 2 * k + 1):
                forward = self.kept[:, i] * self.kept[:, j].conj()
                products[:, i, j] += forward * (quanta[k] + 1) + forward.conj() * quanta[k]
                products[:, i, j] += self.noise[:, i] * self.noise[:, j].conj()
        return products

    @staticmethod
    def _at(values: np.ndarray, like: np.ndarray) -> np.ndarray:
        """(T, K) with axes for configurations, as `like` (…, K) has them."""
        return values.reshape(len(values), *(1,) * (like.ndim - 1), values.shape[1])

    @staticmethod
    def _of_time(values: np.ndarray, like: np.ndarray) -> np.ndarray:
        return values.reshape(len(values), *(1,) * (like.ndim - 1))


def _products_of_others(x: np.ndarray) -> np.ndarray:
    """Products over the last axis with one factor left out, for each."""
    one = np.ones_like(x[..., :1])
    before = np.concatenate([one, np.cumprod(x[..., :-1], axis=-1)], axis=-1)
    after = np.concatenate([np.cumprod(x[..., :0:-1], axis=-1)[..., ::-1], one], axis=-1)
    return before * after
