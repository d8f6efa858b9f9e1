"""The error of every eigenvalue covers the true one, at exceptional points, at genuine Jordan blocks and away from
them."""

import itertools

import numpy as np
import pytest
import qutip
from scipy.optimize import linear_sum_assignment

from finite_n import CollectiveJumps, LocalJump, Model, mx, spectrum
from finite_n.eigenmodes import arnoldi as slow_module
from finite_n.eigenmodes.low_spectrum import low_spectrum
from finite_n.eigenmodes.sectors import SparseSector
from finite_n.model.rotation import axis_rotation

EXCEPTIONAL = 0.25  # Ω of H = Ω σx/2 with decay 1, where 4Ω = γ


def driven(omega: float) -> Model:
    return Model(0.5 * omega * mx, [LocalJump(qutip.sigmam())])


def one_particle(omega: float) -> list[complex]:
    """Of Bloch's equations: 0, −γ/2, −3γ/4 ± √(γ²/16 − Ω²)."""
    root = np.sqrt(complex(1 / 16 - omega**2))
    return [0, -0.5, -0.75 + root, -0.75 - root]


def sums(values, N: int) -> np.ndarray:
    """Of independent particles: all sums of N, in any order."""
    return np.array([sum(x) for x in itertools.combinations_with_replacement(values, N)])


def distances(found, exact) -> np.ndarray:
    """|λ − exact| in the best pairing."""
    cost = np.abs(found[:, None] - exact[None, :])
    rows, columns = linear_sum_assignment(cost)
    return cost[rows, columns]


@pytest.mark.parametrize("N", [1, 2, 3, 6, 8])
@pytest.mark.parametrize("off", [0, 1e-12, -1e-9, 1e-6, 4e-4, 0.2])
def test_driven_decaying_particles_at_their_exceptional_point(off, N):
    omega = EXCEPTIONAL * (1 + off)
    found = spectrum(driven(omega), N, 10, tol=1e-8)
    true = distances(found.eigenvalues, sums(one_particle(omega), N))
    assert np.all(true <= found.errors) and found.errors.max() < 1e-3  # ε^(1/3) and more of higher blocks, with room
    if off == 0:
        assert np.any(found.defective) and "defective" in repr(found) and true.max() > 1e-9
        assert np.all(found.together[found.defective] > 1)
    if off == 0.2:
        assert not np.any(found.defective) and found.errors.max() < 1e-9


@pytest.mark.parametrize("off", [0, 1e-9, 4e-4])
def test_exceptional_points_through_arnoldi(off, monkeypatch):
    monkeypatch.setattr(slow_module, "DENSE", 20)
    omega = EXCEPTIONAL * (1 + off)
    found = spectrum(driven(omega), 6, 10, tol=1e-8)
    assert "Arnoldi" in found.stats["method"]
    assert np.all(distances(found.eigenvalues, sums(one_particle(omega), 6)) <= found.errors)
    assert found.errors.max() < 1e-2 and (off > 0 or np.any(found.defective))


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("N", [2, 5, 6])
def test_jordan_blocks_of_collective_decay(N, turned):
    """λ = −(Γ_M + Γ_M′)/2 with Γ_M = Γ_{1−M}: double, with one eigenvector."""
    model = Model(collective=[CollectiveJumps([qutip.sigmam()], float(N))])
    exact = []
    for J in np.arange(N / 2, -0.25, -1):
        M = np.arange(J, -J - 0.5, -1)
        gamma = (J + M) * (J - M + 1)
        exact += list(-np.add.outer(gamma, gamma).ravel() / 2)
    found = spectrum(model.rotated(axis_rotation([1, 2, -1], 0.8)) if turned else model, N, 60, tol=1e-8)
    assert np.all(distances(found.eigenvalues, np.array(exact, dtype=complex)) <= found.errors)
    assert np.any(found.defective) and found.errors.max() < 1e-3
    assert not np.any(found.defective[found.is_zero])  # stationary modes never are


def test_multiple_eigenvalues_with_all_their_eigenvectors_are_not_called_defective():
    rng = np.random.default_rng(1)
    basis = rng.normal(size=(5, 5))
    L = basis @ np.diag([0.0, -1, -1, -1, -2]) @ np.linalg.inv(basis)
    found = low_spectrum([SparseSector(L, rate=1.0)], 5)
    assert not np.any(found.defective)
    assert np.all(np.abs(found.eigenvalues - [0, -1, -1, -1, -2]) <= found.errors) and found.errors.max() < 1e-11
    jordan = basis @ (np.diag([0.0, -1, -1, -1, -2]) + np.diag([0, 1.0, 1.0, 0], 1)) @ np.linalg.inv(basis)
    found = low_spectrum([SparseSector(jordan, rate=1.0)], 5)
    assert found.defective.tolist() == [False, True, True, True, False]
    assert np.all(np.abs(found.eigenvalues - [0, -1, -1, -1, -2]) <= found.errors)
    assert np.all(found.together == [1, 3, 3, 3, 1]) and found.conditions[1] > 1e6
