"""Slow modes followed through a ladder of sizes: which eigenvalues of neighbouring sizes belong together, and to which
sum of mean field they go."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.optimize import linear_sum_assignment

from comparison.convergence.mean_field_sums import Sum, mean_field_sums
from comparison.referee.extrapolation import FEWEST, extrapolate, rate, weights
from finite_n.eigenmodes.low_spectrum import Spectrum
from meanfield.bifurcations.fixed_points import FixedPoint

SPARE = 4  # eigenvalues computed besides the k shown, so that modes that cross are still there to be followed


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


def tracks_of(sizes: list[int], spectra: list[Spectrum], k: int, points: list[FixedPoint]) -> list[Track]:
    """The k slowest decaying modes of the largest size, or one more, with the sums at `points` that they go to."""
    levels = [_Level(s) for s in spectra]
    places = _follow(levels, k)
    paths = [[complex(level.values[i]) for level, i in _of(levels, path)] for path in places]
    # two sizes settle which sum is meant; higher orders, where levels cross at small N, do not
    near = np.array([weights(sizes[-2:]) @ p[-2:] if len(p) > 1 else p[-1] for p in paths])
    predicted = _match(near, points) if points else [None] * len(paths)
    return [_track(sizes, _of(levels, path), s) for path, s in zip(places, predicted, strict=True)]


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
    sums = mean_field_sums(points, 2 * len(ends) + SPARE)
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
