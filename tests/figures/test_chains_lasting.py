"""Entanglement of two chains at full coupling, which stays."""

import numpy as np
import pytest

from figures.frame.figure import figure_script
from tests.figures.drawn import check_look
from tests.figures.small_data import small_data


@pytest.fixture(scope="module")
def data():
    return small_data("chains_lasting", TEMPERATURES=(0.3, 0.7), POINTS=13, STOP=24.0)


def test_entanglement_stays(data):
    """0.1995 and 0.0372 at T = 0.3 and 0.7, by eq. 74, and what exact chains keep."""
    end = data.isel(time=-1)
    assert end["limit"].values == pytest.approx([0.1995, 0.0372], abs=5e-5)
    assert np.abs(data["exact"].isel(time=-3) - end["exact"]).max() < 1e-3
    assert end["exact"].sel(N=1000).min() > 0.03 and end["exact"].sel(N=30, case=0.7) < 0


def test_the_figure_draws_the_numbers(data):
    figure = figure_script("chains_lasting").draw(data)
    check_look(figure)
    drawn = {line.get_label(): line.get_ydata() for line in figure.axes[1].get_lines()}
    assert np.array_equal(drawn["Gaussian limit, N → ∞"], data["limit"].sel(case=0.7).clip(min=0))
