"""Two chains of oscillators in one bath: entanglement in time for several squeezings k at the start, exact for N sites
and in the limit, and the largest against k.

Stands beside Benatti et al. 2017, figure 2: λ = 0.9, T = 0.1.
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
    "There is a best squeezing at the start, smaller for fewer sites: the more the chains are squeezed, the more sites "
    "the limit needs, ten for k = 0.5 and ten thousand for k = 2."
)
BESIDE = "Benatti et al. 2017, figure 2"
SQUEEZINGS, MORE = (0.5, 1.0, 2.0), 40
SIZES = (10, 100, 1000, 10_000)
STOP, POINTS = 14.0, 141
_FIXED = {"coupling": 0.9, "T": 0.1}


def compute(progress: Say) -> xr.Dataset:
    """E in time for `SQUEEZINGS`, and the largest E for k from 0.02 to 2."""
    times = np.linspace(0.0, STOP, POINTS)
    data = in_time("k", SQUEEZINGS, _FIXED, SIZES, times, progress)
    more = np.concatenate([[0.02, 0.08], np.linspace(0.16, 2.0, MORE - 2)])
    return data.merge(largest("k", more, _FIXED, SIZES, times, progress))


def draw(data: xr.Dataset) -> Figure:
    """Panels in time, and the largest E against k."""
    figure = two_columns(2.7)
    *panels, last = figure.subplots(1, len(data["case"]) + 1)
    time_panels(panels, data, "squeezing k")
    panels[0].set_ylim(0, 0.105)
    largest_panel(last, data, "squeezing k", 0, 0.105)
    legend_below(figure, panels[0], 5, "coupling λ = 0.9, temperature T = 0.1 ω (Benatti et al. 2017, figure 2)")
    best = data["value"].values[int(np.argmax(data["most_limit"].values))]
    message(figure, f"λ = 0.9: entanglement fades; larger k needs more sites; the limit is best at k = {best:.2f}")
    return figure
