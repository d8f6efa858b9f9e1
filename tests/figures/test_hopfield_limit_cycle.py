"""The limit cycle of the Hopfield network: how far the overlap swings, and that more spins follow for longer."""

import numpy as np
import pytest

from figures.frame.figure import figure_script
from tests.figures.drawn import check_look
from tests.figures.small_data import small_data


@pytest.fixture(scope="module")
def data():
    plane = {"TEMPERATURES": np.array([0.4, 0.6, 0.8]), "FIELDS": np.array([0.25, 0.7])}
    return small_data("hopfield_limit_cycle", **plane, SIZES=(10, 20, 40), ORBIT_SIZES=(10, 20), TIMES=37, STOP=9.0)


def test_where_the_overlap_swings(data):
    swing = data["deviation"].transpose("temperature", "field").values
    assert swing[:, 0] == pytest.approx(0, abs=1e-6) and swing[2, 1] == pytest.approx(0, abs=1e-6)
    assert swing[1, 1] == pytest.approx(0.3516, abs=1e-3)  # of the claim on figure B1
    assert swing[0, 1] > swing[1, 1]  # wider in the cold


def test_the_point_printed_as_retrieval_is_on_a_cycle(data):
    y, z = data["orbit"].values.T
    assert [z.max(), -z.min()] == pytest.approx([0.4975, 0.4975], abs=1e-3)  # the range that the ledger found
    assert np.hypot(y, z).min() > 0.1  # around no order, and never near a point of rest


def test_more_spins_follow_for_longer(data):
    off = np.abs(data["exact"] - data["derived"]).max("time").values
    assert np.all(np.diff(off) < 0)


def test_the_figure(data):
    check_look(figure_script("hopfield_limit_cycle").draw(data))
