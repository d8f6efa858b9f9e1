"""What Γ may be: smooth, however steep; kinks and jumps of Γ″ are found wherever they lie."""

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from finite_n import Amplitude, CollectiveJumps, FiniteNError, LocalJump, Model, mx, mz

SM = np.array([[0, 0], [1.0, 0]])


def _size(x):
    """|x| as a function that numpy differentiates: its derivative is sign x."""
    return np.sqrt(x * x)


def _places() -> list[float]:
    """Multiples of 1/128, where the ends, middles and quarters of 32 intervals lie; ends of intervals shifted by the
    golden section; others."""
    shifted = -1 + (np.arange(32) + (3 - np.sqrt(5)) / 2) / 16
    return [*(np.arange(-127, 128) / 128), *shifted, *np.random.default_rng(0).uniform(-0.99, 0.99, 100)]


def _refusal(function, derivative=None, low=-1.0, high=1.0) -> str:
    try:
        Amplitude(function, derivative).check(low, high)
    except FiniteNError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("strength", [1.0, 0.01])
def test_kinks_are_found_wherever_they_lie(strength):
    for c in _places():
        assert "must be smooth" in _refusal(lambda x, c=c: 1 + strength * _size(x - c))


def test_the_most_natural_kinks():
    for function, derivative in (
        (lambda d: np.maximum(d, 0), lambda d: 1.0 * (d > 0)),
        (lambda d: 1 + 2 * np.maximum(d, 0), lambda d: 2.0 * (d > 0)),
        (np.abs, np.sign),
        (lambda d: 1 + 2 * np.maximum(d, 0), None),
        (_size, None),
        (lambda d: _size(d - 1 / 32), None),
        (lambda d: 1 + np.where(np.real(d) > 0, 1.0, 0.0), None),
    ):
        with pytest.raises(FiniteNError, match="smooth"):
            LocalJump(SM, function, mz, derivative=derivative)
    with pytest.raises(FiniteNError, match="smooth"):
        LocalJump(SM, rate=lambda d: 1 + _size(d), delta=mz)


def test_jumps_of_the_second_derivative_are_found_wherever_they_lie():
    for c in _places()[::3]:
        assert "second derivative jumps" in _refusal(lambda x, c=c: 1 + (x - c) * _size(x - c))
        ramp = lambda x, c=c: np.maximum(x - c, 0)  # noqa: E731
        assert "second derivative jumps" in _refusal(lambda x, f=ramp: f(x) ** 2, lambda x, f=ramp: 2 * f(x))


@pytest.mark.parametrize(
    "function",
    [
        lambda d: np.tanh(50 * d),
        lambda d: np.tanh(5000 * d),
        lambda d: 1 / (1 + (d / 0.02) ** 2),
        lambda d: 1 / (1 + ((d - 0.1) / 0.001) ** 2),
        lambda d: np.exp(5 * d),
        lambda d: np.exp(-((d - 0.3) ** 2) / 1e-4),
        lambda d: np.cos(300 * d),
        lambda d: np.sqrt(d * d + 1e-4),
        lambda d: _size(1 - d),  # its kinks are at the ends of the range, where there is one side only
        lambda d: _size(1 + d),
        lambda d: (1 - d) * _size(1 - d),
    ],
)
def test_steep_and_one_sided_functions_are_smooth(function):
    assert _refusal(function) == ""
    assert _refusal(lambda d: function(d - 2), None, 1.0, 3.0) == ""


def _random_functions(seed: int) -> list:
    rng = np.random.default_rng(seed)
    a, b, c, d = rng.normal(size=4)
    s = 10 ** rng.uniform(0, 2.3)
    return [
        lambda x: 1 + a * np.tanh(s * (x - b)),
        lambda x: a / (1 + (s * (x - b)) ** 2),
        lambda x: np.exp(5 * a * x) * np.cos(s * x + b),
        lambda x: np.exp(-((s * (x - b)) ** 2)),
        lambda x: 1 / (1 + np.exp(-s * (x - b))),
        lambda x: np.polyval([a, b, c, d], x) + np.exp(np.cos(3 * c * x)),
    ]


def test_random_smooth_functions_are_never_refused():
    for seed in range(120):
        for function in _random_functions(seed):
            assert _refusal(function) == ""


def test_tables_and_noise_are_no_kinks():
    """Cubic splines have continuous Γ″; quadratures leave noise far above rounding."""
    nodes = np.linspace(-1, 1, 21)
    spline = CubicSpline(nodes, np.sin(3 * nodes) + 1.2)
    assert _refusal(lambda x: spline(np.real(x)), spline.derivative()) == ""
    assert _refusal(lambda x: 1 + np.sin(x) + 1e-10 * np.sin(1e9 * x * x), np.cos) == ""


@pytest.mark.parametrize(
    "function",
    [lambda d: 1e200 * np.exp(d), lambda d: 1e160 * (1 + d), lambda d: np.exp(250 * (1 + d)), lambda d: 1e308 + d],
)
def test_rates_beyond_double_precision_are_refused_in_one_sentence(function):
    with pytest.raises(FiniteNError, match="more than double precision carries"):
        LocalJump(SM, function, mz)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Model(1e200 * mx * mx),
        lambda: Model(collective=[CollectiveJumps([1e200 * SM])]),
        lambda: Model(collective=[CollectiveJumps([1e200 * mx])]),
        lambda: LocalJump(1e160 * SM, np.exp, mz),
        lambda: LocalJump(SM, np.cos, 1e200 * mz),
        lambda: LocalJump(SM, rate=1e199),
    ],
)
def test_so_are_operators_and_coefficients(make):
    with pytest.raises(FiniteNError, match=r"double precision carries; lower it|too large for double precision"):
        make()


@pytest.mark.parametrize(
    ("gamma", "low", "high"),
    [
        (Amplitude(lambda x: np.exp(0.7 * x)), -1.0, 1.0),
        (Amplitude.of_rate(lambda x: 1 / (1 + np.exp(-9 * x))), -1.0, 1.0),  # poles near by: smaller circles
        (Amplitude(np.exp, derivative=np.exp), -1.0, 1.0),
        (Amplitude(1.5), -1.0, 1.0),
    ],
)
def test_derivatives_at_many_places_are_those_at_each(gamma, low, high):
    x = np.array([[-0.9, 0.3], [0.0, 0.8]])
    found = gamma.derivatives(x, 5, low, high)
    each = [gamma.derivatives(one, 5, low, high) for one in x.ravel()]
    assert found.shape == (2, 2, 5)
    np.testing.assert_allclose(found.reshape(-1, 5), each, rtol=1e-13, atol=1e-13)  # vector units round differently


def test_the_place_without_a_taylor_series_is_named():
    with pytest.raises(FiniteNError, match=r"at Δ = 0\.1 it has no converging Taylor series"):
        Amplitude(lambda x: np.sqrt(x - 0.1)).derivatives(np.array([0.6, 0.1]), 4, 0.1, 1.0)
