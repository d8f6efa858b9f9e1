"""Weights of the values of J of initial states, against counting."""

from math import comb

import numpy as np
import pytest

from finite_n import Model, dicke, evolve, mz, product, thermal
from finite_n.blocks import dicke_blocks


def copies(N: int, k: int) -> int:
    """How often J = N/2 − k occurs in N spins: C(N, k) − C(N, k − 1)."""
    return comb(N, k) - (comb(N, k - 1) if k else 0)


@pytest.mark.parametrize("N", [1, 2, 3, 6, 7, 40])
def test_the_maximally_mixed_state_weighs_every_j_by_its_dimension(N):
    exact = np.array([copies(N, k) * (N - 2 * k + 1) for k in range(N // 2 + 1)]) / 2.0**N
    for state in (product([0, 0, 0]), thermal(mz, 0.0), product([0, 0, 1e-10])):
        assert np.abs(state.weights(N) - exact).max() < 1e-13  # N ε
    # J is kept by a field: what evolves are the weights
    result = evolve(Model(0.5 * mz), N, [0, 0, 0], [0, 1.0], basis="dicke")
    assert np.abs(result.j_distribution - exact).max() < 1e-9  # tol
    assert np.abs(result.covariance - np.eye(3)).max() < 1e-9


@pytest.mark.parametrize("N", [1, 2, 5, 6])
@pytest.mark.parametrize("length", [1e-5, 0.3, 0.9, 1 - 1e-9, 1.0])
def test_a_product_state_weighs_j_by_its_populations(N, length):
    """tr ρ_J = d_J Σ_M p^{N/2+M} q^{N/2−M} with p, q the eigenvalues of ρ₁."""
    p, q = (1 + length) / 2, (1 - length) / 2
    exact = [
        copies(N, k) * sum(p ** (N - k - i) * q ** (k + i) for i in range(N - 2 * k + 1)) for k in range(N // 2 + 1)
    ]
    axis = np.array([0.48, -0.6, 0.64])
    state = product(length * axis)
    assert np.abs(state.weights(N) - exact).max() < 1e-14 * N
    blocks = dicke_blocks(N)
    traces = [np.trace(b).real for b in blocks.matrices(state.vector(blocks))]
    assert np.abs(traces - np.array(exact)).max() < 1e-14 * N


def test_weights_of_a_dicke_state_are_at_its_j():
    assert np.array_equal(dicke(1, 0).weights(6), [0, 0, 1, 0])
