"""How long mean field holds, each law against its theory: unstable points, limit cycles, a critical point.

The critical point has an exponent of its own in its stationary state too.
"""

import numpy as np
import pytest
import qutip
from scipy.integrate import solve_ivp
from scipy.sparse import diags
from scipy.sparse.linalg import expm_multiply
from scipy.special import gammaln

from comparison import horizon, rate
from finite_n import CollectiveJumps, LocalJump, Model, evolve, mz
from finite_n.systems import dicke_model, hopfield
from meanfield import Limit, attractor

SUPERRADIANCE = Model(collective=[CollectiveJumps([qutip.sigmam()])])


def test_from_an_unstable_point_it_holds_for_the_logarithm_of_n():
    """Spins up, collective decay: 1 − ⟨m_z⟩ = 2⟨n⟩/N with ⟨n⟩ + 1 = e^{2γt}, γ = ½, while n ≪ N."""
    found = horizon(SUPERRADIANCE, [0, 0, 1], np.linspace(0, 7, 141), [500, 1000, 2000, 4000], tolerance=0.1)
    assert found.rate == pytest.approx(0.5, abs=1e-9)
    assert found.growth.law == "log N" and found.leaves == ["mean_z"] * 4
    slope, expected = found.growth.slope, 1 / (2 * found.rate)
    assert abs(slope.value - expected) < slope.error < 0.03 * expected
    assert abs(slope.value - expected) < 0.01 * expected  # corrections of 1/(εN), 0.02 at N = 500
    small = horizon(SUPERRADIANCE, [0, 0, 1], np.linspace(0, 4, 161), [2000], tolerance=2e-3)
    # ⟨n⟩ = εN/2 = 2 of 2000 spins: the linear birth process, whose corrections are n/N
    assert abs(small.time[0] - np.log(3)) < 3e-3


@pytest.mark.slow
def test_from_the_hyperbolic_point_of_the_closed_dicke_model():
    """Above the superradiant coupling, from spins down and the vacuum: corrections N^−½ are in the error."""
    times, sizes = np.linspace(0, 4, 81), [16, 32, 64, 128]
    found = horizon(dicke_model(1.0, 0.8, 1.0), [0, 0, -1], times, sizes, tolerance=0.05, tol=1e-7, check=False)
    slope, expected = found.growth.slope, 1 / (2 * found.rate)
    assert found.growth.law == "log N"
    assert abs(slope.value - expected) < slope.error < 0.04 * expected


def phase_noise(limit, cycle):
    """(1/T)∮ v·𝒟v dt, v̇ = −Qᵀv, v·f = 1: N times the growth of the variance of the time shift along the cycle."""
    n, m = len(cycle.m), cycle.m

    def rhs(_, y):
        return np.concatenate([limit.drift(y[:n]), (limit.jacobian(y[:n]) @ y[n:].reshape(n, n)).ravel()])

    path = solve_ivp(rhs, (0, cycle.period), [*m, *np.eye(n).ravel()], rtol=1e-10, atol=1e-12, dense_output=True).sol
    values, left = np.linalg.eig(path(cycle.period)[n:].reshape(n, n).T)
    v = left[:, np.argmin(np.abs(values - 1))].real
    v /= v @ limit.drift(m)
    terms = []
    for t in np.linspace(0, cycle.period, 200, endpoint=False):  # the trapezoidal rule over a period
        y = path(t)
        now = np.linalg.solve(y[n:].reshape(n, n).T, v)
        terms.append(now @ limit.diffusion(y[:n]) @ now)
    return np.mean(terms)


def laser(omega=6.0):
    """Pumped atoms that decay collectively: a cycle of radius 1/√2 about z, its phase free."""
    return Model(omega / 2 * mz, [LocalJump(qutip.sigmap(), rate=0.5)], [CollectiveJumps([qutip.sigmam()], rate=1.0)])


def test_phase_noise_of_the_laser_in_closed_form():
    """Turning with the cycle, v = (v_x, 0, …) is the left zero vector of the Jacobian there: ω²·noise = 3/2."""
    end = attractor(laser(), [0.6, 0, 0.4])
    assert phase_noise(Limit(laser()), end.cycle) * 36 == pytest.approx(1.5, abs=1e-6)


@pytest.mark.slow
def test_on_the_cycle_of_a_laser_it_holds_for_a_time_proportional_to_n():
    """⟨m⟩ = r e^{−Dt/N}, D = ω²·noise/2, so that dt*/dN → −log(1 − ε/r)/D. The transient before is that of a product
    state, and shifts t* by a constant: −14 here, so exponents of t* itself come in from above."""
    end = attractor(laser(), [0.6, 0, 0.4])
    cycle, r, D = end.cycle, np.sqrt(0.5), 0.75
    found = horizon(
        laser(),
        cycle.m,
        np.arange(0, 56, cycle.period / 12),
        [25, 50, 100, 150],
        tolerance=0.2,
        quantities=["mean_x", "mean_y"],
        tol=1e-7,
        check=False,
    )
    assert found.growth.law == "power of N"
    slopes = np.diff(found.time) / np.diff(found.sizes)
    assert np.all(np.diff(slopes) > 0)
    assert abs(slopes[-1] / (-np.log(1 - 0.2 / r) / D) - 1) < 0.03  # a step of T/4 in 22 is 0.01; the rest is 1/N


@pytest.mark.slow
def test_on_the_cycle_of_the_hopfield_network_it_holds_for_a_time_proportional_to_n():
    """Averages leave the cycle by steps, at the next extreme of the difference; small ones against t* at Ω = 4."""
    model = hopfield(4.0, 2.0)
    end = attractor(model, [0, 0.3, 0.4])
    assert end.cycle.stability == "stable"
    times = np.arange(0, 9, end.cycle.period / 24)
    found = horizon(model, end.cycle.m, times, [14, 20, 28, 40, 56], tolerance=0.2, tol=1e-7, check=False)
    p = found.growth.exponent
    assert found.growth.law == "power of N"
    assert abs(p.value - 1) < p.error < 0.5
    assert abs(p.value - 1) < 0.15  # without its error: how far p is at these sizes


@pytest.mark.slow
def test_the_cycle_of_the_hopfield_network_fades_as_its_gaussian_noise_says():
    """The first harmonic falls as e^{−Dt/N}, D = ω²·noise/2; what is left at N = 60 and 120 goes as 1/N."""
    model, periods, points = hopfield(1.0, 2.0), 4, 32
    end = attractor(model, [0, 0.3, 0.4])
    cycle, omega = end.cycle, 2 * np.pi / end.cycle.period
    times = np.arange(periods * points + 1) * cycle.period / points
    decay = []
    for N in (60, 120):
        z = evolve(model, N, cycle.m, times, tol=1e-7, check=False).mean("z")[:-1].reshape(periods, points)
        harmonic = z @ np.exp(-1j * omega * times[:points])
        decay.append(-N * np.log(np.abs(harmonic[-1] / harmonic[-2])) / cycle.period)
    expected = omega**2 * phase_noise(Limit(model), cycle) / 2
    assert abs(decay[1] - expected) < 0.05 * expected
    assert abs(2 * decay[1] - decay[0] - expected) < 0.02 * expected  # 1/N² is left


def critical_time(share):
    """τ at which ⟨y²⟩ of dy = −y³/3 dτ + √2 dW from 0 falls short of 2τ by `share`, by a master equation on a grid."""
    h = 0.02
    y = np.arange(-5, 5 + h / 2, h)
    up = np.exp(-((y + h) ** 4 - y**4) / 24) / h**2  # detailed balance with e^{−y⁴/12}
    down = np.exp(-((y - h) ** 4 - y**4) / 24) / h**2
    up[-1] = down[0] = 0
    generator = diags([up[:-1], -(up + down), down[1:]], [-1, 0, 1]).tocsr()
    start = np.where(np.abs(y) < h / 2, 1.0, 0.0)
    taus = np.linspace(0.1, 0.5, 41)
    square = expm_multiply(generator, start, 0.1, 0.5, 41) @ y**2
    return np.interp(share, 1 - square / (2 * taus), taus)


@pytest.mark.slow
def test_at_the_critical_point_it_holds_for_the_root_of_n():
    """β = 1, Ω = 0: with m = N^−¼ y and t = √N τ the variance follows dy = −y³/3 dτ + √2 dW, and its Gaussian limit,
    1 + 2t, is the 2τ of y without its cubic force."""
    share, sizes = 0.1, [100, 400, 1600, 6400]
    model = hopfield(omega=0.0, beta=1.0)
    found = horizon(
        model, [0, 0, 0], np.linspace(0, 24, 121), sizes, tolerance=share, quantities=["cov_zz"], tol=1e-6, check=False
    )
    p = found.growth.exponent
    assert found.growth.law == "power of N"
    assert abs(p.value - 0.5) < p.error < 0.06
    # t*/√N = τ* + c N^−½ + …
    ratio = found.time / np.sqrt(sizes)
    expected = critical_time(share)
    assert abs(np.polyfit(np.power(sizes, -0.5), ratio, 2)[-1] / expected - 1) < 0.01


def stationary_variance(N, beta=1.0):
    """N⟨m_z²⟩ by detailed balance: P(k) of k spins up, P(k+1)/P(k) = (N−k) e^{βm_k} / ((k+1) e^{−βm_{k+1}}), each flip
    with the m before it."""
    k = np.arange(N)
    steps = np.log((N - k) / (k + 1.0)) + beta * ((2 * k - N) + (2 * k + 2 - N)) / N
    log_p = np.concatenate([[0.0], np.cumsum(steps)])
    p = np.exp(log_p - log_p.max())
    m = (2 * np.arange(N + 1) - N) / N
    return N * (p @ m**2) / p.sum()


def test_the_stationary_variance_at_the_critical_point_grows_as_the_root_of_n():
    """N⟨m_z²⟩ ~ N^½ √12 Γ(¾)/Γ(¼), the second moment of e^{−y⁴/12}; the chain evolved until it is at rest."""
    sizes = [60, 120, 240, 480, 960]
    values = []
    for N in sizes:
        late = 5 * np.sqrt(N)  # the slowest even mode of y decays at a rate of about 3 in τ
        values.append(evolve(hopfield(0.0, 1.0), N, [0, 0, 0], [0, late], tol=1e-9, check=False).covariance[-1, 2, 2])
    assert np.abs(np.array(values) / [stationary_variance(N) for N in sizes] - 1).max() < 1e-5
    found = rate(sizes, values, 0.0, power=0.5)
    assert abs(-found.asymptotic / 0.5 - 1) < 0.01 and found.asymptotic_error < 0.005
    far = [10**k for k in range(2, 7)]
    closed = [stationary_variance(N) for N in far]
    found = rate(far, closed, 0.0, power=0.5)
    assert abs(-found.asymptotic / 0.5 - 1) < 1e-3
    amplitude = np.sqrt(12) * np.exp(gammaln(0.75) - gammaln(0.25))
    assert abs(closed[-1] / np.sqrt(far[-1]) / amplitude - 1) < 2e-3  # 1.2/√N is left


@pytest.mark.slow
def test_large_critical_fluctuations_before_they_are_at_rest():
    """Σ̇ = 2 − 2Σ²/N, the first order of the cubic force: Σ = 1 + 2t − ((1 + 2t)³ − 1)/(3N) + …"""
    N, t = 30_000, 20.0
    result = evolve(hopfield(0.0, 1.0), N, [0, 0, 0], [0, t], tol=1e-5, check=False)
    shift = ((1 + 2 * t) ** 3 - 1) / (3 * N)
    assert abs(1 + 2 * t - result.covariance[-1, 2, 2] - shift) < 0.1 * shift  # t Σ/N and shift²/Σ are left
