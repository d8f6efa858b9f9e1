"""Entanglement of two chains for several couplings: what is drawn, and what all figures of chains share."""

import numpy as np
import pytest

from comparison.claims.benatti_2017.limit_modes import Pair
from figures._double_chain import negativity, printed_73, witness
from figures.frame.figure import figure_script
from finite_n.systems import double_chain
from tests.figures.drawn import check_look
from tests.figures.small_data import small_data

TIMES = np.array([0.0, 2.0, 4.0, 9.0])


@pytest.fixture(scope="module")
def data():
    return small_data("chains_coupling", COUPLINGS=(0.7, 1.0), MORE=2, POINTS=3)


def test_the_limit_is_that_of_the_generator_of_one_site_in_fock_space():
    for T, coupling, k in ((0.1, 0.9, 1.0), (0.4, 1.0, 0.5)):
        found = negativity(double_chain(T=T, coupling=coupling, k=k), TIMES)
        assert np.abs(found - Pair(T, coupling, k).negativity(TIMES)).max() < 1e-9


def test_eq_73_as_printed_lacks_the_logarithm_of_eq_72():
    chain = double_chain(T=0.1, coupling=0.9, k=1.0)
    assert -0.5 * np.log2(4 * printed_73(chain, TIMES)) == pytest.approx(negativity(chain, TIMES), abs=1e-9)


def test_exact_chains_go_to_the_limit_as_one_over_n():
    chain = double_chain(T=0.1, coupling=0.9, k=0.5)
    off = [np.abs(witness(chain, N, TIMES) - negativity(chain, TIMES)).max() for N in (2000, 4000)]
    assert np.log2(off[0] / off[1]) == pytest.approx(1, abs=0.01)


def test_entanglement_grows_with_coupling_and_ten_sites_have_none(data):
    assert np.all(np.diff(data["most_limit"]) > 0.1)
    assert data["exact"].isel(case=-1, time=-1).values == pytest.approx([0.123, 0.227, 0.209], abs=0.001)
    assert witness(double_chain(T=0.1, coupling=1.0, k=1.0), 10, TIMES).max() < 0


def test_the_figure_draws_the_numbers(data):
    figure = figure_script("chains_coupling").draw(data)
    check_look(figure)
    drawn = {line.get_label(): line.get_ydata() for line in figure.axes[1].get_lines()}
    assert np.array_equal(drawn["N = 100"], data["exact"].sel(case=1.0, N=100).clip(min=0))
    assert np.array_equal(drawn["eq. 73 as printed (no logarithm)"], data["printed"].sel(case=1.0))
