"""Covariances of the spin chain: rates and values at rest of the formulas, and correlations of two sites."""

import numpy as np
import pytest

from figures.frame.figure import figure_script
from tests.figures.drawn import check_look
from tests.figures.small_data import small_data


@pytest.fixture(scope="module")
def data():
    return small_data("spin_chain_covariance", SIZES=(20, 40, 80), POINTS=9)


def test_growth_and_rest(data):
    b, t = data.attrs["b"], data["time"].values
    grown = data["derived_11"].sel(pole="unstable").values
    assert np.log(grown[-1] / grown[-2]) / (t[-1] - t[-2]) == pytest.approx(2 * b, rel=0.02)
    at_rest = {"11": data.attrs["rest_11"], "12": data.attrs["rest_12"]}
    for name, value in at_rest.items():
        left = np.abs(data[f"derived_{name}"].sel(pole="stable").values - value)
        assert left[-1] == pytest.approx(left[0] * np.exp(-2 * b * t[-1]), rel=1e-5)  # eq. 55
    assert data.attrs["printed_12"] / data.attrs["rest_12"] == pytest.approx(1 / 0.35**2)


def test_exact_numbers_go_to_the_derived_limit(data):
    off = np.abs(data["exact_12"] - data["derived_12"]).sel(pole="stable").isel(time=-1).values
    assert np.log2(off[:-1] / off[1:]) == pytest.approx(1, abs=0.1)  # as 1/N
    pair = data["pair"].values * data["N"].values
    assert np.abs(pair - data["derived_12"].sel(pole="stable").values[-1])[-1] < 0.03 * abs(pair[-1])


def test_the_figure(data):
    check_look(figure_script("spin_chain_covariance").draw(data))
