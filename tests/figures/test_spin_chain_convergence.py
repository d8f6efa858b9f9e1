"""Averages and covariances of the spin chain go to their limits as 1/N, and a fluctuation to its Gaussian."""

import numpy as np
import pytest

from figures.frame.figure import figure_script
from tests.figures.drawn import check_look
from tests.figures.small_data import small_data


@pytest.fixture(scope="module")
def data():
    return small_data("spin_chain_convergence", SIZES=(20, 40, 80), SHOWN=(10, 40, 80), POINTS=9)


def test_averages_and_covariances(data):
    assert np.abs(data["derived"] - data["printed"]).max() < 1e-7  # the solution of eqs. 37–39 holds
    for name in ("means_off", "covariances_off"):
        off = data[name].values
        assert np.log2(off[-2] / off[-1]) == pytest.approx(1, abs=0.1)


def test_the_distribution(data):
    variances = []
    for n in data["shown"].values:
        x, p = (data[name].sel(shown=n).values[: n + 1] for name in ("value", "density"))
        p = p / np.sqrt(n)
        assert p.sum() == pytest.approx(1, abs=1e-9)
        variances.append((x**2 * p).sum() - (x * p).sum() ** 2)
    assert np.all(np.diff(np.abs(np.array(variances) - data.attrs["variance"])) < 0)


def test_the_figure(data):
    check_look(figure_script("spin_chain_convergence").draw(data))
