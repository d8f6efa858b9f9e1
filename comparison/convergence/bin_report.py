"""What a convergence in bins says: a table and a sentence for every quantity, and plain numbers for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from comparison.referee.table import aligned

if TYPE_CHECKING:
    from comparison.convergence.bins import BinConvergence

_NO_CHANGE = 1e-9  # widths of frequencies that count as none


def table(found: BinConvergence, rows: int) -> str:
    """Bins, their frequencies, values and errors at some times, and verdicts."""
    where = "N → ∞" if found.N is None else f"N = {found.N}"
    head = ["bins", *(["elements"] if found.elements else []), "resolved from", "revival near"]
    lines = [head]
    for n, (k, f) in enumerate(zip(found.bins, found.frequencies, strict=True)):
        cost = [f"{found.elements[n]:.0f}"] if found.elements else []
        lines.append([str(k), *cost, _time(f.resolved), _time(f.revival)])
    out = [f"{where}, bins by {found.rule}, t = {found.times[0]:g} to {found.times[-1]:g}", "", aligned(lines)]
    some = np.unique(np.linspace(0, len(found.times) - 1, rows + 1).round().astype(int))[1:]
    for q, label in enumerate(found.labels):
        lines = [["t", *(f"{k} bins" for k in found.bins), "between", "error", "K^−p, p ="]]
        for i in some:
            numbers = [*found.values[:, q, i], found.witness[q, i]]
            p = f"{found.rate[q, i]:.2f}" if np.isfinite(found.rate[q, i]) else "–"
            lines.append([f"{found.times[i]:.4g}", *(f"{x:.6f}" for x in numbers), _error(found.error[q, i]), p])
        out += ["", label, aligned(lines)]
    return "\n".join([*out, "", *verdicts(found), *([found.failure] if found.failure else [])])


def verdicts(found: BinConvergence) -> list[str]:
    """A sentence for every quantity, and one on when bins rephase."""
    return [*(_verdict(found, q) for q in range(len(found.labels))), _rephasing(found)]


def _verdict(found: BinConvergence, q: int) -> str:
    label, until, last, k = found.labels[q], found.until[q], found.times[-1], found.bins[-1]
    if found.N == k:
        return f"{label}: EXACT in bins, every particle has its own value."
    off = _error(found.error[q, -1])
    by = "by an unknown amount" if off == "∞" else f"by up to {off}"
    if until == last:
        return f"{label}: CONVERGED to {found.accuracy:.3g} until t = {last:g}, {k} bins are off {by}."
    beyond = "at any time" if np.isnan(until) else f"beyond t = {until:.4g}"
    return f"{label}: NOT CONVERGED to {found.accuracy:.3g} {beyond}, {k} bins are off {by} until t = {last:g}."


def _rephasing(found: BinConvergence) -> str:
    f, k = found.frequencies[-1], found.bins[-1]
    if f.spread <= _NO_CHANGE:
        return "Particles of all bins have the same frequency: bins do not rephase."
    if k == found.N:
        return f"The {k} particles themselves rephase near t = {f.revival:.4g}."
    return (
        f"Neighbouring bins of {k} differ in frequency by {f.typical:.3g}, at most {f.widest:.3g}: the widest gaps are "
        f"resolved from t = 2π/{f.widest:.3g} = {f.resolved:.4g} on, and most neighbours are in phase again near "
        f"t = 2π/{f.typical:.3g} = {f.revival:.4g}, which those of a continuum never are."
    )


def _time(t: float) -> str:
    return f"t = {t:.4g}" if np.isfinite(t) else "never"


def _error(x: float) -> str:
    return f"{x:.1e}" if np.isfinite(x) else "∞"


def as_dict(found: BinConvergence) -> dict:
    """Plain numbers."""

    def plain(x) -> list:
        return [plain(y) for y in x] if np.ndim(x) else (float(x) if np.isfinite(x) else None)

    return {
        "N": found.N,
        "rule": found.rule,
        "bins": found.bins,
        "elements": [float(x) for x in found.elements],
        "times": found.times.tolist(),
        "quantities": found.labels,
        "values": found.values.tolist(),
        "between": found.witness.tolist(),
        "errors": plain(found.error),
        "rates": plain(found.rate),
        "accuracy": found.accuracy,
        "converged until": plain(found.until),
        "resolved from": plain([f.resolved for f in found.frequencies]),
        "revival near": plain([f.revival for f in found.frequencies]),
        "verdicts": verdicts(found),
        "failure": found.failure or None,
    }
