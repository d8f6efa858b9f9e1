"""Times until which theories hold, and how they grow with N."""

import numpy as np
import pytest

from figures.frame.figure import figure_script
from tests.figures.drawn import check_look
from tests.figures.small_data import small_data


@pytest.fixture(scope="module")
def data():
    sizes = {"CYCLE_SIZES": (10, 20, 40), "UNSTABLE_SIZES": (320, 640, 1280), "WRONG_SIZES": (10, 20, 40, 80)}
    return small_data("mean_field_horizons", **sizes, CYCLE_STOP=6.0)


def test_how_the_times_grow(data):
    cycle, unstable, wrong = (data["time"].sel(case=case).dropna("N").values for case in ("cycle", "unstable", "wrong"))
    assert np.all(np.diff(np.log2(cycle)) > 0.4)
    law = np.log(2) / (2 * data.attrs["growth_rate"])
    assert np.diff(unstable) == pytest.approx(law, rel=0.05)
    assert np.ptp(wrong) < 0.2 * wrong.mean()


def test_the_distance_reaches_the_tolerance_then(data):
    tolerance = data.attrs["tolerance"]
    for n in data["N_cycle"].values:
        until, off = float(data["time"].sel(case="cycle", N=n)), data["distance"].sel(N_cycle=n)
        assert off.sel(t=slice(0, until)).max() <= tolerance < off.sel(t=slice(until, until + 0.3)).max()


def test_the_figure(data):
    check_look(figure_script("mean_field_horizons").draw(data))
