"""The limit of exact numbers and the derived expansion as variables of a dataset, and back."""

from __future__ import annotations

import dataclasses

import numpy as np
import xarray as xr

from comparison.referee.extrapolation import Extrapolation
from comparison.referee.witnesses import WitnessedLimit

_NAMES = {"value": "extrapolated", "error": "extrapolated_error"}  # of the others: extrapolated_<field>
_DIMS = ("time", "quantity")
_COEFFICIENTS = "derived_coefficient"
POWERS = "powers"


def limit_variables(limit: Extrapolation) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    """Every field of a limit as {name: (dimensions, numbers)}."""
    out = {}
    for field in dataclasses.fields(limit):
        numbers = np.asarray(getattr(limit, field.name), dtype=float)
        out[_name(field.name)] = (_DIMS[len(_DIMS) - numbers.ndim :], numbers)
    return out


def limit_of(data: xr.Dataset) -> Extrapolation | None:
    """The limit that a dataset holds; None if it holds none. Raises KeyError where a part is missing."""
    if _NAMES["value"] not in data:
        return None
    kind = WitnessedLimit if _name("state") in data else Extrapolation
    absent = {"noise"} - {str(name).removeprefix("extrapolated_") for name in data}  # in those of older versions
    parts = {field.name: data[_name(field.name)] for field in dataclasses.fields(kind) if field.name not in absent}
    arrays = {name: x.transpose(*[d for d in _DIMS if d in x.dims]).values for name, x in parts.items()}
    return kind(**arrays | {"grows": arrays["grows"].astype(bool)})


def coefficient_variables(coefficients: np.ndarray | None) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    """The coefficients of the derived terms, (K, T, Q), as {name: (dimensions, numbers)}; nothing where none are."""
    return {} if coefficients is None else {_COEFFICIENTS: (("term", *_DIMS), coefficients)}


def coefficients_of(data: xr.Dataset) -> np.ndarray | None:
    """The coefficients that a dataset holds, None if it holds none."""
    return data[_COEFFICIENTS].transpose("term", *_DIMS).values.astype(float) if _COEFFICIENTS in data else None


def powers_of(data: xr.Dataset) -> np.ndarray | None:
    """Exponents of the first terms of all quantities, and steps of those that follow, (Q, 2); None where all are the
    power of the study."""
    return data[POWERS].transpose("quantity", ...).values.astype(float) if POWERS in data else None


def _name(field: str) -> str:
    return _NAMES.get(field, f"extrapolated_{field}")
