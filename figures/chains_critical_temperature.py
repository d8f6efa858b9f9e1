"""Two chains of oscillators in one bath at full coupling λ = 1: late entanglement against temperature, and the critical
temperature against the squeezing k at the start, exact for N sites, in the limit, and as printed.

Stands beside Benatti et al. 2017, figure 6: λ = 1, and k = 1 on the left.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from scipy.interpolate import PchipInterpolator

from figures._double_chain import LATE, in_time, late_74
from figures._double_chain_panels import curves, legend_below, size
from figures.frame.figure import Say
from figures.frame.style import DERIVED_LINE, PRINTED, PRINTED_LINE, greys, message, two_columns

SHOWS = (
    "Below a critical temperature, 0.753 ω for k = 1, entanglement of the two chains never ends; exact finite chains "
    "have a lower one, and none where they are squeezed too much."
)
BESIDE = "Benatti et al. 2017, figure 6"
SIZES = (30, 100, 1000)
TEMPERATURES, SQUEEZINGS = np.linspace(0.1, 0.82, 25), np.linspace(0.05, 1.5, 30)
ONE_K = 1.0
PRINTED_CRITICAL = 0.75  # at k = 1, the text of figure 6


def compute(progress: Say) -> xr.Dataset:
    """late (N, T) and late_limit (T) of 𝓔 at k = 1, eq. 74; critical (N, k) and critical_limit (k), NaN where nothing
    is entangled at the lowest T."""
    columns = []
    for T in TEMPERATURES:
        fixed = {"coupling": 1.0, "T": float(T)}
        ks = np.append(SQUEEZINGS, ONE_K)
        late = in_time("k", ks, fixed, SIZES, (0.0, LATE), lambda text: None).isel(time=-1, drop=True)
        progress(f"late entanglement at T = {T:.2f}")
        columns.append(late)
    late = xr.concat(columns, xr.IndexVariable("T", TEMPERATURES))  # (T, case, N)
    one = late.isel(case=-1, drop=True)
    grid = late.isel(case=slice(0, -1))
    critical = [[_zero(grid["exact"].sel(N=N).isel(case=j).values) for j in range(len(SQUEEZINGS))] for N in SIZES]
    limit = [_zero(grid["limit"].isel(case=j).values) for j in range(len(SQUEEZINGS))]
    return xr.Dataset(
        {
            "late": one["exact"].transpose("N", "T"),
            "late_limit": one["limit"],
            "late_printed": ("T", [late_74(T, ONE_K) for T in TEMPERATURES]),
            "critical": (("N", "k"), np.array(critical)),
            "critical_limit": ("k", np.array(limit)),
        },
        {"k": SQUEEZINGS},
    )


def _zero(values: np.ndarray) -> float:
    """The temperature at which 𝓔 goes through zero, by interpolation on the grid."""
    if values[0] <= 0 or values[-1] >= 0:
        return np.nan
    first = int(np.argmax(values <= 0))
    near = slice(max(first - 4, 0), first + 4)
    return float(PchipInterpolator(-values[near], TEMPERATURES[near])(0.0))


def draw(data: xr.Dataset) -> Figure:
    """Left: late E against T. Right: the plane of k and T."""
    figure = two_columns(3.0)
    left, right = figure.subplots(1, 2)
    T, k, sizes = data["T"].values, data["k"].values, data["N"].values
    curves(left, T, data["late"].values, data["late_limit"].values, sizes)
    left.plot(T, data["late_printed"].clip(min=0), **PRINTED_LINE, label="eq. 74")
    left.set(
        xlabel="temperature T (ω)", ylabel=f"log negativity E at t = {LATE:g}/ω", xlim=(T[0], T[-1]), ylim=(0, 0.25)
    )
    left.set_title("(a) squeezing k = 1")

    limit, lowest = data["critical_limit"].values, T[0]
    right.fill_between(k, 0, limit, color="#DCEAF5", lw=0)
    right.plot(k, limit, **(DERIVED_LINE | {"lw": 2.6}))
    for row, N, shade in zip(data["critical"].values, sizes, greys(len(sizes)), strict=True):
        right.plot(k, row, color=shade, lw=1.0, label=f"N = {size(N)}")
        known = np.flatnonzero(np.isfinite(row))
        if len(known) and known[-1] + 1 < len(k):  # nothing is entangled any more at the lowest temperature
            last = known[-1]
            right.plot(k[last : last + 2], [row[last], lowest], color=shade, lw=1.0, ls=":")
    right.plot([ONE_K], [PRINTED_CRITICAL], "D", ms=5, mfc="none", mew=1.3, color=PRINTED)
    right.text(0.14, 0.15, "limit: entanglement lasts", transform=right.transAxes)
    right.text(0.15, 0.92, "limit: none", transform=right.transAxes)
    right.set(xlabel="squeezing k", ylabel="critical temperature $T_c$ (ω)", xlim=(k[0], k[-1]), ylim=(0.1, 0.9))
    right.set_title("(b) where entanglement lasts")
    legend_below(figure, left, 6, "coupling λ = 1 (Benatti et al. 2017, figure 6; diamond: its printed $T_c$ at k = 1)")
    message(
        figure, "Entanglement lasts below a critical temperature, which strongly squeezed finite chains do not reach"
    )
    return figure
