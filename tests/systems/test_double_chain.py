"""The double chain of Benatti et al. 2017 at finite N: against Gaussian operators without Fock space, against its
Lindbladian as it is written, in a Fock space cut by the quanta of both modes, and its limit."""

import numpy as np
import pytest
from scipy.linalg import expm

from comparison.claims.benatti_2017.site import Site
from finite_n import FiniteNError, evolve_particle, three_point_function
from finite_n.systems import double_chain
from finite_n.systems.squeezed_chains import squeezed_ladder
from tests.finite_n.independent.gaussian_operators import evolved, multiplied

CHAIN = double_chain(T=0.25, omega=1.0, coupling=0.7)
R = np.array([[0.1, 0.05, 0.0, -0.04, 0.1, 0.0], [0.1, -0.1, 0.15, 0.05, 0.1, -0.1], [0.0, 0.1, -0.1, 0.1, 0.0, 0.1]])
T_END = 0.8
CLAIMED = 1e-8  # of functions at finite N
SIZES = (10, 20, 40, 80, 160)


def _quadratic(chain, r) -> np.ndarray:
    """K of r·X = R·K·R, R = (x_1, p_1, x_2, p_2), written down from eq. 23 by hand."""
    one, mixed = np.sqrt(chain.eta) / 2, np.sqrt(chain.eta / 2)
    K = np.zeros((4, 4))
    for k, at in ((0, 0), (2, 2)):
        K[at, at] += one * r[k]
        K[at + 1, at + 1] -= one * r[k]
        K[at, at + 1] += one * r[k + 1]
        K[at + 1, at] += one * r[k + 1]
    for k, i, j, sign in ((4, 0, 2, 1), (4, 1, 3, -1), (5, 0, 3, 1), (5, 1, 2, 1)):
        K[i, j] += sign * mixed * r[k] / 2
        K[j, i] += sign * mixed * r[k] / 2
    return K


def _kossakowski(chain) -> np.ndarray:
    """Eqs. 44 and 45, written out."""
    g, e, l = chain.gamma, chain.eta, chain.coupling
    rows = [
        [1, 1j * e, l, 1j * l * e],
        [-1j * e, 1, -1j * l * e, l],
        [l, 1j * l * e, 1, 1j * e],
        [-1j * l * e, l, -1j * e, 1],
    ]
    return (1 + g) / 2 * np.array(rows)


def _one_particle(chain, r, t: float, N: int) -> complex:
    """Tr(w e^{Lt}(w_2 ρ w_1)) of one site; averages of the X vanish."""
    K = [_quadratic(chain, x) for x in r]
    z, V = multiplied(1.0, np.eye(4) / (2 * chain.eta), K[2], 1 / np.sqrt(N), left=True)
    z, V = multiplied(z, V, K[0], 1 / np.sqrt(N), left=False)
    V = evolved(V, chain.omega * np.eye(4), _kossakowski(chain), t)
    return multiplied(z, V, K[1], 1 / np.sqrt(N), left=False)[0]


@pytest.fixture(scope="module")
def fock():
    """One site with up to ten quanta: what is left out of the thermal state weighs γ^11, 1e-19."""
    return Site(CHAIN, 10)


def _in_fock_space(site, t: float, N: int) -> complex:
    """The same number of one site by matrices."""
    first, middle, last = (site.exponential(x, 1 / np.sqrt(N)) for x in R)
    moved = site.evolved(np.array([last @ site.rho @ first]), t)[0]
    return complex(np.trace(middle @ moved))


def _limit(chain, r, t: float) -> complex:
    """The right-hand side of eq. 41 by eqs. 27, 32, 33, 50 to 54."""
    gamma, sigma = chain.gamma, np.kron(np.eye(3), [[0, 1], [-1, 0]])
    mixing = np.kron([[0, 0, 1], [0, 0, 1], [1, 1, 0]], np.eye(2))
    L = (gamma - 1) * np.eye(6) + 2 * chain.omega * sigma + (gamma - 1) * chain.coupling / np.sqrt(2) * mixing
    M, Sigma = expm(t * L), (1 + chain.eta**2) / (4 * chain.eta) * np.eye(6)
    noise = Sigma - M @ Sigma @ M.T
    parts = [r[0], M.T @ r[1], r[2]]
    total = sum(parts)
    order = sum(parts[i] @ sigma @ parts[j] for i in range(3) for j in range(i + 1, 3))
    return np.exp(-0.5 * r[1] @ noise @ r[1] - 0.5 * total @ Sigma @ total - 0.5j * order)


@pytest.fixture(scope="module")
def resting():
    return evolve_particle(CHAIN.particle, CHAIN.gibbs, [0.0, 0.5, 2.0], CHAIN.operators, tol=1e-10)


def test_the_gibbs_state_stays_and_the_six_fluctuations_are_three_modes(resting):
    """Eq. 27, eq. 32, and footnote 5."""
    chain = CHAIN
    assert np.abs(resting.means).max() < 1e-10  # the tolerance
    assert np.abs(resting.covariance - (1 + chain.eta**2) / (4 * chain.eta) * np.eye(6)).max() < 1e-10
    sigma = np.kron(np.eye(3), [[0, 1], [-1, 0]])
    assert np.abs(resting.symplectic_form - sigma).max() < 1e-10
    assert resting.error < 1e-10 and resting.difference < 1e-10


def test_the_printed_factor_of_two_operators_gives_no_canonical_mode(resting):
    """With √(2/η) in X5 and X6, as eq. 23 prints, [F5, F6] would be i(2/η)², not i as eqs. 32 and 39 say."""
    factor = np.sqrt(2 / CHAIN.eta) / np.sqrt(CHAIN.eta / 2)
    printed = factor**2 * resting.symplectic_form[0, 4, 5]
    assert printed == pytest.approx((2 / CHAIN.eta) ** 2, rel=1e-9)
    assert printed > 4


def test_characteristic_functions_at_finite_size_are_those_of_gaussian_operators_and_of_fock_space(resting, fock):
    limit = np.exp(-0.5 * (1 + CHAIN.eta**2) / (4 * CHAIN.eta) * R[1] @ R[1])
    off = []
    for N in SIZES:
        found = resting.characteristic(R[1], N)
        exact = multiplied(1.0, np.eye(4) / (2 * CHAIN.eta), _quadratic(CHAIN, R[1]), 1 / np.sqrt(N), True)[0] ** N
        assert np.abs(found - exact).max() < CLAIMED
        literal = complex(fock.average(fock.exponential(R[1], 1 / np.sqrt(N)))) ** N
        assert np.abs(found - literal).max() < CLAIMED
        off.append(abs(found[0] - limit))
    orders = np.log2(np.array(off[:-1]) / off[1:])
    assert np.abs(orders - 1).max() < 0.02  # 1/N, and 1/N² of it: 0.01 at N = 10


@pytest.mark.parametrize("N", [*(pytest.param(n, marks=pytest.mark.slow) for n in (10, 20, 40, 80)), 160])
def test_three_point_functions_at_finite_size_are_those_of_gaussian_operators_and_of_fock_space(N, fock):
    """Eq. 41, left-hand side."""
    found = three_point_function(CHAIN.particle, CHAIN.gibbs, [0.0, T_END], CHAIN.operators, R, N, tol=CLAIMED)
    for value, t in zip(found, (0.0, T_END), strict=True):
        assert abs(value - _one_particle(CHAIN, R, t, N) ** N) < CLAIMED
        assert abs(value - _in_fock_space(fock, t, N) ** N) < CLAIMED


@pytest.mark.parametrize("N", SIZES)
def test_gaussian_operators_and_the_lindbladian_in_fock_space_agree(N, fock):
    for t in (0.0, T_END):
        assert abs(_one_particle(CHAIN, R, t, N) - _in_fock_space(fock, t, N)) < CLAIMED / N / 10


def test_three_point_functions_go_to_the_paper_s_gaussian_map_like_one_over_n():
    """Eqs. 50 to 54 are the limit, approached at rate 1/N; by Gaussian operators, to any N."""
    off = [abs(_one_particle(CHAIN, R, T_END, N) ** N - _limit(CHAIN, R, T_END)) for N in (160, 320, 640)]
    assert off[0] < 1e-3
    assert np.abs(np.log2(np.array(off[:-1]) / off[1:]) - 1).max() < 0.02


def test_the_printed_squeezing_operator_is_that_of_the_opposite_sign():
    """S = exp(ik(XP + PX)) of eq. 68 on the vacuum of a mode: ⟨X²⟩ of SρS† is ½e^{−4k}, where eq. 69 has e^{4k}."""
    k, levels = 0.1, 60
    a = np.diag(np.sqrt(np.arange(1.0, levels)), 1)
    x, p = (a + a.T) / np.sqrt(2), (a - a.T) / (1j * np.sqrt(2))
    psi = expm(1j * k * (x @ p + p @ x))[:, 0]
    assert (psi.conj() @ x @ x @ psi).real == pytest.approx(0.5 * np.exp(-4 * k), rel=1e-9)  # 60 levels leave less out
    printed = CHAIN.squeezed_covariance(k)[0, 0] / CHAIN.squeezed_covariance(0.0)[0, 0]
    assert printed == pytest.approx(np.exp(4 * k), rel=1e-12)


def test_squeezing_keeps_uncertainty_and_nothing_else_than_complete_positivity_limits_the_coupling():
    chain = double_chain(T=0.3, coupling=1.0)
    sigma = np.kron(np.eye(3), [[0, 1], [-1, 0]])
    for k in (0.0, 0.5, 1.0):
        assert np.linalg.eigvalsh(chain.squeezed_covariance(k) + 0.5j * sigma).min() > -1e-12
    assert np.linalg.eigvalsh(chain.kossakowski).min() > -1e-12
    for bad in ({"coupling": 1.1}, {"T": 0.0}, {"omega": -1.0}):
        with pytest.raises(FiniteNError):
            double_chain(**bad)


def test_squeezed_chains_are_exact_at_every_size_and_go_to_their_limit():
    """k as the start of N sites: ⟨F_aF_b⟩ goes to the squeezed Gaussian, by eqs. 53, 61 and 69 written out, as 1/N."""
    chain, times = double_chain(T=0.3, omega=1.2, coupling=0.7, k=0.4), [0.0, 0.7]
    sigma = np.kron(np.eye(3), [[0, 1], [-1, 0]])
    mixing = np.kron([[0, 0, 1], [0, 0, 1], [1, 1, 0]], np.eye(2))
    L = (chain.gamma - 1) * (np.eye(6) + chain.coupling / np.sqrt(2) * mixing) + 2 * chain.omega * sigma
    variance = (1 + chain.eta**2) / (4 * chain.eta)
    squeezed = variance * np.diag([np.exp(1.6), np.exp(-1.6)] * 2 + [1, 1])
    assert np.abs(chain.squeezed_covariance() - squeezed).max() < 1e-12
    M = [expm(t * L) for t in times]
    limit = np.array([variance * np.eye(6) + m @ (squeezed - variance * np.eye(6)) @ m.T for m in M])
    assert np.abs(chain.limit_covariance(times) - limit).max() < 1e-12  # matrices of six rows
    off = [np.abs(chain.fluctuation_products(N, times) - limit - 0.5j * sigma).max(axis=(1, 2)) for N in (1600, 3200)]
    assert (
        np.log2(off[0] / off[1]) == pytest.approx([1, 1], abs=0.01) and off[1].max() < 5e-3
    )  # 13/N of numbers up to 2.6


@pytest.mark.parametrize(("gamma", "k"), [(0.3, 0.3), (0.05, -0.4), (1e-5, 0.5)])
def test_the_squeezed_ladder_is_that_of_the_exponential_of_eq_68(gamma, k):
    levels = 240
    b = np.diag(np.sqrt(np.arange(1.0, levels)), 1)
    turn = expm(k * (b.T @ b.T - b @ b))  # e^{−ik(QP + PQ)}
    rho = (turn * (1 - gamma**2) * gamma ** (2.0 * np.arange(levels))) @ turn.T
    filled, second = squeezed_ladder(gamma, k, levels)
    low = slice(0, 100)  # levels that the end of the matrix leaves alone
    assert np.abs(filled - np.diag(rho))[low].max() < 1e-13  # products of matrices of numbers up to one
    assert np.abs(second - np.diag(rho, 2))[low].max() < 1e-13


def test_strongly_squeezed_chains_go_to_their_limit():
    """k = 1, by a ladder filled like 0.96^m: the distance of covariances up to 27 falls as 1/N."""
    chain, times = double_chain(T=0.1, coupling=1.0, k=1.0), [0.0, 2.0]
    limit = chain.limit_covariance(times)
    off = [np.abs(chain.fluctuation_products(N, times).real - limit).max() for N in (100_000, 200_000)]
    assert off[0] / off[1] == pytest.approx(2, abs=0.02) and off[1] < 0.2  # the next order is 2 % at N = 1e5


def test_what_cannot_be_squeezed_is_refused():
    for make, said in (
        (lambda: double_chain(k=51.0), "squeezing k"),
        (lambda: double_chain(k=3.0).fluctuation_products(4, [0.0, 1.0]), "163840 levels do not hold"),
        (lambda: double_chain(k=0.1).fluctuation_products(10**7, [0.0, 1.0]), "give up to 1000000 sites"),
        (lambda: double_chain(k=0.1).fluctuation_products(0, [0.0, 1.0]), "N = 0"),
    ):
        with pytest.raises(FiniteNError, match=said):
            make()
