"""What the error budget says is what is wrong: each part of it shown by a run of known error."""

import dataclasses

import numpy as np
import pytest
from qutip import sigmam

from finite_n import Field, LocalJump, Mode, Model, evolve, from_blocks, mx, my, mz, product, steady_state
from finite_n.dicke_blocks import initial_state
from finite_n.solvers.error_budget import ErrorBudget

SMALL = 9e-9  # what `from_blocks` lets pass is 1e-8
TURN = Model(0.5 * mz)


def impure(N, up, down):
    """Weights of all up and all down, of which one may be negative."""
    blocks = [np.zeros((N + 1 - 2 * k,) * 2) for k in range(N // 2 + 1)]
    blocks[0][0, 0], blocks[0][-1, -1] = up, down
    return from_blocks(blocks)


@pytest.mark.parametrize("N", [1, 2, 5, 12])
def test_the_error_of_a_covariance_is_covered(N):
    """ρ = |up⟩⟨up| − ε|down⟩⟨down| is off by ε in trace norm and its Σ_zz = N⟨m²⟩ − N⟨m⟩² by 3Nε: the worst there
    is."""
    result = evolve(TURN, N, impure(N, 1.0, -SMALL), [0, 1.0])
    off = np.abs(result.covariance[:, 2, 2]).max()  # all up has none
    assert off == pytest.approx(3 * N * SMALL, rel=1e-6)
    assert off <= result.budget.covariance_error(N) * (1 + 1e-6)
    assert result.budget.covariance_error(N) <= 1.1 * off


@pytest.mark.parametrize("N", [1, 2, 5, 6])
def test_a_negative_eigenvalue_counts(N):
    """Trace one, and yet no state: weights 1 + ε and −ε."""
    result = evolve(TURN, N, impure(N, 1.0 + SMALL, -SMALL), [0, 1.0], tol=1e-9)
    assert result.budget.trace_drift < 1e-14
    assert result.budget.smallest_eigenvalue == pytest.approx(-SMALL, rel=1e-6)
    assert result.budget.state_error == pytest.approx(SMALL, rel=1e-6)
    assert not result.budget.holds and "EXCEEDS THE TOLERANCE" in repr(result)


def test_a_negative_eigenvalue_without_a_negative_population_counts():
    """A coherence larger than its populations allow, in the smallest block: eigenvalues p ± c."""
    p, c = 1e-9, 9e-9
    blocks = [np.diag([0, 1 - 2 * p, 0, 0]), np.array([[p, c], [c, p]])]
    result = evolve(TURN, 3, from_blocks(blocks), [0, 0.3])
    assert result.budget.smallest_eigenvalue == pytest.approx(p - c, rel=1e-6)
    assert not result.budget.holds


@pytest.mark.parametrize(("eigenvalue", "holds"), [(-0.5e-9, True), (-2e-9, False), (-9e-9, False)])
def test_it_holds_up_to_the_tolerance_and_no_further(eigenvalue, holds):
    result = evolve(TURN, 4, impure(4, 1 - eigenvalue, eigenvalue), [0, 1.0], tol=1e-9)
    assert result.budget.holds == holds


@pytest.mark.parametrize("name", ["moment_difference", "covariance_difference", "observable_difference"])
def test_every_difference_of_the_runs_counts(name):
    parts = dict.fromkeys(("moment_difference", "covariance_difference", "observable_difference"), 0.0)
    for value, holds in ((0.9e-6, True), (1.1e-6, False)):
        budget = ErrorBudget(1e-6, 0.0, **parts | {name: value}, trace_drift=0.0, smallest_eigenvalue=0.0)
        assert budget.holds == holds


@pytest.mark.parametrize("name", ["truncation_bound", "rounding", "trace_drift", "boson_tail", "discarded_weight"])
def test_every_part_of_the_error_of_the_state_counts(name):
    parts = dict(truncation_bound=0.0, rounding=0.0, trace_drift=0.0, boson_tail=0.0, discarded_weight=0.0)
    budget = ErrorBudget(
        1e-6, **parts | {name: 2e-6}, moment_difference=None, covariance_difference=None, observable_difference=None,
        smallest_eigenvalue=0.0, largest_average=2.0,
    )  # fmt: skip
    assert budget.state_error == 2e-6 and not budget.holds
    assert budget.moment_error == 8e-6  # an average of norm 2, or a product of two


def test_the_trace_counts_at_every_time():
    """Rounding adds up over a long run: nothing at the start, most at the end."""
    result = evolve(Model(0.5 * mx, [LocalJump(sigmam(), 0.5)]), 40, [0, 0, 1], np.linspace(0, 30, 4), basis="dicke")
    drift = np.abs(result.j_distribution.sum(axis=1) - 1)
    assert drift[0] < 1e-15 < drift.max()
    assert np.all(drift <= result.budget.trace_drift * (1 + 1e-12))


@pytest.mark.parametrize("method", ["faber", "runge_kutta"])
@pytest.mark.parametrize("tol", [1e-2, 1e-4])
def test_the_second_run_sees_the_error_of_the_first(method, tol):
    """Driven decay of independent particles to t = 5, where the first run is off by 5e-7 … 4e-5: other settings, other
    error."""
    model = Model(0.5 * mx, [LocalJump(sigmam(), 0.5)])
    result = evolve(model, 1, [0, 0, 1], [0, 5.0], tol=tol, method=method, basis="dicke")
    # ẋ = Ax + b of (y, z): ẏ = −z − γy/2, ż = y − γ(z + 1)
    a, b = np.array([[-0.125, -1.0], [1.0, -0.25]]), np.array([0.0, -0.25])
    rest = np.linalg.solve(a, -b)
    values, vectors = np.linalg.eig(a)
    exact = rest + ((vectors * np.exp(5 * values)) @ np.linalg.solve(vectors, [0, 1] - rest)).real
    off = np.abs(result.means[-1, 1:] - exact).max()
    assert 1e-9 < off <= tol  # visible, and promised
    assert result.budget.moment_difference > 0.3 * off


@pytest.mark.parametrize("loss", [0.0, 0.01], ids=["state vector", "density matrix"])
def test_the_second_run_has_more_levels(loss):
    """An excited atom in a field of three quanta, cut off at three: it cannot emit, while ⟨σz⟩ = cos 4gt without a
    cutoff."""
    field = Mode("field")
    up = (mx + 1j * my) * 0.5
    model = Model(
        field.alpha * up + field.alpha.adjoint() * up.adjoint(),
        [LocalJump(sigmam(), np.sqrt(loss))] if loss else [],
        modes=[field],
    )
    start, times = {"": [0, 0, 1.0], "field": Field(number=3)}, [0, 0.3, 0.6]
    cut = evolve(model, 1, start, times, cutoffs={"field": 3})
    off = np.abs(cut.mean("z") - np.cos(4 * cut.times)).max()
    assert off > 1 and not cut.budget.holds
    assert cut.budget.moment_difference > 0.9 * off
    free = evolve(model, 1, start, times)
    assert np.abs(free.mean("z") - np.cos(4 * free.times)).max() < 2 * loss + 1e-9 and free.budget.holds


def test_the_difference_of_covariances_is_scaled_from_that_of_moments():
    """N(δ⟨mm⟩ + 2|m| δ⟨m⟩) ≤ 3N δ, which the second run is held to, measured by running both."""
    field, N = Mode("field"), 6
    up = (mx + 1j * my) * 0.5
    model = Model(field.alpha * up + field.alpha.adjoint() * up.adjoint(), modes=[field])
    start, times = {"": [0, 0, 1.0], "field": Field(number=1)}, [0, 0.4]
    both = evolve(model, N, start, times, cutoffs={"field": 2})
    less, more = (evolve(model, N, start, times, cutoffs={"field": c}, check=False) for c in (2, 5))
    moments = max(np.abs(less.means - more.means).max(), np.abs(less.second_moments - more.second_moments).max())
    assert both.budget.moment_difference == pytest.approx(moments, rel=1e-6)
    largest = max(1.0, np.sqrt(2 * 3 / N))
    assert both.budget.covariance_difference == pytest.approx(3 * N * largest**2 * moments, rel=1e-6)
    assert np.abs(less.covariance - more.covariance).max() <= both.budget.covariance_difference


@pytest.mark.parametrize("method", ["faber", "runge_kutta"])
@pytest.mark.parametrize("tol", [1e-2, 1e-4, 1e-7])
def test_the_truncation_bound_holds_for_the_final_state(method, tol):
    """One spin, driven and decaying, to t = 30 in several steps: ‖δρ‖₁ is the length of the error of its Bloch
    vector."""
    model = Model(0.5 * mx, [LocalJump(sigmam(), 0.2)])
    result = evolve(model, 1, [0.6, 0, 0.8], [0, 30.0], tol=tol, method=method, basis="dicke", check=False)
    tight = evolve(model, 1, [0.6, 0, 0.8], [0, 30.0], tol=1e-12, basis="dicke", check=False)
    off = np.linalg.norm(result.means[-1] - tight.means[-1])
    assert off <= result.budget.truncation_bound + 1e-11  # rounding of some hundred applications
    assert 0 < result.budget.truncation_bound <= tol
    assert method == "faber" or result.stats["steps"] > 10  # errors of steps add up


def test_weight_of_blocks_left_out_is_in_the_budget():
    """Blocks of little weight are dropped where J is conserved: what they weigh is known from the start."""
    start = [0, 0, 0.9]
    result = evolve(Model(0.3 * mx + 0.2 * mz * mz), 40, start, [0, 1.0], tol=1e-4, basis="dicke", check=False)
    weights = initial_state.weights(product(start), 40)
    dropped = 1 - result.j_distribution[0].sum()
    assert 1e-12 < dropped < 1e-6 and np.any(result.j_distribution[0] == 0)
    assert result.budget.discarded_weight == pytest.approx(weights[result.j_distribution[0] == 0].sum(), rel=1e-9)
    assert result.budget.discarded_weight == pytest.approx(dropped, rel=1e-4)


@pytest.mark.parametrize("part", ["solution_error", "trace_error", "cutoff_error"])
def test_every_part_of_the_error_of_a_stationary_state_counts(part):
    found = steady_state(Model(0.5 * mx, [LocalJump(sigmam(), 1.0)]), 3, tol=1e-8)
    y, z = 2 / 3, -1 / 3  # ẏ = −z − y/2 = 0, ż = y − z − 1 = 0
    assert np.abs(np.abs(found.means) - [0, y, abs(z)]).max() <= found.error + 1e-12  # rounding
    assert found.error < 1e-6
    rest = dict.fromkeys(("solution_error", "trace_error", "cutoff_error"), 0.0)
    assert dataclasses.replace(found, **rest | {part: 1e-6}).error == 1e-6


@pytest.mark.parametrize("N", [200, 401])
def test_windows_discard_no_more_than_the_tolerance_where_elements_are_large(N):
    """Elements of a coherent state in symmetrised products add up to about N²: what cancellation leaves of them at the
    ends of a window is far above 1e-15, and must not be thrown away."""
    times = np.array([0.0, 0.5, 1.0])
    result = evolve(Model(mz * mz / 4), N, [1.0, 0, 0], times, check=False, basis="symmetrised")
    assert result.budget.holds and result.budget.discarded_weight < 1e-11
    assert np.abs(result.mean("x") - np.cos(times / N) ** (N - 1)).max() < 1e-11
