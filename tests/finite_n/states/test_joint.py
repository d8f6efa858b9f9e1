"""States of several species and modes: two halves of an evolution are one run, and the full space is that of qutip."""

import itertools

import numpy as np
import pytest
import qutip

from finite_n import (
    CollectiveJumps,
    Field,
    FiniteNError,
    LocalJump,
    Mode,
    Model,
    Species,
    entropy,
    evolve,
    mx,
    mz,
    negativity,
    steady_state,
)
from finite_n.states.initial_state import as_initial_state
from tests.brute_force_general import GeneralBruteForce
from tests.engine_tester import check_sentence

EXACT = 2e-9  # the tolerance asked for, once for every half
A, B, LIGHT = Species("a", fraction=0.5), Species("b", fraction=0.5), Mode("light")
TWO = Model(
    0.5 * A.mx + 0.4 * A.mz * B.mx + 0.3 * B.mz,
    [LocalJump(qutip.sigmam(), lambda d: 1 + 0.4 * d, delta=A.mz, species=B)],
    [CollectiveJumps([A.average(qutip.sigmam()) + 0.5 * B.average(qutip.sigmam())], rate=0.4)],
    species=[A, B],
)
TWO_CLOSED = Model(0.5 * A.mx + 0.8 * A.mz * B.mx + 0.3 * B.mz, species=[A, B])
H = 0.4 * LIGHT.number + 0.5 * mz
TIMES = np.array([0.0, 0.5, 1.2])
SPINS = {"a": [0.6, 0, 0.3], "b": [0, 0.3, -0.5]}
PURE = {"a": [0.6, 0, 0.8], "b": [0, 0.6, -0.8]}


def light_and_spins(loss: float) -> Model:
    """The Dicke model, open or closed."""
    lost = [CollectiveJumps([LIGHT.alpha], rate=loss)] if loss else []
    return Model(H + 0.6 * mx * LIGHT.phi, collective=lost, modes=[LIGHT])


def compare(model: Model, N: int, start, basis="auto", **options) -> None:
    """One run, and the same in two halves."""
    once = evolve(model, N, start, TIMES, **options)
    first = evolve(model, N, start, TIMES[:2], basis=basis, **options)
    second = evolve(model, N, first, TIMES[1:], **options)
    assert np.abs(second.means[-1] - once.means[-1]).max() < EXACT
    assert np.abs(second.second_moments[-1] - once.second_moments[-1]).max() < EXACT
    assert np.abs(second.covariance[-1] - once.covariance[-1]).max() < 3 * N * EXACT


@pytest.mark.parametrize("basis", ["Dicke", "auto"])
def test_two_species(basis):
    compare(TWO, 6, SPINS, basis)


@pytest.mark.parametrize("start", [SPINS, PURE])
@pytest.mark.parametrize("basis", ["Dicke", "energy eigenstates", "auto"])
def test_two_species_without_jumps(start, basis):
    compare(TWO_CLOSED, 4, start, basis)


@pytest.mark.parametrize("loss", [0.0, 0.5])
def test_spins_and_a_mode(loss):
    compare(light_and_spins(loss), 3, {"": [0, 0, -1], "light": Field(beta=0.4)})


def test_a_state_vector_goes_on_as_one():
    """Of any length: |ψ⟩⟨ψ| of this one would take hundreds of megabytes."""
    model, start, N = light_and_spins(0.0), {"": [0, 0, -1], "light": Field(alpha=0.4)}, 40
    once = evolve(model, N, start, TIMES)
    first = evolve(model, N, start, TIMES[:2])
    second = evolve(model, N, first, TIMES[1:])
    assert first.stats["elements"] > 2000
    assert first.stats["basis"] == second.stats["basis"] == "state vector"
    assert second.budget.holds
    assert np.abs(second.means[-1] - once.means[-1]).max() < EXACT
    assert np.abs(second.second_moments[-1] - once.second_moments[-1]).max() < EXACT


def test_the_full_space_of_two_species_and_a_mode():
    """Evolved on 2^N ⊗ Fock: the same matrix."""
    cutoffs = {"light": 3}
    model = Model(
        0.5 * A.mx + 0.4 * A.mz * B.mx + 0.3 * B.mz + 0.2 * LIGHT.number,
        [LocalJump(qutip.sigmam(), rate=0.4, species=A)],
        [CollectiveJumps([LIGHT.alpha + A.mx], rate=0.3)],
        species=[A, B],
        modes=[LIGHT],
    )
    brute = GeneralBruteForce(model, 4, [3])
    parts = {s: (np.eye(2) + np.einsum("a,aij->ij", SPINS[s], PAULI)) / 2 for s in ("a", "b")}
    vacuum = np.diag([1.0, 0, 0, 0])
    exact = brute.evolve(brute.product_state(parts | {"light": vacuum}), 0.6)
    found = evolve(model, 4, SPINS, [0, 0.6], cutoffs=cutoffs, basis="Dicke").state().to_qobj()
    assert found.dims == [[2, 2, 2, 2, 4]] * 2
    assert np.abs(found.full() - exact).max() < EXACT


PAULI = np.array([qutip.sigmax().full(), qutip.sigmay().full(), qutip.sigmaz().full()])


def symmetric_mixture(rng, sizes, levels=()) -> qutip.Qobj:
    """A random mixed state of full rank, averaged over every permutation within species."""
    dims = [2] * sum(sizes) + list(levels)
    a = rng.normal(size=(np.prod(dims),) * 2) + 1j * rng.normal(size=(np.prod(dims),) * 2)
    rho = qutip.Qobj(a @ a.conj().T, dims=[dims] * 2).unit()
    orders, first = [[]], 0
    for n in [*sizes, *[1] * len(levels)]:
        own = itertools.permutations(range(first, first + n))
        orders, first = [x + list(y) for x, y in itertools.product(orders, own)], first + n
    return sum(rho.permute(p) for p in orders).unit()


def test_a_random_state_of_two_species_from_qutip():
    rho = symmetric_mixture(np.random.default_rng(3), (2, 2))
    brute = GeneralBruteForce(TWO, 4)
    exact = brute.evolve(rho.full(), 0.6)
    result = evolve(TWO, 4, rho, [0, 0.6], basis="Dicke")
    assert np.abs(result.means[-1] - brute.means(exact)).max() < EXACT
    assert np.abs(result.second_moments[-1] - brute.second(exact)).max() < EXACT
    assert np.abs(result.state().to_qobj().full() - exact).max() < EXACT


def test_a_random_state_of_spins_and_a_mode_from_qutip():
    model, cutoffs = light_and_spins(0.3), {"light": 4}
    rho = symmetric_mixture(np.random.default_rng(4), (3,), (5,))
    brute = GeneralBruteForce(model, 3, [4])
    exact = brute.evolve(rho.full(), 0.4)
    found = evolve(model, 3, rho, [0, 0.4], cutoffs=cutoffs, basis="Dicke").state().to_qobj()
    assert np.abs(found.full() - exact).max() < EXACT


def test_entanglement_is_that_of_qutip():
    result = evolve(TWO_CLOSED, 4, PURE, [0, 1.5], basis="Dicke")
    rho = result.state().to_qobj()
    assert abs(qutip.entropy_vn(rho.ptrace([0, 1])) - entropy(result, of="a")[-1]) < 1e-6  # ε ln ε
    transposed = np.linalg.eigvalsh(qutip.partial_transpose(rho, [1, 1, 0, 0]).full())
    assert abs(-transposed[transposed < 0].sum() - negativity(result, "a", "b")[-1]) < 1e-7


def test_a_stationary_state_stays():
    model = Model(
        TWO.hamiltonian,
        [LocalJump(qutip.sigmam(), rate=0.5, species=s) for s in (A, B)],
        TWO.collective,
        species=[A, B],
    )
    stationary = steady_state(model, 4)
    later = evolve(model, 4, stationary, [0, 1.0], basis="Dicke")
    assert np.abs(later.means - stationary.means).max() < 1e-7
    rho, brute = stationary.state().to_qobj().full(), GeneralBruteForce(model, 4)
    assert np.abs(brute.rhs(rho)).max() < 1e-7  # of ρ to 1e-8 or so, times rates


UP, DOWN = qutip.basis(2, 0), qutip.basis(2, 1)
JOINT = evolve(TWO, 4, SPINS, [0, 0.5], basis="Dicke")


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: evolve(TWO, 6, JOINT, TIMES), "evolve the same numbers"),
        (lambda: evolve(light_and_spins(0.0), 4, JOINT, TIMES), "the same species and modes"),
        (lambda: evolve(TWO, 4, JOINT, TIMES, basis="symmetrised"), "have no case for a state of this kind"),
        (lambda: evolve(TWO_CLOSED, 4, JOINT, TIMES, basis="state vector"), "pure state"),
        (lambda: evolve(TWO, 4, qutip.tensor([qutip.basis(2, 0)] * 3 + [qutip.basis(3, 0)]), TIMES), "2 for every"),
        (lambda: evolve(TWO, 4, qutip.tensor(UP, DOWN, UP, UP), TIMES), "not symmetric under permutations"),
        (lambda: as_initial_state(JOINT, TWO).limit(), "no mean-field limit"),
        (lambda: evolve(TWO, 12, SPINS, [0, 0.1], basis="Dicke", check=False).state().to_qobj(), "up to 1024"),
        (lambda: JOINT.state().to_piqs(), "use to_qobj"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(ask, words):
    with pytest.raises(FiniteNError) as refused:
        ask()
    check_sentence(str(refused.value))
    assert words in str(refused.value)


def test_a_joint_state_is_no_product_to_engines_of_particles_that_do_not_interact():
    free = Model(0.5 * A.mx + 0.2 * B.mz, species=[A, B])
    with pytest.raises(FiniteNError, match="have no case"):
        evolve(free, 4, JOINT, TIMES, basis="independent")
    whole = evolve(free, 4, JOINT, TIMES)
    assert np.abs(whole.means[0] - JOINT.means[-1]).max() < EXACT
    assert np.abs(whole.second_moments[0] - JOINT.second_moments[-1]).max() < EXACT
