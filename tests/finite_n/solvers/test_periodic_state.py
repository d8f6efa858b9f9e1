"""Periodic states of driven models: against long evolutions, and their mean field at growing N."""

import numpy as np
import pytest
from qutip import sigmam

from finite_n import CollectiveJumps, FiniteNError, LocalJump, Mode, Model, coefficient, evolve, mx, mz, periodic_state
from meanfield import Limit, periodic_orbit

OMEGA = 1.7
PERIOD = 2 * np.pi / OMEGA
CLOSED = Model(0.3 * mz + coefficient(np.cos) * mx)


@pytest.fixture(scope="module")
def model() -> Model:
    """A drive and a rate of one period, collective decay, a direct interaction."""
    drive, rate = coefficient(lambda t: np.cos(OMEGA * t)), coefficient(lambda t: 0.5 + 0.25 * np.sin(OMEGA * t))
    return Model(mz + drive * mx + 0.2 * mz * mz, [LocalJump(sigmam(), rate=rate)], [CollectiveJumps([sigmam()], 0.3)])


@pytest.fixture(scope="module")
def orbit(model):
    return periodic_orbit(model, PERIOD, [0, 0, -1])


def test_it_is_where_a_long_evolution_goes(model):
    """To 20 periods, by when deviations have fallen to 1e-13, and within the error that is said."""
    found = periodic_state(model, 3, PERIOD, PERIOD * np.linspace(0, 1, 5))
    late = evolve(model, 3, [0, 0, 0], PERIOD * np.array([0, 20, 20.25, 20.5]), basis="Dicke")
    gap = np.abs(late.means[1:] - found.result.means[:3]).max()
    assert gap <= found.result.budget.moment_error + late.budget.moment_error
    assert found.error < 1e-9
    np.testing.assert_allclose(found.result.means[-1], found.result.means[0], atol=1e-9)


def test_it_goes_to_the_orbit_of_mean_field_as_one_over_n(model, orbit):
    times = PERIOD * np.array([0, 0.5, 1])
    states = {N: periodic_state(model, N, PERIOD, times) for N in (6, 12)}
    means = {N: np.abs(s.result.means - orbit.means[::64]).max() for N, s in states.items()}
    covariances = {N: np.abs(s.result.covariance - orbit.covariance[::64]).max() for N, s in states.items()}
    assert means[6] / means[12] == pytest.approx(2, abs=0.1)
    assert covariances[6] / covariances[12] == pytest.approx(2, abs=0.3)
    gaps = {N: abs(abs(s.multiplier) - abs(orbit.multipliers[0])) for N, s in states.items()}
    assert gaps[12] < gaps[6] < 0.1


def test_the_orbit_is_where_the_limit_goes(model, orbit):
    late = Limit(model).evolve([0, 0, 0], [0, 10 * PERIOD])
    left = np.abs(orbit.multipliers[0]) ** 10  # of deviations
    np.testing.assert_allclose(late.means[-1], orbit.means[0], atol=left)
    np.testing.assert_allclose(late.covariance[-1], orbit.covariance[0], atol=3 * left)
    assert orbit.stability == "stable"
    np.testing.assert_allclose(orbit.covariance[-1], orbit.covariance[0], atol=1e-9)


def test_three_levels_and_modes(model):
    from finite_n import Species

    atom, cavity = Species("atom", dim=3), Mode("c")
    lower = [np.eye(3)[:, [i]] @ np.eye(3)[[i + 1]] for i in range(2)]
    drive = coefficient(lambda t: np.cos(OMEGA * t))
    h = drive * atom.average(lower[0] + lower[0].T) + atom.average(np.diag([0, 1.0, 1.5]))
    three = Model(h, [LocalJump(x, 0.8) for x in lower], species=[atom])
    times = PERIOD * np.array([0, 0.3, 1])
    found = periodic_state(three, 2, PERIOD, times)
    late = evolve(three, 2, {"atom": np.eye(3) / 3}, PERIOD * np.array([0, 30, 30.3]))
    np.testing.assert_allclose(found.result.means[:2], late.means[1:], atol=1e-9)
    light = 0.5 * (cavity.phi * cavity.phi + cavity.pi * cavity.pi) + drive * cavity.phi + 0.0 * mz
    driven = Model(light, collective=[CollectiveJumps([cavity.alpha], 0.8)], modes=[cavity])
    response = -1 / (2 * np.sqrt(2)) * np.array([1 / (OMEGA + 1 - 0.4j), 1 / (-OMEGA + 1 - 0.4j)])
    found = periodic_state(driven, 1, PERIOD, times, cutoffs={"c": 14}).result
    alpha = response[0] * np.exp(1j * OMEGA * times) + response[1] * np.exp(-1j * OMEGA * times)
    np.testing.assert_allclose((found.mean("c.phi") + 1j * found.mean("c.pi")) / np.sqrt(2), alpha, atol=1e-8)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda m: periodic_state(m, 3, 1.0), "give a time after which all functions of time repeat"),
        (lambda m: periodic_orbit(m, 1.0, [0, 0, 0]), "give a time after which all functions of time repeat"),
        (lambda m: periodic_state(m, 3, PERIOD, [0, 1.0]), "times over one period"),
        (lambda m: periodic_state(m, 3, PERIOD, []), "two or more finite times"),
        (lambda m: periodic_state(m.at(0.0), 3, PERIOD), "does not depend on time; use steady_state"),
        (lambda m: periodic_orbit(m.at(0.0), PERIOD, [0, 0, 0]), "does not depend on time"),
        (lambda m: periodic_state(CLOSED, 3, 2 * np.pi, rho0=[0, 0, 1], most=30), "slowest multiplier"),
    ],
)
def test_refused_in_one_sentence(model, ask, message):
    with pytest.raises(FiniteNError, match=message):
        ask(model)
