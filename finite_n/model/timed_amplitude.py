"""Γ(Δ, t), amplitudes and rates that are no product of a function of Δ and one of time."""

from __future__ import annotations

import copy
import functools
import inspect
import math
from collections.abc import Callable

import numpy as np

from finite_n.errors import FiniteNError
from finite_n.model.amplitude import Amplitude
from finite_n.model.time_dependent import TimeDependentError
from finite_n.model.validation import check_function

_KEPT = 8  # amplitudes of one time: drift, its slope and the noise ask for the same


def takes_time(function) -> bool:
    """Whether a function has to be called with two numbers, Δ and t."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    required = [p for p in parameters if p.kind <= p.POSITIONAL_OR_KEYWORD and p.default is p.empty]
    return len(required) == 2


class TimedAmplitude:
    """A real function Γ(Δ, t); `at(t)` is the amplitude at one time. Where an amplitude is asked for without a time, it
    refuses.

    function, derivative : called with arrays of the same shape, or point by point if that fails; the derivative is that
        by Δ. Γ² in place of Γ with `is_root`. Times at which Γ has kinks or jumps may be `function.breaks`.
    """

    is_constant, degree = False, None

    def __init__(self, function: Callable, derivative: Callable | None = None, is_root: bool = False):
        if derivative is not None:
            check_function(derivative, "amplitude: derivative", "a function of two real numbers, Δ and t")
            if not takes_time(derivative):
                raise FiniteNError(
                    "amplitude: derivative: Γ is a function of Δ and t; give its derivative by Δ as such."
                )
        self.function, self._derivative, self._is_root = function, derivative, is_root
        self.breaks = tuple(getattr(function, "breaks", ()))

    @functools.cached_property
    def at(self) -> Callable[[float], Amplitude]:
        """t → the amplitude at that time."""
        return functools.lru_cache(_KEPT)(self._at)

    def _at(self, t: float) -> Amplitude:
        made = Amplitude.of_rate if self._is_root else Amplitude
        of_delta = _with_time(self.function, t)
        return made(of_delta, None if self._derivative is None else _with_time(self._derivative, t))

    def __call__(self, x):
        raise TimeDependentError(f"the {self._name}")

    derivative = derivatives = __call__

    def check(self, low: float, high: float) -> None:
        """Nothing is known before a time is."""

    def values(self, delta: np.ndarray, times: np.ndarray) -> np.ndarray:
        """Γ at all times and all values of Δ, shape (times, values)."""
        grids = np.broadcast_arrays(delta, times[:, None])
        try:
            with np.errstate(all="ignore"):
                found = np.asarray(self.function(*grids))
            if found.shape == grids[0].shape and found.dtype.kind in "fiu" and np.all(np.isfinite(found)):
                if not self._is_root:
                    return found.astype(float)
                if np.all(found >= 0):
                    return np.sqrt(found)
        except Exception:
            pass
        return np.array([self._values_at(delta, float(t)) for t in times]).reshape(grids[0].shape)

    def _values_at(self, delta: np.ndarray, t: float) -> np.ndarray:
        try:
            return self._at(t)(delta)
        except FiniteNError as error:
            raise FiniteNError(f"at t = {t:.6g}: {error}") from None

    def for_rates(self, factor: float) -> TimedAmplitude:
        """Γ of rates that are `factor` times as large."""
        own = factor if self._is_root else math.sqrt(factor)
        image = copy.copy(self)
        image.__dict__.pop("at", None)
        image.function = _times(own, self.function)
        image._derivative = None if self._derivative is None else _times(own, self._derivative)
        return image

    def __getstate__(self):
        return {name: x for name, x in self.__dict__.items() if name != "at"}

    @property
    def _name(self) -> str:
        return "rate" if self._is_root else "amplitude Γ"

    @property
    def described(self) -> str:
        """How jumps describe it."""
        return f"{'rate' if self._is_root else 'Γ'} = {self!r}"

    def __repr__(self):
        return getattr(self.function, "label", None) or getattr(self.function, "__name__", "f(Δ, t)")


def _with_time(function: Callable, t: float) -> Callable:
    def of_delta(x):
        return function(x, np.full(np.shape(x), t) if np.ndim(x) else t)

    return of_delta


def _times(factor: float, function: Callable) -> Callable:
    def multiplied(x, t):
        return factor * np.asarray(function(x, t))

    return multiplied
