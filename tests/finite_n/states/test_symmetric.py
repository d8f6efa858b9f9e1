"""GHZ, W and spin-squeezed states: closed forms of their decay and of twisting, and every engine that takes them."""

import numpy as np
import pytest
import qutip

from finite_n import CollectiveJumps, FiniteNError, LocalJump, Model, evolve, from_qobj, ghz, mx, mz, spin_squeezed, w
from tests.engine_tester import check_sentence

EXACT = 1e-9  # the tolerance asked for
TIMES = np.array([0.0, 0.3, 1.0])


@pytest.mark.parametrize("N", [1, 3, 20])
def test_ghz_loses_its_coherence_n_times_as_fast_as_one_particle(N):
    """|↑…↑⟩⟨↓…↓| falls as e^{−2γNt} under local dephasing γ D[σz] and turns as e^{−iωNt}; populations stay."""
    rate, omega, phase = 0.1, 0.7, 0.4
    model = Model(omega / 2 * mz, [LocalJump(qutip.sigmaz(), rate=rate)])
    result = evolve(model, N, ghz(phase), TIMES, basis="dicke", keep_states=True)
    for t in TIMES:
        block = result.state(t).blocks[0]
        exact = 0.5 * np.exp(-1j * phase - (2 * rate + 1j * omega) * N * t)
        assert abs(block[0, -1] - exact) < EXACT
        assert abs(block[0, 0] - 0.5) < EXACT and abs(block[-1, -1] - 0.5) < EXACT


@pytest.mark.parametrize("N", [2, 5, 40])
def test_w_decays_as_one_excitation(N):
    """e^{−γt} |W⟩⟨W| + (1 − e^{−γt}) |↓…↓⟩⟨↓…↓| under local decay, e^{−Nγt} in place of e^{−γt} under collective."""
    rate = 0.6
    local = Model(jumps=[LocalJump(qutip.sigmam(), rate=rate)])
    together = Model(collective=[CollectiveJumps([qutip.sigmam()], rate=N * rate)])  # γ D[J₋]
    for model, faster in ((local, 1), (together, N)):
        result = evolve(model, N, w(), TIMES, basis="dicke", keep_states=True)
        for t in TIMES:
            left = np.exp(-faster * rate * t)
            exact = np.zeros((N + 1, N + 1))
            exact[-2, -2], exact[-1, -1] = left, 1 - left
            assert np.abs(result.state(t).blocks[0] - exact).max() < EXACT


@pytest.mark.parametrize("N", [2, 7, 50])
@pytest.mark.parametrize("mu", [0.0, 0.3, 1.1])
def test_twisting_is_that_of_kitagawa_and_ueda(N, mu):
    """⟨S_x⟩ = (N/2) cos^{N−1}(μ/2); the smallest variance across, over N/4, is 1 + (N−1)/4 (A − √(A² + B²))."""
    result = evolve(Model(), N, spin_squeezed(mu), [0, 1])
    A = 1 - np.cos(mu) ** (N - 2)
    B = 4 * np.sin(mu / 2) * np.cos(mu / 2) ** (N - 2)
    smallest = 1 + (N - 1) / 4 * (A - np.hypot(A, B))
    assert abs(result.mean("x")[0] - np.cos(mu / 2) ** (N - 1)) < EXACT
    assert abs(np.linalg.eigvalsh(result.covariance[0][1:, 1:])[0] - smallest) < EXACT
    # turned by ν about x, so that the smallest variance is along z
    turn = 0.5 * np.arctan2(B, A)
    covariance = evolve(Model(), N, spin_squeezed(mu, lambda _: np.pi / 2 - turn), [0, 1]).covariance[0]
    found = min(covariance[1, 1], covariance[2, 2]) if mu else 1.0
    assert abs(found - smallest) < EXACT and abs(covariance[1, 2]) < EXACT


def test_twisting_is_an_evolution():
    """e^{−iμ S_z²/2}: H = N h with h = ½χN m_z²/4 … at χt = μ."""
    N, mu = 9, 0.4
    evolved = evolve(Model(mz * mz), N, [1, 0, 0], [0, mu * N / 8], basis="dicke").state()
    ours = evolve(Model(), N, spin_squeezed(mu), [0, 1], basis="dicke").state()
    assert np.abs(evolved.blocks[0] - ours.blocks[0]).max() < EXACT


ENGINES = ["auto", "dicke", "energy eigenstates", "state vector"]


@pytest.mark.parametrize("state", [ghz(0.3), spin_squeezed(0.5, 0.2), w()])
def test_engines_agree_from_states_by_name(state):
    closed, free = Model(0.4 * mx + 0.2 * mz * mz), Model(0.4 * mx, [LocalJump(qutip.sigmam(), rate=0.3)])
    runs = [evolve(closed, 6, state, TIMES, basis=b) for b in ENGINES]
    runs.append(evolve(closed, 6, from_qobj(runs_start(state)), TIMES))
    for run in runs[1:]:
        assert np.abs(run.means - runs[0].means).max() < EXACT
        assert np.abs(run.covariance - runs[0].covariance).max() < EXACT
    one, other = (evolve(free, 6, state, TIMES, basis=b) for b in ("dicke", "independent"))
    assert np.abs(one.means - other.means).max() < EXACT
    assert np.abs(one.covariance - other.covariance).max() < EXACT


def runs_start(state):
    """Of six particles, on the full space."""
    return evolve(Model(), 6, state, [0, 1], basis="dicke").state().to_qobj()


def test_symmetrised_products_refuse_them_in_a_sentence():
    for state in (ghz(), spin_squeezed(0.1)):
        with pytest.raises(FiniteNError) as refused:
            evolve(Model(mx), 5, state, TIMES, basis="symmetrised")
        check_sentence(str(refused.value))


@pytest.mark.parametrize("make", [lambda: ghz("a"), lambda: spin_squeezed(np.inf), lambda: spin_squeezed(0.1, None)])
def test_bad_angles_are_refused(make):
    with pytest.raises(FiniteNError) as refused:
        make()
    check_sentence(str(refused.value))


def test_a_function_of_n_that_fails_is_refused():
    with pytest.raises(FiniteNError, match="μ at N = 4 failed"):
        evolve(Model(mx), 4, spin_squeezed(lambda N: 1 / (N - 4)), TIMES)
