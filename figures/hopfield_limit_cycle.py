"""The limit cycle of the Hopfield network with one pattern: where its overlap oscillates, its orbit at a point that the
paper shows as retrieval, and how exact numbers follow it for longer at larger N.

Stands beside Fiorelli 2024, figure B1.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from comparison.claims.fiorelli_2024.correlations_map import CYCLE_BELOW, largest_field
from figures.frame.convergence import exact_curves
from figures.frame.figure import Say
from figures.frame.style import DERIVED, DERIVED_LINE, EXACT, GUIDE, PRINTED, greys, message, two_columns
from finite_n import evolve
from finite_n.systems import hopfield
from meanfield import Limit, attractor

SHOWS = (
    "The overlap oscillates in a region of its own; a point printed as retrieval lies on a limit cycle, and exact "
    "overlaps follow the cycle for a time that grows with N."
)
BESIDE = "Fiorelli 2024, figure B1"
_LABEL = {"facecolor": "white", "edgecolor": "none", "pad": 1.2}
TEMPERATURES, FIELDS = np.linspace(0.36, 0.84, 13), np.linspace(0.22, 0.7, 13)
POINT = (0.6, 0.35)  # T, Ω of figure B1(b), lower panel, printed as retrieval
TRACE = (0.6, 0.6)  # of its upper panel
SIZES = (20, 40, 80, 160)
ORBIT_SIZES = (40, 160)
STOP, TIMES = 18.0, 181
UP = (0.0, 0.0, 1.0)
EDGE = np.linspace(TEMPERATURES[0], CYCLE_BELOW, 60)  # temperatures of the line where retrieval ends


def compute(progress: Say) -> xr.Dataset:
    """deviation (temperature, field) of o_z on the attractor; at POINT: flow (y, z, 2), orbit of the cycle (phase, 2),
    exact (orbit_size, step, 2) and derived path
    (step, 2), all in the order o_y, o_z; at TRACE: exact and derived o_z (N, time)."""
    deviation = np.zeros((len(TEMPERATURES), len(FIELDS)))
    for j, temperature in enumerate(TEMPERATURES):
        progress(f"attractors at T = {temperature:.2f}")
        for k, field in enumerate(FIELDS):
            deviation[j, k] = _deviation(attractor(hopfield(field, 1 / temperature), UP).cycle)
    temperature, field = POINT
    limit = Limit(hopfield(field, 1 / temperature))
    cycle = attractor(limit, UP).cycle
    axis = np.linspace(-1, 1, 21)
    flow = np.array([[limit.drift([0, y, z])[1:] if y * y + z * z <= 1 else (np.nan,) * 2 for z in axis] for y in axis])
    turn = np.linspace(0, cycle.period, 121)
    path = []
    for n in ORBIT_SIZES:
        progress(f"exact orbit at N = {n}")
        path.append(evolve(hopfield(field, 1 / temperature), n, UP, turn).means[:, 1:])
    temperature, field = TRACE
    model, t = hopfield(field, 1 / temperature), np.linspace(0, STOP, TIMES)
    exact = []
    for n in SIZES:
        progress(f"exact overlap at N = {n}")
        exact.append(evolve(model, n, UP, t).means[:, 2])
    return xr.Dataset(
        {
            "deviation": (("temperature", "field"), deviation),
            "largest_field": ("edge", [largest_field(1 / x) for x in EDGE]),
            "flow": (("y", "z", "component"), flow),
            "orbit": (("phase", "component"), cycle.orbit[:, 1:]),
            "path": (("orbit_size", "step", "component"), path),
            "derived_path": (("step", "component"), limit.evolve(UP, turn).means[:, 1:]),
            "exact": (("N", "time"), exact),
            "derived": ("time", Limit(model).evolve(UP, t).means[:, 2]),
        },
        {
            "temperature": TEMPERATURES,
            "field": FIELDS,
            "edge": EDGE,
            "y": axis,
            "z": axis,
            "orbit_size": list(ORBIT_SIZES),
            "N": list(SIZES),
            "time": t,
        },
        {"point": POINT, "trace": TRACE},
    )


def _deviation(cycle) -> float:
    """Standard deviation of o_z over a period, 0 without a cycle."""
    if cycle is None:
        return 0.0
    o, t = cycle.orbit[:, 2], cycle.times
    return float(np.sqrt(np.trapezoid((o - cycle.mean[2]) ** 2, t) / cycle.period))


def draw(data: xr.Dataset) -> Figure:
    """The plane, the orbit, the time."""
    figure = two_columns(2.7)
    message(figure, "The network oscillates where Fiorelli 2024 shows rest; more spins follow the cycle longer")
    plane, orbit, trace = figure.subplots(1, 3, width_ratios=(1.1, 0.9, 1.3))
    _plane(figure, plane, data)
    _orbit(orbit, data)
    _trace(trace, data)
    return figure


def _plane(figure, axes, data: xr.Dataset) -> None:
    t, w = data["temperature"].values, data["field"].values
    where = np.meshgrid(t, w, indexing="ij")
    look = {"cmap": "Blues", "vmin": 0, "vmax": 0.6, "s": 26, "marker": "s", "edgecolors": "0.6", "linewidths": 0.3}
    image = axes.scatter(*where, c=data["deviation"].transpose("temperature", "field").values, **look)
    figure.colorbar(image, ax=axes, label=r"std. deviation of $o_z$ in time", pad=0.03)
    axes.plot(data["edge"], data["largest_field"], "k-", lw=1)
    axes.plot([CYCLE_BELOW, CYCLE_BELOW], [0.25, w[-1]], "k-", lw=1)
    for place, name in ((data.attrs["point"], "b"), (data.attrs["trace"], "c")):
        axes.plot(*place, "o", color=PRINTED if name == "b" else EXACT, ms=5, mec="white", mew=0.8)
        axes.annotate(f"({name})", place, (0, 6), textcoords="offset points", ha="center", bbox=_LABEL)
    for at, words in (((0.43, 0.3), "retrieval"), ((0.75, 0.45), "no order")):
        axes.text(*at, words, ha="center", va="center", bbox=_LABEL)
    axes.set(
        xlabel="temperature T", ylabel="field Ω", xlim=(t[0] - 0.02, t[-1] + 0.02), ylim=(w[0] - 0.02, w[-1] + 0.02)
    )
    axes.set_title("(a) mean field at late times")


def _orbit(axes, data: xr.Dataset) -> None:
    y, z = data["y"].values, data["z"].values
    flow = data["flow"].transpose("component", "z", "y").values
    axes.streamplot(y, z, *flow, color=GUIDE, linewidth=0.5, arrowsize=0.6, density=0.6)
    axes.plot(*data["orbit"].values.T, **DERIVED_LINE, label="limit cycle, derived")
    axes.plot(*data["derived_path"].values.T, color=DERIVED, lw=0.8)
    sizes = data["orbit_size"].values
    for n, path, shade in zip(sizes, data["path"].values, greys(len(sizes) + 1)[1:], strict=True):
        axes.plot(*path.T, color=shade, lw=1, label=f"exact, N = {n}")
    axes.plot(0, 1, "o", color=EXACT, ms=3)
    axes.annotate("start", (0, 1), (4, 0), textcoords="offset points", va="center", fontsize=7)
    axes.set(xlabel=r"overlap $o_y$", ylabel=r"overlap $o_z$", xlim=(-1, 1), ylim=(-1, 1.9))
    axes.set(xticks=[-1, 0, 1], yticks=[-1, 0, 1])
    axes.legend(loc="upper left")
    axes.set_title("(b) T = {:g}, Ω = {:g}: a cycle".format(*data.attrs["point"]))


def _trace(axes, data: xr.Dataset) -> None:
    t = data["time"].values
    axes.plot(t, data["derived"], **DERIVED_LINE, label="derived limit")
    exact_curves(axes, t, data["exact"].transpose("N", "time").values, data["N"].values)
    axes.set(xlabel="time t (1/Γ₀)", ylabel=r"overlap $o_z$", xlim=(t[0], t[-1]), ylim=(-0.75, 1.75))
    axes.set_yticks([-0.5, 0, 0.5, 1])
    axes.legend(ncols=2, loc="upper right", columnspacing=0.8, handlelength=1.0)
    axes.set_title("(c) T = {:g}, Ω = {:g}: overlap".format(*data.attrs["trace"]))
