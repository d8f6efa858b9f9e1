"""Exact numbers of the claims of Fiorelli 2024 against the engines, brute force and the derived limit."""

import numpy as np
import pytest
from scipy.linalg import expm

from comparison.claims.coverage import coverage
from comparison.claims.fiorelli_2024 import correlations_facts as pairs
from comparison.claims.fiorelli_2024 import moments_facts as moments
from comparison.claims.fiorelli_2024.correlations_map import largest_field
from comparison.claims.full_space import product, total
from comparison.claims.ledger import claims_of
from finite_n import evolve
from finite_n.systems import hopfield
from meanfield import attractor, discord, log_negativity


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
    found = evolve(hopfield(moments.OMEGA, moments.BETA), N, moments._displaced(N), [0, t], tol=1e-10)
    m = moments._mean_field((0.0, t)).means[-1]
    for k, x in enumerate(deviations):
        square = found.second_moments[-1, k, k].real - 2 * m[k] * found.means[-1, k] + m[k] ** 2
        assert 2 * np.trace(rho @ x @ x).real == pytest.approx(square, abs=1e-8)  # of mean field and of evolve


def test_correlations_at_rest_are_those_of_exact_evolution():
    """Exact covariances of one large spin at t = 3 go as 1/N to those that both halves make together."""
    beta, omega = 2.5, 0.35
    found, turn = pairs.exact(beta, omega), np.diag([1, -1, -1])
    own, between = found.covariance[:3, :3], found.covariance[:3, 3:] @ turn
    gaps = [
        n * (evolve(hopfield(omega, beta), n, found.bloch, [0.0, 3.0], tol=1e-9).covariance[-1] - own - between)
        for n in (60, 80)
    ]
    assert np.abs(gaps[1]).max() < 4  # of order 1/N, from 3.2
    assert (
        np.abs(gaps[1] - gaps[0]).max() < 0.5
    )  # 3.10 and 2.65 where it is slowest: no constant part, where 0.02 would add 0.4
    assert np.abs(own - between - (np.eye(3) - np.outer(found.bloch, found.bloch))).max() < 1e-6  # error of the balance


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
