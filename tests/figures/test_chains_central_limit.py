"""Fluctuations of the double chain that become Gaussian: the numbers that are drawn."""

import numpy as np
import pytest

from figures import chains_central_limit
from figures.frame.figure import figure_script
from finite_n.systems import double_chain
from tests.figures.drawn import check_look
from tests.figures.small_data import small_data


@pytest.fixture(scope="module")
def data():
    return small_data("chains_central_limit", SIZES=(640, 1280), POINTS=2, STOP=0.5, STEPS=3)


def test_distances_fall_as_one_over_n(data):
    for off in (np.abs(data["weyl"] - data["weyl_limit"]).values[:, -1], data["product_distance"].values):
        assert np.log2(off[0] / off[1]) == pytest.approx(1, abs=0.05)


def test_the_limit_is_the_gaussian_of_eq_27_and_the_fourth_cumulant_that_of_its_characteristic_function(data):
    chain = double_chain(**chains_central_limit._PARAMETERS)
    s = data["s"].values
    variance = (1 + chain.eta**2) / (4 * chain.eta)
    assert data["weyl_limit"].values == pytest.approx(np.exp(-variance * s**2 / 2), abs=1e-6)
    # ln χ = −σ²s²/2 + κ₄s⁴/24 + …
    bent = 24 * (np.log(data["weyl"].values[-1, 1]) + variance * s[1] ** 2 / 2) / s[1] ** 4
    assert data["cumulant"].values[-1] == pytest.approx(bent, rel=0.02)  # κ₆s²/30 is 1 %


def test_the_product_as_printed_exceeds_one(data):
    assert data["product_printed"].min() > 1 > data["product"].max()
    z = complex(_exponent())  # e^{−z/2} is the limit at t = 0, where nothing is damped yet, and e^{z/2} is printed
    assert data["product_limit"].values[0] == pytest.approx(np.exp(-z / 2).real, abs=1e-9)
    assert data["product_printed"].values[0] == pytest.approx(np.exp(z / 2).real, abs=1e-9)


def _exponent() -> complex:
    chain, R = double_chain(**chains_central_limit._PARAMETERS), chains_central_limit.R
    total, form = R.sum(axis=0), np.kron(np.eye(3), [[0, 1], [-1, 0]])
    variance = (1 + chain.eta**2) / (4 * chain.eta)
    return variance * total @ total + 1j * (R[0] @ form @ R[1] + R[1] @ form @ R[2] + R[0] @ form @ R[2])


def test_the_figure_draws_the_numbers(data):
    figure = figure_script("chains_central_limit").draw(data)
    check_look(figure)
    drawn = {line.get_label(): line.get_ydata() for line in figure.axes[1].get_lines()}
    assert np.array_equal(drawn["N = 1280"], data["product"].sel(N=1280))
