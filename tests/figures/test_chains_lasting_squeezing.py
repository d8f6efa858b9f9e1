"""Late entanglement of two chains against their squeezing."""

import numpy as np
import pytest

from figures.frame.figure import figure_script
from tests.figures.drawn import check_look
from tests.figures.small_data import small_data


@pytest.fixture(scope="module")
def data():
    return small_data("chains_lasting_squeezing", SQUEEZINGS=(0.5, 1.0), MORE=7, SIZES=(10, 100), POINTS=3)


def test_more_squeezing_leaves_more_entanglement_in_the_limit_only(data):
    limit, late = data["late_limit"].values, data["late"].transpose("N", "value").values
    assert np.all(np.diff(limit) > 0)
    assert data["late_printed"].values == pytest.approx(limit, abs=1e-9)  # eq. 74 holds
    best = data["value"].values[np.argmax(late, axis=1)]
    assert best[0] < best[1] < 1.5 and np.all(late[:, -1] < 0)


def test_the_figure_draws_the_numbers(data):
    figure = figure_script("chains_lasting_squeezing").draw(data)
    check_look(figure)
    drawn = {line.get_label(): line.get_ydata() for line in figure.axes[-1].get_lines()}
    assert np.array_equal(drawn["N = 100"], data["late"].sel(N=100).clip(min=0))
