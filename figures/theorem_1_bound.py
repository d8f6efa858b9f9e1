"""Theorem 1 of Fiorelli et al. 2023: the exact error of mean field beside the bound with all its constants, and until
when the bound says more than what every state obeys.

Stands beside Fiorelli et al. 2023, Theorem 1, for which the paper has no figure.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from comparison import theorem_bound
from comparison.claims.fiorelli_2023.bound_table import SYSTEMS
from comparison.report.axes import few_decades
from figures.frame.convergence import distances, slope
from figures.frame.figure import Say
from figures.frame.style import EXACT, POWERS, PRINTED, PRINTED_LINE, greys, message, two_columns

SHOWS = (
    "The bound of Theorem 1 holds, but it leaves what every state obeys after a hundredth of a relaxation time, while "
    "the exact error of mean field stays small and falls as 1/N."
)
BESIDE = "Fiorelli et al. 2023, Theorem 1"
CURVES = "Hopfield, heat bath, Ω = 0.3, β = 0.8"
SIZES = (8, 16, 32, 64)
TIMES = (0.0, *np.geomspace(1e-4, 3, 60))
FEW = {1: (8, 16, 32, 64), 2: (8, 12, 16, 24)}  # sizes of all systems, by the number of large spins
_OF_ALL = (0.0, 1e-3, 1.0)
_MOST = 1e3  # of the bound that is drawn


def compute(progress: Say) -> xr.Dataset:
    """error and log10_bound (N, time) of CURVES; of all systems: horizon, ratio log₁₀(bound/E_N) at t = 1 and the
    exponent of E_N, at their largest size, and that size."""
    make, start = SYSTEMS[CURVES]
    progress(CURVES)
    curves = theorem_bound(make(), start, TIMES, SIZES)
    rows = []
    for name, (system, state) in SYSTEMS.items():
        progress(name)
        model = system()
        sizes = FEW[len(model.species)]
        found = theorem_bound(model, state, _OF_ALL, sizes)
        last = (found.horizon[-1], found.looseness[-1, -1], found.rate().asymptotic, found.error[-1, -1])
        rows.append((*last, sizes[-1]))
    horizon, ratio, exponent, error, size = np.array(rows).T
    most = 2 + (curves.dim - 1) / np.array(SIZES, float)
    return xr.Dataset(
        {
            "error": (("N", "time"), curves.error),
            "log10_bound": (("N", "time"), curves.log_bound / np.log(10)),
            "any_state": ("N", most),
            "curve_horizon": ("N", curves.horizon),
            "horizon": ("system", horizon),
            "log10_ratio": ("system", ratio),
            "exponent": ("system", exponent),
            "last_error": ("system", error),
            "size": ("system", size),
        },
        {"N": list(SIZES), "time": np.array(TIMES), "system": list(SYSTEMS)},
    )


def draw(data: xr.Dataset) -> Figure:
    """Left: error and bound against time. Middle: against N. Right: how long the bound says something."""
    figure = two_columns(2.9)
    message(figure, "The bound of Theorem 1, Fiorelli et al. 2023, holds but is soon above what every state obeys")
    curves, rate, horizons = figure.subplots(1, 3, width_ratios=(1.2, 0.85, 1.1))
    _curves(curves, data)
    _rate(rate, data)
    _horizons(horizons, data)
    return figure


def _curves(axes, data: xr.Dataset) -> None:
    t, sizes = data["time"].values[1:], data["N"].values
    bound = 10 ** np.minimum(data["log10_bound"].transpose("N", "time").values[:, 1:], 6)
    ends = {sizes[0]: greys(2)[0], sizes[-1]: greys(2)[1]}  # others lie between
    for n, error, above in zip(sizes, data["error"].values[:, 1:], bound, strict=True):
        if n in ends:
            axes.plot(t, error, color=ends[n], lw=1.4, label=f"exact, N = {n}")
            axes.plot(t, above, **PRINTED_LINE | {"lw": 1.0 if n == sizes[0] else 2.0}, label="its bound")
    axes.axhspan(float(data["any_state"].min()), _MOST, color="0.93", zorder=0)
    axes.text(2.4, 20, f"error above {float(data['any_state'].min()):.3g}\nimpossible", va="center", ha="right")
    axes.set(xscale="log", yscale="log", xlabel="time t (inverse rate)", ylabel=r"error $E_N$ of mean field")
    axes.set(xlim=(t[0], t[-1]), ylim=(5e-4, _MOST))
    axes.legend(loc="lower left", ncols=2, columnspacing=0.8, handlelength=1.4)
    axes.tick_params("both", labelsize=POWERS)
    axes.set_title("(a) Hopfield network, Ω = 0.3")


def _rate(axes, data: xr.Dataset) -> None:
    sizes, t = data["N"].values, data["time"].values
    at = int(np.argmin(np.abs(t - 1.0)))
    error = data["error"].values[:, at]
    distances(axes, sizes, error, color=EXACT, label=f"exact, t = {t[at]:.2f}")
    slope(axes, sizes, error[-1], 1, r"$\propto 1/N$")
    axes.set(ylabel=r"error $E_N$ of mean field", ylim=(error[-1] / 2, error[0] * 3))
    few_decades(axes)
    axes.legend()
    axes.set_title("(b) the same, at one time")


def _horizons(axes, data: xr.Dataset) -> None:
    few = (data["size"] < data["size"].max()).values
    names = [_short(str(name)) + ("*" if less else "") for name, less in zip(data["system"].values, few, strict=True)]
    y = np.arange(len(names))[::-1]
    horizon = data["horizon"].values
    axes.plot(horizon, y, "s", color=PRINTED, ms=4)
    for x, place, name in zip(horizon, y, names, strict=True):
        axes.text(1.6 * x, place, name, va="center", fontsize=7)
    axes.set(xscale="log", xlim=(horizon.min() / 2, 2), ylim=(-0.7, len(names) - 0.3), yticks=[])
    axes.set(xlabel="time at which the bound is void")
    axes.tick_params("x", labelsize=POWERS)
    sizes = f"N = {data['size'].max():g}" + (f", * N = {data['size'].min():g}" if any(few) else "")
    axes.set_title(f"(c) eight systems, {sizes}")


def _short(name: str) -> str:
    for long, short in (
        ("kinetically constrained, γ_• = 1, γ_◦ = 0.5", "constrained"),
        ("Hopfield, ", ""),
        (" rates", ""),
    ):
        name = name.replace(long, short)
    return name.split(", Ω")[0].replace("the same", "constrained")
