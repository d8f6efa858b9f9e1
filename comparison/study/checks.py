"""Checks of what a study is given: claims, names, observables, accuracy; what is refused is refused in a sentence."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from comparison.referee.claim import Claim
from comparison.referee.quantities import covariance_names, first_moment_names, mean_names
from finite_n.errors import FiniteNError, in_words, shown
from finite_n.model.inputs import read_observables
from finite_n.model.species import Space
from finite_n.model.validation import check_kind


def read_claims(given) -> Sequence[Claim]:
    """Claims, one or a list; each with a name of its own."""
    claims = [given] if isinstance(given, Claim) else given
    if not isinstance(claims, list | tuple) or any(not isinstance(c, Claim) for c in claims):
        raise FiniteNError(f"claims = {shown(claims)}: give a list of Claim objects.")
    names = ["derived", *(c.name for c in claims)]
    if len(set(names)) < len(names):
        raise FiniteNError(
            f"claim {shown(max(names, key=names.count))}: the name is taken; 'derived' is the derived limit."
        )
    return claims


def check_spec(spec) -> None:
    """Refuse what cannot be stored as JSON."""
    check_kind(spec, "study: spec", dict)
    try:
        json.dumps(spec)
    except (TypeError, ValueError, RecursionError) as error:
        raise FiniteNError(
            f"study: spec = {shown(spec)} is stored as JSON, and {in_words(error).rstrip('.')}; give numbers, texts, "
            "lists and dicts."
        ) from None


def check_accuracy(accuracy: float, tol: float) -> None:
    """Refuse an accuracy that numbers of this tolerance cannot show."""
    if not 100 * tol <= accuracy * (1 + 1e-9):  # 100 × 1e-9 rounds to above 1e-7
        raise FiniteNError(
            f"accuracy = {accuracy:g} with tolerance {tol:g}: extrapolation multiplies the tolerance, so ask for an "
            f"accuracy of {100 * tol:g} or more, or lower the tolerance."
        )


def check_observables(e_ops, model) -> list[str]:
    """Names of observables; refuses what is not Hermitian."""
    labels, polynomials = read_observables(e_ops, model if e_ops else None)
    for label, p in zip(labels, polynomials, strict=True):
        if p.non_hermitian_part().words:
            raise FiniteNError(f"observable {label} = {p}: not Hermitian; symmetrise it, so that its mean is real.")
    return labels


def check_names(space: Space, of_fluctuations: Collection[str], of_state: set[str], labels: Sequence[str]) -> None:
    """Refuse names of functions of the state and of observables that other quantities have."""
    named = {*mean_names(space), *covariance_names(space), *first_moment_names(space), *of_fluctuations}
    if taken := of_state & {*named, *labels}:
        raise FiniteNError(f"state function {min(taken)}: it is already a quantity of this study; choose another.")
    if taken := named & set(labels):
        raise FiniteNError(f"observable name {min(taken)}: it is already a quantity of every study; choose another.")
