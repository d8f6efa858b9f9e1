"""Phase space: Husimi's and Wigner's functions of a cat of spins made by one-axis twisting, with and without dephasing;
Wigner's function and the photon distribution of the open Dicke model above threshold, beside the Gaussian limit.

Stands beside no figure of a paper. The cat: H = N m_x²/2 from all spins up until t = πN/4. Dicke: ω₀ = ν = 1, λ = 1.6,
photon loss κ = 2, from all spins down and no light.
"""

from __future__ import annotations

import itertools

import matplotlib
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.figure import Figure
from qutip import sigmaz
from scipy.special import eval_laguerre
from scipy.stats import multivariate_normal

from figures.frame.figure import Say
from figures.frame.style import DERIVED, DERIVED_LINE, EXACT_POINTS, GUIDE, greys, message, two_columns
from finite_n import Field, LocalJump, Model, coherent, evolve, husimi, mx, photon_distribution, spin_wigner, wigner
from finite_n.systems import dicke_model
from meanfield import Limit

SHOWS = (
    "Dephasing leaves Husimi's function of a cat of spins as it was and takes the fringes of Wigner's, faster for more "
    "spins; above threshold the light of Dicke's model has two lobes near the Gaussians of the limit."
)
BESIDE = ""
SPINS = 20  # of the cat that is shown
SIZES = (10, 20, 40)  # of those whose fringes are measured
LEFT = 0.2  # of the fringes shown with dephasing
TIMES = np.linspace(0, 0.12, 7)  # γt of dephasing at rate γ
ANGLES = (90, 300)  # cells of θ and φ
ATOMS, CUTOFF, UNTIL, COUPLING, LOSS = 12, 28, 60.0, 1.6, 2.0
PLANE = np.linspace(-5.5, 5.5, 111)  # x and p of the light
SETTLED = 100.0  # when covariances of the limit are stationary to 1e-4
DIVERGING, SEQUENTIAL = matplotlib.colormaps["RdBu_r"].resampled(41), matplotlib.colormaps["Blues"].resampled(21)
_GRID = np.linspace(-14, 14, 561)  # x and p of the sums that give photon numbers of a Gaussian


def compute(progress: Say) -> xr.Dataset:
    """cat_Q, cat_W (state, theta, phi), without and with dephasing; fringes (N, time) relative to those at the start;
    light (p, x); photons (n), exact and of the limit; centre and covariance of the limit's Gaussian, of order one."""
    theta, phi = ((np.arange(n) + 0.5) / n for n in ANGLES)
    theta, phi = np.pi * theta, np.pi * (2 * phi - 1)
    fringes, shown = [], {}
    for N in SIZES:
        progress(f"cat of {N} spins")
        fringes.append(_fringes(_dephased(N, TIMES), N))
    states = _dephased(SPINS, [0, -np.log(LEFT) / (2 * SPINS)])
    shown["cat_Q"] = husimi(states, theta[:, None], phi, density=True)
    shown["cat_W"] = spin_wigner(states, theta[:, None], phi)

    progress(f"open Dicke model, N = {ATOMS}")
    model = dicke_model(1.0, 1.0, COUPLING, LOSS)
    start = {"": [0.0, 0.0, -1.0], "field": Field()}
    late = evolve(model, ATOMS, start, [0, UNTIL], cutoffs={"field": CUTOFF}, basis="dicke", check=False, tol=1e-6)
    z = -(1 + LOSS**2 / 4) / (2 * COUPLING**2)  # one of the two fixed points
    x = np.sqrt(1 - z**2)
    point = {"": [x, 0.0, z], "field": Field(alpha=-COUPLING * x / (np.sqrt(2) - 1j * LOSS / np.sqrt(2)))}
    limit = Limit(model).evolve(point, [0, SETTLED])
    at = slice(3, 5)
    centre, covariance = limit.means[-1, at], limit.covariance[-1, at, at]
    n = np.arange(CUTOFF + 1)
    return xr.Dataset(
        {
            "fringes": (("N", "time"), np.array(fringes)),
            "cat_Q": (("state", "theta", "phi"), shown["cat_Q"]),
            "cat_W": (("state", "theta", "phi"), shown["cat_W"]),
            "light": (("p", "x"), wigner(late, PLANE, PLANE)[-1]),
            "photons": ("n", photon_distribution(late)[-1]),
            "photons_limit": ("n", gaussian_photons(np.sqrt(ATOMS) * centre, covariance, n)),
            "centre": ("axis", centre),
            "covariance": (("axis", "axis2"), covariance),
        },
        {"N": list(SIZES), "time": TIMES, "theta": theta, "phi": phi, "x": PLANE, "p": PLANE, "n": n},
        {"spins": SPINS, "atoms": ATOMS, "left": LEFT},
    )


def _dephased(N: int, times):
    """A cat along z, made by twisting about x, under dephasing at rate 1."""
    cat = evolve(Model(0.5 * mx * mx), N, coherent(0.0), [0, np.pi * N / 4], check=False, basis="state vector")
    dephasing = Model(0.0, [LocalJump(sigmaz(), rate=1.0)])
    return evolve(dephasing, N, cat.state(), times, check=False, basis="dicke", keep_states=True)


def _fringes(states, N: int) -> np.ndarray:
    """Amplitude of cos Nφ in W on the equator, relative to that at the start."""
    W = spin_wigner(states, np.pi / 2, np.pi / (2 * N) * np.arange(4))
    height = np.hypot(W[:, 0] - W[:, 2], W[:, 1] - W[:, 3])
    return height / height[0]


def gaussian_photons(centre: np.ndarray, covariance: np.ndarray, n: np.ndarray) -> np.ndarray:
    """p_n = 2π ∫∫ W W_n dx dp of a Gaussian W, with (−1)^n L_n(2r²) e^{−r²}/π of the number state n."""
    x, p = np.meshgrid(_GRID, _GRID)
    square = x**2 + p**2
    weight = 2 * (_GRID[1] - _GRID[0]) ** 2 * np.exp(-square)
    weight *= multivariate_normal(centre, covariance).pdf(np.stack([x, p], axis=-1))
    return np.array([np.sum(weight * (-1) ** k * eval_laguerre(k, 2 * square)) for k in n])


def draw(data: xr.Dataset) -> Figure:
    """Three maps of the sphere, decay of fringes, the plane of the light, and its photons."""
    figure = two_columns(4.3)
    message(figure, "Fringes of Wigner's function show whether a cat of spins is coherent; Husimi's hides it")
    upper, lower = figure.subfigures(2, 1, height_ratios=(1, 1.15))
    _maps(upper.subplots(1, 3, subplot_kw={"projection": "mollweide"}), data)
    decay, plane, photons = lower.subplots(1, 3, width_ratios=(1, 1.1, 1))

    t = data["time"].values
    fine = np.linspace(t[0], t[-1], 60)
    for N, values, shade in zip(data["N"].values, data["fringes"].values, greys(data.sizes["N"]), strict=True):
        decay.plot(fine, np.exp(-2 * N * fine), **DERIVED_LINE | {"lw": 1.0}, zorder=1)
        decay.plot(t, values, **EXACT_POINTS | {"color": shade, "mfc": shade, "clip_on": False})
        decay.text(t[-1] * 1.04, values[-1], f"{N}", va="center")
    decay.plot(fine, np.exp(-2 * fine), color=GUIDE, lw=1, ls="--")
    decay.text(t[-1] * 1.04, np.exp(-2 * t[-1]), "N = 1", va="center")
    decay.plot([], [], **EXACT_POINTS, label="exact")
    decay.plot([], [], **DERIVED_LINE | {"lw": 1.0}, label="exp(−2Nγt)")
    decay.set(yscale="log", ylim=(3e-5, 1.6), xlim=(0, t[-1]), xticks=t[[0, len(t) // 2, -1]])
    decay.set_yticks(10.0 ** np.arange(-4, 1), ["0.0001", "0.001", "0.01", "0.1", "1"])
    decay.set(xlabel="dephasing of one spin, γt", ylabel="height of the fringes")
    decay.legend(loc="lower left")
    decay.set_title("(d) fringes fade N times faster")

    light, atoms = data["light"].values, data.attrs["atoms"]
    image = _mesh(plane, data["x"].values, data["p"].values, light, DIVERGING, -np.abs(light).max())
    _ellipses(plane, np.sqrt(atoms) * data["centre"].values, data["covariance"].values)
    plane.set(xlabel="x of a = (x + ip)/√2", ylabel="p", aspect="equal", xticks=[-4, 0, 4], yticks=[-4, 0, 4])
    plane.legend(loc="upper left", handlelength=1.2, fontsize=6.5)
    lower.colorbar(image, ax=plane, label="W per dx dp", aspect=18, ticks=[-0.1, 0, 0.1])
    plane.set_title(f"(e) Dicke model, light of {atoms} atoms")

    n, more = data["n"].values, float(data["photons"][0] / data["photons_limit"][0])
    photons.bar(n, data["photons"], color="0.65", width=0.8, label=f"exact, N = {atoms}")
    photons.plot(n, data["photons_limit"], **DERIVED_LINE | {"lw": 1.0}, marker="o", ms=2.5, label="Gaussian limit")
    photons.set(
        xlabel="photons n", ylabel="probability", xlim=(-0.6, 20.5), ylim=(0, 0.21), yticks=[0, 0.05, 0.1, 0.15]
    )
    photons.legend(loc="upper right")
    photons.set_title(f"(f) n = 0: {more:.0f} × the limit")
    return figure


def _maps(axes: np.ndarray, data: xr.Dataset) -> None:
    """Functions on the sphere in Mollweide's projection, which keeps areas: z on top, φ from −π to π."""
    spins, left, W = data.attrs["spins"], data.attrs["left"], data["cat_W"].values
    shown = [data["cat_Q"].values[0], *W]
    titles = [f"(a) Husimi, {spins} spins, of b and c", "(b) Wigner: coherent", f"(c) Wigner: {left:.0%} coherent"]
    for one, values, title in zip(axes, shown, titles, strict=True):
        low, colours = (0.0, SEQUENTIAL) if one is axes[0] else (-np.abs(W).max(), DIVERGING)
        image = _mesh(one, data["phi"].values, np.pi / 2 - data["theta"].values, values, colours, low)
        one.set_xticks([-np.pi / 2, 0, np.pi / 2], [])
        one.set_yticks([-np.pi / 3, 0, np.pi / 3], ["150°", "90°", "θ = 30°"])
        one.grid(color=GUIDE, lw=0.3)
        one.set_xlabel("φ from −180° to 180°", labelpad=2)
        one.set_title(title)
        if one is not axes[1]:
            of = axes[:1] if one is axes[0] else axes[1:]
            look = {"orientation": "horizontal", "aspect": 26 if len(of) == 1 else 50, "pad": 0.04, "shrink": 0.8}
            name = "Q" if len(of) == 1 else "W"
            one.figure.colorbar(image, ax=of, label=f"{name} per unit solid angle", **look)


def _mesh(axes: Axes, x: np.ndarray, y: np.ndarray, values: np.ndarray, colours: Colormap, low: float):
    """Colours up to the largest absolute value; from `low` = −that they are centred at zero."""
    high = -low or np.abs(values).max()
    return axes.pcolormesh(x, y, values, cmap=colours, vmin=low, vmax=high, shading="nearest", rasterized=True)


def _ellipses(axes: Axes, centre: np.ndarray, covariance: np.ndarray) -> None:
    """One and two standard deviations of both lobes."""
    around = np.linspace(0, 2 * np.pi, 100)
    circle = np.linalg.cholesky(covariance) @ np.array([np.cos(around), np.sin(around)])
    for sign, deviations in itertools.product((1, -1), (1, 2)):
        x, p = sign * centre[:, None] + deviations * circle
        label = "Gaussian limit,\n1σ and 2σ" if sign * deviations == 1 else None
        axes.plot(x, p, color=DERIVED, lw=0.8, label=label)
