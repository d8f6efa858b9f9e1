"""Two-time correlations against the quantum regression theorem on the full space, and against closed forms."""

import time

import numpy as np
import pytest
import qutip
from scipy.linalg import expm

from finite_n import (
    CollectiveJumps,
    Field,
    FiniteNError,
    LocalJump,
    Mode,
    Model,
    Species,
    average,
    correlation,
    evolve,
    mx,
    my,
    mz,
)
from finite_n.model.operators import bloch_to_density
from finite_n.states.initial_state import as_initial_state
from tests import random_general_models as general
from tests import random_models
from tests.brute_force import BruteForce, polynomial, product_state
from tests.brute_force_general import GeneralBruteForce

TOLERANCE = 1e-8  # of values of order one; both integrations are asked for 1e-9 or less
ROUNDING = 1e-11  # of the integration on the full space, to a relative 1e-12
UP, DOWN = average(qutip.sigmap()), average(qutip.sigmam())
DELAYS = [0.0, 0.3, 0.9]


def regression(full, left, rho, right, read, delays):
    """Tr(O e^{τL}(left ρ right)) for every O, (O, D)."""
    x = left @ rho @ right
    steps = np.diff([0.0, *delays])
    out = []
    for step in steps:
        x = full.evolve(x, step) if step else x
        out.append([np.trace(o @ x) for o in read])
    return np.array(out).T


@pytest.mark.parametrize("kind", random_models.KINDS)
@pytest.mark.parametrize("N", [2, 4])
def test_random_models_against_the_full_space(kind, N):
    rng = np.random.default_rng(N)
    model, bloch = random_models.model(kind, rng), random_models.bloch(rng)
    read, b = [UP, mx * my], DOWN + 0.2j * mz
    found = correlation(model, N, bloch, [0.0, 0.5], DELAYS, read, b)
    full = BruteForce(model, N)
    rho, one = product_state(bloch_to_density(bloch), N), np.eye(2**N)
    operators = [polynomial(p, N) for p in read]
    for k, state in enumerate((rho, full.evolve(rho, 0.5))):
        right = regression(full, polynomial(b, N), state, one, operators, DELAYS)
        assert np.abs(found.values[:, k] - right).max() < max(found.error, ROUNDING)
    assert found.error < TOLERANCE


def test_operators_on_both_sides_and_connected_ones():
    N, rng = 3, np.random.default_rng(1)
    model, bloch = random_models.model("everything", rng), random_models.bloch(rng)
    full, rho = BruteForce(model, N), product_state(bloch_to_density(bloch), N)
    up, down = (polynomial(p, N) for p in (UP, DOWN))
    counted = correlation(model, N, bloch, [0.0], DELAYS, UP * DOWN, DOWN, c=UP)
    right = regression(full, down, rho, up, [up @ down], DELAYS)
    assert np.abs(counted.values - right).max() < TOLERANCE
    connected = correlation(model, N, bloch, [0.0], DELAYS, UP, DOWN, connected=True)
    both = regression(full, down, rho, np.eye(2**N), [up], DELAYS)
    alone = regression(full, np.eye(2**N), rho, np.eye(2**N), [up], DELAYS)
    assert np.abs(connected.values - (both - alone * np.trace(down @ rho))).max() < TOLERANCE


def test_independent_spins_in_the_stationary_state():
    """N ⟨s₊(τ)s₋⟩ = N b/(a + b) e^{(iω − (a + b)/2)τ}, gain b and loss a, at every N."""
    w, a, b = 0.5, 0.2, 0.5
    model = Model(w / 2 * mz, [LocalJump(qutip.sigmam(), np.sqrt(a)), LocalJump(qutip.sigmap(), np.sqrt(b))])
    delays = np.linspace(0, 4, 9)
    for N in (4, 15):
        found = correlation(model, N, None, None, delays, UP, DOWN)
        assert found.times is None
        assert np.abs(N * found.values - b / (a + b) * np.exp((1j * w - (a + b) / 2) * delays)).max() < TOLERANCE
    assert abs(correlation(model, 4, None, None, [1.0], UP, DOWN).values[0] * 16 - (1.766920 + 0.965273j)) < 1e-6


@pytest.mark.parametrize("w", [0.0, 0.7])
def test_what_stays_on_one_side_of_the_diagonal(w):
    """J₋ρ of decaying spins, with a real generator (w = 0) and a complex one: ⟨σ₊(τ)σ₋⟩ = e^{(iw − ½)τ} from all up,
    read by real, imaginary and other operators."""
    model, delays = Model(w / 2 * mz, [LocalJump(qutip.sigmam())]), np.array([0.0, 0.8])
    found = correlation(model, 6, [0, 0, 1], [0.0], delays, [UP, DOWN, mx, my, 1j * my], 1j * DOWN)
    right = 1j * np.exp((1j * w - 0.5) * delays) / 6
    assert np.abs(found.values[:, 0] - np.outer([1, 0, 1, -1j, 1], right)).max() < TOLERANCE
    for a, c in ((mx, 1), (my, -1j), (1j * my, 1)):
        assert (
            np.abs(correlation(model, 6, [0, 0, 1], [0.0], delays, a, 1j * DOWN).values[0] - c * right).max()
            < TOLERANCE
        )


def test_real_and_imaginary_operators_by_themselves():
    """A real generator keeps planes apart, of which one is read."""
    N, model = 3, Model(0.4 * mx, [LocalJump(qutip.sigmam())], [CollectiveJumps([qutip.sigmam()], 1.0)])
    full, rho = BruteForce(model, N), product_state(np.diag([1.0, 0.0]), N)
    for a in (mz, my, mx, mx * my, mx + my):
        for b in (mz, DOWN, my, mx + my):
            found = correlation(model, N, [0, 0, 1], [0.0], DELAYS, a, b)
            right = regression(full, polynomial(b, N), rho, np.eye(2**N), [polynomial(a, N)], DELAYS)
            assert np.abs(found.values - right).max() < TOLERANCE, (a, b)


def test_two_spins_that_decay_together():
    """⟨J₊(τ)J₋⟩ = 4 e^{−γτ} − 2 e^{−2γτ} from all up, down the ladder J = 1."""
    N, gamma, delays = 2, 0.7, np.linspace(0, 3, 7)
    model = Model(collective=[CollectiveJumps([qutip.sigmam()], rate=N * gamma)])
    found = correlation(model, N, [0, 0, 1], [0.0], delays, UP, DOWN)
    assert np.abs(N**2 * found.values[0] - (4 * np.exp(-gamma * delays) - 2 * np.exp(-2 * gamma * delays))).max() < 1e-8


def test_superradiant_light_of_many_spins():
    """Coherences ⟨M|X|M + 1⟩ of J₋ρ go down the ladder J = N/2 by N coupled equations."""
    N, delays = 40, np.linspace(0, 1.5, 6)
    model = Model(collective=[CollectiveJumps([qutip.sigmam()], rate=1.0)])
    found = correlation(model, N, [0, 0, 1], [0.0], delays, UP, DOWN)
    J, M = N / 2, N / 2 - np.arange(N + 1)
    lowered = np.sqrt((J + M) * (J - M + 1))[:-1]  # ⟨M − 1|J₋|M⟩
    # x_k of |M_k − 1⟩⟨M_k|: loss by both levels, gain from above by J₋ on both sides
    squares = np.append(lowered**2, 0.0) / N
    matrix = np.diag(-(squares[:-1] + squares[1:]) / 2)
    matrix += np.diag(lowered[:-1] * lowered[1:] / N, -1)
    right = [lowered @ expm(matrix * t)[:, 0] * lowered[0] for t in delays]
    assert np.abs(found.values[0] - np.array(right) / N**2).max() < TOLERANCE


def test_a_cavity_in_a_gaussian_state():
    """⟨a†(τ)a⟩ of a driven cavity with loss and gain: coherent part and n e^{(iω − (κ − g)/2)τ}."""
    N, w, loss, gain, drive = 3, 0.8, 1.0, 0.2, 0.3
    field = Mode("light")
    number = field.alpha.adjoint() * field.alpha
    model = Model(
        w * number + drive * np.sqrt(2) / N * field.phi,  # H = w a†a + drive (a + a†)/√N
        collective=[CollectiveJumps([field.alpha], rate=loss), CollectiveJumps([field.alpha.adjoint()], rate=gain)],
        species=[Species("")],
        modes=[field],
    )
    raised, lowered = field.alpha.adjoint(), field.alpha
    delays = np.linspace(0, 3, 4)
    start = {"": [0, 0, -1], "light": Field(beta=0.4)}
    found = correlation(model, N, start, [0.0, 0.7], delays, raised, lowered)
    rate, noise = 1j * w + (loss - gain) / 2, gain / (loss - gain)
    still = -1j * drive / np.sqrt(N) / rate  # ȧ = −rate a − i drive/√N
    for k, t in enumerate((0.0, 0.7)):
        first = still + (0.4 - still) * np.exp(-rate * t)
        later = still + (first - still) * np.exp(-rate * delays)
        photons = noise * (1 - np.exp(-(loss - gain) * t))
        right = later.conj() * first + photons * np.exp(-rate.conjugate() * delays)
        assert np.abs(N * found.values[k] - right).max() < TOLERANCE


def test_a_mode_that_fills_while_the_delay_grows():
    """⟨a(τ)a†⟩ = e^{−(iω + κ/2)τ} from the vacuum, of a cavity that is driven to eight photons meanwhile."""
    w, loss, drive, delays = 0.3, 1.0, 2.0, np.array([0.0, 1.0, 2.5])
    field = Mode("light")
    h = w * field.number + drive * np.sqrt(2) * field.phi  # H = w a†a + drive (a + a†) at N = 1
    model = Model(h, collective=[CollectiveJumps([field.alpha], rate=loss)], modes=[field])
    start = {"": [0, 0, 1], "light": Field()}
    found = correlation(model, 1, start, [0.0], delays, [field.alpha, field.number], field.alpha.adjoint(), tol=1e-8)
    assert np.abs(found.values[0, 0] - np.exp(-(1j * w + loss / 2) * delays)).max() < TOLERANCE
    # Tr(a†a e^{τL} a†ρ) = ⟨(δ + A)†(δ + A)⟩ in |1⟩⟨0|: A* e^{−(iω + κ/2)τ}
    rate = 1j * w + loss / 2
    later = -1j * drive / rate * (1 - np.exp(-rate * delays))
    assert np.abs(later[-1]) ** 2 > 7.5
    assert np.abs(found.values[1, 0] - later.conj() * np.exp(-rate * delays)).max() < 10 * TOLERANCE


@pytest.mark.parametrize("kind", ["constant", "collective"])
def test_spins_and_a_mode_against_the_full_space(kind):
    N, rng, cutoff = 2, np.random.default_rng(7), 13
    species, modes = general.parts((2,), (2,), 1)
    model = general.model(kind, rng, species, modes)
    field, start = modes[0], general.state(rng, species, modes)
    b, read = field.alpha * species[0].mx, [field.alpha.adjoint(), field.number]
    found = correlation(model, N, start, [0.0, 0.2], [0.0, 0.2], read, b)
    full = GeneralBruteForce(model, N, [cutoff])
    rho = full.product_state(general.matrices(start, N, [cutoff]))
    operators = [full.measured(p) for p in read]
    for k, state in enumerate((rho, full.evolve(rho, 0.2))):
        right = regression(full, full.measured(b), state, np.eye(full.size), operators, [0.0, 0.2])
        assert np.abs(found.values[:, k] - right).max() < 1e-6


def test_two_species():
    N, rng = 4, np.random.default_rng(2)
    species, _ = general.parts((2, 2), (1, 3))
    model, state = general.model("everything", rng, species), general.state(rng, species)
    b, read = species[0].average(qutip.sigmam()), [species[1].average(qutip.sigmap()), species[0].mz * species[1].mx]
    found = correlation(model, N, state, [0.0, 0.4], DELAYS, read, b)
    full = GeneralBruteForce(model, N)
    rho = full.evolve(full.product_state(general.matrices(state, N)), 0.4)
    operators = [full.polynomial(p) for p in read]
    right = regression(full, full.polynomial(b), rho, np.eye(full.size), operators, DELAYS)
    assert np.abs(found.values[:, 1] - right).max() < TOLERANCE


@pytest.mark.parametrize(
    ("dims", "sizes", "kind"), [((3,), (3,), "rates"), ((3,), (3,), "constant"), ((3, 2), (2, 1), "collective")]
)
def test_particles_of_three_levels(dims, sizes, kind):
    """In occupation numbers, also with operators on both sides."""
    N, rng = sum(sizes), np.random.default_rng(3)
    species, _ = general.parts(dims, sizes)
    model, state = general.model(kind, rng, species), general.state(rng, species)
    x, y, z, u, v = (s.average(general.complex_matrix(rng, s.dim)) for s in (*2 * species, *3 * species)[:5])
    found = correlation(model, N, state, [0.0, 0.3], [0.0, 0.5], [x * y, z], u * v, c=y)
    full = GeneralBruteForce(model, N)
    rho = full.product_state(general.matrices(state, N))
    left, right = full.polynomial(u * v), full.polynomial(y)
    for k, now in enumerate((rho, full.evolve(rho, 0.3))):
        wanted = regression(full, left, now, right, [full.polynomial(x * y), full.polynomial(z)], [0.0, 0.5])
        assert np.abs(found.values[:, k] - wanted).max() < TOLERANCE


def test_connected_correlations_of_three_levels():
    N, rng = 2, np.random.default_rng(5)
    (s,), _ = general.parts((3,), (N,))
    model, state = general.model("constant", rng, [s]), general.state(rng, [s])
    z, u = (s.average(general.complex_matrix(rng, 3)) for _ in range(2))
    full = GeneralBruteForce(model, N)
    rho = full.product_state(general.matrices(state, N))
    connected = correlation(model, N, state, [0.0], [0.0, 0.5], z, u, connected=True)
    both = correlation(model, N, state, [0.0], [0.0, 0.5], [z], u)
    one = [full.expect(p, r) for p, r in ((z, rho), (z, full.evolve(rho, 0.5)), (u, rho))]
    assert np.abs(connected.values[0] - (both.values[0, 0] - np.array(one[:2]) * one[2])).max() < TOLERANCE


def test_three_levels_and_a_mode():
    """A Λ atom and damped light: α of the mode times an operator of the atom, raised above the levels of the state."""
    atom, field = Species("atom", dim=3), Mode("light")
    drop = np.zeros((3, 3))
    drop[1, 0] = 1.0
    lower = atom.average(drop)
    h = 0.4 * field.number + 0.3 * (lower * field.alpha.adjoint() + lower.adjoint() * field.alpha)
    jumps, loss = [LocalJump(drop.T, 0.4, species=atom)], [CollectiveJumps([field.alpha], 0.8)]
    model = Model(h, jumps, loss, species=[atom], modes=[field])
    start = {"atom": np.diag([0.5, 0.3, 0.2]), "light": Field(beta=0.3)}
    b, read, N, cutoff = field.alpha.adjoint() * lower, [field.alpha, field.number], 2, 9
    found = correlation(model, N, start, [0.0, 0.3], [0.0, 0.4], read, b)
    full = GeneralBruteForce(model, N, [cutoff])
    state = general.matrices(as_initial_state(start, model), N, [cutoff])
    rho = full.evolve(full.product_state(state), 0.3)
    operators = [full.measured(p) for p in read]
    right = regression(full, full.measured(b), rho, np.eye(full.size), operators, [0.0, 0.4])
    assert np.abs(found.values[:, 1] - right).max() < TOLERANCE


@pytest.mark.slow
@pytest.mark.parametrize(
    ("h", "start", "b"),
    [
        (0.4 * mx, [0, 0, -1], mz),
        (0.4 * mx, [0.3, 0.2, 0.5], DOWN),
        (0.4 * mx + 0.2 * my + 0.3 * mz * mz, [0.3, 0.2, 0.5], DOWN),
    ],
)
def test_200_delays_cost_two_evolutions(h, start, b):
    """One operator b at N = 100 on one thread: 2.5 times the processor time of an evolution at most, best of three; the
    generator and the start are real, the start is complex, both are."""
    model = Model(h, [LocalJump(qutip.sigmam(), np.sqrt(0.3))], [CollectiveJumps([qutip.sigmam()], 1.0)])
    delays, best = np.linspace(0, 2, 200), [np.inf, np.inf]
    for N in (10, 100, 100, 100):
        begin = time.process_time()
        evolve(model, N, start, delays, threads=1)
        middle = time.process_time()
        correlation(model, N, start, [0.0], delays, b.adjoint(), b, threads=1)
        if N == 100:
            best = [min(x, y) for x, y in zip(best, (middle - begin, time.process_time() - middle), strict=True)]
    assert best[1] < 2.5 * best[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rho0": None}, "rho0 is missing"),
        ({"tlist": [1.0, 0.5]}, "each later than"),
        ({"taulist": [-1.0, 0.5]}, "delays of 0 or more"),
        ({"taulist": []}, "delays of 0 or more"),
        ({"a": []}, "a is empty"),
        ({"tol": 5.0}, "tol"),
        ({"method": "euler", "rho0": None, "tlist": None}, "method"),
        ({"model": "decay"}, "finite_n.Model"),
        ({"a": Species("b").mx}, "not an average of the model"),
        ({"b": "mx"}, "b: got 'mx'"),
        ({"a": "mx"}, "a: got 'mx'"),
        ({"b": float("nan") * mx}, "b = .* not finite"),
        ({"connected": 1}, "True or False"),
        ({"connected": True, "c": mx}, "leave c out"),
    ],
)
def test_bad_input_gets_one_sentence(changes, words):
    model = Model(0.3 * mx, [LocalJump(qutip.sigmam())])
    given = {"rho0": [0, 0, 1], "tlist": [0.0], "taulist": [0.0, 1.0], "a": UP, "b": DOWN}
    with pytest.raises(FiniteNError, match=words):
        correlation(**({"model": model, "N": 3} | given | changes))
