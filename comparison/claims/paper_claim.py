"""A statement of a paper that numbers can decide, and the rule by which it is decided.

The printed formula is a text, evaluated as it stands. The exact numbers that it must equal, or stay above or below,
come from a function that knows no formula of the paper. Nothing is stored: a verdict is found when the ledger runs.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping

import numpy as np

from comparison.claims.coverage import Item, coverage
from comparison.formula import parse
from comparison.referee.extrapolation import rounding

CONFIRMED, REFUTED, UNDECIDED = "confirmed", "refuted", "undecided"
EQUAL, ABOVE, BELOW = "=", ">", "<"
# what is refuted: a statement about physics or a theorem; a formula that results use; a step or bound of a proof whose
# end may stand; a slip after which the text goes on with the right form
CONCLUSION, FORMULA, PROOF, MISPRINT = KINDS = ("conclusion", "formula", "proof", "misprint")
Values = Mapping[str, np.ndarray]


@dataclasses.dataclass(frozen=True, eq=False)
class Facts:
    """What decides a claim.

    names : what the names in its formulas stand for: numbers, arrays, matrices or functions of one argument
    exact : exact values by entry, arrays of any shape
    error : bound of the exact values by entry, or one for all. Rounding is added to it.
    how : in a few words, where the exact values come from
    solve : function of a function: given values of the formulas for any names, what is compared with the exact values,
        where the formulas are the right-hand sides of differential equations, say. Default: their values for `names`.
    scale : size in units of which the tolerance counts. Default: the largest exact value.
    parts : of an inequality, what its printed side must equal besides, by entry: the bounds of the terms of its proof,
        counted and added up
    shown : numbers that readers want to see, by name, where the judged ones are only positive or negative
    """

    names: Mapping[str, object]
    exact: Values
    error: Mapping[str, np.ndarray] | float = 0.0
    how: str = ""
    solve: Callable[[Callable[[Mapping[str, object]], Values]], Values] | None = None
    scale: float | None = None
    parts: Values | None = None
    shown: Mapping[str, float] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, eq=False)
class PaperClaim:
    """One claim of a paper.

    id : of the item in `coverage`, which says in words what is claimed and how the paper prints it
    printed : {entry: formula as printed}, in the notation of `comparison.formula`
    decide : function of `quick`, which asks for few seconds; returns Facts
    tolerance : difference from the exact values, in units of their size, from which on a formula is wrong
    reason : why that tolerance
    derived : {entry: formula of our own derivation}, where the printed one is refuted
    slip : in one or two sentences, which step goes wrong
    kind : of what is refuted, one of `KINDS`
    read : the reading that is judged, where the stored text or a misprint leaves the printed formula without a meaning
    relation : of the exact values to the printed ones, "=", ">" or "<"
    seconds : that deciding takes, about
    figure : the file of `figures/` that shows what changes, if there is one
    own_item : what is claimed, where it is of no paper: a theory of one's own
    """

    id: str
    printed: Mapping[str, str]
    decide: Callable[[bool], Facts]
    tolerance: float = 1e-6
    reason: str = "exact up to rounding, and far below a change of a coefficient by 1 %"
    derived: Mapping[str, str] | None = None
    slip: str = ""
    kind: str = FORMULA
    read: str = ""
    relation: str = EQUAL
    seconds: float = 0.1
    figure: str = ""
    own_item: Item | None = None

    @property
    def paper(self) -> str:
        """ "000" … "004", or the name of a theory of one's own."""
        return self.own_item.paper if self.own_item else self.id.split("-")[0]

    @functools.cached_property
    def item(self) -> Item:
        """What is claimed, in words and as printed."""
        return self.own_item or next(item for item in coverage(self.paper) if item.id == self.id)


@dataclasses.dataclass(frozen=True)
class Decision:
    """What exact numbers say of a claim, with the numbers where the printed formula is farthest from them.

    claim; verdict: "confirmed", "refuted" or "undecided"; entry: of the formula, "" if it has one only; printed, exact,
    derived: there; error: of the exact value; accuracy: distance and error over the size of the exact values, for
    equalities; how: where the exact values come from; shown: numbers by name, of `Facts`; seconds: taken; unnoticed:
    see `mutation`, of a confirmed claim that has coefficients.
    """

    claim: PaperClaim
    verdict: str
    entry: str
    printed: complex
    exact: complex
    derived: complex | None
    error: float
    accuracy: float
    how: str
    shown: Mapping[str, float] = dataclasses.field(default_factory=dict)
    seconds: float = 0.0
    unnoticed: tuple[str, ...] | None = None


def evaluated(formulas: Mapping[str, str], facts: Facts, where: str) -> dict[str, np.ndarray]:
    """The values of formulas that are compared with the exact ones."""

    def values(names: Mapping[str, object]) -> dict[str, np.ndarray]:
        return {entry: parse(text, names, where) for entry, text in formulas.items()}

    found = values(facts.names) if facts.solve is None else facts.solve(values)
    return {entry: np.asarray(x) for entry, x in found.items()}


def judge(claim: PaperClaim, facts: Facts, formulas: Mapping[str, str] | None = None) -> Decision:
    """The decision on a claim, or on other formulas in place of the printed ones.

    With the gap g = |printed − exact|, the error e and the size s of the exact values: confirmed if g + e ≤ tolerance s
    everywhere, refuted if g − e > tolerance s anywhere. An inequality is confirmed if it holds by more than e
    everywhere, and refuted if it fails by more than e anywhere, or if its printed side is not the sum of its parts.
    """
    printed = evaluated(claim.printed if formulas is None else formulas, facts, claim.id)
    rows = [_compared(entry, printed[entry], exact, facts) for entry, exact in facts.exact.items()]
    entry, p, x, e = (np.concatenate(column) for column in zip(*rows, strict=True))
    size = facts.scale if facts.scale is not None else float(np.abs(x).max())
    if claim.relation == EQUAL:
        gap, allowed = np.abs(p - x), claim.tolerance * size
        holds, fails = gap + e <= allowed, gap - e > allowed
        worst = int(np.argmax(gap - e))
        accuracy = float((gap + e)[worst] / size) if size else np.nan
    else:
        above = (x - p).real * (1 if claim.relation == ABOVE else -1)
        holds, fails = above > e, above < -e
        if facts.parts is not None:
            total = np.concatenate([_flat(facts.parts.get(k, np.nan), y) for k, y in facts.exact.items()])
            off = np.abs(p - total) > claim.tolerance * np.abs(total)  # never where there are no parts
            holds, fails = holds & ~off, fails | off
        worst, accuracy = int(np.argmin(above)), np.nan
    verdict = CONFIRMED if holds.all() else REFUTED if fails.any() else UNDECIDED
    derived = None
    if claim.derived is not None:
        derived = np.concatenate(
            [_flat(evaluated(claim.derived, facts, claim.id)[k], y) for k, y in facts.exact.items()]
        )
        if verdict == REFUTED and np.any(np.abs(derived - x) + e > claim.tolerance * size):
            verdict = UNDECIDED  # of a refutation by numbers and by a derivation, only one stands
    at = None if derived is None else complex(derived[worst])
    return Decision(
        claim,
        verdict,
        str(entry[worst]),
        complex(p[worst]),
        complex(x[worst]),
        at,
        float(e[worst]),
        accuracy,
        facts.how,
        facts.shown,
    )


def _compared(entry: str, printed, exact, facts: Facts) -> tuple[np.ndarray, ...]:
    """Name, printed value, exact value and its error for every number of an entry."""
    x = np.asarray(exact).ravel()
    given = facts.error[entry] if isinstance(facts.error, Mapping) else facts.error
    error = np.broadcast_to(given, np.shape(exact)).ravel() + rounding(x)
    return np.full(len(x), entry), _flat(printed, exact), x, error


def _flat(value, like) -> np.ndarray:
    return np.broadcast_to(value, np.shape(like)).ravel()
