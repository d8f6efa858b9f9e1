"""The second witness: how the quantities of a study go with N, derived from the model."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from comparison.referee.fluctuation import Direction
from comparison.referee.quantities import first_moment_names, mean_names, named_quantities
from finite_n.errors import FiniteNError
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.model.species import Space
from meanfield import Corrections, Expansion

_SQUARE, _CUBE = " squared", " cubed"  # labels that no observable of a study of these names has
MOST_LEVELS = 5  # of a particle; with more, deriving the expansion takes minutes


@dataclasses.dataclass(frozen=True)
class DerivedExpansion:
    """Coefficients of quantities in powers of N.

    coefficients : (K, T, Q), of N^0, N^−power, N^−2power, …, or of the powers that `Study.powers` has in their place;
        nan from the first one on that is not derived; None if there is no expansion
    note : then why, a sentence
    """

    coefficients: np.ndarray | None
    note: str = ""


def derived_expansion(
    model: Model,
    rho0,
    times,
    quantities: Sequence[str],
    e_ops=None,
    power: float = 1.0,
    known: Callable[[np.ndarray], Expansion] | None = None,
    directions: Sequence[Direction] = (),
) -> DerivedExpansion:
    """Averages and observables to 1/N², covariances to 1/N, first moments of modes to N^−3/2, at times (T,); third
    cumulants of fluctuations and imaginary parts of their characteristic functions to N^−½, of which the limit is left
    out.

    known : function of times that gives the same expansion where it has been derived already, optional
    directions : fluctuations beyond their covariance
    """
    if (levels := max(s.dim for s in model.species)) > MOST_LEVELS:
        return DerivedExpansion(
            None, f"No expansion in 1/N is derived for particles of {levels} levels, only for up to {MOST_LEVELS}."
        )
    powers = _powers(directions, model.space) if known is None and power == 1 else {}
    try:
        found = Corrections(model).evolve(rho0, times, (e_ops or {}) | powers) if known is None else known(times)
    except FiniteNError as error:
        return DerivedExpansion(None, f"No expansion in 1/N is derived for this model: {error}")
    every = 1 if power == 0.5 else 2  # odd powers of N^−½ vanish where no fluctuations start with a mean value
    means, covariances = found.means[::every], found.covariances[::every]
    table = np.full((len(means), len(times), len(quantities)), np.nan)
    index = {q: i for i, q in enumerate(quantities)}
    for k, mean in enumerate(means):
        covariance = covariances[k] if k < len(covariances) else np.full(covariances[0].shape, np.nan)
        values = named_quantities(mean, covariance, model.space)
        own = (i for i, label in enumerate(found.labels) if label not in powers)
        values |= {found.labels[i]: np.real(found.expect[i, ::every][k]) for i in own}
        for q in index.keys() & values.keys():
            table[k, :, index[q]] = values[q]
    letters = dict(zip(mean_names(model.space), range(model.space.size), strict=True))
    for q in index.keys() & set(first_moment_names(model.space)):  # √N (⟨m_a⟩ − m_a)
        table[:-1, :, index[q]] = found.means[1:, :, letters[f"mean_{q.removeprefix('first_')}"]]
    if powers and len(means) > 2:
        for d in (d for d in directions if not d.between):
            third = _third_cumulant(d, found)
            damped = np.exp(-0.5 * np.einsum("a,tab,b->t", d.r, found.covariances[0], d.r))
            for q, x in ((f"kappa3_{d.name}", third), (f"im_chi_{d.name}", -third / 6 * damped)):
                if q in index:
                    table[1, :, index[q]] = x
    return DerivedExpansion(table)


def _powers(directions: Sequence[Direction], space: Space) -> dict[str, Polynomial]:
    """q² and q³ of q = Σ r_a s_a m_a, of which r·F = √N (q − ⟨q⟩)."""
    out = {}
    for d in directions:
        if d.between:
            continue
        q = Polynomial({(letter,): r * s for letter, r, s in zip(space.letters, d.r, space.scale, strict=True) if r})
        out |= {f"{d.name}{_SQUARE}": q * q, f"{d.name}{_CUBE}": q * q * q}
    return out


def _third_cumulant(d: Direction, found: Expansion) -> np.ndarray:
    """lim √N κ_3(r·F) = lim N² κ_3(q), (T,), from ⟨q⟩, ⟨q²⟩ and ⟨q³⟩ to 1/N²."""
    q0, q1, q2 = (found.means[k] @ (np.array(d.r) * found.space.scale) for k in (0, 2, 4))
    square, cube = (np.real(found.expect[found.labels.index(f"{d.name}{end}"), ::2]) for end in (_SQUARE, _CUBE))
    mixed = square[0] * q2 + square[1] * q1 + square[2] * q0
    return cube[2] - 3 * mixed + 6 * (q0**2 * q2 + q0 * q1**2)
