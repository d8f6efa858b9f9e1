"""Curves of Hopf points, folds and branch points in the plane of two parameters.

Such a curve x(s) = (m, p, q) has f(m, p, q) = 0 and a test function ψ(m, p, q) = 0, and is followed by
`meanfield.bifurcations.arclength`. ψ = ½(λ_i + λ_j) of the pair ±iω at a Hopf point, followed from point to point by
λ_i + λ_j and λ_i λ_j; at folds and branch points the ψ of the bordered system, zero with det Q,

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
from meanfield.bifurcations.arclength import Curve, follow, null_rows
from meanfield.bifurcations.branches import branches
from meanfield.bifurcations.fixed_length import advice_on_continua
from meanfield.bifurcations.normal_forms import Bifurcation, lyapunov, null_vectors, pair_invariants, solve

if TYPE_CHECKING:
    import xarray

_DIFFERENCE = 1e-5  # of all unknowns, for the derivative of ψ, which serves steps only
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
            f"{self.kind} curve of {len(self.values)} points in ({p}, {q}) "
            f"from ({a[0]:.6g}, {a[1]:.6g}), {self.ends[0]}, to ({b[0]:.6g}, {b[1]:.6g}), {self.ends[1]}"
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
    family, (low, width) = vector_field.Family(family), _rectangle(bounds, step)
    values = check_array(values, "bifurcation curve: values")
    if values.shape != (2,) or np.any(values < low) or np.any(values > low + width):
        raise FiniteNError(f"bifurcation curve: values = {values}; give the two parameters, inside bounds {bounds}.")
    x = np.append(state_space.as_start(family(*values), start), (values - low) / width)
    q = Curve(family, low, width, step).jacobian(x)
    test = _TESTS[kind].near(q) if np.all(np.isfinite(q)) else None
    if test is None:
        what = "no complex pair of eigenvalues" if kind == "Hopf" else "no finite derivative of the drift"
        raise FiniteNError(f"bifurcation curve: {what} at {x[:-2]}; a {kind} curve starts near a {kind} point.")
    curve, tangent = _Bifurcations(family, low, width, step, test), None
    done = curve.correct(x)
    if done is not None:
        x, moved = done.x, curve.moved(done.x)
        if moved is not None and not moved.test.is_over:
            curve, tangent = moved, moved.first_tangent(x)
    if tangent is None:
        raise FiniteNError(f"bifurcation curve: no {kind} point near {np.asarray(start)} at {values}; start nearer.")
    (back, back_end), (forth, end) = (follow(curve, x, t, points) for t in (-tangent, tangent))
    chain = [*back[:0:-1], *forth]
    frequency = np.array([own.test.frequency for _, own in chain])
    chain = [y for y, _ in chain]
    coefficient = [
        lyapunov(curve.limit(y), y[:-2], 1j * w)[1] if w > _SLOWEST else np.nan
        for y, w in zip(chain, frequency, strict=True)
    ]
    return BifurcationCurve(
        kind,
        names,
        np.array([curve.values(y) for y in chain]),
        np.array([y[:-2] for y in chain]),
        frequency,
        np.array(coefficient),
        (back_end, end),
    )


class _Pair:
    """ψ of a Hopf point, ½(λ_i + λ_j), for the pair nearest to one of a given sum and product."""

    flat = "eigenvalues stay on the imaginary axis"

    def __init__(self, pair: np.ndarray):
        self.pair = pair

    @classmethod
    def near(cls, q: np.ndarray) -> _Pair | None:
        """Of the complex pair nearest the imaginary axis; None if there is none."""
        values = np.linalg.eigvals(q)
        k = int(np.argmin(np.where(values.imag > 1e-9, np.abs(values.real), np.inf)))
        return None if values[k].imag <= 1e-9 else cls(np.array([2 * values[k].real, abs(values[k]) ** 2]))

    def value(self, q: np.ndarray) -> float:
        """ψ; nan where it has no value."""
        return float(self.moved(q).pair[0] / 2)

    def moved(self, q: np.ndarray) -> _Pair:
        """Of the same pair, wherever its eigenvalues are in Q."""
        values = np.linalg.eigvals(q) if np.all(np.isfinite(q)) else np.full(len(q), np.nan)
        return _Pair(pair_invariants(values, self.pair))

    @property
    def frequency(self) -> float:
        """ω."""
        return float(np.sqrt(max(self.pair[1], 0.0)))

    @property
    def is_over(self) -> bool:
        """Whether ω² has reached zero."""
        return not self.pair[1] > 0


class _Bordered:
    """ψ of folds and branch points, of the bordered system with b and c."""

    flat = "an eigenvalue stays zero"
    frequency, is_over = 0.0, False

    def __init__(self, b: np.ndarray, c: np.ndarray):
        self.b, self.c = b, c

    @classmethod
    def near(cls, q: np.ndarray) -> _Bordered:
        """With the null vectors of Q, or what comes nearest."""
        return cls(*null_vectors(q)[::-1])

    def value(self, q: np.ndarray) -> float:
        """ψ; nan where it has no value."""
        bordered = np.block([[q, self.b[:, None]], [self.c[None, :], np.zeros((1, 1))]])
        return float(solve(bordered, np.append(np.zeros(len(q)), 1.0))[-1])

    def moved(self, q: np.ndarray) -> _Bordered:
        """With the null vectors of another Q."""
        return self.near(q)


_TESTS = {"Hopf": _Pair, "fold": _Bordered, "pitchfork": _Bordered, "transcritical": _Bordered}
KINDS = tuple(_TESTS)


class _Bifurcations(Curve):
    """f = 0 and ψ = 0 in a plane; `test` holds ψ and what it refers to near a point."""

    # along a curve of pitchforks one more singular value is always zero, to the precision of the differences
    converged, null, turn, smallest, easy, frozen = 1e-10, 1e-6, 0.9, 1e-6, np.inf, True

    def __init__(self, family: vector_field.Family, low, width, step: float, test: _Pair | _Bordered):
        super().__init__(family, low, width, step)
        self.test = test

    def psi(self, x) -> float:
        """ψ; nan where it has no value."""
        return self.test.value(self.jacobian(x))

    def residual(self, x) -> np.ndarray:
        return np.append(super().residual(x), self.psi(x))

    def derivative(self, x, near: np.ndarray | None = None) -> np.ndarray:
        flow = super().derivative(x)
        gradient = [vector_field.difference(self.psi, x, e) / _DIFFERENCE for e in np.eye(len(x)) * _DIFFERENCE]
        return np.vstack([flow, gradient])

    def moved(self, x) -> _Bifurcations | None:
        """The curve with ψ as it is at x; None without a finite Q there."""
        q = self.jacobian(x)
        if not np.all(np.isfinite(q)):
            return None
        return _Bifurcations(self.family, self.low, self.width, self.step, self.test.moved(q))

    def first_tangent(self, x) -> np.ndarray | None:
        """The null vector that moves the parameters most."""
        derivative = self.derivative(x)
        if not np.all(np.isfinite(derivative)):
            return None
        if np.abs(derivative[-1]).max() < _FLAT:
            raise FiniteNError(
                f"bifurcation curve: {self.test.flat} all around {x[:-2]}; {advice_on_continua(self.limit(x))}."
            )
        null = null_rows(derivative, self.null)
        _, _, mix = np.linalg.svd(null[:, -2:].T)
        t = mix[0] @ null
        return t / np.linalg.norm(t)

    def tangent(self, x, previous: np.ndarray, near: np.ndarray | None = None) -> np.ndarray:
        found = super().tangent(x, previous, near)
        return previous if found is None else found

    def passed(self, before, x) -> tuple[list[tuple[np.ndarray, Curve]], str]:
        points, end = super().passed(before, x)
        if end:
            return points, end
        moved = self.moved(x)
        if moved is None:
            return [], "the drift has no finite derivative there"
        if moved.test.is_over:
            return [self._bogdanov_takens(before, x, moved)], "Bogdanov–Takens point, ω = 0"
        return [(x, moved)], ""

    def _bogdanov_takens(self, a, b, last: _Bifurcations) -> tuple[np.ndarray, _Bifurcations]:
        """The point between a and b where the product of the pair is zero; b if it cannot be bracketed."""
        across = (b - a) / np.linalg.norm(b - a)
        memory = {}

        def product(s):
            done = self.correct(a + s * (b - a), across)
            memory[s] = None if done is None else (done.x, self.moved(done.x))
            return np.nan if memory[s] is None or memory[s][1] is None else memory[s][1].test.pair[1]

        try:
            found = memory[brentq(product, 0.0, 1.0, xtol=1e-13)]
        except (ValueError, KeyError):  # no sign change, or no point of the curve
            return b, last
        return found or (b, last)


def bifurcation_curves(
    family: Callable, bounds, kinds: tuple[str, ...] = ("Hopf", "fold"), *, anchors: int = 2, starts: int = 16,
    step: float = 0.05, points: int = 200, seed: int = 0, names: tuple[str, str] = ("p", "q"),
) -> list[BifurcationCurve]:  # fmt: skip
    """The curves of the given kinds that cross some cuts of a rectangle: branches at `anchors` values of p and of q,
    then their curves.

    Parameters as for `bifurcation_curve` (family, bounds, step, points, names) and `branches` (starts, seed). A
    curve that crosses none of the cuts is not found: use more anchors.
    """
    family = vector_field.Family(family)
    check_whole(anchors, "bifurcation curves: anchors", 1)
    for kind in kinds:
        if kind not in KINDS:
            raise FiniteNError(f"bifurcation curves: kind {shown(kind)}; use one of {', '.join(KINDS)}.")
    check_whole(points, "bifurcation curves: points", 1)
    names = _two_names(names)
    low, width = _rectangle(bounds, step)
    found: list[BifurcationCurve] = []
    box = np.column_stack([low, low + width])
    for axis, part in itertools.product((0, 1), (np.arange(anchors) + 0.4871) / anchors):
        fixed = low[axis] + width[axis] * part
        cut = branches(
            lambda r, k=axis, c=fixed: family(*((c, r) if k == 0 else (r, c))), tuple(box[1 - axis]),
            starts=starts, step=step, points=points, seed=seed,
        )  # fmt: skip
        for event in (e for branch in cut for e in branch.bifurcations if e.kind in kinds):
            values = np.array([fixed, event.parameters[0]])[:: 1 - 2 * axis]
            x = np.append(event.m, (values - low) / width)
            if not any(curve.kind == event.kind and _distance(curve, low, width, x) < 0.2 * step for curve in found):
                found.append(
                    bifurcation_curve(family, event, values, event.kind, bounds, step=step, points=points, names=names)
                )
    return found


def _rectangle(bounds, step: float) -> tuple[np.ndarray, np.ndarray]:
    """Lower bounds and widths of the ranges of two parameters, after a check of the step too."""
    try:
        box = np.array(bounds, dtype=float)
    except (TypeError, ValueError):
        box = np.empty(0)
    if box.shape != (2, 2) or not np.all(np.isfinite(box)) or np.any(box[:, 0] >= box[:, 1]):
        raise FiniteNError(f"bifurcation curve: bounds = {shown(bounds)}; give ((low, high), (low, high)).")
    if not 0 < check_number(step, "bifurcation curve: step") <= 1:
        raise FiniteNError(f"bifurcation curve: step = {shown(step)}; give a number above 0, at most 1.")
    return box[:, 0], box[:, 1] - box[:, 0]


def _two_names(names) -> tuple[str, str]:
    if (
        not isinstance(names, list | tuple)
        or len(names) != 2
        or any(not isinstance(n, str) for n in names)
        or names[0] == names[1]
    ):
        raise FiniteNError(f"bifurcation curve: names = {shown(names)}; give two different names of parameters.")
    return tuple(names)


def _distance(curve: BifurcationCurve, low: np.ndarray, width: np.ndarray, x: np.ndarray) -> float:
    """From x to the polygon through the points of a curve."""
    chain = np.hstack([curve.m, (curve.values - low) / width])
    return float(state_space.distance_from_polygon(x[None], chain)[0])
