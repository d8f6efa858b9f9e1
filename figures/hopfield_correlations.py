"""Correlations of two large spins of the Hopfield network at rest: entanglement over the plane of temperature and
field, and discord and classical correlations on a cut, by the derived limit, exact numbers and the printed limit.

Stands beside Fiorelli 2024, figure 3, and its statement that the logarithmic negativity vanishes everywhere.
"""

from __future__ import annotations

import matplotlib
import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from comparison.claims.fiorelli_2024.correlations_map import CYCLE_BELOW, FIELDS, TEMPERATURES, correlations_map
from figures.frame.figure import Say
from figures.frame.style import DERIVED, EXACT, POWERS, PRINTED, PRINTED_LINE, message, one_column

SHOWS = (
    "Two large spins of the Hopfield network are entangled in half of the retrieval phase shown, at all points where "
    "the printed covariance is no state; exact discord and classical correlations follow the derived curves."
)
BESIDE = "Fiorelli 2024, figure 3"
_NOTHING = 1e-12  # drawn for 0 on a logarithmic axis, far below it
_STYLE = {
    "negativity": (DERIVED, "entanglement"),
    "discord": (PRINTED, "discord"),
    "classical": (EXACT, "classical"),
}


def compute(progress: Say) -> xr.Dataset:
    """See `correlations_map`."""
    progress("the plane of temperature and field")
    return correlations_map()


def draw(data: xr.Dataset) -> Figure:
    """The plane above, the cut below."""
    figure = one_column(5.3)
    message(figure, "Two large spins are entangled just where the\ncovariance of Fiorelli 2024 violates uncertainty")
    plane, cut = figure.subplots(2, 1, height_ratios=(1, 1.05))
    _plane(figure, plane, data)
    _cut(cut, data)
    return figure


def _plane(figure, axes, data: xr.Dataset) -> None:
    t, w = data["temperature"].values, data["field"].values
    value = np.ma.masked_invalid(data["negativity"].values.T)
    colours = matplotlib.colormaps["Blues"].with_extremes(bad="0.88")
    image = axes.pcolormesh(t, w, value, cmap=colours, vmin=0, shading="nearest", rasterized=True)
    figure.colorbar(image, ax=axes, label="entanglement (log. negativity, nats)", pad=0.02)
    unphysical = np.nan_to_num(data["printed_nu"].values.T, nan=1.0) < 1 - 1e-9
    axes.contourf(t, w, unphysical, levels=[0.5, 1.5], colors="none", hatches=["///"])
    where = {"levels": [0.5], "linewidths": 2.4, "colors": DERIVED}
    axes.contour(t, w, np.nan_to_num(data["negativity"].values.T) > 1e-9, **where)
    axes.contour(
        t, w, data["printed_nu"].values.T, levels=[1.0], colors=PRINTED, linewidths=1.2, linestyles=[PRINTED_LINE["ls"]]
    )
    axes.plot([], [], color=DERIVED, lw=2.4, label="edge of entanglement")
    axes.plot([], [], **PRINTED_LINE | {"lw": 1.2}, label="edge of the hatched part")
    top = data["largest_field"].values
    axes.plot(t, top, "k-", lw=1)
    axes.plot([CYCLE_BELOW, CYCLE_BELOW], [0.25, w[-1]], "k--", lw=1)
    axes.text(0.66, 0.15, "retrieval", ha="center", va="center")
    axes.text(0.83, 0.42, "paramagnet", ha="center")
    axes.text(0.56, 0.5, "limit\ncycle", ha="center", va="center")
    axes.axhline(float(data.attrs["omega"]), color="0.35", lw=0.8, ls=":")
    axes.set(
        xlabel="temperature T", ylabel="field Ω", xlim=(TEMPERATURES[0], TEMPERATURES[-1]), ylim=(FIELDS[0], FIELDS[-1])
    )
    axes.legend(loc=(0.0, 0.0), handlelength=2.2)
    axes.set_title("(a) hatched: printed covariance is no state")


def _cut(axes, data: xr.Dataset) -> None:
    t = data["temperature"].values
    for name, (colour, label) in _STYLE.items():
        line = data[f"line_{name}"].values
        width = 2.4 if name == "discord" else 1.0
        axes.plot(t, np.maximum(line, _NOTHING), color=colour, lw=width, label=label)
        axes.plot(
            t,
            np.where(data[f"line_printed_{name}"] > 0, data[f"line_printed_{name}"], np.nan),
            "--",
            color=colour,
            lw=1,
        )
        known = data[f"exact_{name}"].values
        axes.plot(data["point"], np.where(known > 0, known, np.nan), "o", color=colour, ms=3 + width, mfc="white")
    axes.plot([], [], "--", color="0.4", lw=1, label="as printed")
    axes.plot([], [], "o", color="0.4", ms=3.5, mfc="white", label="exact, N → ∞")
    axes.set(xlabel="temperature T", ylabel="correlations (nats)", yscale="log", xlim=(0.2, 0.8))
    axes.set_ylim(1e-6, 20)
    axes.legend(ncols=2, loc="upper left", columnspacing=1.0)
    axes.tick_params("y", labelsize=POWERS)
    axes.set_title(f"(b) Ω = {data.attrs['omega']:g}, dotted above; solid: derived")
