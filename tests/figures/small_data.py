"""Data of a figure with smaller constants, so that they are there in a moment."""

import pytest
import xarray as xr

from figures.frame.figure import figure_script


def small_data(name: str, **constants) -> xr.Dataset:
    """What `compute` of a figure gives with some of its constants replaced."""
    script = figure_script(name)
    with pytest.MonkeyPatch.context() as patch:
        for constant, value in constants.items():
            patch.setattr(script.module, constant, value)
        return script.compute()
