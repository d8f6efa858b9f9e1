"""The figure of a horizon: how far exact numbers are from the theory, and when they leave it at every N."""

from __future__ import annotations

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from comparison.convergence.horizon import Horizon
from comparison.report.axes import label_few_decades, sizes_at_ticks
from comparison.report.figure import CLAIM_COLOURS, label

_DIGITS = 6  # powers of ten shown below the tolerance


def horizon_figure(found: Horizon) -> Figure:
    """Left: distance to the theory against time at every N, with the tolerance. Right: t* against N, with error bars,
    open triangles where the theory holds until the last time, and the law that was found."""
    figure = Figure(figsize=(9.0, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    _distances(left, found)
    _times(right, found)
    return figure


def _distances(axes, h: Horizon) -> None:
    shades = matplotlib.colormaps["Greys"](np.linspace(0.35, 0.95, len(h.sizes)))
    named = set(h.sizes) if len(h.sizes) <= 7 else {h.sizes[0], h.sizes[len(h.sizes) // 2], h.sizes[-1]}
    for N, distance, shade in zip(h.sizes, h.distance, shades, strict=True):
        shown = np.where(distance > 0, distance, np.nan)
        axes.semilogy(h.times, shown, color=shade, lw=1.3, label=f"exact, N = {N}" if N in named else None)
    axes.axhline(h.tolerance, color=CLAIM_COLOURS[1], ls="--", lw=1.5, label=f"tolerance {h.tolerance:g}")
    left = np.isfinite(h.time)
    axes.plot(h.time[left], np.full(left.sum(), h.tolerance), "o", color=CLAIM_COLOURS[0], ms=5, label="$t^*$")
    later = h.distance[:, 1:][h.distance[:, 1:] > h.tolerance * 10.0**-_DIGITS]
    low, high = min(later.min(initial=h.tolerance), h.tolerance) / 2, 2 * max(h.distance.max(), h.tolerance)
    axes.set(xlabel="t", ylim=(low, high), xlim=(h.times[0], h.times[-1]))
    what = label(h.quantities[0]) if len(h.quantities) == 1 else "largest of all"
    axes.set_ylabel(f"|exact − {h.theory}| / max(1, |{h.theory}|), {what}", fontsize=8.5)
    axes.legend(fontsize=7.5, frameon=False, loc="lower right")


def _times(axes, h: Horizon) -> None:
    """Axes are those in which the law is a straight line: t* against log N, else both logarithmic."""
    sizes, since = np.array(h.sizes), h.time - h.start
    left = np.isfinite(since) & (since > 0)
    straight = h.growth.law == "log N" or not left.any()
    axes.set_xscale("log")
    axes.set_yscale("linear" if straight else "log")
    below, above = since[left] - (h.low[left] - h.start), h.high[left] - h.time[left]
    above = np.where(np.isfinite(above), above, 0.0)
    bars = {"fmt": "o", "color": CLAIM_COLOURS[0], "ms": 6, "capsize": 3}
    if left.any():
        axes.errorbar(sizes[left], since[left], np.clip([below, above], 0, None), **bars, label="exact, $t^*$")
    held = ~np.isfinite(since)
    if held.any():
        until = h.low[held] - h.start
        look = {"marker": "^", "ls": "none", "mfc": "none", "color": CLAIM_COLOURS[1], "ms": 7}
        axes.plot(sizes[held], until, **look, label="holds at least until")
    if not (left.any() or held.any()):
        axes.text(0.5, 0.5, "off by more at the first time", ha="center", transform=axes.transAxes)
    axes.margins(x=0.08, y=0.1)
    if left.sum() >= 2 and h.growth.law in ("log N", "power of N"):
        _law(axes, h, sizes[left].astype(float), since[left])
    sizes_at_ticks(axes, sizes, rotation=45 if len(sizes) > 6 else 0)
    if not straight:
        label_few_decades(axes)
    clock = "t*" if h.start == 0 else f"t* − {h.start:g}"
    axes.set(xlabel="N", ylabel=f"{clock}: {h.theory} off by {h.tolerance:g}")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=7.5, frameon=False)


def _law(axes, h: Horizon, sizes: np.ndarray, since: np.ndarray) -> None:
    """The line of the law through the time of the largest size."""
    g, N = h.growth, np.geomspace(sizes[0], sizes[-1], 50)
    if g.law == "log N":
        line, name = since[-1] + g.slope.value * np.log(N / sizes[-1]), f"({g.slope}) log N + const"
    else:
        line, name = since[-1] * (N / sizes[-1]) ** g.exponent.value, rf"$\propto N^p$, p = {g.exponent}"
    axes.plot(N, line, color="0.5", lw=1.2, zorder=1, label=name)
    if np.isfinite(h.rate) and g.law == "log N":
        line = since[-1] + np.log(N / sizes[-1]) / (2 * h.rate)
        axes.plot(N, line, color=CLAIM_COLOURS[2], ls=":", lw=1.5, zorder=1, label=f"log N / (2γ), γ = {h.rate:.4g}")
