"""Formulas of a theory of one's own, judged like those of the papers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from comparison.claims.coverage import Item
from comparison.claims.paper_claim import ABOVE, BELOW, EQUAL, Facts, PaperClaim, evaluated
from comparison.formula import names_in
from comparison.referee.extrapolation import Extrapolation
from finite_n.errors import FiniteNError, in_words, shown
from finite_n.model.validation import check_choice, check_kind, check_number

_TEXT = "a formula as text, or a dict of such texts"


def formula_claim(
    name: str,
    statement: str,
    formula: str | Mapping[str, str],
    exact: Callable[[], object],
    names: Mapping[str, object] | None = None,
    *,
    theory: str = "own theory",
    tolerance: float = 1e-6,
    relation: str = EQUAL,
    how: str = "exact numbers that are given",
) -> PaperClaim:
    """A formula of a theory of one's own, with what decides it; to be given to `comparison.decide`.

    Parameters
    ----------
    name : short text, such as "period"
    statement : what is claimed, in words
    formula : text such as "2*pi/sqrt(omega**2 - kappa**2)", or several by entry. Numbers, names, + − * / **,
        parentheses, exp, log, sqrt, sin, cos, tan, sinh, cosh, tanh, pi. Texts are parsed, never executed.
    exact : function without arguments that returns what the formula must equal: a number or array; or a pair of it and
        its error; or what `comparison.extrapolate` returns; or a dict of these by entry. It should know nothing of the
        formula. It is called when the claim is decided.
    names : {name: number or array} that the formula uses
    theory : the name of the theory, under which its claims stand in one table
    tolerance : difference from the exact value, in units of the largest exact one, from which on the formula is wrong
    relation : of the exact value to the formula, "=", ">" or "<"
    how : in a few words, where the exact value comes from

    Returns a claim. It is confirmed if the difference and the error of the exact value are below the tolerance
    together, refuted if the difference is above it by more than the error, and otherwise undecided. With ">" and "<"
    only the error counts.

    Raises FiniteNError for a formula that cannot be read or uses a name that is not given.

    Example
    -------
    >>> from comparison import decide, decision_table, formula_claim
    >>> half = formula_claim("half", "It is one half.", "1/a", lambda: 0.5, {"a": 2})
    >>> decide([half])[0].verdict
    'confirmed'
    """
    for what, text in (("name", name), ("statement", statement), ("theory", theory), ("how", how)):
        check_kind(text, f"formula claim: {what}", str, "a short text")
    what = f"formula claim {shown(name)}"
    formulas = {"": formula} if isinstance(formula, str) else formula
    if not isinstance(formulas, Mapping) or not formulas or not all(isinstance(x, str) for x in formulas.values()):
        raise FiniteNError(f"{what}: formula = {shown(formula)}; give {_TEXT}.")
    if not callable(exact):
        raise FiniteNError(f"{what}: exact = {shown(exact)}; give a function without arguments.")
    check_number(tolerance, f"{what}: tolerance", 0, strict=True)
    check_choice(relation, f"{what}: relation", [EQUAL, ABOVE, BELOW])
    names = dict(names or {})
    for text in formulas.values():
        names_in(text, what)
    facts = Facts(names, {entry: np.array(0.0) for entry in formulas})
    evaluated(formulas, facts, what)  # an unknown name is found now

    def facts_now(_: bool) -> Facts:
        try:
            found = exact()
        except FiniteNError:
            raise
        except Exception as error:
            raise FiniteNError(f"{what}: its exact value failed with {in_words(error)}") from error
        values, errors = _read(found, formulas, what)
        _check_shapes(evaluated(formulas, facts, what), values, what)
        return Facts(names, values, errors, how)

    item = Item(theory, name, "", "claim", statement, printed="; ".join(formulas.values()))
    return PaperClaim(item.id, formulas, facts_now, float(tolerance), relation=relation, own_item=item)


def _read(found: object, formulas: Mapping[str, str], what: str) -> tuple[dict, dict]:
    """Values and errors by entry."""
    parts = found if isinstance(found, Mapping) else {"": found}
    if set(parts) != set(formulas):
        raise FiniteNError(
            f"{what}: exact has the entries {shown(list(parts))}, the formula {shown(list(formulas))}; give the same."
        )
    values, errors = {}, {}
    for entry, part in parts.items():
        value, error = (part.value, part.error) if isinstance(part, Extrapolation) else (part, 0.0)
        if isinstance(part, tuple):
            if len(part) != 2:
                raise FiniteNError(f"{what}: exact = {shown(part)}; a tuple is a value and its error.")
            value, error = part
        try:
            values[entry] = np.asarray(value, dtype=complex)
            errors[entry] = np.broadcast_to(np.abs(np.asarray(error, dtype=float)), values[entry].shape)
        except (TypeError, ValueError):
            raise FiniteNError(f"{what}: exact = {shown(part)}; give numbers, or numbers and their error.") from None
    return values, errors


def _check_shapes(claimed: Mapping[str, np.ndarray], exact: Mapping[str, np.ndarray], what: str) -> None:
    for entry, x in exact.items():
        try:
            np.broadcast_to(claimed[entry], x.shape)
        except ValueError:
            raise FiniteNError(
                f"{what}: the formula has shape {claimed[entry].shape}, exact {x.shape}; give as many numbers of both."
            ) from None
