"""Averages, second moments and observables from sectors."""

from __future__ import annotations

import functools

import numpy as np

from finite_n.displaced.sectors import Sectors
from finite_n.displaced.words import Touched, touching
from finite_n.engine.moments import Moments
from finite_n.model.polynomial import Polynomial


class Reader:
    """Reads averages at the times of `sectors`; weights of sectors are kept, since many products share them."""

    def __init__(self, sectors: Sectors):
        self.sectors, self.model = sectors, sectors.model
        self._weights: dict[Touched, np.ndarray] = {}
        self._firsts: dict[Touched, np.ndarray] = {}

    def moments(self, observables: tuple[Polynomial, ...]) -> Moments:
        """What `finite_n.engine.moments.Readout` names, without levels of modes and weights of J."""
        model, T = self.model, len(self.sectors.times)
        spins, fields = len(model.letters), 2 * len(model.modes)
        means, second = np.zeros((T, spins + fields)), np.zeros((T, spins + fields, spins + fields), complex)
        means[:, spins:] = self.firsts(()).real
        second[:, spins:, spins:] = self.products
        entries = [self._entries(s) for s in range(len(model.sizes))]
        for s, (touched, x) in enumerate(entries):
            own, size = self._letters(s), model.sizes[s]
            alone = np.array([self.weight((e,)) for e in touched]).T
            means[:, own] = (alone @ x.T).real
            if fields:
                both = np.einsum("ie,etj->tij", x, np.array([self.firsts((e,)) for e in touched])).real
                second[:, own, spins:], second[:, spins:, own] = both, both.swapaxes(1, 2)
            second[:, own, own] = self._same_particle(s, touched, alone) / size
            for s2, (touched2, x2) in enumerate(entries[: s + 1]):
                if s2 < s or size > 1:  # of two different particles
                    pairs = self._weights_of(touched, touched2)
                    apart = np.einsum("ie,tef,jf->tij", x, pairs, x2, optimize=True) * (1 - (s2 == s) / size)
                    second[:, own, self._letters(s2)] += apart
                    if s2 < s:
                        second[:, self._letters(s2), own] = apart.swapaxes(1, 2)
        values = np.array([self.expectation(p) for p in observables], complex).reshape(len(observables), T).T
        weights = self.weight(()).real[:, None]
        return Moments(means, second, weights, values, [np.zeros((T, 0)) for _ in model.modes])

    def _letters(self, s: int) -> slice:
        own = [i for i, owner in enumerate(self.model.owners) if owner == s]
        return slice(own[0], own[-1] + 1)

    def _entries(self, s: int) -> tuple[list[tuple[int, int]], np.ndarray]:
        """(level of the bra, level of the ket) where the start of one particle has elements, and of every letter
        ⟨bra|x|ket⟩⟨ket|ρ|bra⟩, (n, E)."""
        first, rho = int(self.model.first[s]), self.model.densities[s]
        ket, bra = np.nonzero(rho)
        x = np.array(self.model.matrices[self._letters(s)])
        return [(first + int(b), first + int(a)) for b, a in zip(bra, ket, strict=True)], x[:, bra, ket] * rho[ket, bra]

    def _same_particle(self, s: int, touched, alone: np.ndarray) -> np.ndarray:
        """⟨v_i v_j⟩ of one particle, (T, n, n): its state has the elements of the start times weights."""
        first, d = int(self.model.first[s]), self.model.dims[s]
        rho = np.zeros((len(alone), d, d), complex)
        for k, (b, a) in enumerate(touched):
            rho[:, a - first, b - first] = self.model.densities[s][a - first, b - first] * alone[:, k]
        x = np.array(self.model.matrices[self._letters(s)])
        return np.einsum("iab,jbc,tca->tij", x, x, rho, optimize=True)

    def _weights_of(self, touched, other) -> np.ndarray:
        """Weights of what two different particles are touched by, (T, E, E′)."""
        values = np.array([[self.weight(tuple(sorted((e, f)))) for f in other] for e in touched])
        return np.moveaxis(values, 2, 0)

    def expectation(self, p: Polynomial) -> np.ndarray:
        """⟨p⟩, (T,): words with the same letters of modes are added up before sectors are looked at."""
        groups: dict[tuple[int, ...], dict[Touched, complex]] = {}
        for word, c in p.words.items():
            spins, fields = (tuple(a for a in word if (a.dim > 0) == kind) for kind in (True, False))
            letters = tuple(2 * self.model.modes.index(a.owner) + a.index - 1 for a in fields)
            group = groups.setdefault(letters, {})
            for touched, weight in touching(self.model, spins).items():
                group[touched] = group.get(touched, 0) + c * weight
        total = np.zeros(len(self.sectors.times), complex)
        for letters, group in groups.items():
            for touched, c in group.items():
                total += c * self.sector(touched, letters)
        return total

    def sector(self, touched: Touched, letters: tuple[int, ...]) -> np.ndarray:
        """What a sector contributes with a product of letters of modes."""
        if not letters:
            return self.weight(touched)
        if len(letters) == 1:
            return self.firsts(touched)[:, letters[0]]
        if len(letters) == 2 and not touched:
            return self.products[:, letters[0], letters[1]]
        return self.sectors.word(touched, letters)

    @functools.cached_property
    def products(self) -> np.ndarray:
        return self.sectors.mode_products()

    def weight(self, touched: Touched) -> np.ndarray:
        if touched not in self._weights:
            self._weights[touched] = self.sectors.weight(touched)
        return self._weights[touched]

    def firsts(self, touched: Touched) -> np.ndarray:
        if touched not in self._firsts:
            self._firsts[touched] = self.sectors.firsts(touched)
        return self._firsts[touched]


def joined(parts: list[Moments]) -> Moments:
    """Moments at the times of all parts."""
    levels = [np.concatenate(x) for x in zip(*(m.levels for m in parts), strict=True)]
    return Moments(*(np.concatenate([m[i] for m in parts]) for i in range(4)), levels)
