"""Spin chain with a collective dissipator: exact covariances at the stable and the unstable pole, correlations of two
large-scale observables that survive, and correlations of two sites that carry them.

Stands beside Benatti et al. 2016, eqs. 55–57 and 64–66, for which the paper has no figure.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from figures.frame.convergence import distances, exact_curves
from figures.frame.figure import Say
from figures.frame.style import DERIVED_LINE, OTHERS, PRINTED_LINE, message, two_columns
from finite_n import evolve
from finite_n.systems import collective_dissipation
from meanfield import Limit

SHOWS = (
    "Spins in one bath: fluctuations settle at the stable pole and grow without end at the unstable one, and "
    "correlations of two sites fall as 1/N but add up to a mesoscopic correlation that survives, an eighth of the "
    "printed one."
)
BESIDE = "Benatti et al. 2016, eqs. 55–57 and 64–66"
LAM, A11, A22, A12, A33 = 0.8, 1.0, 1.2, 0.4, 0.3
XI = 0.35  # |ξ|, averages (0, 0, ±ξ) of s = σ/2
SIZES = (10, 20, 40, 80, 160)
STOP, POINTS = 8.0, 81


def compute(progress: Say) -> xr.Dataset:
    """Covariances of F(s_1) with itself and with F(s_2), s = σ/2: exact (pole, N, time), derived (pole, time); pair
    (N): exact correlation of s_1 and s_2 of two sites at the last time at the stable pole."""
    model = collective_dissipation(LAM, A11, A22, A12, A33)
    t = np.linspace(0, STOP, POINTS)
    exact, derived, pair = np.zeros((2, len(SIZES), POINTS, 2)), np.zeros((2, POINTS, 2)), []
    for p, sign in enumerate((1, -1)):
        start = [0, 0, 2 * sign * XI]
        derived[p] = Limit(model).evolve(start, t).covariance[:, 0, :2] / 4
        for k, n in enumerate(SIZES):
            progress(f"ξ = {sign * XI:g}, N = {n}")
            result = evolve(model, n, start, t, tol=1e-9)
            exact[p, k] = result.covariance[:, 0, :2] / 4
            if sign > 0:
                pair.append(_two_sites(result))
    b = LAM * XI
    return xr.Dataset(
        {
            "exact_11": (("pole", "N", "time"), exact[..., 0]),
            "exact_12": (("pole", "N", "time"), exact[..., 1]),
            "derived_11": (("pole", "time"), derived[..., 0]),
            "derived_12": (("pole", "time"), derived[..., 1]),
            "pair": ("N", pair),
        },
        {"pole": ["stable", "unstable"], "N": list(SIZES), "time": t},
        {"b": b, "printed_12": -A12 / (2 * b), "rest_11": XI**2 * A22 / (2 * b), "rest_12": -(XI**2) * A12 / (2 * b)},
    )


def _two_sites(result) -> float:
    """⟨s_1 s_2⟩ − ⟨s_1⟩⟨s_2⟩ of two different sites at the last time: the covariance of F(s_1) and F(s_2) is that of
    one site, which is −⟨s_1⟩⟨s_2⟩, and N − 1 of these."""
    own = -result.means[-1, 0] * result.means[-1, 1]
    return float((result.covariance[-1, 0, 1] - own) / (result.N - 1) / 4)


def draw(data: xr.Dataset) -> Figure:
    """Growth, what survives, two sites."""
    figure = two_columns(2.9)
    message(figure, "Pairs of sites decorrelate as 1/N, yet an eighth of the printed mesoscopic correlation survives")
    growth, survives, sites = figure.subplots(1, 3)
    _growth(growth, data)
    _survives(survives, data)
    _sites(sites, data)
    return figure


def _growth(axes, data: xr.Dataset) -> None:
    t, b = data["time"].values, data.attrs["b"]
    for pole in ("unstable", "stable"):
        of = data.sel(pole=pole)
        exact_curves(axes, t, of["exact_11"].transpose("N", "time").values, data["N"].values)
        axes.plot(t, of["derived_11"], **DERIVED_LINE)
    axes.set_yscale("log")
    top = data["derived_11"].sel(pole="unstable").values
    late = t[t > 0.6 * t[-1]]
    axes.plot(late, 1.8 * top[-1] * np.exp(2 * b * (late - t[-1])), color=OTHERS[0], ls=":")
    axes.text(late[0], 16, r"$\propto e^{2|b|t}$", color=OTHERS[0], ha="right")
    axes.axhline(data.attrs["rest_11"], color=OTHERS[0], ls=":")
    axes.text(0.97 * t[-1], 0.23, "stable pole: at rest", color=OTHERS[0], ha="right", va="top")
    axes.text(0.4, 3, "unstable pole", rotation=42, ha="left", va="center")
    axes.set(xlabel="time t (inverse rate)", ylabel=r"variance of $F(s_1)$", xlim=(t[0], t[-1]), ylim=(0.13, 120))
    axes.set_title("(a) variances at two poles")


def _survives(axes, data: xr.Dataset) -> None:
    t, of = data["time"].values, data.sel(pole="stable")
    exact_curves(axes, t, of["exact_12"].transpose("N", "time").values, data["N"].values)
    axes.plot(t, of["derived_12"], **DERIVED_LINE, label=f"derived, late: −{-data.attrs['rest_12']:.3f}")
    axes.axhline(data.attrs["printed_12"], **PRINTED_LINE, label=f"printed, late: −{-data.attrs['printed_12']:.3f}")
    axes.axhline(0, color="k", lw=0.6)
    axes.set(
        xlabel="time t (inverse rate)",
        ylabel=r"covariance of $F(s_1)$, $F(s_2)$",
        xlim=(t[0], t[-1]),
        ylim=(-0.8, 0.05),
    )
    axes.legend(loc="center")
    axes.set_title("(b) stable pole, F = Σ s / √N")


def _sites(axes, data: xr.Dataset) -> None:
    sizes, last = data["N"].values, data["time"].values[-1]
    distances(axes, sizes, -data["pair"].values, label=f"exact, t = {last:g}")
    derived = -data["derived_12"].sel(pole="stable").values[-1]
    axes.plot(sizes, derived / sizes, **DERIVED_LINE | {"zorder": 1}, label="derived: (b) / N")
    axes.plot(sizes, -data.attrs["printed_12"] / sizes, **PRINTED_LINE, label="printed: (b) / N")
    axes.set(ylabel="minus correlation of two sites", ylim=(3e-4, 0.6))
    axes.legend(loc="upper right")
    axes.set_title("(c) two sites: it falls as 1/N")
