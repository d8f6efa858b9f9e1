"""A theory as a user may give it, a claim or a function of times, or of times and N, read at every size."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from comparison.referee.claim import Claim, derived_claim
from comparison.referee.claimed import Claimed, read_claim, union
from comparison.referee.quantities import covariance_names, first_moment_names, mean_names
from finite_n.errors import FiniteNError, shown
from finite_n.model.inputs import read_observables
from finite_n.model.model import Model

WANTED = "a Claim, or a function of times, or of times and N, that returns a dict of arrays by quantity"


@dataclasses.dataclass(frozen=True)
class Theory:
    """Values of a theory at all sizes.

    name : text
    times : those of the evolution: the ones asked for, and the claim's own
    there : which of them the theory speaks of, (T,)
    said : values and errors by quantity, for every size
    """

    name: str
    times: np.ndarray
    there: np.ndarray
    said: list[Claimed]


def known_quantities(model: Model, e_ops=None) -> list[str]:
    """Averages, covariances and observables, by their names."""
    return [*mean_names(model.space), *covariance_names(model.space), *read_observables(e_ops)[0]]


def read_theory(theory, model: Model, rho0, e_ops, tlist: np.ndarray, sizes: Sequence[int]) -> Theory:
    """Values of `theory` at all sizes; None is the derived limit. Refuses unknown quantities and what is not real and
    finite."""
    claim = derived_claim(model, rho0, e_ops) if theory is None else _as_claim(theory)
    times = union(tlist, [claim])
    known, unheard = known_quantities(model, e_ops), first_moment_names(model.space)
    said = [
        read_claim(claim, times, tlist, known, N if claim.per_size else None, unheard)
        for N in (sizes if claim.per_size else sizes[:1])
    ]
    there = np.ones(len(times), bool)
    for one in said:
        there &= np.all(np.isfinite([np.zeros(len(times)), *one.values.values()]), axis=0)
    if there.sum() < 2:
        raise FiniteNError(f"horizon: theory {shown(claim.name)} speaks of one time only; give it two or more.")
    return Theory(claim.name, times, there, said if claim.per_size else said * len(sizes))


def _as_claim(theory) -> Claim:
    if isinstance(theory, Claim):
        return theory
    if not callable(theory):
        raise FiniteNError(f"horizon: theory = {shown(theory)}; give {WANTED}.")
    name = getattr(theory, "__name__", "")
    return Claim(name if name.isidentifier() else "theory", "", theory)


def chosen_quantities(quantities, theory: Theory, model: Model, e_ops=None) -> list[str]:
    """Names of what is compared: those asked for, by default the averages that the theory gives."""
    known = known_quantities(model, e_ops)
    there = [q for q in known if all(q in one.values for one in theory.said)]
    given = ", ".join(there) or "nothing"
    if quantities is None:
        chosen = [q for q in mean_names(model.space) if q in there]
        if not chosen:
            raise FiniteNError(
                f"horizon: theory {shown(theory.name)} gives no averages but {given}; say which with quantities=[…]."
            )
        return chosen
    asked = [quantities] if isinstance(quantities, str) else quantities
    if not isinstance(asked, list | tuple) or not asked or any(not isinstance(q, str) for q in asked):
        raise FiniteNError(f"horizon: quantities = {shown(quantities)}; give a list of names such as 'mean_z'.")
    for q in asked:
        if q not in known:
            raise FiniteNError(f"horizon: unknown quantity {shown(q)}; known are {', '.join(known)}.")
        if q not in there:
            raise FiniteNError(f"horizon: theory {shown(theory.name)} does not give {q}; it gives {given}.")
    return list(dict.fromkeys(asked))
