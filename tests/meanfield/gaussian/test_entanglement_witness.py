"""The witness of entanglement: never positive without entanglement, of any operators; the negativity of two modes; the
entanglement of spins, whose commutators are no numbers."""

import numpy as np
import pytest

from finite_n import FiniteNError
from meanfield import entanglement_witness, log_negativity
from tests.meanfield.gaussian.covariances import random_state

ROUNDING = 1e-10


def _of(rho, first, second):
    """Of operators `first` of the first factor and `second` of the second."""
    one, other = np.eye(len(first[0])), np.eye(len(second[0]))
    F = [*(np.kron(a, other) for a in first), *(np.kron(one, b) for b in second)]
    two = np.array([[np.trace(rho @ a @ b) for b in F] for a in F])
    means = np.array([np.trace(rho @ a).real for a in F])
    sigma = 2 * two.imag
    return entanglement_witness(two.real - np.outer(means, means), (sigma - sigma.T) / 2)


def _hermitian(rng, d):
    x = rng.normal(size=(d, d)) + 1j * rng.normal(size=(d, d))
    return x + x.conj().T


def _density(rng, d):
    x = rng.normal(size=(d, 1)) + 1j * rng.normal(size=(d, 1))
    return x @ x.conj().T / np.linalg.norm(x) ** 2


@pytest.mark.parametrize("seed", range(40))
def test_it_is_never_positive_in_mixtures_of_products(seed):
    """Few pure products of random states of dimensions 3 and 4, and random operators."""
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.ones(1 + seed % 3))
    rho = sum(p * np.kron(_density(rng, 3), _density(rng, 4)) for p in weights)
    assert _of(rho, [_hermitian(rng, 3) for _ in "12"], [_hermitian(rng, 4) for _ in "12"]) < ROUNDING


def _spin(J):
    m = np.arange(J, -J - 1, -1)
    up = np.diag(np.sqrt((J - m[1:]) * (J + m[1:] + 1)), 1)
    return (up + up.T) / 2, (up - up.T) / 2j, np.diag(m)


@pytest.mark.parametrize("opposite", [False, True])
def test_it_proves_the_entanglement_of_two_large_spins(opposite):
    """Σ_n t^n |J − n⟩|J − n⟩ of J = 10: −ln 2ν̃ is near that of two modes, 2 artanh t; the second spin may point down,
    where the average commutator changes its sign."""
    J, t = 10, 0.2
    n = np.arange(2 * J + 1)
    psi = np.zeros((2 * J + 1, 2 * J + 1))
    psi[n, n[::-1] if opposite else n] = t**n
    psi = psi.ravel() / np.linalg.norm(psi)
    x, y, _ = _spin(J)
    found = _of(np.outer(psi, psi), (x, y), (x, y))
    assert found == pytest.approx(2 * np.arctanh(t), rel=0.02)  # 1/J of it and less
    assert found > 0.3


@pytest.mark.parametrize("seed", range(5))
def test_of_canonical_modes_it_is_the_negativity(seed):
    rng = np.random.default_rng(seed)
    cov, sigma = random_state(rng, 2), np.kron(np.eye(2), [[0.0, 1], [-1, 0]])
    found = entanglement_witness(cov, sigma)
    assert max(0.0, found) == pytest.approx(log_negativity(cov), abs=ROUNDING)
    units = np.diag([2.0, -3.0, 0.5, 0.7])  # of the operators
    assert entanglement_witness(units @ cov @ units, units @ sigma @ units) == pytest.approx(found, abs=1e-9)


@pytest.mark.parametrize(
    ("sigma", "words"),
    [
        (np.kron([[0.0, 1], [-1, 0]], np.eye(2)), "two systems, which commute"),
        (np.kron(np.diag([1.0, 0]), [[0.0, 1], [-1, 0]]), "prove no entanglement"),
    ],
)
def test_commutators_that_prove_nothing_are_refused(sigma, words):
    with pytest.raises(FiniteNError, match=words):
        entanglement_witness(np.eye(4), sigma)
