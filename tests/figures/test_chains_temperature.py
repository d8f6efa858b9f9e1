"""Entanglement of two chains at several temperatures."""

import numpy as np
import pytest

from figures.frame.figure import figure_script
from tests.figures.drawn import check_look
from tests.figures.small_data import small_data


@pytest.fixture(scope="module")
def data():
    return small_data("chains_temperature", TEMPERATURES=(0.1, 0.5), MORE=2, SIZES=(100, 1000), POINTS=25)


def test_the_largest_entanglement_falls_with_temperature(data):
    """0.0722 and 0.0194 at T = 0.1 and 0.5, and none at 0.61, by the ledger."""
    most = data["limit"].max("time").values
    assert most == pytest.approx([0.0722, 0.0194], abs=1e-3)  # on a grid of times
    assert data["most_limit"].values[-1] == 0 and data["exact"].sel(case=0.5, N=100).max() < 0


def test_the_figure_draws_the_numbers(data):
    figure = figure_script("chains_temperature").draw(data)
    check_look(figure)
    drawn = {line.get_label(): line.get_ydata() for line in figure.axes[0].get_lines()}
    assert np.array_equal(drawn["N = 1000"], data["exact"].sel(case=0.1, N=1000).clip(min=0))
