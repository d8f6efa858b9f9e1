"""When curves of known shape leave a band, and whether the interval given holds the truth."""

import numpy as np
import pytest

from comparison.convergence.crossing import first_crossing

CURVES = {  # values, and when they first reach 0.3 in size
    "exponential": (lambda t: 1e-3 * np.expm1(2 * t), np.log(301) / 2),
    "linear": (lambda t: -0.1 * t, 3.0),
    "wave": (lambda t: np.sin(3 * t), np.arcsin(0.3) / 3),
    "wave from outside in": (lambda t: 0.2 + 0.2 * np.sin(1.7 * t), np.arcsin(0.5) / 1.7),
}


@pytest.mark.parametrize("points", [11, 41, 161])
@pytest.mark.parametrize("curve", CURVES)
def test_the_interval_holds_the_truth_and_shrinks(curve, points):
    function, truth = CURVES[curve]
    times = np.linspace(0, 4, points)
    found = first_crossing(times, function(times), 0.3)
    assert found.low - 1e-12 <= truth <= found.high + 1e-12
    # cubics on a step h: errors of order h⁴, of the monotone ones h³ where they are not exact
    assert found.high - found.low < 40 * (4 / (points - 1)) ** 3


def test_errors_of_the_values_widen_the_interval_as_their_slope_says():
    times = np.linspace(0, 1, 101)
    found = first_crossing(times, times**2, 0.25, 0.01)
    assert abs(found.time - 0.5) < 1e-9
    assert abs(found.low - np.sqrt(0.24)) < 1e-6 and abs(found.high - np.sqrt(0.26)) < 1e-6


@pytest.mark.parametrize("seed", range(20))
def test_a_crossing_at_one_of_the_times_is_not_missed(seed):
    times = np.linspace(0, 2, 41)
    noise = 1e-15 * np.random.default_rng(seed).normal(size=41)
    found = first_crossing(times, 0.1 * times + noise, 0.05)
    assert max(abs(found.time - 0.5), found.high - found.low) < 1e-12


def test_bands_that_depend_on_time():
    times = np.linspace(0, 2, 81)
    assert abs(first_crossing(times, times, 0.5 + 0.5 * times).time - 1) < 1e-9


def test_what_begins_outside_left_at_once_and_what_stays_inside_never():
    times = np.linspace(0, 2, 5)
    assert first_crossing(times, np.full(5, 0.4), 0.3).time == 0
    held = first_crossing(times, np.full(5, 0.2), 0.3)
    assert (held.time, held.low, held.high) == (np.inf, 2, np.inf)
    doubtful = first_crossing(times, 0.1 * times, 0.3, 0.2)  # would leave at t = 1 if the errors all pushed outwards
    assert doubtful.time == np.inf and abs(doubtful.low - 1) < 1e-9
    useless = first_crossing(times, 0.2 * times, 0.3, 0.5)  # errors above the level: nothing is known
    assert useless.low == 0 and useless.high == np.inf


def test_an_excursion_between_two_times_is_not_certain():
    found = first_crossing(np.arange(4.0), np.array([0, 0.29, 0.29, 0]), 0.3)
    assert 1 < found.time < 2 and found.low == 1 and found.high == np.inf
