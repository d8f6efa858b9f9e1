"""Two chains of oscillators in one bath: entanglement in time for several temperatures, exact for N sites and in the
limit, and the largest against temperature.

Stands beside Benatti et al. 2017, figure 3: λ = 0.9, k = 1.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from figures._double_chain import in_time, largest
from figures._double_chain_panels import largest_panel, legend_below, time_panels
from figures.frame.figure import Say
from figures.frame.style import message, two_columns

SHOWS = (
    "Heat takes the entanglement of the two chains away: its maximum falls with temperature and vanishes at T = 0.54 "
    "ω; exact chains of 1000 sites follow the limit."
)
BESIDE = "Benatti et al. 2017, figure 3"
TEMPERATURES, MORE = (0.1, 0.4, 0.5), 33
SIZES = (30, 100, 1000)
STOP, POINTS = 16.0, 161
_FIXED = {"coupling": 0.9, "k": 1.0}


def compute(progress: Say) -> xr.Dataset:
    """E in time for `TEMPERATURES`, and the largest E for T from 0.05 to 0.61."""
    times = np.linspace(0.0, STOP, POINTS)
    data = in_time("T", TEMPERATURES, _FIXED, SIZES, times, progress)
    return data.merge(largest("T", np.linspace(0.05, 0.61, MORE), _FIXED, SIZES, times, progress))


def draw(data: xr.Dataset) -> Figure:
    """Panels in time, and the largest E against T."""
    figure = two_columns(2.7)
    *panels, last = figure.subplots(1, len(data["case"]) + 1)
    time_panels(panels, data, "T", " ω")
    panels[0].set_ylim(0, 0.09)
    largest_panel(last, data, "temperature T (ω)", data["value"].values[0], 0.09)
    legend_below(figure, panels[0], 4, "coupling λ = 0.9, squeezing k = 1 (Benatti et al. 2017, figure 3)")
    message(figure, "Heat takes the entanglement away; 1000 exact sites are near the limit")
    return figure
