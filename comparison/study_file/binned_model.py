"""The [model.binned] table of a study file: particles with a distribution of a number, in bins, and formulas over them.

In formulas the name of the number, mx, my, … and m(…) stand for their values in every bin; average(…) is the average
over all particles of what is written in it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable

import numpy as np
import qutip

from comparison.formula import Names, function_of, parse
from comparison.study_file.names import OPERATORS
from comparison.study_file.places import at
from comparison.study_file.schema import BinnedSpec
from finite_n import Bins, FiniteNError, Polynomial, binned
from finite_n.errors import shown
from finite_n.model.validation import check_choice

AVERAGE = "average"
DISTRIBUTIONS = {  # of scipy.stats, by a center and a width
    "normal": ("norm", lambda center, width: (center, width)),
    "lorentzian": ("cauchy", lambda center, width: (center, width)),
    "uniform": ("uniform", lambda center, width: (center - width, 2 * width)),
    "exponential": ("expon", lambda center, width: (center, width)),
    "standing wave": ("arcsine", lambda center, width: (center - width, 2 * width)),
}
_SOURCES = ("distribution", "density", "values")


class PerBin:
    """A polynomial, or what numbers make of it, for every bin; + − * / ** act in every bin."""

    __array_ufunc__ = None  # arrays of numbers, one for each bin, leave products to this class

    def __init__(self, parts):
        self.parts = list(parts)

    def _with(self, other, act: Callable) -> PerBin:
        if isinstance(other, PerBin | np.ndarray):
            others = other.parts if isinstance(other, PerBin) else other.tolist()
            return PerBin(act(a, b) for a, b in zip(self.parts, others, strict=True))
        return PerBin(act(a, other) for a in self.parts)

    def __add__(self, other):
        return self._with(other, operator.add)

    def __radd__(self, other):
        return self._with(other, lambda a, b: b + a)

    def __sub__(self, other):
        return self._with(other, operator.sub)

    def __rsub__(self, other):
        return self._with(other, lambda a, b: b - a)

    def __mul__(self, other):
        return self._with(other, operator.mul)

    def __rmul__(self, other):
        return self._with(other, lambda a, b: b * a)

    def __truediv__(self, other):
        return self._with(other, operator.truediv)

    def __pow__(self, k):
        return PerBin(a**k for a in self.parts)

    def __neg__(self):
        return PerBin(-a for a in self.parts)

    def __pos__(self):
        return self

    def adjoint(self) -> PerBin:
        """Of every bin."""
        return PerBin(a.adjoint() for a in self.parts)

    def __repr__(self):
        return f"{shown(self.parts[0])} in bin 1, …"


def bins_of(spec: BinnedSpec, numbers: Names, place: str) -> Bins:
    """The bins of a table; `numbers`: names that its formulas may use."""
    source, options = distribution_of(spec, numbers, place)
    with at(place):
        return binned(source, spec.bins, rule=spec.rule, **options)


def distribution_of(spec: BinnedSpec, numbers: Names, place: str) -> tuple[object, dict]:
    """What `binned` takes as a distribution, and its cut and weights."""
    given = [key for key in _SOURCES if getattr(spec, key) is not None]
    if len(given) != 1:
        raise FiniteNError(f"{place}: give one of {', '.join(_SOURCES)}; got {' and '.join(given) or 'none of them'}.")
    if given[0] != "distribution" and (spec.center is not None or spec.width is not None):
        raise FiniteNError(
            f"{place}: center and width are of a distribution by name; leave them out beside {given[0]}."
        )
    if not spec.value.isidentifier():
        raise FiniteNError(f"{place}.value = {shown(spec.value)}: give a word of letters and digits.")
    cut = None if spec.cut is None else [_number(x, numbers, f"{place}.cut") for x in spec.cut]
    source: object = spec.values
    if spec.distribution is not None:
        source = _named(spec, numbers, place)
    elif spec.density is not None:
        source = function_of(spec.density, spec.value, numbers, f"{place}.density")
    return source, {"cut": cut, "weights": spec.weights}


def _named(spec: BinnedSpec, numbers: Names, place: str):
    import scipy.stats  # takes half a second

    name, arguments = DISTRIBUTIONS[check_choice(spec.distribution, f"{place}.distribution", tuple(DISTRIBUTIONS))]
    center = _number(0.0 if spec.center is None else spec.center, numbers, f"{place}.center")
    width = _number(1.0 if spec.width is None else spec.width, numbers, f"{place}.width")
    if not width > 0:
        raise FiniteNError(f"{place}.width = {width:g}: give a number above 0.")
    return getattr(scipy.stats, name)(*arguments(center, width))


def _number(x, numbers: Names, place: str) -> float:
    found = parse(x, numbers, place) if isinstance(x, str) else x
    if np.iscomplexobj(found) or not np.isfinite(found):
        raise FiniteNError(f"{place} = {shown(x)}: give a real, finite number.")
    return float(found)


def names_of_bins(bins: Bins, value: str) -> dict[str, object]:
    """The number, averages in every bin, and average(…) over all of them, by name."""
    letters: dict[str, Callable] = {"mx": lambda s: s.mx, "my": lambda s: s.my, "mz": lambda s: s.mz}
    letters |= {"mp": lambda s: s.average(OPERATORS["sp"]), "mm": lambda s: s.average(OPERATORS["sm"])}

    def m(x):
        if not isinstance(x, qutip.Qobj):
            raise FiniteNError(f"m({shown(x)}): give an operator of one particle, such as sz or a product of two.")
        return PerBin(s.average(x) for s in bins.species)

    def average(x) -> Polynomial:
        if not isinstance(x, PerBin | np.ndarray):
            raise FiniteNError(f"{AVERAGE}({shown(x)}): give a formula of {value}, mx, my, mz, mp, mm or m(…).")
        parts = dict(zip(bins.species, x.parts if isinstance(x, PerBin) else x.tolist(), strict=True))
        return bins.average(lambda _, s: parts[s])

    own = {name: PerBin(letter(s) for s in bins.species) for name, letter in letters.items()}
    return {value: np.array(bins.values), **own, "m": m, AVERAGE: average}


def meaning_of_bins(value: str) -> str:
    """What these names mean."""
    return f"{AVERAGE}(…) over all particles of formulas of {value}, mx, my, mz, mp, mm and m(…) of a particle's bin"


def check_averaged(x, place: str):
    """What is left as it is, unless it has a value in every bin."""
    if isinstance(x, PerBin | np.ndarray):
        raise FiniteNError(f"{place} has a value in every bin; write {AVERAGE}(…) for the average over all particles.")
    return x


def per_bin(bins: Bins, value: str, numbers: Names) -> dict[str, Names]:
    """The numbers that formulas of each bin may use, by name of its species."""
    meaning = f"{value} (the value of a bin); {numbers.meaning}"
    return {s.name: Names({**numbers, value: v}, meaning) for v, s in bins}
