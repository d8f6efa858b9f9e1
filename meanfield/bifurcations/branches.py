"""Fixed points followed in one parameter, with the points where their stability changes.

A branch is a curve x(s) = (m, p) with f(m, p) = 0, followed by `meanfield.bifurcations.arclength`. Lengths are measured
with p in units of the range.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq

from finite_n.errors import FiniteNError, shown
from finite_n.model.validation import check_kind, check_number, check_whole
from meanfield.bifurcations import state_space, vector_field
from meanfield.bifurcations.arclength import Curve, follow
from meanfield.bifurcations.fixed_length import advice_on_continua
from meanfield.bifurcations.fixed_points import ZERO, fixed_points, polish
from meanfield.bifurcations.normal_forms import Bifurcation, describe, null_vectors

if TYPE_CHECKING:
    import xarray

_POINT = 1e-6  # length of curve on which eigenvalues that cross count as crossing at once
_BEYOND = 1e-3  # of an interval, searched outside it
_BESIDE = 1e-2  # of an interval, beside a point in it
_ON_BRANCH = 1e-6  # distance between a fixed point and a branch that it belongs to
_PUSH = 1e-5  # of |∂f/∂p| along the left null vector


@dataclasses.dataclass(frozen=True)
class Branch:
    """A curve of fixed points, K of them.

    parameter: its name; values (K,); m (K, n); eigenvalues (K, n) of Q, by falling real part; unstable (K,): how many
    have a positive real part; bifurcations in the order of the curve; ends: in words, why it stops at its two ends.
    """

    parameter: str
    values: np.ndarray
    m: np.ndarray
    eigenvalues: np.ndarray
    unstable: np.ndarray
    bifurcations: list[Bifurcation]
    ends: tuple[str, str]

    def at(self, value: float) -> np.ndarray:
        """Points of the branch at one value of the parameter, by linear interpolation, shape (count, n)."""
        p, found = self.values, []
        for k in np.flatnonzero((p[:-1] - value) * (p[1:] - value) <= 0):
            part = (value - p[k]) / (p[k + 1] - p[k]) if p[k + 1] != p[k] else 0.0
            found.append((1 - part) * self.m[k] + part * self.m[k + 1])
        return np.reshape(found, (-1, self.m.shape[1]))

    def to_xarray(self) -> xarray.Dataset:
        """Dataset with dimensions point, component, mode, bifurcation."""
        import xarray

        b, n = self.bifurcations, self.m.shape[1]
        return xarray.Dataset(
            {
                self.parameter: ("point", self.values),
                "m": (("point", "component"), self.m),
                "eigenvalue_real": (("point", "mode"), self.eigenvalues.real),
                "eigenvalue_imag": (("point", "mode"), self.eigenvalues.imag),
                "unstable": ("point", self.unstable),
                "bifurcation_kind": ("bifurcation", np.array([x.kind for x in b], dtype=str)),
                "bifurcation_side": ("bifurcation", np.array([x.side for x in b], dtype=str)),
                "bifurcation_value": ("bifurcation", np.array([x.parameters[0] for x in b])),
                "bifurcation_m": (("bifurcation", "component"), np.reshape([x.m for x in b], (-1, n))),
                "bifurcation_frequency": ("bifurcation", np.array([x.frequency for x in b])),
            },
            attrs={"parameter": self.parameter, "ends": list(self.ends)},
        )

    def __repr__(self):
        events = "".join(f"\n  {b!r}" for b in self.bifurcations)
        return (
            f"Branch of {len(self.values)} points, {self.parameter} from {self.values[0]:g} to {self.values[-1]:g} "
            f"({self.ends[0]}; {self.ends[1]}){events}"
        )


def continue_branch(
    family: Callable, start, value: float, bounds: tuple[float, float], *, step: float = 0.05, points: int = 400,
    parameter: str = "p",
) -> Branch:  # fmt: skip
    """The branch of fixed points through `start` at parameter `value`, followed both ways inside `bounds`.

    Parameters
    ----------
    family : function of one parameter that returns a Model or a limit
    start : array, shape (n,)
        Near a fixed point at `value`.
    value, bounds : float, (float, float)
    step : float
        Largest step along the curve, with averages in their own units and the parameter in units of its range. Two
        changes of stability within one step that cancel are not seen. Default 0.05.
    points : int
        At most so many in each direction. Default 400.
    parameter : str
        Name of the parameter in the result.

    Returns
    -------
    Branch
        Folds, branch points and Hopf points are solved for, to about 1e-10, or to the square root of rounding where f
        itself is flat; "multiple" ones to 1e-6.

    Raises FiniteNError if there is no fixed point near `start`, or if it is one of a continuum at fixed parameter.
    """
    curve = _FixedPoints(vector_field.Family(family), bounds, step)
    check_whole(points, "continuation: points", 1)
    check_kind(parameter, "continuation: parameter", str, "the name of the parameter, a text")
    low, high = curve.bounds
    value = check_number(value, "continuation: value")
    if not low <= value <= high:
        raise FiniteNError(f"continuation: value {shown(value)} is outside bounds {low:g} … {high:g}.")
    limit = curve.family(value)
    m = polish(limit, state_space.as_start(limit, start))
    if m is None or not state_space.physical(limit, m, 1e-8):
        raise FiniteNError(
            f"continuation: no fixed point near {np.asarray(start)} at {value:g}; start from `fixed_points`."
        )
    x = np.append(m, (value - low) / (high - low))
    null = curve.null_space(x)
    if null is None or len(null) > 1:
        raise FiniteNError(
            f"continuation: at {value:g} the fixed point {m} is one of a continuum or a branch point; "
            f"{advice_on_continua(limit)}."
        )
    tangent = null[0] if null[0][-1] >= 0 else -null[0]
    (back, back_end), (forth, end) = (follow(curve, x, t, points) for t in (-tangent, tangent))
    back, forth = [y for y, _ in back], [y for y, _ in forth]
    chain = [*back[:0:-1], *forth]
    eigenvalues = np.array([_sorted(curve.eigenvalues(y)) for y in chain])
    return Branch(
        parameter,
        np.array([curve.value(y) for y in chain]),
        np.array([y[:-1] for y in chain]),
        eigenvalues,
        (eigenvalues.real > ZERO).sum(axis=1),
        [*curve.bifurcations(back)[::-1], *curve.bifurcations(forth)],
        (back_end, end),
    )


def branches(
    family: Callable, bounds: tuple[float, float], *, anchors: int = 3, starts: int = 32, step: float = 0.05,
    points: int = 400, seed: int = 0, parameter: str = "p",
) -> list[Branch]:  # fmt: skip
    """All branches inside `bounds` that pass through fixed points found from many starts at `anchors` values of the
    parameter.

    Branches that cross are each followed through. Parameters as for `continue_branch` (family, step, points,
    parameter) and `fixed_points` (starts, seed).
    Points that belong to a continuum, or are degenerate at the anchor itself, are left out; FiniteNError if there are
    only continua.
    """
    family = vector_field.Family(family)
    curve = _FixedPoints(family, bounds, step)
    check_whole(anchors, "branches: anchors", 1)
    found: list[Branch] = []
    continuum = None
    # not at the ends, which are often special, nor at simple fractions, where branches may cross
    for value in curve.low[0] + curve.width[0] * (np.arange(anchors) + 0.4871) / anchors:
        for point in fixed_points(family(value), starts, seed=seed):
            passed = [polish(family(value), m) for b in found for m in b.at(value)]
            known = any(m is not None and np.linalg.norm(m - point.m) < _ON_BRANCH for m in passed)
            continuum = continuum if point.isolated else (value, point)
            if not known and point.isolated and np.abs(point.eigenvalues).min() > ZERO:
                found.append(
                    continue_branch(family, point.m, value, bounds, step=step, points=points, parameter=parameter)
                )
    if not found and continuum is not None:
        value, point = continuum
        raise FiniteNError(
            f"branches: the fixed points found, such as {point.m} at {value:g}, belong to continua; "
            f"{advice_on_continua(family(value))}."
        )
    return found


class _FixedPoints(Curve):
    """x = (m, (p − low)/width), and the bifurcations between neighbouring points."""

    def __init__(self, family: vector_field.Family, bounds, step: float):
        try:
            low, high = (float(b) for b in bounds)
        except (TypeError, ValueError):
            raise FiniteNError(f"continuation: bounds = {shown(bounds)}; give two numbers, the lower first.") from None
        if not (np.isfinite(low) and np.isfinite(high) and low < high):
            raise FiniteNError(f"continuation: bounds = {shown(bounds)}; give two numbers, the lower first.")
        if not 0 < check_number(step, "continuation: step") <= 1:
            raise FiniteNError(f"continuation: step = {shown(step)}; give a number above 0, at most 1.")
        super().__init__(family, low, high - low, step)
        self.bounds = (low, high)

    def value(self, x) -> float:
        return float(self.values(x)[0])

    def at_bound(self, k: int, side: int) -> str:
        return f"bound {self.bounds[side]:g}"

    def bifurcations(self, chain) -> list[Bifurcation]:
        """Those along a chain of points, in its order."""
        return [event for a, b in itertools.pairwise(chain) for event in self.between(a, b)]

    def between(self, a, b) -> list[Bifurcation]:
        """Those between two neighbouring points."""
        la, lb = self.eigenvalues(a), self.eigenvalues(b)
        change = int((lb.real > ZERO).sum() - (la.real > ZERO).sum())  # eigenvalues that stay on the axis count as zero
        if change == 0:
            return []
        across = (b - a) / np.linalg.norm(b - a)

        def point(s):
            done = self.correct(a + s * (b - a), across)
            return None if done is None else done.x

        x = kind = s = pair = None
        if abs(change) == 1:
            s, x = self._zero(point, lambda y: np.linalg.det(self.jacobian(y)))
            kind = "fold or branch point"
        elif abs(change) == 2 and (pair := _pair(la, lb)) is not None:
            s, x = self._zero(point, lambda y: _nearest(self.eigenvalues(y), pair).real)
            kind = "Hopf"
        if x is None or not self._explains(point, s, la, lb):
            if np.linalg.norm(b - a) > _POINT and (middle := point(0.5)) is not None:
                return _merged(self.between(a, middle) + self.between(middle, b))
            kind = "multiple"
            if max(np.sum(np.abs(v.real) <= ZERO) for v in (la, lb)) <= abs(change):
                x = self._zero(point, lambda y: _nearest_axis(self.eigenvalues(y), abs(change)), 3.0)[1]
            x = (a + b) / 2 if x is None else x
        if kind != "multiple" and np.sum(np.abs(self.eigenvalues(x).real) < ZERO) > (2 if kind == "Hopf" else 1):
            kind = "multiple"
        if kind == "fold or branch point":  # at a fold ∂f/∂p leaves the range of Q, at a branch point it does not
            slope = self.slopes(x)[:, 0]
            push = abs(null_vectors(self.jacobian(x))[1] @ slope)
            kind = "fold" if push > _PUSH * max(1.0, np.linalg.norm(slope)) else "branch point"
        return [describe(self.limit(x), x[:-1], self.value(x), kind, pair)]

    def _zero(self, point, test, beyond: float = _BEYOND):
        """s and the point between two, or a little beyond one end, where `test` vanishes; None, None if it is not
        bracketed."""
        memory = {}

        def value(s):
            memory[s] = point(s)
            return np.nan if memory[s] is None else test(memory[s])

        ends = [0.0, 1.0]
        size = [value(s) for s in ends]
        if not size[0] * size[1] < 0:  # one end may be on the point, to within ZERO
            k = int(abs(size[1]) < abs(size[0]))
            ends[k] += (2 * k - 1) * beyond
            if not value(ends[k]) * size[1 - k] < 0:
                return None, None
        try:
            s = brentq(value, *ends, xtol=1e-14, rtol=1e-14)
        except ValueError:  # no point of the curve, or no value there
            return None, None
        x = memory.get(s, point(s))
        return (None, None) if x is None else (s, x)

    def _explains(self, point, s: float, la: np.ndarray, lb: np.ndarray) -> bool:
        """Whether the change at s is the only one between the two ends: not if +2 and −1 make +1."""
        for side, end in ((max(s - _BESIDE, 0.0), la), (min(s + _BESIDE, 1.0), lb)):
            x = point(side)
            if 0 < side < 1 and (x is None or (self.eigenvalues(x).real > ZERO).sum() != (end.real > ZERO).sum()):
                return False
        return True


def _sorted(x: np.ndarray) -> np.ndarray:
    return x[np.lexsort((-x.imag, -np.round(x.real, 12)))]


def _pair(a: np.ndarray, b: np.ndarray) -> complex | None:
    """The complex eigenvalue whose real part changes sign from a to b; None if it is not clear which."""
    if max(np.sum(np.abs(v.real) <= ZERO) for v in (a, b)) > 2:  # pairs that stay on the axis may meet there
        return None
    for x in a[a.imag > 1e-9]:
        y = _nearest(b, x)
        if (x.real > ZERO) != (y.real > ZERO) and y.imag > 1e-9:
            return complex((x + y) / 2)
    return None


def _merged(events: list[Bifurcation]) -> list[Bifurcation]:
    """Neighbours of kind "multiple" are one bifurcation, split by rounding."""
    out = events[:1]
    for e in events[1:]:
        last = out[-1]
        moved = max(np.abs(e.m - last.m).max(), np.abs(e.parameters - last.parameters).max())
        if not (e.kind == last.kind == "multiple" and moved < 10 * _POINT):
            out.append(e)
    return out


def _nearest_axis(values: np.ndarray, count: int) -> float:
    """Sum of the real parts of the `count` eigenvalues nearest the imaginary axis."""
    return float(np.sum(values.real[np.argsort(np.abs(values.real))[:count]]))


def _nearest(values: np.ndarray, x: complex) -> complex:
    return values[np.argmin(np.abs(values - x))]
