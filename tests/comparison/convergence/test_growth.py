"""Laws of growth on times that follow a known one, with the corrections that finite N brings."""

import numpy as np
import pytest

from comparison import fit_growth

LADDERS = [16 * 2 ** np.arange(6), np.array([100, 300, 1000, 3000, 10_000]), 20 * 2 ** np.arange(4)]
LAWS = {  # t(N, c) with a correction of size c, the law, and its number
    "log": (lambda N, c: 1 + 0.7 * np.log(N) + c / np.sqrt(N), "log N", "slope", 0.7),
    "log, slowly begun": (lambda N, c: 0.7 * np.log(N / 5) + c / np.sqrt(N), "log N", "slope", 0.7),
    "linear": (lambda N, c: 0.3 * N + c, "power of N", "exponent", 1.0),
    "root": (lambda N, c: np.sqrt(N) + c, "power of N", "exponent", 0.5),
    "fixed": (lambda N, c: 2 + 10 * c / N + c / N**1.5, "constant", "constant", 2.0),
}


@pytest.mark.parametrize("c", [-0.7, -0.2, 0.2, 0.7])
@pytest.mark.parametrize("sizes", LADDERS, ids=["16 to 512", "100 to 10000", "20 to 160"])
@pytest.mark.parametrize("name", LAWS)
def test_the_law_is_found_and_its_number_lies_within_the_error(name, sizes, c):
    times, law, field, truth = LAWS[name]
    found = fit_growth(sizes, times(sizes, c), 1e-5)
    assert found.law == law
    number = getattr(found, field)
    assert abs(number.value - truth) <= number.error
    assert number.error < 0.15 * truth  # not so wide that it says nothing


@pytest.mark.parametrize("law", ["log N", "power of N", "constant"])
def test_errors_of_the_times_are_in_the_error_and_hide_the_law(law):
    N = LADDERS[0]
    t = {"log N": np.log(N), "power of N": N**0.5, "constant": 2 - 1 / N}[law]
    sharp, blurred = fit_growth(N, t, 1e-6), fit_growth(N, t, 0.3 * np.ptp(t))
    assert sharp.law == law and blurred.law == "undecided"
    assert "errors of the times" in blurred.why
    assert blurred.slope.error > sharp.slope.error + 0.3 * np.ptp(t) / np.log(N[-1] / N[0])


def test_times_that_are_the_same_within_their_errors_are_constant():
    found = fit_growth(LADDERS[0], 1 + 1e-4 * np.array([1, -1, 1, -1, 1, -1]), 1e-3)
    assert found.law == "constant" and abs(found.constant.value - 1) < found.constant.error


def test_scattered_times_follow_no_law():
    found = fit_growth(LADDERS[0], [1.0, 5.0, 2.0, 6.0, 1.5, 4.0], 1e-6)
    assert found.law == "undecided" and "none of the laws" in found.why


def test_logarithm_and_small_power_are_not_told_apart_by_few_or_close_sizes():
    close, few = np.array([20, 25, 30, 35]), np.array([20, 40, 80, 160])
    found = fit_growth(close, np.log(close) + 2 / np.sqrt(close), 1e-6)
    assert found.law == "undecided" and "factor 4" in found.why
    found = fit_growth(few, 1 + np.log(few) + 2 / np.sqrt(few), 1e-6)
    assert found.law == "undecided" and "alike" in found.why


def test_few_sizes_give_no_law_and_no_error():
    three, two, one, none = (
        fit_growth(np.array([10, 20, 40])[:n], np.array([1.0, 2.0, 3.0])[:n]) for n in (3, 2, 1, 0)
    )
    assert {x.law for x in (three, two, one, none)} == {"undecided"}
    assert np.isfinite(three.slope.error) and np.isnan(two.slope.error)
    assert abs(two.slope.value - 1 / np.log(2)) < 1e-12 and abs(two.exponent.value - 1) < 1e-12
    assert np.isnan(one.slope.value) and np.isnan(none.exponent.value)


def test_times_that_are_not_located_decide_nothing():
    assert fit_growth(LADDERS[2], [1.0, 2.0, 3.0, 4.0], [0, 0, np.inf, 0]).law == "undecided"
