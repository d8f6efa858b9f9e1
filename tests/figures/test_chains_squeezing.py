"""Entanglement of two chains for several squeezings: the best one, and how many sites it takes."""

import numpy as np
import pytest

from figures.frame.figure import figure_script
from tests.figures.drawn import check_look
from tests.figures.small_data import small_data


@pytest.fixture(scope="module")
def data():
    return small_data("chains_squeezing", SQUEEZINGS=(0.5, 2.0), MORE=6, SIZES=(10, 1000, 10_000), POINTS=15)


def test_there_is_a_best_squeezing(data):
    """Near k = 0.55 in the limit, by the ledger; more than ten sites do not show k = 1.4 and more."""
    k, most = data["value"].values, data["most_limit"].values
    assert k[np.argmax(most)] == pytest.approx(0.77, abs=0.01) and most[-1] == pytest.approx(
        0.046, abs=0.003
    )  # times one apart
    assert np.all(data["most"].sel(N=10).values[k > 1] == 0)


def test_strong_squeezing_takes_many_sites(data):
    most = data["exact"].sel(case=2.0).max("time")
    assert most.sel(N=1000) < 0 < most.sel(N=10_000)


def test_the_figure_draws_the_numbers(data):
    figure = figure_script("chains_squeezing").draw(data)
    check_look(figure)
    drawn = {line.get_label(): line.get_ydata() for line in figure.axes[-1].get_lines()}
    assert np.array_equal(drawn["N = 1000"], data["most"].sel(N=1000))
    said = [text.get_text() for text in figure.axes[1].texts]
    assert said == ["E = 0 for N =\n10, 1000"]
