"""Limits of models that depend on time: against the limit of the model at every time, and against exact numbers."""

import itertools

import numpy as np
import pytest
from qutip import sigmam
from scipy.integrate import solve_ivp

from finite_n import (
    CollectiveJumps,
    FiniteNError,
    LocalJump,
    Model,
    average,
    coefficient,
    correlation,
    evolve,
    mx,
    my,
    mz,
)
from meanfield import Limit, fluctuation_map

BREAK = np.pi / 3  # of |sin 3t|
START = [0.3, 0.0, -0.5]


@pytest.fixture(scope="module")
def model() -> Model:
    drive, pump = coefficient(lambda t: np.exp(-((t - 1) ** 2))), coefficient(lambda t: np.abs(np.sin(3 * t)))
    return Model(
        0.2 * mz + drive * mx,
        [LocalJump(sigmam(), 0.3), LocalJump(sigmam().dag(), rate=lambda d: 0.2 + 0.1 * d, delta=mz, time=pump)],
        [CollectiveJumps([sigmam()], 0.2)],
    )


@pytest.mark.parametrize("t", [0.0, 0.7, 1.9])
def test_drift_and_noise_are_those_of_the_model_at_the_time(model, t):
    limit, at = Limit(model), Limit(model.at(t))
    for name in ("drift", "jacobian", "diffusion", "fluctuation_matrix"):
        np.testing.assert_allclose(getattr(limit, name)(START, t), getattr(at, name)(START), atol=1e-14)


def test_a_kink_that_nobody_declared_costs_no_digits(model):
    """Against scipy's integrator, from kink to kink, at a tolerance of 1e-9."""
    result = Limit(model).evolve(START, [0, 0.5, 2.0])

    def rhs(t, y):
        limit, m, sigma = Limit(model.at(t)), y[:3], y[3:].reshape(3, 3)
        flow = limit.jacobian(m) @ sigma
        return np.concatenate([limit.drift(m), (flow + flow.T + limit.diffusion(m)).ravel()])

    y = np.concatenate([result.means[0], result.covariance[0].ravel()])
    for span in itertools.pairwise([0, BREAK, 2]):
        y = solve_ivp(rhs, span, y, rtol=1e-9, atol=1e-11, method="DOP853").y[:, -1]
    np.testing.assert_allclose(result.means[-1], y[:3], atol=1e-9)
    np.testing.assert_allclose(result.covariance[-1], y[3:].reshape(3, 3), atol=1e-8)


def test_exact_numbers_go_there_as_one_over_n(model):
    times = [0, 1.0, 2.0]
    limit = Limit(model).evolve(START, times)
    gaps = [np.abs(evolve(model, N, START, times, tol=1e-7, check=False).means - limit.means).max() for N in (15, 30)]
    assert gaps[0] / gaps[1] == pytest.approx(2, abs=0.05)


def test_tables_with_many_knots():
    """A staircase of 40 steps: ṁ_z = −2γ(t)(1 + m_z)/2 in closed form."""
    rates, knots = np.random.default_rng(0).uniform(0, 1, 41), np.linspace(0, 4, 41)
    decay = Model(0.0, [LocalJump(sigmam(), rate=coefficient(rates, knots, order=0))])
    result = Limit(decay).evolve([0, 0, 1], [0.0, 2.0, 4.0])
    integral = np.cumsum(np.append(0, 0.1 * rates[:-1]))[[0, 20, 40]]
    np.testing.assert_allclose(result.means[:, 2], 2 * np.exp(-integral) - 1, atol=1e-11)


def _independent() -> Model:
    """Spins under a drive with a kink, at a rate that begins late."""
    drive, rate = coefficient(lambda t: np.abs(np.sin(3 * t))), coefficient(lambda t: np.maximum(0, t - 0.4) ** 2)
    return Model(
        0.3 * mz + drive * (mx + 0.5 * my), [LocalJump(sigmam(), rate=rate), LocalJump(sigmam().dag(), rate=0.3)]
    )


def test_correlations_of_independent_spins_have_their_limit_at_every_n():
    """N times the connected correlation of averages of N spins is that of one spin; one start, and several times."""
    model, delays, N = _independent(), [0.0, 0.4, 1.5], 3
    up = average(sigmam().dag())
    for times, a, b in (([0.2], up, mx + 0.3j * mz), ([0.2, 0.9], mz, my)):
        exact = correlation(model, N, START, times, delays, a, b, connected=True, tol=1e-10)
        whole = correlation(model, N, START, times, delays, a, b, tol=1e-10)
        found = Limit(model).correlation(START, times, delays, a, b)
        assert np.abs(N * exact.values - found.connected).max() < 1e-8
        assert np.abs(whole.values - exact.values - found.product).max() < 1e-8


def test_the_map_of_fluctuations_carries_covariances(model):
    times = [0.1, 0.8, 1.7]
    found, limit = fluctuation_map(model, START, times), Limit(model).evolve(START, times)
    moved = found.X @ found.covariance @ found.X.transpose(0, 2, 1) + found.Y
    np.testing.assert_allclose(moved, limit.covariance, atol=1e-9)
    np.testing.assert_allclose(found.means, limit.means, atol=1e-9)


def test_what_has_no_fixed_point_says_what_to_do(model):
    with pytest.raises(FiniteNError, match="no fixed point: give Limit"):
        Limit(model).correlation(START, None, [0, 1], mz, mz)
    with pytest.raises(FiniteNError, match="no fixed point: give Limit"):
        Limit(model).power_spectrum(START, [0.0], mz, mz)
