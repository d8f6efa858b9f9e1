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
        for i, a in enumerate(model.letters):
            means[:, i] = self.expectation(Polynomial({(a,): 1})).real
            for j, b in enumerate(model.letters[i:], start=i):
                second[:, i, j] = self.expectation(Polynomial({(a, b): 1}))
                second[:, j, i] = second[:, i, j].conj()
        if fields:
            means[:, spins:] = self.firsts(()).real
            for i, a in enumerate(model.letters):
                both = sum(c * self.firsts(touched) for touched, c in touching(model, (a,)).items())
                second[:, i, spins:] = second[:, spins:, i] = both.real
            second[:, spins:, spins:] = self.products
        values = np.array([self.expectation(p) for p in observables], complex).reshape(len(observables), T).T
        weights = self.weight(()).real[:, None]
        return Moments(means, second, weights, values, [np.zeros((T, 0)) for _ in model.modes])

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
