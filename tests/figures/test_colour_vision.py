"""The simulation of colour vision against published values."""

import numpy as np
import pytest

from tests.figures.colour_vision import MACHADO, difference, lab, seen


def test_lab_of_primaries():
    """Published CIELAB of the sRGB primaries under D65."""
    primaries = {
        (1, 0, 0): (53.24, 80.09, 67.20),
        (0, 1, 0): (87.73, -86.18, 83.18),
        (0, 0, 1): (32.30, 79.19, -107.86),
    }
    for rgb, published in primaries.items():
        assert lab(seen(rgb, "normal")) == pytest.approx(published, abs=0.02)
    assert lab(seen((1, 1, 1), "normal")) == pytest.approx((100, 0, 0), abs=1e-9)


@pytest.mark.parametrize("vision", MACHADO)
def test_greys_stay_grey(vision):
    assert MACHADO[vision].sum(axis=1) == pytest.approx(1, abs=2e-6)
    assert np.abs(lab(seen((0.5, 0.5, 0.5), vision))[1:]).max() < 0.01


def test_what_is_confused_is_found():
    """A red and a green that deutans take for each other; blue and orange that all keep apart."""
    red, green = (0.80, 0.36, 0.21), (0.52, 0.52, 0.15)
    assert difference(red, green, "normal") > 50 and difference(red, green, "deutan") < 15
    blue, orange = (0, 0.447, 0.698), (0.835, 0.369, 0)
    assert min(difference(blue, orange, vision) for vision in MACHADO) > 40
