"""Logarithmic axes of figures: every size at its tick, and labels where there are few powers of ten."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter


def sizes_at_ticks(axes: Axes, sizes: Sequence[int], **look) -> None:
    """Every N at its tick of the horizontal axis, and no other ticks. look : options of the labels"""
    axes.set_xticks(list(sizes), [str(N) for N in sizes], **look)
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.minorticks_off()


def few_decades(axes: Axes) -> None:
    """Label 1, 2 and 5 of every power of ten on the vertical axis, for an axis with one or two of them."""
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def label_few_decades(axes: Axes) -> None:
    """`few_decades`, if there are as few as that."""
    low, high = axes.get_ylim()
    if high < 100 * low:
        few_decades(axes)
