"""Sectors in closed form, where phases are linear in the numbers of particles: products over particles.

With phases θ_A of a particle in level A, N_s − p_s particles that are not touched give (Σ_A p_A e^{iθ_A})^{N_s − p_s},
and with letters of modes, each of which is a constant plus Σ ζ_A over the particles, sums over different particles.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from finite_n.displaced.commuting_model import CommutingModel
from finite_n.displaced.sectors import Sectors
from finite_n.displaced.words import Touched, falling, set_partitions, subsets

_KEPT = 64  # sectors that products of letters of modes are likely to ask for again


@dataclasses.dataclass(frozen=True)
class _Sector:
    """exponent (T,) of what does not depend on other particles; turned (T, L): p e^{iθ}; untouched: N_s − p_s; base:
    1 − Σ p e^{iθ} of every species, negative, (T,); gamma and change: γ and Δγ without other particles, (K,)."""

    exponent: np.ndarray
    turned: np.ndarray
    untouched: list[int]
    base: list[np.ndarray]
    gamma: np.ndarray
    change: np.ndarray
    delta: np.ndarray


class ClosedForm(Sectors):
    """Sectors of a model that `is_linear`."""

    def __init__(self, model: CommutingModel, times: np.ndarray):
        super().__init__(model, times)
        levels = len(model.p)
        self.single, self.pair = np.zeros(levels), np.zeros((levels, levels))
        for c, word in model.energy:
            if len(word) == 1:
                self.single += c.real * model.per_particle[word[0]]
            elif word:
                self.pair += c.real * np.outer(*model.per_particle[list(word)])
        self.pair = (self.pair + self.pair.T) / 2
        K = len(model.frequencies)
        self.force, self.forces = np.zeros(K, complex), np.zeros((K, levels), complex)
        for k, terms in enumerate(model.couplings):
            for c, word in terms:
                if word:
                    self.forces[k] += c * model.per_particle[word[0]]
                else:
                    self.force[k] += c
        # ζ: what a particle in a level adds to the letters of modes, (T, 2K, L)
        pulled = -1j * (self.r * self.modes.pull[:, self.each])[..., None] * self.forces[self.each]
        self.zeta = 2 * pulled.real
        self._known: dict[Touched, _Sector] = {}

    def weight(self, touched: Touched) -> np.ndarray:
        sector = self._sector(touched)
        return np.exp(sector.exponent) * self.modes.overlaps(sector.delta).prod(axis=-1) * self._all_particles(sector)

    def firsts(self, touched: Touched) -> np.ndarray:
        sector = self._sector(touched)
        overlap, letters = self.first_of_modes(sector.delta, sector.change)
        letters = letters + overlap[:, None] * self.shifts(sector.gamma)
        out = letters * self._all_particles(sector)[:, None]
        for s, own in enumerate(self._levels()):
            if sector.untouched[s]:
                one = np.einsum("tl,tjl->tj", sector.turned[:, own], self.zeta[..., own])
                rest = self._others(sector, s) * self._power(sector, s, 1) * sector.untouched[s]
                out = out + (overlap * rest)[:, None] * one
        return np.exp(sector.exponent)[:, None] * out

    def word(self, touched: Touched, letters: Sequence[int]) -> np.ndarray:
        sector = self._sector(touched)
        constants = self.shifts(sector.gamma) + self.noise_shifts(sector.change)
        single, own_modes = self.modes.overlaps(sector.delta), sorted({int(self.each[j]) for j in letters})
        rest = np.delete(single, own_modes, axis=-1).prod(axis=-1)
        total = 0.0
        for of_modes, of_particles in subsets(range(len(letters))):
            part = rest
            for k in own_modes:
                own = [letters[i] for i in of_modes if self.each[letters[i]] == k]
                part = part * self.of_mode(k, own, [constants[:, j] for j in own], sector.delta)
            total = total + part * self._of_particles(sector, [letters[i] for i in of_particles])
        return np.exp(sector.exponent) * total

    def mode_products(self) -> np.ndarray:
        mean, model = self.firsts(()).real, self.model
        out = mean[:, :, None] * mean[:, None, :] + 0j
        for own, size in zip(self._levels(), model.sizes, strict=True):
            p, zeta = model.p[own], self.zeta[..., own]
            apart = zeta - (zeta @ p)[..., None]
            out += size * np.einsum("l,til,tjl->tij", p, apart, apart, optimize=True)
        return self.with_own_noise(out)

    def _levels(self) -> list[slice]:
        return [slice(a, b) for a, b in zip(self.model.first[:-1], self.model.first[1:], strict=True)]

    def _sector(self, touched: Touched) -> _Sector:
        if touched in self._known:
            return self._known[touched]
        if len(self._known) >= _KEPT:
            self._known.clear()
        model, t = self.model, self.times
        bra, ket, gone = self.counts(touched)
        d = bra - ket
        gamma, change = self.force + self.forces @ ket, self.forces @ d
        F = self.modes.twice
        exponent = self.field_exponent(gamma, change) + t * self.lost_coherence(touched)
        exponent = exponent + 1j * t * (self.single @ d + (bra + ket) @ self.pair @ d)
        real, imag = (change.conj()[:, None] * self.forces).real, (change.conj()[:, None] * self.forces).imag
        theta = 2 * t[:, None] * (self.pair @ d) + 2 * (F.imag @ real + F.real @ imag)
        for D, rows, constants in model.baths:
            y = rows @ d
            bath = y.conj() @ D
            exponent = exponent + t * (1j * (bath @ (constants + rows @ ket)).imag - (bath @ y).real / 2)
            theta = theta + t[:, None] * (bath @ rows).imag
        self.phase = max(self.phase, float(np.abs(exponent.imag).max() + model.N * np.abs(theta).max()))
        small = model.p * (-2 * np.sin(theta / 2) ** 2 + 1j * np.sin(theta))  # p (e^{iθ} − 1)
        self._known[touched] = _Sector(
            exponent=exponent,
            turned=model.p * np.exp(1j * theta),
            untouched=[n - m for n, m in zip(model.sizes, gone, strict=True)],
            base=[small[:, own].sum(axis=1) for own in self._levels()],
            gamma=gamma,
            change=change,
            delta=self.delta(change),
        )
        return self._known[touched]

    def _power(self, sector: _Sector, s: int, fewer: int) -> np.ndarray:
        """(Σ p e^{iθ})^(N_s − p_s − fewer) of one species."""
        exponent, x = sector.untouched[s] - fewer, sector.base[s]
        if exponent <= 0:
            return np.ones(len(x), complex)
        with np.errstate(divide="ignore"):  # a sum of zero has the logarithm −∞ and the power 0
            size = np.exp(exponent * np.log1p(np.maximum(2 * x.real + np.abs(x) ** 2, -1.0)) / 2)
        return size * np.exp(1j * exponent * np.arctan2(x.imag, 1 + x.real))

    def _others(self, sector: _Sector, left_out: int | None) -> np.ndarray:
        out = np.ones(len(self.times), complex)
        for s in range(len(self.model.sizes)):
            if s != left_out:
                out = out * self._power(sector, s, 0)
        return out

    def _all_particles(self, sector: _Sector) -> np.ndarray:
        return self._others(sector, None)

    def _of_particles(self, sector: _Sector, letters: Sequence[int]) -> np.ndarray:
        """Σ over particles that are not touched of the product of ζ of these letters, with all phases."""
        moments = {places: np.full(len(self.times), float(not places), complex) for places in _all(len(letters))}
        for s, own in enumerate(self._levels()):
            species = {places: self._of_one_species(sector, s, own, letters, places) for places in moments}
            moments = {
                places: sum(moments[one] * species[other] for one, other in subsets(places)) for places in moments
            }
        return moments[tuple(range(len(letters)))]

    def _of_one_species(self, sector: _Sector, s: int, own: slice, letters, places) -> np.ndarray:
        total = np.zeros(len(self.times), complex)
        for partition in set_partitions(len(places)):
            count = falling(sector.untouched[s], len(partition))
            if count == 0:
                continue
            term = count * self._power(sector, s, len(partition))
            for block in partition:
                x = sector.turned[:, own]
                for i in block:
                    x = x * self.zeta[:, letters[places[i]], own]
                term = term * x.sum(axis=1)
            total = total + term
        return total


def _all(n: int) -> list[tuple[int, ...]]:
    return [one for one, _ in subsets(range(n))]
