"""Displacements of driven and damped modes against quadratures, and against matrices of many levels."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.linalg import expm

from finite_n.displaced.configurations import binomial, multinomial
from finite_n.displaced.driven_modes import DrivenModes, displacement, product_of_letters
from finite_n.displaced.words import set_partitions

QUADRATURE = 1e-12
ROUNDING = 1e-13


@pytest.mark.parametrize("omega", [0.0, 1e-9, 0.3, -1.1, 40.0])
@pytest.mark.parametrize("kappa", [0.0, 1e-7, 0.8])
def test_displacements_are_their_integrals(omega, kappa):
    t = np.array([0.0, 0.01, 1.3])
    modes = DrivenModes(t, *(np.array([x]) for x in (omega, kappa, 0.0, 0.0, 0)))
    decay = 1j * omega + kappa / 2
    for k, end in enumerate(t):
        assert abs(modes.pull[k, 0] - _integral(lambda s: np.exp(-decay * s), end)) < QUADRATURE
        assert abs(modes.twice[k, 0] - _integral(lambda s, end=end: (end - s) * np.exp(-decay * s), end)) < QUADRATURE
    # what small frequencies leave of the phase keeps its digits: −Im F = ω t³/6
    if 0 < abs(omega) < 1e-6 and not kappa:
        assert abs(-modes.twice[2, 0].imag / (omega * t[2] ** 3 / 6) - 1) < ROUNDING


def _integral(f, end):
    return quad(f, 0, end, epsabs=1e-13, complex_func=True)[0]


LEVELS = 60
LOWER = np.diag(np.sqrt(np.arange(1.0, LEVELS)), 1)
D = 0.4 - 0.7j


def test_matrix_elements_of_displacements():
    exact = expm(D * LOWER.T - np.conj(D) * LOWER)
    found = [[displacement(m, n, np.array(D)) for n in range(6)] for m in range(6)]
    assert np.abs(found - exact[:6, :6]).max() < ROUNDING


@pytest.mark.parametrize(("thermal", "number"), [(0.0, 0), (0.3, 0), (0.0, 3)])
def test_ordered_products_in_displaced_sectors(thermal, number):
    """⟨D(δ) Π (c + r a + r* a†)⟩ against matrices, and noise as a second mode in the vacuum."""
    populations = (thermal / (1 + thermal)) ** np.arange(LEVELS) / (1 + thermal)
    rho = np.diag(populations) if thermal or not number else np.diag(np.eye(LEVELS)[number])
    letters = [(0.2 + 0.1j, 0.5j), (0.3, 0.4 - 0.2j), (-0.1j, 0.7), (0.0, 0.3 + 0.3j)]
    product = expm(D * LOWER.T - np.conj(D) * LOWER)
    for c, r in letters:
        product = product @ (c * np.eye(LEVELS) + r * LOWER + np.conj(r) * LOWER.T)
    quiet = [np.array(0.0)] * 4
    assert abs(product_of_letters(letters, quiet, np.array(D), thermal, number) - np.trace(rho @ product)) < 1e-11
    noise = [np.array(x) for x in (0.5, 0.2j, 0.1 + 0.4j, 0.3)]
    few = 8  # levels that four letters reach from the vacuum
    low = np.diag(np.sqrt(np.arange(1.0, few)), 1)
    product = np.kron(expm(D * LOWER.T - np.conj(D) * LOWER), np.eye(few))
    for (c, r), s in zip(letters, noise, strict=True):
        own = c * np.eye(LEVELS) + r * LOWER + np.conj(r) * LOWER.T
        product = product @ (np.kron(own, np.eye(few)) + np.kron(np.eye(LEVELS), s * low + np.conj(s) * low.T))
    exact = np.trace(np.kron(rho, np.diag(np.eye(few)[0])) @ product)
    assert abs(product_of_letters(letters, noise, np.array(D), thermal, number) - exact) < 1e-11


def test_numbers_of_particles():
    """Weights add up, have the right mean and variance, and lose no digits at large sizes; Bell numbers."""
    for size, p in ((1, 0.3), (10, 0.9), (1000, 1e-3), (10**6, 0.4)):
        n, w = binomial(size, p)
        assert abs(w.sum() - 1) < ROUNDING and abs(w @ (n / size) - p) < ROUNDING
        assert abs(w @ (n - size * p) ** 2 / (size * p * (1 - p)) - 1) < 1e-10
    assert binomial(5, 0.0)[0].tolist() == [0] and binomial(5, 1.0)[0].tolist() == [5]
    p = np.array([0.2, 0.5, 0.3])
    w, n = multinomial(30, p)
    assert abs(w.sum() - 1) < ROUNDING and np.all(n.sum(axis=1) == 30)
    assert np.abs(w @ n / 30 - p).max() < ROUNDING
    covariance = (n - 30 * p).T @ (w[:, None] * (n - 30 * p)) / 30
    assert np.abs(covariance - np.diag(p) + np.outer(p, p)).max() < 1e-12
    assert multinomial(4, np.array([1.0, 0, 0]))[1].tolist() == [[4, 0, 0]]
    assert [len(set_partitions(k)) for k in range(6)] == [1, 1, 2, 5, 15, 52]
