"""Canonical modes and classical directions, reduction to two modes, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import meanfield as mf
from finite_n import FiniteNError
from tests.meanfield.gaussian.covariances import (
    MINIMISER,
    ROUNDING,
    SEEDS,
    omega,
    random_state,
    spin_form,
    squeezed_vacuum,
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
    """Fiorelli 2024, eqs. 69, 70 turn both spins by one U; with m_2 = −m_1 the second commutator is −i, and det c_12 is
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
