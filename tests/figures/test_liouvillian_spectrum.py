"""Slow eigenvalues of the Liouvillian and sums of stability eigenvalues."""

import numpy as np
import pytest

from figures.frame.figure import figure_script
from figures.liouvillian_spectrum import BETA, OMEGA
from tests.figures.drawn import check_look
from tests.figures.small_data import small_data


@pytest.fixture(scope="module")
def data():
    return small_data("liouvillian_spectrum", SIZES=(8, 12, 16))


def test_predictions_are_sums_of_eigenvalues_about_no_order(data):
    """ż = (β − 1) z + 2Ω y, ẏ = −2Ω z − ½ y and ẋ = −½ x to first order, Γ± = e^{±βΔ/2}/√2."""
    linear = np.array([[-0.5, 0, 0], [0, -0.5, -2 * OMEGA], [0, 2 * OMEGA, BETA - 1]])
    q = sorted(np.linalg.eigvals(linear), key=lambda x: (-x.real, -x.imag))
    found = dict(
        zip(data["mode"].values, (data["predicted_real"] + 1j * data["predicted_imaginary"]).values, strict=True)
    )
    wanted = {"q₁": q[0], "q₂": q[1], "q₃": q[2], "2q₂": 2 * q[1], "q₁ + q₂": q[0] + q[1], "q₂ + q₃": q[1] + q[2]}
    assert all(found[name] == pytest.approx(value, abs=1e-9) for name, value in wanted.items())


def test_exact_eigenvalues_go_there(data):
    off = np.hypot(data["exact_real"] - data["predicted_real"], data["exact_imaginary"] - data["predicted_imaginary"])
    exponent = np.log(off.sel(N=12) / off.sel(N=16)) / np.log(16 / 12)
    assert np.all(exponent > 0.7) and np.all(exponent < 1.3)


def test_the_figure(data):
    check_look(figure_script("liouvillian_spectrum").draw(data))
