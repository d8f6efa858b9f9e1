"""Hopfield network, one pattern: exact covariance Σ_zz at N = 10 … 160 against the derived and the printed limit.

Stands beside Fiorelli 2024, section 6.3; the paper prints eqs. 50 and 58–64 without a figure of Σ_zz.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from comparison import build
from figures.frame.convergence import distances, exact_curves, slope
from figures.frame.figure import Say
from figures.frame.style import DERIVED, DERIVED_LINE, PRINTED, PRINTED_LINE, two_columns

SHOWS = (
    "Exact covariances Σ_zz of the open Hopfield network go to the derived Gaussian limit as 1/N, and not to the "
    "printed one."
)
BESIDE = "Fiorelli 2024, section 6.3"
SIZES = (10, 20, 40, 80, 160)
STOP, POINTS = 1.5, 61


def compute(progress: Say) -> xr.Dataset:
    """exact (N, time) and limit (claim, time) of cov_zz, with their errors."""
    progress(f"exact evolution at N = {', '.join(map(str, SIZES))}")
    study = build({"system": "hopfield", "sizes": list(SIZES), "times": {"stop": STOP, "points": POINTS}})
    data = study.run().dataset.sel(quantity="cov_zz", drop=True)
    return data[["exact", "exact_error", "limit"]].drop_attrs()


def draw(data: xr.Dataset) -> Figure:
    """Left: curves in time. Right: distance from both limits at the last time against N."""
    figure = two_columns(2.7)
    left, right = figure.subplots(1, 2)
    sizes, t = data["N"].values, data["time"].values
    derived, printed = (data["limit"].sel(claim=x).values for x in ("derived", "printed"))
    exact_curves(left, t, data["exact"].transpose("N", "time").values, sizes)
    left.plot(t, derived, **DERIVED_LINE, label="derived limit")
    left.plot(t, printed, **PRINTED_LINE, label="printed limit")
    left.set(xlabel="time t (1/Γ₀)", ylabel=r"covariance $\Sigma_{zz}$", xlim=(t[0], t[-1]))
    left.set_title("(a) exact covariances go to the derived limit")
    left.legend(loc=(0.34, 0.13), ncols=2, columnspacing=1)

    end = data["exact"].isel(time=-1).values
    gap = np.abs(end - derived[-1])
    distances(right, sizes, np.abs(end - printed[-1]), color=PRINTED, marker="s", label="from the printed limit")
    distances(right, sizes, gap, color=DERIVED, label="from the derived limit")
    slope(right, sizes, gap[-1], 1, r"$\propto 1/N$")
    right.set(ylabel=rf"distance of exact $\Sigma_{{zz}}$ at t = {t[-1]:g}", ylim=(gap[-1] / 2, 3))
    right.set_title("(b) only that distance vanishes, as 1/N")
    right.legend(loc="lower left")
    return figure
