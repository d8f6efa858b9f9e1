"""Functions of the state against closed forms: products, GHZ and W states, twisting, thermal and coherent light."""

from math import comb

import numpy as np
import pytest
import qutip
from scipy.special import eval_laguerre

import finite_n
from finite_n import CollectiveJumps, Field, LocalJump, Mode, Model, Species, average, coherent, dicke, evolve, mx, mz

EXACT = 1e-10  # of states made in closed form
STATIONARY = 1e-8  # of stationary states, known to 1e-10
STILL = Model(0.0)


def of(rho0, N, model=STILL, **options):
    """A result that holds this state."""
    return evolve(model, N, rho0, [0, 1], basis="dicke", **options)


@pytest.mark.parametrize("N", [2, 7, 40])
@pytest.mark.parametrize("m", [[0, 0, 1], [0.3, -0.2, 0.5], [0, 0, 0], [0, 0, -0.4]])
def test_products(N, m):
    """N times the entropy of one particle, its purity to the power N; F = N Σ of one; no entanglement."""
    result, r = of(m, N), np.linalg.norm(m)
    p = np.array([1 + r, 1 - r]) / 2
    one = -np.sum(p * np.log(np.where(p > 0, p, 1)))
    assert result.entropy == pytest.approx([N * one], abs=N * EXACT)
    assert finite_n.entropy(result) == pytest.approx([N * one], abs=N * EXACT)
    assert result.purity == pytest.approx([((1 + r**2) / 2) ** N], rel=N * EXACT)
    # one particle: F of σz/2 is |m across z|²
    across = m[0] ** 2 + m[1] ** 2
    assert finite_n.quantum_fisher_information(result, mz / 2) == pytest.approx([N * across], abs=N * EXACT)
    assert np.abs(finite_n.pair_negativity(result)).max() < EXACT


def test_diagonal_states_of_many_particles():
    """Without a matrix: N = 400 spins in a thermal state, of which populations alone are kept."""
    N, m = 400, 0.4
    result = evolve(Model(0.3 * mz), N, [0, 0, m], [0, 1], basis="dicke")
    p = np.array([1 + m, 1 - m]) / 2
    assert result.entropy == pytest.approx([-N * np.sum(p * np.log(p))], rel=EXACT)


def test_states_at_every_time_if_they_are_kept():
    """Spins that decay one by one, from all up: N ways to have lost or not, p = e^{−γt}."""
    N, times = 6, np.array([0.0, 0.3, 1.1])
    result = evolve(Model(jumps=[LocalJump(qutip.sigmam())]), N, [0, 0, 1], times, basis="dicke", keep_states=True)
    p = np.exp(-times)
    wanted = N * np.array([0 if q == 1 else -q * np.log(q) - (1 - q) * np.log(1 - q) for q in p])
    assert result.entropy == pytest.approx(wanted, abs=STATIONARY)
    assert finite_n.entropy(result).shape == finite_n.fidelity(result, [0, 0, 1]).shape == (3,)
    assert finite_n.fidelity(result, [0, 0, 1]) == pytest.approx(p**N, abs=STATIONARY)


@pytest.mark.parametrize("N", [3, 10, 30])
def test_greenberger_horne_zeilinger(N):
    """F = N² of S_z; no entanglement is left in pairs (N > 2); fidelity ½ with all up; Q = ½ at a pole."""
    result = of(finite_n.ghz(), N)
    assert finite_n.quantum_fisher_information(result, mz / 2) == pytest.approx([N**2], abs=N**2 * EXACT)
    assert np.abs(finite_n.pair_negativity(result)).max() < EXACT
    assert finite_n.fidelity(result, [0, 0, 1]) == pytest.approx([0.5], abs=EXACT)
    assert finite_n.husimi(result, [0, np.pi], 0)[0] == pytest.approx([0.5, 0.5], abs=EXACT)
    equator = 2.0 ** (1 - N) * np.cos(N * 0.37 / 2) ** 2
    assert finite_n.husimi(result, np.pi / 2, 0.37) == pytest.approx([equator], abs=EXACT)
    assert abs(result.entropy[0]) < EXACT


@pytest.mark.parametrize("N", [2, 5, 20])
def test_one_excitation_is_shared_by_pairs(N):
    """W: ρ₂ = (2/N)|ψ₊⟩⟨ψ₊| + (1 − 2/N)|00⟩⟨00|, negativity (√(4 + (N − 2)²) − (N − 2))/2N; F of S_x 3N − 2."""
    result = of(finite_n.w(), N)
    wanted = (np.hypot(2, N - 2) - (N - 2)) / (2 * N)
    assert finite_n.pair_negativity(result)[-1] == pytest.approx(wanted, abs=EXACT)
    assert finite_n.quantum_fisher_information(result, mx / 2) == pytest.approx([3 * N - 2], abs=N**2 * EXACT)


def test_copies_of_a_block_add_to_the_entropy():
    """|J, M⟩ mixed evenly over d_J = 9 copies of J = 2 of six spins; its fidelity with a product, by blocks."""
    result = of(dicke(2, 1), 6)
    copies = comb(6, 1) - comb(6, 0)
    assert result.entropy == pytest.approx([np.log(copies)], abs=EXACT)
    assert result.purity == pytest.approx([1 / copies], abs=EXACT)
    mixed = of([0, 0, 0], 6)
    assert finite_n.fidelity(mixed, dicke(2, 1)) == pytest.approx([copies / 2**6], abs=EXACT)


@pytest.mark.parametrize("N", [1, 6, 61])
def test_spin_coherent_states(N):
    """Q = cos^{2N}(half of the angle between the two directions), at angles beyond π too."""
    result = of(coherent(1.1, 0.4), N)
    theta, phi = np.array([[0.0], [0.8], [-1.3], [4.0]]), np.array([0.0, 1.7, -3.0])
    inner = np.cos(theta) * np.cos(1.1) + np.sin(theta) * np.sin(1.1) * np.cos(phi - 0.4)
    found = finite_n.husimi(result, theta, phi)
    assert found.shape == (1, 4, 3) and np.abs(found[0] - ((1 + inner) / 2) ** N).max() < EXACT
    assert finite_n.fidelity(result, coherent(0.8, 1.7))[0] == pytest.approx(((1 + inner[1, 1]) / 2) ** N, abs=EXACT)


def test_the_q_function_of_every_state_has_weight_one():
    """Σ_J (2J + 1)/4π ∫ Q_J dΩ = 1, by Gauss and Legendre's nodes, exact for these polynomials."""
    N = 9
    result = of([0.2, -0.3, 0.4], N)
    nodes, weights = np.polynomial.legendre.leggauss(N + 1)
    phi = 2 * np.pi * np.arange(N + 1) / (N + 1)
    total = 0.0
    for J in N / 2 - np.arange(N // 2 + 1):
        q = finite_n.husimi(result, np.arccos(nodes)[:, None], phi, J=J)[0]
        total += (2 * J + 1) / (2 * (N + 1)) * np.sum(weights @ q)
    assert total == pytest.approx(1, abs=EXACT)


def test_one_axis_twisting():
    """⟨θ, φ|ψ⟩ with ψ_M = 2^{−N/2} √C(N, J − M) e^{−2iM²t/N}."""
    N, t, theta, phi = 6, 0.7, 1.1, 0.4
    k = np.arange(N + 1)
    roots = np.sqrt([comb(N, i) for i in k])
    psi = roots / 2 ** (N / 2) * np.exp(-2j * (N / 2 - k) ** 2 * t / N)
    bra = roots * np.cos(theta / 2) ** (N - k) * (np.sin(theta / 2) * np.exp(1j * phi)) ** k
    result = evolve(Model(0.5 * mz * mz), N, coherent(np.pi / 2, 0), [0, t], basis="dicke")
    assert finite_n.husimi(result, theta, phi) == pytest.approx([abs(bra.conj() @ psi) ** 2], abs=STATIONARY)
    assert finite_n.husimi(result, theta, phi) == pytest.approx([0.6003675869], abs=STATIONARY)
    plain = evolve(Model(0.5 * mz * mz), N, coherent(np.pi / 2, 0), [0, t], basis="state vector")
    assert finite_n.husimi(plain, theta, phi) == pytest.approx(finite_n.husimi(result, theta, phi), abs=STATIONARY)
    assert plain.entropy == pytest.approx([0], abs=EXACT)


@pytest.mark.parametrize(("N", "right"), [(4, 1.05), (10, 1.17)])
def test_equal_pump_and_loss_leave_a_flat_ladder(N, right):
    """ρ is even on J = N/2, of N + 1 states."""
    down = average(qutip.sigmam())
    model = Model(collective=[CollectiveJumps([qutip.sigmam()], N), CollectiveJumps([qutip.sigmap()], N)])
    state = finite_n.steady_state(model, N, rho0=[0, 0, -1])
    assert finite_n.g2_zero(state, down) == pytest.approx(right, abs=STATIONARY)
    assert state.entropy == pytest.approx(np.log(N + 1), abs=STATIONARY)
    assert state.purity == pytest.approx(1 / (N + 1), abs=STATIONARY)


def wigner_of(field, x, p):
    """At t = 1: a Gaussian about √2 β e^{−0.3i} of variance n̄ + ½, or (−1)^n L_n(2r²) e^{−r²}/π."""
    centre, width = np.sqrt(2) * field.beta * np.exp(-0.3j), field.thermal + 0.5
    square = (x - centre.real) ** 2 + (p - centre.imag) ** 2
    if field.number:
        return (-1) ** field.number * eval_laguerre(field.number, 2 * square) * np.exp(-square) / np.pi
    return np.exp(-square / (2 * width)) / (2 * np.pi * width)


def test_light():
    """Of thermal, coherent and number states: p_n, g²(0) = 2, 1, 1 − 1/n; entropy (n + 1) ln(n + 1) − n ln n."""
    light, n = Mode("light"), 0.3
    model = Model(0.3 * light.number, modes=[light])
    k = np.arange(10)
    poisson = np.exp(-0.49) * 0.49**k / np.array([float(np.prod(np.arange(1, j + 1))) for j in k])
    for field, p, right in (
        (Field(thermal=n), (n / (1 + n)) ** k / (1 + n), 2.0),
        (Field(beta=0.7), poisson, 1.0),
        (Field(number=3), (k == 3).astype(float), 2 / 3),
    ):
        result = of({"": [0, 0, 1], "light": field}, 1, model, cutoffs={"light": 30})
        assert finite_n.photon_distribution(result, "light")[-1, :10] == pytest.approx(p, abs=EXACT)
        assert finite_n.g2_zero(result) == pytest.approx([right, right], abs=STATIONARY)
        assert finite_n.g2_zero(result, light.alpha) == pytest.approx([right], abs=STATIONARY)
        x, y = np.array([-0.4, 0.0, 1.3]), np.array([[0.2], [-0.7]])
        assert finite_n.wigner(result, x, y[:, 0])[0] == pytest.approx(wigner_of(field, x, y), abs=STATIONARY)
        turned = np.exp(-0.49 * 2 * (1 - np.cos(0.3))) if right == 1.0 else 1.0  # the amplitude turns by 0.3
        assert finite_n.fidelity(result, {"": [0, 0, 1], "light": field}) == pytest.approx([turned], abs=STATIONARY)
        entropy = (n + 1) * np.log(n + 1) - n * np.log(n) if right == 2.0 else 0.0
        assert finite_n.entropy(result, "light") == pytest.approx([entropy], abs=1e-7)


def test_two_species_share_a_singlet():
    """Two spins by exchange: half of a period from |+−⟩ gives a maximally entangled pair, negativity ½."""
    a, b = Species("a", fraction=0.5), Species("b", fraction=0.5)
    up, down = qutip.sigmap(), qutip.sigmam()
    exchange = a.average(up) * b.average(down)
    model = Model(0.5 * (exchange + exchange.adjoint()), species=[a, b])  # H = σ+σ− + h.c.
    result = evolve(model, 2, {"a": [0, 0, 1], "b": [0, 0, -1]}, [0, np.pi / 4], basis="dicke", keep_states=True)
    assert finite_n.negativity(result, "a") == pytest.approx([0, 0.5], abs=STATIONARY)
    assert finite_n.negativity(result, a, b) == pytest.approx([0, 0.5], abs=STATIONARY)
    assert finite_n.pair_negativity(result, (a, b)) == pytest.approx([0, 0.5], abs=STATIONARY)
    assert finite_n.entropy(result, a) == pytest.approx([0, np.log(2)], abs=STATIONARY)


@pytest.mark.parametrize("N", [3, 8, 20])
def test_fidelity_with_a_pure_state_is_linear(N):
    """⟨ψ|ρ|ψ⟩ in double precision: rounding of eigenvalues that vanish is not rooted."""
    start = [0.48, 0.6, 0.64]
    model = Model(0.5 * mx + 0.4 * mz * mz, [LocalJump(qutip.sigmam(), 0.6)], [CollectiveJumps([qutip.sigmam()], 0.4)])
    result, (pure, _) = of(start, N, model, keep_states=True), of(start, N, keep_states=True).density_matrices()
    wanted = [
        sum(np.trace(block @ x.blocks[at]).real for at, block in pure.blocks.items()) for x in result.density_matrices()
    ]
    assert finite_n.fidelity(result, start) == pytest.approx(wanted, abs=1e-12)
