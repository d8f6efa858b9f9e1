"""Grids of parameters: values as lists or texts, and all their combinations."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence

import numpy as np

from finite_n.errors import FiniteNError, shown

MOST = 10_000  # combinations
_WANTED = 'give values such as [0.1, 0.2], or a text such as "0.1,0.2" or "0.1:0.5:5" (start:stop:number)'


def read_grid(given: Mapping[str, object], what: str = "grid") -> dict[str, list]:
    """Values of every parameter, in the order given.

    >>> read_grid({"omega": "0.1:0.3:3", "rates": "exponential,heat_bath", "beta": [0.5, 1]})
    {'omega': [0.1, 0.2, 0.3], 'rates': ['exponential', 'heat_bath'], 'beta': [0.5, 1]}
    """
    if not isinstance(given, Mapping):
        raise FiniteNError(f"{what} = {shown(given)}: give a dict of parameters to values.")
    out = {name: _values(values, f"{what}.{name}") for name, values in given.items()}
    count = int(np.prod([float(len(values)) for values in out.values()]))
    if count > MOST:
        raise FiniteNError(f"{what}: has {count} combinations; a sweep has {MOST} at most.")
    return out


def combinations(grid: Mapping[str, Sequence]) -> list[dict]:
    """Every combination of values, the last parameter running fastest."""
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]


def named(combination: Mapping[str, object]) -> str:
    """A combination as messages and folders call it.

    >>> named({"omega": 0.3, "rates": "heat_bath"})
    'omega=0.3,rates=heat_bath'
    """
    texts = ((k, v if isinstance(v, str) else json.dumps(v).replace(" ", "")) for k, v in combination.items())
    return ",".join(f"{k}={text}" for k, text in texts)


def _values(given: object, place: str) -> list:
    values = _of_text(given, place) if isinstance(given, str) else given
    if not isinstance(values, list | tuple | np.ndarray) or len(values) == 0:
        raise FiniteNError(f"{place} = {shown(given)}: {_WANTED}.")
    values = [x.item() if isinstance(x, np.generic) else x for x in values]
    if any(not isinstance(x, bool | int | float | str) for x in values):
        raise FiniteNError(f"{place} = {shown(given)}: values are numbers, texts, true or false.")
    if len(set(map(repr, values))) < len(values):
        raise FiniteNError(f"{place} = {shown(given)}: has a value twice; give every value once.")
    return values


def _of_text(text: str, place: str) -> list:
    parts = text.split(":")
    if len(parts) == 1:
        return [_value(word.strip()) for word in text.split(",") if word.strip()]
    try:
        start, stop, count = float(parts[0]), float(parts[1]), int(parts[2])
    except (ValueError, IndexError):
        count = 0
    if len(parts) != 3 or not 2 <= count <= MOST or not np.isfinite(start) or not np.isfinite(stop):
        raise FiniteNError(f"{place} = {shown(text)}: {_WANTED}, with 2 values or more.")
    return [float(f"{x:.15g}") for x in np.linspace(start, stop, count)]  # 0.3, not 0.30000000000000004


def _value(word: str):
    if word.lower() in ("true", "false"):
        return word.lower() == "true"
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return word
