"""Spin squeezing against the closed forms of one-axis twisting, exact (Kitagawa and Ueda, Phys. Rev. A 47, 5138 (1993))
and as N → ∞."""

import numpy as np
import pytest
from qutip import sigmam, sigmaz

from finite_n import (
    CollectiveJumps,
    Field,
    FiniteNError,
    LocalJump,
    Mode,
    Model,
    Species,
    coherent,
    dicke,
    evolve,
    mx,
    my,
    mz,
    product,
    steady_state,
)
from meanfield import Limit

TIMES = np.linspace(0, 0.6, 7)
EXACT = 1e-9  # the tolerance asked for; |m| is not small below


def one_axis_twisting(n, chi, t):
    """ξ² at time t of n spins under χ S_z² from the coherent state along x."""
    mu = 2 * chi * t
    a = 1 - np.cos(mu) ** (n - 2)
    b = 4 * np.sin(mu / 2) * np.cos(mu / 2) ** (n - 2)
    smallest = n / 4 * (1 + (n / 2 - 0.5) / 2 * (a - np.hypot(a, b)))
    return n * smallest / (n / 2 * np.cos(mu / 2) ** (n - 1)) ** 2


@pytest.mark.parametrize("basis", ["dicke", "symmetrised products", "state vector"])
@pytest.mark.parametrize("N", [2, 3, 10, 41])
def test_one_axis_twisting(N, basis):
    """S_z² = N² m_z²/4, so h = χ N m_z²/4."""
    result = evolve(Model(0.25 * mz * mz), N, [1, 0, 0], TIMES, basis=basis)
    assert np.abs(result.squeezing() - one_axis_twisting(N, 1 / N, TIMES)).max() < EXACT
    assert result.squeezing()[-1] < 1


def test_the_limit_of_one_axis_twisting():
    """Gaussian: F_y grows by 4ct F_z under h = c m_z², so ξ² = 1 + τ²/2 − τ√(1 + τ²/4), τ = 4ct."""
    model = Model(0.5 * mz * mz)
    tau = 2 * TIMES
    limit = Limit(model).evolve([1, 0, 0], TIMES).squeezing()
    assert np.abs(limit - (1 + tau**2 / 2 - tau * np.sqrt(1 + tau**2 / 4))).max() < EXACT
    distance = [np.abs(evolve(model, N, [1, 0, 0], TIMES).squeezing() - limit).max() for N in (200, 400)]
    assert distance[1] < 0.6 * distance[0] < 0.02


@pytest.mark.parametrize("m", [[0, 0, 1], [0.6, 0, 0.8], [0.1, 0.2, -0.4]])
def test_products_are_not_squeezed(m):
    """Every direction across m has Σ_nn = 1, so ξ² = 1/|m|²: 1 for pure spins."""
    wanted = 1 / np.dot(m, m)
    for result in (evolve(Model(0.3 * mx), 7, m, [0, 1]), Limit(Model(0.3 * mx)).evolve(m, [0, 1])):
        assert np.abs(result.squeezing() - wanted).max() < EXACT


def test_the_direction_of_least_variance_is_found():
    """Beside a search over angles across ⟨S⟩, for moving averages and dissipation."""
    model = Model(
        0.4 * mx + 0.5 * mz * mz + 0.2 * my, [LocalJump(sigmam(), 0.3)], [CollectiveJumps([sigmaz()], rate=0.1)]
    )
    start = coherent(1.1, 0.4)
    angles = np.linspace(0, np.pi, 20_001)
    for result in (evolve(model, 9, start, TIMES), Limit(model).evolve(start, TIMES)):
        for m, cov, found in zip(result.means, result.covariance, result.squeezing(), strict=True):
            first = np.cross(m, [0, 0, 1]) / np.linalg.norm(np.cross(m, [0, 0, 1]))
            second = np.cross(m, first) / np.linalg.norm(m)
            n = np.cos(angles)[:, None] * first + np.sin(angles)[:, None] * second
            least = np.einsum("ka,ab,kb->k", n, cov, n).min() / (m @ m)
            assert abs(least - found) < 1e-7  # of the angles' spacing, squared


def test_every_species_has_its_own():
    """N_a = 4 spins of 12 twisted, h = χ N_a² m_z² / 4N; b and the mode stay as they are."""
    a, b, field = Species("a", fraction=1 / 3), Species("b", fraction=2 / 3), Mode("field")
    model = Model(a.mz * a.mz / 3, species=[a, b], modes=[field])
    start = {"a": [1, 0, 0], "b": [0, 0.3, 0.4], "field": Field(beta=0.5)}
    result = evolve(model, 12, start, TIMES, cutoffs={"field": 12})
    limit = Limit(model).evolve(start, TIMES)
    assert np.abs(result.squeezing("a") - one_axis_twisting(4, 1.0, TIMES)).max() < EXACT
    assert np.abs(result.squeezing(b) - 4).max() < EXACT and np.abs(limit.squeezing("b") - 4).max() < EXACT
    with pytest.raises(FiniteNError, match="say which species: a, b"):
        result.squeezing()
    with pytest.raises(FiniteNError, match="mode field is not a species"):
        limit.squeezing("field")


def test_of_a_stationary_state():
    """Independent spins, driven and decaying: Σ_nn = 1 in every direction across m, so ξ² = 1/|m|² > 1."""
    found = steady_state(Model(0.5 * mx, [LocalJump(sigmam())]), 10)
    assert abs(found.squeezing() - 1 / (found.means @ found.means)) < EXACT


def test_without_a_direction_there_is_none():
    assert np.all(np.isnan(evolve(Model(0.3 * mz), 6, dicke(3, 0), [0, 1]).squeezing()))
    assert np.all(np.isnan(Limit(Model(0.3 * mz)).evolve(product([0, 0, 0]), [0, 1]).squeezing()))


def test_particles_of_three_levels_are_refused():
    model = Model(0.0, species=[Species("s", dim=3)])
    with pytest.raises(FiniteNError, match="squeezing: species s has 3 levels"):
        evolve(model, 3, {"s": np.diag([1.0, 0, 0])}, [0, 1]).squeezing()
