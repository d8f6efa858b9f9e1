"""The bound of Theorem 1 stands above the exact error, which falls as 1/N."""

import numpy as np
import pytest

from comparison.claims.fiorelli_2023.bound_table import SYSTEMS
from figures.frame.figure import figure_script
from figures.theorem_1_bound import CURVES
from tests.figures.drawn import check_look
from tests.figures.small_data import small_data


@pytest.fixture(scope="module")
def data():
    first, *_ = SYSTEMS
    few = {name: SYSTEMS[name] for name in (first, CURVES)}
    return small_data(
        "theorem_1_bound", SYSTEMS=few, SIZES=(8, 16), TIMES=(0.0, 1e-3, 0.1, 1.0), FEW={1: (8, 12, 16, 24)}
    )


def test_the_bound_holds_and_leaves_what_any_state_obeys(data):
    error, bound = np.log10(data["error"]), data["log10_bound"]
    assert np.all(bound - error > -1e-9) and np.all(data["log10_ratio"] > 3)
    for n, until in zip(data["N"].values, data["curve_horizon"].values, strict=True):
        above = bound.sel(N=n) > np.log10(data["any_state"].sel(N=n))
        assert np.array_equal(above, data["time"].values > until) and 1e-3 < until < 0.1


def test_the_error_falls(data):
    assert data["exponent"].values == pytest.approx(1, abs=0.05)


def test_the_figure(data):
    check_look(figure_script("theorem_1_bound").draw(data))
