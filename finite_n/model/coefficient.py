"""Functions of time that multiply parts of a model, as qutip's coefficients do."""

from __future__ import annotations

import dataclasses
import numbers
from collections.abc import Callable, Sequence

import numpy as np

from finite_n.errors import SHOWN, FiniteNError, shortened, shown
from finite_n.model.piecewise import Pieces, resolved
from finite_n.model.polynomial import Polynomial
from finite_n.model.validation import check_array, check_whole


class Coefficient:
    """A real function of time f(t); made by `coefficient`.

    Supports +, −, *, / with numbers and other coefficients, f(t), and f * p with a polynomial p of averages, which is a
    `TimeDependentPolynomial`, part of a Hamiltonian.

    Attributes: `breaks`, times at which f has kinks or jumps; `domain`, first and last time at which f is known;
    `text`, how it is printed; `size`, of other numbers beside which f is resolved, 0 if it is by itself; `uncertainty`,
    of f.
    """

    size = uncertainty = 0.0

    depends_on_time = True
    __array_ufunc__ = None  # so that numpy scalars on the left defer to __rmul__

    def __init__(self, function: Callable, breaks: Sequence[float], domain: tuple[float, float], text: str):
        self.function, self.breaks, self.domain, self.text = function, tuple(breaks), domain, text

    def __call__(self, t):
        """f at a time, as a float, or at an array of them; refuses what is not a finite real number."""
        t = np.asarray(t, dtype=float)
        value = _values(self.function, t, self.text)
        bad = ~np.isfinite(value)
        if np.any(bad):
            raise FiniteNError(f"coefficient {self.text}: at t = {t[bad].flat[0]:.6g} it is {value[bad].flat[0]}.")
        return value if t.ndim else float(value)

    def resolved(self, start: float, end: float, first: int | None = None) -> Pieces:
        """f on [start, end] as polynomials on pieces, of `first` pieces to begin with (`finite_n.model.piecewise`)."""
        low, high = self.domain
        if start < low or end > high:
            raise FiniteNError(
                f"coefficient {self.text} is known from t = {low:.6g} to {high:.6g}; it was asked for from {start:.6g} "
                f"to {end:.6g}: give a longer table, or other times."
            )
        pieces = resolved(self, start, end, self.breaks, self.size, **({} if first is None else {"first": first}))
        return pieces.with_error(self.uncertainty)

    def _with(self, other, symbol: str, operation: Callable, swapped: bool = False):
        if isinstance(other, numbers.Real) and not isinstance(other, bool):
            other = coefficient(other)
        if isinstance(other, numbers.Complex) and not isinstance(other, bool):
            raise FiniteNError(
                f"coefficient {self.text}: got the number {shown(other)}; coefficients are real, and factors i belong "
                "to the polynomial."
            )
        if not isinstance(other, Coefficient):
            return NotImplemented
        a, b = (other, self) if swapped else (self, other)
        low, high = max(a.domain[0], b.domain[0]), min(a.domain[1], b.domain[1])
        breaks = sorted({*a.breaks, *b.breaks})
        if symbol in "+-":
            function = _Sum((*_summands(a), *_summands(b, -1.0 if symbol == "-" else 1.0)))
        else:
            function = lambda t: operation(a(t), b(t))  # noqa: E731
        return Coefficient(function, breaks, (low, high), f"({a.text} {symbol} {b.text})")

    def __add__(self, other):
        if isinstance(other, Polynomial):
            return self * Polynomial({(): 1}) + other
        return self._with(other, "+", np.add)

    def __radd__(self, other):
        return self._with(other, "+", np.add, swapped=True)

    def __sub__(self, other):
        return self._with(other, "-", np.subtract)

    def __rsub__(self, other):
        return self._with(other, "-", np.subtract, swapped=True)

    def __neg__(self):
        return -1.0 * self

    def __mul__(self, other):
        if isinstance(other, Polynomial):
            from finite_n.model.time_dependent import TimeDependentPolynomial  # which needs coefficients

            return TimeDependentPolynomial(Polynomial({}), [(self, other)])
        return self._with(other, "*", np.multiply)

    __rmul__ = __mul__

    def __truediv__(self, other):
        if isinstance(other, numbers.Real) and other == 0:
            raise FiniteNError(f"coefficient {self.text}: divided by zero.")
        return self._with(other, "/", np.divide)

    def __rtruediv__(self, other):
        return self._with(other, "/", np.divide, swapped=True)

    def __repr__(self):
        return f"coefficient({self.text})"


@dataclasses.dataclass(frozen=True, eq=False)
class _Sum:
    """Σ sign × coefficient, however many there are."""

    terms: tuple[tuple[float, Coefficient], ...]

    def __call__(self, t):
        total = 0.0
        for sign, f in self.terms:
            total = total + sign * f(t)
        return total


def _summands(f: Coefficient, sign: float = 1.0) -> list[tuple[float, Coefficient]]:
    if not isinstance(f.function, _Sum):
        return [(sign, f)]
    return [(sign * own, x) for own, x in f.function.terms]


def coefficient(base, tlist=None, order: int = 3, breaks: Sequence[float] = (), text: str | None = None) -> Coefficient:
    """A function of time that multiplies a part of a Hamiltonian, a rate or an amplitude.

    Parameters
    ----------
    base : function of t, array of values, number, or qutip coefficient
        f, real. A function is called with an array of times, or time by time if that fails.
    tlist : array, shape (K,), with an array
        Increasing times of the values, between which f is a spline, as in `qutip.coefficient`. Other times are refused.
    order : int
        Of the spline: 3 (default), cubic; 1, straight lines; 0, every value holds until the next time.
    breaks : sequence of times
        Where f has kinks or jumps. They are looked for as well, and found unless they hide between all points of a
        fine net; a pulse much shorter than a hundredth of the times asked for should have breaks about it.
    text : str, optional
        How f is printed, such as a formula in t. Default: the name of the function.

    Raises FiniteNError for what is not real and finite, and for tables that are not increasing in time.

    Example
    -------
    >>> import numpy as np
    >>> from finite_n import mx, mz
    >>> 0.2 * mz + coefficient(lambda t: np.exp(-((t - 1) ** 2)), text="exp(-(t-1)**2)") * mx
    0.2 m(σz) + exp(-(t-1)**2) [m(σx)]
    """
    if isinstance(base, Coefficient):
        return base
    breaks = check_array(breaks, "coefficient: breaks", (None,), "times")
    everywhere = (-np.inf, np.inf)
    if tlist is not None:
        times = check_array(tlist, "coefficient: tlist", (None,), "increasing times")
        values = check_array(base, "coefficient: values", times.shape, "a number for every time of tlist")
        order = check_whole(order, "coefficient: order", 0)
        if len(times) < 2 or np.any(np.diff(times) <= 0):
            raise FiniteNError(f"coefficient: tlist = {shown(tlist)}; give two or more times, each later than before.")
        name = f"table of {len(times)} values" if text is None else text
        return Coefficient(_spline(times, values, order), times[1:-1], (float(times[0]), float(times[-1])), name)
    if isinstance(base, numbers.Real) and not isinstance(base, bool) and np.isfinite(base):
        number = float(base)
        return Coefficient(lambda t: np.full(np.shape(t), number), (), everywhere, f"{number:.6g}")
    if not callable(base):
        raise FiniteNError(
            f"coefficient: got {shown(base)}; give a real function of t, a number, or an array of values with tlist."
        )
    name = getattr(base, "label", None) or getattr(base, "__name__", "f")
    name = "f" if name == "<lambda>" else name
    return Coefficient(base, breaks, everywhere, name if text is None else text)


def _spline(times: np.ndarray, values: np.ndarray, order: int) -> Callable:
    if order == 0:
        return lambda t: values[np.clip(np.searchsorted(times, t, side="right") - 1, 0, len(values) - 1)]
    from scipy.interpolate import make_interp_spline  # slow to import

    return make_interp_spline(times, values, k=min(order, len(times) - 1))


def _values(function: Callable, t: np.ndarray, text: str) -> np.ndarray:
    """Call with an array; fall back to one call per time for functions of a number."""
    with np.errstate(all="ignore"):
        try:
            value = np.asarray(function(t))
            if value.shape != t.shape or value.dtype.kind not in "fciub":
                raise TypeError
        except FiniteNError:  # of a coefficient inside, which has tried all there is
            raise
        except RecursionError:
            raise _too_deep(text) from None
        except Exception:
            try:
                value = np.array([complex(function(float(x))) for x in t.ravel()]).reshape(t.shape)
            except FiniteNError:
                raise
            except Exception as error:
                raise FiniteNError(
                    f"coefficient {text}: calling it failed with «{error}»; give a function of one number, the time."
                ) from None
    if np.iscomplexobj(value):
        if np.any(value.imag != 0):
            raise FiniteNError(
                f"coefficient {text}: at t = {t[value.imag != 0].flat[0]:.6g} it is complex; write its real and its "
                "imaginary part as two coefficients, of two Hermitian polynomials."
            )
        value = value.real
    return value.astype(float)


def _too_deep(text: str) -> FiniteNError:
    return FiniteNError(
        f"coefficient {shortened(text, SHOWN)}: too many coefficients are multiplied or divided one inside the other; "
        "give one function that calculates all of it."
    )
