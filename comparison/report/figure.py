"""Figures drawn from a study's dataset, and from nothing else."""

from __future__ import annotations

import io
import itertools

import matplotlib
import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

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
    return quantity


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
    d = data.sel(quantity=quantity)
    figure = Figure(figsize=(9.0, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    sizes, times = d["N"].values, d["time"].values
    shades = matplotlib.colormaps["Greys"](np.linspace(0.35, 0.95, len(sizes)))
    for N, shade in zip(sizes, shades, strict=True):
        left.plot(times, d["exact"].sel(N=N), color=shade, lw=1.2, label=f"exact, N = {N}")
    claims = [c for c in d["claim"].values if not np.all(np.isnan(d["limit"].sel(claim=c)))]
    looks = itertools.cycle(zip(CLAIM_COLOURS, CLAIM_DASHES, MARKERS, strict=True))
    styles = dict(zip(claims, looks, strict=False))
    for claim, (colour, dash, marker) in styles.items():
        values = d["limit"].sel(claim=claim).values
        own = np.isfinite(values)  # a table has points at times of its own
        look = {"ls": dash, "lw": 2}
        bars = d["limit_uncertainty"].sel(claim=claim).values[own] if "limit_uncertainty" in d else np.zeros(own.sum())
        if np.any(bars):
            look = {"ls": "none", "marker": marker, "ms": 4}
            left.errorbar(times[own], values[own], bars, color=colour, label=f"claim: {claim}", **look)
        else:
            left.plot(times[own], values[own], color=colour, label=f"claim: {claim}", **look)
    if "extrapolated" in d and np.isfinite(d["extrapolated_error"][-1]):
        left.errorbar(
            times[-1],
            d["extrapolated"][-1],
            d["extrapolated_error"][-1],
            fmt="k*",
            ms=9,
            capsize=3,
            label="exact, N → ∞",
            zorder=5,
        )
    left.set(xlabel="t", ylabel=label(quantity))
    left.legend(fontsize=7.5, frameon=False)

    shown = False
    for claim, (colour, _, marker) in styles.items():
        distance = np.abs(d["exact"].isel(time=-1) - d["limit"].sel(claim=claim).isel(time=-1)).values
        if np.all(distance > 0):
            right.loglog(sizes, distance, marker=marker, color=colour, ls="none", ms=6, label=f"exact − {claim}")
            shown = True
    for theory, (colour, _, marker) in zip(d["theory"].values if "theory" in d else (), looks, strict=False):
        distance, time = _theory_distance(d, theory)
        if np.any(np.isfinite(distance)):
            look = {"marker": marker, "color": colour, "ls": "none", "mfc": "none", "ms": 6}
            right.loglog(sizes, distance, label=f"exact − {theory} at N, t = {time:g}", **look)
            shown = True
    if shown:
        derived = np.abs(d["exact"].isel(time=-1) - d["limit"].sel(claim="derived").isel(time=-1)).values
        if derived[-1] > 0:
            power = float(d[POWERS][0]) if POWERS in d else 1.0
            guide = derived[-1] * (sizes[-1] / sizes) ** power
            text = r"$\propto 1/N$" if power == 1 else r"$\propto N^{-1/2}$"
            right.loglog(sizes, guide, color="0.5", lw=1, label=text)
        right.set_xticks(sizes, [str(N) for N in sizes])
        right.xaxis.minorticks_off()
        low, high = right.get_ylim()
        if high < 100 * low:  # few powers of ten or none: label between them
            right.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            right.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
            right.yaxis.set_minor_formatter(NullFormatter())
        right.legend(fontsize=7.5, frameon=False)
    right.set(xlabel="N", ylabel=f"|exact − claim| of {label(quantity)} at t = {times[-1]:g}")
    return figure


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
