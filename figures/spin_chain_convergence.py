"""Spin chain with a collective dissipator: averages from a general start against the paper's solution, how fast
averages and covariances go to their limits, and the distribution of a fluctuation that grows at the unstable pole.

Stands beside Benatti et al. 2016, eqs. 37–41 and 57, for which the paper has no figure.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from comparison.claims.benatti_2016.study import magnetisation
from figures.frame.convergence import distances, exact_curves, slope
from figures.frame.figure import Say
from figures.frame.style import DERIVED_LINE, EXACT, OTHERS, PRINTED, greys, message, two_columns
from finite_n import evolve
from finite_n.systems import collective_dissipation
from meanfield import Limit

SHOWS = (
    "Exact averages of the spin chain go to the printed solution, and covariances to the derived ones, as 1/N; a "
    "fluctuation that grows becomes Gaussian too, but at larger N."
)
BESIDE = "Benatti et al. 2016, eqs. 37–41 and 57"
LAM, A11, A22, A12, A33 = 0.8, 1.0, 1.2, 0.4, 0.3
START = (0.5, 0.2, -0.3)
POLE = (0.0, 0.0, -0.7)  # the unstable one
SIZES = (10, 20, 40, 80, 160)
SHOWN = (10, 40, 160)  # N of the distribution
STOP, POINTS = 6.0, 61
GROWN = 3.0  # time of the distribution
_X = (0.5, 0.0, 0.0)  # r of F(s_1), s = σ/2


def compute(progress: Say) -> xr.Dataset:
    """⟨m_z⟩: exact (N, time), derived and printed (time); the largest distance of averages and of covariances from the
    limit (N); values and densities of F(s_1) at the unstable pole (shown, index), padded with NaN, and the variance of
    the Gaussian."""
    model, t = collective_dissipation(LAM, A11, A22, A12, A33), np.linspace(0, STOP, POINTS)
    limit = Limit(model)
    derived = limit.evolve(START, t)
    exact, means, covariances = [], [], []
    for n in SIZES:
        progress(f"N = {n}")
        result = evolve(model, n, START, t, tol=1e-9)
        exact.append(result.means[:, 2])
        means.append(np.abs(result.means - derived.means).max())
        covariances.append(np.abs(result.covariance - derived.covariance).max() / 4)
    values, density = np.full((2, len(SHOWN), max(SHOWN) + 1), np.nan)
    for k, n in enumerate(SHOWN):
        progress(f"distribution at N = {n}")
        found = evolve(model, n, POLE, [0, GROWN], tol=1e-9, basis="dicke").distribution(_X)
        values[k, : n + 1] = found.values[-1]
        density[k, : n + 1] = found.probabilities[-1] * np.sqrt(n)  # values are 1/√N apart
    return xr.Dataset(
        {
            "exact": (("N", "time"), exact),
            "derived": ("time", derived.means[:, 2]),
            "printed": ("time", magnetisation(START, LAM).values(t)["mean_z"]),
            "means_off": ("N", means),
            "covariances_off": ("N", covariances),
            "value": (("shown", "index"), values),
            "density": (("shown", "index"), density),
        },
        {"N": list(SIZES), "time": t, "shown": list(SHOWN)},
        {"variance": float(limit.evolve(POLE, [0, GROWN]).covariance[-1, 0, 0]) / 4, "grown": GROWN},
    )


def draw(data: xr.Dataset) -> Figure:
    """Averages, rates, distribution."""
    figure = two_columns(2.9)
    message(figure, "Averages and covariances of the spin chain of Benatti et al. 2016 go to their limits as 1/N")
    averages, rates, density = figure.subplots(1, 3)
    t, sizes = data["time"].values, data["N"].values
    exact_curves(averages, t, data["exact"].transpose("N", "time").values, sizes)
    averages.plot(t, data["derived"], **DERIVED_LINE, label="derived limit")
    some = slice(None, None, 4)
    averages.plot(t[some], data["printed"][some], "+", color=PRINTED, ms=5, label="printed, agrees")
    averages.set(xlabel="time t (inverse rate)", ylabel=r"average $\langle m_z\rangle$", xlim=(t[0], t[-1]))
    averages.set_ylim(-0.85, None)
    averages.legend(loc="lower right", handlelength=1.2)
    averages.set_title("(a) averages")

    off, of_covariances = data["means_off"].values, data["covariances_off"].values
    distances(rates, sizes, of_covariances, color=OTHERS[0], marker="s", label="covariances")
    distances(rates, sizes, off, color=EXACT, label="averages")
    slope(rates, sizes, of_covariances[-1], 1, r"$\propto 1/N$")
    slope(rates, sizes, off[-1], 1, None)
    rates.set(ylabel="largest distance from the limit", ylim=(off[-1] / 12, None))
    rates.legend(loc="lower left")
    rates.set_title("(b) distances fall as 1/N")

    deviation = np.sqrt(data.attrs["variance"])
    *few, most = data["shown"].values
    for n, shade in zip(few, greys(len(few) + 1), strict=False):
        x, y = (data[name].sel(shown=n).values[: n + 1] for name in ("value", "density"))
        x, y = np.pad(x, 1, constant_values=(x[0] - 1 / np.sqrt(n), x[-1] + 1 / np.sqrt(n))), np.pad(y, 1)
        density.step(x, y, where="mid", color=shade, lw=1.1, label=f"exact, N = {n}")
    of = data.sel(shown=most)
    density.plot(of["value"], of["density"], color=EXACT, lw=2.4, label=f"exact, N = {most}")
    x = np.linspace(-4 * deviation, 4 * deviation, 200)
    gauss = np.exp(-(x**2) / (2 * deviation**2)) / np.sqrt(2 * np.pi) / deviation
    density.plot(x, gauss, **DERIVED_LINE | {"lw": 1.0}, label="derived Gaussian")
    density.set(xlabel=r"value of $F(s_1)$", ylabel="probability density", xlim=(x[0], x[-1]))
    density.set_ylim(0, 2.4 * gauss.max())
    density.legend(loc="upper left")
    density.set_title(f"(c) unstable pole, t = {data.attrs['grown']:g}")
    return figure
