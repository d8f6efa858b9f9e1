"""States of all particles in and out of qutip: the full space, averaged over permutations one by one, and PIQS."""

import itertools

import numpy as np
import pytest
import qutip
from qutip.piqs import piqs

from comparison import Study
from finite_n import (
    CollectiveJumps,
    FiniteNError,
    LocalJump,
    Model,
    Species,
    coherent,
    dicke,
    evolve,
    from_blocks,
    from_piqs,
    from_qobj,
    ghz,
    mx,
    my,
    mz,
    product,
    w,
)
from finite_n.states.initial_state import as_initial_state
from meanfield import Limit
from tests import random_general_models, random_models
from tests.brute_force import BruteForce
from tests.brute_force_general import GeneralBruteForce
from tests.engine_tester import check_sentence

EXACT = 1e-9  # the tolerance asked for
ROUNDING = 1e-13  # of sums of at most 4^6 elements


def symmetric_mixture(rng, N: int, dim: int = 2) -> qutip.Qobj:
    """A random mixed state of full rank, averaged over every permutation."""
    a = rng.normal(size=(dim**N, dim**N)) + 1j * rng.normal(size=(dim**N, dim**N))
    rho = qutip.Qobj(a @ a.conj().T, dims=[[dim] * N] * 2).unit()
    return sum(rho.permute(list(p)) for p in itertools.permutations(range(N))).unit()


@pytest.mark.parametrize("N", [1, 2, 3, 4])
def test_a_random_symmetric_mixture_comes_back(N):
    rho = symmetric_mixture(np.random.default_rng(N), N)
    state = from_qobj(rho)
    assert np.abs((state.to_qobj() - rho).full()).max() < ROUNDING
    assert state.to_qobj().dims == rho.dims


@pytest.mark.parametrize("kind", ["general", "tilted"])
@pytest.mark.parametrize("N", [2, 3, 4])
def test_evolution_from_a_random_symmetric_mixture(N, kind):
    rng = np.random.default_rng(10 + N)
    model = Model(
        0.5 * mx + 0.3 * mz * mz,
        [LocalJump(random_models.complex_matrix(rng), lambda d: 1 + 0.4 * d, delta=mz if kind == "general" else mx)],
        [CollectiveJumps([qutip.sigmam()], rate=0.4)],
    )
    rho, brute = symmetric_mixture(rng, N), BruteForce(model, N)
    exact = brute.evolve(rho.full(), 0.7)
    for basis in ("auto", "dicke"):
        result = evolve(model, N, rho, [0, 0.7], {"xyz": mx * my * mz}, basis=basis)
        for a, letter in enumerate((mx, my, mz)):
            assert abs(result.means[-1, a] - brute.expect(letter, exact)) < EXACT
        assert abs(result.e_data["xyz"][-1] - brute.expect(mx * my * mz, exact)) < EXACT
    assert np.abs(result.state().to_qobj().full() - exact).max() < EXACT


@pytest.mark.parametrize("kind", ["hamiltonian", "tilted rates", "collective"])
def test_evolution_of_particles_of_three_levels(kind):
    rng, a = np.random.default_rng(5), Species("a", dim=3)
    rho = symmetric_mixture(rng, 3, 3)
    model = random_general_models.model(kind, rng, [a])
    brute = GeneralBruteForce(model, 3)
    exact = brute.evolve(rho.full(), 0.5)
    result = evolve(model, 3, {"a": rho}, [0, 0.5])
    assert np.abs(result.means[-1] - brute.means(exact)).max() < EXACT
    assert np.abs(result.second_moments[-1] - brute.second(exact)).max() < EXACT
    assert np.abs((from_qobj(rho).to_qobj() - rho).full()).max() < ROUNDING


@pytest.mark.parametrize("dim", [2, 3])
def test_particles_that_do_not_interact_need_one_and_two_of_them(dim):
    rng, a = np.random.default_rng(6), Species("a", dim=dim)
    rho = symmetric_mixture(rng, 3, dim)
    h, jump = random_general_models.hermitian(rng, dim), random_general_models.complex_matrix(rng, dim)
    model = Model(a.average(h), [LocalJump(jump, species=a)], species=[a])
    brute = GeneralBruteForce(model, 3)
    exact = brute.evolve(rho.full(), 0.5)
    result = evolve(model, 3, {"a": rho}, [0, 0.5], basis="independent")
    assert np.abs(result.means[-1] - brute.means(exact)).max() < EXACT
    assert np.abs(result.second_moments[-1] - brute.second(exact)).max() < EXACT


def test_states_by_name_are_those_of_qutip():
    """In qutip `basis(2, 0)` is the first level, up; its W state has one particle in the other one."""
    flip = qutip.tensor([qutip.sigmax()] * 4)
    pairs = [
        (ghz(), qutip.ghz_state(4)),
        (w(), flip * qutip.w_state(4)),
        (dicke(2, -1), qutip.tensor(qutip.basis(2, 1), qutip.w_state(3))),
        (coherent(0.7, 0.4), qutip.tensor([qutip.spin_coherent(0.5, 0.7, 0.4)] * 4)),
    ]
    for state, ket in (pairs[0], pairs[1], pairs[3]):
        ours = evolve(Model(), 4, state, [0, 1], basis="dicke").state()
        found = ours.to_qobj().full()
        assert np.abs(found - qutip.ket2dm(ket).full()).max() < EXACT
        if state is not pairs[3][0]:
            assert np.abs(from_qobj(ket).to_qobj().full() - found).max() < EXACT


@pytest.mark.parametrize("N", [2, 3, 4, 5, 6])
def test_the_layout_of_piqs_both_ways(N):
    """Expectation values and purity by the operators of PIQS, and its Liouvillian on what we give it."""
    rng = np.random.default_rng(N)
    blocks = [a @ a.conj().T for a in (rng.normal(size=(n, n, 2)) @ [1, 1j] for n in range(N + 1, 0, -2))]
    norm = sum(np.trace(b) for b in blocks)
    state = from_blocks([b / norm for b in blocks])
    matrix = state.to_piqs()
    assert matrix.shape[0] == piqs.num_dicke_states(N)
    for a, b in zip(from_piqs(matrix).blocks, state.blocks, strict=True):
        assert np.array_equal(a, b)
    result = evolve(Model(0.5 * mx, [LocalJump(qutip.sigmam(), rate=0.6)]), N, state, [0, 0.8], basis="dicke")
    for a, J in enumerate(piqs.jspin(N)):
        assert abs(result.means[0, a] - 2 / N * qutip.expect(J, matrix)) < EXACT
    L = piqs.Dicke(N, hamiltonian=piqs.jspin(N)[0], emission=0.6).liouvillian()
    later = qutip.vector_to_operator((0.8 * L).expm() * qutip.operator_to_vector(matrix))
    assert np.abs(result.state().to_piqs().full() - later.full()).max() < 1e-6  # rates of PIQS are float32


def test_dicke_states_and_ghz_of_piqs():
    for N, ours, theirs in [(4, dicke(1, 0), piqs.dicke(4, 1, 0)), (5, ghz(), piqs.ghz(5))]:
        kept = evolve(Model(), N, ours, [0, 1], basis="dicke").state()
        assert np.abs((kept.to_piqs() - theirs).full()).max() < EXACT
        again = evolve(Model(), N, from_piqs(theirs), [0, 1], basis="dicke").state()
        assert np.abs((again.to_piqs() - theirs).full()).max() < EXACT


BELL = qutip.tensor(qutip.basis(2, 0), qutip.basis(2, 1), qutip.basis(2, 0))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: from_qobj(BELL), "not symmetric under permutations"),
        (lambda: evolve(Model(mx), 3, BELL, [0, 1]), "not symmetric under permutations"),
        (lambda: evolve(Model(mx), 4, qutip.ghz_state(3), [0, 1]), "not N = 4"),
        (lambda: from_qobj(2 * qutip.ket2dm(qutip.ghz_state(3))), "trace is 2"),
        (lambda: from_qobj(np.eye(6) / 6, 2), "6 rows are not 2^N"),
        (lambda: from_qobj(np.eye(8) / 8), "dim"),
        (lambda: from_qobj(qutip.tensor(qutip.basis(2, 0), qutip.basis(3, 0))), "same number of levels"),
        (lambda: from_qobj(np.eye(2048)[0], 2), "up to 1024"),
        (lambda: from_qobj("GHZ", 2), "ket or a square matrix"),
        (lambda: from_piqs(np.eye(5) / 5), "by (N/2 + 1)²"),
        (lambda: from_piqs(np.diag([1.2, -0.2, 0, 0])), "positive"),
        (lambda: from_piqs(np.ones((4, 4)) / 4), "between different J"),
        (lambda: product(qutip.ghz_state(3)) and evolve(Model(mx), 2, product(qutip.ghz_state(3)), [0, 1]), "8 levels"),
        (lambda: Limit(Model(mx)).evolve(ghz(), [0, 1]), "no mean-field limit"),
        (lambda: Study(Model(mx), w(), [0, 1]), "no mean-field limit"),
        (lambda: as_initial_state(qutip.ghz_state(3), Model(mx)).limit(), "no mean-field limit"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(make, words):
    with pytest.raises(FiniteNError) as refused:
        make()
    check_sentence(str(refused.value))
    assert words in str(refused.value)
