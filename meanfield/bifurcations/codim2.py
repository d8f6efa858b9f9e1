"""Hopf, fold and branch-point curves in the plane of two parameters.

A curve is a curve x(s) = (m, p, q) with f(m, p, q) = 0 and ψ(m, p, q) = 0: ψ = ½(λ_i + λ_j) of the pair ±iω at a Hopf
point, followed from point to point by λ_i + λ_j and λ_i λ_j, and at folds and branch points the ψ of the bordered
system, zero with det Q,

    (Q  b) (v)   (0)
    (cᵀ 0) (ψ) = (1),   b, c near the null vectors of Qᵀ and Q.

(Kuznetsov, Elements of Applied Bifurcation Theory, Springer 2004, section 10.3.) A Hopf curve ends where ω² = λ_i λ_j
reaches zero, at a Bogdanov–Takens point; beyond it λ_i = −λ_j are real and nothing oscillates.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq

from finite_n.errors import FiniteNError, shown
from finite_n.model.validation import check_array, check_number, check_whole
from meanfield.bifurcations import state_space, vector_field
from meanfield.bifurcations.branches import branches
from meanfield.bifurcations.fixed_length import advice
from meanfield.bifurcations.normal_forms import Bifurcation, lyapunov, null_vectors, pair_invariants, solve

if TYPE_CHECKING:
    import xarray

KINDS = ("Hopf", "fold", "pitchfork", "transcritical")
_DIFFERENCE = 1e-5  # of m, and of the ranges, for the derivatives of f and ψ; they only serve steps
_NULL = 1e-6  # singular values below this move nothing: along a curve of pitchforks there is always one
_NEWTON = 12
_CONVERGED = 1e-10
_SMALLEST = 1e-6
_TURN = 0.9
_FLAT = 1e-7  # of the gradient of ψ: rounding over _DIFFERENCE and more
_SLOWEST = 1e-4  # frequency below which l₁, which divides by ω, is not computed


@dataclasses.dataclass(frozen=True)
class BifurcationCurve:
    """A curve of bifurcations, K points: kind; names of the two parameters; values (K, 2); m (K, n); frequency (K,), ω
    or 0; coefficient (K,), the first Lyapunov coefficient l₁ along a Hopf curve (nan at its ends on ω = 0), else nan;
    ends, in words.
    """

    kind: str
    names: tuple[str, str]
    values: np.ndarray
    m: np.ndarray
    frequency: np.ndarray
    coefficient: np.ndarray
    ends: tuple[str, str]

    def to_xarray(self) -> xarray.Dataset:
        """Dataset with dimensions point and component."""
        import xarray

        p, q = self.names
        return xarray.Dataset(
            {
                p: ("point", self.values[:, 0]),
                q: ("point", self.values[:, 1]),
                "m": (("point", "component"), self.m),
                "frequency": ("point", self.frequency),
                "coefficient": ("point", self.coefficient),
            },
            attrs={"kind": self.kind, "parameters": list(self.names), "ends": list(self.ends)},
        )

    def __repr__(self):
        a, b = self.values[0], self.values[-1]
        p, q = self.names
        return (
            f"{self.kind} curve of {len(self.values)} points in ({p}, {q}) from ({a[0]:.6g}, {a[1]:.6g}), {self.ends[0]}, "
            f"to ({b[0]:.6g}, {b[1]:.6g}), {self.ends[1]}"
        )


def bifurcation_curve(
    family: Callable, start, values: tuple[float, float], kind: str, bounds, *, step: float = 0.05, points: int = 200,
    names: tuple[str, str] = ("p", "q"),
) -> BifurcationCurve:  # fmt: skip
    """The curve of Hopf points, folds or branch points through one of them, inside a rectangle of parameters.

    Parameters
    ----------
    family : function of two parameters that returns a Model or a limit
    start : array, shape (n,), or Bifurcation
        The point, such as one of Branch.bifurcations.
    values : (float, float)
        The parameters there, roughly.
    kind : "Hopf", "fold", "pitchfork" or "transcritical"
        The last two need a symmetry, or an invariant set, that holds all over the plane.
    bounds : ((float, float), (float, float))
        Ranges of the two parameters.
    step : float
        Largest step, averages in their own units and parameters in units of their ranges. Default 0.05.
    points : int
        At most so many each way. Default 200.
    names : (str, str)

    Returns
    -------
    BifurcationCurve
        Each point solved to about 1e-10 in f and ψ.

    Raises FiniteNError for a kind not in the list, bounds that are none, a start from which no point is found, or a Q
    that keeps a zero eigenvalue all around it, as where the drift conserves something.
    """
    if kind not in KINDS:
        raise FiniteNError(f"bifurcation curve: kind {shown(kind)}; use one of {', '.join(KINDS)}.")
    check_whole(points, "bifurcation curve: points", 1)
    names = _two_names(names)
    if isinstance(start, Bifurcation):
        start = start.m
    plane = _Plane(vector_field.Family(family), bounds, kind, step)
    values = check_array(values, "bifurcation curve: values")
    if values.shape != (2,) or np.any(values < plane.low) or np.any(values > plane.low + plane.width):
        raise FiniteNError(f"bifurcation curve: values = {values}; give the two parameters, inside bounds {bounds}.")
    x = np.append(state_space.as_start(plane.family(*values), start), (values - plane.low) / plane.width)
    frame = plane.frame(x)
    if frame is None:
        what = "no complex pair of eigenvalues" if kind == "Hopf" else "no finite derivative of the drift"
        raise FiniteNError(f"bifurcation curve: {what} at {x[:-2]}; a {kind} curve starts near a {kind} point.")
    x = plane.correct(x, None, frame)
    tangent = None
    if x is not None:
        frame = plane.next_frame(x, frame)
        tangent = None if frame is None or not plane.oscillates(frame) else plane.tangent(x, frame, None)
    if tangent is None:
        raise FiniteNError(f"bifurcation curve: no {kind} point near {np.asarray(start)} at {values}; start nearer.")
    back, back_end = plane.follow(x, -tangent, frame, points)
    forth, end = plane.follow(x, tangent, frame, points)
    chain = [*back[:0:-1], *forth]
    frequency = np.array([plane.frequency(own) for _, own in chain])
    chain = [y for y, _ in chain]
    coefficient = [
        lyapunov(plane.limit(y), y[:-2], 1j * w)[1] if w > _SLOWEST else np.nan
        for y, w in zip(chain, frequency, strict=True)
    ]
    return BifurcationCurve(
        kind,
        names,
        np.array([plane.values(y) for y in chain]),
        np.array([y[:-2] for y in chain]),
        frequency,
        np.array(coefficient),
        (back_end, end),
    )


class _Plane:
    """x = (m, p̂, q̂) with parameters in units of their ranges; `frame` holds what ψ refers to near a point."""

    def __init__(self, family: vector_field.Family, bounds, kind: str, step: float):
        try:
            box = np.array(bounds, dtype=float)
        except (TypeError, ValueError):
            box = np.empty(0)
        if box.shape != (2, 2) or not np.all(np.isfinite(box)) or np.any(box[:, 0] >= box[:, 1]):
            raise FiniteNError(f"bifurcation curve: bounds = {shown(bounds)}; give ((low, high), (low, high)).")
        if not 0 < check_number(step, "bifurcation curve: step") <= 1:
            raise FiniteNError(f"bifurcation curve: step = {shown(step)}; give a number above 0, at most 1.")
        self.family, self.kind, self.step = family, kind, step
        self.low, self.width = box[:, 0], box[:, 1] - box[:, 0]

    def values(self, x) -> np.ndarray:
        return self.low + vector_field.inside(x[-2:]) * self.width

    def limit(self, x):
        return self.family(*self.values(x))

    def matrix(self, x) -> np.ndarray:
        return vector_field.jacobian(self.limit(x), x[:-2])

    def frame(self, x):
        """Hopf: (sum, product) of the complex pair nearest the imaginary axis; else (b, c). None where there is
        none."""
        q = self.matrix(x)
        if not np.all(np.isfinite(q)):
            return None
        if self.kind != "Hopf":
            return null_vectors(q)[::-1]
        values = np.linalg.eigvals(q)
        k = int(np.argmin(np.where(values.imag > 1e-9, np.abs(values.real), np.inf)))
        return None if values[k].imag <= 1e-9 else np.array([2 * values[k].real, abs(values[k]) ** 2])

    def next_frame(self, x, frame):
        """What ψ refers to from x on: the pair of `frame`, wherever its eigenvalues have moved, or (b, c) at x; None
        without a Q."""
        if self.kind != "Hopf":
            return self.frame(x)
        pair = self.pair(x, frame)
        return pair if np.all(np.isfinite(pair)) else None

    def pair(self, x, frame) -> np.ndarray:
        """(sum, product) of the pair nearest that of the frame."""
        return pair_invariants(vector_field.eigenvalues(self.limit(x), x[:-2]), frame)

    def oscillates(self, frame) -> bool:
        """Whether ω² > 0 on a Hopf curve; True on others."""
        return self.kind != "Hopf" or frame[1] > 0

    def frequency(self, frame) -> float:
        """ω on a Hopf curve, else 0."""
        return float(np.sqrt(max(frame[1], 0.0))) if self.kind == "Hopf" else 0.0

    def psi(self, x, frame) -> float:
        """ψ, nan where it has no value."""
        if self.kind == "Hopf":
            return float(self.pair(x, frame)[0] / 2)
        b, c = frame
        q = self.matrix(x)
        bordered = np.block([[q, b[:, None]], [c[None, :], np.zeros((1, 1))]])
        return float(solve(bordered, np.append(np.zeros(len(q)), 1.0))[-1])

    def derivative(self, x, frame) -> np.ndarray:
        """∂(f, ψ)/∂x, shape (n + 1, n + 2)."""
        slopes = self.family.slopes(x[:-2], self.values(x), _DIFFERENCE * self.width) * self.width
        gradient = [
            vector_field.difference(lambda y: self.psi(y, frame), x, e) / _DIFFERENCE
            for e in np.eye(len(x)) * _DIFFERENCE
        ]
        return np.vstack([np.column_stack([self.matrix(x), slopes]), gradient])

    def correct(self, x, normal, frame):
        """The point of the curve in the plane through x across `normal` (or the nearest, without one); None if there is
        none."""
        target, derivative, before = x, None, np.inf
        for k in range(_NEWTON):
            try:
                g = np.append(vector_field.drift(self.limit(x), x[:-2]), self.psi(x, frame))
                if not np.all(np.isfinite(g)):
                    return None
                size = np.abs(g).max()
                if k and size < _CONVERGED:
                    return x
                if derivative is None or size > 0.1 * before:
                    derivative = self.derivative(x, frame)
            except FiniteNError:
                return None
            if not np.all(np.isfinite(derivative)):
                return None
            before = size
            matrix, right = derivative, g
            if normal is not None:
                matrix, right = np.vstack([derivative, normal]), np.append(g, normal @ (x - target))
            u, s, v = np.linalg.svd(matrix, full_matrices=False)
            kept = s > _NULL * max(1.0, s[0])
            x = x - v[kept].T @ ((u.T[kept] @ right) / s[kept])
            if not np.all(np.isfinite(x)) or np.linalg.norm(x - target) > 0.5:
                return None
        return None

    def tangent(self, x, frame, previous):
        """A null vector of the derivative: along `previous`, or the one that moves the parameters most (None if there
        is none)."""
        derivative = self.derivative(x, frame)
        if not np.all(np.isfinite(derivative)):
            return previous
        if previous is None and np.abs(derivative[-1]).max() < _FLAT:
            what = "eigenvalues stay on the imaginary axis" if self.kind == "Hopf" else "an eigenvalue stays zero"
            raise FiniteNError(f"bifurcation curve: {what} all around {x[:-2]}; {advice(self.limit(x))}.")
        _, s, v = np.linalg.svd(derivative)
        size = np.append(s, np.zeros(len(x) - len(s)))
        null = v[size < _NULL * max(1.0, s[0])]
        if previous is None:
            _, _, mix = np.linalg.svd(null[:, -2:].T)
            t = mix[0] @ null
            return t / np.linalg.norm(t)
        t = null.T @ (null @ previous)
        size = np.linalg.norm(t)
        return t / size if size > 0.1 else previous

    def follow(self, x, tangent, frame, points: int):
        """Points of the curve from x on, each with its frame, and why it ends."""
        chain, h = [(x, frame)], self.step / 2
        while len(chain) < points:
            if h < _SMALLEST:
                return chain, "the curve turns too sharply to follow"
            guess, normal, edge = x + h * tangent, tangent, False
            outside = np.maximum(guess[-2:] - 1, -guess[-2:])
            if outside.max() > 1e-13:
                k = int(np.argmax(outside)) - 2
                side = float(guess[k] > 0.5)
                if abs(x[k] - side) < 1e-11:
                    return chain, "on the bounds"
                guess, edge = x + (side - x[k]) / tangent[k] * tangent, True
                guess[k] = side
                normal = np.eye(len(x))[k]
            new = self.correct(guess, normal, frame)
            if new is None or (new - x) @ tangent < _TURN * np.linalg.norm(new - x):
                h /= 2
                continue
            if not edge and np.maximum(new[-2:] - 1, -new[-2:]).max() > 1e-13:  # it bends out of the rectangle
                h /= 2
                continue
            try:
                turned = self.tangent(new, frame, tangent)
            except FiniteNError:
                return chain, "on the edge of what the family allows"
            if turned @ tangent < _TURN:
                h /= 2
                continue
            if not state_space.physical(self.limit(new), new[:-2], 1e-7):
                return chain, "it leaves the states"
            own = self.next_frame(new, frame)
            if own is None:
                return chain, "the drift has no finite derivative there"
            if not self.oscillates(own):
                return [*chain, self._takens(x, new, frame, own)], "Bogdanov–Takens point, ω = 0"
            chain.append((new, own))
            if edge:
                return chain, "on the bounds"
            if len(chain) > 10 and np.linalg.norm(new - chain[0][0]) < h:
                return chain, "closed"
            x, tangent, frame, h = new, turned, own, min(self.step, 1.5 * h)
        return chain, f"{points} points"

    def _takens(self, a, b, frame, last):
        """The point between a and b where the product of the pair is zero, and its frame; b and `last` if it cannot be
        bracketed."""
        across = (b - a) / np.linalg.norm(b - a)
        memory = {}

        def product(s):
            x = self.correct(a + s * (b - a), across, frame)
            memory[s] = (None, np.full(2, np.nan)) if x is None else (x, self.pair(x, frame))
            return memory[s][1][1]

        try:
            x, own = memory[brentq(product, 0.0, 1.0, xtol=1e-13)]
        except (ValueError, KeyError):  # no sign change, or no point of the curve
            return b, last
        return (b, last) if x is None else (x, own)


def bifurcation_curves(
    family: Callable, bounds, kinds: tuple[str, ...] = ("Hopf", "fold"), *, anchors: int = 2, starts: int = 16,
    step: float = 0.05, points: int = 200, seed: int = 0, names: tuple[str, str] = ("p", "q"),
) -> list[BifurcationCurve]:  # fmt: skip
    """The curves of the given kinds that cross some cuts of a rectangle: branches at `anchors` values of p and of q,
    then their curves.

    Parameters as for `bifurcation_curve` and `branches`. A curve that crosses none of the cuts is not found: use more
    anchors.
    """
    family = vector_field.Family(family)
    check_whole(anchors, "bifurcation curves: anchors", 1)
    for kind in kinds:
        if kind not in KINDS:
            raise FiniteNError(f"bifurcation curves: kind {shown(kind)}; use one of {', '.join(KINDS)}.")
    check_whole(points, "bifurcation curves: points", 1)
    names = _two_names(names)
    plane = _Plane(family, bounds, "fold", step)
    found: list[BifurcationCurve] = []
    box = np.column_stack([plane.low, plane.low + plane.width])
    for axis, part in itertools.product((0, 1), (np.arange(anchors) + 0.4871) / anchors):
        fixed = plane.low[axis] + plane.width[axis] * part
        cut = branches(
            lambda r, k=axis, c=fixed: family(*((c, r) if k == 0 else (r, c))), tuple(box[1 - axis]),
            starts=starts, step=step, points=points, seed=seed,
        )  # fmt: skip
        for event in (e for branch in cut for e in branch.bifurcations if e.kind in kinds):
            values = np.array([fixed, event.parameters[0]])[:: 1 - 2 * axis]
            x = np.append(event.m, (values - plane.low) / plane.width)
            if not any(curve.kind == event.kind and _distance(plane, curve, x) < 0.2 * step for curve in found):
                found.append(
                    bifurcation_curve(family, event, values, event.kind, bounds, step=step, points=points, names=names)
                )
    return found


def _two_names(names) -> tuple[str, str]:
    if (
        not isinstance(names, list | tuple)
        or len(names) != 2
        or any(not isinstance(n, str) for n in names)
        or names[0] == names[1]
    ):
        raise FiniteNError(f"bifurcation curve: names = {shown(names)}; give two different names of parameters.")
    return tuple(names)


def _distance(plane: _Plane, curve: BifurcationCurve, x: np.ndarray) -> float:
    """From x to the polygon through the points of a curve."""
    chain = np.hstack([curve.m, (curve.values - plane.low) / plane.width])
    return float(state_space.distance_from_polygon(x[None], chain)[0])
