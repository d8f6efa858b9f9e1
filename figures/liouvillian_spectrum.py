"""Slow eigenvalues of the Liouvillian of the Hopfield network at several N, beside sums of the eigenvalues of the
mean-field stability matrix, and how fast they go there.

No paper has this figure: Fiorelli 2024 derives the matrix Q that relaxes fluctuations in Theorem 2.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from comparison import compare_spectrum
from comparison.report.axes import few_decades
from figures.frame.convergence import distances, slope
from figures.frame.figure import Say
from figures.frame.style import DERIVED, EXACT, OTHERS, greys, message, two_columns
from finite_n.systems import hopfield

SHOWS = (
    "The slow eigenvalues of the exact Liouvillian go to sums of the mean-field stability eigenvalues, with a distance "
    "that falls as 1/N."
)
BESIDE = "Fiorelli 2024, Theorem 2"
OMEGA, BETA = 0.3, 0.4
SIZES = (8, 12, 16, 24, 32, 48, 64)
COUNT = 9


def compute(progress: Say) -> xr.Dataset:
    """exact (mode, N) and predicted (mode) eigenvalues, real and imaginary parts, with the sum in words and its number
    of quanta."""
    found = compare_spectrum(hopfield(OMEGA, BETA), SIZES, COUNT, progress=lambda n: progress(f"N = {n}"))
    tracks = [x for x in found.tracks if x.predicted is not None]
    exact = np.array([x.values for x in tracks])
    predicted = np.array([x.predicted.value for x in tracks])
    return xr.Dataset(
        {
            "exact_real": (("mode", "N"), exact.real),
            "exact_imaginary": (("mode", "N"), exact.imag),
            "predicted_real": ("mode", predicted.real),
            "predicted_imaginary": ("mode", predicted.imag),
            "quanta": ("mode", [sum(map(abs, x.predicted.coefficients)) for x in tracks]),
        },
        {"mode": [str(x.predicted) for x in tracks], "N": found.sizes},
    )


def draw(data: xr.Dataset) -> Figure:
    """Left: the complex plane. Right: distances of the first modes."""
    figure = two_columns(3.1)
    message(figure, "Slow eigenvalues of the exact Liouvillian go to mean-field stability eigenvalues and their sums")
    plane, rate = figure.subplots(1, 2, width_ratios=(1.2, 1))
    sizes = data["N"].values
    exact = data["exact_real"] + 1j * data["exact_imaginary"]
    predicted = data["predicted_real"] + 1j * data["predicted_imaginary"]
    for n, shade in zip(sizes, greys(len(sizes)), strict=True):
        at = exact.sel(N=n).values
        plane.plot(at.real, at.imag, "o", color=shade, ms=3, label=f"exact, N = {n}" if n == sizes[0] else f"N = {n}")
    plane.plot(predicted.real, predicted.imag, "x", color=DERIVED, ms=6, mew=1.2, label="mean field")
    for mode, x in zip(data["mode"].values, predicted.values, strict=True):
        below = {"xytext": (0, -9), "va": "top"} if x.imag < 0 else {"xytext": (0, 8), "va": "bottom"}
        plane.annotate(mode, (x.real, x.imag), textcoords="offset points", ha="center", fontsize=7, **below)
    plane.set(
        xlabel="real part (Γ₀); the stationary state is at 0, to the right",
        ylabel="imaginary part (Γ₀)",
        ylim=(-1.5, 1.5),
    )
    plane.margins(x=0.12)
    plane.set_title("(a) mean field: eigenvalues q of stability, and sums")
    plane.legend(loc=(0.43, 0.02), frameon=True, edgecolor="0.7", fancybox=False)

    looks = {
        "q₁": (EXACT, "o"),
        "q₂": (OTHERS[2], "s"),
        "2q₁": (OTHERS[3], "D"),
        "q₂ + q₃": (OTHERS[0], "^"),
    }
    for mode, (colour, marker) in looks.items():
        off = np.abs(exact - predicted).sel(mode=mode).values
        distances(rate, sizes, off, color=colour, marker=marker, label=mode)
    slope(rate, sizes, off[-1], 1, r"$\propto 1/N$")
    rate.set_ylabel("distance of the exact eigenvalue (Γ₀)")
    few_decades(rate)
    rate.legend(ncols=2)
    rate.set_title("(b) distances fall about as 1/N")
    return figure
