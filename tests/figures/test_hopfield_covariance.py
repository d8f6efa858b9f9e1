"""Σ_zz of the Hopfield network: the exact numbers that are drawn go to the derived limit as 1/N, not to the printed
one."""

import numpy as np
import pytest

from figures.frame.figure import figure_script
from tests.figures.drawn import check_look
from tests.figures.small_data import small_data


@pytest.fixture(scope="module")
def data():
    return small_data("hopfield_covariance", SIZES=(5, 10, 20, 40), POINTS=4)


def test_only_the_distance_from_the_derived_limit_falls(data):
    end = data.isel(time=-1)
    derived = np.abs(end["exact"] - end["limit"].sel(claim="derived")).values
    printed = np.abs(end["exact"] - end["limit"].sel(claim="printed")).values
    assert np.log2(derived[1:-1] / derived[2:]) == pytest.approx(1, abs=0.05)  # as 1/N
    assert np.all(np.diff(printed) > 0) and printed[-1] > 0.9
    assert end["exact"].values[1:] == pytest.approx([1.7033, 1.8111, 1.8685], abs=5e-5)  # of another program


def test_the_verdicts_are_drawn(data):
    assert data.attrs["derived"].startswith("confirmed to ") and data.attrs["printed"].startswith(
        "refuted, off by 1.029"
    )
    assert data["extrapolated"].values[-1] == pytest.approx(1.9253129, abs=1e-5)  # the derived limit
    said = [text.get_text() for text in figure_script("hopfield_covariance").draw(data).axes[0].texts]
    assert f"Fiorelli 2024 as printed:\n{data.attrs['printed']}" in said


def test_the_figure_draws_the_numbers(data):
    figure = figure_script("hopfield_covariance").draw(data)
    check_look(figure)
    drawn = {line.get_label(): line.get_ydata() for line in figure.axes[0].get_lines()}
    assert np.array_equal(drawn["N = 20"], data["exact"].sel(N=20))
