"""What local and collective jumps share: refusals of coefficients and of two times, and how operators are shown."""

from __future__ import annotations

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.operators import LARGEST, PAULI, from_coefficients
from finite_n.model.polynomial import Polynomial

_LONGEST_SUM = 4  # terms of an operator that is shown


def refuse_two_times(rate, time, what: str) -> None:
    """Refuse functions of time as rate and as time."""
    if time is not None:
        raise FiniteNError(f"{what}: rate = {shown(rate)} and time are both functions of time; give one of them.")


def check_coefficients(p: Polynomial, what: str) -> None:
    """Refuse coefficients whose squares are too large for double precision."""
    if not max((abs(c) for c in p.words.values()), default=0.0) < LARGEST:
        raise FiniteNError(
            f"{what} ({shown(p)}): has a coefficient beyond {LARGEST:.0e}, which is more than double precision "
            "carries; lower it."
        )


def shown_operator(x: np.ndarray) -> str:
    """By name; else as a sum of Pauli matrices, or of |a⟩⟨b|, levels counted from 0; long sums as the array."""
    if len(x) == 2:
        for name, c in (("σ+", [0, 0.5, 0.5j, 0]), ("σ-", [0, 0.5, -0.5j, 0])):
            if np.allclose(x, from_coefficients(c), atol=1e-14):
                return name
        terms = {name: np.trace(v @ x) / 2 for name, v in zip(("1", "σx", "σy", "σz"), PAULI, strict=True)}
    else:
        terms = {f"|{a}⟩⟨{b}|": x[a, b] for a, b in np.argwhere(x)}
    terms = {name: c for name, c in terms.items() if abs(c) > 1e-14}
    if not 0 < len(terms) <= _LONGEST_SUM:
        return np.array2string(x, precision=4, separator=", ").replace("\n", "")
    numbers = {name: f"{c.real:.4g}" if abs(c.imag) < 1e-14 else f"({c:.4g})" for name, c in terms.items()}
    return " + ".join(name if c == "1" else f"{c} {name}" for name, c in numbers.items())
