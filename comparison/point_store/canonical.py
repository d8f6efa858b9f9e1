"""A canonical form of what a point follows from: plain lists and texts that are the same in every process, with every
number to its last bit. What has none is refused, so that nothing is found under a description that might be another's.

Objects of this project are written by their class and attributes, arrays by a hash of their bytes, functions by
`functions.py`.
"""

from __future__ import annotations

import functools
import hashlib
import sys
import types
from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from comparison.formula import Formula, JointFormula
from comparison.point_store.encoding import NUMBERS
from comparison.point_store.functions import NoCanonicalForm, canonical_function, is_function
from finite_n.errors import shown
from finite_n.model.coefficient import Coefficient
from finite_n.model.model import Model
from finite_n.model.species import Space

_OURS = ("finite_n", "meanfield", "comparison")
_SERIES = ("Polynomial", "Chebyshev", "Legendre", "Laguerre", "Hermite", "HermiteE")  # of numpy.polynomial
_SPLINES = {"BSpline": "tck", "PPoly": "cx", "CubicSpline": "cx", "PchipInterpolator": "cx"}  # of scipy.interpolate
_SHOWN = {
    Model: {"name"},
    Formula: {"where"},
    JointFormula: {"where"},
    Coefficient: {"text"},
}  # attributes that are only shown


def canonical(x) -> object:
    """Lists, texts, whole numbers, True, False and None that say all of x.

    Raises NoCanonicalForm for what cannot be written so, with a clause that says what it is.
    """
    kind = type(x)
    if x is None or kind in (bool, int, str):
        return x
    if kind is float:
        return ["float", x.hex()]
    if kind is complex:
        return ["complex", x.real.hex(), x.imag.hex()]
    if kind in (list, tuple):
        return [kind.__name__, *map(canonical, x)]
    if kind in (dict, types.MappingProxyType):
        return ["dict", *([canonical(key), canonical(value)] for key, value in x.items())]
    if kind is Fraction:
        return ["fraction", x.numerator, x.denominator]
    if kind is np.ndarray and x.dtype.kind in NUMBERS:
        return ["array", x.dtype.str, list(x.shape), hashlib.sha256(np.ascontiguousarray(x).tobytes()).hexdigest()]
    if isinstance(x, np.generic) and x.dtype.kind in NUMBERS:
        return ["number", x.dtype.str, x.tobytes().hex()]
    if is_function(x):
        return canonical_function(x, canonical)
    if kind.__name__ in _SERIES and kind is getattr(np.polynomial, kind.__name__, None):
        return [f"numpy.{kind.__name__}", *map(canonical, (x.coef, x.domain, x.window))]
    if kind.__name__ in _SPLINES and kind is getattr(sys.modules.get("scipy.interpolate"), kind.__name__, None):
        numbers = [getattr(x, name) for name in (*_SPLINES[kind.__name__], "extrapolate", "axis")]
        return [f"scipy.{kind.__name__}", *map(canonical, numbers)]
    if _is_ours(kind):
        return _object(x)
    raise NoCanonicalForm(f"{shown(x)} is a {kind.__name__}, of which only its own package knows what it does")


def _is_ours(kind: type) -> bool:
    """Whether a class is defined in this project, whose source is part of every key, and not derived from one of it."""
    found = sys.modules.get(kind.__module__)
    for name in kind.__qualname__.split("."):
        found = getattr(found, name, None)
    return kind.__module__.partition(".")[0] in _OURS and found is kind


def _object(x) -> list:
    """The class and every attribute but those that follow from the others."""
    kind = type(x)
    name = f"{kind.__module__}.{kind.__qualname__}"
    if isinstance(x, tuple):  # with names
        return [name, *map(canonical, tuple(x))]
    if isinstance(x, Space):
        return [name, *map(canonical, (x.species, x.modes, x.labels))]
    values: Mapping[str, object] = {a: getattr(x, a) for c in kind.__mro__ for a in getattr(c, "__slots__", ())}
    values = {**values, **getattr(x, "__dict__", {})}
    follows = {a for c in kind.__mro__ for a, v in vars(c).items() if isinstance(v, functools.cached_property)}
    follows |= _SHOWN.get(kind, set())
    out = []
    for attribute in sorted(set(values) - follows):
        if isinstance(x, Model) and attribute == "jumps":
            out.append([attribute, [_jump(k, jump) for k, jump in enumerate(x.jumps)]])
        else:
            out.append([attribute, canonical(values[attribute])])
    return [name, *out]


def _jump(k: int, jump) -> list:
    try:
        return canonical(jump)
    except NoCanonicalForm as error:
        raise NoCanonicalForm(f"Γ of jump {k}: {error}") from None
