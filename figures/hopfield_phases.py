"""Phases of the Hopfield network with one pattern over temperature and field, and where the paper's inequality puts the
limit cycle; on a cut, the overlap at rest and on the cycle, with exact numbers.

Stands beside Fiorelli 2024, figure 2, and its section 6.2.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from comparison import extrapolate
from comparison.claims.fiorelli_2024.correlations_map import CYCLE_BELOW, largest_field, retrieval
from figures.frame.figure import Say
from figures.frame.style import DERIVED, DERIVED_LINE, EXACT_POINTS, OTHERS, PRINTED, message, two_columns
from finite_n import evolve
from finite_n.systems import hopfield
from meanfield import attractor

SHOWS = (
    "The limit cycle of the Hopfield network begins where retrieval ends; the printed inequality puts it inside the "
    "retrieval phase. Exact overlaps follow the derived curves on both sides."
)
BESIDE = "Fiorelli 2024, figure 2"
TEMPERATURES, FIELDS = np.linspace(0.2, 1.0, 161), np.linspace(0.0, 0.7, 141)
CUT = 0.6  # T
CUT_FIELDS = np.linspace(0.0, 0.7, 141)
RESTING = (0.05, 0.1, 0.15, 0.2, 0.25, 0.29)  # Ω of exact numbers in the retrieval phase
TURNING = (0.3, 0.32, 0.35, 0.4, 0.5, 0.6, 0.7)  # and on the cycle
CYCLES = (0.2945, 0.295, 0.296, 0.298, 0.3, 0.305, 0.31, 0.32, 0.34, 0.36, 0.4, 0.5, 0.6, 0.7)  # Ω, of the limit alone
SIZES = (20, 28, 40, 56, 80)
_LABEL = {"facecolor": "white", "edgecolor": PRINTED, "lw": 0.8, "pad": 2}
_PRINTED_REST = 0.35  # Ω at T = 0.6 of figure B1(b), lower panel
_STAY = 1.0  # time from the retrieval state
_STEP = 0.4  # of time at most, after which exact numbers on the cycle start again from product states


def compute(progress: Say) -> xr.Dataset:
    """overlap (temperature, field), NaN without retrieval; printed (temperature, field), 1 where the printed inequality
    says that there is a cycle; rest (cut_field) and
    cycle (cycle_field), r.m.s.; exact_rest and exact_cycle with errors."""
    shape = (len(TEMPERATURES), len(FIELDS))
    overlap = np.zeros(shape)
    for j, k in np.ndindex(shape):
        overlap[j, k] = _overlap(TEMPERATURES[j], FIELDS[k])
    beta, omega = 1 / TEMPERATURES[:, None], FIELDS[None, :]
    printed = (omega > 1 / 4) & (beta > 3 / 2) & (beta > 1 + 8 * (omega / np.cosh(beta * overlap)) ** 2)
    rest = np.array([_overlap(CUT, w) for w in CUT_FIELDS])
    turning = []
    for w in TURNING:
        progress(f"exact numbers on the limit cycle at Ω = {w:g}")
        turning.append(_exact_turning(w, _cycle(w)))
    progress("limit cycles")
    cycle = [_deviation(x.times, x.orbit[:, 2]) for x in map(_cycle, CYCLES)]
    resting = [_exact_rest(w) for w in RESTING]
    return xr.Dataset(
        {
            "overlap": (("temperature", "field"), np.where(overlap > 0, overlap, np.nan)),
            "printed": (("temperature", "field"), printed.astype(np.int8)),
            "largest_field": ("temperature", [largest_field(1 / t) for t in TEMPERATURES]),
            "end_of_retrieval": largest_field(1 / CUT),
            "rest": ("cut_field", np.where(rest > 0, rest, np.nan)),
            "exact_rest": ("resting", [x for x, _ in resting]),
            "exact_rest_error": ("resting", [e for _, e in resting]),
            "exact_cycle": ("turning", [x for x, _ in turning]),
            "exact_cycle_error": ("turning", [e for _, e in turning]),
            "cycle": ("cycle_field", cycle),
        },
        {
            "temperature": TEMPERATURES,
            "field": FIELDS,
            "cut_field": CUT_FIELDS,
            "resting": list(RESTING),
            "turning": list(TURNING),
            "cycle_field": list(CYCLES),
        },
        {"cut": CUT},
    )


def _overlap(temperature: float, field: float) -> float:
    """⟨m_z⟩ of the retrieval state, 0 without one."""
    m = retrieval(1 / temperature, field)
    return 0.0 if m is None else float(m[2])


def _cycle(field: float):
    """The limit cycle on the cut, of the derived mean field."""
    return attractor(hopfield(field, 1 / CUT), [0.0, 0.0, 1.0]).cycle


def _deviation(times: np.ndarray, values: np.ndarray) -> float:
    """Standard deviation over one period."""
    period = times[-1] - times[0]
    mean = np.trapezoid(values, times) / period
    return float(np.sqrt(np.trapezoid((values - mean) ** 2, times) / period))


def _exact_rest(field: float) -> tuple[float, float]:
    """Exact ⟨m_z⟩ a while after the retrieval state, N → ∞, and its error."""
    m = retrieval(1 / CUT, field)
    values = [evolve(hopfield(field, 1 / CUT), n, m, (0.0, _STAY), tol=1e-9).means[-1, 2] for n in SIZES]
    found = extrapolate(SIZES, values, 1e-8)
    return float(found.value), float(found.error)


def _exact_turning(field: float, cycle) -> tuple[float, float]:
    """Root of the average of exact ⟨m_z⟩² over half a period, after which it has changed its sign, N → ∞, and its
    error: in parts, each from the product state with the averages at the end of the one before, which N → ∞ allows."""
    half = cycle.period / 2
    parts = int(np.ceil(half / _STEP))
    times, m, squares, error = np.array([0.0, half / parts]), cycle.m, [], 0.0
    for _ in range(parts):
        runs = [evolve(hopfield(field, 1 / CUT), n, m, times, tol=1e-9).means for n in SIZES]
        limit = extrapolate(SIZES, runs, 1e-8)
        m, error = limit.value[-1], error + float(limit.error[-1].max())
        squares.append(m[2] ** 2)
    return float(np.sqrt(np.mean(squares))), 2 * error


def draw(data: xr.Dataset) -> Figure:
    """Left: the plane. Right: the cut."""
    figure = two_columns(3)
    message(figure, "The limit cycle begins where retrieval ends, not where the printed inequality puts it")
    plane, cut = figure.subplots(1, 2, width_ratios=(1.15, 1))
    _plane(figure, plane, data)
    _cut(cut, data)
    return figure


def _plane(figure, axes, data: xr.Dataset) -> None:
    t, w = data["temperature"].values, data["field"].values
    overlap = data["overlap"].values.T
    image = axes.pcolormesh(t, w, overlap, cmap="Blues", vmin=-0.1, vmax=2.4, shading="nearest", rasterized=True)
    bar = figure.colorbar(image, ax=axes, label=r"overlap $o_z$ at rest", pad=0.02, boundaries=np.linspace(0, 1, 101))
    bar.set_ticks(np.linspace(0, 1, 6))
    as_printed = axes.contourf(t, w, data["printed"].values.T, levels=[0.5, 1.5], colors="none", hatches=["////"])
    as_printed.set(edgecolor=PRINTED, linewidth=0)
    top = data["largest_field"].values
    cycle = t <= CYCLE_BELOW
    axes.fill_between(t[cycle], np.minimum(top, w[-1])[cycle], w[-1], color=OTHERS[0], alpha=0.25, lw=0)
    axes.plot(t, top, "k-", lw=1.2)
    axes.plot([CYCLE_BELOW, CYCLE_BELOW], [0.25, w[-1]], "k-", lw=1.2)
    axes.axvline(data.attrs["cut"], color="0.35", lw=0.8, ls=":")
    axes.text(0.4, 0.08, "retrieval", ha="center", va="center")
    axes.text(0.83, 0.42, "paramagnet", ha="center")
    axes.text(0.52, 0.53, "limit\ncycle,\nderived", ha="center", va="center")
    axes.text(0.3, 0.45, "limit cycle\nas printed\n(hatched)", ha="center", va="center", bbox=_LABEL)
    axes.set(xlabel="temperature T", ylabel="field Ω", xlim=(t[0], t[-1]), ylim=(w[0], w[-1]))
    axes.set_title("(a) three phases; dotted: the cut of (b)")


def _cut(axes, data: xr.Dataset) -> None:
    axes.plot(data["cut_field"], data["rest"], **DERIVED_LINE)
    axes.plot(data["cycle_field"], data["cycle"], color=OTHERS[0], lw=1.6)
    bars = EXACT_POINTS | {"capsize": 2, "elinewidth": 0.8, "zorder": 4, "clip_on": False}
    axes.errorbar(data["resting"], data["exact_rest"], data["exact_rest_error"], **bars)
    axes.plot([], [], **EXACT_POINTS, label="exact, N → ∞")
    axes.errorbar(data["turning"], data["exact_cycle"], data["exact_cycle_error"], **bars)
    end = float(data["end_of_retrieval"])
    axes.axvline(end, color="k", lw=1.2, zorder=0)
    axes.axvline(_PRINTED_REST, color=PRINTED, ls=(0, (4, 1.5)), lw=1.2, zorder=0)
    axes.text(0.02, 0.8, "retrieval,\nderived", color=DERIVED, va="top")
    axes.text(0.37, 0.32, "on the cycle (r.m.s.),\nderived", color=OTHERS[0], va="top")
    axes.text(0.36, 0.78, "point of fig. B1(b),\nprinted as retrieval\n(Fiorelli 2024)", color=PRINTED, va="center")
    axes.set(xlabel="field Ω", ylabel=r"overlap $o_z$, or its r.m.s. in time", xlim=(0, 0.72), ylim=(0, 1.05))
    axes.set_title(f"(b) T = {data.attrs['cut']:g}: retrieval ends at {end:.3f}")
    axes.legend(loc="lower left")
