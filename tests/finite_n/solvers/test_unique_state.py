"""Stationary states from the trace's sector alone: against all states, singular values, closed forms and long
evolutions; and unique only where a search of all sectors finds one zero mode."""

import numpy as np
import pytest
import qutip
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve

from comparison.cli.speed import job_a
from finite_n import (
    CollectiveJumps,
    FiniteNError,
    LocalJump,
    Mode,
    Model,
    Species,
    evolve,
    mx,
    my,
    mz,
    spectrum,
    steady_state,
)
from finite_n.dicke_blocks.blocks import all_blocks
from finite_n.dicke_blocks.density import SomeElements
from finite_n.dicke_blocks.liouvillian.liouvillian import Liouvillian
from finite_n.eigenmodes import unique as unique_module
from finite_n.eigenmodes.charges import charges_of, smith
from finite_n.eigenmodes.dicke_sectors import with_trace
from finite_n.eigenmodes.relaxed import slowest
from finite_n.eigenmodes.trace_sector import is_simple
from finite_n.eigenmodes.unique import Unique, unique_state
from finite_n.solvers import stationary_blocks as module
from finite_n.systems import collective_dissipation, dicke_model, hopfield, hopfield_patterns
from tests.random_models import KINDS
from tests.random_models import model as random_model

pytestmark = pytest.mark.rounding

ZERO, TOL = 1e-9, 1e-10
SINGULAR = 1e-11  # null vectors by singular values of some hundred rows
UP, DOWN = qutip.sigmap(), qutip.sigmam()


def laser() -> Model:
    """Local pump, collective decay: populations alone."""
    return Model(jumps=[LocalJump(UP)], collective=[CollectiveJumps([DOWN], 2.0)])


def singular(generator: Liouvillian) -> tuple[np.ndarray, float]:
    """The null vector and the smallest singular value that is not zero, on the elements that exist."""
    blocks = generator.blocks
    there = np.concatenate([np.outer(x, x).ravel() for x in map(blocks.block_exists, range(len(blocks.size)))])
    _, s, vh = np.linalg.svd(generator.csr().toarray()[np.ix_(there, there)])
    assert s[-1] < 1e-12 * s[0] < 1e-3 * s[-2]
    vector = np.zeros(blocks.dim, complex)
    vector[there] = vh[-1].conj()
    return vector / blocks.trace(vector), s[-2]


def tavis(pump: float) -> Model:
    """Conserves M + n up to jumps: one torus."""
    field, atoms = Mode("field"), Species("atoms")
    exchange = 0.4 * (atoms.mx * field.phi + atoms.my * field.pi)
    jumps = [LocalJump(UP, pump, species=atoms), LocalJump(DOWN, 0.8, species=atoms)]
    return Model(exchange, jumps, [CollectiveJumps([field.alpha], 0.9)], species=[atoms], modes=[field])


def cases():
    yield from (
        pytest.param(random_model(k, np.random.default_rng(7)), 4, (), id=k) for k in KINDS if k != "hamiltonian"
    )
    yield pytest.param(job_a(), 6, (), id="real")
    yield pytest.param(laser(), 6, (), id="populations")
    yield pytest.param(hopfield(0.3, 0.7), 5, (), id="parity")
    yield pytest.param(collective_dissipation(), 5, (), id="conserved J")
    yield pytest.param(Model(0.4 * mx * mx, [LocalJump(DOWN)]), 6, (), id="pairs")
    yield pytest.param(Model(0.3 * mz, [LocalJump(qutip.sigmaz())]), 5, (), id="dephasing")
    yield pytest.param(Model(jumps=[LocalJump(qutip.sigmax(), lambda d: 1 - d * d, mz)]), 5, (), id="two absorbing")
    yield pytest.param(hopfield_patterns(omega=0.5, beta=0.5, patterns={"pp": 2, "pm": 2}), 4, (), id="two species")
    yield pytest.param(dicke_model(1.0, 0.8, 0.7, loss=0.8, emission=0.6), 2, (4,), id="Dicke")
    yield pytest.param(dicke_model(1.0, 0.8, 0.7, loss=0.8), 3, (4,), id="Dicke, conserved J")
    yield pytest.param(tavis(0.5), 2, (4,), id="Tavis")


@pytest.mark.parametrize(("model", "N", "cutoffs"), list(cases()))
def test_unique_only_where_all_sectors_have_one_zero_mode(model, N, cutoffs):
    generator = Liouvillian(model, N, blocks=all_blocks(tuple(model.space.sizes(N)), cutoffs))
    found = unique_state(generator, ZERO, TOL)
    levels = {mode.name: c for mode, c in zip(model.modes, cutoffs, strict=True)} or None
    zero_modes = spectrum(model, N, 2, cutoffs=levels).zero_modes
    if isinstance(found, Unique):
        assert zero_modes == 1
        right, slowest = singular(generator)
        assert np.linalg.norm(found.full(generator.blocks) - right) < SINGULAR + found.error
        assert found.isolation > 0.1 * slowest  # of L on all elements, the inverse of the same size
    elif found is not None:
        assert 1 < len(found.sectors) <= zero_modes
    else:  # several frames of Δ, or several stationary states
        assert len(generator.parts) > 1 or zero_modes > 1


def test_the_usual_models_need_no_search_of_all_sectors():
    for model in (job_a(), laser(), Model(0.4 * mx * mx, [LocalJump(DOWN)])):
        assert isinstance(unique_state(Liouvillian(model, 8), ZERO, TOL), Unique)


def test_rate_equations_of_the_laser(monkeypatch):
    """Populations p(J, M) of 2^N states, summed over copies, for N = 4 by qutip on all states."""
    N = 4
    one = [qutip.tensor([s if k == i else qutip.qeye(2) for k in range(N)]) for s in (UP, DOWN) for i in range(N)]
    rho = qutip.steadystate(0 * one[0], [*one[:N], np.sqrt(2.0 / N) * sum(one[N:])])
    z = sum(qutip.tensor([qutip.sigmaz() if k == i else qutip.qeye(2) for k in range(N)]) for i in range(N)) / N
    monkeypatch.setattr(module, "SEARCHED", 0)
    found = steady_state(laser(), N)
    assert found.stats["method"] == "sparse LU" and found.stats["size"] == 9
    assert found.mean("z") == pytest.approx(qutip.expect(z, rho), abs=1e-10)
    assert found.second_moments[2, 2].real == pytest.approx(qutip.expect(z * z, rho), abs=1e-10)
    assert found.gap == pytest.approx(spectrum(laser(), N).gap, abs=1e-9)


def test_laser_of_sixty_is_where_a_long_evolution_ends():
    found = steady_state(laser(), 60)
    late = evolve(laser(), 60, [0, 0, 0.9], [0, 200.0], tol=1e-10, check=False)  # e^{−200·0.13} = 5e-12
    np.testing.assert_allclose(found.means, late.means[-1], atol=1e-9)
    np.testing.assert_allclose(found.j_distribution, late.j_distribution[-1], atol=1e-9)
    from_start = steady_state(laser(), 60, rho0=[0.3, 0, 0.2])  # coherences decay, and the state is the same
    assert from_start.stats["method"] == "sparse LU" and np.array_equal(from_start.means, found.means)


@pytest.mark.parametrize("N", [40, 100])
def test_independent_spins_in_closed_form(N):
    """Rates 1 up and 0.25 down: ⟨m_z⟩ = 0.6, N Var m_z = 1 − 0.36."""
    found = steady_state(Model(0.3 * mz, [LocalJump(UP), LocalJump(DOWN, 0.5)]), N)
    assert abs(found.mean("z") - 0.6) <= found.error < 1e-9
    assert found.covariance[2, 2] == pytest.approx(0.64, abs=N * found.error + 1e-12)
    assert "not searched" not in repr(found) and "from zero" in repr(found)


COMPLEX = Model(
    0.5 * mx + 0.3 * my + 0.4 * mz + 0.2 * mz * mz,
    [LocalJump(DOWN), LocalJump(qutip.sigmax() + 0.4j * qutip.sigmaz() + 0.5 * DOWN, 0.3)],
)
FRAMES = Model(
    0.5 * mx,
    [LocalJump(DOWN, lambda d: 1 + 0.3 * d, mz), LocalJump(qutip.sigmaz(), lambda d: 1 + 0.3 * d, mx)],
)


@pytest.mark.parametrize(
    ("model", "N", "cutoffs"),
    [
        pytest.param(job_a(), 16, (), id="real"),
        pytest.param(COMPLEX, 9, (), id="complex"),
        pytest.param(FRAMES, 9, (), id="several frames"),
        pytest.param(laser(), 12, (), id="populations and coherences"),
        pytest.param(dicke_model(1.0, 0.8, 0.7, loss=0.8, emission=0.6), 3, (5,), id="a mode"),
        pytest.param(hopfield_patterns(omega=0.5, beta=0.5, patterns={"pp": 4, "pm": 3}), 7, (), id="two species"),
    ],
)
def test_krylov_spaces_of_the_propagator_end_within_the_error_stated(model, N, cutoffs, monkeypatch):
    """Against singular values of the whole Liouvillian, in trace norm."""
    monkeypatch.setattr(unique_module, "MOST", 0)
    generator = Liouvillian(model, N, blocks=all_blocks(tuple(model.space.sizes(N)), cutoffs))
    monkeypatch.setattr(unique_module, "MOST_OF_FEW", 0)
    found = unique_state(generator, ZERO, TOL)
    assert found.method == "Krylov spaces of exp(τL)"
    right, _ = singular(generator)
    apart = sum(
        np.abs(np.linalg.eigvalsh(m)).sum() for m in generator.blocks.existing(found.full(generator.blocks) - right)
    )
    assert apart <= found.error + SINGULAR and found.error < 1e-8


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(k, marks=pytest.mark.slow) for k in range(2, 20))])
def test_the_error_of_krylov_spaces_holds_for_random_models(seed, monkeypatch):
    """Of all kinds that have one stationary state, in trace norm, to a coarse residual and to a fine one."""
    for name in ("MOST", "MOST_OF_FEW"):
        monkeypatch.setattr(unique_module, name, 0)
    kinds = [k for k in KINDS if k not in ("hamiltonian", "collective")]
    generator = Liouvillian(random_model(kinds[seed % len(kinds)], np.random.default_rng(seed)), 6)
    right, _ = singular(generator)
    for tol in (1e-5, 1e-10):
        found = unique_state(generator, ZERO, tol)
        apart = generator.blocks.existing(found.full(generator.blocks) - right)
        assert found.method == "Krylov spaces of exp(τL)"
        assert sum(np.abs(np.linalg.eigvalsh(m)).sum() for m in apart) <= found.error + SINGULAR


@pytest.mark.parametrize("model", [collective_dissipation(), Model(0.3 * mz, [LocalJump(qutip.sigmaz())])])
def test_krylov_spaces_see_other_stationary_states(model, monkeypatch):
    for name in ("MOST", "MOST_OF_FEW", "_LISTED"):
        monkeypatch.setattr(unique_module, name, 0)
    assert unique_state(Liouvillian(model, 9), ZERO, TOL) is None


@pytest.mark.parametrize(("beta", "seen"), [(1.2, True), (2.0, True), (3.0, False)])
def test_slow_modes_are_measured_or_left_to_the_search_of_all(beta, seen):
    """Hopfield's network between two wells: gaps 0.2, 0.01, 8e-5 from Arnoldi's method with deflation."""
    model, N = hopfield(0.1, beta), 12
    gap, *_ = slowest(with_trace(Liouvillian(model, N)))
    right = spectrum(model, N, 2, rho0=[0, 0, 0]).gap
    assert gap == pytest.approx(right, rel=0.05) if seen else gap is None and right < 1e-3


def test_slow_modes_that_oscillate_alike_are_told_apart_by_longer_steps(monkeypatch):
    """The open Dicke model far below its threshold: by the first τ 60 products do not tell its slowest mode."""
    monkeypatch.setattr(unique_module, "MOST", 0)
    model, cutoffs = dicke_model(loss=1.0), {"field": 9}
    found = steady_state(model, 5, J=2.5, cutoffs=cutoffs)
    assert found.stats["method"] == "Krylov spaces of exp(τL)"
    jz, jx = (qutip.tensor(qutip.jmat(2.5, x), qutip.qeye(10)) for x in "zx")
    a = qutip.tensor(qutip.qeye(6), qutip.destroy(10))
    H = jz + 0.8 * a.dag() * a + 0.25 * np.sqrt(2 / 5) * jx * (a + a.dag())
    right = qutip.steadystate(H, [a])
    for label, x in {"z": 2 * jz / 5, "x": 2 * jx / 5}.items():
        assert found.mean(label) == pytest.approx(qutip.expect(x, right), abs=1e-8)  # an LU of 3600 numbers
    assert found.stats["isolation"] == pytest.approx(spectrum(model, 5, 2, J=2.5, cutoffs=cutoffs).gap, rel=0.03)


def test_job_a_of_forty_by_both_ways(monkeypatch):
    by_lu = steady_state(job_a(), 40)
    monkeypatch.setattr(unique_module, "MOST", 0)
    late = steady_state(job_a(), 40)
    assert (by_lu.stats["method"], late.stats["method"]) == ("sparse LU", "Krylov spaces of exp(τL)")
    apart = by_lu.blocks.existing(by_lu.vector - late.vector)
    assert sum(np.abs(np.linalg.eigvalsh(m)).sum() for m in apart) <= by_lu.error + late.error < 1e-9


def rate_equations(N: int, pump: float, decay: float) -> tuple[np.ndarray, np.ndarray]:
    """(J, M) and stationary populations of pumped spins with collective decay, by the rates of N. Shammah et al., Phys.
    Rev. A 98, 063815 (2018), table II."""
    states = [(N / 2 - b, N / 2 - b - i) for b in range(N // 2 + 1) for i in range(N + 1 - 2 * b)]
    index = {state: k for k, state in enumerate(states)}
    rows, columns, values = [], [], []

    def flow(source, target, rate):
        if rate and target in index:
            rows.extend([index[target], index[source]])
            columns.extend([index[source]] * 2)
            values.extend([rate, -rate])

    for J, M in states:
        flow((J, M), (J, M - 1), decay * (J + M) * (J - M + 1))
        up = pump * (J + M + 1) * (J + M + 2) * (N - 2 * J) / (4 * (J + 1) * (2 * J + 1))
        flow((J, M), (J + 1, M + 1), up)
        if J > 0:
            flow((J, M), (J, M + 1), pump * (N + 2) * (J - M) * (J + M + 1) / (4 * J * (J + 1)))
            flow((J, M), (J - 1, M + 1), pump * (J - M) * (J - M - 1) * (N + 2 * J + 2) / (4 * J * (2 * J + 1)))
    n = len(states)
    matrix = sp.coo_array((values, (rows, columns)), shape=(n, n)).tolil()
    matrix[0] = 1.0
    return np.array(states), spsolve(sp.csc_matrix(matrix), np.eye(n)[0])


@pytest.mark.parametrize("N", [40, pytest.param(120, marks=pytest.mark.slow)])
def test_laser_by_its_rate_equations(N):
    """Populations of an independent sparse solve; no vector of all elements is made."""
    pump = 0.25
    model = Model(0.5 * mz, [LocalJump(UP, pump**0.5)], [CollectiveJumps([DOWN])])
    states, p = rate_equations(N, pump, 1.0 / N)
    found, M = steady_state(model, N), states[:, 1]
    assert found.mean("z") == pytest.approx(2 * p @ M / N, abs=1e-9)
    assert found.second_moments[2, 2].real == pytest.approx(4 * p @ M**2 / N**2, abs=1e-9)
    weights = np.bincount(np.rint(N / 2 - states[:, 0]).astype(int), p)
    assert np.abs(found.j_distribution - weights).max() < 1e-9
    assert found.expectation(mz * mz * mz) == pytest.approx(8 * p @ M**3 / N**3, abs=1e-9)
    assert isinstance(found.rho.elements, SomeElements)


@pytest.mark.slow
def test_laser_of_a_thousand():
    """251 001 populations, of 1.7·10⁸ elements. Mean field of a pump w below the collective rate κ: ⟨m_z⟩ = w/κ, and
    differences go as 1/N."""
    model = Model(0.5 * mz, [LocalJump(UP, 0.5)], [CollectiveJumps([DOWN])])
    found = steady_state(model, 1000)
    assert found.stats["size"] == 251_001 and found.error < 1e-8
    assert 1000 * (found.mean("z") - 0.25) == pytest.approx(400 * (steady_state(model, 400).mean("z") - 0.25), rel=1e-3)
    assert abs(found.mean("z") - 0.25) < 2 / 1000


def test_conserved_j_is_refused_at_once():
    with pytest.raises(FiniteNError, match=r"31 linearly independent.*J = 30.*rho0="):
        steady_state(collective_dissipation(), 60)


def test_smith_normal_form_tells_membership():
    random = np.random.default_rng(5)
    for _ in range(60):
        generators = random.integers(-3, 4, size=(random.integers(1, 4), random.integers(1, 4)))
        s, v = smith(generators)
        assert abs(round(np.linalg.det(v))) == 1
        inside = random.integers(-4, 5, size=(30, len(generators))) @ generators @ v
        assert np.all(np.where(s > 0, inside % np.maximum(s, 1) == 0, inside == 0))
        if len(generators) == len(s) and (volume := abs(round(np.linalg.det(generators)))):
            assert np.prod(s) == volume  # the index of the lattice, so that no other points pass


def test_charges_of_drives_by_one_two_and_no_quanta():
    N = 6
    blocks = Liouvillian(laser(), N).blocks
    for h, orders, invariant in (
        (0.0 * mz, (), blocks.rows),
        (0.4 * mx, (), blocks.dim),
        (0.4 * mx * mx, (2,), sum((n * n + 1) // 2 for n in blocks.size)),
    ):
        found = charges_of(Liouvillian(Model(h, [LocalJump(DOWN)]), N, np.eye(2)).parts[0].terms.all(), blocks)
        assert (found.orders, found.invariant) == (orders, invariant)


def test_a_simple_eigenvalue_is_told_from_degenerate_ones():
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(4, 4)))[0]
    pairs, simple = (turn @ np.diag(x) @ turn.T for x in ([0.2, 0.2, 0.3, 0.3], [0.2, 0.2, 0.2, 0.4]))
    assert not is_simple([pairs], 1e-12) and is_simple([pairs, simple], 1e-12) and not is_simple([simple], 0.06)
    assert not is_simple([np.diag([0.0, 0.0, 0.5, 0.5])], 1e-12)
