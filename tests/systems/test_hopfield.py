"""The Hopfield network with one pattern: what decides on the covariance of Fiorelli 2024, and detailed balance."""

import numpy as np
import pytest
from scipy.special import gammaln, logsumexp

from comparison import Study, load
from comparison.claims.fiorelli_2024.study import printed_covariance
from finite_n import evolve
from finite_n.systems import hopfield


@pytest.fixture(scope="module")
def study():
    return load("hopfield", {"sizes": [10, 20, 40, 80, 160]}).run()


def test_exact_and_limit_numbers_to_the_digits_known(study):
    i = study.study.quantities.index("cov_zz")
    known = {10: 1.7033, 20: 1.8111, 40: 1.8685, 80: 1.8973, 160: 1.9114}  # of an independent prototype
    for k, N in enumerate(study.sizes):
        assert round(study.exact[k, -1, i], 4) == known[N]
    assert round(study.limits["derived"]["cov_zz"][-1], 7) == 1.9253129
    assert round(study.limits["printed"]["cov_zz"][-1], 3) == 0.896
    e = study.extrapolation
    assert abs(e.value[-1, i] - 1.9253129) < 1e-6 and e.error[-1, i] < 1e-6


def test_printed_covariance_refuted_and_derived_confirmed(study):
    assert study.status("derived") == "confirmed"
    assert study.status("printed") == "refuted"
    v = next(v for v in study.verdicts if v.claim == "printed" and v.quantity == "cov_zz")
    assert abs(v.gap - 1.0291) < 1e-4 and v.gap / v.error > 1e4


def test_printed_covariance_is_refuted_at_rest_too():
    """In the scope that the paper states: averages at their stable fixed point m = 0."""
    state, omega, beta = [0, 0, 0], 0.3, 0.5
    study = Study(
        hopfield(omega, beta),
        state,
        [0, 1, 2, 3],
        [10, 16, 24, 40, 64],
        [printed_covariance(state, omega, beta)],
        accuracy=1e-2,
    )
    result = study.run()
    assert result.status("derived") == "confirmed" and result.status("printed") == "refuted"
    assert abs(result.limits["printed"]["cov_zz"][-1] - 1) < 1e-9
    assert abs(result.limits["derived"]["cov_zz"][-1] - 1.683756) < 1e-6


def _detailed_balance(N, beta, self_energy):
    """Stationary probabilities of N/2 − M = 0 … N from the ratio of up and down rates of the classical chain."""
    up = np.arange(N + 1)  # number of up spins
    log_p = np.zeros(N + 1)
    for n in range(N):
        m_before, m_after = (2 * n - N) / N, (2 * (n + 1) - N) / N
        if not self_energy:
            m_before, m_after = m_before + 1 / N, m_after - 1 / N  # the flipping spin left out: equal
        log_up = beta * m_before - np.log(2) + np.log(N - n)
        log_down = -beta * m_after - np.log(2) + np.log(n + 1)
        log_p[n + 1] = log_p[n] + log_up - log_down
    p = np.exp(log_p - logsumexp(log_p))
    return 2 * up / N - 1, p


@pytest.mark.parametrize("self_energy", [True, False])
@pytest.mark.parametrize("N", [1, 2, 9, 16])
def test_without_field_the_stationary_state_obeys_detailed_balance(N, self_energy):
    beta = 0.7
    m, p = _detailed_balance(N, beta, self_energy)
    result = evolve(hopfield(0.0, beta, self_energy=self_energy), N, [0.2, 0, 0.5], [0, 120.0], tol=1e-10)
    assert abs(result.means[-1, 2] - p @ m) < 1e-8
    assert abs(result.second_moments[-1, 2, 2].real - p @ m**2) < 1e-8
    if not self_energy:  # then it is the Curie–Weiss Gibbs state ∝ C(N, n) exp(βN m²/2)
        n = np.arange(N + 1)
        log_g = gammaln(N + 1) - gammaln(n + 1) - gammaln(N - n + 1) + beta * N * m**2 / 2
        assert np.abs(p - np.exp(log_g - logsumexp(log_g))).max() < 1e-12


def test_stationary_variance_of_the_limit_is_curie_weiss():
    from meanfield import Limit

    for beta in (0.3, 0.6):
        covariance = Limit(hopfield(0.0, beta)).evolve([0, 0, 0.3], [0, 200.0]).covariance[-1]
        assert abs(covariance[2, 2] - 1 / (1 - beta)) < 1e-8


@pytest.mark.parametrize("rates", ["exponential", "heat_bath"])
def test_self_energy_drops_out_of_the_limit_but_not_of_finite_N(rates):
    models = [hopfield(0.4, 0.9, rates, self_energy) for self_energy in (True, False)]
    gaps = []
    for N in (40, 80):
        a, b = (evolve(m, N, [0, 0.3, 0.4], [0, 1.0]).means[-1] for m in models)
        gaps.append(np.abs(a - b).max())
    assert gaps[0] > 1e-4
    assert 1.8 < gaps[0] / gaps[1] < 2.2  # the difference is of order 1/N
