"""The second witness: how the quantities of a study go with N, derived from the model."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from comparison.referee.quantities import first_moment_names, mean_names, named_quantities
from finite_n.errors import FiniteNError
from finite_n.model.model import Model
from meanfield import Corrections, Expansion

MOST_LEVELS = 5  # of a particle; with more, deriving the expansion takes minutes


@dataclasses.dataclass(frozen=True)
class DerivedExpansion:
    """Coefficients of quantities in powers of N^−power.

    coefficients : (K, T, Q), of N^0, N^−power, N^−2power, …; nan from the first one on that is not derived; None if
        there is no expansion
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
) -> DerivedExpansion:
    """Averages and observables to 1/N², covariances to 1/N, first moments of modes to N^−3/2, at times (T,).

    known : function of times that gives the same expansion where it has been derived already, optional
    """
    if (levels := max(s.dim for s in model.species)) > MOST_LEVELS:
        return DerivedExpansion(
            None, f"No expansion in 1/N is derived for particles of {levels} levels, only for up to {MOST_LEVELS}."
        )
    try:
        found = Corrections(model).evolve(rho0, times, e_ops) if known is None else known(times)
    except FiniteNError as error:
        return DerivedExpansion(None, f"No expansion in 1/N is derived for this model: {error}")
    every = 1 if power == 0.5 else 2  # odd powers of N^−½ vanish where no fluctuations start with a mean value
    means, covariances = found.means[::every], found.covariances[::every]
    table = np.full((len(means), len(times), len(quantities)), np.nan)
    index = {q: i for i, q in enumerate(quantities)}
    for k, mean in enumerate(means):
        covariance = covariances[k] if k < len(covariances) else np.full(covariances[0].shape, np.nan)
        values = named_quantities(mean, covariance, model.space)
        values |= {label: np.real(found.expect[i, ::every][k]) for i, label in enumerate(found.labels)}
        for q in index.keys() & values.keys():
            table[k, :, index[q]] = values[q]
    letters = dict(zip(mean_names(model.space), range(model.space.size), strict=True))
    for q in index.keys() & set(first_moment_names(model.space)):  # √N (⟨m_a⟩ − m_a)
        table[:-1, :, index[q]] = found.means[1:, :, letters[f"mean_{q.removeprefix('first_')}"]]
    return DerivedExpansion(table)
