"""Wigner's and Husimi's functions of a collective spin: closed forms, the full space, qutip, rotations, overlaps."""

from fractions import Fraction
from math import factorial, lgamma

import numpy as np
import pytest
import qutip
from qutip.utilities import clebsch
from scipy.special import eval_laguerre, eval_legendre

import finite_n
from finite_n import (
    CollectiveJumps,
    FiniteNError,
    LocalJump,
    Mode,
    Model,
    Species,
    average,
    coherent,
    dicke,
    evolve,
    from_blocks,
    ghz,
    mx,
    my,
    mz,
    steady_state,
)
from finite_n.state_functions import directions, multipoles, spin_wigner
from tests import random_general_models as general
from tests import random_models
from tests.brute_force import BruteForce, product_state, site
from tests.brute_force_general import GeneralBruteForce

AGREE = 1e-8  # of states known to 1e-10, times (2J + 1)/4π
EXACT = 1e-10  # of states made in closed form
ROUNDING = 1e-14  # of functions up to N/4π, times N
STILL = Model(0.0)
THETA, PHI = np.array([0.0, 0.3, 1.2, 2.9, np.pi]), np.array([0.7, 0.2, -2.1, 5.0, 0.0])


def of(rho0, N, model=STILL, **options):
    """A result that holds this state."""
    return evolve(model, N, rho0, [0, 1], basis="dicke", **options)


def quadrature(N):
    """Angles and weights for which ∫ dΩ of products of two functions is exact."""
    x, w = np.polynomial.legendre.leggauss(N + 1)
    phi = 2 * np.pi * np.arange(2 * N + 1) / (2 * N + 1)
    return np.arccos(x)[:, None], phi, w[:, None] * 2 * np.pi / len(phi)


def random_blocks(N, rng, largest_only=False):
    """A full-rank ρ_J for every J, or of J = N/2 alone."""
    blocks = []
    for n in range(N + 1, 0, -2):
        a = rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n))
        blocks.append(a @ a.conj().T * (not (largest_only and blocks)))
    total = sum(np.trace(b).real for b in blocks)
    return [b / total for b in blocks]


def axis(theta, phi):
    return np.array([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])


def kernel(J):
    """⟨J, M|Δ_J|J, M⟩ along its axis, M = J … −J, by Clebsch–Gordan coefficients of qutip."""
    n = round(2 * J) + 1
    M = J - np.arange(n)
    return np.array([sum((2 * k + 1) / n * clebsch(J, k, J, m, 0, m) for k in range(n)) for m in M])


def on_full_space(rho, N, theta, phi):
    """Σ_J (2J + 1)/4π Tr(ρ Δ_J): Δ_J is a function of n·S, by common eigenvectors of S² and n·S of 2^N states."""
    S = [sum(site(s.full(), k, N) for k in range(N)) / 2 for s in (qutip.sigmax(), qutip.sigmay(), qutip.sigmaz())]
    along = np.tensordot(axis(theta, phi), S, 1)
    values, vectors = np.linalg.eigh(1000 * sum(s @ s for s in S) + along)
    squares = np.einsum("ij,ij->j", vectors.conj(), sum(s @ s for s in S) @ vectors).real
    M = values - 1000 * squares
    J = (np.sqrt(1 + 4 * squares) - 1) / 2
    total, tables = 0.0, {}
    for j, m, v in zip(np.round(2 * J) / 2, M, vectors.T, strict=True):
        table = tables.setdefault(j, kernel(j))
        total += (2 * j + 1) / (4 * np.pi) * table[round(j - m)] * np.vdot(v, rho @ v).real
    return total


@pytest.mark.parametrize("N", [1, 3, 4])
def test_wigner_on_the_full_space(N):
    """All J with all their copies, of a random model."""
    rng = np.random.default_rng(8)
    model, bloch = random_models.model("everything", rng), random_models.bloch(rng)
    rho = BruteForce(model, N).evolve(product_state(finite_n.product(bloch).density, N), 0.5)
    found = finite_n.spin_wigner(evolve(model, N, bloch, [0, 0.5], basis="dicke", tol=1e-10), THETA, PHI)
    wanted = [on_full_space(rho, N, t, p) for t, p in zip(THETA, PHI, strict=True)]
    assert found.shape == (1, 5) and np.abs(found[0] - wanted).max() < AGREE


@pytest.mark.parametrize("N", [1, 2, 7, 12])
def test_those_of_qutip(N):
    """√((2J + 1)/4π) of `qutip.spin_wigner`, which takes a minute at N = 40."""
    result = evolve(Model(0.5 * mz * mz + 0.3 * mx), N, coherent(0.7, 0.4), [0, 0.9], basis="dicke")
    rho = qutip.Qobj(result.final_state[0])
    theirs = qutip.spin_wigner(rho, THETA, PHI)[0] * np.sqrt((N + 1) / (4 * np.pi))
    assert finite_n.spin_wigner(result, THETA, PHI[:, None])[0] == pytest.approx(theirs, abs=EXACT)
    theirs = qutip.spin_q_function(rho, THETA, PHI)[0]
    assert finite_n.husimi(result, THETA, PHI[:, None])[0] == pytest.approx(theirs, abs=EXACT)
    density = finite_n.husimi(result, THETA, PHI[:, None], density=True)[0]
    assert density == pytest.approx(theirs * (N + 1) / (4 * np.pi), abs=EXACT)


def exact_roots(N, position):
    """⟨M|T_k0|M⟩, M = N/2 − position, k = 0 … N: discrete Chebyshev polynomials in whole numbers, exact at any N."""
    n, x = N + 1, N - position
    t = [1, 2 * x - N]
    for k in range(1, N):
        t.append(((2 * k + 1) * (2 * x - N) * t[k] - k * (n**2 - k**2) * t[k - 1]) // (k + 1))
    squares = [Fraction((2 * k + 1) * factorial(n - k - 1) * t[k] ** 2, factorial(n + k)) for k in range(n)]
    return np.array([np.sign(v) * float(s) ** 0.5 for v, s in zip(t, squares, strict=False)])


@pytest.mark.parametrize("N", [1, 6, 199, 200, 700])
def test_dicke_states(N):
    """W = Σ_k √(N + 1)/4π √(2k + 1) ⟨M|T_k0|M⟩ P_k(cos θ), in exact whole numbers at every N."""
    theta = np.array([0.0, 0.004, 0.3, 1.5, np.pi / 2, 3.1, np.pi])
    k = np.arange(N + 1)
    legendre = eval_legendre(k, np.cos(theta)[:, None])
    for position in {0, 1, N // 3, N // 2, N} if N < 300 else {N // 3}:
        wanted = legendre @ (np.sqrt((N + 1) * (2 * k + 1)) * exact_roots(N, position)) / (4 * np.pi)
        found = finite_n.spin_wigner(of(dicke(N / 2, N / 2 - position), N), theta, 1.3)[0]
        assert np.abs(found - wanted).max() < N * ROUNDING + EXACT, position
    up = finite_n.spin_wigner(of(coherent(0), N), theta, 0)[0]
    closed = [lgamma(N + 1) + (np.log(2 * i + 1) - lgamma(N - i + 1) - lgamma(N + i + 2)) / 2 for i in k]
    wanted = legendre @ (np.sqrt((N + 1) * (2 * k + 1)) * np.exp(closed)) / (4 * np.pi)
    assert up == pytest.approx(wanted, abs=N * 1e-12)  # logarithms of factorials


@pytest.mark.parametrize("N", [2, 5, 40, 200])
def test_fringes_of_a_cat(N):
    """(W↑ + W↓)/2 + √(N + 1)/4π √(2N + 1)!/(2^N N!) sin^N θ cos Nφ; Q has a fringe 2^−N as high."""
    cat, up, down = (of(x, N) for x in (ghz(), coherent(0), coherent(np.pi)))
    theta, phi = np.array([[0.6], [1.5], [np.pi / 2]]), np.array([0.0, np.pi / N, 0.3])
    height = np.exp(lgamma(2 * N + 2) / 2 - lgamma(N + 1) - N * np.log(2)) * np.sqrt(N + 1) / (4 * np.pi)
    fringe = height * np.sin(theta) ** N * np.cos(N * phi)
    assert fringe[2, 0] > 0.16 and fringe[2, 1] == pytest.approx(-fringe[2, 0])
    base = sum(finite_n.spin_wigner(x, theta, phi)[0] for x in (up, down)) / 2
    assert np.abs(finite_n.spin_wigner(cat, theta, phi)[0] - base - fringe).max() < N * 1e-12
    base = sum(finite_n.husimi(x, theta, phi)[0] for x in (up, down)) / 2
    fringe = (np.sin(theta) / 2) ** N * np.cos(N * phi)
    assert np.abs(finite_n.husimi(cat, theta, phi)[0] - base - fringe).max() < EXACT


@pytest.mark.parametrize("N", [1, 2, 9, 24])
def test_integrals_and_overlaps(N):
    """∫ W dΩ = ∫ Q dΩ = Tr ρ, of every J too; Tr AB = 4π/(2J + 1) ∫ W_A W_B dΩ for one J."""
    rng = np.random.default_rng(N)
    theta, phi, w = quadrature(N)
    mixed = random_blocks(N, rng)
    result = of(from_blocks(mixed), N)
    for function in (finite_n.spin_wigner, lambda *a, **b: finite_n.husimi(*a, **b, density=True)):
        parts = [function(result, theta, phi, J=N / 2 - k)[0] for k in range(len(mixed))]
        for values, block in zip(parts, mixed, strict=True):
            assert np.sum(values * w) == pytest.approx(np.trace(block).real, abs=EXACT)
        whole = function(result, theta, phi)[0]
        assert np.sum(whole * w) == pytest.approx(1, abs=EXACT)
        assert np.abs(whole - sum(parts)).max() < EXACT
    one, other = (random_blocks(N, rng, largest_only=True) for _ in range(2))
    a, b = (finite_n.spin_wigner(of(from_blocks(x), N), theta, phi)[0] for x in (one, other))
    overlap = np.trace(one[0] @ other[0]).real
    assert 4 * np.pi / (N + 1) * np.sum(a * b * w) == pytest.approx(overlap, abs=EXACT)


def test_a_hundred_photons():
    """(−1)^n L_n(2r²) e^{−r²}/π of the mode's own function."""
    light, n = Mode("light"), 100
    start = {"": [0, 0, 1], "light": finite_n.Field(number=n)}
    result = of(start, 1, Model(0.3 * light.number, modes=[light]), cutoffs={"light": n + 10})
    x = np.array([0.0, 0.3, 2.0, 13.9, 15.0])
    square = x**2 + x[:, None] ** 2
    wanted = eval_laguerre(n, 2 * square) * np.exp(-square) / np.pi
    assert finite_n.wigner(result, x, x)[0] == pytest.approx(wanted, abs=EXACT)


@pytest.mark.parametrize("N", [100, 201])
def test_large_spins(N):
    """A twisted state: the integrals of W and W², and both functions turn with the state."""
    n, angle = np.array([1.0, 2.0, -1.0]) / np.sqrt(6), 1.1
    options = {"basis": "state vector", "tol": 1e-10, "check": False}
    twisted = evolve(Model(0.5 * mz * mz), N, coherent(0.7, 0.4), [0, 2.0], **options)
    turn = Model(0.5 * (n[0] * mx + n[1] * my + n[2] * mz))
    turned = evolve(turn, N, twisted.state(), [0, angle], **options)
    theta, phi, w = quadrature(N)
    W = finite_n.spin_wigner(twisted, theta, phi)[0]
    assert W.min() < -0.1  # no Gaussian
    assert np.sum(W * w) == pytest.approx(1, abs=AGREE)
    assert 4 * np.pi / (N + 1) * np.sum(W**2 * w) == pytest.approx(1, abs=AGREE)
    r = axis(THETA, PHI)
    back = np.cos(angle) * r - np.sin(angle) * np.cross(n, r.T).T + (1 - np.cos(angle)) * np.outer(n, n @ r)
    before = np.arccos(np.clip(back[2], -1, 1)), np.arctan2(back[1], back[0])
    for function in (finite_n.spin_wigner, finite_n.husimi):
        here, there = function(turned, THETA, PHI), function(twisted, *before)
        assert np.abs(here).max() > 1e-3 and np.abs(here - there).max() < N * AGREE


def test_the_state_of_nothing_is_even():
    """The maximally mixed state of all spins, every J with its copies: 1/4π everywhere."""
    result = of([0, 0, 0], 30)
    for values in (finite_n.spin_wigner(result, THETA, PHI), finite_n.husimi(result, THETA, PHI, density=True)):
        assert values == pytest.approx(np.full((1, 5), 1 / (4 * np.pi)), abs=EXACT)


def test_one_species_of_several_with_a_mode():
    """The others traced out, as of the full space."""
    species, modes = general.parts((2, 2), (2, 1), 1)
    (a, b), (light,) = species, modes
    exchange = a.average(qutip.sigmap()) * (1.5 * b.average(qutip.sigmam()) + light.alpha)
    h = exchange + exchange.adjoint() + 0.4 * light.number + 0.5 * a.mx
    model = Model(h, [LocalJump(qutip.sigmam(), 0.3, species=a)], species=species, modes=modes)
    start, t, cutoff = {a.name: [0, 0.1, 0.99], b.name: [0.3, 0, -0.9]}, 0.6, 3
    full = GeneralBruteForce(model, 3, [cutoff])
    vacuum = np.zeros((cutoff + 1,) * 2)
    vacuum[0, 0] = 1
    parts = {x: finite_n.product(start[x]).density for x in start} | {light.name: vacuum}
    rho = qutip.Qobj(full.evolve(full.product_state(parts), t), dims=[[2, 2, 2, cutoff + 1]] * 2)
    options = {"cutoffs": {light.name: cutoff}, "basis": "dicke", "tol": 1e-10, "keep_states": True}
    result = evolve(model, 3, start, [0, t], **options)
    for name, kept in ((a.name, [0, 1]), (b.name, [2])):
        found = finite_n.spin_wigner(result, THETA, PHI, name)
        assert found.shape == (2, 5)
        own = rho.ptrace(kept).full()
        wanted = [on_full_space(own, len(kept), x, y) for x, y in zip(THETA, PHI, strict=True)]
        assert np.abs(found[1] - wanted).max() < AGREE


def test_stationary_states():
    """Pumped and lossy spins: ∫ W dΩ = 1 over many J, and the same late in time; one number for one direction."""
    both = [CollectiveJumps([qutip.sigmam()], 1.0)]
    model = Model(0.4 * mx, [LocalJump(qutip.sigmam(), 0.3), LocalJump(qutip.sigmap(), 0.1)], both)
    state, late = steady_state(model, 8), evolve(model, 8, [0, 0, 1], [0, 250.0], basis="dicke")
    theta, phi, w = quadrature(8)
    values = finite_n.spin_wigner(state, theta, phi)
    assert values.shape == (9, 17) and np.sum(values * w) == pytest.approx(1, abs=AGREE)
    assert values == pytest.approx(finite_n.spin_wigner(late, theta, phi)[0], abs=AGREE)
    for function in (finite_n.spin_wigner, finite_n.husimi):
        assert np.ndim(function(state, 0.3, 0.1)) == 0
        assert function(state, -0.3, 0.1) == pytest.approx(function(state, 0.3, 0.1 + np.pi), abs=EXACT)
        assert function(state, np.pi + 0.3, 0.1) == pytest.approx(function(state, np.pi - 0.3, 0.1 + np.pi), abs=EXACT)
        assert function(state, [], 0.1).shape == (0,)


def test_work_in_pieces_is_the_same(monkeypatch):
    result, points = of([0.3, 0.2, 0.4], 21), (np.linspace(0, np.pi, 13)[:, None], np.linspace(0, 6, 5))
    functions = [finite_n.spin_wigner, finite_n.husimi]
    whole = [f(result, *points) for f in functions]
    for module in (directions, multipoles):
        monkeypatch.setattr(module, "_AT_ONCE", 50)
    for f, wanted in zip(functions, whole, strict=True):
        assert np.abs(f(result, *points) - wanted).max() < 1e-14


def test_husimi_is_positive_up_to_rounding():
    """Of states with zeros of Q, and of blocks that are not full."""
    theta, phi = np.linspace(0, np.pi, 41)[:, None], np.linspace(0, 2 * np.pi, 83)
    for state in (dicke(20, 3), ghz(), coherent(1.0), [0, 0, 0.2]):
        values = finite_n.husimi(of(state, 40), theta, phi)
        assert values.min() > -1e-15 and values.max() <= 1 + EXACT


def test_what_is_refused(monkeypatch):
    one = of(coherent(1.0), 4)
    three = Species("three", dim=3)
    levels = evolve(Model(three.average(np.diag([1.0, 0, -1])), species=[three]), 4, np.diag([1.0, 0, 0]), [0, 1])
    a, b = Species("a", fraction=0.5), Species("b", fraction=0.5)
    two = of({"a": [0, 0, 1], "b": [0, 0, 1]}, 4, Model(0.3 * a.mx * b.mx, species=[a, b]))
    wide = np.zeros((10**5, 1)), np.zeros(10**7)
    for function in (finite_n.spin_wigner, finite_n.husimi):
        for ask, words in (
            (lambda f: f(one, "north", 0.2), "theta: got 'north'"),
            (lambda f: f(one, 0.2, np.nan), "phi: got nan"),
            (lambda f: f(one, [0, 1], [0, 1, 2]), "broadcast"),
            (lambda f: f(one, 0, 0, J=1.5), "give one of N/2"),
            (lambda f: f(one, *wide), r"angles of shape \(100000, 10000000\) need .* GiB"),
            (lambda f: f(two, 0, 0), "say which species: a, b"),
            (lambda f: f(two, 0, 0, "c"), "neither a species nor a mode"),
            (lambda f: f(levels, 0, 0), "two levels only"),
            (lambda f: f(3.0, 0, 0), "give what evolve or steady_state returned"),
        ):
            with pytest.raises(FiniteNError, match=words):
                ask(function)
    with pytest.raises(FiniteNError, match="density = 1: give True or False"):
        finite_n.husimi(one, 0, 0, density=1)
    monkeypatch.setattr(spin_wigner, "_LARGEST", 3)
    with pytest.raises(FiniteNError, match=r"J = 2 is beyond 1\.5"):
        finite_n.spin_wigner(one, 0, 0)


def test_a_mode_may_stand_beside():
    """A cavity and spins in a product: the function of the spins alone."""
    light = Mode("light")
    model = Model(light.number + 0.0 * average(qutip.sigmaz()), modes=[light])
    both = of({"": [0.3, 0.2, 0.4], "light": finite_n.Field(beta=0.4)}, 6, model)
    alone = finite_n.spin_wigner(of([0.3, 0.2, 0.4], 6), THETA, PHI)
    assert finite_n.spin_wigner(both, THETA, PHI) == pytest.approx(alone, abs=EXACT)
