"""Detuned spins that emit together, as N → ∞, with their detunings in few bins: when bins are in phase again, and the
error that `comparison.bin_convergence` says before.
"""

from __future__ import annotations

import numpy as np
import qutip
import scipy.stats
import xarray as xr
from matplotlib.figure import Figure

from comparison import bin_convergence
from figures.frame.figure import Say
from figures.frame.style import DERIVED_LINE, OTHERS, greys, message, two_columns
from finite_n import Bins, CollectiveJumps, Model, binned
from meanfield import Limit

SHOWS = (
    "Spins with a range of detunings emit together until they are out of phase; with their detunings in K bins they "
    "are in phase again at t = 2π/δω and emit once more, which a continuum does not; the estimated error lies "
    "above the true one."
)
BESIDE = ""
BINS = (5, 8, 13)
CONTINUUM = 64  # nodes of Gauss quadrature, exact until t of about as many
STOP, RATE, START = 45.0, 2.0, (0.6, 0.0, 0.8)
_DETUNINGS = scipy.stats.uniform(-1, 2)


def emitters(spins: Bins) -> Model:
    """Σ_k w_k σz^(k)/2 and emission by Σ_k σ-^(k)."""
    emission = CollectiveJumps([spins.average(qutip.sigmam())], rate=RATE)
    return Model(spins.average(lambda w, s: 0.5 * w * s.mz), collective=[emission], species=spins.species)


def compute(progress: Say) -> xr.Dataset:
    """⟨σz⟩ in time for every number of bins, of the continuum, and the estimated error of the last."""
    progress(f"{', '.join(map(str, BINS))} bins")
    found = bin_convergence(
        emitters, _DETUNINGS, list(START), [0.0, STOP], list(BINS), observables=lambda spins: {"z": spins.mz}
    )
    progress("the continuum")
    nodes = binned(_DETUNINGS, CONTINUUM, rule="gauss")
    means = Limit(emitters(nodes)).means(nodes.start(list(START)), found.times)
    return xr.Dataset(
        {
            "z": (("bins", "time"), found.values[:, 0]),
            "continuum": ("time", means[:, 2::3] @ nodes.weights),
            "error": ("time", found.error[0]),
            "revival": ("bins", [f.revival for f in found.frequencies]),
        },
        {"bins": list(BINS), "time": found.times},
    )


def draw(data: xr.Dataset) -> Figure:
    """⟨σz⟩, and its distance from that of the continuum."""
    figure = two_columns(2.6)
    left, right = figure.subplots(1, 2)
    t, continuum = data["time"].values, data["continuum"].values
    for z, k, revival, color in zip(
        data["z"].values, data["bins"].values, data["revival"].values, greys(len(data["bins"])), strict=True
    ):
        left.plot(t, z, color=color, label=f"{k} bins")
        right.semilogy(t[1:], np.abs(z - continuum)[1:], color=color)
        for panel in (left, right):
            panel.axvline(revival, 0, 0.7 if panel is left else 1, color=color, lw=0.8, ls=":")
    left.plot(t, continuum, **DERIVED_LINE, label="continuum")
    right.semilogy(
        t[1:],
        data["error"].values[1:],
        color=OTHERS[0],
        ls="--",
        lw=1.6,
        label=f"estimated error of {data['bins'].values[-1]} bins",
    )
    left.set(xlabel="time t", ylabel="⟨σz⟩", xlim=(0, t[-1]), title="(a) dotted: t = 2π/δω of each number of bins")
    right.set(xlabel="time t", ylabel="distance from the continuum", xlim=(0, t[-1]), ylim=(1e-5, 30))
    right.set_title("(b) true and estimated error")
    left.legend(loc="upper right", ncols=2)
    right.legend(loc="lower right")
    message(
        figure,
        "K bins rephase and emit once more, a continuum never; estimated errors are above true ones",
    )
    return figure
