"""Two chains of oscillators in one bath at full coupling λ = 1: entanglement that stays, in time for several
temperatures, exact for N sites and in the limit.

Stands beside Benatti et al. 2017, figure 4: λ = 1, k = 1.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from figures._double_chain import in_time
from figures._double_chain_panels import legend_below, time_panels
from figures.frame.figure import Say
from figures.frame.style import message, two_columns

SHOWS = (
    "At full coupling, λ = 1, the entanglement of the two chains stays once it has come, also of exact finite chains; "
    "in a warmer bath it is less, comes later, and takes more sites: more than 100 at T = 0.7 ω."
)
BESIDE = "Benatti et al. 2017, figure 4"
TEMPERATURES = (0.1, 0.4, 0.6, 0.7)
SIZES = (30, 100, 1000)
STOP, POINTS = 12.0, 121
_FIXED = {"coupling": 1.0, "k": 1.0}


def compute(progress: Say) -> xr.Dataset:
    """E in time for `TEMPERATURES`."""
    return in_time("T", TEMPERATURES, _FIXED, SIZES, np.linspace(0.0, STOP, POINTS), progress)


def draw(data: xr.Dataset) -> Figure:
    """A panel for every temperature."""
    figure = two_columns(2.7)
    panels = figure.subplots(1, len(data["case"]))
    time_panels(panels, data, "T", " ω")
    panels[0].set_ylim(0, 0.24)
    legend_below(figure, panels[0], 4, "coupling λ = 1, squeezing k = 1 (Benatti et al. 2017, figure 4)")
    message(figure, "At full coupling λ = 1 entanglement comes and stays; a warm bath takes it from small chains")
    return figure
