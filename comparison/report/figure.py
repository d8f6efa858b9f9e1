"""Figures drawn from a study's dataset, and from nothing else."""

from __future__ import annotations

import dataclasses
import io
import itertools
from collections.abc import Iterator

import matplotlib
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from comparison.report.axes import label_few_decades, sizes_at_ticks
from comparison.study.limit_arrays import POWERS

# Okabe–Ito, safe for colour-blind readers; claims differ by dash and marker too
CLAIM_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")
CLAIM_DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1)))
MARKERS = ("o", "s", "^", "D", "v")
_FLUCTUATIONS = {
    "re_chi_": r"Re $\langle e^{i r \cdot F}\rangle$",
    "im_chi_": r"Im $\langle e^{i r \cdot F}\rangle$",
    "kappa3_": r"$\kappa_3(r \cdot F)$",
    "kappa4_": r"$\kappa_4(r \cdot F)$",
}


@dataclasses.dataclass(frozen=True)
class Look:
    """Colours of a figure: text and axes, claims in their order, and the range of Greys for sizes from small to
    large."""

    ink: str
    claims: tuple[str, ...]
    greys: tuple[float, float]

    @property
    def settings(self) -> dict:
        """Of matplotlib, for text and axes; glyphs as outlines, which look the same without any font."""
        inks = ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color")
        return dict.fromkeys(inks, self.ink) | {"svg.fonttype": "path"}


LIGHT = Look("#000000", CLAIM_COLOURS, (0.35, 0.95))
DARK = Look("#e6e8eb", ("#56B4E9", "#FF8A3D", "#2FC99A", "#E9A3CB", "#F0C649"), (0.62, 0.12))  # the same, lighter


def _literal(name: str) -> str:
    """A claim's name without the meaning that matplotlib gives to $."""
    return str(name).replace("$", r"\$")


def label(quantity: str) -> str:
    """Mathematical label of a quantity."""
    kind, _, axes = quantity.partition("_")
    if kind == "mean" and axes in "xyz":
        return rf"$\langle m_{axes}\rangle$"
    if kind == "cov" and len(axes) == 2:
        return rf"$\Sigma_{{{axes}}}$"
    if kind in ("mean", "first") and "." in axes:
        return rf"$\langle {'m' if kind == 'mean' else 'F'}\rangle$, {axes}"
    if kind == "cov" and "." in axes:
        return rf"$\Sigma$, {axes.replace('_', ' and ')}"
    for prefix, text in _FLUCTUATIONS.items():
        if quantity.startswith(prefix):
            return f"{text}, {quantity.removeprefix(prefix)}"
    return _literal(quantity)


def telling_quantity(data: xr.Dataset) -> str:
    """The quantity on which claims and exact numbers differ most: first choice for a figure."""
    exact = data["exact"].isel(N=-1)
    distance = np.abs(data["limit"] - exact).max("time")
    spread = distance.max("claim", skipna=True).fillna(0.0)
    return str(data["quantity"].values[int(np.argmax(spread.values))])


def convergence_figure(data: xr.Dataset, quantity: str | None = None) -> Figure:
    """Left: exact curves at every N with the claimed limits. Right: distance to each claim at the last time against
    N."""
    quantity = quantity or telling_quantity(data)
    figure = Figure(figsize=(9.0, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    _draw_course(left, data, quantity, LIGHT)
    _draw_distances(right, data, quantity, LIGHT)
    for axes in (left, right):
        if axes.get_legend_handles_labels()[0]:
            axes.legend(fontsize=7.5, frameon=False)
    return figure


def panel_files(data: xr.Dataset, quantity: str | None = None) -> dict[str, dict[str, bytes]]:
    """The two panels apart, as SVG on a transparent ground, {panel: {"light": …, "dark": …}}; the same bytes for the
    same data."""
    quantity = quantity or telling_quantity(data)
    out: dict[str, dict[str, bytes]] = {}
    for panel, draw in (("course", _draw_course), ("distances", _draw_distances)):
        for name, look in (("light", LIGHT), ("dark", DARK)):
            with matplotlib.rc_context(look.settings | {"svg.hashsalt": panel}):
                figure = Figure(figsize=(5.2, 4.2), layout="constrained")
                axes = figure.subplots()
                draw(axes, data, quantity, look)
                if axes.get_legend_handles_labels()[0]:  # above the axes, where it hides nothing
                    figure.legend(fontsize=8, frameon=False, loc="outside upper left", ncols=3, columnspacing=1.2)
                content = io.BytesIO()
                figure.savefig(content, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
            out.setdefault(panel, {})[name] = content.getvalue()
    return out


def _styles(d: xr.Dataset, look: Look) -> tuple[dict[str, tuple], Iterator[tuple]]:
    """Colour, dash and marker of every claimed limit that says something, and those that are left for theories."""
    claims = [c for c in d["claim"].values if not np.all(np.isnan(d["limit"].sel(claim=c)))]
    looks = itertools.cycle(zip(look.claims, CLAIM_DASHES, MARKERS, strict=True))
    return dict(zip(claims, looks, strict=False)), looks


def _draw_course(axes: Axes, data: xr.Dataset, quantity: str, look: Look) -> None:
    """Exact curves at every N with the claimed limits."""
    d = data.sel(quantity=quantity)
    sizes, times = d["N"].values, d["time"].values
    shades = matplotlib.colormaps["Greys"](np.linspace(*look.greys, len(sizes)))
    named = set(sizes) if len(sizes) <= 7 else {sizes[0], sizes[len(sizes) // 2], sizes[-1]}
    for N, shade in zip(sizes, shades, strict=True):
        axes.plot(times, d["exact"].sel(N=N), color=shade, lw=1.2, label=f"exact, N = {N}" if N in named else None)
    for claim, (colour, dash, marker) in _styles(d, look)[0].items():
        values = d["limit"].sel(claim=claim).values
        own = np.isfinite(values)  # a table has points at times of its own
        bars = d["limit_uncertainty"].sel(claim=claim).values[own] if "limit_uncertainty" in d else np.zeros(own.sum())
        drawn = {"color": colour, "label": f"claim: {_literal(claim)}"}
        if np.any(bars):
            axes.errorbar(times[own], values[own], bars, ls="none", marker=marker, ms=4, **drawn)
        else:
            axes.plot(times[own], values[own], ls=dash, lw=2, **drawn)
    if "extrapolated" in d and np.isfinite(d["extrapolated_error"][-1]):
        axes.errorbar(
            times[-1],
            d["extrapolated"][-1],
            d["extrapolated_error"][-1],
            fmt="*",
            color=look.ink,
            ms=9,
            capsize=3,
            label="exact, N → ∞",
            zorder=5,
        )
    axes.set(xlabel="t", ylabel=label(quantity))


def _draw_distances(axes: Axes, data: xr.Dataset, quantity: str, look: Look) -> None:
    """Distance to each claim at the last time against N."""
    d = data.sel(quantity=quantity)
    sizes, times = d["N"].values, d["time"].values
    styles, looks = _styles(d, look)
    shown = False
    for claim, (colour, _, marker) in styles.items():
        distance = np.abs(d["exact"].isel(time=-1) - d["limit"].sel(claim=claim).isel(time=-1)).values
        if np.all(distance > 0):
            name = f"exact − {_literal(claim)}"
            axes.loglog(sizes, distance, marker=marker, color=colour, ls="none", ms=6, label=name)
            shown = True
    for theory, (colour, _, marker) in zip(d["theory"].values if "theory" in d else (), looks, strict=False):
        distance, time = _theory_distance(d, theory)
        if np.any(np.isfinite(distance)):
            drawn = {"marker": marker, "color": colour, "ls": "none", "mfc": "none", "ms": 6}
            axes.loglog(sizes, distance, label=f"exact − {_literal(theory)} at N, t = {time:g}", **drawn)
            shown = True
    if shown:
        derived = np.abs(d["exact"].isel(time=-1) - d["limit"].sel(claim="derived").isel(time=-1)).values
        if derived[-1] > 0:
            power = float(d[POWERS][0]) if POWERS in d else 1.0
            guide = derived[-1] * (sizes[-1] / sizes) ** power
            text = r"$\propto 1/N$" if power == 1 else r"$\propto N^{-1/2}$"
            axes.loglog(sizes, guide, color="0.5", lw=1, label=text)
        sizes_at_ticks(axes, sizes)
        label_few_decades(axes)
    axes.set(xlabel="N", ylabel=f"|exact − claim| of {label(quantity)} at t = {times[-1]:g}")


def _theory_distance(d: xr.Dataset, theory: str) -> tuple[np.ndarray, float]:
    """|exact − theory| at every N, nan where it is zero, at the last time at which the theory says something."""
    distance = np.abs(d["exact"] - d["theory_value"].sel(theory=theory)).transpose("time", "N").values
    known = np.flatnonzero(np.all(np.isfinite(distance), axis=1))
    last = known[-1] if len(known) else -1
    return np.where(distance[last] > 0, distance[last], np.nan), float(d["time"][last])


def figure_files(figure: Figure, subject: str, stem: str = "convergence", dpi: int = 160) -> dict[str, bytes]:
    """<stem>.png and <stem>.pdf, the same bytes for the same figure; `subject` is put into their metadata. dpi : dots
    per inch of the PNG."""
    out = {}
    for ending, metadata in (("png", {"Description": subject}), ("pdf", {"Subject": subject, "CreationDate": None})):
        content = io.BytesIO()
        figure.savefig(content, dpi=dpi, format=ending, metadata=metadata)
        out[f"{stem}.{ending}"] = content.getvalue()
    return out
