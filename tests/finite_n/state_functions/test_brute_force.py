"""Functions of the state against qutip on the full space, for random models."""

import numpy as np
import pytest
import qutip

import finite_n
from finite_n import (
    CollectiveJumps,
    FiniteNError,
    LocalJump,
    Mode,
    Model,
    Species,
    evolve,
    memory,
    mx,
    my,
    mz,
    steady_state,
)
from tests import random_general_models as general
from tests import random_models
from tests.brute_force import PAULI, BruteForce, polynomial, product_state, reduced, site
from tests.brute_force_general import GeneralBruteForce

AGREE = 1e-8  # of states known to 1e-10
ROOTS = 1e-6  # of fidelities: square roots of errors of 1e-12
TIMES = [0.0, 0.5]
POINTS = np.array([0.3, 1.2, 2.9]), np.array([0.2, -2.1, 5.0])


def partial_transpose(rho: np.ndarray, dims, mask) -> np.ndarray:
    return qutip.partial_transpose(qutip.Qobj(rho, dims=[list(dims)] * 2), list(mask)).full()


def negativity(rho: np.ndarray, dims, mask) -> float:
    return (np.abs(np.linalg.eigvalsh(partial_transpose(rho, dims, mask))).sum() - 1) / 2


def fisher_information(rho: np.ndarray, G: np.ndarray) -> float:
    """By the symmetric logarithmic derivative L: ½(Lρ + ρL) = −i[G, ρ], F = Tr ρL²; no eigenvectors are used."""
    one = np.eye(len(rho))
    L = np.linalg.solve((np.kron(one, rho.T) + np.kron(rho, one)) / 2, (-1j * (G @ rho - rho @ G)).ravel())
    L = L.reshape(rho.shape)
    return float(np.trace(rho @ L @ L).real)


def full_spin(N: int) -> list[np.ndarray]:
    return [sum(site(s.full(), k, N) for k in range(N)) / 2 for s in PAULI[1:]]


@pytest.mark.parametrize(("kind", "N"), [("everything", 3), ("tilted rates", 4), ("collective", 4)])
def test_random_models(kind, N):
    rng = np.random.default_rng(3)
    model, bloch = random_models.model(kind, rng), random_models.bloch(rng)
    full, start = BruteForce(model, N), product_state(finite_n.product(bloch).density, N)
    result = evolve(model, N, bloch, TIMES, basis="dicke", keep_states=True, tol=1e-10)
    for t, rho in enumerate([start, full.evolve(start, TIMES[1])]):
        state = qutip.Qobj(rho)
        assert abs(result.entropy[t] - qutip.entropy_vn(state)) < AGREE
        assert abs(finite_n.entropy(result)[t] - qutip.entropy_vn(state)) < AGREE
        assert abs(result.purity[t] - state.purity()) < AGREE
        assert abs(finite_n.purity(result)[t] - state.purity()) < AGREE
        pair = negativity(reduced(rho, 2, N), [2, 2], [1, 0])
        assert abs(finite_n.pair_negativity(result)[t] - pair) < AGREE
        g = 0.5 * mz + 0.3 * mx * mx + 0.2 * my
        wanted = fisher_information(rho, N * polynomial(g, N))
        assert abs(finite_n.quantum_fisher_information(result, g)[t] - wanted) < AGREE * N**2
        fidelity = qutip.fidelity(state, qutip.Qobj(start)) ** 2
        assert abs(finite_n.fidelity(result, bloch)[t] - fidelity) < ROOTS


@pytest.mark.parametrize("N", [3, 4])
def test_husimi_is_the_probability_of_the_largest_spin_along_a_direction(N):
    """The eigenvalues of S² and n·S of the full space, M = J; and the overlap with all spins up along n."""
    rng = np.random.default_rng(8)
    model, bloch = random_models.model("everything", rng), random_models.bloch(rng)
    rho = BruteForce(model, N).evolve(product_state(finite_n.product(bloch).density, N), TIMES[1])
    result = evolve(model, N, bloch, TIMES, basis="dicke", tol=1e-10)
    S = full_spin(N)
    square = sum(s @ s for s in S)
    theta, phi = POINTS
    found = finite_n.husimi(result, theta, phi)
    largest = finite_n.husimi(result, theta, phi, J=N / 2)
    assert found.shape == (1, 3)
    for k, (t, p) in enumerate(zip(theta, phi, strict=True)):
        n = np.array([np.sin(t) * np.cos(p), np.sin(t) * np.sin(p), np.cos(t)])
        along = sum(x * s for x, s in zip(n, S, strict=True))
        # S² − (n·S)² − n·S = 0 exactly where M = J
        values, vectors = np.linalg.eigh(square - along @ along - along)
        v = vectors[:, np.abs(values) < 1e-10]
        assert abs(found[0, k] - np.trace(v.conj().T @ rho @ v).real) < AGREE
        up = product_state(finite_n.product(n).density, N)
        assert abs(largest[0, k] - np.trace(up @ rho).real) < AGREE


def test_a_stationary_state_with_local_and_collective_processes():
    """Every block stands for d_J copies: a sum over blocks alone gives an entropy of 1.587."""
    N, rates = 4, {"m": 0.3, "p": 0.15, "z": 0.2}
    one = {"m": qutip.sigmam(), "p": qutip.sigmap(), "z": qutip.sigmaz() / 2}
    jumps = [LocalJump(one[k], np.sqrt(rates[k])) for k in rates]
    model = Model(0.35 * mx, jumps, [CollectiveJumps([one["m"]], 0.4 * N)])
    state = steady_state(model, N)
    assert state.entropy == pytest.approx(2.2188211297, abs=AGREE)
    assert state.purity == pytest.approx(0.1545630077, abs=AGREE)
    assert isinstance(finite_n.entropy(state), float) and finite_n.entropy(state) == pytest.approx(state.entropy)
    L = BruteForce(model, N).liouvillian()
    x = np.linalg.svd(L)[2][-1].conj().reshape(2**N, 2**N).T
    rho = x / np.trace(x)
    assert finite_n.quantum_fisher_information(state, mz / 2) == pytest.approx(
        fisher_information(rho, full_spin(N)[2]), abs=N**2 * AGREE
    )
    assert finite_n.pair_negativity(state) == pytest.approx(negativity(reduced(rho, 2, N), [2, 2], [1, 0]), abs=AGREE)
    third = mx * my * mz + 0.3j * mz * mx
    asked = steady_state(model, N, e_ops={"third": third, "one": mz})
    assert asked.e_data["third"] == pytest.approx(np.trace(polynomial(third, N) @ rho), abs=AGREE)
    assert asked.e_data["one"] == pytest.approx(asked.means[2], abs=1e-14)
    late = evolve(model, N, [0, 0, 1], [0, 80.0], basis="dicke")
    assert finite_n.fidelity(state, late) == pytest.approx(1, abs=ROOTS)


def test_species_and_a_mode():
    """Entropies of parts, negativities across three cuts, and Fisher information of a sum of all; J = 1/2 of three
    particles stands for two copies."""
    rng = np.random.default_rng(4)
    species, modes = general.parts((2, 2), (3, 1), 1)
    a, b = species
    light = modes[0]
    exchange = a.average(qutip.sigmap()) * (1.5 * b.average(qutip.sigmam()) + light.alpha)
    ham = exchange + exchange.adjoint() + 0.5 * light.phi * b.mz + 0.4 * light.number + 0.2 * a.mz
    jumps = [LocalJump(qutip.sigmam(), 0.3, species=a), LocalJump(general.complex_matrix(rng, 2), 0.2, species=b)]
    model = Model(ham, jumps, [CollectiveJumps([light.alpha], 0.3)], species=species, modes=modes)
    N, cutoff, t = 4, 3, 0.6
    start = {a.name: [0, 0.1, 0.99], b.name: [0.3, 0, -0.9]}
    full = GeneralBruteForce(model, N, [cutoff])
    dims = [2, 2, 2, 2, cutoff + 1]
    vacuum = np.zeros((cutoff + 1,) * 2)
    vacuum[0, 0] = 1
    parts = {a.name: finite_n.product(start[a.name]).density, b.name: finite_n.product(start[b.name]).density}
    rho = full.evolve(full.product_state(parts | {light.name: vacuum}), t)
    state = qutip.Qobj(rho, dims=[dims] * 2)
    result = evolve(model, N, start, [0, t], cutoffs={light.name: cutoff}, basis="dicke", tol=1e-10)
    for of, kept in (([a], [0, 1, 2]), (b.name, [3]), (light, [4]), ([light, a], [0, 1, 2, 4]), (None, range(5))):
        assert abs(finite_n.entropy(result, of)[0] - qutip.entropy_vn(state.ptrace(list(kept)))) < AGREE
        assert abs(finite_n.purity(result, of)[0] - state.ptrace(list(kept)).purity()) < AGREE
    for first, mask in ((a, [1, 1, 1, 0, 0]), (light, [0, 0, 0, 0, 1]), ([a, light], [1, 1, 1, 0, 1])):
        assert abs(finite_n.negativity(result, first)[0] - negativity(rho, dims, mask)) < AGREE
    two = negativity(state.ptrace([0, 1, 2, 3]).full(), [2] * 4, [1, 1, 1, 0])
    assert two > 1e-3 and abs(finite_n.negativity(result, a, b)[0] - two) < AGREE
    one_each = negativity(state.ptrace([0, 3]).full(), [2, 2], [1, 0])
    assert abs(finite_n.pair_negativity(result, (a, b))[-1] - one_each) < AGREE
    levels = np.diag(state.ptrace([4]).full()).real
    assert np.abs(finite_n.photon_distribution(result)[-1] - levels).max() < AGREE
    n = np.arange(cutoff + 1)
    assert finite_n.g2_zero(result)[-1] == pytest.approx(levels @ (n * (n - 1)) / (levels @ n) ** 2, abs=1e-6)
    assert np.isnan(finite_n.g2_zero(result)[0])  # vacuum
    assert finite_n.g2_zero(result, light.alpha)[-1] == pytest.approx(finite_n.g2_zero(result)[-1], abs=1e-9)
    of_all = 0.5 * a.share * a.mz + 0.4 * b.share * b.mx + 0.3 * light.phi * light.phi + 0.1 * light.pi * b.my
    wide = GeneralBruteForce(model, N, [cutoff + 4])  # what G leads to above the cutoff counts
    more = np.zeros((16, cutoff + 5) * 2, complex)
    more[:, : cutoff + 1, :, : cutoff + 1] = rho.reshape(16, cutoff + 1, 16, cutoff + 1)
    more = more.reshape(16 * (cutoff + 5), -1)
    G = N * wide.polynomial(finite_n.model.inputs.read_observables([of_all], model)[1][0])
    p, v = np.linalg.eigh(more)
    between = np.abs(v.conj().T @ G @ v) ** 2
    both = p[:, None] + p + 1e-300
    wanted = 4 * np.trace(more @ G @ G).real - 8 * np.sum(np.where(both > 1e-14, p[:, None] * p / both, 0) * between)
    assert abs(finite_n.quantum_fisher_information(result, of_all)[0] - wanted) < N**2 * AGREE
    S = sum(finite_n.husimi(result, *POINTS, species=a, J=j) for j in (1.5, 0.5))
    assert np.abs(S - finite_n.husimi(result, *POINTS, species=a)).max() < 1e-14


def test_polynomials_of_a_stationary_state_with_a_mode():
    """⟨p⟩ of p with shares, in a rotated frame, beside the evolution to late times."""
    a, b, light = Species("a", fraction=0.5), Species("b", fraction=0.5), Mode("light")
    down = [s.average(qutip.sigmam()) for s in (a, b)]
    exchange = light.alpha.adjoint() * (down[0] + 0.5 * down[1])
    jumps = [LocalJump(qutip.sigmap(), 0.7, species=a), LocalJump(qutip.sigmam(), 1.1, species=b)]
    jumps += [LocalJump(qutip.sigmaz(), 0.6, species=a), LocalJump(qutip.sigmap(), 0.4, species=b)]
    h = exchange + exchange.adjoint() + 0.3 * b.mx + 0.2 * a.my
    model = Model(h, jumps, [CollectiveJumps([light.alpha], 2.0)], species=[a, b], modes=[light])
    e_ops = {"p": a.share * a.mx * light.phi * b.mz + 0.3j * light.alpha, "n²": light.number * light.number}
    cutoffs = {"light": 6}
    state = steady_state(model, 2, e_ops=e_ops, cutoffs=cutoffs)
    start = {"a": [0, 0, 1], "b": [0, 0, -1]}
    late = evolve(model, 2, start, [0, 30.0], e_ops, cutoffs=cutoffs, check=False, basis="dicke")
    for label in e_ops:
        assert abs(state.e_data[label]) > 1e-3
        assert state.e_data[label] == pytest.approx(late.e_data[label][-1], abs=AGREE)
    assert finite_n.negativity(state, "a") == pytest.approx(finite_n.negativity(late, "a")[-1], abs=AGREE)
    assert finite_n.entropy(state, light) == pytest.approx(finite_n.entropy(late, "light")[-1], abs=AGREE)
    assert finite_n.g2_zero(state) == pytest.approx(finite_n.g2_zero(late)[-1], abs=1e-6)


def test_what_is_not_known_is_refused_in_a_sentence():
    a, b = Species("a", fraction=0.5), Species("b", fraction=0.5)
    two = evolve(Model(0.3 * a.mx * b.mx, species=[a, b]), 4, {"a": [0, 0, 1], "b": [0, 0, 1]}, TIMES, basis="dicke")
    moments = evolve(
        Model(0.5 * mz, [LocalJump(qutip.sigmam())]), 6, [0, 0.3, 0.4], TIMES, basis="symmetrised products"
    )
    one = evolve(Model(0.5 * mz * mz), 4, [1, 0, 0], TIMES, basis="dicke")
    refusals = [
        (lambda: moments.entropy, "call evolve\\(…, basis='dicke'\\)"),
        (lambda: finite_n.husimi(moments, 0.1, 0.2), "call evolve\\(…, basis='dicke'\\)"),
        (lambda: finite_n.entropy(3.0), "give what evolve or steady_state returned"),
        (lambda: finite_n.pair_negativity([1]), "give what evolve or steady_state returned"),
        (lambda: finite_n.photon_distribution(None), "give what evolve or steady_state returned"),
        (lambda: finite_n.negativity(one, ""), "use pair_negativity"),
        (lambda: finite_n.negativity(two, "a", "a"), "must be different"),
        (lambda: finite_n.negativity(two, "c"), "neither a species nor a mode"),
        (lambda: finite_n.entropy(two, []), "one or more species or modes"),
        (lambda: finite_n.husimi(two, 0.1, 0.2), "say which species: a, b"),
        (lambda: finite_n.husimi(one, "north", 0.2), "husimi: theta"),
        (lambda: finite_n.husimi(one, [0, 1], [0, 1, 2]), "broadcast"),
        (lambda: finite_n.husimi(one, 0, 0, J=1.5), "give one of N/2"),
        (lambda: finite_n.quantum_fisher_information(one, 1j * mz), "not Hermitian"),
        (lambda: finite_n.quantum_fisher_information(one, a.mz), "is not an average of the model"),
        (lambda: finite_n.quantum_fisher_information(one, "mz"), "generator: got 'mz'"),
        (lambda: finite_n.fidelity(one, {"a": [0, 0, 1], "b": [0, 0, 1]}), "not a species or mode"),
        (lambda: finite_n.fidelity(one, two), "of the same particles"),
        (lambda: finite_n.g2_zero(one), "no modes"),
        (lambda: finite_n.wigner(one, [0.0], [0.0]), "the model has none"),
        (lambda: finite_n.wigner(one, 0.0, [0.0]), "wigner: x"),
        (lambda: steady_state(Model(jumps=[LocalJump(qutip.sigmam())]), 2, e_ops={"b": a.mz}), "observable b"),
    ]
    for ask, words in refusals:
        with pytest.raises(FiniteNError, match=words):
            ask()


def test_blocks_that_do_not_fit_are_refused(monkeypatch):
    """Populations alone are kept of a decay; their entropy needs no blocks, Husimi's function all."""
    result = evolve(Model(jumps=[LocalJump(qutip.sigmam())]), 60, [0, 0, 1], [0, 0.1], basis="dicke")
    p = np.exp(-0.1)
    monkeypatch.setattr(memory, "available", lambda: 1e6)
    assert result.entropy == pytest.approx([-60 * (p * np.log(p) + (1 - p) * np.log(1 - p))], abs=AGREE)
    with pytest.raises(FiniteNError, match=r"all elements of ρ_J needs .* the largest N that fits is"):
        finite_n.husimi(result, 0, 0)
