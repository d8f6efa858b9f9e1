"""The Liouvillian's slow eigenvalues at a ladder of sizes beside the sums that mean field predicts."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from comparison.convergence.mean_field_sums import Sum, mean_field_sums, name_of
from comparison.ladder import Ladder
from comparison.referee.extrapolation import FEWEST, extrapolate, rate, weights
from comparison.referee.plain import plain
from comparison.referee.table import aligned
from comparison.referee.verdict import with_error
from finite_n.eigenmodes.low_spectrum import Spectrum
from finite_n.errors import FiniteNError, shown
from finite_n.model.model import Model
from finite_n.model.validation import check_progress
from finite_n.solvers.spectrum import MOST, check_count, spectrum
from finite_n.typing import StateLike
from meanfield.bifurcations.fixed_points import ZERO, FixedPoint, fixed_points

_SPARE = 4  # eigenvalues computed besides the k shown, so that modes that cross are still there to be followed
_SEEN = 5e-8  # numerical error beyond which it is shown
_FAR = 0.5  # |λ_N − sum| over |sum| at the largest size beyond which a reader is warned


@dataclasses.dataclass(frozen=True)
class Track:
    """One eigenvalue followed through the sizes.

    values : λ_N (sizes,)
    predicted : its sum, None where there is no prediction
    extrapolated : of the polynomial in 1/N through all sizes
    error : of that, real and imaginary part together; inf where the ladder does not converge, nan below four sizes
    exponent : p of |λ_N − predicted| ~ N^−p over the largest sizes; nan where there is nothing to fit
    numerical : error of each value (sizes,), as `Spectrum.errors`
    defective : (sizes,), as `Spectrum.defective`
    """

    values: np.ndarray
    predicted: Sum | None
    extrapolated: complex
    error: float
    exponent: float
    numerical: np.ndarray
    defective: np.ndarray

    @property
    def distance(self) -> float:
        """|extrapolated − predicted|; nan without prediction."""
        return float(abs(self.extrapolated - self.predicted.value)) if self.predicted else np.nan


@dataclasses.dataclass(repr=False)
class SpectrumComparison:
    """Slow modes by size beside the sums of mean field.

    sizes : those that are done
    spectra : list of Spectrum, one for every size
    points : fixed points, none of them marginal
    tracks : list of Track, in the order of the largest size
    notes : sentences for the reader
    interrupted : True if a signal ended it before the last size
    failure : the error that ended it before the last size, in a sentence; empty if there was none
    """

    sizes: list[int]
    spectra: list[Spectrum]
    points: list[FixedPoint]
    tracks: list[Track]
    notes: list[str]
    interrupted: bool = False
    failure: str = ""

    @property
    def gaps(self) -> np.ndarray:
        """Gap at every size, shape (number of N,)."""
        return np.array([s.gap for s in self.spectra])

    def table(self) -> str:
        """Text table: one row for every size, the extrapolation, the prediction, their distance and the rate."""
        return _table(self)

    def to_dict(self) -> dict:
        """Plain numbers, complex ones as [real, imaginary], for JSON."""

        def pair(x):
            return [float(np.real(x)), float(np.imag(x))]

        return {
            "sizes": self.sizes,
            "gaps": [plain(g) for g in self.gaps],
            "gap_sectors": [s.gap_sector for s in self.spectra],
            "zero_modes": [s.zero_modes for s in self.spectra],
            "undamped": [s.undamped for s in self.spectra],
            "largest_residuals": [float(s.residuals.max()) for s in self.spectra],
            "largest_errors": [float(s.errors.max()) for s in self.spectra],
            "fixed_points": [{"m": p.m.tolist(), "eigenvalues": [pair(q) for q in p.eigenvalues]} for p in self.points],
            "eigenvalues": [
                {
                    "values": [pair(x) for x in t.values],
                    "numerical_errors": [plain(x) for x in t.numerical],
                    "defective": [bool(x) for x in t.defective],
                    "extrapolated": pair(t.extrapolated),
                    "error": plain(t.error),
                    "predicted": None if t.predicted is None else pair(t.predicted.value),
                    "sum": None if t.predicted is None else list(t.predicted.coefficients),
                    "fixed_point": None if t.predicted is None else t.predicted.point,
                    "distance": plain(t.distance),
                    "exponent": plain(t.exponent),
                }
                for t in self.tracks
            ],
            "notes": self.notes,
            "interrupted": self.interrupted,
            "failure": self.failure or None,
        }

    def __repr__(self):
        return self.table()


def compare_spectrum(
    model: Model,
    sizes: Sequence[int] = (10, 20, 30, 40),
    k: int = 6,
    *,
    tol: float = 1e-9,
    progress: Callable[[int], None] | None = None,
    cutoffs: Mapping[str, int] | None = None,
    J: Callable[[int], float | Mapping[str, float]] | None = None,
    rho0: StateLike | None = None,
) -> SpectrumComparison:
    """Exact slow eigenvalues λ_N beside the mean-field sums n·q, with extrapolation in 1/N and rates.

    Parameters
    ----------
    model : Model
    sizes : increasing numbers of particles, one or more
        Four or more give extrapolated values with an error and a rate.
    k : int
        Eigenvalues followed, zero modes not counted. Default 6.
    tol : float
        As for `spectrum`.
    progress : function of N, called after every size
    cutoffs : as for `spectrum`, the same at all sizes
    J : function of N, optional
        The value of J, or dict of these by species, that `spectrum` is asked for at every size: lambda N: N / 2 for the
        symmetric states, which costs much less than all J.
    rho0 : as for `spectrum`
        Only what this start reaches.

    Returns
    -------
    SpectrumComparison

    Raises FiniteNError for sizes that do not increase, and whatever `spectrum` refuses at the first size. Interrupted
    or refused later, it returns the sizes before.
    """
    ladder, k = Ladder(sizes), check_count(k)
    check_progress(progress)
    if J is not None and not callable(J):
        raise FiniteNError(f"J: got {shown(J)}; give a function of N, such as lambda N: N / 2.")
    options = {"tol": tol, "cutoffs": cutoffs, "rho0": rho0}
    everything = fixed_points(model)  # before the long work, so that nothing is lost to a flow without an answer
    exact = ladder.climb(lambda N: _spectrum(model, N, k, J, options), progress, keep=True)
    sizes = ladder.done
    points = [p for p in everything if np.all(np.abs(p.eigenvalues.real) > ZERO)]
    if not any(p.stability == "stable" for p in points):
        points = []
    levels = [_Level(s) for s in exact]
    places = _follow(levels, k)
    paths = [[complex(level.values[i]) for level, i in _of(levels, path)] for path in places]
    # two sizes settle which sum is meant; higher orders, where levels cross at small N, do not
    near = np.array([weights(sizes[-2:]) @ p[-2:] if len(p) > 1 else p[-1] for p in paths])
    predicted = _match(near, points) if points else [None] * len(paths)
    tracks = [_track(sizes, _of(levels, path), s) for path, s in zip(places, predicted, strict=True)]
    notes = _notes(exact, points, len(everything) > len(points), tracks)
    return SpectrumComparison(sizes, exact, points, tracks, notes, ladder.interrupted, ladder.failure)


def _spectrum(model: Model, N: int, k: int, J: Callable | None, options: dict) -> Spectrum:
    """The slow modes at one size, k + _SPARE of them beside its zero modes, of which a model may have many."""
    zeros = 1
    while True:
        wanted = min(MOST, k + _SPARE + zeros)
        found = spectrum(model, N, wanted, J=None if J is None else J(N), **options)
        if found.zero_modes <= zeros or len(found.eigenvalues) < wanted or wanted == MOST:
            return found
        zeros = found.zero_modes


class _Level:
    """The eigenvalues of one size that are not zero: values, errors, defective, names of their sectors."""

    def __init__(self, found: Spectrum):
        kept = ~found.is_zero
        self.values, self.errors, self.defective = found.eigenvalues[kept], found.errors[kept], found.defective[kept]
        self.names = [n for n, z in zip(found.sectors, found.is_zero, strict=True) if not z]


def _of(levels: list[_Level], path: list[int]) -> list[tuple[_Level, int]]:
    """The levels of a path, which ends at the largest size, with its places."""
    return list(zip(levels[len(levels) - len(path) :], path, strict=True))


def _follow(levels: list[_Level], k: int) -> list[list[int]]:
    """Places of the k slowest decaying modes of the largest size, each followed down the ladder.

    Neighbouring sizes are paired at least total distance; a mode keeps its sector where both sizes have one of that
    name.
    """
    last, names = levels[-1].values, levels[-1].names
    k = min(k, len(last))
    if 0 < k < len(last) and last[k - 1].imag > 0 and abs(last[k] - last[k - 1].conj()) < 1e-6 * abs(last[k]):
        k += 1  # a pair is not parted
    paths = [[j] for j in range(k)]
    ends = {j: (last[j], names[j]) for j in range(k)}
    for level in reversed(levels[:-1]):
        values, labels = level.values, level.names
        if not len(values):
            break
        known = set(labels)
        active = list(ends)
        cost = np.abs(np.array([ends[j][0] for j in active])[:, None] - values[None, :])
        other = np.array([[ends[j][1] in known and ends[j][1] != label for label in labels] for j in active])
        rows, columns = linear_sum_assignment(cost + 1e3 * cost.max() * other)
        found = {active[r]: int(c) for r, c in zip(rows, columns, strict=True) if not other[r, c]}
        for j, c in found.items():
            paths[j].insert(0, c)
        ends = {j: (values[c], labels[c]) for j, c in found.items()}
    return paths


def _match(ends: np.ndarray, points: list[FixedPoint]) -> list[Sum]:
    sums = mean_field_sums(points, 2 * len(ends) + _SPARE)
    cost = np.abs(ends[:, None] - np.array([s.value for s in sums])[None, :])
    rows, columns = linear_sum_assignment(cost)
    chosen = dict(zip(rows, columns, strict=True))
    return [sums[chosen[r]] for r in range(len(ends))]


def _track(sizes: list[int], path: list[tuple[_Level, int]], predicted: Sum | None) -> Track:
    values = np.array([level.values[i] for level, i in path])
    numerical = np.array([level.errors[i] for level, i in path])
    defective = np.array([level.defective[i] for level, i in path])
    own = sizes[-len(values) :]
    end = weights(own) @ values if len(own) > 1 else values[-1]
    error, exponent = np.nan, np.nan
    if len(own) >= FEWEST:
        parts = [extrapolate(own, part, numerical) for part in (values.real, values.imag)]
        error = float(np.hypot(*(p.error for p in parts)))
    if predicted is not None and len(own) >= 2:
        distance = np.abs(values - predicted.value)
        if np.all(distance > np.maximum(1e-12, numerical)):
            exponent = rate(own, distance, 0.0).exponent
            if np.isnan(exponent):
                exponent = float(-np.polyfit(np.log(own), np.log(distance), 1)[0])
    return Track(values, predicted, complex(end), error, float(exponent), numerical, defective)


def _notes(exact: list[Spectrum], points: list[FixedPoint], left_out: bool, tracks: list[Track]) -> list[str]:
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


def _table(c: SpectrumComparison) -> str:
    def show(x, digits=7):
        return f"{x.real:.{digits}f}" + (f"{x.imag:+.{digits}f}i" if abs(x.imag) > 0.5 * 10.0**-digits else "")

    lines = []
    for number, p in enumerate(c.points):
        m = ", ".join(f"{x:+.6f}" for x in p.m)
        q = ", ".join(f"{name_of(i)} = {show(x, 6)}" for i, x in enumerate(p.eigenvalues, start=1))
        lines.append(f"{p.stability} fixed point{f' {number}' if len(c.points) > 1 else ''}: m = ({m}), {q}")
    several = len(c.points) > 1
    head = [
        "",
        *(
            ("" if t.predicted is None else f"{t.predicted}" + (f" ({t.predicted.point})" if several else ""))
            for t in c.tracks
        ),
    ]
    rows = [head]
    for i, N in enumerate(c.sizes):
        offset = [len(c.sizes) - len(t.values) for t in c.tracks]
        rows.append([f"N = {N}", *(_entry(t, i - o, show) for t, o in zip(c.tracks, offset, strict=True))])
    if len(c.sizes) > 1:
        rows.append(["N → ∞, exact", *(_shown(t, show) for t in c.tracks)])
    if c.points:
        rows.append(["N → ∞, sums", *(show(t.predicted.value) for t in c.tracks)])
        rows.append(["distance", *(f"{t.distance:.1e}" for t in c.tracks)])
        if len(c.sizes) > 1:
            rows.append(["rate N^−p, p", *("—" if np.isnan(t.exponent) else f"{t.exponent:.2f}" for t in c.tracks)])
    lines += [line.rstrip() for line in aligned(rows).splitlines()]
    gaps = ", ".join(f"{g:.7g}" for g in c.gaps)
    lines.append(f"gap: {gaps}; zero modes: {', '.join(str(s.zero_modes) for s in c.spectra)}")
    return "\n".join(lines + c.notes)


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
