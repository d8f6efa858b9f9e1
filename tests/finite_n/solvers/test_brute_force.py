"""The exact engine against the full 2^N space, for random models of every kind."""

import itertools

import numpy as np
import pytest

from finite_n import evolve
from finite_n.model.operators import bloch_to_density
from finite_n.model.polynomial import XYZ, Polynomial
from tests import random_models
from tests.brute_force import BruteForce, product_state, reduced

AGREE = 1e-9  # both sides integrate with 1e-12; moments are of order one
MOMENTS = {str(w): Polynomial({w: 1}) for n in (1, 2, 3) for w in itertools.product(XYZ, repeat=n)}
T = 0.6


@pytest.mark.parametrize("kind", ["constant", "tilted rates without self", "collective"])
def test_reference_right_hand_side_is_the_qutip_liouvillian(kind):
    rng = np.random.default_rng(7)
    full = BruteForce(random_models.model(kind, rng), 3)
    rho = rng.normal(size=(8, 8)) + 1j * rng.normal(size=(8, 8))
    vector = full.liouvillian() @ rho.reshape(-1, order="F")
    assert np.abs(vector.reshape(8, 8, order="F") - full.rhs(rho)).max() < 1e-12  # rounding of 64 × 64 products


def assert_agrees(result, full: BruteForce, rho: np.ndarray) -> None:
    """The last time of a result with `MOMENTS` as observables against a density matrix on 2^N."""
    for label, p in MOMENTS.items():
        assert abs(result.e_data[label][-1] - full.expect(p, rho)) < AGREE, label
    for n in (1, 2)[: min(full.N, 2)]:
        assert np.abs(result.reduced_state(n)[-1] - reduced(rho, n, full.N)).max() < AGREE
    if result.stored_final:
        assert abs(result.purity[-1] - np.trace(rho @ rho).real) < AGREE


def _cases():
    for N in range(1, 7):
        for kind in random_models.KINDS:
            fast = N < 6 or kind in ("constant", "rates", "collective")
            yield pytest.param(N, kind, marks=[] if fast else pytest.mark.slow)


@pytest.mark.parametrize(("N", "kind"), list(_cases()))
def test_all_moments_up_to_third_order_and_the_pair_state(kind, N):
    rng = np.random.default_rng([N, random_models.KINDS.index(kind)])
    model = random_models.model(kind, rng)
    density = bloch_to_density(random_models.bloch(rng))
    result = evolve(model, N, density, [0, T], MOMENTS, tol=1e-11, check=False)
    full = BruteForce(model, N)
    rho = full.evolve(product_state(density, N), T)
    assert_agrees(result, full, rho)
    assert bool(result.stored_final) == (kind != "constant")  # particles that do not interact keep no state


@pytest.mark.parametrize("N", [4, 5])
def test_covariance_connected_correlations_and_weights_of_J(N):
    rng = np.random.default_rng(11 + N)
    model = random_models.model("everything", rng)
    m = random_models.bloch(rng)
    result = evolve(model, N, m, [0, T], tol=1e-11, check=False)
    full = BruteForce(model, N)
    rho = full.evolve(product_state(bloch_to_density(m), N), T)
    one, two = reduced(rho, 1, N), reduced(rho, 2, N)
    pauli = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    means = np.einsum("aij,ji->a", pauli, one).real
    pairs = np.array([[np.trace(np.kron(a, b) @ two).real for b in pauli] for a in pauli])
    connected = N * (pairs - np.outer(means, means))
    assert np.abs(result.connected[-1] - connected).max() < N * AGREE
    # Σ_ab = δ_ab + (N−1)⟨σ_a⊗σ_b⟩ − N⟨σ_a⟩⟨σ_b⟩
    covariance = np.eye(3) + (N - 1) * pairs - N * np.outer(means, means)
    assert np.abs(result.covariance[-1] - covariance).max() < N * AGREE
    # ⟨S²⟩ = Σ_J p_J J(J+1)
    S2 = sum((N / 2) ** 2 * full.expect(Polynomial({(a, a): 1}), rho).real for a in XYZ)
    assert abs(result.j_distribution[-1] @ (result.J * (result.J + 1)) - S2) < N**2 * AGREE
