"""A horizon in words and in plain numbers."""

from __future__ import annotations

import numpy as np

from comparison.convergence.growth import Fit
from comparison.referee.plain import plain


def table(h) -> str:
    """One row for every size, then what is known of the growth with N."""
    rows = [["N", "t*", "error", "leaves first"]]
    for N, t, error, low, q in zip(h.sizes, h.time, h.error, h.low, h.leaves, strict=True):
        if np.isfinite(t):
            rows.append([str(N), f"{t:.6g}", f"{error:.1g}" if np.isfinite(error) else "not known", q])
        else:
            rows.append([str(N), f"> {low:.6g}", "", "none"])
    widths = [max(len(r[j]) for r in rows) for j in range(4)]
    widths[3] = 0  # the last column is not padded
    lines = ["  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)) for row in rows]
    what = ", ".join(h.quantities[:6]) + (", …" if len(h.quantities) > 6 else "")
    head = f"theory {h.theory}: first time t* at which {what} are off by more than {h.tolerance:g}"
    return "\n".join([head, *(line.rstrip() for line in lines), "", *growth_lines(h)])


def growth_lines(h) -> list[str]:
    """Sentences on the growth of t* with N."""
    finite = np.isfinite(h.time)
    since = h.time - h.start
    lines = []
    if not finite.any():
        return [f"The theory holds until t = {h.low.min():.6g} at every size: no growth law. Ask for later times."]
    if np.all(since == 0):
        return ["The theory is off by more than the tolerance at the first time, at every size."]
    if np.any(since == 0):
        off = ", ".join(str(N) for N, s in zip(h.sizes, since, strict=True) if s == 0)
        lines.append(f"Off by more than the tolerance at the first time: N = {off}, left out below.")
    if not finite.all():
        held = ", ".join(str(N) for N, f in zip(h.sizes, finite, strict=True) if not f)
        lines.append(f"Holds until the last time: N = {held}, left out below.")
    g = h.growth
    clock = "t*" if h.start == 0 else f"t* − {h.start:g}"
    lines.append(f"growth: {g.law.upper() if g.law == 'undecided' else g.law}. {g.why[:1].upper()}{g.why[1:]}")
    if np.isfinite(g.slope.value):
        lines.append(f"  {clock} = a + b log N:  b = {g.slope}")
        if np.isfinite(h.rate):
            lines[-1] += f"; the start is unstable, with a growth rate γ = {h.rate:.6g}: 1/(2γ) = {0.5 / h.rate:.6g}"
    if np.isfinite(g.exponent.value):
        lines.append(f"  {clock} ~ N^p:  p = {g.exponent}")
    if g.law == "constant":
        at = f" = {g.constant}" if np.isfinite(g.constant.value) else ""
        lines.append(
            f"  {clock} → constant{at}: larger N does not help, the theory is not the limit to this tolerance."
        )
    return lines


def as_dict(h) -> dict:
    """Plain numbers for JSON, None for what is infinite or unknown."""
    g = h.growth

    def fit(f: Fit) -> dict:
        return {"value": plain(f.value), "error": plain(f.error)}

    return {
        "theory": h.theory,
        "tolerance": h.tolerance,
        "quantities": h.quantities,
        "sizes": h.sizes,
        "horizons": [
            {"N": N, "time": plain(t), "error": plain(e), "low": plain(a), "high": plain(b), "leaves": q or None}
            for N, t, e, a, b, q in zip(h.sizes, h.time, h.error, h.low, h.high, h.leaves, strict=True)
        ],
        "times": h.times.tolist(),
        "distance": h.distance.tolist(),
        "growth": {
            "law": g.law,
            "why": g.why,
            "slope": fit(g.slope),
            "exponent": fit(g.exponent),
            "constant": fit(g.constant),
            "misfits": {k: plain(v) for k, v in g.misfits.items()},
        },
        "growth_rate": plain(h.rate),
        "interrupted": h.interrupted,
        "failure": h.failure,
    }
