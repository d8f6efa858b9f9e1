"""The flow ṁ = f(m): a limit's drift and Jacobian, and families of limits that depend on parameters.

A limit is anything with drift(m), shape (n,), and jacobian(m), shape (n, n), m of shape (n,); a finite_n.Model stands
for its Limit.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import numpy as np

from finite_n.errors import FiniteNError, in_words, shortened, shown
from finite_n.model.model import Model
from finite_n.model.time_dependent import check_constant
from finite_n.model.validation import call_given
from meanfield.limit.limit import Limit

_ROUNDING = 1e-9  # of a range
_KEPT = 64  # members of a family kept, since building a model checks its rates and takes milliseconds


def as_limit(system):
    """A limit from a Model, or the object itself if it has drift and jacobian."""
    if isinstance(system, Model):
        system = Limit(system)
    if isinstance(system, Limit):
        check_constant(system, "flow")
        return system
    if callable(getattr(system, "drift", None)) and callable(getattr(system, "jacobian", None)):
        return system
    raise FiniteNError(f"flow: got {shown(system)}; give a finite_n.Model or an object with drift(m) and jacobian(m).")


def drift(limit, m: np.ndarray) -> np.ndarray:
    """f(m), shape (n,); nan where the limit has no value, as when a rate overflows far from the states."""
    return _quietly(limit.drift, m, np.shape(m))


def jacobian(limit, m: np.ndarray) -> np.ndarray:
    """Q(m), shape (n, n); nan where the limit has no value."""
    return _quietly(limit.jacobian, m, (len(m), len(m)))


def eigenvalues(limit, m: np.ndarray) -> np.ndarray:
    """Those of Q(m), shape (n,); nan where Q has no value."""
    q = jacobian(limit, m)
    return np.linalg.eigvals(q) if np.all(np.isfinite(q)) else np.full(len(q), np.nan)


def _quietly(function: Callable, m: np.ndarray, shape: tuple) -> np.ndarray:
    with np.errstate(all="ignore"):
        try:
            return np.asarray(function(m), dtype=float).reshape(shape)
        except (FiniteNError, ArithmeticError):
            return np.full(shape, np.nan)
        except (TypeError, ValueError) as error:  # of an object other than Limit
            raise FiniteNError(
                f"flow: drift or jacobian at {shown(m)} failed with {shortened(in_words(error).rstrip('.'), 120)}; "
                f"give functions of n averages that return real numbers, here of shape {shape}."
            ) from error


class Family:
    """family(p, …) → Model or limit, with the members used last kept."""

    def __init__(self, family: Callable):
        if isinstance(family, Family):
            family = family.function
        if not callable(family):
            raise FiniteNError(
                f"family: got {shown(family)}; give a function of the parameters that returns a Model, "
                "such as lambda omega, beta: hopfield(omega, beta)."
            )
        self.function = family
        self._members: OrderedDict[tuple[float, ...], object] = OrderedDict()

    def __call__(self, *parameters: float):
        key = tuple(float(p) for p in parameters)
        if key not in self._members:
            wanted = f"a function of {len(key)} number{'s' * (len(key) > 1)} that returns a Model"
            at = ", ".join(f"{p:.6g}" for p in key)
            self._members[key] = as_limit(call_given(self.function, f"family at {at}", wanted, *key))
            if len(self._members) > _KEPT:
                self._members.popitem(last=False)
        self._members.move_to_end(key)
        return self._members[key]

    def slopes(self, m: np.ndarray, parameters: np.ndarray, step: np.ndarray) -> np.ndarray:
        """∂f/∂p, shape (n, number of parameters), see `difference`."""
        columns = [
            difference(lambda p: drift(self(*p), m), parameters, e) / h
            for e, h in zip(np.diag(step), step, strict=True)
        ]
        return np.array(columns).T


def difference(function: Callable, x: np.ndarray, e: np.ndarray):
    """e·∂function/∂x by a central difference, or by a one-sided one where x ± e is refused, as when a rate turns
    negative.

    Accurate to about |e|², or |e|; used for steps only.
    """
    values = []
    for part in (1.0, -1.0, 0.0):
        try:
            values.append((part, function(x + part * e)))
        except FiniteNError:
            if part == 0:
                raise
        if len(values) == 2:
            break
    (a, upper), (b, lower) = values
    return (upper - lower) / (a - b)


def inside(parts):
    """Parameters in units of their ranges, moved into [0, 1] if rounding put them outside: families may refuse a rate
    of −1e-17."""
    near = (parts > -_ROUNDING) & (parts < 1 + _ROUNDING)
    return np.where(near, np.clip(parts, 0, 1), parts)
