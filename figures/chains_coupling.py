"""Two chains of oscillators in one bath: entanglement in time for several couplings λ, exact for N sites and in the
limit, and eq. 73 as it is printed.

Stands beside Benatti et al. 2017, figure 1: k = 1, T = 0.1.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from figures._double_chain import in_time, largest, printed_73
from figures._double_chain_panels import largest_panel, legend_below, time_panels
from figures.frame.figure import Say
from figures.frame.style import PRINTED, PRINTED_LINE, message, two_columns
from finite_n.systems import double_chain

SHOWS = (
    "The common bath entangles the two chains, earlier and more strongly for larger coupling λ; exact chains of 1000 "
    "sites follow the limit, and eq. 73 as printed, without its logarithm, is something else."
)
BESIDE = "Benatti et al. 2017, figure 1"
COUPLINGS, MORE = (0.7, 0.9, 1.0), 25
SIZES = (30, 100, 1000)
STOP, POINTS = 12.0, 121
_FIXED = {"k": 1.0, "T": 0.1}


def compute(progress: Say) -> xr.Dataset:
    """E in time for `COUPLINGS`, eq. 73 as printed, and the largest E for λ from 0.4 to 1."""
    times = np.linspace(0.0, STOP, POINTS)
    data = in_time("coupling", COUPLINGS, _FIXED, SIZES, times, progress)
    printed = [printed_73(double_chain(**_FIXED, coupling=x), times) for x in COUPLINGS]
    data["printed"] = (("case", "time"), np.array(printed))
    return data.merge(largest("coupling", np.linspace(0.4, 1.0, MORE), _FIXED, SIZES, times, progress))


def draw(data: xr.Dataset) -> Figure:
    """Panels in time, and the largest E against λ."""
    figure = two_columns(2.7)
    *panels, last = figure.subplots(1, len(data["case"]) + 1)
    time_panels(panels, data, "λ")
    for panel, printed in zip(panels, data["printed"].values, strict=True):
        panel.plot(data["time"], printed, **PRINTED_LINE, label="eq. 73 as printed (no logarithm)")
        look = {"fontsize": 7, "ha": "right", "va": "top", "color": PRINTED, "transform": panel.transAxes}
        panel.text(0.97, 0.97, f"from {printed[0]:.2f} at t = 0\nup to {printed.max():.1f}", **look)
    panels[0].set_ylim(0, 0.36)
    largest_panel(last, data, "coupling λ", 0.4, 0.36)
    legend_below(figure, panels[0], 5, "squeezing k = 1, temperature T = 0.1 ω (Benatti et al. 2017, figure 1)")
    message(figure, "The bath entangles the chains, more and earlier for larger λ; 1000 exact sites are near the limit")
    return figure
