"""Models that depend on time, at one N: against qutip on 2^N, closed forms, and what steps promise."""

import numpy as np
import pytest
import qutip
from scipy.special import erf

from finite_n import CollectiveJumps, FiniteNError, LocalJump, Model, coefficient, evolve, mx, my, mz
from finite_n.engine.drive import Drive
from finite_n.propagation.propagate import propagate
from finite_n.propagation.sparse_problem import DrivenSparseProblem
from finite_n.propagation.taylor import Taylor
from finite_n.solvers.plan import read_question
from tests.driven_models import Driven

SM = qutip.sigmam()
QUTIP = 2e-9  # of qutip's steps of relative tolerance 1e-10, over two units of time


def pulse(t):
    return np.exp(-((t - 1) ** 2))


def _ensemble(drive) -> Model:
    return Model(0.2 * mz + drive * mx, [LocalJump(SM, 0.3)], [CollectiveJumps([SM], 0.2)])


@pytest.mark.parametrize("seed", range(3))
def test_random_models_agree_with_qutip_on_all_states(seed):
    """Drives of degree one and two, rates, with kinks and jumps that nobody has declared."""
    N, times = 3, [0.0, 0.5, 1.0, 2.0]
    case = Driven(seed, N)
    result = evolve(case.model, N, case.bloch, times, {"zx": mz * mx})
    states = case.exact(times)
    means = [[qutip.expect(m, rho) for m in case.averages] for rho in states]
    zx = [(case.averages[2] * case.averages[0] * rho).tr() for rho in states]
    np.testing.assert_allclose(result.means, means, atol=QUTIP)
    np.testing.assert_allclose(result.expect[0], zx, atol=QUTIP)
    assert result.budget.holds


def test_an_ensemble_driven_by_a_pulse():
    """0.6646026799 is that of `qutip.mesolve` on 2^4, in steps of at most 0.05."""
    as_in_qutip = Model([0.2 * mz, [mx, pulse]], [LocalJump(SM, 0.3)], [CollectiveJumps([SM], 0.2)])
    result = evolve(as_in_qutip, 4, [0, 0, -1], [0, 1, 2])
    np.testing.assert_allclose(result.mean("z")[-1], 0.6646026799, atol=2e-10)
    again = evolve(_ensemble(coefficient(pulse)), 4, [0, 0, -1], [0, 1, 2])
    np.testing.assert_array_equal(again.means, result.means)


@pytest.mark.parametrize("N", [1, 7, 40])
def test_the_area_of_a_pulse_decides(N):
    """H = f(t) Σσx turns every spin by 2∫f, at every N and whatever the shape of f: a π-pulse inverts."""
    area = np.pi / 2

    def sech(t):
        return area / (np.pi * 0.25) / np.cosh((t - 5) / 0.25)

    times = np.linspace(0, 10, 6)
    result = evolve(Model(coefficient(sech) * mx), N, [0, 0, -1], times, basis="Dicke")
    angle = 4 * area / np.pi * (np.arctan(np.exp((times - 5) / 0.25)) - np.arctan(np.exp(-20)))
    np.testing.assert_allclose(result.mean("z"), -np.cos(angle), atol=1e-9)
    np.testing.assert_allclose(result.mean("z")[-1], 1, atol=1e-9)


def test_decay_at_a_rate_that_depends_on_time():
    """⟨σz⟩ + 1 = 2 e^{−∫γ}, γ = 0.3 (1 + sin 3t); few elements suffice."""
    rate = coefficient(lambda t: 0.3 * (1 + np.sin(3 * t)))
    times = np.linspace(0, 4, 9)
    integral = 0.3 * (times + (1 - np.cos(3 * times)) / 3)
    for jump in (LocalJump(SM, rate=rate), LocalJump(SM, rate=0.3, time=lambda t: 1 + np.sin(3 * t))):
        result = evolve(Model(0.0, [jump]), 60, [0, 0, 1], times, basis="Dicke")
        np.testing.assert_allclose(result.mean("z"), 2 * np.exp(-integral) - 1, atol=1e-9)
        assert result.stats["elements"] < 1000


def test_a_drive_that_is_constant_changes_nothing():
    """Taylor's series against Faber's, N = 30."""
    one = evolve(_ensemble(1.0), 30, [0.6, 0, 0], [0, 1, 2])
    other = evolve(_ensemble(coefficient(1.0)), 30, [0.6, 0, 0], [0, 1, 2])
    np.testing.assert_allclose(other.means, one.means, atol=1e-11)
    np.testing.assert_allclose(other.covariance, one.covariance, atol=1e-9)


@pytest.mark.parametrize("tol", [1e-6, 1e-9, 1e-11])
def test_the_error_is_below_what_is_promised(tol):
    """Independent spins under a drive with a jump, without loss: a closed form for all moments."""
    N, times = 25, np.linspace(0, 3, 7)
    step = coefficient(lambda t: np.where(t < 1 / 3, 2.0, np.cos(t)))
    result = evolve(Model(step * my), N, [0, 0, 1], times, tol=tol, basis="Dicke")
    area = np.where(times < 1 / 3, 2 * times, 2 / 3 + np.sin(times) - np.sin(1 / 3))
    np.testing.assert_allclose(result.mean("z"), np.cos(2 * area), atol=result.budget.moment_error)
    np.testing.assert_allclose(
        result.covariance[:, 2, 2], np.sin(2 * area) ** 2, atol=result.budget.covariance_error(N)
    )
    assert result.budget.covariance_error(N) <= max(tol, 1e-10)  # rounding, at N = 25


def _problem(model: Model, span: float, start=(0, 0, 1.0), N: int = 6):
    _, question = read_question(model, N, start, [0.0, span], basis="Dicke")
    from finite_n.solvers.choose import choose

    return next(choose(question).problems((), 1e-12).pieces()).problem


@pytest.mark.parametrize("order", [2, 4, 6])
def test_the_order_of_a_step_is_the_number_of_its_terms(order):
    """Steps of fixed length with few terms, against many: error ∝ h^order, as a slope."""
    span, ends = 1.0, {}
    for steps in (20, 28, 40, 56):
        problem = _problem(_ensemble(coefficient(pulse)), span, [0.6, 0, 0])
        v, acc, scheme = problem.start(), problem.empty(), Taylor(problem, span, 1.0)
        scheme.most_terms = order
        for k in range(steps):
            scheme.attempt(k * span / steps, v, acc, span / steps, 1e-16)
            v, acc = acc, v
        ends[steps] = problem.unpack(v)
    exact = propagate(
        _problem(_ensemble(coefficient(pulse)), span, [0.6, 0, 0]), np.array([0, span]), 1e-13, method="taylor"
    ).final
    errors = [np.abs(x - exact).sum() for x in ends.values()]
    slope = -np.polyfit(np.log(list(ends)), np.log(errors), 1)[0]
    assert slope == pytest.approx(order, abs=0.15)


def test_a_pulse_takes_a_few_times_the_applications_of_a_constant_drive():
    ends = [evolve(_ensemble(x), 60, [0, 0, -1], [0.0, 2.0], check=False) for x in (1.0, coefficient(pulse))]
    constant, driven = (end.stats["applications"] for end in ends)
    assert driven <= 2 * constant


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda m: evolve(m, 5, [0, 0, 1], [0, 1], method="runge_kutta"), "method of a model that depends on time"),
        (lambda m: evolve(m, 5, [0, 0, 1], [0, 1e9], basis="Dicke"), "applications of the generator"),
        (lambda m: evolve(m, 5, [0, 0, 1], [0, 1], basis="displaced"), "displaced.*constant models"),
        (
            lambda m: evolve(Model(0.0, [LocalJump(SM, rate=1.0, time=np.sin)]), 5, [0, 0, 1], [0, 4]),
            "negative at any time",
        ),
        (lambda m: evolve(Model(coefficient([1, 2], [0, 1]) * mx), 5, [0, 0, 1], [0, 2]), "known from t = 0 to 1"),
    ],
)
def test_refused_in_one_sentence(make, message):
    with pytest.raises(FiniteNError, match=message):
        make(_ensemble(coefficient(pulse)))


def test_terms_of_parts_do_not_cancel_in_what_is_planned():
    """h_0 = −mx and a drive of mx: at one time there is no Hamiltonian, at others there is."""
    model = Model(-1.0 * mx + coefficient(lambda t: np.full(np.shape(t), 1.0) + 0.5 * np.sin(t)) * mx)
    result = evolve(model, 5, [0, 0, 1], [0, 1.0], basis="Dicke")
    np.testing.assert_allclose(result.mean("z")[-1], np.cos(1 - np.cos(1.0)), atol=1e-9)
    assert Drive(model, 0.0, 1.0).peak.hamiltonian.words


def test_delta_along_two_axes_is_applied_in_frames_of_its_own():
    """Two rates that depend on averages along different axes, one of them times a function: the same as at a constant
    value of it."""
    jumps = [LocalJump(SM, lambda d: 1 + d / 3, mz), LocalJump(SM.dag(), lambda d: 1 + d / 4, mx)]
    driven = [jumps[0], LocalJump(SM.dag(), lambda d: 1 + d / 4, mx, time=lambda t: 1 + 0 * t)]
    one, other = (evolve(Model(pulse(0.5) * my, x), 8, [0.6, 0, 0], [0, 1.0]) for x in (jumps, driven))
    np.testing.assert_allclose(other.means, one.means, atol=1e-10)


@pytest.mark.parametrize("span", [1e-3, 30.0])
def test_rounding_is_told(span):
    """A closed ensemble in a field of its own, whose fast phases no state of few spins shows: nothing grows."""
    closed = Model(0.7 * mz * mz + coefficient(1.0) * mx)
    one = evolve(Model(0.7 * mz * mz + mx), 12, [0.6, 0, 0.2], [0, span], basis="Dicke", check=False)
    other = evolve(closed, 12, [0.6, 0, 0.2], [0, span], basis="Dicke", check=False)
    assert np.abs(other.means - one.means).max() <= one.budget.moment_error + other.budget.moment_error
    assert other.budget.holds


def test_few_elements_are_followed_by_their_own_matrices():
    """A rate times a pulse beside a constant one, from all spins up: probabilities of M alone."""
    model = Model(0.0, [LocalJump(SM, rate=coefficient(pulse)), LocalJump(SM, 0.1)])
    problem = _problem(model, 1.0, N=20)
    assert isinstance(problem, DrivenSparseProblem)
    assert len(problem.ellipses(1.0)) == 2
    area = 0.01 + np.sqrt(np.pi) / 2 * erf(1)
    result = evolve(model, 20, [0, 0, 1], [0.0, 1.0], basis="Dicke")
    np.testing.assert_allclose(result.mean("z")[-1], 2 * np.exp(-area) - 1, atol=1e-9)
