"""Γ, the real amplitude function of a jump j Γ(Δ), with its derivative by complex step."""

from __future__ import annotations

import numbers
from collections.abc import Callable

import numpy as np

from finite_n.errors import FiniteNError

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
        value = self(x)
        inner = x[1:-1:8]
        step = 1e-5 * max(1.0, high - low)
        # A finite difference is good to about 1e-8 here: enough to see a function that has no complex continuation.
        rough = (self(np.clip(inner + step, low, high)) - self(np.clip(inner - step, low, high))) / (
            np.clip(inner + step, low, high) - np.clip(inner - step, low, high) + (low == high)
        )
        exact = np.array([self.derivative(t) for t in inner])
        if low < high and not np.allclose(exact, rough, rtol=1e-3, atol=1e-4 * max(1.0, np.abs(value).max())):
            k = int(np.argmax(np.abs(exact - rough)))
            raise FiniteNError(
                f"amplitude Γ: its derivative comes out as {exact[k]:.6g} at Δ = {inner[k]:.4g}, but Γ changes there "
                f"by {rough[k]:.6g}; give derivative=… for a function that numpy cannot evaluate at complex argument."
            )

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
