"""Rates Γ(Δ, t) that are no product of a function of Δ and one of t: against the full space, a closed form, and what is
promised of the error."""

import functools
import itertools

import numpy as np
import pytest
import qutip
from scipy.integrate import solve_ivp

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
    evolve,
    mx,
    mz,
    periodic_state,
    steady_state,
)
from finite_n.model.operators import bloch_to_density
from finite_n.model.separable import products_of
from finite_n.states.initial_state import as_initial_state
from tests import random_general_models as general
from tests.brute_force_general import GeneralBruteForce

SM = qutip.sigmam()
TIMES = [0.0, 0.6, 1.7]
TOLERANCE = 1e-9  # of averages; the full space is integrated to 1e-11


def breathing(d, t):
    """Detailed balance at an inverse temperature that moves: e^{β(t)Δ}."""
    return 0.4 * np.exp((0.5 + 0.4 * np.sin(2 * t)) * d)


def tilted(d, t):
    """An amplitude of two products."""
    return 0.7 + 0.4 * np.sin(2 * t) * d


def squared(d, t):
    """Its rate."""
    return tilted(d, t) ** 2


def switched(d, t):
    """One function of Δ before t = 0.8 and another one afterwards."""
    return np.where(t < 0.8, 0.5 + 0.2 * d, 0.7 * np.exp(-0.5 * d**2))


def sigmoid(d, t):
    """A Glauber rate in a field that turns; where amplitudes of either sign are allowed, of either sign."""
    return 1 / (1 + np.exp(-2 * (d - np.cos(3 * t))))


def _of_delta(f, t, d):
    return f(d, t)


def of_the_full_space(jumps_at, h, N, start, times, breaks=(), cutoffs=(), **owners):
    """ρ at all times, the generator of the model at every time built anew on all states."""
    model = Model(h, jumps_at(times[0]), **owners)
    full = GeneralBruteForce(model, N, cutoffs)
    matrices = general.matrices(as_initial_state(start, model), N, cutoffs)
    rho, out = full.product_state(matrices), []
    edges = sorted({*times, *(b for b in breaks if times[0] < b < times[-1])})
    known = {}

    def rhs(t, y):
        t = round(float(t), 15)
        if t not in known:
            known.clear()
            known[t] = GeneralBruteForce(Model(h, jumps_at(t), **owners), N, cutoffs)
        return known[t].rhs(y.reshape(rho.shape)).ravel()

    out.append((full, rho))
    for left, right in itertools.pairwise(edges):
        inside = (left + 1e-12, right - 1e-12)
        y = solve_ivp(rhs, inside, rho.astype(complex).ravel(), "DOP853", rtol=1e-11, atol=1e-13).y[:, -1]
        rho = y.reshape(rho.shape)
        if right in times:
            out.append((full, rho))
    return out


@pytest.mark.parametrize(
    ("rate", "amplitude", "breaks", "N"),
    [
        (breathing, None, (), 3),
        (None, lambda d, t: np.cos(2 * t) + 0.3 * np.sin(t) * d, (), 3),
        (switched, None, (0.8,), 2),
        pytest.param(sigmoid, None, (), 5, marks=pytest.mark.slow),
    ],
)
def test_the_full_space_has_the_same(rate, amplitude, breaks, N):
    given = {"rate": rate, "amplitude": amplitude}
    j, start = SM + 0.4j * qutip.sigmaz(), [0.4, 0.2, 0.6]

    def jumps_at(t):
        return [LocalJump(j, delta=mz, **{k: f and functools.partial(_of_delta, f, t) for k, f in given.items()})]

    h = 0.5 * mx + 0.3 * mz * mz
    result = evolve(Model(h, [LocalJump(j, delta=mz, **given)]), N, start, TIMES, {"zx": mz * mx})
    for k, (full, rho) in enumerate(of_the_full_space(jumps_at, h, N, start, TIMES, breaks)):
        np.testing.assert_allclose(result.means[k], full.means(rho), atol=TOLERANCE)
        assert abs(result.expect[0][k] - full.expect(mz * mx, rho)) < TOLERANCE
    assert result.budget.holds and result.budget.truncation_bound < 1e-9


def test_two_species_a_mode_and_a_particle_left_out():
    """The rate of one species in Δ of both, times a function of time; beside a constant coupling to a mode."""
    a, b, light = Species("a", fraction=0.5), Species("b", fraction=0.5), Mode("light")
    delta, owners = a.mz + 0.5 * b.mz, {"species": [a, b], "modes": [light]}

    def pulse(t):
        return 0.2 + np.exp(-4 * (t - 0.5) ** 2)

    def jump(rate, **more):
        return LocalJump(SM, rate=rate, delta=delta, include_self=False, species=a, **more)

    h = 0.3 * light.number + 0.3 * b.mx * light.phi
    model = Model(h, [jump(squared, time=pulse)], **owners)
    start = {"a": [0.3, 0, 0.7], "b": [0, 0.4, 0.6], "light": Field(beta=0.2)}
    result = evolve(model, 4, start, [0.0, 0.9], cutoffs={"light": 5})
    at = lambda t: [jump(lambda d: pulse(t) * squared(d, t))]  # noqa: E731
    full, rho = of_the_full_space(at, h, 4, start, [0.0, 0.9], cutoffs=[5], **owners)[-1]
    np.testing.assert_allclose(result.means[-1], full.means(rho), atol=1e-8)  # of what lies above the cutoff


@pytest.mark.parametrize("basis", ["Dicke", "symmetrised products"])
def test_a_classical_chain_in_closed_form(basis):
    """Spins that are up decay at the rate Γ²(Δ, t) = γ(t) + (1 + Δ)/2 s(t), that is γ + s n/N with n up: two spins by
    their three populations."""

    def rate(d, t):
        return 0.3 + 0.2 * np.cos(t) + (1 + d) / 2 * (0.4 + 0.3 * np.sin(2 * t))

    def p(t, y):  # of two up, one up
        two, one = (float(rate(d, t)) for d in (1.0, 0.0))
        return [-2 * two * y[0], 2 * two * y[0] - one * y[1]]

    result = evolve(Model(0.0, [LocalJump(SM, rate=rate, delta=mz)]), 2, [0, 0, 1], TIMES, basis=basis)
    y = solve_ivp(p, (0, TIMES[-1]), [1.0, 0.0], t_eval=TIMES, rtol=1e-12, atol=1e-14).y
    np.testing.assert_allclose(result.mean("z"), 2 * (y[0] + y[1] / 2) - 1, atol=1e-10)


def test_a_product_takes_one_term_and_is_that_of_its_factors():
    joint = LocalJump(SM, rate=lambda d, t: np.exp(0.5 * d) * (2 + np.sin(3 * t)), delta=mz)
    assert len(products_of(joint, 0.0, 2.0)) == 1
    apart = LocalJump(SM, rate=lambda d: np.exp(0.5 * d), delta=mz, time=lambda t: 2 + np.sin(3 * t))
    one, other = (evolve(Model(0.4 * mx, [j]), 30, [0.3, 0, 0.6], TIMES) for j in (joint, apart))
    np.testing.assert_allclose(one.means, other.means, atol=1e-11)


@pytest.mark.parametrize("tol", [1e-9, *(pytest.param(x, marks=pytest.mark.slow) for x in (1e-6, 1e-11))])
def test_the_error_is_below_what_is_promised(tol):
    """Classical spins whose mean flips at rates in closed form, N = 25: Γ² = a(t) + b(t)Δ on all up is solved by its
    N + 1 populations."""
    N = 25

    def rate(d, t):
        return 1.2 + 0.5 * np.sin(2 * t) + 0.6 * np.cos(t) * d

    ups = np.arange(N, -1, -1.0)  # spins that are up, by population
    d = 2 * ups / N - 1

    def p(t, y):
        lost = ups * rate(d, t) * y
        return np.append(0.0, lost[:-1]) - lost

    y = solve_ivp(p, (0, 1.5), np.eye(N + 1)[0], "DOP853", rtol=1e-13, atol=1e-16).y[:, -1]
    result = evolve(Model(0.0, [LocalJump(SM, rate=rate, delta=mz)]), N, [0, 0, 1], [0, 1.5], tol=tol)
    wanted = float(d @ y), N * float((d * d) @ y - (d @ y) ** 2)
    assert abs(result.mean("z")[-1] - wanted[0]) < max(result.budget.moment_error, 1e-12)
    assert abs(result.covariance[-1, 2, 2] - wanted[1]) < max(result.budget.covariance_error(N), 1e-10)
    assert result.budget.covariance_error(N) < max(tol, 1e-9)  # 1e-9 is what 14 digits of rates leave


def test_correlations_and_the_periodic_state():
    """⟨σ₊(t + τ)σ₋(t)⟩ of one spin by its rates at every time; and a period that is not one is refused."""
    jump = LocalJump(SM, tilted, delta=mz)
    N, up, down = 2, average(qutip.sigmap()), average(SM)
    found = correlation(Model(0.4 * mz, [jump]), N, [0.3, 0, 0.6], [0.0, 0.5], [0.0, 0.7], up, down)
    at = lambda t: [LocalJump(SM, lambda d: tilted(d, t), delta=mz)]  # noqa: E731
    full, rho = of_the_full_space(at, 0.4 * mz, N, [0.3, 0, 0.6], [0.0, 0.5])[-1]
    x = full.polynomial(down) @ rho

    def rhs(t, y):
        return GeneralBruteForce(Model(0.4 * mz, at(t)), N).rhs(y.reshape(x.shape)).ravel()

    later = solve_ivp(rhs, (0.5, 1.2), x.ravel(), "DOP853", rtol=1e-11, atol=1e-13).y[:, -1].reshape(x.shape)
    right = [np.trace(full.polynomial(up) @ y) for y in (x, later)]
    assert np.abs(found.values[1] - right).max() < TOLERANCE
    model = Model(0.4 * mx, [jump, LocalJump(qutip.sigmap(), rate=0.2)])
    state = periodic_state(model, 4, np.pi).result
    assert np.abs(state.means[-1] - state.means[0]).max() < 1e-7
    with pytest.raises(FiniteNError, match="period"):
        periodic_state(model, 4, 2.0)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda m: steady_state(m, 3), "depends on time"),
        (lambda m: m.jumps[0].amplitude(0.3), "depends on time"),
        (
            lambda m: evolve(Model(0.0, [LocalJump(SM, rate=lambda d, t: d - t, delta=mz)]), 3, [0, 0, 1], TIMES),
            "at t = ",
        ),
        (lambda m: LocalJump(SM, rate=breathing), "delta is missing"),
        (lambda m: LocalJump(SM, rate=breathing, delta=mz, derivative=np.exp), "derivative"),
        (
            lambda m: evolve(
                Model(0.0, [LocalJump(SM, rate=lambda d, t: np.exp(30 * np.sin(40 * d * t)), delta=mz)]),
                3,
                [0, 0, 1],
                TIMES,
            ),
            "too fine a scale",
        ),
    ],
)
def test_what_is_refused(ask, words):
    with pytest.raises(FiniteNError, match=words):
        ask(Model(0.2 * mx, [LocalJump(SM, rate=breathing, delta=mz)]))


def test_at_one_time_it_is_a_constant_model():
    model = Model(coefficient(np.cos) * mx, [LocalJump(SM, rate=breathing, delta=mz, time=lambda t: 1 + t)])
    constant = model.at(0.7)
    jump = constant.jumps[0]
    assert not constant.depends_on_time
    d = np.array([-0.3, 0.8])
    assert jump.amplitude(d) == pytest.approx(np.sqrt(1.7 * breathing(d, 0.7)), abs=1e-14)
    full = GeneralBruteForce(constant, 2)
    rho = np.kron(*[bloch_to_density([0.3, 0.1, 0.5])] * 2)
    by_hand = Model(np.cos(0.7) * mx, [LocalJump(SM, rate=lambda d: 1.7 * breathing(d, 0.7), delta=mz)])
    assert np.abs(full.rhs(rho) - GeneralBruteForce(by_hand, 2).rhs(rho)).max() < 1e-13
    assert steady_state(constant, 3).error < 1e-6


def test_collective_jumps_beside_it():
    """That the sum over parts keeps what does not depend on time: N = 3 against the full space."""
    loss = [CollectiveJumps([SM], 0.5)]
    at = lambda t: [LocalJump(SM, rate=lambda d: breathing(d, t), delta=mz)]  # noqa: E731
    model = Model(0.5 * mx, [LocalJump(SM, rate=breathing, delta=mz)], loss)
    result = evolve(model, 3, [0.3, 0, 0.6], [0.0, 1.0])
    full, rho = of_the_full_space(at, 0.5 * mx, 3, [0.3, 0, 0.6], [0.0, 1.0], collective=loss)[-1]
    np.testing.assert_allclose(result.means[-1], full.means(rho), atol=TOLERANCE)
