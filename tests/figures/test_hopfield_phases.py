"""Phases of the Hopfield network: exact overlaps lie on the derived curves, and the printed region is another one."""

import numpy as np
import pytest

from figures.frame.figure import figure_script
from tests.figures.drawn import check_look
from tests.figures.small_data import small_data


@pytest.fixture(scope="module")
def data():
    plane = {"TEMPERATURES": np.array([0.3, 0.4, 0.5, 0.6]), "FIELDS": np.array([0.1, 0.3, 0.35, 0.6])}
    cut = {"CUT_FIELDS": np.array([0.1, 0.2, 0.6]), "RESTING": (0.2,), "TURNING": (0.6,), "CYCLES": (0.295, 0.6)}
    return small_data("hopfield_phases", **plane, **cut, _STEP=0.8)


def test_exact_overlaps_lie_on_the_derived_curves(data):
    rest = data["rest"].sel(cut_field=data["resting"].values).values
    assert np.all(np.abs(data["exact_rest"].values - rest) <= data["exact_rest_error"].values + 1e-8)
    assert np.all(data["exact_rest_error"].values < 5e-3) and np.all(data["exact_cycle_error"].values < 5e-3)
    assert data["cycle"].values[-1] == pytest.approx(0.3516, abs=1e-3)  # see the claim on figure B1
    assert np.abs(data["exact_cycle"].values - data["cycle"].values[-1]).max() < 5e-3
    assert data["cycle"].values[0] > data["cycle"].values[-1]  # it turns at the very end of retrieval, where it is slow


def test_the_printed_region_is_not_that_of_the_cycle(data):
    printed = data["printed"].transpose("temperature", "field").values > 0
    retrieval = np.isfinite(data["overlap"].transpose("temperature", "field").values)
    assert printed.any() and np.all(retrieval[printed])
    assert data["end_of_retrieval"] == pytest.approx(0.29411, abs=1e-5)
    assert np.isnan(data["rest"].sel(cut_field=0.6))


def test_the_figure(data):
    check_look(figure_script("hopfield_phases").draw(data))
