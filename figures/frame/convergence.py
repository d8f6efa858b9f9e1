"""Panels that several figures draw: exact curves for several N, and a distance that falls with N."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from comparison.report.axes import sizes_at_ticks
from figures.frame.style import EXACT, GUIDE, greys


def exact_curves(axes: Axes, x: np.ndarray, values: np.ndarray, sizes: Sequence[int], name: str = "exact") -> None:
    """Grey curves of exact numbers, darker with N; the first label has the name. values : (N, x)"""
    for N, curve, shade in zip(sizes, values, greys(len(sizes)), strict=True):
        axes.plot(x, curve, color=shade, lw=1.0, label=f"{name}, N = {N}" if N == sizes[0] else f"N = {N}")


def distances(axes: Axes, sizes: Sequence[int], values: np.ndarray, **look) -> None:
    """Points of a distance at several N on logarithmic axes, with every N at its tick."""
    axes.set(xscale="log", yscale="log", xlabel="number of particles N")
    axes.plot(sizes, values, **({"ls": "none", "marker": "o", "ms": 4.5, "color": EXACT} | look))
    sizes_at_ticks(axes, sizes)


def slope(axes: Axes, sizes: Sequence[int], last: float, power: float, label: str, ls: str = "-") -> None:
    """A line that falls as N^−power and ends at `last` at the largest N."""
    N = np.array([sizes[0], sizes[-1]], float)
    axes.plot(N, last * (N[-1] / N) ** power, color=GUIDE, lw=1, ls=ls, zorder=1, label=label)
