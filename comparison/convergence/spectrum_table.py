"""Slow modes beside the sums of mean field as text: a table, and what a reader should know of it."""

from __future__ import annotations

import numpy as np

from comparison.convergence.followed_modes import Track
from comparison.convergence.mean_field_sums import name_of
from comparison.referee.table import aligned
from comparison.referee.verdict import with_error
from finite_n.eigenmodes.low_spectrum import Spectrum
from meanfield.bifurcations.fixed_points import FixedPoint

_SEEN = 5e-8  # numerical error beyond which it is shown
_FAR = 0.5  # |λ_N − sum| over |sum| at the largest size beyond which a reader is warned


def notes_on(exact: list[Spectrum], points: list[FixedPoint], left_out: bool, tracks: list[Track]) -> list[str]:
    """Sentences for the reader; left_out: whether some fixed points are not among `points`."""
    notes = []
    stable = sum(p.stability == "stable" for p in points)
    if not points:
        notes.append(
            "No stable fixed point of the drift: no prediction. (A conserved quantity makes fixed points marginal; a "
            "limit cycle or an unstable flow has none.)"
        )
    elif left_out:
        notes.append(
            "There are marginal fixed points, of which linearisation says nothing: modes that go to zero with N may "
            "come from them."
        )
    if stable > 1:
        notes.append(
            f"{stable} stable fixed points: the prediction is the union of the sums at all fixed points, and "
            f"{stable - 1} mode(s) with a gap that closes exponentially in N (gap at N = {exact[-1].N}: "
            f"{exact[-1].gap:.3g}; once below tol, a zero mode)."
        )
    far = sum(
        abs(t.values[-1] - t.predicted.value) > _FAR * abs(t.predicted.value)
        for t in tracks
        if t.predicted and t.predicted.value
    )
    if far:
        notes.append(
            f"At N = {exact[-1].N}, {far} of the modes lie far from the sums beside them: the sizes are too small, or "
            "the modes belong to something without sums, such as a marginal or an absorbing point."
        )
    if any(np.any(t.defective) for t in tracks):
        largest = max(t.numerical[t.defective].max() for t in tracks if np.any(t.defective))
        notes.append(
            "Marked *: defective eigenvalues, or at an exceptional point as far as double precision tells; off by up "
            f"to {largest:.0e}."
        )
    if any(s.undamped for s in exact):
        notes.append(f"Undamped oscillations: {', '.join(f'{s.undamped} at N = {s.N}' for s in exact)}.")
    if any(s.left_out for s in exact):
        notes.append("Some modes that tie with the last one computed may be missing.")
    levels = next((s.levels for s in exact if s.levels), None)
    if levels:
        kept = ", ".join(f"{name}: {c}" for name, c in levels.items())
        notes.append(
            f"Modes are cut off at the levels {kept}; what that does is not in the errors, so compare another choice."
        )
    if any(s.zero_modes > 1 for s in exact):
        counts = ", ".join(f"{s.zero_modes} at N = {s.N}" for s in exact)
        where = exact[-1].gap_sector
        notes.append(
            f"Several zero modes: {counts}; the stationary state is not unique, or a gap is below tol. The gap is the "
            f"smallest of all sectors searched{f', at N = {exact[-1].N} in «{where}»' if where else ''}"
            + ("; give one J, or a start, for that of its own." if exact[-1].of_all else ".")
        )
    return notes


def table_of(sizes: list[int], spectra: list[Spectrum], points: list[FixedPoint], tracks: list[Track]) -> list[str]:
    """Lines: fixed points, then rows for every size, the extrapolation, the prediction, their distance, the rate."""

    def show(x, digits=7):
        return f"{x.real:.{digits}f}" + (f"{x.imag:+.{digits}f}i" if abs(x.imag) > 0.5 * 10.0**-digits else "")

    lines = []
    for number, p in enumerate(points):
        m = ", ".join(f"{x:+.6f}" for x in p.m)
        q = ", ".join(f"{name_of(i)} = {show(x, 6)}" for i, x in enumerate(p.eigenvalues, start=1))
        lines.append(f"{p.stability} fixed point{f' {number}' if len(points) > 1 else ''}: m = ({m}), {q}")
    several = len(points) > 1
    head = [
        "",
        *(
            ("" if t.predicted is None else f"{t.predicted}" + (f" ({t.predicted.point})" if several else ""))
            for t in tracks
        ),
    ]
    rows = [head]
    for i, N in enumerate(sizes):
        offset = [len(sizes) - len(t.values) for t in tracks]
        rows.append([f"N = {N}", *(_entry(t, i - o, show) for t, o in zip(tracks, offset, strict=True))])
    if len(sizes) > 1:
        rows.append(["N → ∞, exact", *(_shown(t, show) for t in tracks)])
    if points:
        rows.append(["N → ∞, sums", *(show(t.predicted.value) for t in tracks)])
        rows.append(["distance", *(f"{t.distance:.1e}" for t in tracks)])
        if len(sizes) > 1:
            rows.append(["rate N^−p, p", *("—" if np.isnan(t.exponent) else f"{t.exponent:.2f}" for t in tracks)])
    lines += [line.rstrip() for line in aligned(rows).splitlines()]
    gaps = ", ".join(f"{g:.7g}" for g in (s.gap for s in spectra))
    lines.append(f"gap: {gaps}; zero modes: {', '.join(str(s.zero_modes) for s in spectra)}")
    return lines


def _entry(track: Track, i: int, show) -> str:
    """One eigenvalue, with its error where that is seen in the digits shown."""
    if i < 0:
        return "—"
    error = f" ± {track.numerical[i]:.0e}" if track.numerical[i] > _SEEN else ""
    return show(track.values[i]) + error + ("*" if track.defective[i] else "")


def _shown(track: Track, show) -> str:
    if not np.isfinite(track.error):
        return show(track.extrapolated) + ("" if np.isnan(track.error) else " ?")
    if abs(track.extrapolated.imag) < 1e-12:
        return with_error(track.extrapolated.real, track.error)
    return f"{show(track.extrapolated)} ± {track.error:.0e}"
