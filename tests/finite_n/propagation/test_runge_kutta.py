"""The promise of the Runge–Kutta steps: what comes out is within the tolerance, at the ends of steps and inside them,
stiff or not."""

import numpy as np
import pytest
import scipy.linalg
import scipy.sparse as sp
from scipy.sparse.linalg import expm_multiply

from finite_n import CollectiveJumps, Field, LocalJump, Mode, Model, Species, dicke, evolve, mx, my, mz
from finite_n.propagation import runge_kutta
from finite_n.propagation.propagate import propagate
from finite_n.propagation.sparse_problem import SparseProblem
from tests.brute_force import BruteForce, polynomial
from tests.brute_force_general import GeneralBruteForce

SX, SZ, SM = np.array([[0, 1.0], [1, 0]]), np.diag([1.0, -1.0]), np.array([[0, 0], [1.0, 0]])


def _stiff() -> Model:
    """Local and collective decay in a tilted direction, rates up to some 30 (N = 5) over a slow turn."""
    return Model(0.3 * mx**4, [LocalJump(SX + SZ)], [CollectiveJumps([SX + SZ])])


def _covariances(model: Model, N: int, rho: np.ndarray, times: np.ndarray) -> np.ndarray:
    """½⟨{F_a, F_b}⟩ on 2^N at equally spaced times, by scipy's exponential of the superoperator."""
    full = BruteForce(model, N)
    L = sp.csr_array(full.liouvillian())
    states = expm_multiply(L, rho.ravel(order="F"), times[0], times[-1], len(times))
    m = [polynomial(p, N) for p in (mx, my, mz)]
    out = []
    for x in states:
        state = x.reshape(rho.shape, order="F")
        mean = np.array([np.trace(a @ state).real for a in m])
        second = np.array([[np.trace((a @ b + b @ a) @ state).real / 2 for b in m] for a in m])
        out.append(N * (second - np.outer(mean, mean)))
    return np.array(out)


def test_stiff_decay_keeps_every_tolerance_at_every_time():
    """Against the exponential of the superoperator on 2^5; the last time of an evolution lies in or at the end of any
    step."""
    N = 5
    psi = np.zeros(2**N)
    psi[[1 << k for k in range(N)]] = N**-0.5  # one spin down: |J = 5/2, M = 3/2⟩
    times = np.arange(1.0, 18.0)
    exact = _covariances(_stiff(), N, np.outer(psi, psi), times)
    for T, right in list(zip(times, exact, strict=True))[::4]:
        for tol in 10.0 ** np.arange(-10, -4.0):
            result = evolve(_stiff(), N, dicke(2.5, 1.5), [0, T], tol=tol, method="runge_kutta", check=False)
            assert np.abs(result.covariance[-1] - right).max() < tol
            assert result.budget.holds


@pytest.mark.parametrize("stiffness", [1.0, 30.0, 1000.0])
def test_the_error_of_every_step_is_bounded(stiffness):
    """A classical chain with rates 1 and `stiffness`, in steps of any length up to those that grow, against scipy's
    exponential."""
    rng = np.random.default_rng(0)
    A = rng.random((6, 6)) * np.array([1, 1, 1, stiffness, stiffness, stiffness])
    np.fill_diagonal(A, 0)
    A -= np.diag(A.sum(axis=0))
    x = rng.random(6)
    x /= x.sum()
    problem = SparseProblem(sp.csr_array(A), x, sp.csr_array(np.eye(6)))
    fastest = np.abs(np.linalg.eigvals(A)).max()
    weight, remainder = runge_kutta.step(), runge_kutta.remainder()
    for z in (0.3, 1.0, 3.0, 6.0, 10.0):
        h = z / fastest
        powers = [x]
        for _ in range(weight.size - 1):
            powers.append(h * A @ powers[-1])
        bound = remainder @ [problem.trace_norm(p) for p in powers]
        for theta in (0.2, 0.7, 1.0):
            inside = sum(w * theta**k * p for k, (w, p) in enumerate(zip(weight, powers, strict=True)))
            error = problem.trace_norm(inside - scipy.linalg.expm(theta * h * A) @ x)
            assert error <= bound + 1e-14  # rounding


def test_values_inside_a_step_are_those_of_a_step_that_ends_there():
    """What decays fast is damped at all times, not only where steps end: 151 times, of which few end a step."""
    times = np.linspace(0, 20, 151)
    exact = _covariances(_stiff(), 3, np.eye(1, 64, 0).reshape(8, 8), times)
    many = evolve(_stiff(), 3, [0, 0, 1], times, tol=1e-7, method="runge_kutta", check=False)
    assert many.stats["steps"] > 20
    assert np.abs(many.covariance - exact).max() < 1e-7


def _mode_job():
    mode = Mode("f")
    model = Model(mz + 0.8 * mx * mode.phi, collective=[CollectiveJumps([mode.alpha])], modes=[mode])
    return model, 3, {"": [0, 0, -1], "f": Field(number=1)}, {"cutoffs": {"f": 6}}


def _species_job():
    a, b = Species("a", 2, 0.5), Species("b", 2, 0.5)
    jumps = [LocalJump(SM, 3.0, species="a"), LocalJump(SX, lambda d: 1 + 0.5 * d, b.average(SZ), species="b")]
    model = Model(
        a.average(SX) * b.average(SX) + 0.4 * b.average(SZ),
        jumps,
        [CollectiveJumps([a.average(SM) + b.average(SM)], 2.0)],
        species=[a, b],
    )
    return model, 4, {"a": [0.6, 0, 0.8], "b": [0, 0, 1]}, {}


def _three_level_job():
    s = Species("a", 3)
    hop = np.eye(3, k=1)
    model = Model(s.average(hop + hop.T), [LocalJump(hop, 4.0)], [CollectiveJumps([s.average(hop.T)])], species=[s])
    return model, 3, {"a": np.diag([0.2, 0.3, 0.5])}, {}


@pytest.mark.parametrize("job", [_mode_job, _species_job, _three_level_job])
def test_modes_several_species_and_three_levels_against_the_full_space(job):
    model, N, start, options = job()
    full = GeneralBruteForce(model, N, options.get("cutoffs", {}).values())
    parts = {}
    for owner in (*model.species, *model.modes):
        x = start[owner.name]
        if isinstance(x, Field):
            parts[owner.name] = np.diag(np.eye(7)[x.number])
        else:
            x = np.asarray(x)
            y = [np.eye(2), SX, np.array([[0, -1j], [1j, 0]]), SZ]
            parts[owner.name] = x if x.ndim == 2 else sum(c * p for c, p in zip([1, *x], y, strict=True)) / 2
    rho = full.evolve(full.product_state(parts), 1.3)
    for check in (False, True):
        result = evolve(model, N, start, [0, 0.4, 1.3], tol=1e-8, method="runge_kutta", check=check, **options)
        assert np.abs(result.means[-1] - full.means(rho)).max() < 1e-8
        difference = (
            result.second_moments[-1] - full.second(rho)
        ).real  # imaginary parts, [φ, π], miss the highest level there
        assert np.abs(difference).max() < 1e-8


@pytest.mark.parametrize("tol", [1e-5, 1e-9])
def test_many_particles_that_decay_fast_together(tol):
    """Superradiance of 60 spins, the fastest rate ~N/4 times the slowest, against the series run a hundred times
    tighter."""
    model, times = Model(0.2 * mx, [LocalJump(SM, 0.3)], [CollectiveJumps([SM])]), np.linspace(0, 3, 11)
    one = evolve(model, 60, [0, 0, 1], times, tol=tol, method="runge_kutta", check=False)
    other = evolve(model, 60, [0, 0, 1], times, tol=tol / 100, check=False)
    assert np.abs(one.means - other.means).max() < tol
    assert np.abs(one.covariance - other.covariance).max() < tol


def test_the_order_is_eight():
    """Of fixed steps over a unit of time: slope of log error against log step, for a rotation that decays."""
    A = np.array([[-0.5, 2.0], [-2.0, -0.3]])
    exact, errors, steps = scipy.linalg.expm(A) @ [1.0, 0.0], [], np.array([4, 6, 8, 12])
    for n in steps:
        x, weight = np.array([1.0, 0.0]), runge_kutta.step()
        R = sum(w * np.linalg.matrix_power(A / n, k) for k, w in enumerate(weight))
        errors.append(np.abs(np.linalg.matrix_power(R, int(n)) @ x - exact).max())
    slope = np.polyfit(np.log(1 / steps), np.log(errors), 1)[0]
    assert abs(slope - runge_kutta.ORDER) < 0.2


def test_the_adaptive_steps_follow_the_tolerance():
    """Error ∝ tol and steps ∝ tol^{−1/8}, by the controller, over eight decades."""
    rates = np.array([1.0, 0.3])
    problem = SparseProblem(sp.csr_array(-np.diag(rates)), np.array([0.5, 0.5]), sp.csr_array(np.eye(2)))
    tols, steps, errors = 10.0 ** np.arange(-12, -3.0, 2), [], []
    for tol in tols:
        run = propagate(problem, np.array([0.0, 30.0]), tol, method="runge_kutta")
        steps.append(run.steps)
        errors.append(np.abs(run.values[-1] - np.exp(-rates * 30) / 2).max())
        assert errors[-1] <= run.error_bound <= tol
    assert -1 / 6 < np.polyfit(np.log(tols), np.log(steps), 1)[0] < -1 / 10
