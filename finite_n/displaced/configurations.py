"""Sectors as sums over the numbers of particles in every level: any dependence of phases on them, and the check of
closed forms."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from finite_n.displaced.commuting_model import CommutingModel, difference, value
from finite_n.displaced.sectors import Sectors
from finite_n.displaced.words import Touched

_WIDTHS = 10.0  # standard deviations; e^{−50} is what is left beyond


@dataclasses.dataclass(frozen=True)
class _Sector:
    """factors (T, P): weights of configurations times e^exponent; gamma, change: γ and Δγ, (P, K); delta (T, P, K)."""

    factors: np.ndarray
    gamma: np.ndarray
    change: np.ndarray
    delta: np.ndarray


class Configurations(Sectors):
    """Sectors of any commuting model; widths: standard deviations of numbers of particles that are summed over."""

    def __init__(self, model: CommutingModel, times: np.ndarray, widths: float = _WIDTHS):
        super().__init__(model, times)
        self._widths = widths
        self._grids: dict[tuple[int, ...], tuple[np.ndarray, np.ndarray]] = {}
        self._one: tuple[Touched, _Sector] | None = None

    def weight(self, touched: Touched) -> np.ndarray:
        sector = self._sector(touched)
        return (sector.factors * self.modes.overlaps(sector.delta).prod(axis=-1)).sum(axis=1)

    def firsts(self, touched: Touched) -> np.ndarray:
        sector = self._sector(touched)
        overlap, letters = self.first_of_modes(sector.delta, sector.change)
        letters = letters + overlap[..., None] * self.shifts(sector.gamma)
        return np.einsum("tp,tpj->tj", sector.factors, letters)

    def word(self, touched: Touched, letters: Sequence[int]) -> np.ndarray:
        sector = self._sector(touched)
        constants = self.shifts(sector.gamma) + self.noise_shifts(sector.change)
        single, own_modes = self.modes.overlaps(sector.delta), sorted({int(self.each[j]) for j in letters})
        part = np.delete(single, own_modes, axis=-1).prod(axis=-1)
        for k in own_modes:
            own = [j for j in letters if self.each[j] == k]
            part = part * self.of_mode(k, own, [constants[..., j] for j in own], sector.delta)
        return (sector.factors * part).sum(axis=1)

    def mode_products(self) -> np.ndarray:
        sector = self._sector(())
        shifts = self.shifts(sector.gamma)
        products = np.einsum("tp,tpi,tpj->tij", sector.factors.real, shifts, shifts, optimize=True) + 0j
        return self.with_own_noise(products)

    def _sector(self, touched: Touched) -> _Sector:
        if self._one is None or self._one[0] != touched:  # one at a time: they are large
            self._one = touched, self._made(touched)
        return self._one[1]

    def _made(self, touched: Touched) -> _Sector:
        model, t = self.model, self.times[:, None]
        bra, ket, gone = self.counts(touched)
        untouched = tuple(n - m for n, m in zip(model.sizes, gone, strict=True))
        weights, n = self._grid(untouched)
        d = bra - ket
        averages, steps = model.per_particle @ (n + ket).T, model.per_particle @ d
        gamma = self._of_forces(lambda terms: value(terms, averages), n)
        change = self._of_forces(lambda terms: difference(terms, averages, steps), n)
        turned = difference(model.energy, averages, steps).real
        exponent = self.field_exponent(gamma, change) + t * (1j * turned + self.lost_coherence(touched))
        for D, rows, constants in model.baths:
            y = rows @ d
            bath = y.conj() @ D
            x = constants[:, None] + rows @ (n + ket).T
            exponent = exponent + t * (1j * (bath @ x).imag - (bath @ y).real / 2)
        self.phase = max(self.phase, float(np.abs(exponent.imag).max()))
        return _Sector(weights * np.exp(exponent), gamma, change, self.delta(change))

    def _of_forces(self, of_terms, n: np.ndarray) -> np.ndarray:
        out = np.zeros((len(n), len(self.model.couplings)), complex)
        for k, terms in enumerate(self.model.couplings):
            out[:, k] = of_terms(terms)
        return out

    def _grid(self, untouched: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
        """Weights (P,) and numbers (P, L) of all configurations that matter."""
        if untouched in self._grids:
            return self._grids[untouched]
        weights, numbers = np.ones(1), np.zeros((1, 0), int)
        for s, size in enumerate(untouched):
            own = self.model.p[self.model.first[s] : self.model.first[s + 1]]
            w, n = multinomial(size, own, self._widths)
            weights = np.outer(weights, w).ravel()
            numbers = np.concatenate([np.repeat(numbers, len(w), axis=0), np.tile(n, (len(numbers), 1))], axis=1)
        self._grids[untouched] = weights / weights.sum(), numbers
        return self._grids[untouched]


def multinomial(size: int, p: np.ndarray, widths: float = _WIDTHS) -> tuple[np.ndarray, np.ndarray]:
    """Weights (P,) above e^{−widths²/2} and numbers (P, d) of particles in levels of probabilities p."""
    if len(p) == 1:
        return np.ones(1), np.array([[size]])
    rest = 1 - p[0] if p[0] < 0.5 else p[1:].sum()
    n, weights = binomial(size, p[0] / (p[0] + rest), widths)
    if len(p) == 2:
        return weights, np.stack([n, size - n], axis=1)
    out, numbers = [], []
    for k, w in zip(n, weights, strict=True):
        below, inner = multinomial(size - int(k), p[1:] / rest if rest > 0 else p[1:] + 1 / (len(p) - 1), widths)
        kept = w * below > math.exp(-(widths**2) / 2)
        out.append(w * below[kept])
        numbers.append(np.concatenate([np.full((kept.sum(), 1), k), inner[kept]], axis=1))
    return np.concatenate(out), np.concatenate(numbers)


def _window(size: int, p: float, widths: float) -> tuple[int, int]:
    spread = widths * math.sqrt(size * p * (1 - p)) + 30
    return max(0, math.floor(size * p - spread)), min(size, math.ceil(size * p + spread))


def binomial(size: int, p: float, widths: float = _WIDTHS) -> tuple[np.ndarray, np.ndarray]:
    """Numbers and their weights, from the most likely one by ratios: gammaln of large sizes has lost digits."""
    if p <= 0 or p >= 1 or size == 0:
        return np.array([size if p >= 1 else 0]), np.ones(1)
    low, high = _window(size, p, widths)
    n = np.arange(low, high + 1)
    ratios = (size - n[:-1]) / (n[:-1] + 1.0) * (p / (1 - p))  # w(n + 1)/w(n)
    top = int(np.clip(math.floor((size + 1) * p), low, high)) - low
    up = np.cumprod(ratios[top:])
    down = np.cumprod(1 / ratios[:top][::-1])[::-1]
    weights = np.concatenate([down, [1.0], up])
    weights /= weights.sum()
    kept = weights > math.exp(-(widths**2) / 2)
    return n[kept], weights[kept]


def count(model: CommutingModel) -> float:
    """How many configurations there are at most."""
    total = 1.0
    for s, size in enumerate(model.sizes):
        p = model.p[model.first[s] : model.first[s + 1]]
        filled = p[(p > 0) & (p < 1)]
        spreads = [min(size + 1, 2 * _WIDTHS * math.sqrt(size * x * (1 - x)) + 62) for x in filled]
        total *= math.prod(sorted(spreads)[: max(len(spreads) - 1, 0)])
    return total
