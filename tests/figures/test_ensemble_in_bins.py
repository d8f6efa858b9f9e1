"""Detuned spins in few bins, and the estimated error."""

import numpy as np
import pytest

from figures.frame.figure import figure_script
from tests.figures.drawn import check_look
from tests.figures.small_data import small_data


@pytest.fixture(scope="module")
def data():
    return small_data("ensemble_in_bins", BINS=(3, 4, 6), CONTINUUM=24, STOP=14.0)


def test_the_estimated_error_is_above_the_true_one(data):
    off = np.abs(data["z"].sel(bins=6) - data["continuum"])
    assert np.all(off <= data["error"]) and off.max() > 0.01


def test_bins_are_in_phase_again_at_the_time_said(data):
    """Spins δω = 2/K apart, alone, at t = πK; those that emit still have |⟨σx⟩| near their start there."""
    assert np.abs(data["revival"] - np.pi * data["bins"]).max() < 0.8  # collective shifts move the frequencies
    emission = -np.gradient(data["z"].sel(bins=3), data["time"])
    later = data["time"] > 5
    assert abs(data["time"].values[later][np.argmax(emission[later])] - 3 * np.pi) < 1.0


def test_the_figure(data):
    check_look(figure_script("ensemble_in_bins").draw(data))
