"""Two-time correlations of models that depend on time: against the full space, where the delay is evolved from t on,
and against closed forms."""

import numpy as np
import pytest
import qutip

from finite_n import (
    CollectiveJumps,
    Field,
    FiniteNError,
    LocalJump,
    Mode,
    Model,
    Species,
    average,
    coefficient,
    correlation,
    g2,
    mx,
    my,
    mz,
    periodic_state,
    power_spectrum,
)
from finite_n.states.initial_state import as_initial_state
from tests import random_general_models as general
from tests.brute_force_general import DrivenBruteForce
from tests.driven_models import Driven

SM = qutip.sigmam()
UP, DOWN = average(qutip.sigmap()), average(SM)
TOLERANCE = 1e-8  # of values of order one; the full space is integrated to 1e-10 and 1e-12, the others to 1e-9
DELAYS = [0.0, 0.4, 1.2]


@pytest.mark.parametrize(
    ("seed", "N"), [(1, 3), *(pytest.param(*x, marks=pytest.mark.slow) for x in ((0, 2), (2, 4), (4, 3), (3, 5)))]
)
def test_random_models_against_the_full_space(seed, N):
    """Complex drives of degree one and two, rates, with kinks and jumps; connected, and in the order of counting."""
    case = Driven(seed, N)
    x, y, z = case.averages
    down, up = (x - 1j * y) / 2, (x + 1j * y) / 2
    b, left = DOWN + 0.2j * mz, down + 0.2j * z
    found = correlation(case.model, N, case.bloch, [0.0, 0.5], DELAYS, [UP, mx * my], b)
    ordered = correlation(case.model, N, case.bloch, [0.0, 0.5], DELAYS, UP * DOWN, DOWN, c=UP)
    connected = correlation(case.model, N, case.bloch, [0.0, 0.5], DELAYS, UP, b, connected=True)
    for k, (t, rho) in enumerate(zip((0.0, 0.5), case.exact([0.0, 0.5]), strict=True)):
        read = {"up": up, "xy": x * y, "both": up * down}
        after = {
            name: [{key: (o * state).tr() for key, o in read.items()} for state in case.evolved(start, t, DELAYS)]
            for name, start in {"b": left * rho, "rho": rho, "counted": down * rho * up}.items()
        }
        for i, key in enumerate(("up", "xy")):
            assert np.abs(found.values[i, k] - [e[key] for e in after["b"]]).max() < TOLERANCE
        assert np.abs(ordered.values[k] - [e["both"] for e in after["counted"]]).max() < TOLERANCE
        alone = np.array([e["up"] for e in after["rho"]]) * (left * rho).tr()
        assert np.abs(connected.values[k] - ([e["up"] for e in after["b"]] - alone)).max() < TOLERANCE
    assert max(found.error, ordered.error, connected.error) < TOLERANCE


def test_two_species_and_a_mode_against_the_full_space():
    """A drive of one species, a coupling to the mode that is switched, a rate that depends on the other species."""
    a, b, light = Species("a", fraction=0.5), Species("b", fraction=0.5), Mode("light")
    owners = {"species": [a, b], "modes": [light]}
    loss = CollectiveJumps([light.alpha], rate=0.8)
    jump = LocalJump(SM, lambda d: 1 + 0.3 * d, a.mz, species=b)
    coupled = 0.4 * a.mx * light.phi
    still = 0.3 * light.number + 0.4 * a.mz * b.mz

    def pulse(t):
        return np.exp(-4 * (t - 0.4) ** 2)

    def wave(t):
        return np.cos(3 * t)

    timed = LocalJump(SM, lambda d: 1 + 0.3 * d, a.mz, species=b, time=wave)
    model = Model(still + coefficient(pulse) * coupled + 0.5 * coefficient(wave) * b.my, [timed], [loss], **owners)
    start = {"a": [0.3, 0.2, 0.5], "b": [0, 0.4, 0.7], "light": Field(beta=0.2)}
    N, cutoff, delays, t = 2, 10, [0.0, 0.5], 0.3
    left, read = light.alpha * a.mx, [light.alpha.adjoint(), light.number]
    found = correlation(model, N, start, [0.0, t], delays, read, left)
    parts = [Model(still, (), [loss], **owners), Model(coupled, **owners), Model(0.5 * b.my, **owners)]
    parts += [Model(0.0, [jump], **owners)]
    full = DrivenBruteForce(parts, [None, pulse, wave, lambda t: wave(t) ** 2], N, [cutoff])
    one = full.each[0]
    rho = full.evolve(one.product_state(general.matrices(as_initial_state(start, model), N, [cutoff])), 0.0, t)
    x = one.measured(left) @ rho
    for d, value in zip(delays, found.values[:, 1].T, strict=True):
        later = full.evolve(x, t, t + d)
        assert np.abs(value - [np.trace(one.measured(p) @ later) for p in read]).max() < TOLERANCE


def test_three_levels_against_the_full_space():
    """In occupation numbers: a pulse and a rate that begins after t."""
    rng, N = np.random.default_rng(3), 2
    (s,), _ = general.parts((3,), (N,))
    h, driven = s.average(general.hermitian(rng, 3)), s.average(general.hermitian(rng, 3))
    j = general.complex_matrix(rng, 3)

    def late(t):
        return np.maximum(0.0, t - 0.5) ** 4

    model = Model(h + coefficient(np.cos) * driven * driven, [LocalJump(j, rate=1.0, time=late)], species=[s])
    state = general.state(rng, [s])
    u, v = (s.average(general.complex_matrix(rng, 3)) for _ in range(2))
    found = correlation(model, N, state, [0.0, 0.4], DELAYS, u, v)
    parts = [Model(h, species=[s]), Model(driven * driven, species=[s]), Model(0.0, [LocalJump(j)], species=[s])]
    full = DrivenBruteForce(parts, [None, np.cos, late], N, breaks=[0.5])
    rho, one = full.each[0].product_state(general.matrices(state, N)), full.each[0]
    x = one.polynomial(v) @ full.evolve(rho, 0.0, 0.4)
    right = [np.trace(one.polynomial(u) @ full.evolve(x, 0.4, 0.4 + d)) for d in DELAYS]
    assert np.abs(found.values[1] - right).max() < TOLERANCE


@pytest.mark.parametrize("N", [1, 6, 40])
def test_decay_that_begins_after_the_first_time(N):
    """⟨s₊(t + τ) s₋(t)⟩ = e^{−Γ(t)} e^{∫(iw − γ/2)}/N from all up, with Γ = ∫γ: the state at t has but one J, later
    operators have others."""

    def rate(t):
        return np.where(t < 0.6, 0.0, 0.5 + 0.3 * np.sin(4 * t))

    def decay(t):
        t = np.maximum(t, 0.6)
        return 0.5 * (t - 0.6) - 0.075 * (np.cos(4 * t) - np.cos(2.4))

    model = Model(coefficient(np.cos) * 0.5 * mz, [LocalJump(SM, rate=1.0, time=rate)])
    times, delays = np.array([0.0, 0.5, 0.9]), np.array([0.0, 0.7, 1.5])
    found = correlation(model, N, [0, 0, 1], times, delays, UP, DOWN)
    later = times[:, None] + delays
    lost = decay(times)[:, None] + (decay(later) - decay(times)[:, None]) / 2
    right = np.exp(-lost + 1j * (np.sin(later) - np.sin(times)[:, None])) / N
    assert np.abs(found.values - right).max() < TOLERANCE
    first = correlation(model, N, [0, 0, 1], [0.5], delays, UP, DOWN)  # all up is what decay has left untouched
    assert np.abs(first.values[0] - right[1]).max() < TOLERANCE
    assert np.abs(correlation(model, N, [0, 0, 1], [0.5], [0.0], UP, DOWN).values[0, 0] - 1 / N) < TOLERANCE


def test_bunching_under_a_pulse():
    """g² of collective decay against qutip on all states."""
    N, times, delays = 3, [0.0, 0.8], [0.0, 0.6]
    case = Driven(5, N)
    found = g2(case.model, N, case.bloch, times, delays, DOWN)
    x, y, _ = case.averages
    down, up = (x - 1j * y) / 2, (x + 1j * y) / 2
    for k, (t, rho) in enumerate(zip(times, case.exact(times), strict=True)):
        both = [(up * down * s).tr() for s in case.evolved(down * rho * up, t, delays)]
        light = [(up * down * s).tr() for s in case.evolved(rho, t, delays)]
        right = np.real(np.array(both) / (light[0] * np.array(light)))
        assert np.abs(found.values[k] - right).max() < max(found.error, TOLERANCE)


def test_in_the_periodic_state():
    """A correlation of the periodic state repeats with the period of the drive, and only with it."""
    N, period = 6, 2 * np.pi / 3
    drive = coefficient(lambda t: np.cos(3 * t))
    model = Model(0.5 * mz + drive * mx, [LocalJump(SM, rate=0.5)], [CollectiveJumps([SM], 0.5)])
    state = periodic_state(model, N, period).result.state()
    times = np.array([0.0, 0.3 * period, period])
    found = correlation(model, N, state, times, [0.0, 0.5, 1.0], UP, DOWN).values
    assert np.abs(found[2] - found[0]).max() < 1e-7  # the error of the periodic state, in trace norm
    assert np.abs(found[1] - found[0]).max() > 1e-2


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda m: correlation(m, 4, None, None, DELAYS, mz, mz), "no stationary state: give model.at"),
        (lambda m: g2(m, 4, None, None, DELAYS, DOWN), "no stationary state: give model.at"),
        (lambda m: power_spectrum(m, 4, [0.0], UP, DOWN), "no stationary state: give model.at"),
        (lambda m: correlation(m, 4, [0, 0, 1], [0.0], DELAYS, mz, mz, method="runge_kutta"), "method of a model"),
    ],
)
def test_what_has_no_answer_says_what_to_do(ask, words):
    model = Model(0.2 * mz + coefficient(np.cos) * mx, [LocalJump(SM, 0.3)])
    with pytest.raises(FiniteNError, match=words):
        ask(model)


def test_a_table_is_asked_for_no_further_than_the_delays_reach():
    times = np.linspace(0, 1, 9)
    model = Model(0.2 * mz + coefficient(np.sin(times), times) * mx, [LocalJump(SM, 0.3)])
    found = correlation(model, 3, [0, 0, 1], [0.0, 0.5], [0.0, 0.5], mz, mx)
    like = Model(0.2 * mz + coefficient(np.sin) * mx, [LocalJump(SM, 0.3)])
    near = correlation(like, 3, [0, 0, 1], [0.0, 0.5], [0.0, 0.5], mz, mx)
    assert np.abs(found.values - near.values).max() < 1e-4  # of the spline
    with pytest.raises(FiniteNError, match="known from t = 0 to 1"):
        correlation(model, 3, [0, 0, 1], [0.0, 0.5], [0.0, 0.6], mz, mx)


def test_a_constant_function_changes_nothing():
    """Taylor's series against Faber's."""
    model = [Model(0.2 * mz + f * mx, [LocalJump(SM, 0.3)]) for f in (1.0, coefficient(1.0))]
    one, other = (correlation(m, 8, [0.6, 0, 0], [0.0, 0.5], DELAYS, [mz, UP], DOWN + mx) for m in model)
    assert np.abs(one.values - other.values).max() < 1e-10
