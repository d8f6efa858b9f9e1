"""Limits N → ∞ of products of Weyl-like operators of the double chain, at rest and evolved: sites are independent, so
every average is a number of one site to the power N."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from comparison.claims.benatti_2017.site import CHAIN, Site, site
from comparison.claims.exact.ladders import of_closed_form

R1 = np.array([0.3, -0.2, 0.1, 0.4, 0.2, -0.1])
R2 = np.array([-0.1, 0.3, 0.2, -0.3, 0.1, 0.2])
R = np.array([0.2, 0.1, -0.3, 0.2, -0.2, 0.3])
ZERO = np.zeros(6)
SIZES = (100, 200, 400, 800, 1600, 3200)
INTEGRATED = 1e-9  # of the evolution of one site, about 1e-13, to the power N
HOW = "one site in Fock space to the power N = 100 … 3200, extrapolated"


def to_power(one: complex, N: int) -> complex:
    """z^N for z near 1."""
    return np.exp(N * np.log(one))


def limit(value: Callable[[int], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """N → ∞ of a series in 1/N, and its error."""
    return of_closed_form(value, 1.0, SIZES)


def of_one_site(*parameters: np.ndarray, N: int, where: Site | None = None) -> complex:
    """⟨e^{i X_{r₁}/√N} e^{i X_{r₂}/√N} …⟩ of one site in its thermal state; ⟨X_r⟩ = 0."""
    where = site() if where is None else where
    product = functools.reduce(np.matmul, [where.exponential(r, 1 / np.sqrt(N)) for r in parameters])
    return complex(where.average(product))


def at_rest(*parameters: np.ndarray, where: Site | None = None) -> tuple[complex, float]:
    """lim ⟨W^(N)(r₁) W^(N)(r₂) …⟩, and its error."""
    return limit(lambda N: to_power(of_one_site(*parameters, N=N, where=where), N))


@functools.cache
def _ones(r1: tuple, r: tuple, r2: tuple, t: float, coupling: float) -> tuple[complex, ...]:
    where = site(coupling=coupling)
    roots = np.sqrt(SIZES)
    starts = np.array([where.exponential(r2, 1 / x) @ where.rho @ where.exponential(r1, 1 / x) for x in roots])
    moved = where.evolved(starts, t)
    return tuple(
        complex(np.einsum("ij,ji->", where.exponential(r, 1 / x), y)) for x, y in zip(roots, moved, strict=True)
    )


def evolved_ones(r1, r, r2, t: float, coupling: float = CHAIN.coupling) -> Callable[[int], complex]:
    """N → ⟨e^{i X_{r₁}/√N} e^{tL}[e^{i X_r/√N}] e^{i X_{r₂}/√N}⟩ of one site, at `SIZES`."""
    ones = _ones(tuple(r1), tuple(r), tuple(r2), t, coupling)
    return lambda N: ones[SIZES.index(N)]


def evolved(r1, r, r2, t: float, coupling: float = CHAIN.coupling) -> tuple[complex, float]:
    """lim ⟨W^(N)(r₁) Φ_t^(N)[W^(N)(r)] W^(N)(r₂)⟩, and its error."""
    one = evolved_ones(r1, r, r2, t, coupling)
    value, error = limit(lambda N: to_power(one(N), N))
    return value, error + INTEGRATED
