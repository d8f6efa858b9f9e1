"""Limits of models whose rates are functions of Δ and t together: against the model at every time, the corrections in
1/N, and exact numbers."""

import itertools

import numpy as np
import pytest
from qutip import sigmam, sigmap
from scipy.integrate import solve_ivp

from comparison import Study, compare_correlations
from finite_n import CollectiveJumps, LocalJump, Model, coefficient, evolve, mx, mz
from meanfield import Corrections, Cumulants, Limit, periodic_orbit

START = [0.3, 0.0, -0.5]
BREAK = 0.9


def rate(d, t):
    """With a jump in time that nobody has declared."""
    return np.where(t < BREAK, 0.3 * np.exp(np.sin(2 * t) * d), 0.5 + 0.2 * np.cos(t) * d)


def smooth(d, t):
    return (0.5 + 0.2 * np.sin(2 * t) * d) ** 2


def model_of(gamma) -> Model:
    pump = LocalJump(sigmap(), rate=gamma, delta=mz, time=lambda t: 1 + 0.2 * np.cos(t))
    drive = coefficient(lambda t: np.exp(-((t - 1) ** 2)))
    return Model(0.2 * mz + drive * mx, [LocalJump(sigmam(), 0.4), pump], [CollectiveJumps([sigmam()], 0.3)])


@pytest.mark.parametrize("t", [0.0, 0.7, 1.9])
def test_drift_and_noise_are_those_of_the_model_at_the_time(t):
    model = model_of(rate)
    limit, at = Limit(model), Limit(model.at(t))
    for name in ("drift", "jacobian", "diffusion", "fluctuation_matrix"):
        np.testing.assert_allclose(getattr(limit, name)(START, t), getattr(at, name)(START), atol=1e-14)


def test_a_jump_in_time_costs_no_digits():
    """Against scipy's integrator, from jump to jump, at a tolerance of 1e-9."""
    model = model_of(rate)
    result = Limit(model).evolve(START, [0, 0.5, 2.0])

    def rhs(t, y):
        limit, m, sigma = Limit(model.at(t)), y[:3], y[3:].reshape(3, 3)
        flow = limit.jacobian(m) @ sigma
        return np.concatenate([limit.drift(m), (flow + flow.T + limit.diffusion(m)).ravel()])

    y = np.concatenate([result.means[0], result.covariance[0].ravel()])
    for left, right in itertools.pairwise([0, BREAK, 2]):
        y = solve_ivp(rhs, (left, right - 1e-13), y, rtol=1e-9, atol=1e-11, method="DOP853").y[:, -1]
    np.testing.assert_allclose(result.means[-1], y[:3], atol=1e-9)
    np.testing.assert_allclose(result.covariance[-1], y[3:].reshape(3, 3), atol=1e-8)


def test_exact_numbers_go_there_with_the_corrections():
    """N (exact − m) → c₁, and what is left of m + c₁/N + c₂/N² falls as N⁻³; the cumulants of order 3 are as near."""
    model, times = model_of(smooth), [0, 0.8, 1.6]
    expansion = Corrections(model).evolve(START, times)
    left = []
    for N in (8, 16):
        exact = evolve(model, N, START, times)
        left.append(np.abs(exact.means - np.array([expansion.mean(x, N=N) for x in "xyz"]).T).max())
    assert left[0] / left[1] == pytest.approx(8, abs=2)
    assert left[1] < 1e-3
    closed = Cumulants(model, 3).evolve(START, 16, times).means
    assert np.abs(closed - exact.means).max() < 1e-3


@pytest.mark.slow
def test_a_study_confirms_the_limit_and_refutes_another():
    """With the derived expansion as a witness; and correlations of two times at the rate 1/N."""
    model, times = model_of(smooth), [0.0, 0.5, 1.0]
    result = Study(model, START, times, [8, 12, 16, 24], accuracy=1e-3).run()
    derived = {v.quantity: v.status for v in result.verdicts if v.claim.startswith("derived")}
    assert "refuted" not in derived.values()
    assert [derived[f"mean_{a}"] for a in "xyz"] == 3 * ["confirmed"]
    found = compare_correlations(model, START, 0.5, [0, 0.6], [8, 12, 16, 24], mx, mz, tol=1e-9)
    assert {v.status for v in found.judge(accuracy=1e-2)} == {"confirmed"}
    assert "refuted" in {v.status for v in found.judge("half", 0.5 * found.limit)}


@pytest.mark.slow
def test_the_orbit_of_a_period_is_what_late_times_show():
    model = Model(0.5 * mx, [LocalJump(sigmam(), 0.8), LocalJump(sigmap(), rate=smooth, delta=mz)])
    orbit = periodic_orbit(model, np.pi, [0, 0, -0.5])
    late = Limit(model).evolve([0, 0, -0.5], [0.0, 12 * np.pi]).means[-1]
    np.testing.assert_allclose(orbit.means[0], late, atol=1e-7)
