"""The coefficient of 1/N of ladders where it is known."""

import numpy as np
import pytest

from comparison.referee.slopes import fitted_slope

pytestmark = pytest.mark.rounding


@pytest.mark.parametrize("power", [1.0, 0.5])
@pytest.mark.parametrize("rate", [0.5, 3.0, 8.0])
def test_the_coefficient_lies_within_its_error(rate, power):
    """y = exp(−rate x), x = N^−power, has the coefficient −rate."""
    sizes = np.array([8, 16, 32, 64, 128])
    slope, error = fitted_slope(sizes, np.exp(-rate * sizes**-power)[:, None], 1e-12, power)
    assert abs(slope[0] + rate) <= error[0] < 0.3 * rate


def test_a_change_that_is_small_by_accident_is_not_believed():
    """0.71x + px² + qx³ with a second difference over the three largest sizes that vanishes: the straight line and the
    parabola there agree, and both are wrong."""
    sizes = np.array([8, 12, 16, 24, 32, 48])
    x, q = 1 / sizes, -20.0
    values = (0.71 * x - q * x[-3:].sum() * x**2 + q * x**3)[:, None]
    slope, error = fitted_slope(sizes, values, 1e-10)
    assert abs(slope[0] - 0.71) <= error[0] < 1e-4


def test_errors_of_the_exact_numbers_count():
    sizes = np.array([10, 20, 40, 80])
    values = (1 + 2 / sizes)[:, None]
    error = fitted_slope(sizes, values, 1e-6)[1]
    assert fitted_slope(sizes, values, 0.0)[1] < 1e-9 < 1e-5 < error[0] < 1e-3  # about N times their size


def test_sizes_close_to_each_other_are_no_error():
    sizes = np.array([10**6, 10**6 + 1, 10**6 + 2, 10**6 + 3])
    slope, error = fitted_slope(sizes, (1 + 2 / sizes)[:, None], 1e-12)
    assert abs(slope[0] - 2) <= error[0] and np.isfinite(slope[0])
