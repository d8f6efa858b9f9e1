"""Reading of times and observables as a user gives them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from finite_n.algebra import Polynomial, as_polynomial
from finite_n.errors import FiniteNError


def check_times(tlist) -> np.ndarray:
    """Times as a float array; refuses anything but two or more finite, increasing numbers."""
    try:
        times = np.array(tlist, dtype=float)
    except (TypeError, ValueError):
        raise FiniteNError(f"tlist: got {tlist!r}; give an increasing list of times.") from None
    if times.ndim != 1 or times.size < 2 or not np.all(np.isfinite(times)) or np.any(np.diff(times) <= 0):
        raise FiniteNError(f"tlist: got {tlist!r}; give two or more finite times, each later than the one before.")
    return times


def read_observables(e_ops) -> tuple[list[str], list[Polynomial]]:
    """Labels and polynomials from a dict, a list or None."""
    if e_ops is None:
        return [], []
    if isinstance(e_ops, Polynomial):
        e_ops = [e_ops]
    if isinstance(e_ops, Mapping):
        labels, polynomials = [str(k) for k in e_ops], [as_polynomial(p) for p in e_ops.values()]
    else:
        polynomials = [as_polynomial(p) for p in e_ops]
        labels = [str(p) for p in polynomials]
    if len(set(labels)) < len(labels):
        raise FiniteNError(f"e_ops: two observables read {max(labels, key=labels.count)}; give a dict with names.")
    return labels, polynomials
