"""Photons of Dicke's model: exact for N spins, the resummed limit of linear modes, and the second order of eq. 2.9;
below the superradiant transition and above it.

Stands beside Merkli and Rafiyi 2018, section 2.1, which has no figure: spins with p = 0.3, the field in its vacuum,
ω₀ = 1, ν = 0.8, λ = 0.25; above the transition spins down and λ = 1.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from figures.frame.convergence import distances, exact_curves, slope
from figures.frame.figure import Say
from figures.frame.style import DERIVED, DERIVED_LINE, PRINTED, PRINTED_LINE, message, two_columns
from finite_n import Field, evolve
from finite_n.systems import dicke_model
from meanfield import Limit

SHOWS = (
    "The photon number of Dicke's model goes, as 1/N, to the limit of linear modes, which sums all orders in λ; the "
    "second order fails beyond its printed range and misses superradiant growth."
)
BESIDE = "Merkli and Rafiyi 2018, eq. 2.9"
P, OMEGA0, NU, WEAK, STRONG = 0.3, 1.0, 0.8, 0.25, 1.0
SIZES, LARGE = (2, 4, 8, 16), (8, 32, 128)
WEAK_TIMES, STRONG_TIMES = np.linspace(0.0, 16.0, 65), np.linspace(0.0, 8.0, 41)
PRINTED_RANGE = 2.0  # |t| < 1/(2λ‖g‖), for eq. 2.9
AT = 8.0  # the time at which distances are read, in WEAK_TIMES
_TOLERANCE = 1e-8  # of averages and products; photon numbers have N times that


def compute(progress: Say) -> xr.Dataset:
    """weak (N, time), strong (large, late): photons of N spins; their limits and second orders."""
    weak = dicke_model(OMEGA0, NU, WEAK)
    mixed = {"": [0.0, 0.0, 2 * P - 1], "field": Field()}
    strong, down = dicke_model(OMEGA0, NU, STRONG), {"": [0.0, 0.0, -1.0], "field": Field()}

    def photons(model, start, sizes, times):
        out = []
        for N in sizes:
            progress(f"exact evolution at N = {N}")
            out.append(evolve(model, N, start, times, tol=_TOLERANCE, check=False).number())
        return np.array(out)

    return xr.Dataset(
        {
            "weak": (("N", "time"), photons(weak, mixed, SIZES, WEAK_TIMES)),
            "weak_limit": ("time", Limit(weak).evolve(mixed, WEAK_TIMES).number()),
            "weak_printed": ("time", second_order(WEAK, P, WEAK_TIMES)),
            "strong": (("large", "late"), photons(strong, down, LARGE, STRONG_TIMES)),
            "strong_limit": ("late", Limit(strong).evolve(down, STRONG_TIMES).number()),
            "strong_printed": ("late", second_order(STRONG, 0.0, STRONG_TIMES)),
        },
        {"N": list(SIZES), "time": WEAK_TIMES, "large": list(LARGE), "late": STRONG_TIMES},
    )


def second_order(lam: float, p: float, t: np.ndarray) -> np.ndarray:
    """Eq. 2.9 for one mode with |g|² = 1, (T,)."""
    up, down = OMEGA0 - NU, OMEGA0 + NU
    return lam**2 * (p * (1 - np.cos(up * t)) / up**2 + (1 - p) * (1 - np.cos(down * t)) / down**2)


def draw(data: xr.Dataset) -> Figure:
    """Below the transition in time, distances against N, and above the transition."""
    figure = two_columns(2.8)
    left, middle, right = figure.subplots(1, 3, width_ratios=(1.25, 0.95, 1))
    t, late, sizes = data["time"].values, data["late"].values, data["N"].values
    left.plot(t, data["weak_limit"], **(DERIVED_LINE | {"lw": 2.2}), label="limit: linear modes")
    left.plot(t, data["weak_printed"], **PRINTED_LINE, label="eq. 2.9 of Merkli and Rafiyi\n2018, second order in λ")
    exact_curves(left, t, data["weak"].values, sizes)
    left.set(xlabel="time t (1/ω₀)", ylabel="photon number", xlim=(t[0], t[-1]), ylim=(0, 1.35))
    left.set_title("(a) weak coupling, λ = 0.25")
    left.legend(loc="upper left", fontsize=6.5)
    left.axvspan(0, PRINTED_RANGE, ymax=0.25, color="0.9", lw=0, zorder=0)
    left.text(0.15, 0.36, "eq. 2.9 is\nfor t < 2", fontsize=6.5)

    end = data.sel(time=AT)
    gap = np.abs(end["weak"] - end["weak_limit"]).values
    distances(
        middle, sizes, np.abs(end["weak"] - end["weak_printed"]).values, color=PRINTED, marker="s", label="from eq. 2.9"
    )
    distances(middle, sizes, gap, color=DERIVED, label="from linear modes")
    slope(middle, sizes, gap[-1], 1, r"$\propto 1/N$")
    middle.set(xlabel="number of spins N", ylabel=f"distance of the exact number, t = {AT:g}", ylim=(0.005, 1))
    middle.set_title("(b) the same, beyond that range")
    middle.legend(loc="lower left", fontsize=6.5)

    right.plot(late, data["strong_limit"], **(DERIVED_LINE | {"lw": 2.2}))
    right.plot(late, data["strong_printed"], **PRINTED_LINE)
    exact_curves(right, late, data["strong"].values, data["large"].values)
    right.set(xlabel="time t (1/ω₀)", ylabel="photon number", xlim=(0, late[-1]), yscale="log", ylim=(0.05, 5000))
    right.text(4.4, 0.75, "eq. 2.9", color=PRINTED, ha="center")
    right.text(7.9, 330, "linear\nmodes", color=DERIVED, ha="right", va="center", fontsize=7)
    right.set_title("(c) superradiant, λ = 1")
    right.legend(handles=right.get_lines()[2:], loc="upper left", fontsize=6.5)
    message(figure, "Photons of N spins go to linear modes, which sum all orders of λ and hold beyond eq. 2.9")
    return figure
