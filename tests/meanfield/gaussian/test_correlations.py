"""Discord and classical correlations against minimisation over measurements, known states and symplectic maps."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from scipy.optimize import minimize

import meanfield as mf
from tests.meanfield.gaussian.covariances import (
    MINIMISER,
    ROUNDING,
    SEEDS,
    random_state,
    squeezed_vacuum,
    symplectic_map,
)


def g(x):
    up, down = (x + 1) / 2, max((x - 1) / 2, 1e-300)
    return up * np.log(up) - down * np.log(down)


def conditional_determinant(cov, q, angle):
    """det of 2Σ of mode 1 after measuring mode 2 by μ = diag(1/q, q) turned by the angle: q = 1 heterodyne, 0 homodyne.

    (β + μ)⁻¹ is written out and multiplied by q above and below, so that q = 0 is an ordinary point.
    """
    a, b, c = 2 * cov[:2, :2], 2 * cov[2:, 2:], 2 * cov[:2, 2:]
    u = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    b = u.T @ b @ u
    above = np.array([[q * b[1, 1] + q**2, -q * b[0, 1]], [-q * b[0, 1], q * b[0, 0] + 1]])
    below = q * (b[0, 0] * b[1, 1] - b[0, 1] ** 2 + 1) + q**2 * b[0, 0] + b[1, 1]
    e = a - c @ u @ above @ u.T @ c.T / below
    return e[0, 0] * e[1, 1] - e[0, 1] ** 2


def searched_minimum(cov):
    """Least conditional determinant over squeezing and angle by grid and simplex, and the q = sin²φ where it is."""

    def of(p):
        return conditional_determinant(cov, np.sin(p[0]) ** 2, p[1])

    grid = itertools.product(np.linspace(0, np.pi / 2, 6), np.linspace(0, np.pi, 8, endpoint=False))
    found = minimize(of, min(grid, key=of), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-13})
    return found.fun, np.sin(found.x[0]) ** 2


def printed_minimum(cov):
    """Fiorelli 2024, the two cases under eq. 76, with A, B, C, D of its eq. 74."""
    A, B, C, D = mf.invariants(cov)
    if (D - A * B) ** 2 <= (1 + B) * C**2 * (A + D):
        root = np.sqrt(max(C**2 + (B - 1) * (D - A), 0))
        return (2 * C**2 + (B - 1) * (D - A) + 2 * abs(C) * root) / (B - 1) ** 2
    root = np.sqrt(max(C**4 + (D - A * B) ** 2 - 2 * C**2 * (A * B + D), 0))
    return (A * B - C**2 + D - root) / (2 * B)


def test_discord_and_classical_correlations_are_the_optimum_over_gaussian_measurements():
    rng = np.random.default_rng(5)
    homodyne, pure, states = 0, 0, 200
    for _ in range(states):
        cov = random_state(rng)
        least, q = searched_minimum(cov)
        homodyne += q < 1e-6
        pure += mf.purity(cov) > 1 - ROUNDING
        own, other = mf.entropy(cov[:2, :2]), mf.entropy(cov[2:, 2:])
        left = g(np.sqrt(max(least, 1)))
        assert mf.classical_correlations(cov) == pytest.approx(own - left, abs=MINIMISER)
        assert mf.discord(cov) == pytest.approx(other - mf.entropy(cov) + left, abs=MINIMISER)
    assert pure > 10 and states / 10 < homodyne < states * 9 / 10  # both cases are met


def test_closed_formula_of_the_paper_holds_on_mixed_states():
    """Fiorelli 2024, eqs. 73 to 76 as printed; its cancellations keep it from working next to a pure measured mode."""
    rng = np.random.default_rng(6)
    cases = set()
    for _ in range(200):
        cov = random_state(rng) + 0.05 * np.eye(4)
        A, B, C, D = mf.invariants(cov)
        cases.add((D - A * B) ** 2 <= (1 + B) * C**2 * (A + D))
        delta = A + B + 2 * C
        nu = np.sqrt([(delta + s * np.sqrt(delta**2 - 4 * D)) / 2 for s in (-1, 1)])
        np.testing.assert_allclose(2 * mf.symplectic_eigenvalues(cov), nu, rtol=1e-6)
        left = g(np.sqrt(printed_minimum(cov)))
        assert mf.classical_correlations(cov) == pytest.approx(g(np.sqrt(A)) - left, abs=1e-6)
        assert mf.discord(cov) == pytest.approx(g(np.sqrt(B)) - g(nu[0]) - g(nu[1]) + left, abs=1e-6)
        swapped = cov[np.ix_([2, 3, 0, 1], [2, 3, 0, 1])]
        assert mf.discord(cov, 0) == pytest.approx(mf.discord(swapped), abs=ROUNDING)
        assert mf.classical_correlations(cov, 0) == pytest.approx(mf.classical_correlations(swapped), abs=ROUNDING)
    assert cases == {True, False}


@pytest.mark.parametrize("r", [0, 1e-4, 0.3, 1.0, 3.0])
def test_two_mode_squeezed_vacuum(r):
    cov = squeezed_vacuum(r)
    scale = np.exp(4 * r) * 1e-14  # condition number of the state, times rounding
    n = np.sinh(r) ** 2
    entropy = (n + 1) * np.log(n + 1) - (n * np.log(n) if n else 0)
    assert mf.log_negativity(cov) == pytest.approx(2 * r, abs=10 * scale)
    assert mf.purity(cov) == pytest.approx(1, abs=10 * scale)
    assert mf.discord(cov) == pytest.approx(entropy, abs=1e3 * scale)
    assert mf.classical_correlations(cov, 0) == pytest.approx(entropy, abs=1e3 * scale)
    assert mf.mutual_information(cov) == pytest.approx(2 * entropy, abs=1e3 * scale)


@given(SEEDS)
def test_local_symplectic_maps_and_exchange_change_nothing(seed):
    rng = np.random.default_rng(seed)
    cov = random_state(rng)
    local = np.zeros((4, 4))
    local[:2, :2], local[2:, 2:] = symplectic_map(rng, 1), symplectic_map(rng, 1)
    moved = local @ cov @ local.T
    np.testing.assert_allclose(mf.invariants(moved), mf.invariants(cov), rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(mf.standard_form(moved), mf.standard_form(cov), rtol=1e-7, atol=1e-7)
    for f in (mf.discord, mf.classical_correlations):
        for measured in (0, 1):
            assert f(moved, measured) == pytest.approx(f(cov, measured), abs=MINIMISER)
    for f in (mf.log_negativity, mf.entropy, mf.mutual_information):
        assert f(moved) == pytest.approx(f(cov), abs=MINIMISER)
    exchanged = mf.symplectic_eigenvalues(mf.partial_transpose(cov, 0))
    np.testing.assert_allclose(exchanged, mf.symplectic_eigenvalues(mf.partial_transpose(cov)), atol=ROUNDING)
    total = mf.discord(cov) + mf.classical_correlations(cov)
    assert total == pytest.approx(mf.mutual_information(cov), abs=MINIMISER)


def test_standard_form_rebuilds_the_invariants():
    rng = np.random.default_rng(1)
    for _ in range(50):
        cov = random_state(rng)
        a, b, c, d = mf.standard_form(cov)
        A, B, C, D = mf.invariants(cov)
        rebuilt = [a**2, b**2, c * d, (a * b - c**2) * (a * b - d**2)]
        np.testing.assert_allclose(rebuilt, [A, B, C, D], rtol=1e-7, atol=1e-7)
        assert c >= abs(d)


@pytest.mark.parametrize("state", [np.eye(4) / 2, np.diag([0.5, 0.5, 2, 2]), np.diag([2, 0.125, 0.7, 0.9])])
def test_products_have_no_correlations(state):
    for f in (mf.discord, mf.classical_correlations, mf.log_negativity, mf.mutual_information):
        assert f(state) == pytest.approx(0, abs=1e-12)
