"""Extrapolation and rates on sequences whose limit is known."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparison import extrapolate, judge, rate
from comparison.referee.claimed import Claimed
from comparison.referee.extrapolation import weights
from comparison.referee.judging import Evidence, judge_limit
from finite_n import FiniteNError

pytestmark = pytest.mark.rounding

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


LADDERS = [
    [10, 20, 40, 80],
    [50, 100, 200, 400, 800],
    [4, 6, 8, 12, 16, 24],
    [10, 20, 30, 40, 50, 60, 70, 80],
    [1000, 10_000, 100_000, 1_000_000],
    [100_000, 100_001, 100_002, 100_003],
]


@pytest.mark.parametrize("power", [0.5, 1.0])
@pytest.mark.parametrize("sizes", LADDERS, ids=str)
def test_rounding_does_not_refute(sizes, power):
    """Exact values known to 3e-15, relative or absolute: whatever the weights make of that is no gap."""
    rng = np.random.default_rng(0)
    for value in (1.0, -1.0, 1e6, 1e-3, 0.0):
        for unit in (value, 1.0):  # rounding of the number itself, and of operators of order one
            noise = 1e-15 * rng.integers(-3, 4, size=(len(sizes), 200))
            e = extrapolate(sizes, value + unit * noise, 0.0, power)
            v = judge("truth", "q", np.arange(200.0), e.value, e.error, np.full(200, value), 1e-4)
            assert v.status != "refuted", str(v)


@pytest.mark.parametrize("value", [1.0, -1.0, 1e6, 1e-3])
@pytest.mark.parametrize("sizes", [LADDERS[0], LADDERS[1], LADDERS[2], LADDERS[4]], ids=str)
def test_an_error_of_1e_9_in_clean_numbers_is_refuted(sizes, value):
    e = extrapolate(sizes, np.full((len(sizes), 1), value))
    assert judge("off", "q", [0.0], e.value, e.error, np.array([value * (1 + 1e-9)]), 1e-13).status == "refuted"


@pytest.mark.parametrize("power", [0.5, 1.0])
def test_weights_of_large_neighbouring_sizes_are_exact(power):
    """Against rational numbers, with N = 10⁶ m² so that N^½ is whole: relative to each weight, not to their sum."""
    roots = [1000, 1001, 1002, 1005]
    x = [Fraction(1, r if power == 0.5 else r * r) for r in roots]
    exact = [math.prod(b / (b - a) for b in x if b != a) for a in x]
    assert np.allclose(weights([r * r for r in roots], power), [float(w) for w in exact], rtol=1e-14, atol=0)


def test_distances_within_rounding_have_no_rate():
    """The distance to 10⁶ cannot fall below what double precision resolves there."""
    noise = np.array([3, -2, 2, -1, 1]) * 1e-10
    assert np.isnan(rate(SIZES, 1e6 + noise, 1e6).exponent)
    assert rate(SIZES, 1e6 + 1e3 / np.array(SIZES), 1e6).exponent == pytest.approx(1, abs=1e-7)


def test_one_more_size_is_trusted_to_gain_a_factor_three():
    """The error where only one change is not zero: changes of 3^{k−n} c_k of the k-th of n sizes, no more and no less.

    With E_1 … E_n prescribed the values follow, since the weights of the k largest sizes form a triangle.
    """
    n = len(SIZES)
    table = np.zeros((n, n))
    for k in range(1, n + 1):
        table[k - 1, n - k :] = weights(SIZES[-k:])
    first, small = 1.0, 1e-9  # c_2 sets how well it converges: (c_n/c_2)^{1/3} = 0.001
    for k, factor in ((2, None), (3, 1 / 9), (4, 1 / 3), (5, 1.0)):
        changes = np.array([first, 0.0, 0.0, small])
        if k > 2:
            changes[k - 2] = max(changes[k - 2], 1e-3 if k < 5 else small)
        e = extrapolate(SIZES, np.linalg.solve(table, np.concatenate([[0.0], np.cumsum(changes)])))
        wanted = small if factor in (None, 1.0) else 1e-3 * factor
        assert e.error == pytest.approx(wanted / (1 - 5e-3), rel=1e-4)


def test_the_mean_factor_counts_the_changes_between_first_and_last():
    """c_n/c_2 = 0.1^{n−2} is a mean factor of 0.1, which doubles the error: e = c_n/(1 − ½)."""
    for n in (4, 5, 6):
        sizes = [10 * 2**k for k in range(n)]
        table = np.zeros((n, n))
        for k in range(1, n + 1):
            table[k - 1, n - k :] = weights(sizes[-k:])
        changes = 0.1 ** np.arange(n - 1)
        e = extrapolate(sizes, np.linalg.solve(table, np.concatenate([[0.0], np.cumsum(changes)])))
        largest = max(changes[k - 2] * 3.0 ** (k - n) for k in range(3, n + 1))
        assert e.error == pytest.approx(2 * largest, rel=1e-6)


@pytest.mark.parametrize("grow", [np.log, np.sqrt, lambda N: N / 10], ids=["log N", "N^1/2", "N"])
def test_no_limit_is_seen_where_values_grow(grow):
    sizes = np.array([10, 20, 40, 80, 160])
    values = np.stack([grow(sizes), 1 + 1 / sizes, np.ones(5)], axis=1)
    e = extrapolate(sizes, values)
    assert e.grows.tolist() == [True, False, False] and np.isinf(e.error[0]) and np.all(e.error[1:] < 1e-9)


def test_the_verdict_says_that_no_limit_is_seen():
    sizes = [10, 20, 40, 80]
    values = np.log(sizes)[:, None, None]
    e = extrapolate(sizes, values)
    evidence = Evidence(sizes, np.array([1.0]), ["q"], values, np.full((4, 1, 1), 1e-9), e, 1e-3)
    zero = {"q": np.zeros(1)}
    (v,) = judge_limit(evidence, "claim", Claimed({"q": np.array([4.0])}, zero, zero))
    assert v.status == "undecided" and "No limit is seen" in v.advice
