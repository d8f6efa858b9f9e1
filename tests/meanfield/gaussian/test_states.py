"""Symplectic eigenvalues, entropies and negativity against density matrices in the number basis."""

import functools

import numpy as np
import pytest
import qutip
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import expm

import meanfield as mf
from finite_n import FiniteNError
from tests.meanfield.gaussian.covariances import (
    ROUNDING,
    SEEDS,
    omega,
    random_state,
)

LEVELS = 18  # of each oscillator
FOCK = 1e-8  # weight that the states below have beyond those levels, seen by an entropy
AMPLITUDE = 1e-6  # its amplitude, seen by a trace norm: tanh(0.2)^9 for the squeezings below


@functools.cache
def ladder():
    a, one = qutip.destroy(LEVELS).full(), np.eye(LEVELS)
    return np.kron(a, one), np.kron(one, a)


def density_matrix(seed):
    """Squeezed thermal, turned by a random passive map; 0 is two-mode squeezed only, 1 a product, 2 pure."""
    rng = np.random.default_rng(seed)
    a, b = ladder()
    mean = [0.0, 0.0] if seed == 2 else rng.uniform(0, 0.1, 2)
    thermal = [qutip.thermal_dm(LEVELS, n).full() for n in mean]
    r, r1, r2 = rng.uniform(0.06, 0.1, 3) * rng.choice([-1, 1], 3)
    angle, first, second = rng.uniform(0, 2 * np.pi, 3)
    if seed == 0:
        r, r1, r2, angle = 0.35, 0, 0, 0
    steps = [
        r * (a @ b - a.T @ b.T),
        r1 / 2 * (a @ a - a.T @ a.T) + r2 / 2 * (b @ b - b.T @ b.T),
        -1j * (first * a.T @ a + second * b.T @ b),
        angle * (a.T @ b - b.T @ a),
    ]
    if seed == 1:
        steps = steps[1:3]
    rho = np.kron(*thermal).astype(complex)
    for step in steps:
        u = expm(step)
        rho = u @ rho @ u.conj().T
    return rho


def quadratures():
    return [q for a in ladder() for q in ((a + a.T) / np.sqrt(2), (a - a.T) / np.sqrt(2) / 1j)]


def covariance_of(rho):
    q = quadratures()
    return np.array([[np.sum((rho @ x) * y.T).real for y in q] for x in q])  # Tr ρxy, whose real part is symmetric


def spectrum_entropy(rho):
    p = np.linalg.eigvalsh(rho)
    p = p[p > 0] / p.sum()
    return -np.sum(p * np.log(p))


@pytest.mark.parametrize("seed", range(5))
def test_entropies_and_negativity_are_those_of_the_density_matrix(seed):
    rho = density_matrix(seed)
    cov, q = covariance_of(rho), rho.reshape(4 * (LEVELS,))
    assert spectrum_entropy(rho) == pytest.approx(mf.entropy(cov), abs=FOCK)
    assert np.trace(rho @ rho).real == pytest.approx(mf.purity(cov), abs=FOCK)
    parts = [np.einsum("abcb->ac", q), np.einsum("abac->bc", q)]
    for part, own in zip(parts, (cov[:2, :2], cov[2:, 2:]), strict=True):
        assert spectrum_entropy(part) == pytest.approx(mf.entropy(own), abs=FOCK)
    mutual = sum(map(spectrum_entropy, parts)) - spectrum_entropy(rho)
    assert mutual == pytest.approx(mf.mutual_information(cov), abs=FOCK)
    transposed = q.transpose(0, 3, 2, 1).reshape(rho.shape)
    negativity = np.log(np.abs(np.linalg.eigvalsh(transposed)).sum())
    assert negativity == pytest.approx(mf.log_negativity(cov), abs=AMPLITUDE)
    if seed <= 2:
        assert (negativity > 0.05) == (seed != 1)


@pytest.mark.parametrize("measured", [0, 1])
def test_heterodyne_outcome_of_a_squeezed_thermal_state_leaves_the_entropy_of_the_closed_formula(measured):
    """For γ = diag(c, −c) the best measurement projects on coherent states; the outcome 0 shows what it leaves."""
    rho = density_matrix(0)
    q = rho.reshape(4 * (LEVELS,))
    kept = q[0, :, 0, :] if measured == 0 else q[:, 0, :, 0]
    alone = np.einsum("abac->bc", q) if measured == 0 else np.einsum("abcb->ac", q)
    cov = covariance_of(rho)
    told = spectrum_entropy(alone) - spectrum_entropy(kept)
    assert told > 1e-3
    assert told == pytest.approx(mf.classical_correlations(cov, measured), abs=FOCK)


@given(SEEDS, st.integers(1, 4))
def test_symplectic_eigenvalues_are_those_of_the_flow_matrix(seed, k):
    rng = np.random.default_rng(seed)
    cov = random_state(rng, k, 0.3)
    nu = mf.symplectic_eigenvalues(cov)
    flow = np.sort(np.abs(np.linalg.eigvals(omega(k) @ cov)))
    np.testing.assert_allclose(np.repeat(nu, 2), flow, rtol=1e-6)  # a non-normal matrix: pairs may be close
    assert mf.purity(cov) == pytest.approx(0.5**k / np.sqrt(np.linalg.det(cov)), rel=ROUNDING)
    assert nu[0] > 0.5 - ROUNDING and mf.uncertainty_margin(cov) > -ROUNDING
    below = cov * 0.49 / nu[0]
    assert mf.uncertainty_margin(below) < 0
    with pytest.raises(FiniteNError, match="below ½"):
        mf.entropy(below)
