"""The distribution of a fluctuation: probabilities, and the rates at which it becomes a Gaussian."""

import numpy as np
import pytest

from figures.frame.figure import figure_script
from tests.figures.drawn import check_look
from tests.figures.small_data import small_data


@pytest.fixture(scope="module")
def data():
    return small_data("fluctuation_distribution", SIZES=(8, 16, 32), SHOWN=(8, 32), POINTS=13)


def test_probabilities(data):
    for n in data["N"].values:
        of = data.sel(N=n)
        probability, x = of["density"].values[: n + 1] * 2 / np.sqrt(n), of["value"].values[: n + 1]
        assert probability.sum() == pytest.approx(1, abs=1e-9) and probability.min() > -1e-12
        assert (x * probability).sum() == pytest.approx(0, abs=1e-8)
    variance = float((x**2 * probability).sum())
    assert variance == pytest.approx(1.8541, abs=1e-4)  # of the README, N = 32
    assert data.attrs["variance"] == pytest.approx(1.9253129, abs=1e-7)


def test_rates(data):
    odd = np.abs(data["chi_imaginary"]).max("r").values
    even = np.abs(data["chi_real"] - data["gaussian"]).max("r").values
    assert np.log2(odd[-2] / odd[-1]) == pytest.approx(0.5, abs=0.1)
    assert np.log2(even[-2] / even[-1]) == pytest.approx(1, abs=0.1)
    assert np.all(data["third_cumulant"] < 0)  # the longer tail is on the left


def test_the_figure(data):
    check_look(figure_script("fluctuation_distribution").draw(data))
