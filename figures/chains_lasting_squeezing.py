"""Two chains of oscillators in one bath at full coupling λ = 1: entanglement that stays, in time for several
squeezings k at the start, and at late times against k, exact for N sites, in the limit, and by eq. 74.

Stands beside Benatti et al. 2017, figure 5: λ = 1, T = 0.1.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from figures._double_chain import LATE, in_time, late_74
from figures._double_chain_panels import curves, legend_below, time_panels
from figures.frame.figure import Say
from figures.frame.style import PRINTED_LINE, message, two_columns

SHOWS = (
    "In the limit more squeezing always leaves more entanglement, as eq. 74 says and the paper's text denies; for "
    "finite chains, exactly, there is a best squeezing, which grows with N."
)
BESIDE = "Benatti et al. 2017, figure 5"
SQUEEZINGS, MORE = (0.5, 1.0, 2.0), 45
SIZES = (10, 100, 1000, 10_000)
STOP, POINTS = 12.0, 121
_FIXED = {"coupling": 1.0, "T": 0.1}


def compute(progress: Say) -> xr.Dataset:
    """E in time for `SQUEEZINGS`, and at a late time for k up to 2."""
    data = in_time("k", SQUEEZINGS, _FIXED, SIZES, np.linspace(0.0, STOP, POINTS), progress)
    more = np.linspace(0.02, 2.0, MORE)
    late = in_time("k", more, _FIXED, SIZES, (0.0, LATE), progress).isel(time=-1, drop=True).rename(case="value")
    data["late"], data["late_limit"] = late["exact"], late["limit"]
    data["late_printed"] = ("value", np.array([late_74(_FIXED["T"], k) for k in more]))
    return data


def draw(data: xr.Dataset) -> Figure:
    """Panels in time, and late E against k."""
    figure = two_columns(2.7)
    *panels, last = figure.subplots(1, len(data["case"]) + 1)
    time_panels(panels, data, "squeezing k", words_at=0.3)
    panels[0].set_ylim(0, 0.26)
    k = data["value"].values
    late = data["late"].transpose("N", "value").values
    curves(last, k, late, data["late_limit"].values, data["N"].values)
    last.plot(k, data["late_printed"], **PRINTED_LINE)
    last.set(
        xlabel="squeezing k",
        ylabel=f"E at t = {LATE:g}/ω",
        xlim=(0, k[-1]),
        ylim=(0, 0.26),
        title="(d) E at late times",
    )
    panels[0].plot([], [], **PRINTED_LINE, label="eq. 74")
    legend_below(figure, panels[0], 6, "coupling λ = 1, temperature T = 0.1 ω (Benatti et al. 2017, figure 5)")
    message(
        figure, "Full coupling λ = 1: more squeezing leaves more E in the limit, but N sites lose it beyond a best k"
    )
    return figure
