"""Γ, the real amplitude function of a jump j Γ(Δ), with its derivative by complex step."""

from __future__ import annotations

import copy
import math
import numbers
from collections.abc import Callable

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.operators import LARGEST
from finite_n.model.taylor import NotSmoothError, on_circles, on_interval
from finite_n.model.validation import check_function, check_number

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(5)
_STEP = 1e-30  # no subtraction happens, so the step can be far below rounding
_INTERVALS = 32  # of the range of Δ, where Γ is checked
# of the second intervals, and where one is divided: no place is special twice
_SHIFT, _DIVIDED = (3 - np.sqrt(5)) / 2, np.sqrt(2) / 3
_DIVISIONS = 20  # of an interval where Γ′ fails: widths of 1e-5 … 1e-6 of its own
_STAGES = (1, 5, 9, 13, 17)  # divisions from which on three show how the error falls
# error / width² differs by less from stage to stage where Γ″ jumps: noise would make it 1e2 larger, smooth Γ 1e9
# smaller
_ALIKE = 30.0
_NOISE = 100 * np.finfo(float).eps


class NoTaylorSeries(FiniteNError):
    """Γ is not analytic where its derivatives are asked for."""


class Amplitude:
    """A real function Γ(Δ) or a real constant; Γ′ is taken by complex step unless given.

    Γ′(x) = Im Γ(x + iε)/ε holds for functions that numpy evaluates at complex argument; where it does not (abs,
    where, interpolation) give `derivative`. Both are called with arrays, or point by point if that fails.
    `Amplitude.of_rate` takes Γ² in place of Γ.
    """

    _is_root = False  # `function` is Γ², and `derivative` its derivative

    @classmethod
    def of_rate(cls, rate: Callable | float, derivative: Callable | None = None) -> Amplitude:
        """Γ = √rate of a rate, a function or number, that is nowhere negative; `derivative` is that of the rate."""
        if isinstance(rate, numbers.Real) and not isinstance(rate, bool):
            if not 0 <= rate < 1e300:
                raise FiniteNError(f"rate: got {shown(rate)}; a constant rate is a finite real number, 0 or more.")
        elif not callable(rate) or isinstance(rate, Amplitude):
            raise FiniteNError(f"rate: got {shown(rate)}; give a real number or a function of Δ.")
        out = cls(rate, derivative)
        out._is_root = True
        return out

    def __init__(self, function: Callable | float, derivative: Callable | None = None):
        self.is_constant = isinstance(function, numbers.Number) and not isinstance(function, bool)
        if self.is_constant and (np.imag(function) != 0 or not abs(function) < 1e300):
            raise FiniteNError(f"amplitude: got {shown(function)}; a constant amplitude is a finite real number.")
        if not self.is_constant and not callable(function):
            raise FiniteNError(f"amplitude: got {shown(function)}; give a real number or a function of Δ.")
        if derivative is not None:
            check_function(derivative, "amplitude: derivative", "a function of one real number")
        self.function = function
        self._derivative = derivative

    def __call__(self, x) -> np.ndarray:
        """Γ at an array of values of Δ, as float64; refuses complex, NaN and infinite values."""
        x = _real(x)
        if self.is_constant:
            value = float(np.real(self.function))
            return np.full(x.shape, np.sqrt(value) if self._is_root else value)
        value = _call(self.function, x, self._name)
        if np.iscomplexobj(value):
            if np.any(np.abs(value.imag) > 0):
                at = x[np.abs(value.imag) > 0].flat[0]
                raise FiniteNError(
                    f"{self._name}: at Δ = {at:.6g} it is complex; give a real function of Δ. Put a phase into the "
                    "jump operator j."
                )
            value = value.real
        bad = ~np.isfinite(value)
        if np.any(bad):
            raise FiniteNError(
                f"{self._name}: at Δ = {x[bad].flat[0]:.6g}, inside the range that Δ takes, it is "
                f"{value[bad].flat[0]}; use a function that is finite on the whole range."
            )
        value = np.asarray(value, dtype=float)
        if not self._is_root:
            return value
        negative = value < -1e-15 * np.abs(value).max(initial=0.0)
        if np.any(negative):
            at = x[negative].flat[0]
            raise FiniteNError(
                f"rate: at Δ = {at:.6g} it is {value[negative].flat[0]:.6g}; a rate is not negative anywhere on the "
                "range of Δ."
            )
        return np.sqrt(np.maximum(value, 0.0))

    def for_rates(self, factor: float) -> Amplitude:
        """Γ of rates that are `factor` times as large."""
        own = factor if self._is_root else math.sqrt(factor)

        def times(f):
            direct = isinstance(f, numbers.Number | np.polynomial.Polynomial)
            return own * f if direct else lambda x: own * np.asarray(f(x))

        image = copy.copy(self)
        image.function = times(self.function)
        image._derivative = None if self._derivative is None else times(self._derivative)
        return image

    @property
    def degree(self) -> int | None:
        """The degree of Γ where it is a constant or a numpy Polynomial, else None."""
        if self.is_constant:
            return 0
        known = isinstance(self.function, np.polynomial.Polynomial) and not self._is_root
        return self.function.degree() if known else None

    @property
    def _name(self) -> str:
        return "rate" if self._is_root else "amplitude Γ"

    def _root(self, x: np.ndarray) -> np.ndarray:
        return np.sqrt(np.asarray(self.function(x), dtype=complex))

    def derivative(self, x):
        """Γ′ at a real number x, as a float, or at an array of them."""
        x = _real(x)
        if self.is_constant:
            value = np.zeros(x.shape)
        elif self._derivative is not None:
            value = np.real(_call(self._derivative, x, f"derivative of the {self._name}"))
            if self._is_root:
                with np.errstate(all="ignore"):
                    value = value / (2 * self(x))
        else:
            what = f"{self._name} at complex argument, for its derivative (or give derivative=…)"
            value = np.imag(_call(self._root if self._is_root else self.function, x + 1j * _STEP, what)) / _STEP
        bad = ~np.isfinite(value)
        if np.any(bad):
            raise FiniteNError(
                f"amplitude Γ{self._as_root}: its derivative at Δ = {x[bad].flat[0]:.6g} is {value[bad].flat[0]}; "
                "give derivative=… or another Γ."
            )
        return value if x.ndim else float(value)

    def derivatives(self, x, count: int, low: float, high: float) -> np.ndarray:
        """Γ, Γ′, Γ″, … up to order count − 1 ≤ 7 at real numbers x of the range [low, high], shape (…, count).

        By Cauchy's integral over a circle, or from values of `derivative` on an interval if that is given. Raises
        FiniteNError where Γ has no converging Taylor series.
        """
        x = _real(x)
        if self.is_constant or low == high:
            return np.append(self(x)[..., None], np.zeros((*x.shape, count - 1)), axis=-1)
        if x.ndim and self._derivative is not None:
            return np.array([self.derivatives(one, count, low, high) for one in x])
        try:
            if self._derivative is None:
                function = self._root if self._is_root else self.function
                found = on_circles(lambda z: _call(function, z, self._name), x, count, high - low)
            else:
                slopes = on_interval(self.derivative, float(x), count - 1, low, high)
                found = np.array([float(self(x)), *(slopes / np.arange(1, count))])
        except NotSmoothError as failed:
            x = x.ravel()[failed.which]
            root = " Where the rate is a square, as of Δ, give its root as amplitude." if self._is_root else ""
            raise NoTaylorSeries(
                f"amplitude Γ{self._as_root}: at Δ = {x:.6g} it has no converging Taylor series, so that there is no "
                f"expansion in 1/N; use a function that is analytic near the range of Δ.{root}"
            ) from None
        return found * np.cumprod([1, *range(1, count)])

    def check(self, low: float, high: float) -> None:
        """Refuse Γ that is complex, not finite, too large, or not smooth on [low, high], or whose Γ′ is wrong
        somewhere.

        ∫Γ′ = Γ(right) − Γ(left) by Gauss's rule, on 32 intervals and again on 33 that begin elsewhere, as the rule is
        blind to a kink on an end or in the middle of an interval. Intervals where it fails are divided, and the worse
        part is followed. For smooth Γ, however steep, the error falls with the eleventh power of the width; at a kink,
        as of |Δ|, with the first; where Γ″ jumps, as of max(Δ, 0)², with the second. Mean field survives such a jump,
        its expansion in 1/N does not.
        """
        low = check_number(low, "amplitude: low end of the range of Δ")
        high = check_number(high, "amplitude: high end of the range of Δ", low)
        width = (high - low) / _INTERVALS
        ends = low + width * np.arange(_INTERVALS + 1)
        shifted = np.concatenate([[low], ends[:-1] + _SHIFT * width, [high]])
        left, right = np.concatenate([ends[:-1], shifted[:-1]]), np.concatenate([ends[1:], shifted[1:]])
        error, _, noise = self._errors(left, right, high - low)
        followed = np.flatnonzero(error > noise)
        if not followed.size:
            return
        left, right = left[followed], right[followed]
        wrong, curvature = np.zeros((_DIVISIONS, left.size), dtype=bool), np.zeros((_DIVISIONS, left.size))
        seen, k = np.zeros(left.size, dtype=int), np.arange(left.size)
        for n in range(_DIVISIONS):
            if not k.size:
                break
            middle = left[k] + _DIVIDED * (right[k] - left[k])
            parts = np.array([left[k], middle]), np.array([middle, right[k]])
            error, size, noise = self._errors(*parts, high - low)
            worse = np.argmax(error, axis=0), np.arange(k.size)
            (left[k], right[k]), error, size, noise = (x[worse] for x in parts), error[worse], size[worse], noise[worse]
            wrong[n, k], curvature[n, k] = error > 1e-6 * size, error / (right[k] - left[k]) ** 2
            seen[k[error > noise]] = n
            k = k[n - seen[k] < 3]  # it may be met in a place where the rule is right by chance
        of_three = np.array([[np.any(wrong[n : n + 3], axis=0), np.max(curvature[n : n + 3], axis=0)] for n in _STAGES])
        kinked = np.all(of_three[:, 0] > 0, axis=0)
        bent = np.max(of_three[:3, 1], axis=0) < _ALIKE * np.min(of_three[:3, 1], axis=0)
        bent &= np.isin(np.arange(left.size), k) | (seen >= _STAGES[2])
        for k in np.flatnonzero(kinked)[:1]:
            change, integral = self._change_and_integral(left[k], right[k])[:2]
            raise FiniteNError(
                f"amplitude Γ{self._as_root}: near Δ = {left[k]:.6g} it changes by {change:.4g} where its derivative "
                f"gives {integral:.4g}; Γ must be smooth on the range of Δ, and in Python, where numpy cannot evaluate "
                "it at complex argument (abs, where, interpolation), give derivative=…"
            )
        for k in np.flatnonzero(bent)[:1]:
            raise FiniteNError(
                f"amplitude Γ{self._as_root}: its second derivative jumps near Δ = {left[k]:.6g}; Γ must be smooth on "
                "the range of Δ, or there is no expansion in 1/N: round it, with √(Δ² + ε²) in place of |Δ|, for "
                "example."
            )

    def _errors(self, left, right, whole: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """|Γ(right) − Γ(left) − ∫Γ′|, the size of both, and what rounding may do to it."""
        change, integral, value, slope = self._change_and_integral(left, right)
        largest = value.max()
        if not largest < LARGEST:
            raise FiniteNError(
                f"amplitude Γ{self._as_root}: near Δ = {left.flat[np.argmax(value)]:.6g} it is {largest:.3g}; beyond "
                f"{LARGEST:.0e} its rate Γ² is more than double precision carries; lower it."
            )
        floor = max(1.0, largest) / max(whole, 1e-300) * (right - left)
        size = np.maximum(np.maximum(np.abs(change), np.abs(integral)), floor)
        at = np.maximum(np.abs(left), np.abs(right))
        return np.abs(change - integral), size, _NOISE * (largest + slope * at)

    def _change_and_integral(self, left, right) -> tuple[np.ndarray, ...]:
        """Γ(right) − Γ(left), ∫Γ′ between them, the largest |Γ| and |Γ′| there, for numbers or arrays of left and right
        ends."""
        middle, half = np.add(left, right) / 2, np.subtract(right, left) / 2
        value = self(np.array([left, right]))
        slopes = self.derivative(middle[..., None] + half[..., None] * _NODES)
        return value[1] - value[0], half * (slopes @ _WEIGHTS), np.abs(value).max(axis=0), np.abs(slopes).max(axis=-1)

    @property
    def _as_root(self) -> str:
        return " = √rate" if self._is_root else ""

    @property
    def described(self) -> str:
        """How jumps describe it: a constant rate Γ² as a number, or Γ or the rate by its name."""
        if self.is_constant:
            value = float(np.real(self.function))
            return f"rate {value if self._is_root else value**2:.6g}"
        return f"rate = {self!r}" if self._is_root else f"Γ = {self!r}"

    def __repr__(self):
        if self.is_constant:
            return f"{np.real(self.function):.6g}"
        return getattr(self.function, "label", None) or getattr(self.function, "__name__", "Γ")


def _real(x) -> np.ndarray:
    """Values of Δ as floats; nan may be among them."""
    try:
        return np.asarray(x, dtype=float)
    except (TypeError, ValueError):
        raise FiniteNError(f"amplitude: Δ = {shown(x)}: give a real number or an array of them.") from None


def _call(function: Callable, x: np.ndarray, what: str) -> np.ndarray:
    """Call with an array; fall back to one call per point for functions of a number."""
    with np.errstate(all="ignore"):
        try:
            value = np.asarray(function(x))
            if value.shape == x.shape and value.dtype.kind in "fciu":
                return value
            if value.shape == ():
                raise TypeError
        except Exception:
            pass
        try:
            value = np.array([complex(function(t)) for t in x.ravel()]).reshape(x.shape)
        except Exception as error:
            raise FiniteNError(
                f"{what}: calling it failed with «{error}»; give a function of one real number."
            ) from None
        return value.real if np.all(value.imag == 0) and not np.iscomplexobj(x) else value
