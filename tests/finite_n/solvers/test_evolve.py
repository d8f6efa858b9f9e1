"""Time evolution: second algorithms, the promised tolerance, states at all times, long and stiff runs."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.sparse.linalg import expm_multiply

from finite_n import Liouvillian, LocalJump, Model, coherent, dicke, evolve, from_blocks, mx, my, mz, product, thermal
from finite_n.dicke_blocks import initial_state
from finite_n.dicke_blocks.blocks import dicke_blocks
from finite_n.systems import hopfield
from tests import random_models
from tests.brute_force import BruteForce, polynomial, product_state

TIMES = np.linspace(0, 1.2, 7)


@pytest.mark.parametrize("kind", ["rates", "collective", "two tilts"])
def test_three_integrators_agree(kind):
    rng = np.random.default_rng(5)
    model, m = random_models.model(kind, rng), random_models.bloch(rng)
    N = 9
    result = evolve(model, N, m, TIMES, tol=1e-11, keep_states=True)
    frame = np.eye(2)
    generator = Liouvillian(model, N, frame)
    start = initial_state.vector(product(m), dicke_blocks(N), frame).astype(complex)
    matrix = generator.csr()
    krylov = expm_multiply(matrix, start, start=0, stop=TIMES[-1], num=len(TIMES), endpoint=True)
    runge_kutta = solve_ivp(
        lambda _, y: generator.apply(y), (0, TIMES[-1]), start, method="DOP853", t_eval=TIMES, rtol=1e-11, atol=1e-13
    ).y.T
    if kind != "two tilts":  # there the frame of the first Δ is the working one; states come back in the laboratory
        assert np.abs(krylov - runge_kutta).max() < 1e-9
    assert np.abs(np.array([dicke_blocks(N).join(s) for s in result.states]) - krylov).max() < 1e-9


@pytest.mark.parametrize("tol", [1e-4, 1e-7, 1e-10])
def test_the_tolerance_holds_on_averages_products_and_covariances(tol):
    model = random_models.model("rates", np.random.default_rng(9))
    m = [0.3, -0.5, 0.2]
    loose = evolve(model, 24, m, TIMES, {"zxz": mz * mx * mz}, tol=tol)
    tight = evolve(model, 24, m, TIMES, {"zxz": mz * mx * mz}, tol=tol / 100)
    assert np.abs(loose.means - tight.means).max() < tol
    assert np.abs(loose.covariance - tight.covariance).max() < tol
    assert np.abs(loose.expect[0] - tight.expect[0]).max() < tol
    assert loose.budget.truncation_bound <= tol


def test_output_times_change_nothing_and_cost_nothing():
    model = hopfield()
    few = evolve(model, 30, [0, 0.3, 0.4], [0, 1.5], check=False)
    many = evolve(model, 30, [0, 0.3, 0.4], np.linspace(0, 1.5, 301), check=False)
    assert many.stats["applications"] == few.stats["applications"]
    assert np.abs(many.means[-1] - few.means[-1]).max() < 1e-12
    kept = evolve(model, 30, [0, 0.3, 0.4], np.linspace(0, 1.5, 301)[::50], keep_states=True, check=False)
    assert np.abs(many.means[::50] - kept.means).max() < 1e-10


def test_pure_hamiltonian_evolution_is_a_rotation():
    result = evolve(Model(0.5 * mx), 50, [0, 0, 1], np.linspace(0, 20, 5), basis="dicke")
    assert np.abs(result.mean("z") - np.cos(result.times)).max() < 1e-9
    assert np.abs(result.mean("y") + np.sin(result.times)).max() < 1e-9
    assert abs(result.purity[-1] - 1) < 1e-8


def test_decay_over_many_lifetimes_reaches_the_ground_state():
    result = evolve(Model(jumps=[LocalJump([[0, 0], [1, 0]], 2.0)]), 40, [0.6, 0, 0.8], [0, 50.0])
    assert np.abs(result.means[-1] - [0, 0, -1]).max() < 1e-9


def test_nothing_happens_without_a_generator():
    result = evolve(Model(), 7, [0.1, 0.2, 0.3], [0, 5.0])
    assert np.abs(result.means - [0.1, 0.2, 0.3]).max() < 1e-14


@pytest.mark.parametrize("N", [1, 2, 5])
@pytest.mark.parametrize(
    "state", [product([0.2, -0.4, 0.5]), coherent(1.1, -0.3), product([0, 0, -1]), product([0, 0, 0])]
)
def test_product_states_are_those_of_the_full_space(N, state):
    full = product_state(state.density, N)
    result = evolve(Model(mz), N, state, [0, 1e-6])
    for a, letter in enumerate((mx, my, mz)):
        assert abs(result.means[0, a] - np.trace(polynomial(letter, N) @ full).real) < 1e-13
        assert abs(result.second_moments[0, a, 2] - np.trace(polynomial(letter * mz, N) @ full)) < 1e-13


def test_thermal_state_of_an_interacting_hamiltonian_is_the_gibbs_state():
    N, beta = 4, 0.8
    h = 0.3 * mx + 0.5 * mz * mz + 0.2 * (mx * my + my * mx)
    H = N * polynomial(h, N)
    values, vectors = np.linalg.eigh(H)
    gibbs = (vectors * np.exp(-beta * values)) @ vectors.conj().T
    gibbs /= np.trace(gibbs)
    result = evolve(Model(mz), N, thermal(h, beta), [0, 1e-6], keep_states=True)
    assert abs(result.means[0, 0] - np.trace(polynomial(mx, N) @ gibbs).real) < 1e-12
    assert abs(result.second_moments[0, 2, 2] - np.trace(polynomial(mz * mz, N) @ gibbs)) < 1e-12
    assert abs(result.purity[0] - np.trace(gibbs @ gibbs).real) < 1e-12


def test_dicke_states_have_the_moments_of_their_quantum_numbers():
    J, M, N = 2.0, -1.0, 6
    result = evolve(Model(mz), N, dicke(J, M), [0, 1e-6])
    assert abs(result.means[0, 2] - 2 * M / N) < 1e-14
    total = sum(result.second_moments[0, a, a].real for a in range(3))
    assert abs(total - 4 * J * (J + 1) / N**2) < 1e-13
    down = dicke(lambda N: N / 2, lambda N: -N / 2)  # for every N
    for n in (1, 4, 7):
        assert np.abs(evolve(Model(mz), n, down, [0, 1e-6]).means - [0, 0, -1]).max() < 1e-14


def test_pure_J_zero_blocks_evolve():
    # N = 4, the singlet pair states: J = 0 leaks to J = 1 under local decay at a rate that brute force knows
    model = Model(jumps=[LocalJump([[0, 0], [1, 0]])])
    N = 4
    blocks = [np.zeros((5, 5)), np.zeros((3, 3)), np.ones((1, 1))]
    result = evolve(model, N, from_blocks(blocks), [0, 0.4], keep_states=True)
    Sz = N / 2 * polynomial(mz, N)
    S2 = sum((N / 2 * polynomial(x, N)) @ (N / 2 * polynomial(x, N)) for x in (mx, my, mz))
    values, vectors = np.linalg.eigh(S2 + 1e-3 * Sz)
    singlet = vectors[:, np.abs(values) < 1e-9]
    rho = singlet @ singlet.conj().T / singlet.shape[1]
    final = BruteForce(model, N).evolve(rho, 0.4)
    assert abs(result.means[-1, 2] - np.trace(polynomial(mz, N) @ final).real) < 1e-10
    assert abs(result.second_moments[-1, 0, 0] - np.trace(polynomial(mx * mx, N) @ final)) < 1e-10


def test_result_prints_and_turns_into_a_dataset():
    result = evolve(hopfield(), 12, [0, 0.3, 0.4], TIMES, {"zx": mz * mx})
    text = repr(result)
    for word in ("N = 12", "455 elements", "error budget", "applications", "zx"):
        assert word in text
    data = result.to_xarray()
    assert data["covariance"].dims == ("time", "axis", "axis2")
    assert float(data["mean"].sel(time=0, axis="z")) == pytest.approx(0.4)
    assert np.allclose(data["expect"].sel(observable="zx"), result.e_data["zx"].real)
    assert data.attrs["N"] == 12
    assert np.array_equal(result.times, TIMES) and np.array_equal(data["time"], TIMES)
    assert result.expect[0].shape == TIMES.shape and result.stats["run time"] > 0


@pytest.mark.parametrize(("N", "epsilon", "tol"), [(30, 1e-8, 1e-9), (4, 3e-7, 1e-6), (30, 3e-7, 1e-6)])
def test_a_small_fast_part_beside_a_large_slow_one_is_not_missed(N, epsilon, tol):
    times = np.linspace(0, 5, 6)
    result = evolve(Model(mz), N, [epsilon, 0, np.sqrt(1 - epsilon**2)], times, tol=tol)
    assert np.abs(result.mean("x") - epsilon * np.cos(2 * times)).max() < tol


def test_large_absolute_times_cost_no_accuracy():
    model, span = Model(3 * mx, [LocalJump([[0, 0], [1, 0]], 0.2)]), np.array([0.0, 1.0, 2.0])
    here = evolve(model, 10, [0, 0.3, 0.4], span)
    there = evolve(model, 10, [0, 0.3, 0.4], 2.0**40 + span)
    assert np.abs(here.means - there.means).max() < 1e-12


def test_observables_of_any_size_keep_the_tolerance():
    model = hopfield()
    loose = evolve(model, 10, [0, 0.3, 0.4], [0, 1.5], {"q": 1e6 * mz}, tol=1e-3)
    tight = evolve(model, 10, [0, 0.3, 0.4], [0, 1.5], {"q": 1e6 * mz}, tol=1e-7)
    assert abs(loose.expect[0][-1] - tight.expect[0][-1]) < 1e-3
