"""Exact numbers of the claims of Benatti et al. 2017 against other ways: the engines, and full Fock spaces of one or
two sites, without irreducible parts or closed equations."""

import functools
from decimal import Decimal, localcontext

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.linalg import expm
from scipy.optimize import brentq

from comparison.claims.benatti_2017 import weyl
from comparison.claims.benatti_2017.entangled_facts import Pair, last_zero
from comparison.claims.benatti_2017.site import CHAIN, Site, correlations, site
from finite_n import evolve_particle, three_point_function
from finite_n.systems.double_chain import DoubleChain
from finite_n.systems.squeezed_chains import products_later, start
from meanfield import entanglement_witness, log_negativity

COLD = DoubleChain(T=0.3, omega=1.0, coupling=0.9)
K = 0.03
ROUNDING = 1e-9  # of truncated Fock spaces


def test_one_site_is_that_of_the_engine():
    """Correlations in the thermal state, and a three-point function at N = 400."""
    found = evolve_particle(COLD.particle, COLD.gibbs, [0.0, 0.4], COLD.operators, tol=1e-10)
    assert np.abs(found.products - correlations(Site(COLD))).max() < ROUNDING
    chain = DoubleChain(T=0.2, omega=1.0, coupling=0.9)  # few levels
    N, s = 400, Site(chain)
    r = np.array([weyl.R1, weyl.R, weyl.R2])
    engine = three_point_function(chain.particle, chain.gibbs, [0.0, 0.4], chain.operators, r, N, tol=1e-9)[-1]
    w1, w, w2 = (s.exponential(x, N**-0.5) for x in r)
    own = np.trace(w @ s.evolved((w2 @ s.rho @ w1)[None], 0.4)[0])
    assert abs(weyl.to_power(own, N) - engine) < 1e-8  # what the engine was asked for


def _lowering(number: int, quanta: int) -> list[np.ndarray]:
    """a_1 … of oscillators with so many quanta each."""
    one, a = np.eye(quanta + 1), np.diag(np.sqrt(np.arange(1.0, quanta + 1)), 1)
    return [functools.reduce(np.kron, [a if j == k else one for j in range(number)]) for k in range(number)]


def _ladder(lowering: list[np.ndarray], safe: np.ndarray) -> np.ndarray:
    """b with b|m⟩ = √m|m − 1⟩ on the ladder of K_−, from the polar decomposition of K_−; zero off the `safe` levels."""
    down = sum(a @ a for a in lowering) / 2
    level = sum(a.T @ a + np.eye(len(a)) / 2 for a in lowering) / 2  # K_0
    product = down.T @ down  # K_+K_− = m (2κ + m − 1) with K_0 = κ + m
    first = 2 * level - np.eye(len(level))
    values, vectors = np.linalg.eigh(first @ first - 4 * product)
    m = (first - (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T) / 2
    values, vectors = np.linalg.eigh(product)
    inverse = (vectors * np.where(values > 1e-9, 1 / np.sqrt(np.maximum(values, 1e-9)), 0)) @ vectors.T
    steps, turned = np.linalg.eigh(m)
    return down @ inverse @ (turned * np.sqrt(np.maximum(steps, 0))) @ turned.T * safe


def test_a_squeezed_chain_of_two_sites_is_that_of_the_full_fock_space():
    """⟨F_μF_ν⟩ of one chain, squeezed along the ladder that is found in the Fock space of its two oscillators."""
    N, quanta = 2, 22
    lowering = _lowering(N, quanta)
    total = np.diag(sum(a.T @ a for a in lowering))
    safe = np.outer(total <= quanta - 2, total <= quanta - 2)
    b = _ladder(lowering, safe)
    q, p = (b + b.T) / np.sqrt(2), (b - b.T) / (1j * np.sqrt(2))
    turn = expm(-1j * K * (q @ p + p @ q))
    rho = turn @ np.diag((1 - COLD.gamma) ** N * COLD.gamma**total) @ turn.conj().T
    down = sum(a @ a for a in lowering)
    scale = np.sqrt(COLD.eta / N) / 2
    F = [scale * (down + down.T), -1j * scale * (down - down.T)]
    G, square = start(COLD, N, K)
    found = np.array([[np.trace(rho @ x @ y) for y in F] for x in F])
    assert np.abs(found - G[:2, :2]).max() < 1e-8
    assert np.trace(rho @ lowering[0].T @ lowering[0]).real + 0.5 == pytest.approx(square, abs=ROUNDING)


def test_one_site_evolves_by_its_master_equation():
    """N = 1: both oscillators squeezed along a², the literal Lindbladian, against the closed equations of ⟨F_μF_ν⟩."""
    s, t = Site(COLD, 20), 0.6
    pairs = s.numbers[: s.size]
    turns = []
    for k in (0, 1):
        b = np.zeros((s.size, s.size))
        at = {tuple(n): j for j, n in enumerate(pairs.tolist())}
        for n, j in at.items():
            down = tuple(x - 2 * (c == k) for c, x in enumerate(n))
            if down in at:
                b[at[down], j] = np.sqrt(n[k] // 2)
        q, p = (b + b.T) / np.sqrt(2), (b - b.T) / (1j * np.sqrt(2))
        turns.append(expm(-1j * K * (q @ p + p @ q)))
    rho = turns[0] @ turns[1] @ s.rho @ turns[1].conj().T @ turns[0].conj().T
    rho = s.evolved(rho[None], t)[0]
    found = np.array([[np.trace(rho @ x @ y) for y in s.X] for x in s.X])
    exact = products_later(COLD, 1, K, [0.0, t])
    assert np.abs(found - exact[1])[:4, :4].max() < 1e-8
    assert np.abs(exact[1].imag - exact[0].imag).max() > 1e-3  # commutators move, at finite N


def test_two_sites_begin_to_move_by_the_generator_of_both():
    """N = 2: d⟨F_μF_ν⟩/dt at the start, from the Lindbladian of four oscillators, against the closed equations."""
    chain = DoubleChain(T=0.15, omega=1.0, coupling=0.9)  # four quanta and more are hardly filled
    k, s = 0.002, Site(chain, 5)
    one = sp.eye_array(len(s.numbers), format="csr")
    both = [[sp.csr_array(sp.kron(x, one)) for x in s.wide_v], [sp.csr_array(sp.kron(one, x)) for x in s.wide_v]]
    wide = [s.wide(p) for p in chain.operators.values()]
    F = [sp.csr_array((sp.kron(x, one) + sp.kron(one, x)) / np.sqrt(2)) for x in wide]
    H = s.wide(chain.particle.hamiltonian)
    H = sp.csr_array(sp.kron(H, one) + sp.kron(one, H))
    kept = (np.arange(s.size)[:, None] * len(s.numbers) + np.arange(s.size)).ravel()

    def average(rho, x):
        return np.einsum("ij,ji->", rho, x[kept][:, kept].toarray())

    def generated(x):
        out = 1j * (H @ x - x @ H)
        for v in both:
            for a in range(4):
                w = sum(d * y for d, y in zip(chain.kossakowski[a], v, strict=True))
                out = out + v[a] @ x @ w - (v[a] @ w @ x + x @ v[a] @ w) / 2
        return out

    rho = np.kron(s.rho, s.rho)
    for c in (0, 1):
        a = [(v[2 * c] + 1j * v[2 * c + 1])[kept][:, kept].toarray().real / np.sqrt(2) for v in both]
        b = _ladder(a, np.ones(rho.shape))
        turn = expm(k * (b.T @ b.T - b @ b))
        rho = turn @ rho @ turn.T
    step = 1e-3
    start, later, last = products_later(chain, 2, k, [0.0, step, 2 * step])
    slope = (4 * later - 3 * start - last) / (2 * step)
    for mu, nu in ((0, 0), (0, 1), (0, 2), (2, 3), (0, 4)):
        assert average(rho, F[mu] @ F[nu]) == pytest.approx(start[mu, nu], abs=1e-6)  # levels left out
        # and the next order of the difference, step² of some units
        assert average(rho, generated(F[mu] @ F[nu])) == pytest.approx(slope[mu, nu], abs=2e-5)


def _limit(chain, k, t):
    """Σ̂ at time t by eqs. 53, 61 and 69, written out."""
    mixing = np.kron([[0, 0, 1], [0, 0, 1], [1, 1, 0]], np.eye(2))
    L = (chain.gamma - 1) * (np.eye(6) + chain.coupling / np.sqrt(2) * mixing)
    M = expm(t * (L + 2 * chain.omega * np.kron(np.eye(3), [[0, 1], [-1, 0]])))
    S = chain.squeezed_covariance(0.0)
    return (S + M @ (chain.squeezed_covariance(k) - S) @ M.T)[:4, :4]


def _witness(chain, N, k, times):
    return [entanglement_witness(G.real, 2 * G.imag) for G in products_later(chain, N, k, times)[:, :4, :4]]


def test_entanglement_is_proved_at_finite_size_and_goes_to_its_limit_like_one_over_n():
    """At 4.2/ω with λ = 0.9 and T = 0.1 ω: nothing at the start, entangled from three sites on, 0.0483 + 0.214/N."""
    chain, sizes = DoubleChain(0.1, 1.0, 0.9), (200, 400, 800, 1600, 3200)
    assert _witness(chain, 2, 0.5, [4.2])[0] < 0
    assert _witness(chain, 3, 0.5, [4.2])[0] == pytest.approx(0.0276, abs=1e-4)
    assert _witness(chain, 5, 0.5, [4.2])[0] == pytest.approx(0.0517, abs=1e-4)
    found = np.array([_witness(chain, N, 0.5, [0.0, 4.2]) for N in sizes])
    assert np.all(found[:, 0] < 0)
    limit = log_negativity(_limit(chain, 0.5, 4.2))
    assert limit == pytest.approx(0.0483, abs=1e-4)
    excess = np.array(sizes) * (found[:, 1] - limit)
    assert excess[-1] == pytest.approx(0.214, abs=1e-3)
    assert np.abs(np.diff(excess)[-1]) < 1e-3  # 1/N² of it


def test_two_sites_of_one_chain_do_not_feel_the_thermal_state():
    """Without squeezing nothing moves, at any N."""
    exact = products_later(COLD, 7, 0.0, [0.0, 1.3])
    assert np.abs(exact[1] - correlations(Site(COLD))).max() < 1e-10


def test_what_the_ledger_takes_as_thermal_is_thermal():
    """⟨x²⟩ of the point of the claims by the Bose distribution."""
    s = site()
    n = CHAIN.gamma / (1 - CHAIN.gamma)
    assert s.average(s.v[0] @ s.v[0]).real == pytest.approx(n + 0.5, abs=1e-12)


def test_entanglement_dies_when_the_closed_formula_says():
    """t_0 against the zero of eq. 72 with I(t) of eq. 73, in 50 digits, since 𝓔 is as small as 1e-9 there."""
    for T, coupling, k in (("0.1", "0.5", 1), ("0.1", "0.8", 1), ("0.3", "0.95", 0.5)):
        found = last_zero(Pair(float(T), float(coupling), k))
        zero = brentq(lambda t, at=(T, coupling, k): _late_negativity(*at, t), found - 1, found + 1, xtol=1e-12)
        assert found == pytest.approx(zero, abs=1e-5)  # a rounding of 1e-15 over the slope of 𝓔, 2e-9


def _late_negativity(T: str, coupling: str, k: float, t: float) -> float:
    with localcontext(prec=50):
        x, k, t = 1 / (2 * Decimal(T)), Decimal(k), Decimal(t)
        eta = (x.exp() - (-x).exp()) / (x.exp() + (-x).exp())
        c = 2 * eta * Decimal(coupling) * t / (1 + eta)
        n, cosh, s = (1 + eta**2) / (4 * eta), (c.exp() + (-c).exp()) / 2, 4 * eta * t / (1 + eta)
        bracket = (4 * k + s).exp() - ((4 * k).exp() - 1) * cosh**2
        invariant = n**2 * (-4 * k - 2 * s).exp() * ((4 * k).exp() + s.exp() - 1) * bracket
        return float(-(4 * invariant).ln() / (2 * Decimal(2).ln()))
