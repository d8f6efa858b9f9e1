"""Photons of Dicke's model: the numbers that are drawn are those of other programs, and go to linear modes as 1/N."""

import numpy as np
import pytest

from figures import dicke_photons
from figures.frame.figure import figure_script
from tests.figures.drawn import check_look
from tests.figures.small_data import small_data


@pytest.fixture(scope="module")
def data():
    return small_data(
        "dicke_photons",
        SIZES=(4, 8),
        LARGE=(4, 16),
        WEAK_TIMES=np.array([0.0, 1.0, 3.0, 6.0, 8.0]),
        STRONG_TIMES=np.linspace(0.0, 4.0, 5),
    )


def test_limit_and_second_order_are_those_of_another_program(data):
    at = data.sel(time=[1.0, 3.0, 6.0])
    assert at["weak_limit"].values == pytest.approx([0.025946, 0.089819, 0.277753], abs=1e-6)  # digits of a prototype
    assert at["weak_printed"].values == pytest.approx([0.025915, 0.086807, 0.315022], abs=1e-6)


def test_only_the_distance_from_linear_modes_falls(data):
    end = data.sel(time=dicke_photons.AT)
    gap = np.abs(end["weak"] - end["weak_limit"]).values
    assert np.log2(gap[-2] / gap[-1]) == pytest.approx(1, abs=0.15)  # 1/N at small N
    assert np.abs(end["weak"] - end["weak_printed"]).min() > 0.1


def test_above_the_transition_photons_grow_until_the_spins_are_used_up(data):
    """The growth of linear modes, e^{2κt} with −κ² = ½(ω₀² + ν² − √((ω₀² − ν²)² + 8ω₀νλ²))."""
    limit, large = data["strong_limit"].values, data["strong"].isel(large=-1).values
    kappa2 = (np.sqrt((1 - 0.64) ** 2 + 8 * 0.8) - 1.64) / 2
    assert np.log(limit[-1] / limit[-2]) == pytest.approx(2 * np.sqrt(kappa2), rel=0.03)  # beside decaying modes
    assert large[1] == pytest.approx(limit[1], rel=0.02) and large[-1] < 0.7 * limit[-1]
    assert data["strong_printed"].max() < 1


def test_the_figure_draws_the_numbers(data):
    figure = figure_script("dicke_photons").draw(data)
    check_look(figure)
    drawn = {line.get_label(): line.get_ydata() for line in figure.axes[0].get_lines()}
    assert np.array_equal(drawn["N = 8"], data["weak"].sel(N=8))
    assert np.array_equal(drawn["eq. 2.9 of Merkli and Rafiyi\n2018, second order in λ"], data["weak_printed"])
