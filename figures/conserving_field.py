"""Energy-conserving spins in a bosonic field, exact in closed form up to a million spins: quanta of a continuum and the
distribution of the field before the derived and the printed limit, and one spin that becomes free as 1/N.

Stands beside Merkli and Rafiyi 2018, section 2.2, which has no figure: spins along x, the field in its vacuum; a
continuum with J(ω) = ½ω e^{−ω}, and one mode with ν = λ = 1.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from scipy.special import gammaln

from figures.frame.convergence import slope
from figures.frame.figure import Say
from figures.frame.style import (
    DERIVED_LINE,
    EXACT_POINTS,
    GUIDE,
    PRINTED_LINE,
    greys,
    message,
    two_columns,
)
from finite_n import evolve
from finite_n.systems import energy_conserving, spectral_modes

SHOWS = (
    "With energy conserved, exact spins up to a million give the field half of the quanta that eq. 2.18 prints and a "
    "Gaussian narrower than printed, while each single spin becomes free as 1/N."
)
BESIDE = "Merkli and Rafiyi 2018, eqs. 2.17, 2.18 and Lemma 1.4"
SIZES = (1, 10, 100, 1000, 10_000, 100_000, 1_000_000)
STOP, POINTS, CUTOFF, MODES, TOO_FEW = 20.0, 41, 20.0, 120, 20
DRAWN, COMPARED = (
    (1, 4, 16),
    (1.0, 5.0, 20.0),
)  # sizes of distributions; times, of those above, at which spins are compared
ALONG_X, UP = [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]
PHI = np.linspace(-9.0, 9.0, 361)


def density(w: np.ndarray) -> np.ndarray:
    """J(ω) = λ²∫|g|²δ(ω − |k|)d³k."""
    return 0.5 * w * np.exp(-w)


def compute(progress: Say) -> xr.Dataset:
    """quanta (N, time) of the continuum and lost (N, compared) = 1 − |⟨σx + iσy⟩|, field (drawn, phi) the probability
    density of φ of one mode; limits, and as printed."""
    times = np.linspace(0.0, STOP, POINTS)
    few, _ = _evolved(TOO_FEW, SIZES[-1], times)
    rows = []
    for N in SIZES:
        progress(f"{MODES} modes, N = {N}")
        rows.append(_evolved(MODES, N, times))
    whole = continuum(times)
    centre = displacement()
    return xr.Dataset(
        {
            "quanta": (("N", "time"), np.array([quanta for quanta, _ in rows])),
            "lost": (("N", "compared"), 1 - np.array([np.interp(COMPARED, times, spin) for _, spin in rows])),
            "few_modes": ("time", few),
            "quanta_limit": ("time", whole),
            "quanta_printed": ("time", 2 * whole),
            "field": (("drawn", "phi"), np.array([distribution(N, centre) for N in DRAWN])),
            "field_limit": ("phi", _normal(PHI, 0.5 + centre**2)),
            "field_printed": ("phi", _normal(PHI, 0.5 + 2 * centre**2)),
        },
        {"N": list(SIZES), "time": times, "compared": list(COMPARED), "drawn": list(DRAWN), "phi": PHI},
    )


def _evolved(modes: int, N: int, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Quanta of all modes and |⟨σx + iσy⟩|, (T,)."""
    model = energy_conserving(1.0, *map(list, spectral_modes(density, CUTOFF, modes)))
    found = evolve(model, N, ALONG_X, times)
    return sum(found.number(mode) for mode in model.modes), np.hypot(found.mean("x"), found.mean("y"))


def continuum(times: np.ndarray) -> np.ndarray:
    """∫ J(ω)(1 − cos ωt)/ω² dω, half of ‖(e^{iωt} − 1)λg/ω‖², by Gauss and Legendre's rule, (T,)."""
    x, weights = np.polynomial.legendre.leggauss(600)
    w = CUTOFF * (x + 1) / 2
    return (1 - np.cos(np.multiply.outer(times, w))) / w**2 * density(w) @ weights * CUTOFF / 2


def displacement() -> float:
    """⟨φ⟩ of one mode that a single spin with σz = 1 moves, after half a period."""
    return float(evolve(energy_conserving(1.0, 1.0, 1.0), 1, UP, [0.0, np.pi]).mean("field.phi")[-1])


def distribution(N: int, centre: float) -> np.ndarray:
    """Of φ after half a period for N spins along x, (phi,): Σ σz = M has the weight C(N, (N + M)/2)/2^N and moves the
    vacuum's Gaussian by M/√N times what one spin does."""
    up = np.arange(N + 1.0)
    weights = np.exp(gammaln(N + 1) - gammaln(up + 1) - gammaln(N - up + 1) - N * np.log(2))
    return _normal(PHI[:, None] - (2 * up - N) / np.sqrt(N) * centre, 0.5) @ weights


def _normal(x: np.ndarray, variance: float) -> np.ndarray:
    return np.exp(-(x**2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)


def draw(data: xr.Dataset) -> Figure:
    """Quanta in time, distributions of the field, and distances of one spin from a free one."""
    figure = two_columns(2.8)
    left, middle, right = figure.subplots(1, 3)
    t, sizes = data["time"].values, data["N"].values
    left.plot(t, data["quanta_limit"], **DERIVED_LINE, label="derived: half of eq. 2.18")
    left.plot(t, data["quanta_printed"], **PRINTED_LINE, label="eq. 2.18 of Merkli and\nRafiyi 2018 as printed")
    left.plot(t[1:-1:3], data["quanta"].isel(N=-1)[1:-1:3], **EXACT_POINTS, label="exact, N = 1 to $10^6$")
    left.plot(t, data["few_modes"], color=GUIDE, lw=0.9, ls=":", label=f"exact, {TOO_FEW} modes only")
    left.set(xlabel="time t (1/cutoff frequency)", ylabel="quanta in the field", xlim=(0, t[-1]), ylim=(0, 4.9))
    left.set_title("(a) field of many modes")
    left.legend(loc="upper left", fontsize=6.5)

    phi = data["phi"].values
    middle.plot(phi, data["field_limit"], **(DERIVED_LINE | {"lw": 2.6}), label="derived limit")
    middle.plot(phi, data["field_printed"], **PRINTED_LINE, label="eq. 2.17 as printed")
    for N, row, shade in zip(data["drawn"].values, data["field"].values, greys(len(data["drawn"])), strict=True):
        middle.plot(phi, row, color=shade, lw=1.0, label=f"exact, N = {N}")
    middle.set(xlabel="field φ of one mode", ylabel="probability density", xlim=(-7, 7), ylim=(0, 0.58))
    middle.set_title("(b) one mode after half a period")
    middle.legend(loc="upper left", fontsize=6.5)

    right.set(
        xscale="log",
        yscale="log",
        xlabel="number of spins N",
        ylabel=r"lost coherence $1-|\langle\sigma_x+i\sigma_y\rangle|$",
    )
    for at, marker in zip(data["compared"].values, ("o", "s", "D"), strict=True):
        lost = data["lost"].sel(compared=at).values
        right.plot(sizes, lost, **(EXACT_POINTS | {"marker": marker}), label=f"exact, t = {at:g}")
        slope(right, sizes[2:], lost[-1], 1, "")
    right.plot([], [], color=GUIDE, lw=1, label=r"$\propto 1/N$")
    right.set_title("(c) one spin of N")
    right.legend(loc="lower left", fontsize=6.5)
    message(figure, "N dephasing spins give their field half of the printed quanta; what each spin loses falls as 1/N")
    return figure
