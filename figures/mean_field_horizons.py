"""Until when theories of infinitely many particles hold at finite N: at an unstable point, on a limit cycle, and for a
formula that is wrong.

No paper has this figure. The formula is that of Fiorelli 2024, eq. 50, for Σ_zz of the Hopfield network.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from comparison import build, horizon
from figures.frame.figure import Say
from figures.frame.style import DERIVED, GUIDE, OTHERS, PRINTED, greys, message, two_columns
from finite_n.systems import hopfield, superradiance

SHOWS = (
    "Mean field holds until a time that grows with N on a limit cycle and with log N at an unstable point, while a "
    "formula that is wrong fails at one and the same time at every N."
)
BESIDE = "Fiorelli 2024, eq. 50"
TOLERANCE = 0.1
CYCLE_SIZES = (20, 40, 80, 160)
UNSTABLE_SIZES = (20, 40, 80, 160, 320, 640, 1280)
WRONG_SIZES = (20, 40, 80, 160)
UP = (0.0, 0.0, 1.0)
CYCLE_STOP, UNSTABLE_STOP = 16.0, 6.0


def compute(progress: Say) -> xr.Dataset:
    """time (case, N) of the horizons, NaN at sizes without one, with errors; distance (N_cycle, t) on the cycle."""
    progress("limit cycle")
    t = np.linspace(0, CYCLE_STOP, 161)
    cycle = horizon(hopfield(0.6, 1 / 0.6), UP, t, CYCLE_SIZES, tolerance=TOLERANCE)
    progress("unstable point")
    unstable = horizon(superradiance(), UP, np.linspace(0, UNSTABLE_STOP, 121), UNSTABLE_SIZES, tolerance=TOLERANCE)
    progress("printed covariance")
    study = build({"system": "hopfield", "sizes": list(WRONG_SIZES), "times": {"stop": 1.0, "points": 41}})
    printed = next(claim for claim in study.all_claims if claim.name == "printed")
    wrong = horizon(
        study.model, study.rho0, study.tlist, WRONG_SIZES, printed, tolerance=TOLERANCE, quantities=["cov_zz"]
    )
    found = {"cycle": cycle, "unstable": unstable, "wrong": wrong}
    sizes = sorted({n for h in found.values() for n in h.sizes})
    shape = (len(found), len(sizes))
    time, error = np.full(shape, np.nan), np.full(shape, np.nan)
    for j, h in enumerate(found.values()):
        at = [sizes.index(n) for n in h.sizes]
        time[j, at], error[j, at] = h.time, h.error
    return xr.Dataset(
        {
            "time": (("case", "N"), time),
            "time_error": (("case", "N"), error),
            "distance": (("N_cycle", "t"), cycle.distance),
        },
        {"case": list(found), "N": sizes, "N_cycle": cycle.sizes, "t": cycle.times},
        {"tolerance": TOLERANCE, "growth_rate": unstable.rate},
    )


def draw(data: xr.Dataset) -> Figure:
    """Left: distance against time on the limit cycle. Right: horizons against N."""
    figure = two_columns(3.1)
    message(figure, "Mean field holds until a time t* that grows as N or as log N; that of a wrong formula never grows")
    left, right, last = figure.subplots(1, 3, width_ratios=(1.15, 1, 1))
    tolerance = data.attrs["tolerance"]
    t, sizes = data["t"].values, data["N_cycle"].values
    for n, shade in zip(sizes, greys(len(sizes)), strict=True):
        off = data["distance"].sel(N_cycle=n).values
        left.plot(t, off, color=shade, lw=1, label=f"exact, N = {n}" if n == sizes[0] else f"N = {n}")
    left.axhline(tolerance, color=DERIVED, ls="--", lw=0.8)
    crossing = data["time"].sel(case="cycle", N=sizes).values
    left.plot(crossing, np.full(len(sizes), tolerance), "o", color=DERIVED, ms=5, label="t*")
    left.set(xlabel="time t (1/Γ₀)", ylabel="distance of averages from mean field", xlim=(t[0], t[-1]), ylim=(0, 0.62))
    left.legend(loc="upper left", ncols=2, columnspacing=1)
    left.set_title("(a) limit cycle: first off by 0.1")

    looks = {
        "cycle": (right, DERIVED, "o", "limit cycle: about as N", (18, 24)),
        "wrong": (right, PRINTED, "^", "eq. 50 of Fiorelli 2024, as\nprinted: it never grows", (18, 0.2)),
        "unstable": (last, OTHERS[0], "s", "line: slope 1/(2κ), with\nκ the growth rate", (18, 3.9)),
    }
    for case, (axes, colour, marker, name, place) in looks.items():
        of = data["time"].sel(case=case).dropna("N")
        axes.errorbar(of["N"], of, data["time_error"].sel(case=case, N=of["N"]), fmt=marker, color=colour, ms=4.5)
        axes.text(*place, name, color=colour, va="center", fontsize=7)
        axes.set(xscale="log", xlabel="number of particles N")
    cycle, unstable = (data["time"].sel(case=case).dropna("N") for case in ("cycle", "unstable"))
    right.plot(sizes, float(cycle[-1]) * sizes / sizes[-1], color=GUIDE, lw=1, zorder=1)
    right.set(yscale="log", ylabel="time t* (1/Γ₀)", ylim=(0.05, 40), xlim=(15, 220))
    right.set_xticks(list(sizes), [str(n) for n in sizes])
    right.minorticks_off()
    right.set_title("(b) t* of right and wrong")
    n = unstable["N"].values
    law = float(unstable[-1]) + np.log(n / n[-1]) / (2 * data.attrs["growth_rate"])
    last.plot(n, law, color=GUIDE, lw=1, zorder=1)
    last.set(ylabel="time t* (inverse rate)", xlim=(15, 2000), ylim=(0, None))
    last.set_title("(c) t* as log N, unstable point")
    return figure
