"""The figure of correlations of two large spins: its numbers, and what is drawn of them."""

import numpy as np
import pytest

from comparison.claims.fiorelli_2024.correlations_map import CYCLE_BELOW, correlations_map, largest_field, retrieval
from figures.frame.figure import figure_script
from finite_n.systems import hopfield
from meanfield import Limit, bifurcation_curves
from tests.figures.drawn import check_look


@pytest.fixture(scope="module")
def data():
    return correlations_map(np.array([0.3, 0.4, 0.7, 0.9]), np.array([0.1, 0.2, 0.35, 0.6]), np.array([0.4, 0.7]))


def test_numbers_of_the_plane(data):
    negativity = data["negativity"].sel(temperature=0.4, field=[0.1, 0.2, 0.35]).values
    assert negativity == pytest.approx([0, 0.006931, 0.056376], abs=1e-6)  # as the ledger finds them with exact rates
    assert data["printed_nu"].sel(temperature=0.4, field=0.35) == pytest.approx(np.sqrt(0.893373), abs=1e-6)
    entangled, no_state = data["negativity"] > 1e-9, data["printed_nu"] < 1 - 1e-9
    assert np.array_equal(entangled, no_state) and entangled.any()
    assert np.isnan(data["negativity"].sel(temperature=0.9, field=0.2))  # no retrieval there
    for name in ("negativity", "discord", "classical"):
        cut = data[f"line_{name}"].sel(temperature=[0.4, 0.7]).values
        assert np.abs(data[f"exact_{name}"].values - cut).max() < 1e-6  # the error of exact rates
    assert np.isnan(data["line_printed_discord"].sel(temperature=0.4))  # no state
    assert data["line_printed_discord"].sel(temperature=0.7) == pytest.approx(4.08e-4, rel=0.01)


def test_where_there_is_retrieval():
    assert largest_field(1 / 0.6) == pytest.approx(0.29411, abs=1e-4)  # by bisection, see coverage of section B.1
    assert largest_field(1 / 0.9) == pytest.approx(np.sqrt((1 / 0.9 - 1) / 8), abs=1e-4)  # a pitchfork, β = 1 + 8Ω²
    assert largest_field(0.9) == 0 and retrieval(0.9, 0.1) is None
    assert np.abs(Limit(hopfield(0.25, 1 / 0.6)).drift(retrieval(1 / 0.6, 0.25))).max() < 1e-12


@pytest.mark.slow
def test_the_boundaries_of_the_phases_are_those_of_continuation():
    """Where retrieval ends, and where the limit cycle begins at T = 2/3, by continuation of the derived mean field."""

    def lines(bounds, kind):
        return bifurcation_curves(hopfield, bounds, kinds=(kind,), anchors=1, starts=8, step=0.1, points=30)

    folds = lines(((0.2, 0.5), (1.52, 2.2)), "fold")
    assert folds and all(abs(largest_field(b) - w) < 1e-6 for fold in folds for w, b in fold.values)
    births = lines(((0.3, 0.6), (1.3, 1.7)), "Hopf")
    assert births and all(np.abs(x.values[:, 1] - 1.5).max() < 1e-8 and np.all(x.coefficient < 0) for x in births)
    assert CYCLE_BELOW == 1 / 1.5


def test_the_figure_draws_the_numbers(data):
    figure = figure_script("hopfield_correlations").draw(data)
    check_look(figure)
    drawn = {line.get_label(): line.get_ydata() for line in figure.axes[1].get_lines()}
    assert np.allclose(drawn["discord"], data["line_discord"], equal_nan=True)
