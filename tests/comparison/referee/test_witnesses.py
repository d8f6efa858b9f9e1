"""Two witnesses on made-up series whose limits are known."""

from math import factorial

import numpy as np
import pytest

from comparison.referee.claimed import Claimed
from comparison.referee.judging import Evidence, judge_limit
from comparison.referee.witnesses import CONFLICT, OUTSIDE, WITHIN, remainder_weights, witnessed_limit

pytestmark = pytest.mark.rounding

SIZES = [10, 20, 40, 80]
COEFFICIENTS = [(-3.0) ** k / factorial(k) for k in range(14)]  # of exp(−3x), x = N^−p


def series(sizes, coefficients, power=1.0):
    """Σ_j a_j N^−jp, shape (n, 1, 1)."""
    N = np.asarray(sizes, float)
    return sum(a * N ** (-power * j) for j, a in enumerate(coefficients))[:, None, None]


def derived(coefficients, terms):
    """The first terms as derived ones, the rest unknown, shape (K, 1, 1)."""
    out = np.full((len(coefficients), 1, 1), np.nan)
    out[:terms, 0, 0] = coefficients[:terms]
    return out


@pytest.mark.parametrize("power", [1.0, 0.5])
@pytest.mark.parametrize("terms", [1, 2, 3])
def test_the_limit_of_a_series_lies_within_a_bar_that_is_not_too_wide(terms, power):
    e = witnessed_limit(SIZES, series(SIZES, COEFFICIENTS, power), 1e-12, derived(COEFFICIENTS, terms), power)
    gap = abs(e.value[0, 0] - COEFFICIENTS[0])
    assert e.state[0, 0] == WITHIN and e.expected[0] == terms * power
    # the changes fall by up to a hundred per order here, and half of the last one is the bar
    assert gap <= e.error[0, 0] < 300 * gap + 1e-10


def test_more_derived_terms_make_bars_smaller():
    bars = [witnessed_limit(SIZES, series(SIZES, COEFFICIENTS), 1e-12, derived(COEFFICIENTS, k)) for k in (1, 2, 3)]
    errors = [e.error[0, 0] for e in bars]
    assert errors[0] > 5 * errors[1] > 25 * errors[2]


def test_the_observed_order_goes_to_the_expected_one():
    sizes = [100, 200, 400, 800]
    e = witnessed_limit(sizes, series(sizes, COEFFICIENTS), 1e-15, derived(COEFFICIENTS, 2))
    # R = (9/2) N^−2 (1 − 1/N + …)
    assert e.expected[0] == 2 and e.order[0, 0] == pytest.approx(2.0, abs=0.01)


def test_ladders_without_a_common_size_must_agree():
    """Two numbers that are off by 1e-3 in turn: their ladders go to limits that differ."""
    sizes = [10, 14, 20, 28, 40, 56]
    off = 1e-3 * np.array([1, -1, 1, -1, 1, -1.0])[:, None, None] / np.array(sizes)[:, None, None]
    e = witnessed_limit(sizes, series(sizes, COEFFICIENTS) + off, 1e-12, derived(COEFFICIENTS, 2))
    assert abs(e.value[0, 0] - 1.0) <= e.error[0, 0] + 1e-15


def test_terms_that_cancel_are_no_obstacle():
    """R = N^−2 − 40 N^−3 changes its sign at N = 40 and is larger at 80 than there; its extrapolation goes to 0."""
    sizes, terms = [30, 40, 56, 80], [0.3, -1.2, 1.0, -40.0]
    e = witnessed_limit(sizes, series(sizes, terms), 1e-12, derived(terms, 2))
    assert e.state[0, 0] == WITHIN and abs(e.value[0, 0] - 0.3) <= e.error[0, 0] + 1e-15 < 5e-6  # R is 8e-5


@pytest.mark.parametrize("off", [1e-2, -1e-3])
def test_a_wrong_limit_is_a_conflict_and_nothing_is_judged(off):
    wrong, sizes = [COEFFICIENTS[0] + off, *COEFFICIENTS[1:]], [*SIZES, 160, 320]
    exact = series(sizes, COEFFICIENTS)
    e = witnessed_limit(sizes, exact, 1e-12, derived(wrong, 3))
    assert e.state[0, 0] == CONFLICT and np.isinf(e.error[0, 0])
    evidence = Evidence(sizes, np.array([1.0]), ["q"], exact, np.full((6, 1, 1), 1e-12), e, 1e-4)
    for claimed in (COEFFICIENTS[0], wrong[0], 7.0):
        zero = {"q": np.zeros(1)}
        (v,) = judge_limit(evidence, "claim", Claimed({"q": np.array([claimed])}, zero, zero))
        assert v.status == "undecided" and "conflict" in v.advice


def test_a_remainder_that_grows_is_outside_the_range():
    sizes = [10, 12, 14, 16]  # too close to each other to say more
    values = series(sizes, COEFFICIENTS) + 1e-3 * np.log(np.array(sizes))[:, None, None] ** 3
    e = witnessed_limit(sizes, values, 1e-12, derived(COEFFICIENTS, 3))
    assert e.state[0, 0] == OUTSIDE and np.isinf(e.error[0, 0])


def test_a_wrong_slope_only_widens_the_bar():
    """A derived 1/N term that is off by ten per cent: the exact numbers still go to the limit, more slowly."""
    wrong = [1.0, -3.3, 4.5]
    e = witnessed_limit(SIZES, series(SIZES, COEFFICIENTS), 1e-12, derived(wrong, 3))
    right = witnessed_limit(SIZES, series(SIZES, COEFFICIENTS), 1e-12, derived(COEFFICIENTS, 3))
    gap = abs(e.value[0, 0] - 1.0)
    assert gap <= e.error[0, 0] and e.error[0, 0] > 10 * right.error[0, 0]


def test_errors_of_the_exact_numbers_and_rounding_are_in_the_bar():
    exact = series(SIZES, COEFFICIENTS[:3])
    for error in (1e-13, 1e-6):
        e = witnessed_limit(SIZES, exact, error, derived(COEFFICIENTS, 3))
        assert error < e.error[0, 0] < 100 * error + 1e-10  # 1e-10 of the derived coefficients counts too
    assert witnessed_limit(SIZES, exact, 0.0, derived(COEFFICIENTS, 3)).error[0, 0] > 1e-15


def test_the_truth_is_within_the_bar_whatever_the_noise():
    rng = np.random.default_rng(0)
    for _ in range(200):
        a = rng.normal(size=5) * 10.0 ** np.arange(5)
        noise = 1e-6 * rng.uniform(-1, 1, size=(4, 1, 1))
        e = witnessed_limit(SIZES, series(SIZES, a) + noise, 1e-6, derived(a, 3))
        assert abs(e.value[0, 0] - a[0]) <= e.error[0, 0]


def test_weights_remove_the_powers_that_follow():
    w = remainder_weights(SIZES, 2, 1.0)
    N = np.array(SIZES, float)
    assert w.sum() == pytest.approx(1.0, abs=1e-12)
    assert all(abs(w @ N**-k) < 1e-12 for k in (2, 3, 4))


def test_large_sizes_close_to_each_other_are_no_error():
    sizes = [100_000, 100_001, 100_002, 100_003]
    e = witnessed_limit(sizes, series(sizes, COEFFICIENTS), 1e-12, derived(COEFFICIENTS, 2))
    assert abs(e.value[0, 0] - 1.0) <= e.error[0, 0] < 1e-8
