"""Bytes that an evolution on symmetrised products takes at its peak; constants per element and entry are measured.

What is counted: the matrix, what making it takes, its functionals, and values at all times.
Tests hold every prediction to 25 % from both sides.
"""

from __future__ import annotations

from finite_n.engine.footprint import BASE, Asked


def few_labels(elements: float, terms: float, read: float, real: bool, asked: Asked) -> float:
    """Bytes of an evolution on symmetrised products of few labels (mirror images counted), each of which leads to
    `terms`; read: numbers that functionals read of populations; real: no imaginary parts."""
    return elements * (60.0 + 27.0 * terms) * (1.0 if real else 1.6) + 60.0 * read + asked.values(10) + BASE


def many_products(elements: float, terms: float, real: bool, asked: Asked) -> float:
    """The same of other sets of symmetrised products."""
    kept = 32.0 * asked.kept  # as operators
    return elements * ((500.0 + 25.0 * terms) * (0.6 if real else 1.0) + kept) + asked.values(10) + BASE
