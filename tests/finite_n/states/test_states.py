"""Weights of the values of J of initial states, against counting."""

from math import comb

import numpy as np
import pytest

from finite_n import FiniteNError, Model, dicke, evolve, from_blocks, mx, my, mz, product, thermal
from finite_n.dicke_blocks import initial_state
from finite_n.dicke_blocks.blocks import dicke_blocks


def copies(N: int, k: int) -> int:
    """How often J = N/2 − k occurs in N spins: C(N, k) − C(N, k − 1)."""
    return comb(N, k) - (comb(N, k - 1) if k else 0)


@pytest.mark.parametrize("N", [1, 2, 3, 6, 7, 40])
def test_the_maximally_mixed_state_weighs_every_j_by_its_dimension(N):
    exact = np.array([copies(N, k) * (N - 2 * k + 1) for k in range(N // 2 + 1)]) / 2.0**N
    for state in (product([0, 0, 0]), thermal(mz, 0.0), product([0, 0, 1e-10])):
        assert np.abs(initial_state.weights(state, N) - exact).max() < 1e-13  # N ε
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
    assert np.abs(initial_state.weights(state, N) - exact).max() < 1e-14 * N
    blocks = dicke_blocks(N)
    traces = [np.trace(b).real for b in initial_state.matrices(state, blocks)]
    assert np.abs(traces - np.array(exact)).max() < 1e-14 * N


def test_weights_of_a_dicke_state_are_at_its_j():
    assert np.array_equal(initial_state.weights(dicke(1, 0), 6), [0, 0, 1, 0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x: [np.diag([0.5 + x, 0.5]).astype(complex)], "must be 1"),
        (lambda x: [np.array([[0.5, 0.1 + x], [0.1, 0.5]])], "not Hermitian and positive"),
        (lambda x: [np.diag([1 + x, -x])], "not Hermitian and positive"),
    ],
    ids=["trace", "Hermiticity", "positivity"],
)
def test_blocks_that_are_no_density_matrix_are_refused(change, message):
    from_blocks(change(5e-9))  # what a tolerance of 1e-9 may leave
    for off in (1e-7, 1e-4, 1e-3):
        with pytest.raises(FiniteNError, match=message):
            from_blocks(change(off))


@pytest.mark.parametrize("N", [1, 3, 6])
def test_a_thermal_state_of_a_field_is_a_product(N):
    """exp(−βN h·m) of a field: every spin by itself, with ⟨σ⟩ = −(h/|h|) tanh β|h|."""
    field, beta = np.array([0.3, -0.2, 0.6]), 0.9
    h = field[0] * mx + field[1] * my + field[2] * mz
    m = -field / np.linalg.norm(field) * np.tanh(beta * np.linalg.norm(field))
    state = thermal(h, beta)
    assert np.abs(state.limit()[0] - m).max() < 1e-13
    blocks = dicke_blocks(N)
    assert np.abs(initial_state.vector(state, blocks) - initial_state.vector(product(m), blocks)).max() < 1e-13
