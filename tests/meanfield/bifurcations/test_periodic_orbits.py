"""Limit cycles against exact orbits, Liouville's formula, and expansions near where they are born and die."""

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

from finite_n import FiniteNError, Model, mz
from finite_n.systems import hopfield
from meanfield import Limit, attractor, attractors, fixed_points, limit_cycle
from tests.meanfield.bifurcations.small_flows import Brusselator, HopfieldPlane, HopfNormalForm, Planar, Stack, Tilted

pytestmark = pytest.mark.rounding

CYCLE = 1e-9  # orbit, period and multipliers: integrator at 1e-11 over some hundred steps
MEAN = 1e-8


class Subcritical(Planar):
    """ṙ = μr + r³ − r⁵, φ̇ = 1: for −1/4 < μ < 0 cycles at r² = (1 ± √(1 + 4μ))/2, the inner one unstable."""

    def __init__(self, mu):
        self.mu = mu

    def drift(self, m):
        r = m @ m
        return (self.mu + r - r * r) * m + np.array([-m[1], m[0]])

    def jacobian(self, m):
        r = m @ m
        return (self.mu + r - r * r) * np.eye(2) + np.array([[0, -1], [1, 0]]) + (2 - 4 * r) * np.outer(m, m)


@pytest.mark.parametrize("mu", [0.05, 0.3])
def test_hopf_normal_form(mu):
    (end,) = attractors(HopfNormalForm(mu), 3)
    cycle = end.cycle
    assert end.kind == "limit cycle" and end.starts == 3 and cycle.stability == "stable"
    assert np.abs(cycle.amplitude - np.sqrt(mu)).max() < CYCLE and abs(cycle.period - 2 * np.pi) < CYCLE
    assert np.abs(cycle.multipliers - [1, np.exp(-4 * np.pi * mu)]).max() < CYCLE
    assert np.abs(cycle.mean).max() < MEAN and cycle.closure < CYCLE
    assert np.abs(np.linalg.norm(cycle.orbit, axis=1) - np.sqrt(mu)).max() < CYCLE


def test_below_the_hopf_point_the_fixed_point_attracts():
    (end,) = attractors(HopfNormalForm(-0.2), 3)
    assert end.kind == "fixed point" and np.abs(end.point.m).max() < CYCLE and end.point.stability == "stable"


def test_two_attractors_and_the_unstable_cycle_between():
    mu = -0.15
    limit = Subcritical(mu)
    squares = (1 + np.array([1, -1]) * np.sqrt(1 + 4 * mu)) / 2
    ends = attractors(limit, np.array([[0.2, 0.0], [0.9, 0.1], [0.3, -0.9]]))
    assert [(e.kind, e.starts) for e in ends] == [("limit cycle", 2), ("fixed point", 1)]
    for square, cycle in zip(squares, [ends[0].cycle, limit_cycle(limit, [0.45, 0.0], 6.0)], strict=True):
        slope = mu + 3 * square - 5 * square**2  # of ṙ
        assert np.abs(cycle.amplitude - np.sqrt(square)).max() < CYCLE
        assert abs(cycle.multipliers[1] / np.exp(2 * np.pi * slope) - 1) < CYCLE
        assert cycle.stability == ("stable" if slope < 0 else "unstable")


def test_multipliers_have_the_determinant_of_liouville():
    limit = Brusselator(1.0, 2.5)
    cycle = attractor(limit, [1.5, 2.0]).cycle
    path = solve_ivp(
        lambda _, m: limit.drift(m), (0, cycle.period), cycle.m, "Radau", dense_output=True, rtol=1e-9, atol=1e-11
    )
    total = quad(lambda t: np.trace(limit.jacobian(path.sol(t))), 0, cycle.period, limit=300)[0]
    assert abs(np.prod(cycle.multipliers) / np.exp(total) - 1) < 1e-5  # of the second integrator
    assert np.abs(path.y[:, -1] - cycle.m).max() < 1e-6
    # ∮ d(x + y) = 0 gives the mean of x; ∮ d ln … does not exist for y
    assert abs(cycle.mean[0] - 1.0) < MEAN


@pytest.mark.parametrize("omega", [0.4, 0.8])
def test_hopfield_cycle_is_born_with_amplitude_four_thirds_root(omega):
    # near β = 3/2 + μ the cubic field has divergence −(9/4) z²; over the ellipse of the linear flow ∮ div = 0 gives
    # z² = 16μ/9 at the extreme, and the multiplier e^{−μT}; corrections are of relative order μ
    mu = 1e-3
    omega0 = np.sqrt(4 * omega**2 - 0.25)
    cycle = limit_cycle(HopfieldPlane(omega, 1.5 + mu), [0.0, 4 / 3 * np.sqrt(mu)], 2 * np.pi / omega0)
    assert abs(cycle.amplitude[1] / (4 / 3 * np.sqrt(mu)) - 1) < 5 * mu
    assert abs(-np.log(cycle.multipliers[1].real) / (mu * cycle.period) - 1) < 20 * mu
    assert abs(cycle.period * omega0 / (2 * np.pi) - 1) < 20 * mu


def test_hopfield_at_the_papers_two_points():
    """Fiorelli 2024, fig. B1(b), T = 0.6: a closed orbit at Ω = 0.6. At Ω = 0.35, said to be retrieval, eq. B.1 has a
    closed orbit too."""
    beta = 1 / 0.6
    for omega in (0.35, 0.6):
        assert [p.stability for p in fixed_points(HopfieldPlane(omega, beta))] == ["unstable"]
        (end,) = attractors(HopfieldPlane(omega, beta), 4)
        assert end.kind == "limit cycle" and end.cycle.stability == "stable"
        late = solve_ivp(
            lambda _, m, w=omega: HopfieldPlane(w, beta).drift(m),
            (0, 300),
            [1e-3, 1e-3],
            "LSODA",
            t_eval=np.linspace(300 - 5 * end.cycle.period, 300, 1001),
            rtol=1e-9,
            atol=1e-11,
        ).y[1]
        spread = end.cycle.orbit[:-1, 1].std()
        assert abs(late.std() - spread) < 2e-3 * spread and spread > 0.3  # sampled differently


def test_multiplier_of_mx_in_the_model():
    # ṁ_x = −½ cosh(β m_z) m_x decouples, so its multiplier is exp(−½ ∮ cosh(β m_z) dt)
    omega, beta = 0.6, 1 / 0.6
    plane = attractor(HopfieldPlane(omega, beta), [0.3, 0.2]).cycle
    cycle = limit_cycle(Limit(hopfield(omega, beta)), [0, *plane.m], plane.period)
    assert abs(cycle.period - plane.period) < CYCLE * plane.period
    mean = np.cosh(beta * plane.orbit[:-1, 1]).mean()  # the trapezoidal rule over a period
    expected = np.exp(-0.5 * mean * plane.period)
    assert np.abs(cycle.multipliers[1:] - expected).min() < 1e-8
    assert np.abs(cycle.multipliers[1:] - plane.multipliers[1]).min() < 1e-8


def test_hopfield_cycle_ends_on_the_fold_with_infinite_period():
    # a saddle-node on the cycle: T ~ (Ω − Ω_f)^(−1/2)
    w = 0.8
    beta = 2 * w**2 * np.sinh(2 * w) / (2 * w * np.cosh(2 * w) - np.sinh(2 * w))
    fold = np.sqrt((beta * np.sinh(2 * w) / (2 * w) - np.cosh(w) ** 2) / 8)
    periods = [attractor(HopfieldPlane(fold * (1 + d), beta), [0.1, 0.1]).cycle.period for d in (0.004, 0.001)]
    assert abs(periods[1] / periods[0] - 2) < 0.1  # the passage takes most, not all, of the period
    ends = attractors(HopfieldPlane(fold * (1 - 0.001), beta), 4)
    assert all(e.kind == "fixed point" for e in ends)  # no coexistence here


def test_conserved_quantities_leave_marginal_cycles():
    end = attractor(Model(mz), [0.5, 0, 0.3])
    assert end.kind == "limit cycle" and end.cycle.stability == "marginal"
    assert abs(end.cycle.period - np.pi) < CYCLE


def test_any_number_of_averages():
    mu, limit = 0.3, Stack(Tilted(0.0, -0.4), HopfNormalForm(0.3), HopfNormalForm(-0.5))  # n = 5
    (point,) = fixed_points(limit, 6)
    assert point.m.shape == (5,) and np.abs(point.m).max() < CYCLE and point.stability == "unstable"
    (end,) = attractors(limit, 2)
    expected = [1, np.exp(-0.8 * np.pi), np.exp(-4 * np.pi * mu), np.exp(-np.pi), np.exp(-np.pi)]
    assert np.abs(np.sort(np.abs(end.cycle.multipliers)) - np.sort(expected)).max() < 1e-8
    assert np.abs(end.cycle.amplitude - np.sqrt(mu) * np.array([0, 1, 1, 0, 0])).max() < 1e-8


def test_slow_decay_is_not_called_settled():
    assert attractor(HopfNormalForm(0.0), [0.5, 0.0], t_max=60).kind == "not settled"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: attractor(hopfield(), [0, 0, 0.5], t_max=-1), "t_max"),
        (lambda: attractor(hopfield(), [0, 0, 1.5]), "not a state"),
        (lambda: attractor(hopfield(), [0, 0.5]), "3 averages"),
        (lambda: attractor(hopfield(), "here"), "finite numbers"),
        (lambda: attractor(Model, [0.0]), "drift"),
        (lambda: attractors(hopfield(), 0), "starts"),
        (lambda: limit_cycle(HopfNormalForm(0.3), [0.5, 0], 0.0), "period"),
        (lambda: limit_cycle(HopfNormalForm(-0.3), [0.5, 0], 6.0), "limit cycle: shooting"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(call, message):
    with pytest.raises(FiniteNError, match=message):
        call()
