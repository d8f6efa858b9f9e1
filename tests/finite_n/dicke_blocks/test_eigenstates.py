"""Energy eigenstates of closed models from any start: against whole blocks, the full space and a closed form, and the
bound of what eigenvectors of finite precision change."""

import numpy as np
import pytest
import qutip
import scipy.sparse as sp
from scipy.linalg import expm

from finite_n import (
    FiniteNError,
    LocalJump,
    Mode,
    Model,
    Species,
    dicke,
    evolve,
    from_blocks,
    memory,
    mx,
    my,
    mz,
    thermal,
)
from finite_n.dicke_blocks.eigenstates.block import EigenBlock, spectral_norm
from finite_n.memory import NoMemoryError
from finite_n.solvers.evolve import check_evolution_memory
from finite_n.solvers.plan import plan_evolution
from finite_n.states.initial_state import as_initial_state
from tests import random_general_models as general
from tests import random_models
from tests.brute_force_general import GeneralBruteForce

NAME = "energy eigenstates"
ENGINES = 1e-10  # both sides are asked for 1e-11, and errors of second moments are a few times those of states
FULL = 1e-12  # exponentials of matrices of norms up to ten, in double precision
TIMES = [0.5, 0.9, 1.7]


def _assert_equal(a, b):
    """All that a result knows."""
    assert a.stats["basis"] == NAME and b.stats["basis"] == "Dicke"
    assert np.abs(a.means - b.means).max() < ENGINES
    assert np.abs(a.second_moments - b.second_moments).max() < ENGINES
    assert np.abs(a.j_distribution - b.j_distribution).max() < ENGINES
    assert all(np.array_equal(x, y) for x, y in zip(a.J, b.J, strict=True))
    assert all(np.abs(x - y).max() < ENGINES for x, y in zip(a.expect, b.expect, strict=True))
    for x, y in zip(a.final_state, b.final_state, strict=True):
        assert np.abs(x - y).max() < ENGINES
    for ours, theirs in zip(a.states or [], b.states or [], strict=True):
        assert all(np.abs(x - y).max() < ENGINES for x, y in zip(ours, theirs, strict=True))
    assert np.abs(a.purity - b.purity).max() < ENGINES
    assert a.budget.holds and a.budget.moment_difference < ENGINES


def _both(model, N, start, e_ops=None, **options):
    options = {"tol": 1e-11, "threads": 1, "keep_states": True} | options
    return (evolve(model, N, start, TIMES, e_ops, basis=basis, **options) for basis in (NAME, "dicke"))


@pytest.mark.parametrize(("degree", "N"), [(1, 1), (1, 6), (2, 5), (3, 2), (3, 9), (4, 1), (4, 8)])
def test_agrees_with_whole_blocks(degree, N):
    rng = np.random.default_rng(10 * degree + N)
    model, observable = Model(random_models.hamiltonian(rng, degree)), random_models.hamiltonian(rng, 3)
    _assert_equal(*_both(model, N, random_models.bloch(rng), {"o": observable, "not Hermitian": mx * my * mz}))


@pytest.mark.parametrize("sizes", [(2, 3), (1, 1), (1, 2, 1)])
def test_several_species_agree_with_whole_blocks(sizes):
    rng = np.random.default_rng(sum(sizes))
    species, _ = general.parts((2,) * len(sizes), sizes)
    model = Model(general.hamiltonian(rng, species, [], 3), species=species)
    start = {s.name: random_models.bloch(rng) for s in species}
    _assert_equal(*_both(model, sum(sizes), start, {"o": general.hamiltonian(rng, species, [], 3)}))


STARTS = {
    "thermal": thermal(mx + 0.5 * mz * mz, 0.7),
    "Dicke": dicke(2, -1),
    "pure": [0.6, 0, 0.8],
    "blocks": from_blocks(
        [np.diag([0.1, 0.2, 0, 0, 0, 0.1, 0.1]), 0.1 * np.eye(5), np.zeros((3, 3)), np.zeros((1, 1))]
    ),
}


@pytest.mark.parametrize("name", STARTS)
def test_every_kind_of_start(name):
    _assert_equal(*_both(Model(0.4 * mx + 0.3 * mz * mz - 0.2 * my * mx * my), 6, STARTS[name]))


@pytest.mark.parametrize("sizes", [(1,), (5,), (6,), (2, 3), (1, 2, 1)])
def test_agrees_with_the_full_space(sizes):
    rng = np.random.default_rng(100 + sum(sizes) + len(sizes))
    species, _ = general.parts((2,) * len(sizes), sizes)
    model, N = Model(general.hamiltonian(rng, species, [], 3), species=species), sum(sizes)
    start, observable = {s.name: general.density(rng, 2) for s in species}, general.hamiltonian(rng, species, [], 3)
    full = GeneralBruteForce(model, N)
    rho0 = full.product_state(general.matrices(as_initial_state(start, model), N, ()))
    result = evolve(model, N, start, TIMES, {"o": observable}, basis=NAME)
    for k, t in enumerate(TIMES):
        U = expm(-1j * (t - TIMES[0]) * full.H)
        rho = U @ rho0 @ U.conj().T
        assert np.abs(result.means[k] - full.means(rho)).max() < FULL
        assert np.abs(result.second_moments[k] - full.second(rho)).max() < FULL
        assert abs(result.expect[0][k] - full.expect(observable, rho)) < FULL


@pytest.mark.parametrize("N", [2, 7, 30])
def test_one_axis_twisting_of_mixed_spins_for_long(N):
    """h = g m_x², whose levels are degenerate: ⟨m_y + i m_z⟩ = (⟨m_y + i m_z⟩ at 0) (cos χt + i m_x sin χt)^{N−1}, χ =
    4g/N, as every particle turns by the fields of the others. The bound of the error grows with t and holds."""
    g, m, times = 0.8, np.array([0.3, -0.4, 0.2]), np.array([0.0, 1.0, 100.0, 1e4])
    result = evolve(Model(g * mx * mx), N, m, times, basis=NAME)
    chi = 4 * g / N
    exact = (m[1] + 1j * m[2]) * (np.cos(chi * times) + 1j * m[0] * np.sin(chi * times)) ** (N - 1)
    off = np.abs(result.mean("y") + 1j * result.mean("z") - exact)
    assert off.max() <= 2 * result.budget.state_error + 1e-15 * N  # two averages of norm one, and rounding of the power
    assert result.budget.state_error < 1e-9  # N t times double precision


def test_the_work_does_not_depend_on_how_long():
    model, start = Model(0.4 * mx + mz * mz), [0.3, 0, 0.4]
    short, long = (plan_evolution(model, 40, start, [0, t], basis=NAME).work for t in (1e-3, 1e3))
    assert short == long
    chosen = [plan_evolution(model, 40, start, [0, t]).run().stats["basis"] for t in (1e-3, 1e3)]
    assert chosen == ["Dicke", NAME]


@pytest.mark.parametrize("real", [True, False])
def test_the_bound_covers_what_wrong_eigenvectors_change(real, monkeypatch):
    """Eigenvectors and energies that are off by 1e-6: the trace norm of the error is below the bound, and not far."""
    rng, n, span = np.random.default_rng(5), 24, np.array([0.0, 0.4, 2.0])
    x, y = (z + 1j * (not real) * w for z, w in rng.normal(size=(2, 2, n, n)))
    H, rho = x + x.conj().T, y @ y.conj().T
    H, rho = (H.real, rho.real) if real else (H, rho)
    rho = 0.3 * rho / np.trace(rho).real
    eigh = np.linalg.eigh

    def wrong(matrix):
        values, vectors = eigh(matrix)
        return values + 1e-6 * rng.normal(size=n), vectors + 1e-7 * rng.normal(size=(n, n))

    exact_block = EigenBlock(sp.csr_array(H), rho, span)
    monkeypatch.setattr(np.linalg, "eigh", wrong)
    block = EigenBlock(sp.csr_array(H), rho, span)
    U = expm(-2j * H)
    exact = U @ rho @ U.conj().T
    errors = [np.abs(np.linalg.eigvalsh(exact - b.state(2))).sum() for b in (exact_block, block)]
    assert errors[1] <= block.error <= 100 * errors[1]
    assert errors[0] <= exact_block.error + exact_block.rounding < 1e-11
    assert abs(block.weight - 0.3) < 1e-14


def test_the_spectral_norm_is_bounded_closely():
    """Between the largest singular value and n^{1/8} times it, also of what rounding leaves."""
    rng = np.random.default_rng(6)
    for size in (1.0, 1e-120):
        x = size * (rng.normal(size=(40, 40)) + 1j * rng.normal(size=(40, 40)))
        exact = np.linalg.norm(x, 2)
        assert exact * (1 - 1e-13) <= spectral_norm(x) <= exact * 40 ** (1 / 8)
    assert spectral_norm(np.zeros((3, 3))) == 0.0


def test_h_is_real_in_some_frame_where_it_has_a_mirror():
    """A field and a tensor in one plane, turned at random; without a mirror H stays complex. Numbers are the same."""
    u = qutip.rand_unitary(2, seed=3).full()
    plane = Model(0.4 * mx + 0.3 * mz * mz - 0.2 * (mx * mz + mz * mx)).rotated(u)
    chiral = Model(0.4 * mx + 0.3 * (my * mz + mz * my) + 0.5 * mx * mx + 0.2 * mz)
    for model, what in ((plane, "complex, H real"), (chiral, "complex, H complex")):
        ours, theirs = _both(model, 7, [0.3, 0.2, 0.4])
        assert ours.stats["arithmetic"] == what
        _assert_equal(ours, theirs)
    a, b = Species("a", fraction=0.5), Species("b", fraction=0.5)
    exchange = Model(a.mx * b.mx + a.my * b.my + 0.3 * a.my, species=[a, b])
    ours, theirs = _both(exchange, 6, {"a": [0.3, 0, 0.2], "b": [0, 0.3, 0.2]})
    assert ours.stats["arithmetic"] == "complex, H real"
    _assert_equal(ours, theirs)


def test_blocks_without_weight_are_left_out_and_their_weight_is_said():
    model, start, times = Model(0.4 * mx + mz * mz), [0.3, 0, 0.8], [0, 0.7]
    some, every = (evolve(model, 60, start, times, basis=NAME, tol=tol) for tol in (1e-4, 1e-13))
    assert some.stats["elements"] < every.stats["elements"]
    assert 0 < some.budget.discarded_weight < 1e-4
    assert abs(1 - some.j_distribution.sum(axis=1) - some.budget.discarded_weight).max() < 1e-12  # rounding of traces
    off = np.abs(some.means - every.means).max()
    assert 0 < off <= some.budget.discarded_weight + 1e-12


def test_what_it_is_not_for_is_refused():
    atoms, f = Species("q", dim=3), Mode("f")
    cases = [
        (Model(mx, [LocalJump(qutip.sigmam())]), [0, 0, 1], {}),
        (Model(mx * f.phi + f.number, modes=[f]), [0, 0, 1], {"cutoffs": {"f": 3}}),
        (Model(0.0, species=[atoms]), {"q": np.eye(3) / 3}, {}),
        (Model(mx), [0, 0, 0.5], {"method": "runge_kutta"}),
    ]
    for model, start, options in cases:
        with pytest.raises(FiniteNError, match=r"basis = 'energy eigenstates'.*use basis='auto'"):
            evolve(model, 4, start, [0, 1], basis=NAME, **options)


def test_a_refusal_for_memory_names_an_n_that_fits(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 8e9)
    with pytest.raises(NoMemoryError, match="the largest N that fits is") as refused:
        check_evolution_memory(Model(mx * mx + mz), 10**7, [0, 0, 0.5], basis=NAME)
    check_evolution_memory(Model(mx * mx + mz), refused.value.largest, [0, 0, 0.5], basis=NAME)


def test_progress_ends_at_one_and_nothing_is_checked_unasked():
    told = []
    result = evolve(Model(mx + mz * mz), 70, [0, 0, 0.3], [0, 1], basis=NAME, check=False, progress=told.append)
    assert told == sorted(told) and len(told) > 1 and told[-1] == pytest.approx(1.0)
    assert result.budget.moment_difference is None
