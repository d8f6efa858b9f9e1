"""Γ, the real amplitude function of a jump j Γ(Δ), with its derivative by complex step."""

from __future__ import annotations

import itertools
import numbers
from collections.abc import Callable

import numpy as np

from finite_n.errors import FiniteNError

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(5)
_STEP = 1e-30  # no subtraction happens, so the step can be far below rounding


class Amplitude:
    """A real function Γ(Δ) or a real constant; Γ′ is taken by complex step unless given.

    Γ′(x) = Im Γ(x + iε)/ε holds for functions that numpy evaluates at complex argument; where it does not (abs,
    where, interpolation) give `derivative`. Both are called with arrays, or point by point if that fails.
    """

    def __init__(self, function: Callable | float, derivative: Callable | None = None):
        self.is_constant = isinstance(function, numbers.Number) and not isinstance(function, bool)
        if self.is_constant and (complex(function).imag != 0 or not np.isfinite(function)):
            raise FiniteNError(f"amplitude: got {function!r}; a constant amplitude is a finite real number.")
        if not self.is_constant and not callable(function):
            raise FiniteNError(f"amplitude: got {function!r}; give a real number or a function of Δ.")
        self.function = function
        self._derivative = derivative

    def __call__(self, x) -> np.ndarray:
        """Γ at an array of values of Δ, as float64; refuses complex, NaN and infinite values."""
        x = np.asarray(x, dtype=float)
        if self.is_constant:
            return np.full(x.shape, float(np.real(self.function)))
        value = _call(self.function, x, "amplitude Γ")
        if np.iscomplexobj(value):
            if np.any(np.abs(value.imag) > 0):
                at = x[np.abs(value.imag) > 0].flat[0]
                raise FiniteNError(
                    f"amplitude Γ: Γ({at:.6g}) is complex; Γ is a real function of Δ. Put a phase into the jump operator j."
                )
            value = value.real
        bad = ~np.isfinite(value)
        if np.any(bad):
            raise FiniteNError(
                f"amplitude Γ: Γ({x[bad].flat[0]:.6g}) is {value[bad].flat[0]}, inside the range that Δ takes; "
                "use a function that is finite on the whole range."
            )
        return np.asarray(value, dtype=float)

    def derivative(self, x: float) -> float:
        """Γ′(x) at a real number."""
        if self.is_constant:
            return 0.0
        if self._derivative is not None:
            value = float(_call(self._derivative, np.asarray(float(x)), "derivative Γ′"))
        else:
            what = "amplitude Γ at complex argument, for its derivative (or give derivative=…)"
            value = float(np.imag(_call(self.function, np.asarray(x + 1j * _STEP), what)) / _STEP)
        if not np.isfinite(value):
            raise FiniteNError(
                f"amplitude Γ: its derivative at Δ = {x:.6g} is {value}; give derivative=… or another Γ."
            )
        return value

    def check(self, low: float, high: float) -> None:
        """Refuse Γ that is complex, not finite, or whose Γ′ is wrong somewhere on [low, high]."""
        x = np.linspace(low, high, 65)
        values = self(x)
        scale = max(1.0, float(np.abs(values).max()))
        for left, right in itertools.pairwise(x):
            self._check_interval(left, right, scale / max(high - low, 1e-300), 16)

    def _check_interval(self, left: float, right: float, slope: float, halvings: int) -> None:
        """∫Γ′ = Γ(right) − Γ(left) by Gauss's rule; where it fails, on the worse half, down to a jump, kink or wrong Γ′."""
        while True:
            change, integral = self._change_and_integral(left, right)
            if abs(change - integral) <= 1e-6 * max(abs(change), abs(integral), slope * (right - left)):
                return
            if halvings == 0:
                raise FiniteNError(
                    f"amplitude Γ: near Δ = {left:.6g} it changes by {change:.4g} where its derivative gives "
                    f"{integral:.4g}; Γ must be smooth on the range of Δ, and where numpy cannot evaluate it at complex "
                    "argument (abs, where, interpolation) give derivative=…"
                )
            middle = (left + right) / 2
            halvings -= 1
            (a, b), (c, d) = self._change_and_integral(left, middle), self._change_and_integral(middle, right)
            left, right = (left, middle) if abs(a - b) >= abs(c - d) else (middle, right)

    def _change_and_integral(self, left: float, right: float) -> tuple[float, float]:
        ends = self(np.array([left, right]))
        points = (left + right) / 2 + (right - left) / 2 * _NODES
        slopes = np.array([self.derivative(float(p)) for p in points])
        return float(ends[1] - ends[0]), (right - left) / 2 * float(_WEIGHTS @ slopes)

    def __repr__(self):
        if self.is_constant:
            return f"{np.real(self.function):.6g}"
        return getattr(self.function, "label", None) or getattr(self.function, "__name__", "Γ")


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
