"""Reading of plain arguments, for every package: numbers, arrays, switches, choices, functions; each refusal is one
sentence."""

from __future__ import annotations

import itertools
import numbers
from collections.abc import Callable, Sequence

import numpy as np

from finite_n.errors import FiniteNError, in_words, shortened, shown

LARGEST_SEED = 2**63 - 1
_NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four"}


def check_number(value, what: str, low: float = -np.inf, high: float = np.inf, *, strict: bool = False) -> float:
    """A finite real number between `low` and `high`, which with `strict` it must not reach, as a float."""
    try:
        real = isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_)
        number = float(value) if real else np.nan
    except OverflowError:
        number = np.nan
    inside = low < number < high if strict else low <= number <= high
    if not np.isfinite(number) or not inside:
        raise FiniteNError(f"{what} = {shown(value)}: give a finite real number{_range(low, high, strict)}.")
    return number


def _range(low: float, high: float, strict: bool) -> str:
    if np.isfinite(low) and np.isfinite(high):
        return f" between {low:g} and {high:g}"
    words = []
    if np.isfinite(low):
        words.append(f"above {low:g}" if strict else f"{low:g} or more")
    if np.isfinite(high):
        words.append(f"below {high:g}" if strict else f"at most {high:g}")
    return f", {' and '.join(words)}" if words else ""


def check_whole(value, what: str, low: int = 0, high: int | None = None) -> int:
    """A whole number from `low` to `high`, as an int."""
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool | np.bool_)
    if not whole or value < low or (high is not None and value > high):
        wanted = f", {low} or more" if high is None else f" from {low} to {high}"
        raise FiniteNError(f"{what} = {shown(value)}: give a whole number{wanted}.")
    return int(value)


def check_size(N) -> int:
    """N as an int; refuses anything but a whole number ≥ 1."""
    try:
        whole = isinstance(N, numbers.Real) and not isinstance(N, bool | np.bool_) and N == int(N)
    except (OverflowError, ValueError):  # infinite or nan
        whole = False
    if not whole or N < 1:
        raise FiniteNError(f"N = {shown(N)}: the number of particles is a whole number, 1 or more.")
    return int(N)


def check_sizes(sizes, fewest: int = 1, smallest: int = 1) -> list[int]:
    """Increasing numbers of particles; refuses fewer than `fewest` and any below `smallest`."""
    if not isinstance(sizes, list | tuple | np.ndarray | range):
        raise FiniteNError(f"sizes = {shown(sizes)}: give a list of increasing numbers of particles.")
    found = [check_size(N) for N in sizes]
    if len(found) < fewest or found[0] < smallest or any(a >= b for a, b in itertools.pairwise(found)):
        each = f", {smallest} or more each," if smallest > 1 else ","
        raise FiniteNError(
            f"sizes {shown(found)}: give {_NUMBERS[fewest]} or more increasing numbers of particles{each} for example "
            "10, 20, 40, 80."
        )
    return found


def check_array(value, what: str, shape: tuple[int | None, ...] | None = None, wanted: str = "") -> np.ndarray:
    """Finite real numbers as a float array; `shape` may leave lengths open with None; `wanted` says in words what
    is."""
    wanted = wanted or "finite real numbers" + ("" if shape is None else f" of shape {_shape(shape)}")
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O" and array.size:
            array = array.astype(float)  # fractions and the like
    except (TypeError, ValueError, OverflowError):
        raise FiniteNError(f"{what}: got {shown(value)}; give {wanted}.") from None
    fits = shape is None or (
        array.ndim == len(shape) and all(n in (None, k) for n, k in zip(shape, array.shape, strict=True))
    )
    if array.dtype.kind not in "fiu" or not fits or not np.all(np.isfinite(array)):
        raise FiniteNError(f"{what}: got {shown(value)}; give {wanted}.")
    return array.astype(float)


def _shape(shape: tuple[int | None, ...]) -> str:
    lengths = ["any" if n is None else str(n) for n in shape]
    return f"({', '.join(lengths)}{',' if len(lengths) == 1 else ''})"


def check_choice(value, what: str, choices: Sequence[str]) -> str:
    """One of the words `choices`."""
    if not isinstance(value, str) or value not in choices:
        raise FiniteNError(f"{what} = {shown(value)}: choose one of {', '.join(map(repr, choices[:12]))}.")
    return value


def check_switch(value, what: str) -> bool:
    """True or False."""
    if not isinstance(value, bool | np.bool_):
        raise FiniteNError(f"{what} = {shown(value)}: give True or False.")
    return bool(value)


def check_function(value, what: str, wanted: str) -> Callable:
    """Something that can be called; `wanted` says which function."""
    if not callable(value):
        raise FiniteNError(f"{what} = {shown(value)}: give {wanted}.")
    return value


def call_given(function: Callable, what: str, wanted: str, *arguments):
    """The value of a function that a user gave; its errors become refusals, and its own refusals pass unchanged."""
    try:
        return function(*arguments)
    except FiniteNError:
        raise
    except Exception as error:
        said = shortened(in_words(error).rstrip("."), 120)
        raise FiniteNError(f"{what}: calling it failed with {said}; give {wanted}.") from error


def check_progress(value) -> None:
    """None, or something that can be called to report how far a run is."""
    if value is not None:
        check_function(value, "progress", "a function of one number, the share that is done, or None")


def check_kind(value, what: str, kind: type, wanted: str | None = None):
    """An object of a class."""
    if not isinstance(value, kind):
        raise FiniteNError(f"{what}: got {shown(value)}; give {wanted or f'a {kind.__name__}'}.")
    return value
