"""Extrapolation and rates on sequences whose limit is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparison import extrapolate, rate
from comparison.extrapolation import weights
from finite_n import FiniteNError

SIZES = [10, 20, 40, 80, 160]
COEFFICIENT = st.floats(-3, 3)


@given(st.lists(COEFFICIENT, min_size=5, max_size=5), st.sampled_from([0.5, 1.0]))
def test_polynomials_are_extrapolated_exactly(c, power):
    x = np.array(SIZES, dtype=float) ** -power
    e = extrapolate(SIZES, np.polynomial.polynomial.polyval(x, c), 0.0, power)
    assert abs(e.value - c[0]) < 1e-9 * (1 + max(map(abs, c)))  # rounding times the weights' sum, about 1e3 for ½


def test_weights_keep_constants_and_remove_powers():
    w = weights(SIZES)
    assert abs(w.sum() - 1) < 1e-12
    for k in (1, 2, 3, 4):
        assert abs(w @ np.array(SIZES, dtype=float) ** -k) < 1e-15


@pytest.mark.parametrize(
    "f",
    [
        lambda x: 1 / (1 + 3 * x),
        lambda x: np.exp(-5 * x) * np.cos(4 * x),
        lambda x: np.sqrt(1 + 8 * x),
        lambda x: np.log(2 + 10 * x),
        lambda x: np.tanh(1 + 6 * x) ** 2,
    ],
)
def test_the_error_covers_the_truth(f):
    x = 1 / np.array(SIZES)
    e = extrapolate(SIZES, f(x))
    assert abs(e.value - f(0.0)) <= 3 * e.error
    assert e.error < 1e-2


def test_errors_of_the_data_are_propagated():
    w = weights(SIZES)
    e = extrapolate(SIZES, np.ones(5), 1e-6)
    assert e.error == pytest.approx(1e-6 * np.abs(w).sum())
    noisy = extrapolate(SIZES, 1 + 1e-6 * np.sign(w), 1e-6)
    assert abs(noisy.value - 1) <= noisy.error * (1 + 1e-9)


def test_arrays_are_extrapolated_entry_by_entry():
    values = np.array([[[1 + a / N for a in (1, 2, 3)]] for N in SIZES])
    e = extrapolate(SIZES, values)
    assert e.value.shape == e.error.shape == (1, 3) and np.allclose(e.value, 1)


def test_three_sizes_are_refused():
    with pytest.raises(FiniteNError, match="at least four sizes"):
        extrapolate([10, 20, 40], [1.0, 1.0, 1.0])


@pytest.mark.parametrize("p", [0.5, 1.0, 2.0])
def test_rate_of_a_pure_power(p):
    r = rate(SIZES, 3 + 2 * np.array(SIZES, dtype=float) ** -p, 3.0)
    assert r.exponent == pytest.approx(p, abs=1e-9) and r.spread < 1e-9
    assert np.allclose(r.local, p)


def test_asymptotic_rate_removes_the_next_order():
    N = np.array(SIZES, dtype=float)
    r = rate(SIZES, 1 / N + 4 / N**2, 0.0)
    assert abs(r.exponent - 1) > 0.02  # the plain fit is biased
    assert abs(r.asymptotic - 1) < 3e-3 and abs(r.asymptotic - 1) < 3 * r.asymptotic_error


def test_distances_within_the_errors_have_no_rate():
    r = rate(SIZES, np.full(5, 1.0), 1.0, 1e-9)
    assert np.isnan(r.exponent) and np.isnan(r.asymptotic)


def test_a_ladder_that_does_not_converge_has_no_error():
    """Fluctuations that grow like N until N ~ e^t saturate late: sizes below that say nothing about the limit."""
    sizes = np.array([10, 14, 20, 28, 40, 56])
    e = extrapolate(sizes, sizes / (1 + sizes / 500.0))
    assert np.isinf(e.error)


def test_a_change_that_vanishes_by_accident_does_not_shrink_the_error_at_later_times():
    t = np.linspace(0, 2, 41)
    values = np.array([np.cos(3 * t) + 5 * t / N + 40 * t * np.sin(4 * t) / N**2 for N in SIZES[:4]])
    e = extrapolate(SIZES[:4], values, 1e-12, ordered=True)
    assert np.all(np.diff(e.error) > -1e-12)
