"""Mean field of operator-valued rates: exact averages at finite N with both ways to count the flipping particle in its
own rate, and how fast they go to one and the same limit.

Stands beside Fiorelli et al. 2023, sections 3 and 5, eqs. 58, 59 and 70.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from comparison.report.axes import few_decades
from figures.frame.convergence import distances, exact_curves, slope
from figures.frame.figure import Say
from figures.frame.style import DERIVED_LINE, EXACT, GUIDE, OTHERS, message, two_columns
from finite_n import evolve
from finite_n.systems import hopfield, kinetically_constrained
from meanfield import Limit

SHOWS = (
    "Exact averages with operator-valued rates go to the mean-field equations as 1/N, whether the rate counts the "
    "flipping particle or not; at finite N the two differ."
)
BESIDE = "Fiorelli et al. 2023, eqs. 58, 59 and 70"
SIZES = (10, 20, 40, 80, 160)
STOP, POINTS = 4.0, 41
OMEGA, BETA, START = 0.3, 0.8, (0.0, 0.3, 0.4)
UP, DOWN, DRIVE, CONSTRAINED_START = 1.0, 0.5, 0.2, (0.4, 0.0, 0.2)
_LOOKS = ((EXACT, "o", "spin counted in its own rate, eq. 59"), (OTHERS[0], "s", "not counted, eq. 58"))


def compute(progress: Say) -> xr.Dataset:
    """⟨m_z⟩ of two systems: exact (system, counted, N, time), derived (system, counted, time)."""
    t = np.linspace(0, STOP, POINTS)
    exact, derived = np.zeros((2, 2, len(SIZES), POINTS)), np.zeros((2, 2, POINTS))
    for j, (name, start) in enumerate((("hopfield", START), ("constrained", CONSTRAINED_START))):
        for k, counted in enumerate((True, False)):
            model = _model(name, counted)
            derived[j, k] = Limit(model).evolve(start, t).means[:, 2]
            for i, n in enumerate(SIZES):
                progress(f"{name}, particle {'counted' if counted else 'left out'}, N = {n}")
                exact[j, k, i] = evolve(model, n, start, t, tol=1e-9).means[:, 2]
    return xr.Dataset(
        {
            "exact": (("system", "counted", "N", "time"), exact),
            "derived": (("system", "counted", "time"), derived),
        },
        {"system": ["hopfield", "constrained"], "counted": [1, 0], "N": list(SIZES), "time": t},
    )


def _model(name: str, counted: bool):
    if name == "hopfield":
        return hopfield(OMEGA, BETA, "heat_bath", self_energy=counted)
    return kinetically_constrained(UP, DOWN, DRIVE, self_energy=counted)


def draw(data: xr.Dataset) -> Figure:
    """Above: curves, with the particle counted. Below: the largest distance from the limit against N."""
    figure = two_columns(4.6)
    message(figure, "Mean field of Fiorelli et al. 2023 is exact as N → ∞, be a spin counted in its own rate or not")
    panels = figure.subplots(2, 2, height_ratios=(1.1, 1))
    titles = {"hopfield": "Hopfield network, heat bath", "constrained": "spin flips that need excited neighbours"}
    for (curves, rate), (system, title), letters in zip(panels.T, titles.items(), ("ac", "bd"), strict=True):
        _curves(curves, data.sel(system=system), f"({letters[0]}) {title}")
        _rate(rate, data.sel(system=system), f"({letters[1]}) largest distance for all t of ({letters[0]})")
    return figure


def _curves(axes, data: xr.Dataset, title: str) -> None:
    t = data["time"].values
    of = data.sel(counted=1)
    exact_curves(axes, t, of["exact"].transpose("N", "time").values, data["N"].values)
    axes.plot(t, of["derived"], **DERIVED_LINE, label="mean field")
    axes.set(xlabel="time t (inverse rate)", ylabel=r"average $\langle m_z\rangle$ (eq. 59)", xlim=(t[0], t[-1]))
    low, high = axes.get_ylim()
    axes.set_ylim(low - 0.3 * (high - low), high)
    axes.legend(loc="lower left", ncols=2, columnspacing=1)
    axes.set_title(title)


def _rate(axes, data: xr.Dataset, title: str) -> None:
    sizes = data["N"].values
    for (colour, marker, name), counted in zip(_LOOKS, (1, 0), strict=True):
        of = data.sel(counted=counted)
        off = np.abs(of["exact"] - of["derived"]).max("time").values
        distances(axes, sizes, off, color=colour, marker=marker, label=name)
        slope(axes, sizes, off[-1], 1, None)
    axes.plot([], [], color=GUIDE, lw=1, label="∝ 1/N")
    axes.set(ylabel="largest distance\nfrom mean field")
    few_decades(axes)
    axes.set_ylim(axes.get_ylim()[0] / 4, None)
    axes.legend(loc="lower left")
    axes.set_title(title)
