"""Both ways to count the flipping particle have one mean-field limit, which exact averages reach as 1/N."""

import numpy as np
import pytest

from figures.frame.figure import figure_script
from tests.figures.drawn import check_look
from tests.figures.small_data import small_data


@pytest.fixture(scope="module")
def data():
    return small_data("mean_field_rates", SIZES=(20, 40, 80), POINTS=5, STOP=2.0)


def test_one_limit_and_one_rate(data):
    assert np.array_equal(data["derived"].sel(counted=1), data["derived"].sel(counted=0))
    off = np.abs(data["exact"] - data["derived"]).max("time")
    assert np.log2(off.sel(N=40) / off.sel(N=80)).values == pytest.approx(1, abs=0.1)
    twice = off.sel(N=80, counted=1) / off.sel(N=80, counted=0)
    assert np.all(np.abs(np.log(twice)) > 0.3)  # with other coefficients


def test_the_figure(data):
    check_look(figure_script("mean_field_rates").draw(data))
