"""The distribution of a fluctuation of the Hopfield network: exact probabilities at three N, and the Gaussian that they
go to; how far they are from it, and the characteristic function.

Stands beside Fiorelli 2024, Theorem 2, which is about characteristic functions; the paper has no figure of them.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from figures.frame.convergence import distances, exact_curves, slope
from figures.frame.figure import Say
from figures.frame.style import DERIVED_LINE, EXACT, OTHERS, greys, message, two_columns
from finite_n import evolve
from finite_n.systems import hopfield
from meanfield import Limit

SHOWS = (
    "The fluctuation of the order parameter of N spins takes a few values with skewed probabilities; they become the "
    "derived Gaussian as N grows, and so does the characteristic function, with 1/√N."
)
BESIDE = "Fiorelli 2024, Theorem 2"
OMEGA, BETA, START, TIME = 0.3, 0.8, (0.0, 0.3, 0.4), 1.5
SHOWN = (8, 32, 128)  # N of probabilities
SIZES = (8, 16, 32, 64, 128)
Z = (0.0, 0.0, 1.0)
DEVIATIONS = 3.0  # of r·F in the characteristic function
POINTS = 61


def compute(progress: Say) -> xr.Dataset:
    """For F(σ_z) at TIME: values and probability density of every exact value (N, value), padded with NaN; the largest
    distance of distribution functions (N); the characteristic function (N, r), real and imaginary, and the Gaussian."""
    model = hopfield(OMEGA, BETA)
    variance = float(Limit(model).evolve(START, [0, TIME]).covariance[-1, 2, 2])
    r = np.linspace(0, DEVIATIONS / np.sqrt(variance), POINTS)
    most = max(SIZES) + 1
    values, density = np.full((len(SIZES), most), np.nan), np.full((len(SIZES), most), np.nan)
    chi, skew = [], []
    for k, n in enumerate(SIZES):
        progress(f"N = {n}")
        result = evolve(model, n, START, [0, TIME], tol=1e-10, basis="dicke")
        found = result.distribution(Z)
        values[k, : n + 1] = found.values[-1]
        density[k, : n + 1] = found.probabilities[-1] / (2 / np.sqrt(n))
        skew.append(float(found.cumulant(3)[-1]))
        chi.append(result.characteristic(r[:, None] * np.array(Z))[:, -1])
    chi = np.array(chi)
    return xr.Dataset(
        {
            "value": (("N", "index"), values),
            "density": (("N", "index"), density),
            "third_cumulant": ("N", skew),
            "chi_real": (("N", "r"), chi.real),
            "chi_imaginary": (("N", "r"), chi.imag),
            "gaussian": ("r", np.exp(-0.5 * variance * r**2)),
        },
        {"N": list(SIZES), "r": r},
        {"variance": variance, "time": TIME, "shown": list(SHOWN)},
    )


def draw(data: xr.Dataset) -> Figure:
    """Probabilities, characteristic function, distance."""
    figure = two_columns(2.8)
    message(figure, "The fluctuation of N spins becomes the derived Gaussian; its skewness vanishes as 1/√N")
    density, chi, distance = figure.subplots(1, 3)
    variance, sizes = data.attrs["variance"], data["N"].values
    *few, most = data.attrs["shown"]
    for n, shade in zip(few, greys(len(few) + 1), strict=False):
        of = data.sel(N=n)
        density.step(of["value"], of["density"], where="mid", color=shade, lw=1.1, label=f"exact, N = {n}")
    of = data.sel(N=most)
    density.plot(of["value"], of["density"], color=EXACT, lw=2.4, label=f"exact, N = {most}")
    x = np.linspace(-4 * np.sqrt(variance), 4 * np.sqrt(variance), 200)
    gauss = np.exp(-(x**2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)
    density.plot(x, gauss, **DERIVED_LINE | {"lw": 1.0}, label="derived Gaussian")
    density.set(xlabel="F = Σ (σz − ⟨σz⟩) / √N", ylabel="probability density", xlim=(x[0], x[-1]), ylim=(0, 0.46))
    density.legend(loc="upper left")
    density.set_title("(a) steps become a Gaussian")

    r = data["r"].values
    some = data.sel(N=data.attrs["shown"])
    chi.plot(r, data["gaussian"], **DERIVED_LINE, label="derived Gaussian")
    exact_curves(chi, r, some["chi_real"].transpose("N", "r").values, some["N"].values, "real part")
    for odd, shade in zip(some["chi_imaginary"].transpose("N", "r").values, greys(some.sizes["N"]), strict=True):
        chi.plot(r, odd, color=shade, lw=1.0, ls=":")
    chi.plot([], [], color=EXACT, lw=1.0, ls=":", label="imaginary parts")
    chi.set(xlabel="r", ylabel="average of exp(i r F)", xlim=(r[0], r[-1]), ylim=(-0.15, 1.75), yticks=[0, 0.5, 1])
    chi.legend(loc="upper right")
    chi.set_title("(b) characteristic function")

    off = np.abs(data["chi_real"] - data["gaussian"]).max("r").values
    odd = np.abs(data["chi_imaginary"]).max("r").values
    distances(distance, sizes, odd, label="imaginary part", marker="s", color=OTHERS[0])
    distances(distance, sizes, off, label="real part − Gaussian")
    slope(distance, sizes, odd[-1], 0.5, "∝ 1/√N")
    slope(distance, sizes, off[-1], 1.0, "∝ 1/N", "--")
    distance.set(ylabel="largest distance for all r of (b)", ylim=(2e-4, 0.2))
    distance.legend(loc="lower left")
    distance.set_title("(c) distance from the Gaussian")
    return figure
