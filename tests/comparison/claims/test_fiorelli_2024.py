"""Exact numbers of the claims of Fiorelli 2024 against the engines, brute force and the derived limit."""

import numpy as np
import pytest
from scipy.linalg import expm

from comparison.claims.coverage import coverage
from comparison.claims.exact.full_space import SPIN, product, site, total
from comparison.claims.fiorelli_2024 import correlations_facts as pairs
from comparison.claims.fiorelli_2024 import moments_facts as moments
from comparison.claims.fiorelli_2024.correlations_map import largest_field
from comparison.claims.ledger import claims_of
from comparison.referee.extrapolation import rate
from finite_n import evolve
from finite_n.systems import hopfield
from meanfield import attractor, discord, log_negativity
from tests.brute_force import BruteForce, product_state


@pytest.mark.parametrize("paper", ["002", "003"])
def test_every_claim_of_the_paper_is_in_the_ledger(paper):
    judged = {claim.id for claim in claims_of(paper)}
    assert [item.id for item in coverage(paper) if item.kind == "claim" and item.id not in judged] == []


def test_displaced_product_states_by_brute_force():
    """W†ρW with W = e^{i r·F} of three spins in their full space."""
    N, m = 3, moments._START
    f = (2 * total(N) / N - m[:, None, None] * np.eye(2**N)) * np.sqrt(N)
    w = expm(1j * np.tensordot(moments._R, f, 1))
    rho = w.conj().T @ product(m / 2, N) @ w
    assert np.abs(rho - product(moments._displaced(N) / 2, N)).max() < 1e-13  # rounding


def test_displaced_states_evolve_like_the_engines():
    N, t = 3, 0.5
    rho, deviations = moments._evolved(N, t)
    found = evolve(moments._network(moments._G), N, moments._displaced(N), [0, t], tol=1e-10)
    m = moments._with_interaction((0.0, t))[-1]
    for k, x in enumerate(deviations):
        square = found.second_moments[-1, k, k].real - 2 * m[k] * found.means[-1, k] + m[k] ** 2
        assert 2 * np.trace(rho @ x @ x).real == pytest.approx(square, abs=1e-8)  # of mean field and of evolve


def test_halves_of_a_network_by_brute_force():
    """Covariances of two halves of four spins from those of the whole, against the density matrix of all."""
    N = 4
    run = evolve(hopfield(0.35, 2.5), N, [0.1, -0.2, 0.6], [0.0, 0.3], tol=1e-10)
    b = BruteForce(hopfield(0.35, 2.5), N)
    one = (np.eye(2) + np.tensordot([0.1, -0.2, 0.6], 2 * SPIN, 1)) / 2
    rho = b.evolve(product_state(one, N), 0.3)
    halves = [sum(2 * site(mu, k, N) for k in sites) for sites in ((0, 1), (2, 3)) for mu in range(3)]
    means = np.array([np.trace(rho @ x).real for x in halves]) / (N / 2)
    wanted = [[np.trace(rho @ (x @ y + y @ x)).real / N for y in halves] for x in halves]
    wanted = np.array(wanted) - N / 2 * np.outer(means, means)
    turn = np.diag([1, 1, 1, 1, -1, -1])
    assert np.abs(pairs.at_size(run).covariance - turn @ wanted @ turn).max() < 1e-8  # of both integrations


def test_correlations_at_rest_are_those_of_exact_evolution():
    """Discord, classical correlations and negativity of two halves at N = 48 … 160 go as 1/N to those that exact rates
    balance."""
    found = pairs.exact(2.5, 0.35)
    for name, of in pairs._OF.items():
        limit, exact, error = found.value(of)[0], *pairs.of_ladder(name)
        assert abs(limit - exact) < error < 1e-4
        runs = pairs.runs_at_rest()
        values = [of(pairs.at_size(x).modes()) for x in runs.values()]
        assert rate(list(runs), values, limit).asymptotic == pytest.approx(1, abs=0.06)


@pytest.mark.slow
def test_the_limit_cycle_ends_where_retrieval_solutions_appear():
    """At T = 0.6 the period grows as the inverse root of the distance from Ω = 0.29411, where eq. B.4 gets roots."""
    end = largest_field(1 / 0.6)
    assert end == pytest.approx(0.29411, abs=1e-4)
    periods = [attractor(hopfield(end + gap, 1 / 0.6), [0, 0, 1.0]).cycle.period for gap in (1e-3, 4e-3)]
    assert periods[0] / periods[1] == pytest.approx(2, rel=0.1)  # corrections of relative order √gap
    assert attractor(hopfield(end - 1e-3, 1 / 0.6), [0, 0, 1.0]).kind == "fixed point"


@pytest.mark.parametrize("point", [(2.5, 0.35), (2.5, 0.35, 0.5), (1 / 0.8, 0.1)])
def test_exact_balance_is_that_of_the_derived_limit(point):
    exact, derived = pairs.exact(*point), pairs.derived(*point)
    assert np.all(np.abs(exact.covariance - derived.covariance) <= exact.error + 1e-10)
    assert exact.error.max() < 1e-6
    for of in (discord, log_negativity):
        value, error = exact.value(of)
        assert abs(value - of(derived.modes())) <= error + 1e-12 < 1e-6
