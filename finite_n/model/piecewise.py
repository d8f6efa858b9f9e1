"""A function of time as polynomials on pieces: what is integrated in its place, to the digits of double precision.

On every piece f is interpolated at Chebyshev's points. A piece is resolved where its coefficients have fallen to
rounding and f agrees with them at other points too, in places that are no fractions of the piece. Else it is divided:
at a kink or jump, if one is found by following the half that fails, and in the middle if not. What is narrower than the
spacing of all these points is not seen; `breaks` say where to look.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.polynomial import chebyshev

from finite_n.errors import FiniteNError

DEGREE = 16  # of a piece at most
_POINTS = np.cos(np.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1))
_ELSEWHERE = np.cos(np.pi * (np.arange(1, 22) * (np.sqrt(5) - 1) / 2 % 1))  # by the golden ratio, dense at the ends
_RESOLVED = 8e-15  # of the largest value
_FIRST = 24  # pieces of the whole span to begin with
_NARROWEST = 2e-15  # of the span
_PLACES, _NEAR, _SHIFT = 7, 1e-7, 0.4142  # where the rounding of f is measured: pieces, distance, place in a piece
_SPREAD = 20  # largest error of an interpolation, over the standard deviation of values
_NOISY = 1e-8  # of the largest value: rounding beyond is none
_MOST = 4_000  # pieces, beside those between breaks
_TO_COEFFICIENTS = np.linalg.inv(chebyshev.chebvander(_POINTS, DEGREE))
_CHECKS = chebyshev.chebvander(_ELSEWHERE, DEGREE)


@dataclasses.dataclass(frozen=True)
class Pieces:
    """edges (P + 1,), Chebyshev coefficients (P, DEGREE + 1), error (P,) of each, largest value."""

    edges: np.ndarray
    coefficients: np.ndarray
    error: np.ndarray
    largest: float

    def _piece(self, t) -> np.ndarray:
        """The piece that holds each time, the last or the first one for times beyond the span."""
        return np.clip(np.searchsorted(self.edges, t, side="right") - 1, 0, len(self.coefficients) - 1)

    def with_error(self, more: float) -> Pieces:
        """The same with more error of every piece."""
        return dataclasses.replace(self, error=self.error + more) if more else self

    def on(self, t: float, h: float) -> tuple[np.ndarray, float]:
        """Chebyshev coefficients on [t, t + h], which lies within one piece, and their error."""
        p = int(self._piece(t + h / 2))
        left, right = self.edges[p], self.edges[p + 1]
        x = (2 * (t - left) + h * (_POINTS + 1)) / (right - left) - 1
        return _TO_COEFFICIENTS @ chebyshev.chebval(x, self.coefficients[p]), float(self.error[p])

    def around(self, middle: float) -> Callable[[float], float]:
        """The polynomial of the piece that holds a time, for times of this piece, ends included."""
        p = int(self._piece(middle))
        left, width = float(self.edges[p]), float(self.edges[p + 1] - self.edges[p])
        c = np.trim_zeros(self.coefficients[p], "b")[::-1]

        def value(t: float) -> float:  # Clenshaw's recurrence: called at every evaluation of an integrator
            x = 2 * (t - left) / width - 1
            b = before = 0.0
            for own in c[:-1]:
                b, before = 2 * x * b - before + own, b
            return float(x * b - before + c[-1]) if len(c) else 0.0

        return value

    def __call__(self, t: np.ndarray) -> np.ndarray:
        """Values at times within the span."""
        t = np.asarray(t, dtype=float)
        p = self._piece(t)
        x = 2 * (t - self.edges[p]) / (self.edges[p + 1] - self.edges[p]) - 1
        return chebyshev.chebval(x, np.moveaxis(self.coefficients[p], -1, 0), tensor=False)


def resolved(
    f: Callable, start: float, end: float, breaks: Sequence[float] = (), size: float = 0.0, first: int = _FIRST
) -> Pieces:
    """f on [start, end] as polynomials on pieces that end at `breaks` and where else f is not smooth.

    f takes arrays of times. `size`: of other numbers that f is added to. `first`: pieces to begin with, between which
    narrow features are looked for. Raises FiniteNError if f has too many kinks.
    """
    inner = sorted({float(b) for b in breaks if start < b < end})
    ends = np.array([start, *inner, end])
    todo: list[tuple[float, float]] = []
    for a, b in itertools.pairwise(ends):
        count = max(1, int(np.ceil(first * (b - a) / (end - start)))) if len(ends) < first else 1
        cuts = np.linspace(a, b, count + 1)
        todo += list(itertools.pairwise(cuts))
    most = _MOST + len(todo)
    largest = max(float(np.max(np.abs(f(_at(a, b)[0])))) for a, b in todo)
    rounding = _SPREAD * _rounding(f, [todo[k] for k in np.linspace(0, len(todo) - 1, _PLACES).astype(int)])
    if rounding > _NOISY * max(size, largest):
        raise _not_smooth(start)
    size = max(size, largest, rounding / _RESOLVED)
    todo, done = todo[::-1], []
    while todo:
        a, b = todo.pop()
        coefficients, error, noise = _fitted(f, a, b, size)
        if error <= noise or b - a <= _NARROWEST * (end - start + abs(a)):
            done.append((a, b, coefficients, error))
            continue
        if len(done) + len(todo) > most:
            raise _not_smooth(a)
        cut = _edge(f, a, b, size, end - start)
        todo += [(cut, b), (a, cut)]
    done = _merged(f, done, inner, size)
    return Pieces(
        np.array([done[0][0], *(p[1] for p in done)]),
        np.array([p[2] for p in done]),
        np.array([p[3] for p in done]),
        largest,
    )


def _not_smooth(t: float) -> FiniteNError:
    return FiniteNError(
        f"a coefficient that depends on time is not smooth on any scale near t = {t:.6g}; give `breaks` where it has "
        "kinks, or a table of values, which is interpolated."
    )


def _rounding(f: Callable, pieces: Sequence[tuple[float, float]]) -> float:
    """The standard deviation of the rounding of f, as of sums of many terms, by its sixth differences at points so near
    that f is straight there but at kinks: the median over pieces. (J. Moré & S. Wild, SIAM J. Sci. Comput. 33, 1292
    (2011))"""
    found = []
    for a, b in pieces:
        values = f(a + (b - a) * (_SHIFT + _NEAR * np.arange(24)))
        found.append(float(np.sqrt(np.mean(np.diff(values, 6) ** 2) / 924)))  # Σ of squares of binomials
    return float(np.median(found))


def _at(a: float, b: float) -> tuple[np.ndarray, np.ndarray]:
    return a + (b - a) * (_POINTS + 1) / 2, a + (b - a) * (_ELSEWHERE + 1) / 2


def _fitted(f: Callable, a: float, b: float, largest: float) -> tuple[np.ndarray, float, float]:
    """Coefficients on [a, b], the error at other points, and what rounding of f and of t may do to it."""
    at, other = _at(a, b)
    values = f(at)
    coefficients = _TO_COEFFICIENTS @ values
    error = float(np.max(np.abs(_CHECKS @ coefficients - f(other))))
    slope = float(np.ptp(values)) / (b - a)
    noise = _RESOLVED * largest + 4e-16 * slope * max(abs(a), abs(b))
    return coefficients, error, noise


def _edge(f: Callable, a: float, b: float, largest: float, span: float) -> float:
    """A kink or jump inside (a, b), found by following the half that fails worse; the middle if there is none."""
    left, right = a, b
    while right - left > _NARROWEST * (span + abs(left)):
        middle = left + (right - left) / 2
        if not left < middle < right:
            break
        (_, first, _), (_, second, noise) = (_fitted(f, *ends, largest) for ends in ((left, middle), (middle, right)))
        if max(first, second) <= noise:
            if right - left > 1e-3 * (b - a):
                return a + (b - a) / 2
            break
        left, right = (left, middle) if first > second else (middle, right)
    cut = left + (right - left) / 2
    return cut if a < cut < b else a + (b - a) / 2


def _merged(f: Callable, done: list, breaks: list[float], largest: float) -> list:
    """Neighbours joined where one polynomial holds both, at all points looked at."""
    out, kept = [done[0]], set(breaks)
    for piece in done[1:]:
        a, edge, b = out[-1][0], piece[0], piece[1]
        if edge not in kept:
            coefficients, error, noise = _fitted(f, a, b, largest)
            of_both = np.concatenate([*_at(a, edge), *_at(edge, b)])  # what was seen of either
            there = chebyshev.chebval(2 * (of_both - a) / (b - a) - 1, coefficients)
            if max(error, float(np.max(np.abs(there - f(of_both))))) <= noise:
                out[-1] = (a, b, coefficients, error)
                continue
        out.append(piece)
    return out
