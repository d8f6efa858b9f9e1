"""Parameters of built-in systems as study files give them, checked against the defaults."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterable
from typing import Any, Literal

import numpy as np

from comparison.study_file.reading import BUILT_IN
from comparison.study_file.schema import StudySpec
from finite_n.errors import FiniteNError, shown


def check_names(system: str, names: Iterable[str], place: str) -> None:
    """Refuse names that are none of the parameters of a built-in system; `place` is what they stand in."""
    known = inspect.signature(BUILT_IN[system]).parameters
    for name in names:
        if name not in known:
            raise FiniteNError(f"{place}.{name}: {system} has no parameter {name}; it has {', '.join(known)}.")


def parameters_of(spec: StudySpec, where: str) -> dict[str, Any]:
    """Values for every parameter of the system, given ones checked against the type of the default."""
    signature = inspect.signature(BUILT_IN[spec.system])
    known = {p.name: p for p in signature.parameters.values()}
    out = {name: p.default for name, p in known.items()}
    check_names(spec.system, spec.parameters, f"{where}: parameters")
    for name, value in spec.parameters.items():
        default = known[name].default
        hints = inspect.get_annotations(BUILT_IN[spec.system], eval_str=True)[name]
        choices = typing.get_args(hints) if typing.get_origin(hints) is Literal else ()
        if choices and value not in choices:
            raise FiniteNError(
                f"{where}: parameters.{name} = {shown(value)}; choose one of {', '.join(map(repr, choices))}."
            )
        number = isinstance(value, int | float) and not isinstance(value, bool) and np.isfinite(float(value))
        whole = number and float(value).is_integer()
        numbers = (
            isinstance(value, list)
            and "Sequence" in str(hints)
            and all(isinstance(x, int | float) and not isinstance(x, bool) for x in value)
        )
        kind = float if isinstance(default, float) else type(default)
        if not {float: number or numbers, int: whole}.get(kind, isinstance(value, kind)):
            wanted = {float: "a finite number", int: "a whole number"}.get(kind, "true or false")
            raise FiniteNError(
                f"{where}: parameters.{name} = {shown(value)}; give {wanted}, the default is {shown(default)}."
            )
        out[name] = value
    return out
