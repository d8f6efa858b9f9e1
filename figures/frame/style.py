"""The one style of all figures: widths of journals, sizes of text, and what each colour and dash stands for.

Exact numbers are grey, darker with N, or black points; what is derived is a blue line; what a paper prints is a dashed
orange line. The colours are of Okabe and Ito, and of different lightness, so that colour-blind readers and grey
print keep them apart; `tests/figures/test_all_figures.py` measures that on every figure.
"""

from __future__ import annotations

import matplotlib
import numpy as np
from matplotlib.figure import Figure

ONE_COLUMN, TWO_COLUMNS = 3.4, 7.0  # inches
SMALLEST_TEXT = 6.0  # points
POWERS = 8.6  # points of ticks such as 10⁻³, so that exponents, 0.7 of it, have 6
DERIVED, PRINTED = "#0072B2", "#D55E00"
EXACT = "#000000"
GUIDE = "0.6"  # of slopes, zero lines
OTHERS = ("#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # further theories or quantities
DERIVED_LINE = {"color": DERIVED, "lw": 1.6}
PRINTED_LINE = {"color": PRINTED, "lw": 1.6, "ls": (0, (4, 1.5))}
EXACT_POINTS = {"color": EXACT, "ls": "none", "marker": "o", "ms": 3.5, "mfc": "white", "mew": 0.9}
DOTS = 200  # per inch, of PNGs
_LIGHTEST, _DARKEST = 0.3, 1.0  # of matplotlib's Greys

RC = {
    "font.size": 8,
    "axes.labelsize": 8,
    "axes.titlesize": 8,
    "axes.titlelocation": "left",
    "axes.linewidth": 0.6,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "legend.handlelength": 1.8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "lines.linewidth": 1.2,
    "hatch.linewidth": 0.4,
    "figure.constrained_layout.w_pad": 0.06,  # inches; labels stay off the neighbouring axes
    "pdf.fonttype": 42,  # text of PDFs can be searched
}


def one_column(height: float) -> Figure:
    """An empty figure of one column, 3.4 inches wide; height in inches."""
    return Figure(figsize=(ONE_COLUMN, height), layout="constrained")


def two_columns(height: float) -> Figure:
    """An empty figure of two columns, 7 inches wide; height in inches."""
    return Figure(figsize=(TWO_COLUMNS, height), layout="constrained")


def message(figure: Figure, text: str) -> None:
    """What the figure says, in bold above all panels."""
    figure.suptitle(text, x=0.005, ha="left", fontsize=8.5, weight="bold")


def greys(count: int) -> np.ndarray:
    """Colours of `count` exact curves from the smallest N, light, to the largest, black; shape (count, 4)."""
    return matplotlib.colormaps["Greys"](np.linspace(_LIGHTEST, _DARKEST, count) if count > 1 else [_DARKEST])
