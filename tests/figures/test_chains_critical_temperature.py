"""The critical temperature of lasting entanglement, in the limit and of finite chains."""

import numpy as np
import pytest

from figures.frame.figure import figure_script
from tests.figures.drawn import check_look
from tests.figures.small_data import small_data


@pytest.fixture(scope="module")
def data():
    return small_data(
        "chains_critical_temperature",
        TEMPERATURES=np.linspace(0.7, 0.775, 5),
        SQUEEZINGS=np.array([0.5, 1.0]),
        SIZES=(1000, 10_000),
    )


def test_critical_temperatures(data):
    """0.714 and 0.753231 at k = 0.5 and 1, by eq. 74; finite chains have lower ones, by 1/N."""
    assert data["critical_limit"].values == pytest.approx([0.714, 0.753231], abs=5e-4)
    lower = (data["critical_limit"] - data["critical"]).sel(k=1.0).values
    assert np.all(lower > 0) and lower[0] / lower[1] == pytest.approx(10, rel=0.1)
    assert data["late_limit"].values == pytest.approx(data["late_printed"].values, abs=1e-9)


def test_the_figure_draws_the_numbers(data):
    figure = figure_script("chains_critical_temperature").draw(data)
    check_look(figure)
    drawn = {line.get_label(): line.get_ydata() for line in figure.axes[1].get_lines()}
    assert np.array_equal(drawn["N = 1000"], data["critical"].sel(N=1000))
