"""Energy-conserving spins in a field: the numbers that are drawn."""

import numpy as np
import pytest

from figures import conserving_field
from figures.frame.figure import figure_script
from finite_n import evolve
from finite_n.systems import energy_conserving
from tests.figures.drawn import check_look
from tests.figures.small_data import small_data


@pytest.fixture(scope="module")
def data():
    return small_data(
        "conserving_field", SIZES=(1, 1000, 100_000, 1_000_000), POINTS=5, STOP=4.0, MODES=40, COMPARED=(1.0, 2.0, 4.0)
    )


def test_quanta_are_half_of_what_is_printed_at_every_size(data):
    """For J = ½ω e^{−ω} the integral is ¼ ln(1 + t²)."""
    closed = 0.25 * np.log1p(data["time"].values ** 2)
    assert np.abs(data["quanta_limit"].values - closed).max() < 1e-8  # what is left out above the cutoff is e^{−20}
    assert np.abs(data["quanta"].values - closed).max() < 1e-7  # 40 modes
    assert data["quanta_printed"].values == pytest.approx(2 * closed, abs=1e-7)


def test_spins_become_free_as_one_over_n(data):
    lost = data["lost"].isel(compared=-1).values
    assert lost[2] / lost[3] == pytest.approx(10, rel=1e-3) and lost[1] / lost[2] == pytest.approx(100, rel=0.02)


def test_distributions_have_the_moments_of_the_field():
    """⟨φ²⟩ of N spins along x by the engine, and ⟨φ⁴⟩ − 3⟨φ²⟩² = −2d⁴/N."""
    N, d, phi = 5, conserving_field.displacement(), conserving_field.PHI
    assert d == pytest.approx(-2, abs=1e-9)  # −(λ/ν)(1 − cos νt)
    density, step = conserving_field.distribution(N, d), phi[1] - phi[0]
    two, four = (float(density @ phi**k) * step for k in (2, 4))
    found = evolve(energy_conserving(1.0, 1.0, 1.0), N, [1.0, 0, 0], [0.0, np.pi])
    assert two == pytest.approx(N * found.second_moments[-1, 3, 3].real, abs=1e-6)
    assert four - 3 * two**2 == pytest.approx(-2 * d**4 / N, abs=1e-4)


def test_the_figure_draws_the_numbers(data):
    figure = figure_script("conserving_field").draw(data)
    check_look(figure)
    drawn = {line.get_label(): line.get_ydata() for line in figure.axes[1].get_lines()}
    assert np.array_equal(drawn["exact, N = 4"], data["field"].sel(drawn=4))
    assert np.array_equal(drawn["eq. 2.17 as printed"], data["field_printed"])
