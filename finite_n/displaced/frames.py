"""Levels of one particle in which every operator of a model is diagonal, where these commute."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from finite_n.model.operators import hermitian_basis
from finite_n.model.polynomial import Polynomial
from finite_n.model.species import Species

_EXACT = 1e-12  # of the size of an operator: what counts as zero
_LEFT_OVER = 1e-15  # of the largest operator: rounding of terms that cancel


def common_levels(
    species: Species, polynomials: Iterable[Polynomial], operators: Sequence[np.ndarray]
) -> np.ndarray | None:
    """U with U x U† diagonal for all operators x of one particle in the polynomials and among `operators`; the identity
    where they are already, None where they do not commute.

    An operator in a polynomial is what stands in one place of its words, all else being the same: (m·n)² holds n·σ.

    >>> from finite_n.model.polynomial import mx, mz
    >>> common_levels(Species(), [mx * mx], []).round(3).shape, common_levels(Species(), [mx + mz * mz], [])
    ((2, 2), None)
    """
    found = [part for x in (*_in_polynomials(species, polynomials), *operators) for part in _hermitian_parts(x)]
    norms = [np.linalg.norm(x) for x in found]
    largest = max(norms, default=0.0)
    found = [x / norm for x, norm in zip(found, norms, strict=True) if norm > _LEFT_OVER * largest]
    if all(np.abs(x - np.diag(np.diag(x))).max() <= _EXACT for x in found):
        return np.eye(species.dim, dtype=complex)
    weights = np.random.default_rng(0).uniform(1, 2, len(found))
    u = np.linalg.eigh(sum(c * x for c, x in zip(weights, found, strict=True)))[1].conj().T
    for x in found:
        turned = u @ x @ u.conj().T
        if np.abs(turned - np.diag(np.diag(turned))).max() > _EXACT:
            return None
    return u


def _in_polynomials(species: Species, polynomials: Iterable[Polynomial]) -> list[np.ndarray]:
    letters = {a: v for a, v in zip(species.letters, hermitian_basis(species.dim)[1:], strict=True)}
    places: dict = {}
    for k, p in enumerate(polynomials):
        for word, c in p.words.items():
            for i, letter in enumerate(word):
                if letter in letters:
                    key = (k, i, word[:i], word[i + 1 :])
                    places[key] = places.get(key, 0) + c * letters[letter]
    return list(places.values())


def _hermitian_parts(x: np.ndarray) -> list[np.ndarray]:
    """½(x + x†) and (x − x†)/2i without their traces, where there is something of them."""
    trace = np.eye(len(x)) * np.trace(x) / len(x)
    parts = [(x - trace + (x - trace).conj().T) / 2, (x - trace - (x - trace).conj().T) / 2j]
    return [y for y in parts if np.abs(y).max() > _LEFT_OVER * np.abs(x).max()]
