"""Dicke's model, closed and open: exact numbers, the limit, and the way from one to the other."""

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

from comparison import Study, departure_times, extrapolate, rate
from finite_n import Field, evolve
from finite_n.systems import dicke_model, spectral_modes
from meanfield import Limit

TIMES = np.array([0.0, 1.0, 3.0, 6.0])


def _photons(N, model, rho0, times=TIMES, tol=1e-9):
    return evolve(model, N, rho0, times, tol=tol, check=False, threads=1).number()


def test_photon_number_goes_to_the_limit_at_rate_one():
    """Vacuum field, p = 0.3, below the superradiant coupling: exact numbers of order one from fluctuations alone."""
    model, sizes = dicke_model(), [2, 4, 6, 8, 10]
    exact = np.array([_photons(N, model, [0, 0, -0.4]) for N in sizes])
    limit = Limit(model).evolve([0, 0, -0.4], TIMES).number("field")
    assert np.abs(limit - [0, 0.025946, 0.089819, 0.277753]).max() < 6e-7  # known to the digits given
    e = extrapolate(sizes, exact, 1e-8)
    assert np.abs(e.value - limit).max() < 2e-4
    # at t = 6, where finite N matters most, the gap falls as 1/N
    r = rate(sizes, exact[:, 3], limit[3], 1e-8)
    assert abs(r.asymptotic - 1) < 0.05


def test_second_order_in_the_coupling_is_not_the_limit():
    """Merkli and Rafiyi 2018, eq. 2.9 for one mode, the lowest order in λ.

    λ² times p (1 − cos(ω₀ − ν)t)/(ω₀ − ν)² + (1 − p) (1 − cos(ω₀ + ν)t)/(ω₀ + ν)².
    """
    omega0, nu, coupling, p = 1.0, 0.8, 0.25, 0.3
    slow, fast = omega0 - nu, omega0 + nu
    printed = coupling**2 * (p * (1 - np.cos(slow * TIMES)) / slow**2 + (1 - p) * (1 - np.cos(fast * TIMES)) / fast**2)
    assert np.abs(printed - [0, 0.025915, 0.086807, 0.315022]).max() < 6e-7
    exact = [_photons(N, dicke_model(), [0, 0, -0.4])[3] for N in (4, 8)]
    assert exact[0] < exact[1] < 0.28 < printed[3]  # exact numbers rise towards 0.27775, not 0.315


@pytest.mark.parametrize(
    "field", [Field(beta=0.6 + 0.3j), Field(number=1), Field(thermal=0.5)], ids=["coherent", "number", "thermal"]
)
def test_fields_of_order_one(field):
    """First and second moments of the mode, for every kind of initial field; spins are those of the mean field without
    it."""
    model, times, sizes = dicke_model(loss=0.2), np.array([0.0, 0.5, 1.0]), [3, 5, 8, 12]
    start = {"": [0, 0, -0.6], "field": field}
    limit = Limit(model).evolve(start, times)
    results = [evolve(model, N, start, times, check=False, threads=1) for N in sizes]
    first = np.array([np.sqrt(r.N) * r.means[:, 3:] for r in results])
    assert np.abs(extrapolate(sizes, first, 1e-7).value - limit.first_moments[:, 3:]).max() < 1e-4
    covariance = np.array([r.covariance[:, 3:, 3:] for r in results])
    assert np.abs(extrapolate(sizes, covariance, 1e-7).value - limit.covariance[:, 3:, 3:]).max() < 1e-3
    number = np.array([r.number() for r in results])
    assert np.abs(extrapolate(sizes, number, 1e-7).value - limit.number("field")).max() < 1e-3


def test_open_model_with_a_field_of_order_root_n():
    """Mean field with α (Carollo and Lesanovsky, PRL 126, 230601), derived from the model, against exact numbers."""
    model = dicke_model(1.0, 0.8, 0.6, loss=0.5)
    start = {"": [0.3, 0.0, -0.8], "field": Field(alpha=0.2 + 0.1j)}
    study = Study(model, start, np.linspace(0, 1.0, 3), [3, 4, 6, 8, 12], accuracy=1e-3, tol=1e-8)
    assert study.power == 1.0

    # by hand: α̇ = −(iν + κ/2)α − i(λ/√2) m_x, ṁ = 2 (λ√2 Re α, 0, ω₀/2) × m
    def rhs(_, y):
        m, alpha = y[:3], y[3] + 1j * y[4]
        slope = -(0.8j + 0.25) * alpha - 0.6j / np.sqrt(2) * m[0]
        field = 2 * np.array([0.6 * np.sqrt(2) * alpha.real, 0, 0.5])
        return [*np.cross(field, m), slope.real, slope.imag]

    y = solve_ivp(rhs, (0, 1), [0.3, 0, -0.8, 0.2, 0.1], t_eval=study.tlist, rtol=1e-11, atol=1e-12).y
    hand = np.vstack([y[:3], np.sqrt(2) * y[3:]]).T
    assert np.abs(study.limit_means - hand).max() < 1e-9
    result = study.run()
    means = dict(study.kinds)["averages"]
    verdicts = [v for v in result.verdicts if v.quantity in means]
    assert len(verdicts) == 5
    assert {v.status for v in verdicts} == {"confirmed"}


def _departures(quantity, sizes, last):
    """Above the superradiant coupling, λ = 1 > λ_c = √(ω₀ν/2), from spins down and the vacuum; and 2γ × the local
    slopes."""
    times = np.linspace(0, last, round(10 * last) + 1)
    found = departure_times(dicke_model(1.0, 0.8, 1.0), [0, 0, -1], times, sizes, quantity, quantity)
    return found, 2 * found.growth * np.diff(found.departure) / np.diff(np.log(found.sizes))


def _unstable_variance(result):
    """⟨(w·F)²⟩ with w Q = γ w, whose limit is a pure exponential, e^{2γt} of its start: the quadrature that is
    stretched."""
    model = dicke_model(1.0, 0.8, 1.0)
    limit = Limit(model)
    rates, left = np.linalg.eig(limit.jacobian(limit.evolve([0, 0, -1], [0, 1.0]).means[0]).T)
    w = left[:, np.argmax(rates.real)].real
    return np.einsum("a,tab,b->t", w, result.covariance, w)


SIZES = [16, 32, 64, 128]


@pytest.mark.parametrize(
    ("sizes", "last", "left"),
    [(SIZES, 3.6, 0.08), pytest.param([*SIZES, 256, 512], 4.8, 0.06, marks=pytest.mark.slow)],
    ids=["128", "512"],
)
def test_above_the_superradiant_coupling_photons_leave_the_limit_at_a_time_that_grows_with_log_n(sizes, last, left):
    """Corrections of e^{2γt}/N make the photon number leave its limit by a tenth at t = log N/(2γ) + const."""
    found, slopes = _departures(lambda x: x.number("field"), sizes, last)
    assert np.all(np.isfinite(found.departure))
    # modes that do not grow are e^{−γt} ~ N^{−1/2} of what does, and turn while they fade: slopes come in oscillating
    assert abs(slopes[-1] - 1) < left
    assert abs(slopes[-1] - 1) < 0.4 * abs(slopes[0] - 1)
    # at a fixed time the way to the limit is 1/N, and that of N times the gap too: halved from one size to the next,
    # but for 1/N²
    at = np.searchsorted(found.times, 2.0)
    gaps = np.diff(found.sizes / found.limit[at] * (1 - found.exact[:, at] / found.limit[at]))
    assert abs(gaps[-1] / gaps[-2] - 0.5) < 0.05


@pytest.mark.parametrize(
    ("sizes", "last", "left"),
    [(SIZES, 2.8, 0.05), pytest.param([*SIZES, 256, 512], 3.8, 0.02, marks=pytest.mark.slow)],
    ids=["128", "512"],
)
def test_the_slope_of_the_unstable_variance_goes_to_its_growth_rate(sizes, last, left):
    """t = log N/(2γ) + c + c′N^{−1/2} + …: the last two local slopes give its first part, to what is left of the next
    ones."""
    found, slopes = _departures(_unstable_variance, sizes, last)
    assert np.abs(found.limit / found.limit[0] - np.exp(2 * found.growth * found.times)).max() < 1e-6 * found.limit[-1]
    assert np.all(np.diff(slopes) > 0) and slopes[-1] < 1
    assert abs(slopes[-1] + (slopes[-1] - slopes[-2]) / (np.sqrt(2) - 1) - 1) < left


def test_fluctuation_means_of_a_coherent_field():
    """Merkli and Rafiyi 2018, eqs. 1.29–1.31, lowest order, σx of spins in equilibrium, field |α⟩ with real α.

    −2√2 λα tanh(ω₀/2T) ω₀ (cos νt − cos ω₀t)/(ω₀² − ν²) follows from eq. 1.29 with ⟨φ(s)⟩ = √2 Re(α e^{−iνs}). Eq. 1.30
    has 2 Re(e^{iνs} α), which is too large by √2; eq. 1.31 has another function of time, and 1/(1 + e^{−ω₀/T}) in place
    of tanh(ω₀/2T), so that it stays at T → ∞, where there is nothing.
    """
    omega0, nu, coupling, alpha, temperature = 1.0, 0.8, 0.05, 0.7, 1.3
    polarised, model = np.tanh(omega0 / (2 * temperature)), dicke_model(coupling=coupling)
    turned = (np.cos(nu * TIMES) - np.cos(omega0 * TIMES)) / (omega0**2 - nu**2)
    lowest = -2 * np.sqrt(2) * coupling * alpha * polarised * omega0 * turned
    waves = [np.sin(w * TIMES) / w for w in (omega0 + nu, omega0 - nu)]
    printed = -4 * coupling * alpha / (1 + np.exp(-omega0 / temperature)) * np.sin(omega0 * TIMES) * sum(waves)
    start = {"": [0, 0, -polarised], "field": Field(beta=alpha)}
    limit = Limit(model).evolve(start, TIMES).first_moments[:, 0]
    assert np.abs(limit - lowest).max() < 5 * coupling**3  # the next order is λ³
    assert np.abs(limit - np.sqrt(2) * lowest).max() > 0.3 * np.abs(limit).max()  # eq. 1.30
    assert np.abs(limit - printed).max() > np.abs(limit).max()  # eq. 1.31
    exact = np.array([np.sqrt(N) * _means(model, N, start) for N in (2, 4)])
    assert np.all(np.abs(rate([2, 4], exact[:, 3], limit[3], 1e-6).local - 1) < 0.01)
    hot = Limit(model).evolve({"": [0, 0, 0], "field": Field(beta=alpha)}, TIMES).first_moments[:, 0]
    assert np.abs(hot).max() < 1e-12


def _means(model, N, start):
    return evolve(model, N, start, TIMES, tol=1e-7, check=False).mean("x")


def test_what_is_left_of_second_order_is_of_fourth():
    """Merkli and Rafiyi 2018, eq. 2.9, holds up to λ⁴: what is left, divided by λ⁴, is the same at λ = 0.05 and 0.1."""
    slow, fast, p, left = 0.2, 1.8, 0.3, []
    second = p * (1 - np.cos(slow * TIMES)) / slow**2 + (1 - p) * (1 - np.cos(fast * TIMES)) / fast**2
    for coupling in (0.05, 0.1):
        number = Limit(dicke_model(coupling=coupling)).evolve([0, 0, 2 * p - 1], TIMES).number("field")
        left.append((number - coupling**2 * second)[1:] / coupling**4)
    assert np.abs(left[0] / left[1] - 1).max() < 0.01 and np.abs(left[1]).max() > 1  # the rest is of order λ² = 0.01


def test_a_continuum_of_modes_at_second_order():
    """Merkli and Rafiyi 2018, eq. 2.9, with |g|² of J = ω³ e^{−2ω}: Σ⟨a†a⟩ of the limit in modes that stand for the
    continuum, against the integral; what is left is of order λ⁴."""
    p, times, left = 0.3, np.array([0.5, 2.0, 4.0]), []

    def rate_at(w, t):
        return sum(c * t**2 / 2 * np.sinc(x * t / (2 * np.pi)) ** 2 for c, x in ((p, 1 - w), (1 - p, 1 + w)))

    second = np.array([quad(lambda w, t=t: w**3 * np.exp(-2 * w) * rate_at(w, t), 0, 20)[0] for t in times])
    nu, strength = spectral_modes(lambda w: w**3 * np.exp(-2 * w), 16.0, 24, exponent=3)
    for coupling in (0.1, 0.2):
        limit = Limit(dicke_model(1.0, nu, coupling * strength)).evolve([0, 0, 2 * p - 1], [0.0, *times])
        number = sum(limit.number(f"field{k}") for k in range(len(nu)))[1:]
        left.append((number - coupling**2 * second) / coupling**4)
        assert np.abs(number / (coupling**2 * second) - 1).max() < coupling**2
    assert np.abs(left[0] - left[1]).max() < 0.05 * np.abs(left[1]).max()
