"""Where evolutions end, and the error stated for it: closed forms, and the null space of the 2^N Liouvillian by
singular values."""

import numpy as np
import pytest
import qutip

from finite_n import CollectiveJumps, FiniteNError, LocalJump, Mode, Model, Species, mz, product, steady_state
from finite_n.dicke_blocks import initial_state
from finite_n.eigenmodes import arnoldi as slow_module
from finite_n.model.rotation import adjoint_matrix, axis_rotation
from finite_n.systems import hopfield
from tests.brute_force import BruteForce, mean, product_state
from tests.random_models import KINDS, bloch
from tests.random_models import model as random_model

pytestmark = pytest.mark.rounding

SIGMA = {"x": qutip.sigmax().full(), "y": qutip.sigmay().full(), "z": qutip.sigmaz().full()}
STATED = 1e-10  # errors stated where gaps are of order one: rounding times rates over gaps, with room


def decay(N: int) -> Model:
    """L = J₋ alone, Γ_M = (J + M)(J − M + 1) = Γ_{1−M}: genuine Jordan blocks."""
    return Model(collective=[CollectiveJumps([qutip.sigmam()], 0.5 * N)])


def limit(L: np.ndarray, rho0: np.ndarray) -> np.ndarray:
    """lim exp(tL)ρ₀ by left and right null vectors."""
    u, s, vh = np.linalg.svd(L)
    k = int(np.sum(s < 1e-12 * s[0]))
    assert k > 0 and s[-k - 1] > 1e-6 * s[0]
    right, left = vh[-k:].conj().T, u[:, -k:]
    x = right @ np.linalg.solve(left.conj().T @ right, left.conj().T @ rho0.ravel(order="F"))
    return x.reshape(rho0.shape, order="F")


def distance(state, rho: np.ndarray, N: int) -> float:
    """Largest error of first and second moments, a lower bound of that of ρ in trace norm."""
    m = [mean(x, N) for x in SIGMA.values()]
    second = np.array([[np.trace(rho @ a @ b) for b in m] for a in m])
    means = [np.trace(rho @ a).real for a in m]
    return float(max(np.abs(state.means - means).max(), np.abs(state.second_moments - second).max()))


@pytest.mark.parametrize("N", range(1, 13))
def test_pure_collective_decay_ends_at_the_bottom_of_every_block(N):
    """⟨m_z⟩ = −Σ_J p_J 2J/N with the conserved weights p_J: from all up −1."""
    for start in ([0, 0, 1], [0.4, 0.3, 0.5], bloch(np.random.default_rng(N))):
        state = steady_state(decay(N), N, rho0=start)
        p = initial_state.weights(product(start), N)
        right = -(p * (1 - 2 * np.arange(N // 2 + 1) / N)).sum()
        assert abs(state.mean("z") - right) <= state.error < STATED
        assert np.abs(state.j_distribution - p).max() <= state.error
        assert np.abs(state.means[:2]).max() <= state.error


def test_a_larger_tolerance_makes_no_number_wrong():
    right = -(initial_state.weights(product([0.4, 0.3, 0.5]), 8) * (1 - 2 * np.arange(5) / 8)).sum()  # −0.758484
    for tol in (1e-12, 1e-6, 2e-3, 1e-2):
        state = steady_state(decay(8), 8, rho0=[0.4, 0.3, 0.5], tol=tol)
        assert abs(state.mean("z") - right) <= state.error < STATED and state.trace_error < STATED


@pytest.mark.parametrize(("dense", "N"), [(500, 6), (500, 9), (20, 6), (20, 9)])
def test_jordan_blocks_in_a_turned_frame(monkeypatch, dense, N):
    """The same about a tilted axis, where no coherence is conserved: whole blocks ρ_J, by dense matrices and by
    Arnoldi's method."""
    monkeypatch.setattr(slow_module, "DENSE", dense)
    turn, start = axis_rotation([1, 2, -1], 0.8), np.array([0.4, 0.3, 0.5])
    R = adjoint_matrix(turn)
    state = steady_state(decay(N).rotated(turn), N, rho0=R @ start, tol=1e-8)
    right = -(initial_state.weights(product(start), N) * (1 - 2 * np.arange(N // 2 + 1) / N)).sum()
    assert ("Arnoldi" in state.stats["method"]) == (dense < 500)
    assert np.abs(state.means - R @ [0, 0, right]).max() <= state.error < (STATED if dense == 500 else 1e-6)


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "hamiltonian"])
def test_limits_of_random_models_are_within_the_error_stated(kind):
    for N in (1, 2, 3):
        rng = np.random.default_rng(N)
        m, start = random_model(kind, rng), bloch(rng)
        one = (np.eye(2) + sum(x * s for x, s in zip(start, SIGMA.values(), strict=True))) / 2
        rho = limit(BruteForce(m, N).liouvillian(), product_state(one, N))
        for rho0 in (start, None) if kind != "collective" or N == 1 else (start,):
            state = steady_state(m, N, rho0=rho0)
            assert distance(state, rho, N) <= state.error < STATED


@pytest.mark.parametrize("N", [1, 2, 5])
def test_dephasing_keeps_the_diagonal(N):
    start = [0.3, -0.5, 0.4]
    for h in (0.0, 0.4 * mz * mz + 0.3 * mz):
        state = steady_state(Model(h, jumps=[LocalJump(qutip.sigmaz(), 0.7)]), N, rho0=start)
        assert np.abs(state.means - [0, 0, 0.4]).max() <= state.error < STATED
        assert abs(state.second_moments[2, 2] - (0.16 * (N - 1) + 1) / N) <= state.error


@pytest.mark.parametrize("slow", [1e-4, 1e-6, 1e-8])
def test_the_error_stated_grows_with_the_relaxation_time(slow):
    """Rates ε up and 2ε down beside dephasing 1: ⟨m_z⟩ = −1/3 at every N; rounding of the rates counts times 1/ε."""
    m = Model(
        0.3 * mz,
        [LocalJump(qutip.sigmaz()), LocalJump(qutip.sigmap(), slow**0.5), LocalJump(qutip.sigmam(), (2 * slow) ** 0.5)],
    )
    turn = axis_rotation([1, 2, -1], 0.8)
    for N in (1, 2, 4):
        upright, turned = steady_state(m, N), steady_state(m.rotated(turn), N)
        assert abs(upright.mean("z") + 1 / 3) <= upright.error < 1e-13 / slow
        assert np.abs(turned.means - adjoint_matrix(turn) @ [0, 0, -1 / 3]).max() <= turned.error < 1e-13 / slow
        assert upright.gap == pytest.approx(3 * slow, rel=1e-6)


def test_a_nearly_closed_gap():
    """Curie–Weiss at β = 3, N = 14: both wells weigh the same, ⟨m⟩ = 0, though they exchange at 1e-5 or less."""
    state = steady_state(hopfield(0.0, 3.0), 14)
    assert state.gap < 1e-5 and np.abs(state.means).max() <= state.error < 1e-6  # 1e-16 N over the gap, times √rows


def test_undamped_modes_of_another_species_do_not_enter_gap_or_error():
    """Species a decays, species b precesses: the limit exists from the axis of its field, and else not."""
    a, b = Species("a", fraction=0.25), Species("b", fraction=0.75)
    m = Model(0.5 * b.mz, [LocalJump(qutip.sigmam(), species=a)], species=[a, b])
    state = steady_state(m, 4, rho0={"a": [0.3, 0, 0.2], "b": [0, 0, 0.6]})
    assert state.gap == pytest.approx(0.5) and state.undamped == 14 and state.zero_modes == 6
    assert np.abs(state.means - [0, 0, -1, 0, 0, 0.6]).max() <= state.error < STATED
    with pytest.raises(FiniteNError, match="oscillates indefinitely"):
        steady_state(m, 4, rho0={"a": [0.3, 0, 0.2], "b": [0.1, 0, 0.6]})


@pytest.mark.parametrize("cutoff", [3, 6, 10, 16])
def test_the_error_stated_covers_the_levels_left_out(cutoff):
    """A driven, lossy mode: a coherent state, of which a cutoff takes the tail; in trace norm, levels beyond counted as
    lost."""
    field, atoms = Mode("field"), Species("atoms")
    N, nu, drive, kappa = 1, 0.7, 0.9, 0.9
    m = Model(
        nu * field.number + drive * field.phi,
        [LocalJump(qutip.sigmam(), 0.6, species=atoms), LocalJump(qutip.sigmap(), 0.8, species=atoms)],
        [CollectiveJumps([field.alpha], kappa)],
        species=[atoms],
        modes=[field],
    )
    state = steady_state(m, N, cutoffs={"field": cutoff})
    z = -1j * drive * np.sqrt(N / 2) / (1j * nu + kappa / 2)
    ket = np.exp(-(abs(z) ** 2) / 2) * np.cumprod(np.r_[1.0, z / np.sqrt(np.arange(1, 40))])
    spin = np.diag([0.64, 0.36])
    full = np.kron(spin, np.outer(ket, ket.conj()))
    kept = np.zeros_like(full)
    own = np.ix_(*2 * [np.r_[0 : cutoff + 1, 40 : 40 + cutoff + 1]])
    kept[own] = state.states[0]
    true = np.abs(np.linalg.eigvalsh(kept - full)).sum()
    assert 1e-12 < true <= state.error < 30 * true  # fewer levels show somewhat more than is left out
    assert state.cutoff_error > state.solution_error
