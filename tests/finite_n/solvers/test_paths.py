"""Every way through the engine against the same truths: arithmetic, reduced spaces, block by block, each integrator."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import qutip

from finite_n import FiniteNError, LocalJump, Model, dicke, evolve, mx, mz
from finite_n.dicke_blocks import kept as kept_blocks
from finite_n.dicke_blocks import pieces
from finite_n.model.operators import bloch_to_density
from finite_n.systems import hopfield
from tests import random_models
from tests.brute_force import BruteForce, product_state
from tests.finite_n.solvers.test_brute_force import MOMENTS, assert_agrees

T = 0.6
SM, SP, SZ = qutip.sigmam(), qutip.sigmap(), qutip.sigmaz()


@dataclasses.dataclass(frozen=True)
class Path:
    """A model and a start that take one way through the engine, what forces it at small N, and what the statistics then
    say."""

    model: Callable[[], Model]
    start: list[float]
    says: tuple[str, str]
    basis: str = "auto"
    settings: dict | None = None


def _random(kind: str) -> Callable[[], Model]:
    return lambda: random_models.model(kind, np.random.default_rng(3))


PATHS = {
    "real": Path(lambda: hopfield(0.4, 0.9), [0.0, 0.3, 0.4], ("arithmetic", "real")),
    "two real planes": Path(lambda: hopfield(0.4, 0.9), [0.3, 0.3, 0.4], ("arithmetic", "two real planes")),
    "complex": Path(_random("rates without self"), [0.3, -0.2, 0.4], ("arithmetic", "complex")),
    "several frames": Path(_random("two tilts"), [0.3, -0.2, 0.4], ("kept", "several axes")),
    "elements": Path(
        random_models.weak_symmetry, [0.3, -0.2, 0.4], ("kept", "real numbers for"), settings={(pieces, "SHARE"): 1}
    ),
    "reached elements": Path(
        random_models.weak_symmetry, [0, 0, 0.4], ("kept", "reaches no others"), "dicke", {(pieces, "SHARE"): 1}
    ),
    "symmetrised": Path(lambda: hopfield(0.0, 0.8), [0.3, -0.2, 0.4], ("basis", "symmetrised products")),
    "symmetrised, without self": Path(
        lambda: hopfield(0.0, 0.8, self_energy=False), [0.3, -0.2, 0.4], ("basis", "symmetrised products")
    ),
    "block by block": Path(
        random_models.conserves_J,
        [0.3, -0.2, 0.4],
        ("kept", "J is conserved"),
        settings={(kept_blocks, "_TOGETHER"): 1},
    ),
}


@pytest.fixture(params=PATHS)
def path(request, monkeypatch):
    chosen = PATHS[request.param]
    for (module, name), value in (chosen.settings or {}).items():
        monkeypatch.setattr(module, name, value)
    return chosen


def _run(path: Path, N: int, times, e_ops=None, **options):
    result = evolve(path.model(), N, path.start, times, e_ops, basis=path.basis, **options)
    field, word = path.says
    assert word in result.stats[field]
    return result


@pytest.mark.parametrize("method", ["faber", "runge_kutta"])
@pytest.mark.parametrize(("N", "threads"), [(1, 1), (4, 1), (5, 2)])
def test_agrees_with_the_full_space(path, method, N, threads):
    if N == 1 and path.basis == "auto" and path.says[0] != "arithmetic":
        pytest.skip("one particle: nothing is smaller than all of it")
    density = bloch_to_density(path.start)
    result = _run(path, N, [0, T], MOMENTS, tol=1e-11, check=False, method=method, threads=threads)
    full = BruteForce(path.model(), N)
    assert_agrees(result, full, full.evolve(product_state(density, N), T))


@pytest.mark.parametrize("method", ["faber", "runge_kutta"])
@pytest.mark.parametrize("tol", [1e-4, 1e-8])
def test_the_tolerance_holds_against_a_run_a_hundred_times_tighter(path, method, tol):
    times, e_ops = np.linspace(0, 1.2, 7), {"zxz": mz * mx * mz}
    loose = _run(path, 17, times, e_ops, tol=tol, check=False, method=method)
    tight = _run(path, 17, times, e_ops, tol=tol / 100, check=False, method=method)
    assert np.abs(loose.means - tight.means).max() < tol
    assert np.abs(loose.covariance - tight.covariance).max() < tol
    assert np.abs(loose.expect[0] - tight.expect[0]).max() < tol
    assert loose.budget.truncation_bound <= tol


@pytest.mark.parametrize("method", ["faber", "runge_kutta"])
def test_output_times_cost_nothing_and_change_nothing(path, method):
    few = _run(path, 9, [0, 1.5], check=False, method=method)
    many = _run(path, 9, np.linspace(0, 1.5, 151), check=False, method=method)
    assert many.stats["applications"] == few.stats["applications"]
    assert np.abs(many.means[-1] - few.means[-1]).max() < 1e-12
    other = _run(path, 9, [0, 0.75], check=False, method=method)
    assert np.abs(many.covariance[75] - other.covariance[-1]).max() < 1e-9  # inside a step as at its end


def _curie_weiss(N: int, beta: float) -> tuple[float, float]:
    """Mean and N × variance of m_z by detailed balance: p(n+1)/p(n) = rate up from n / rate down from n + 1, n spins
    up."""
    n = np.arange(N)
    m = 2 * np.arange(N + 1) / N - 1
    log_ratio = np.log((N - n) / (n + 1)) + beta * m[:-1] + beta * m[1:]
    logs = np.concatenate([[0.0], np.cumsum(log_ratio)])
    p = np.exp(logs - logs.max())
    p /= p.sum()
    return p @ m, N * (p @ m**2 - (p @ m) ** 2)


@pytest.mark.parametrize("N", [300, pytest.param(100_000, marks=pytest.mark.slow)])
def test_hopfield_without_field_relaxes_to_detailed_balance(N):
    beta, t = 0.5, 40.0  # slowest rates 1 − β and 2(1 − β): e^{−20} of the first mean is left
    result = evolve(hopfield(0.0, beta), N, [0, 0, 0.02], [0, t], tol=1e-6, check=False)
    mean, variance = _curie_weiss(N, beta)
    assert abs(result.mean("z")[-1] - mean - 0.02 * np.exp(-t * (1 - beta))) < 1e-8
    assert abs(result.covariance[-1, 2, 2] - variance) < 1e-6
    assert result.stats["elements"] <= 6 * (N + 1)


@pytest.mark.parametrize("N", [20, pytest.param(1000, marks=pytest.mark.slow)])
def test_one_axis_twisting_has_its_closed_form_where_J_is_conserved(N):
    """H = χ S_z²: ⟨S_x⟩ = (N/2) cos^{N−1}(χt) from all spins along x (Kitagawa and Ueda, PRA 47, 5138 (1993))."""
    model = Model(mz * mz / 4)  # H = N h = χ (N m_z/2)² with χ = 1/N
    times = np.array([0.0, 0.5, 1.0])
    few = evolve(model, N, [1.0, 0, 0], times, tol=1e-8, check=False, basis="symmetrised")
    assert few.stats["elements"] <= 6 * N - 2  # six pairs (n_ud, n_du)
    block = evolve(model, min(N, 40), [1.0, 0, 0], times, tol=1e-8, check=False, basis="dicke")
    assert f"1 of {min(N, 40) // 2 + 1} blocks: J is conserved" in block.stats["kept"]
    assert block.stats["elements"] == (min(N, 40) + 1) ** 2
    for result in (few, block):  # h = m_z²/4 in both: χ = 1/N of each
        assert np.abs(result.mean("x") - np.cos(times / result.N) ** (result.N - 1)).max() < 1e-8


def test_a_basis_asked_for_is_used_or_refused():
    asked, auto = (evolve(hopfield(), 8, [0, 0.3, 0.4], [0, 1], basis=b) for b in ("symmetrised", "auto"))
    assert asked.stats["basis"] == "symmetrised products" and auto.stats["basis"] == "Dicke"
    assert np.abs(asked.covariance - auto.covariance).max() < 1e-9  # the tolerance asked for
    with pytest.raises(FiniteNError, match="no product"):
        evolve(hopfield(), 8, dicke(4, 1), [0, 1], basis="symmetrised")
    with pytest.raises(FiniteNError, match="choose one of"):
        evolve(hopfield(), 20, [0, 0.3, 0.4], [0, 1], basis="fock")
    partly = evolve(hopfield(0.0), 20, [0, 0.3, 0.4], [0, 1], check=False)
    for ask in (lambda: partly.final_state, lambda: partly.purity, lambda: partly.j_distribution):
        with pytest.raises(FiniteNError, match="basis='dicke'"):
            ask()
    whole = evolve(hopfield(0.0), 20, [0, 0.3, 0.4], [0, 1], check=False, basis="dicke")
    assert np.abs(whole.covariance - partly.covariance).max() < 1e-9
    assert abs(whole.j_distribution[-1].sum() - 1) < 1e-12


@pytest.mark.parametrize("method", ["faber", "runge_kutta"])
@pytest.mark.parametrize("basis", ["auto", "dicke"])
@pytest.mark.parametrize("rate", [1.0, 10.0])
def test_weight_that_runs_through_a_reduced_space_in_many_steps_is_not_lost(method, basis, rate):
    """Independent decay of all spins up, ⟨m_z⟩ = 2 e^{−t} − 1, starts at one end of its chain and ends at the other."""
    model, times = Model(jumps=[LocalJump(SM, np.sqrt(rate))]), np.array([0.0, 1.0, 2.0, 7.0])
    for kept in (False, True) if basis == "dicke" else (False,):
        result = evolve(model, 20, [0, 0, 1], times, basis=basis, method=method, keep_states=kept)
        assert np.abs(result.mean("z") - (2 * np.exp(-rate * times) - 1)).max() < 1e-9  # the tolerance
        assert result.budget.holds and result.budget.trace_drift < 1e-10
        assert result.stats["elements"] <= 121  # the diagonals of all blocks
        if kept:
            assert all(abs(sum(np.trace(b) for b in state) - 1) < 1e-10 for state in result.states)


def test_coherences_over_many_steps_are_not_lost():
    """Dephasing 0.02 and decay 0.09 of the coherence that a field turns: ⟨m_x⟩ = 0.6 cos(6t) e^{−0.065 t}."""
    model, times = Model(3 * mz, [LocalJump(SZ, 0.1), LocalJump(SM, 0.3)]), np.array([0.0, 50, 100, 200])
    result = evolve(model, 4, [0.6, 0, 0.2], times, check=False)
    assert np.abs(result.mean("x") - 0.6 * np.cos(6 * times) * np.exp(-0.065 * times)).max() < 1e-9  # the tolerance
