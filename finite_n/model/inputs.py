"""Reading of times, observables and directions as a user gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.polynomial import Polynomial, as_polynomial
from finite_n.model.species import Space
from finite_n.model.validation import check_array, check_choice

_SHORTEST, _LONGEST = 1e-290, 1e305  # spans of time whose inverse and sums double precision carries


def read_directions(r, space: Space, what: str = "characteristic function: r") -> np.ndarray:
    """r as an array (n,) or rows (R, n), a number for every letter."""
    r = check_array(r, what)
    if r.ndim not in (1, 2) or r.shape[-1] != space.size:
        raise FiniteNError(
            f"{what} = {shown(r.tolist())}: give one number for each of {', '.join(space.labels)}, or rows of them."
        )
    return r


def check_times(tlist) -> np.ndarray:
    """Times as a float array; refuses anything but two or more finite, increasing numbers."""
    times = check_array(tlist, "tlist", wanted="an increasing list of times, finite numbers")
    with np.errstate(over="ignore"):
        if times.ndim != 1 or times.size < 2 or np.any(np.diff(times) <= 0):
            raise FiniteNError(
                f"tlist: got {shown(tlist)}; give two or more finite times, each later than the one before."
            )
        span = float(times[-1] - times[0])
    if not _SHORTEST <= span <= _LONGEST:
        raise FiniteNError(
            f"tlist: from {times[0]:.6g} to {times[-1]:.6g}; give times over a span of {_SHORTEST:.0e} to "
            f"{_LONGEST:.0e}; take other units of time, and rates to match."
        )
    return times


def check_starts(tlist) -> np.ndarray:
    """One or more increasing times, at which delays begin."""
    times = check_array(tlist, "tlist", (None,), "increasing times, or None for the stationary state")
    if times.size == 0 or np.any(np.diff(times) <= 0):
        raise FiniteNError(f"tlist: got {shown(tlist)}; give one or more times, each later than the one before.")
    return times


def check_delays(taulist) -> np.ndarray:
    """Delays τ ≥ 0, increasing."""
    delays = check_array(taulist, "taulist", (None,), "increasing delays, 0 or more")
    if delays.size == 0 or delays[0] < 0 or np.any(np.diff(delays) <= 0):
        raise FiniteNError(f"taulist: got {shown(taulist)}; give delays of 0 or more, each longer than the one before.")
    return delays


def check_letters(p: Polynomial, model, what: str) -> Polynomial:
    """A polynomial of the averages and modes of a model."""
    if foreign := p.letters - set(model.space.letters):
        names = ", ".join(sorted(str(a) for a in foreign))
        raise FiniteNError(f"{what}: {names} is not an average of the model.")
    return p


def read_observables(e_ops, model=None) -> tuple[list[str], list[Polynomial]]:
    """Labels and polynomials from a dict, a list or None, with the fractions of `model` in place of shares N_s/N."""
    labels, polynomials = _read(e_ops)
    if model is not None:
        fractions = {s.name: s.fraction for s in model.species}
        polynomials = [p.with_shares(fractions) if p.has_shares else p for p in polynomials]
    return labels, polynomials


def read_operator(p, name: str, model) -> Polynomial:
    """A polynomial of the averages and modes of a model, or of a result of it, given as the argument `name`."""
    try:
        p = as_polynomial(p)
    except FiniteNError as error:
        raise FiniteNError(f"{name}: {error}") from None
    if not np.isfinite(p.size):
        raise FiniteNError(f"{name} = {p} has a coefficient that is not finite; give finite numbers.")
    return check_letters(p.with_shares({s.name: s.fraction for s in model.space.species}), model, name)


def _read(e_ops) -> tuple[list[str], list[Polynomial]]:
    if e_ops is None:
        return [], []
    if isinstance(e_ops, Polynomial):
        e_ops = [e_ops]
    if not isinstance(e_ops, Mapping | list | tuple):
        raise FiniteNError(f"e_ops: got {shown(e_ops)}; give a dict or a list of polynomials of averages.")
    try:
        polynomials = [as_polynomial(p) for p in (e_ops.values() if isinstance(e_ops, Mapping) else e_ops)]
    except FiniteNError as error:
        raise FiniteNError(f"e_ops: {error}") from None
    labels = [str(k) for k in e_ops] if isinstance(e_ops, Mapping) else [str(p) for p in polynomials]
    for label, p in zip(labels, polynomials, strict=True):
        if not label.strip() or not np.isfinite(p.size):
            raise FiniteNError(f"e_ops: observable {shown(label)} = {p} needs a name and finite coefficients.")
    if len(set(labels)) < len(labels):
        raise FiniteNError(f"e_ops: two observables read {max(labels, key=labels.count)}; give a dict with names.")
    return labels, polynomials


def label_index(label: str, labels: Sequence[str]) -> int:
    """Position of a label; refuses one that is not there."""
    return list(labels).index(check_choice(label, "axis", labels))
