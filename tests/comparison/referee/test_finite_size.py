"""Theories at finite N on made-up numbers where distance and order are plain."""

import numpy as np
import pytest

from comparison import Study
from comparison.referee.claimed import Claimed
from comparison.referee.finite_size import judge_sizes
from comparison.referee.judging import Evidence
from comparison.referee.theories import theories
from finite_n import Field
from finite_n.systems import dicke_model

SIZES, TIMES = [10, 20, 40, 80, 160], np.array([0.0, 1.0, 2.0])
BAR = 1e-12


def verdict(exact, claimed, uncertainty=0.0, asked=1e-9):
    """On functions of N and t."""
    numbers = np.array([[[exact(N, t)] for t in TIMES] for N in SIZES])
    evidence = Evidence(SIZES, TIMES, ["q"], numbers, np.full(numbers.shape, BAR), None, asked)

    def said(N):
        values = np.array([claimed(N, t) for t in TIMES])
        return Claimed({"q": values}, {"q": np.zeros(3)}, {"q": np.full(3, uncertainty)})

    (found,) = judge_sizes(evidence, "theory", {N: said(N) for N in SIZES})
    return found


def exact(N, t):
    return 0.5 + t * (0.3 / N - 0.7 / N**2)


def test_a_theory_right_to_order_1_over_n_is_off_by_1_over_n_squared():
    v = verdict(exact, lambda N, t: 0.5 + 0.3 * t / N)
    assert v.status == "refuted" and v.refuted == SIZES and v.time == 2.0
    assert np.allclose(v.distance, [[-0.7 * t / N**2 for t in TIMES] for N in SIZES], atol=1e-15)
    assert np.allclose(v.orders, 2, atol=1e-6) and v.order == pytest.approx(2, abs=1e-6) and v.order_error < 1e-6
    distance, error = v.at(1.1)
    assert np.allclose(distance, -0.7 / np.array(SIZES) ** 2) and np.all((error >= BAR) & (error < 1e-2 * 0.7 / 160**2))
    assert "refuted at N = 10, 20, 40, 80, 160" in str(v) and "N^-2.00" in str(v)


def test_a_distance_within_the_accuracy_asked_for_is_confirmed_and_keeps_its_order():
    """1.4/N² is below 1e-3 from N = 40 on."""
    v = verdict(exact, lambda N, t: 0.5 + 0.3 * t / N, asked=1e-3)
    assert v.refuted == [10, 20] and v.order == pytest.approx(2, abs=1e-6)
    assert [own.status for own in v.verdicts[2:]] == ["confirmed"] * 3


def test_the_truth_is_confirmed_at_every_size_and_has_no_order():
    v = verdict(exact, exact)
    assert v.status == "confirmed" and v.refuted == [] and np.isnan(v.order) and np.all(np.isnan(v.orders))


def test_it_is_refuted_only_where_it_leaves_its_own_uncertainty():
    v = verdict(exact, lambda N, t: 0.5 + 0.3 * t / N, uncertainty=1e-3)  # 1.4/N² exceeds 1e-3 up to N = 37
    assert v.refuted == [10, 20] and v.status == "refuted"
    assert [own.status for own in v.verdicts[2:]] == ["undecided"] * 3 and "known to ± 0.001" in v.verdicts[-1].advice


def test_times_at_which_a_theory_says_nothing_are_not_judged():
    v = verdict(exact, lambda N, t: np.nan if t == 2 else exact(N, t) + 0.1 * t)
    assert v.times.tolist() == [0, 1] and v.time == 1 and v.distance.shape == (5, 2)
    assert np.allclose(v.distance[:, 1], -0.1)


def test_where_a_cutoff_limits_the_numbers_higher_cutoffs_are_advised():
    """An open Dicke model whose field is cut off far too low, and the mean field at every N."""
    model, start = dicke_model(loss=0.8, emission=0.3), {"": [0, 0, -1], "field": Field()}
    options = {"tol": 1e-7, "accuracy": 1e-3, "cutoffs": {"field": 2}}
    study = Study(model, start, [0, 1], [2, 3, 4, 5], theories(model, start, ["meanfield"]), **options)
    found = [v for own in study.run().finite_sizes for v in own.verdicts if v.status == "undecided"]
    assert found and all("raise the cutoffs of modes" in v.advice for v in found)
