"""Hopfield network, one pattern: exact covariance Σ_zz at N = 10 … 160 against the derived and the printed limit.

Stands beside Fiorelli 2024, section 6.3; the paper prints eqs. 50 and 58–64 without a figure of Σ_zz.
"""

from __future__ import annotations

import re

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from comparison import build
from comparison.referee.verdict import with_error
from figures.frame.convergence import distances, exact_curves, slope
from figures.frame.figure import Say
from figures.frame.style import DERIVED, DERIVED_LINE, EXACT, PRINTED, PRINTED_LINE, message, two_columns

SHOWS = (
    "Exact covariances Σ_zz of the open Hopfield network go to the derived Gaussian limit as 1/N, which confirms it to "
    "1e-6, and refute the printed one."
)
BESIDE = "Fiorelli 2024, section 6.3"
SIZES = (10, 20, 40, 80, 160)
STOP, POINTS = 1.5, 61


def compute(progress: Say) -> xr.Dataset:
    """exact (N, time), limit (claim, time) and extrapolated (time) of cov_zz, with their errors; verdicts in words."""
    progress(f"exact evolution at N = {', '.join(map(str, SIZES))}")
    study = build({"system": "hopfield", "sizes": list(SIZES), "times": {"stop": STOP, "points": POINTS}})
    result = study.run()
    data = result.dataset.sel(quantity="cov_zz", drop=True)
    kept = data[["exact", "exact_error", "limit", "extrapolated", "extrapolated_error"]].drop_attrs()
    return kept.assign_attrs({v.claim: _in_words(v) for v in result.verdicts if v.quantity == "cov_zz"})


def _in_words(verdict) -> str:
    """Confirmed to what, or refuted by how much."""
    if verdict.status == "confirmed":
        return f"confirmed to {verdict.accuracy:.0e}".replace("e-0", "e-")
    gap = abs(verdict.extrapolated - verdict.claimed)
    return f"{verdict.status}, off by {with_error(gap, verdict.error)}"


def _short(words: str) -> str:
    """1e-6 as 10⁻⁶."""
    return re.sub(r"(\d)e-(\d)", lambda x: f"{x[1]}×10⁻{'⁰¹²³⁴⁵⁶⁷⁸⁹'[int(x[2])]}", words)


def draw(data: xr.Dataset) -> Figure:
    """Left: curves in time with the extrapolated end. Right: distance from both limits at the last time against N."""
    figure = two_columns(2.9)
    left, right = figure.subplots(1, 2, width_ratios=(1.25, 1))
    sizes, t = data["N"].values, data["time"].values
    derived, printed = (data["limit"].sel(claim=x).values for x in ("derived", "printed"))
    whole, error = (float(data[x][-1]) for x in ("extrapolated", "extrapolated_error"))
    left.plot(t, derived, **(DERIVED_LINE | {"lw": 2.6}))
    exact_curves(left, t, data["exact"].transpose("N", "time").values, sizes)
    left.plot(t, printed, **PRINTED_LINE)
    left.plot(t[-1], whole, "*", color=EXACT, ms=9, clip_on=False, zorder=4)
    arrow = {"arrowstyle": "->", "lw": 0.7, "shrinkB": 6}
    left.annotate("", (t[-1], whole), (0.67 * t[-1], 1.04 * whole), arrowprops=arrow)
    look = {"transform": left.transAxes, "va": "center", "fontsize": 8}
    left.text(0.03, 0.93, f"exact, N → ∞, t = {t[-1]:g}: {with_error(whole, error)}", **look)
    left.text(0.03, 0.82, f"derived limit:\n{_short(data.attrs['derived'])}", color=DERIVED, **look)
    left.text(0.98, 0.16, f"Fiorelli 2024 as printed:\n{data.attrs['printed']}", color=PRINTED, ha="right", **look)
    left.set(xlabel="time t (1/Γ₀)", ylabel=r"covariance $\Sigma_{zz}$", xlim=(t[0], t[-1]), ylim=(0.78, 2.08))
    left.set_title("(a) exact covariances of N spins")
    left.legend(handles=[x for x in left.get_lines() if "N =" in x.get_label()], loc=(0.62, 0.24))

    end = data["exact"].isel(time=-1).values
    gap = np.abs(end - derived[-1])
    distances(right, sizes, np.abs(end - printed[-1]), color=PRINTED, marker="s", label="from the printed limit")
    distances(right, sizes, gap, color=DERIVED, label="from the derived limit")
    slope(right, sizes, gap[-1], 1, r"$\propto 1/N$")
    right.set(ylabel=rf"distance of exact $\Sigma_{{zz}}$ at t = {t[-1]:g}", ylim=(gap[-1] / 2, 3))
    right.set_title("(b) only one distance vanishes, as 1/N")
    right.legend(loc="lower left")
    message(figure, "Exact numbers at finite N decide: the derived limit is confirmed, the printed one refuted")
    return figure
