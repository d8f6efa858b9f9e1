"""Slow eigenvalues and stationary states: against the 2^N Liouvillian, the dense null space, closed forms, and long
evolution."""

import numpy as np
import pytest
import qutip
import scipy.linalg

from comparison.cli.speed import job_a
from finite_n import (
    FiniteNError,
    Liouvillian,
    LocalJump,
    Model,
    evolve,
    mx,
    my,
    mz,
    product,
    spectrum,
    steady_state,
)
from finite_n.eigenmodes import arnoldi as slow_module
from finite_n.eigenmodes.dicke_sectors import sectors_of
from finite_n.systems import collective_dissipation, hopfield
from tests.brute_force import BruteForce, mean, reduced
from tests.pairing import paired_distance
from tests.random_models import KINDS, model

pytestmark = pytest.mark.rounding

DENSE = 1e-10  # eigenvalues of dense matrices of some hundred rows, condition numbers up to 1e4 times rounding
STEADY = 1e-8  # asked of stationary states; rounding times ‖L‖ over the gap is below 1e-11
DISSIPATIVE = [k for k in KINDS if k != "hamiltonian"]
SIGMA = {"x": qutip.sigmax(), "y": qutip.sigmay(), "z": qutip.sigmaz()}


def random_model(kind, seed=3):
    return model(kind, np.random.default_rng(seed))


def null_state(matrix, trace):
    """The stationary vector by singular values: an algorithm that shares nothing with the package's."""
    _, s, vh = np.linalg.svd(matrix)
    assert s[-1] < 1e-12 * s[0] < 1e-3 * s[-2]
    x = vh[-1].conj()
    return x / (trace @ x)


@pytest.mark.parametrize("kind,N", [(k, 3 + i % 2) for i, k in enumerate(DISSIPATIVE)])
def test_arnoldi_agrees_with_the_dense_spectrum(kind, N, monkeypatch):
    m = random_model(kind, 5)
    dense = spectrum(m, N, 5)
    monkeypatch.setattr(slow_module, "DENSE", 9)
    monkeypatch.setattr(slow_module, "BASIS", 6)
    arnoldi = spectrum(m, N, 5)
    assert "Arnoldi" in arnoldi.stats["method"] and dense.stats["method"] == "dense"
    assert paired_distance(arnoldi.eigenvalues, dense.eigenvalues) < 1e-9  # its tolerance on residuals
    assert arnoldi.zero_modes == dense.zero_modes
    assert arnoldi.residuals.max() <= 1e-9 * arnoldi.rate


def test_spectrum_is_part_of_the_spectrum_on_all_states():
    """Every eigenvalue on symmetric operators is one of the 4^N; the slowest of them are those of qutip's
    superoperator."""
    m = random_model("tilted rates", 1)
    full = np.linalg.eigvals(BruteForce(m, 4).liouvillian())
    found = spectrum(m, 4, 12).eigenvalues
    assert np.abs(found[:, None] - full[None, :]).min(axis=1).max() < DENSE


def test_closed_form_of_independent_decay():
    """Decay alone: one-particle modes of rates 1, ½, ½ and their symmetric products, (1) and three of (½½) make four
    ones; of six that tie for the eighth place none is left out."""
    found = spectrum(Model(jumps=[LocalJump(qutip.sigmam())]), 12, 8)
    expected = -np.array([0, *2 * [0.5], *4 * [1], *6 * [1.5]])
    assert np.abs(found.eigenvalues - expected).max() < 1e-9  # dense sectors of up to 49 numbers
    assert found.zero_modes == 1 and abs(found.gap - 0.5) < 1e-9


@pytest.mark.parametrize("kind", [k for k in DISSIPATIVE if k != "collective"])
@pytest.mark.parametrize("N", [1, 2, 3, 4])
def test_stationary_state_agrees_with_brute_force(kind, N):
    m = random_model(kind, 11)
    brute = BruteForce(m, N)
    L = brute.liouvillian()
    identity = np.eye(2**N).ravel(order="F")
    rho = null_state(L, identity).reshape(2**N, 2**N, order="F")
    state = steady_state(m, N)
    means = [np.trace(rho @ mean(SIGMA[a].full(), N)).real for a in "xyz"]
    np.testing.assert_allclose(state.means, means, atol=STEADY)
    second = [[np.trace(rho @ mean(SIGMA[a].full(), N) @ mean(SIGMA[b].full(), N)) for b in "xyz"] for a in "xyz"]
    np.testing.assert_allclose(state.second_moments, second, atol=STEADY)
    np.testing.assert_allclose(state.reduced_state, reduced(rho, 1, N), atol=STEADY)
    symmetric = N * (np.array(second) + np.array(second).T).real / 2 - N * np.outer(means, means)
    np.testing.assert_allclose(state.covariance, symmetric, atol=N * STEADY)
    spectra = np.concatenate([np.linalg.eigvalsh(b) for b in state.states])
    assert abs(spectra.sum() - 1) < 1e-10 and spectra.min() > -1e-10


@pytest.mark.parametrize("N", [7, 8])
@pytest.mark.parametrize("kind", ["job A", "tilted rates", "everything"])
def test_stationary_state_agrees_with_the_null_space_of_the_csr_matrix(kind, N):
    m = job_a() if kind == "job A" else random_model(kind)
    state = steady_state(m, N)
    generator = Liouvillian(m, N)
    trace = np.zeros(generator.dim)
    trace[generator.blocks.diagonal()] = 1
    np.testing.assert_allclose(state.vector, null_state(generator.csr().toarray(), trace), atol=STEADY)


def test_job_a_by_arnoldi_agrees_with_the_null_space():
    """N = 16, where the real sector has 525 numbers and goes through Arnoldi's method."""
    generator = Liouvillian(job_a(), 16)
    sector = next(s for s in sectors_of(generator) if s.carries_trace)
    state = steady_state(job_a(), 16)
    assert "Arnoldi" in state.stats["method"] and sector.size > slow_module.DENSE
    exact = null_state(sector.matrix().toarray(), sector.trace)
    np.testing.assert_allclose(sector.restrict(state.vector), exact, atol=1e-12)
    assert state.residual < 1e-12 and state.error < 1e-11


@pytest.mark.parametrize("N", [5, *(pytest.param(N, marks=pytest.mark.slow) for N in (6, 7, 8))])
def test_job_a_on_all_states(N):
    """The stationary averages by long evolution with qutip's sparse operators."""
    sm, sz = qutip.sigmam(), qutip.sigmaz()

    def at(x, k):
        return qutip.tensor([x if i == k else qutip.qeye(2) for i in range(N)])

    H = 0.5 * sum(at(qutip.sigmax(), k) for k in range(N))
    jumps = [np.sqrt(0.3) * at(sm, k) for k in range(N)] + [np.sqrt(0.1) * at(sm.dag(), k) for k in range(N)]
    jumps += [np.sqrt(0.2) * at(sz / 2, k) for k in range(N)] + [sum(at(sm, k) for k in range(N)) / np.sqrt(N)]
    start = qutip.tensor([qutip.qeye(2) / 2] * N)
    averages = [sum(at(s, k) for k in range(N)) / N for s in SIGMA.values()]
    options = {"atol": 1e-12, "rtol": 1e-11, "nsteps": 100_000, "progress_bar": None}
    late = qutip.mesolve(H, start, [0, 60], jumps, e_ops=averages, options=options)  # e^{−60·gap} = 1e-11
    np.testing.assert_allclose(steady_state(job_a(), N).means, [e[-1] for e in late.expect], atol=STEADY)


def test_conserved_j_gives_one_zero_mode_for_every_j():
    found = spectrum(collective_dissipation(), 7, 3)
    assert found.zero_modes == 4 and len(found.eigenvalues) == 5
    assert all(count == 1 for count in found.zero_sectors.values())
    assert {s.split("J = ")[1].split(",")[0] for s in found.zero_sectors} == {"3.5", "2.5", "1.5", "0.5"}
    exact = np.sort(-np.linalg.eigvals(Liouvillian(collective_dissipation(), 7).csr().toarray()).real)
    assert np.sum(exact < 1e-9) == 4 and abs(found.gap - exact[4]) < DENSE


def test_several_stationary_states_are_refused_and_resolved_by_the_start():
    m = collective_dissipation()
    with pytest.raises(FiniteNError, match=r"4 linearly independent.*J = 3.*rho0=") as error:
        steady_state(m, 6)
    assert "\n" not in str(error.value)
    start = [0.1, 0.3, 0.4]
    state = steady_state(m, 6, rho0=start)
    late = evolve(m, 6, start, [0, 300.0])  # slowest relevant gap 0.13
    np.testing.assert_allclose(state.means, late.means[-1], atol=STEADY)
    np.testing.assert_allclose(state.covariance, late.covariance[-1], atol=6 * STEADY)
    np.testing.assert_allclose(state.j_distribution, late.j_distribution[-1], atol=STEADY)


def test_undamped_start_is_refused_and_a_start_without_the_oscillation_is_not():
    """Dephasing with Γ(m_z) = 1 − m_z² spares the coherence between all up and all down, which turns with 2·0.3·N."""
    m = Model(0.3 * mz, [LocalJump(qutip.sigmaz(), lambda d: 1 - d * d, mz)])
    assert spectrum(m, 3, 4).undamped == 2
    with pytest.raises(FiniteNError, match=r"oscillates indefinitely, with frequency 1\.8"):
        steady_state(m, 3, rho0=[0.4, 0, 0.3])
    late = evolve(m, 3, [0, 0, 0.3], [0, 80.0])
    np.testing.assert_allclose(
        steady_state(m, 3, rho0=[0, 0, 0.3]).second_moments, late.second_moments[-1], atol=STEADY
    )


def test_limit_from_a_start_through_arnoldi(monkeypatch):
    monkeypatch.setattr(slow_module, "DENSE", 12)
    m, start = collective_dissipation(), [0.1, 0.3, 0.4]
    state = steady_state(m, 8, rho0=start)
    assert "Arnoldi" in state.stats["method"]
    late = evolve(m, 8, start, [0, 400.0])
    np.testing.assert_allclose(state.second_moments, late.second_moments[-1], atol=STEADY)


def test_bistable_gap_is_resolved_far_below_the_rates():
    """Hopfield, β = 3: a gap of 2e-7 beside rates of order one is neither a zero mode nor lost."""
    found = spectrum(hopfield(0.1, 3.0), 16, 3)
    sector = next(s for s in sectors_of(Liouvillian(hopfield(0.1, 3.0), 16)) if s.carries_trace)
    exact = np.sort(-scipy.linalg.eigvals(sector.matrix().toarray()).real)[1]
    assert found.zero_modes == 1 and exact < 1e-4
    assert found.gap == pytest.approx(exact, abs=1e-12)
    assert found.residuals.max() < 1e-9 * found.rate


def test_means_do_not_depend_on_the_frame():
    """Turning the model by a rotation turns the stationary Bloch vector."""
    from finite_n.model.rotation import adjoint_matrix, axis_rotation

    u = axis_rotation([1, 2, -1], 0.8)
    m = random_model("tilted rates", 2)
    a, b = steady_state(m, 5), steady_state(m.rotated(u), 5)
    np.testing.assert_allclose(b.means, adjoint_matrix(u) @ a.means, atol=STEADY)
    assert a.gap == pytest.approx(b.gap, abs=STEADY)


def test_modes_are_eigenvectors():
    found = spectrum(job_a(), 6, 4)
    generator = Liouvillian(job_a(), 6, np.eye(2))  # another frame than the computation's
    for j, x in enumerate(found.eigenvalues):
        v = generator.blocks.join(found.mode(j))
        assert np.linalg.norm(generator.apply(v) - x * v) < 1e-11 and np.linalg.norm(v) == pytest.approx(1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: spectrum("hopfield", 3), "Model"),
        (lambda: spectrum(job_a(), 0), "whole number"),
        (lambda: spectrum(job_a(), 3, 0), "k = 0"),
        (lambda: spectrum(job_a(), 3, True), "k = True"),
        (lambda: spectrum(job_a(), 3, tol=0), "tol = 0"),
        (lambda: spectrum(Model(mx), 3), "no dissipation"),
        (lambda: steady_state(Model(mx + my * my), 3), "no dissipation"),
        (lambda: steady_state(Model(), 3), "no dissipation"),
        (lambda: steady_state(job_a(), 3, rho0=[2, 0, 0]), "length at most 1"),
        (lambda: steady_state(job_a(), 100_000), r"no N above \d+ fits"),
        (lambda: spectrum(job_a(), 10**9), r"no N above \d+ fits"),
    ],
)
def test_bad_input_is_one_sentence(call, words):
    with pytest.raises(FiniteNError, match=words) as error:
        call()
    assert "\n" not in str(error.value)


def test_printed_result_says_what_was_found():
    text = repr(spectrum(job_a(), 4))
    assert "zero modes   1" in text and "gap" in text and "residual" in text
    text = repr(steady_state(job_a(), 4, rho0=product([0, 0, 1])))
    assert "unique" in text and "smallest eigenvalue" in text


def test_a_pair_of_conjugates_is_not_parted():
    """Independent particles: −0.716 ± 1.95i ties with −0.716 for places five to seven, and ties stay whole."""
    for k, count in zip(range(2, 8), (3, 3, 4, 7, 7, 7), strict=True):
        values = spectrum(model("constant", np.random.default_rng(100)), 5, k).eigenvalues
        assert paired_distance(values, values.conj()) < DENSE and len(values) == count
