"""Gaussian measures against density matrices, against minimisation over measurements, and under symplectic maps."""

import functools
import itertools

import numpy as np
import pytest
import qutip
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import expm
from scipy.optimize import minimize

import meanfield as mf
from finite_n import FiniteNError

SEEDS = st.integers(0, 2**32 - 1)
ROUNDING = 1e-9  # of products of a few matrices with condition numbers up to 1e4
LEVELS = 18  # of each oscillator
FOCK = 1e-8  # weight that the states below have beyond those levels, seen by an entropy
AMPLITUDE = 1e-6  # its amplitude, seen by a trace norm: tanh(0.2)^9 for the squeezings below
MINIMISER = 1e-7  # where a direct search over two parameters stops, as entropies


def omega(k):
    return np.kron(np.eye(k), [[0, 1], [-1, 0]])


def symplectic_map(rng, k, size=0.5):
    h = rng.normal(size=(2 * k, 2 * k))
    return expm(size * omega(k) @ (h + h.T) / 2)


def random_state(rng, k=2, size=0.5):
    """Canonical covariance of k modes: some modes pure, and every eighth state pure altogether."""
    nu = 0.5 + rng.exponential(0.7, k) * (rng.random(k) < 0.75) * (rng.random() < 0.875)
    s = symplectic_map(rng, k, size)
    return s @ np.diag(np.repeat(nu, 2)) @ s.T


def squeezed_vacuum(r):
    c, s = np.cosh(2 * r) / 2, np.sinh(2 * r) / 2
    return np.array([[c, 0, s, 0], [0, c, 0, -s], [s, 0, c, 0], [0, -s, 0, c]])


# --- density matrices -------------------------------------------------------------------------------------------------


@functools.cache
def ladder():
    a, one = qutip.destroy(LEVELS).full(), np.eye(LEVELS)
    return np.kron(a, one), np.kron(one, a)


def density_matrix(seed):
    """Squeezed thermal, turned by a random passive map; 0 is two-mode squeezed only, 1 a product, 2 pure."""
    rng = np.random.default_rng(seed)
    a, b = ladder()
    mean = [0.0, 0.0] if seed == 2 else rng.uniform(0, 0.1, 2)
    thermal = [qutip.thermal_dm(LEVELS, n).full() for n in mean]
    r, r1, r2 = rng.uniform(0.06, 0.1, 3) * rng.choice([-1, 1], 3)
    angle, first, second = rng.uniform(0, 2 * np.pi, 3)
    if seed == 0:
        r, r1, r2, angle = 0.35, 0, 0, 0
    steps = [
        r * (a @ b - a.T @ b.T),
        r1 / 2 * (a @ a - a.T @ a.T) + r2 / 2 * (b @ b - b.T @ b.T),
        -1j * (first * a.T @ a + second * b.T @ b),
        angle * (a.T @ b - b.T @ a),
    ]
    if seed == 1:
        steps = steps[1:3]
    rho = np.kron(*thermal).astype(complex)
    for step in steps:
        u = expm(step)
        rho = u @ rho @ u.conj().T
    return rho


def quadratures():
    return [q for a in ladder() for q in ((a + a.T) / np.sqrt(2), (a - a.T) / np.sqrt(2) / 1j)]


def covariance_of(rho):
    q = quadratures()
    return np.array([[np.sum((rho @ x) * y.T).real for y in q] for x in q])  # Tr ρxy, whose real part is symmetric


def spectrum_entropy(rho):
    p = np.linalg.eigvalsh(rho)
    p = p[p > 0] / p.sum()
    return -np.sum(p * np.log(p))


@pytest.mark.parametrize("seed", range(5))
def test_entropies_and_negativity_are_those_of_the_density_matrix(seed):
    rho = density_matrix(seed)
    cov, q = covariance_of(rho), rho.reshape(4 * (LEVELS,))
    assert spectrum_entropy(rho) == pytest.approx(mf.entropy(cov), abs=FOCK)
    assert np.trace(rho @ rho).real == pytest.approx(mf.purity(cov), abs=FOCK)
    parts = [np.einsum("abcb->ac", q), np.einsum("abac->bc", q)]
    for part, own in zip(parts, (cov[:2, :2], cov[2:, 2:]), strict=True):
        assert spectrum_entropy(part) == pytest.approx(mf.entropy(own), abs=FOCK)
    mutual = sum(map(spectrum_entropy, parts)) - spectrum_entropy(rho)
    assert mutual == pytest.approx(mf.mutual_information(cov), abs=FOCK)
    transposed = q.transpose(0, 3, 2, 1).reshape(rho.shape)
    negativity = np.log(np.abs(np.linalg.eigvalsh(transposed)).sum())
    assert negativity == pytest.approx(mf.log_negativity(cov), abs=AMPLITUDE)
    if seed <= 2:
        assert (negativity > 0.05) == (seed != 1)


@pytest.mark.parametrize("measured", [0, 1])
def test_heterodyne_outcome_of_a_squeezed_thermal_state_leaves_the_entropy_of_the_closed_formula(measured):
    """For γ = diag(c, −c) the best measurement projects on coherent states; the outcome 0 shows what it leaves."""
    rho = density_matrix(0)
    q = rho.reshape(4 * (LEVELS,))
    kept = q[0, :, 0, :] if measured == 0 else q[:, 0, :, 0]
    alone = np.einsum("abac->bc", q) if measured == 0 else np.einsum("abcb->ac", q)
    cov = covariance_of(rho)
    told = spectrum_entropy(alone) - spectrum_entropy(kept)
    assert told > 1e-3
    assert told == pytest.approx(mf.classical_correlations(cov, measured), abs=FOCK)


# --- discord by search over Gaussian measurements ---------------------------------------------------------------------


def g(x):
    up, down = (x + 1) / 2, max((x - 1) / 2, 1e-300)
    return up * np.log(up) - down * np.log(down)


def conditional_determinant(cov, q, angle):
    """det of 2Σ of mode 1 after measuring mode 2 by μ = diag(1/q, q) turned by the angle: q = 1 heterodyne, 0 homodyne.

    (β + μ)⁻¹ is written out and multiplied by q above and below, so that q = 0 is an ordinary point.
    """
    a, b, c = 2 * cov[:2, :2], 2 * cov[2:, 2:], 2 * cov[:2, 2:]
    u = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    b = u.T @ b @ u
    above = np.array([[q * b[1, 1] + q**2, -q * b[0, 1]], [-q * b[0, 1], q * b[0, 0] + 1]])
    below = q * (b[0, 0] * b[1, 1] - b[0, 1] ** 2 + 1) + q**2 * b[0, 0] + b[1, 1]
    e = a - c @ u @ above @ u.T @ c.T / below
    return e[0, 0] * e[1, 1] - e[0, 1] ** 2


def searched_minimum(cov):
    """Least conditional determinant over squeezing and angle by grid and simplex, and the q = sin²φ where it is."""

    def of(p):
        return conditional_determinant(cov, np.sin(p[0]) ** 2, p[1])

    grid = itertools.product(np.linspace(0, np.pi / 2, 6), np.linspace(0, np.pi, 8, endpoint=False))
    found = minimize(of, min(grid, key=of), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-13})
    return found.fun, np.sin(found.x[0]) ** 2


def printed_minimum(cov):
    """003, the two cases under eq. 76, with A, B, C, D of its eq. 74."""
    A, B, C, D = mf.invariants(cov)
    if (D - A * B) ** 2 <= (1 + B) * C**2 * (A + D):
        root = np.sqrt(max(C**2 + (B - 1) * (D - A), 0))
        return (2 * C**2 + (B - 1) * (D - A) + 2 * abs(C) * root) / (B - 1) ** 2
    root = np.sqrt(max(C**4 + (D - A * B) ** 2 - 2 * C**2 * (A * B + D), 0))
    return (A * B - C**2 + D - root) / (2 * B)


def test_discord_and_classical_correlations_are_the_optimum_over_gaussian_measurements():
    rng = np.random.default_rng(5)
    homodyne, pure, states = 0, 0, 200
    for _ in range(states):
        cov = random_state(rng)
        least, q = searched_minimum(cov)
        homodyne += q < 1e-6
        pure += mf.purity(cov) > 1 - ROUNDING
        own, other = mf.entropy(cov[:2, :2]), mf.entropy(cov[2:, 2:])
        left = g(np.sqrt(max(least, 1)))
        assert mf.classical_correlations(cov) == pytest.approx(own - left, abs=MINIMISER)
        assert mf.discord(cov) == pytest.approx(other - mf.entropy(cov) + left, abs=MINIMISER)
    assert pure > 10 and states / 10 < homodyne < states * 9 / 10  # both cases are met


def test_closed_formula_of_the_paper_holds_on_mixed_states():
    """003 eqs. 73 to 76 as printed; its cancellations keep it from working next to a pure measured mode."""
    rng = np.random.default_rng(6)
    cases = set()
    for _ in range(200):
        cov = random_state(rng) + 0.05 * np.eye(4)
        A, B, C, D = mf.invariants(cov)
        cases.add((D - A * B) ** 2 <= (1 + B) * C**2 * (A + D))
        delta = A + B + 2 * C
        nu = np.sqrt([(delta + s * np.sqrt(delta**2 - 4 * D)) / 2 for s in (-1, 1)])
        np.testing.assert_allclose(2 * mf.symplectic_eigenvalues(cov), nu, rtol=1e-6)
        left = g(np.sqrt(printed_minimum(cov)))
        assert mf.classical_correlations(cov) == pytest.approx(g(np.sqrt(A)) - left, abs=1e-6)
        assert mf.discord(cov) == pytest.approx(g(np.sqrt(B)) - g(nu[0]) - g(nu[1]) + left, abs=1e-6)
        swapped = cov[np.ix_([2, 3, 0, 1], [2, 3, 0, 1])]
        assert mf.discord(cov, 0) == pytest.approx(mf.discord(swapped), abs=ROUNDING)
        assert mf.classical_correlations(cov, 0) == pytest.approx(mf.classical_correlations(swapped), abs=ROUNDING)
    assert cases == {True, False}


# --- invariances and known values -------------------------------------------------------------------------------------


@pytest.mark.parametrize("r", [0, 1e-4, 0.3, 1.0, 3.0])
def test_two_mode_squeezed_vacuum(r):
    cov = squeezed_vacuum(r)
    scale = np.exp(4 * r) * 1e-14  # condition number of the state, times rounding
    n = np.sinh(r) ** 2
    entropy = (n + 1) * np.log(n + 1) - (n * np.log(n) if n else 0)
    assert mf.log_negativity(cov) == pytest.approx(2 * r, abs=10 * scale)
    assert mf.purity(cov) == pytest.approx(1, abs=10 * scale)
    assert mf.discord(cov) == pytest.approx(entropy, abs=1e3 * scale)
    assert mf.classical_correlations(cov, 0) == pytest.approx(entropy, abs=1e3 * scale)
    assert mf.mutual_information(cov) == pytest.approx(2 * entropy, abs=1e3 * scale)


@given(SEEDS, st.integers(1, 4))
def test_symplectic_eigenvalues_are_those_of_the_flow_matrix(seed, k):
    rng = np.random.default_rng(seed)
    cov = random_state(rng, k, 0.3)
    nu = mf.symplectic_eigenvalues(cov)
    flow = np.sort(np.abs(np.linalg.eigvals(omega(k) @ cov)))
    np.testing.assert_allclose(np.repeat(nu, 2), flow, rtol=1e-6)  # a non-normal matrix: pairs may be close
    assert mf.purity(cov) == pytest.approx(0.5**k / np.sqrt(np.linalg.det(cov)), rel=ROUNDING)
    assert nu[0] > 0.5 - ROUNDING and mf.uncertainty_margin(cov) > -ROUNDING
    below = cov * 0.49 / nu[0]
    assert mf.uncertainty_margin(below) < 0
    with pytest.raises(FiniteNError, match="below ½"):
        mf.entropy(below)


@given(SEEDS)
def test_local_symplectic_maps_and_exchange_change_nothing(seed):
    rng = np.random.default_rng(seed)
    cov = random_state(rng)
    local = np.zeros((4, 4))
    local[:2, :2], local[2:, 2:] = symplectic_map(rng, 1), symplectic_map(rng, 1)
    moved = local @ cov @ local.T
    np.testing.assert_allclose(mf.invariants(moved), mf.invariants(cov), rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(mf.standard_form(moved), mf.standard_form(cov), rtol=1e-7, atol=1e-7)
    for f in (mf.discord, mf.classical_correlations):
        for measured in (0, 1):
            assert f(moved, measured) == pytest.approx(f(cov, measured), abs=MINIMISER)
    for f in (mf.log_negativity, mf.entropy, mf.mutual_information):
        assert f(moved) == pytest.approx(f(cov), abs=MINIMISER)
    exchanged = mf.symplectic_eigenvalues(mf.partial_transpose(cov, 0))
    np.testing.assert_allclose(exchanged, mf.symplectic_eigenvalues(mf.partial_transpose(cov)), atol=ROUNDING)
    total = mf.discord(cov) + mf.classical_correlations(cov)
    assert total == pytest.approx(mf.mutual_information(cov), abs=MINIMISER)


def test_standard_form_rebuilds_the_invariants():
    rng = np.random.default_rng(1)
    for _ in range(50):
        cov = random_state(rng)
        a, b, c, d = mf.standard_form(cov)
        A, B, C, D = mf.invariants(cov)
        rebuilt = [a**2, b**2, c * d, (a * b - c**2) * (a * b - d**2)]
        np.testing.assert_allclose(rebuilt, [A, B, C, D], rtol=1e-7, atol=1e-7)
        assert c >= abs(d)


@pytest.mark.parametrize("state", [np.eye(4) / 2, np.diag([0.5, 0.5, 2, 2]), np.diag([2, 0.125, 0.7, 0.9])])
def test_products_have_no_correlations(state):
    for f in (mf.discord, mf.classical_correlations, mf.log_negativity, mf.mutual_information):
        assert f(state) == pytest.approx(0, abs=1e-12)


# --- separation of modes and classical directions ---------------------------------------------------------------------


def spin_form(m):
    return 2 * np.einsum(
        "abc,c->ab", [[[(a - b) * (b - c) * (c - a) / 2 for c in range(3)] for b in range(3)] for a in range(3)], m
    )


@given(SEEDS, st.integers(1, 8), st.floats(1e-3, 1e3))
def test_separation_gives_canonical_pairs_and_the_kernel(seed, n, size):
    rng = np.random.default_rng(seed)
    k = rng.integers(0, n // 2 + 1)
    b = rng.normal(size=(n, 2 * k))
    sigma = size * b @ omega(k) @ b.T if k else np.zeros((n, n))
    s = mf.canonical_modes(sigma)
    assert s.modes.shape == (2 * k, n) and s.classical.shape == (n - 2 * k, n)
    form = np.zeros((n, n))
    form[: 2 * k, : 2 * k] = omega(k)
    error = 1e-13 * (s.strengths[0] / s.strengths[-1] if k else 1)  # rounding against the weakest mode
    np.testing.assert_allclose(s.matrix @ sigma @ s.matrix.T, form, atol=error + 1e-14 * size * n)
    np.testing.assert_allclose(s.classical @ s.classical.T, np.eye(n - 2 * k), atol=1e-13)
    assert np.linalg.matrix_rank(s.matrix) == n
    np.testing.assert_allclose(s.strengths, np.linalg.svd(sigma)[1][: 2 * k : 2], rtol=1e-8)


@given(SEEDS)
def test_choice_of_modes_does_not_depend_on_the_basis_that_the_schur_form_took(seed):
    """All strengths equal: any turn of the pairs among themselves would do, so a perturbed form shows the choice."""
    rng = np.random.default_rng(seed)
    q = np.linalg.qr(rng.normal(size=(7, 7)))[0]
    form = np.zeros((7, 7))
    form[:4, :4] = omega(2)
    first = mf.canonical_modes(q @ form @ q.T).matrix
    turn = np.linalg.qr(rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2)))[0]
    mixed = np.eye(7)
    mixed[:4, :4] = np.einsum("ij,ab->iajb", turn.real, np.eye(2)).reshape(4, 4)
    mixed[:4, :4] += np.einsum("ij,ab->iajb", turn.imag, omega(1)).reshape(4, 4)
    np.testing.assert_allclose(mixed @ form @ mixed.T, form, atol=1e-14)
    again = q @ mixed
    np.testing.assert_allclose(mf.canonical_modes(again @ form @ again.T).matrix, first, atol=1e-11)


@pytest.mark.parametrize("m", [(0, 0, 0.6), (0, 0, -0.6), (0.5, 0, 0), (0, -0.3, 0.4), (0.2, 0.4, -0.6), (-1, 1e-9, 0)])
def test_spin_species_has_a_right_handed_triad_along_its_bloch_vector(m):
    m = np.array(m, dtype=float)
    s = mf.canonical_modes(spin_form(m))
    size = np.linalg.norm(m)
    x, p = s.modes * np.sqrt(2 * size)
    np.testing.assert_allclose(s.strengths, [2 * size], rtol=1e-13)
    np.testing.assert_allclose(s.classical, [m / size], atol=1e-13)
    np.testing.assert_allclose(np.cross(x, p), m / size, atol=1e-13)
    axis = np.eye(3)[1 if abs(m[0]) > 0.9 * size else 0]
    along = axis - (axis @ m) * m / size**2
    np.testing.assert_allclose(x, along / np.linalg.norm(along), atol=1e-13)
    thermal = s.covariance(np.eye(3) - np.outer(m, m))  # a product state of spins
    np.testing.assert_allclose(thermal, np.eye(2) / (2 * size), atol=1e-13)


def test_groups_keep_their_modes_and_their_order():
    sigma = np.zeros((8, 8))
    sigma[:3, :3], sigma[3:5, 3:5], sigma[5:, 5:] = spin_form([0, 0.1, 0]), omega(1), spin_form([0.5, 0, 0.5])
    s = mf.canonical_modes(sigma, [[0, 1, 2], [3, 4], [5, 6, 7]])
    np.testing.assert_array_equal(s.mode_group, [0, 1, 2])
    np.testing.assert_array_equal(s.classical_group, [0, 2])
    np.testing.assert_allclose(s.strengths, [0.2, 1, 2 * np.sqrt(0.5)], rtol=1e-13)
    np.testing.assert_allclose(s.modes @ sigma @ s.modes.T, omega(3), atol=1e-13)
    np.testing.assert_allclose(s.modes[2:4, 3:5], np.eye(2), atol=1e-14)
    shuffled = np.random.default_rng(0).permutation(8)
    place = np.argsort(shuffled)
    t = mf.canonical_modes(sigma[np.ix_(shuffled, shuffled)], [place[[0, 1, 2]], place[[3, 4]], place[[5, 6, 7]]])
    np.testing.assert_allclose(t.modes[:, place], s.modes, atol=1e-13)


def random_fluctuations(rng):
    """Two species and a boson mode in a joint Gaussian state, with Σ + iσ/2 ≥ 0."""
    bloch = [v / np.linalg.norm(v) * rng.uniform(0.2, 0.9) for v in rng.normal(size=(2, 3))]
    sigma = np.zeros((8, 8))
    sigma[:3, :3], sigma[3:6, 3:6], sigma[6:, 6:] = spin_form(bloch[0]), spin_form(bloch[1]), omega(1)
    t = np.linalg.inv(mf.canonical_modes(sigma, GROUPS).matrix)
    full = np.zeros((8, 8))
    full[:6, :6] = random_state(rng, 3, 0.3)
    b = rng.normal(size=(8, 3)) / 3
    full += b @ b.T  # noise shared by modes and classical directions
    return bloch, sigma, t @ full @ t.T


GROUPS = [[0, 1, 2], [3, 4, 5], [6, 7]]


@given(SEEDS)
def test_reduction_to_two_modes_is_a_state_that_frames_do_not_change(seed):
    rng = np.random.default_rng(seed)
    bloch, sigma, cov = random_fluctuations(rng)
    assert mf.uncertainty_margin(cov, sigma) > -ROUNDING
    every = mf.canonical_modes(sigma, GROUPS).covariance(cov)
    for i, j in ((0, 1), (2, 0), (1, 2)):
        pair = [2 * i, 2 * i + 1, 2 * j, 2 * j + 1]
        two = mf.two_mode_covariance(cov, sigma, GROUPS[i], GROUPS[j])
        np.testing.assert_allclose(two, every[np.ix_(pair, pair)], atol=ROUNDING)
        assert mf.uncertainty_margin(two) > -ROUNDING
    turn = np.eye(8)
    for g_, m in zip(GROUPS[:2], bloch, strict=True):
        r = np.linalg.qr(rng.normal(size=(3, 3)))[0]
        r *= np.sign(np.linalg.det(r))
        turn[np.ix_(g_, g_)] = r
        np.testing.assert_allclose(r @ spin_form(m) @ r.T, spin_form(r @ m), atol=1e-13)
    two = mf.two_mode_covariance(cov, sigma, *GROUPS[:2])
    turned = mf.two_mode_covariance(turn @ cov @ turn.T, turn @ sigma @ turn.T, *GROUPS[:2])
    np.testing.assert_allclose(mf.standard_form(turned), mf.standard_form(two), atol=1e-7)
    assert mf.discord(turned) == pytest.approx(mf.discord(two), abs=MINIMISER)


def test_rotation_of_eq_69_transposes_the_second_of_two_anti_aligned_spins():
    """003 eqs. 69, 70 turn both spins by one U; with m_2 = −m_1 the second commutator is −i, and det c_12 is
    negated."""
    m = np.array([0, -0.3, 0.4])
    u = np.array([[1, 0, 0], [0, m[2], -m[1]], [0, m[1], m[2]]]) / np.array([[1], [0.5], [0.5]])
    printed = np.kron(np.eye(2), u[:2])  # scaled by 1/√(2|m|) = 1
    sigma = np.zeros((6, 6))
    sigma[:3, :3], sigma[3:, 3:] = spin_form(m), spin_form(-m)
    np.testing.assert_allclose(printed @ sigma @ printed.T, np.diag([1, 1, -1, -1]) @ omega(2), atol=1e-14)
    rows = np.diag([1, 1, 1, -1]) @ printed
    np.testing.assert_allclose(mf.canonical_modes(sigma, GROUPS[:2]).modes, rows, atol=1e-14)
    outer = np.linalg.pinv(rows)
    cov = outer @ squeezed_vacuum(0.5) @ outer.T + np.kron(np.eye(2), np.outer(m, m))
    assert mf.log_negativity(mf.two_mode_covariance(cov, sigma, *GROUPS[:2])) == pytest.approx(1, abs=ROUNDING)
    with pytest.raises(FiniteNError, match=r"below ½"):
        mf.log_negativity(printed @ cov @ printed.T)


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("m", [0, 1e-13])
def test_species_without_polarisation_is_refused(m):
    sigma = np.zeros((6, 6))
    sigma[:3, :3], sigma[3:, 3:] = spin_form([0, 0, 0.5]), spin_form([0, 0, m])
    with pytest.raises(FiniteNError, match="carry no mode"):
        mf.two_mode_covariance(np.eye(6), sigma, [0, 1, 2], [3, 4, 5])


FORM = np.kron(np.eye(3), omega(1))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: mf.canonical_modes(np.eye(3)), "not antisymmetric"),
        (lambda: mf.canonical_modes(1j * omega(1)), "complex"),
        (lambda: mf.canonical_modes(np.zeros((2, 3))), r"shape \(2, 3\)"),
        (lambda: mf.canonical_modes([[0, np.nan], [np.nan, 0]]), "finite"),
        (lambda: mf.canonical_modes("x"), "real antisymmetric matrix"),
        (lambda: mf.canonical_modes(FORM, [[0, 1, 2], [3, 4, 5]]), "directions 2 and 3 .* do not commute"),
        (lambda: mf.canonical_modes(FORM, [[0, 1], [2, 3]]), "every index from 0 to 5 once"),
        (lambda: mf.canonical_modes(FORM, [[0, 1.5]]), "different indices"),
        (lambda: mf.canonical_modes(FORM, 3), "list of"),
        (lambda: mf.canonical_modes(FORM, tolerance=-1), "tolerance"),
        (lambda: mf.canonical_modes(FORM).covariance(np.eye(4)), "got 4 directions"),
        (lambda: mf.two_mode_covariance(np.eye(6), FORM, [0, 1, 2, 3], [4, 5]), "carry 2 modes"),
        (lambda: mf.two_mode_covariance(np.eye(6), FORM, [0, 1], [1, 2]), "in common"),
        (lambda: mf.two_mode_covariance(np.eye(6), FORM, [0, 2], [1, 3]), "do not commute"),
        (lambda: mf.two_mode_covariance(np.eye(4), FORM, [0, 1], [2, 3]), "same fluctuations"),
        (lambda: mf.two_mode_covariance(np.eye(6), FORM, [0, 1], [5, 6]), "from 0 to 5"),
        (lambda: mf.symplectic_eigenvalues(np.eye(3)), "got 3 directions"),
        (lambda: mf.symplectic_eigenvalues(np.diag([1.0, 0.0])), "positive definite"),
        (lambda: mf.symplectic_eigenvalues([[1, 0.5], [0, 1]]), "not symmetric"),
        (lambda: mf.uncertainty_margin(np.eye(3), omega(1)), "same fluctuations"),
        (lambda: mf.discord(np.eye(6)), r"shape \(6, 6\)"),
        (lambda: mf.discord(np.eye(4), 2), "from 0 to 1"),
        (lambda: mf.partial_transpose(np.eye(2)), "from 0 to 0"),
        (lambda: mf.entropy(np.eye(4) / 4), "below ½"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(call, words):
    with pytest.raises(FiniteNError, match=words):
        call()
