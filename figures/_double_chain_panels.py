"""Panels that the figures of the double chain share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.frame.style import DERIVED_LINE, greys

LETTERS = "abcd"


def size(N: int) -> str:
    """N as readers write it: 10, 1000, 10⁴."""
    power = round(np.log10(N))
    return f"$10^{power}$" if N >= 10_000 and N == 10**power else str(N)


def curves(axes: Axes, x, exact: np.ndarray, limit: np.ndarray, sizes: Sequence[int]) -> None:
    """Positive parts of 𝓔: the limit as a broad blue line, the same function of exact covariances of N sites over
    it. exact : (N, x)"""
    axes.plot(x, np.clip(limit, 0, None), **(DERIVED_LINE | {"lw": 2.6}), label="Gaussian limit, N → ∞")
    for N, y, shade in zip(sizes, exact, greys(len(sizes)), strict=True):
        name = "exact covariances, " if N == sizes[0] else ""
        axes.plot(x, np.clip(y, 0, None), color=shade, lw=1.0, label=f"{name}N = {size(N)}")


def largest_panel(axes, data: xr.Dataset, label: str, first: float, top: float) -> None:
    """The panel (d): the largest E of all times against the parameter, from `first` on, as `largest` gives it."""
    values = data["value"].values
    curves(axes, values, data["most"].values, data["most_limit"].values, data["N"].values)
    limits = {"xlim": (first, values[-1]), "ylim": (0, top)}
    axes.set(xlabel=label, ylabel="largest E", title="(d) largest E of all t", **limits)


def time_panels(axes: Sequence[Axes], data: xr.Dataset, name: str, unit: str = "", words_at: float = 0.93) -> None:
    """One panel for every case, with E in time; words_at : height of what is said of sizes without entanglement."""
    t, sizes = data["time"].values, data["N"].values
    for panel, letter, value in zip(axes, LETTERS, data["case"].values, strict=False):
        one = data.sel(case=value)
        curves(panel, t, one["exact"].transpose("N", "time").values, one["limit"].values, sizes)
        if none := [size(N) for N in sizes if float(one["exact"].sel(N=N).max()) <= 0]:
            look = {"transform": panel.transAxes, "ha": "right", "va": "top", "fontsize": 6.5}
            panel.text(0.97, words_at, f"E = 0 for N =\n{', '.join(none)}", **look)
        panel.set(
            xlabel="time t (1/ω)", xlim=(t[0], t[-1]), ylim=(0, None), title=f"({letter}) {name} = {value:g}{unit}"
        )
    axes[0].set_ylabel("log negativity E")
    for panel in axes[1:]:
        panel.sharey(axes[0])
        panel.tick_params(labelleft=False)


def legend_below(figure: Figure, axes: Axes, columns: int, fixed: str) -> None:
    """One legend for all panels, with what is the same in all of them above it."""
    look = {"ncols": columns, "columnspacing": 1.4, "title": fixed, "title_fontsize": 7}
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", **look)
