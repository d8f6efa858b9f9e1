"""Formulas with one coefficient changed: whether a claim that is confirmed would then be refuted."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from comparison.claims.paper_claim import EQUAL, REFUTED, Facts, PaperClaim, judge

SIZE = 0.01
# numbers in formulas that are no coefficients of a paper's: on which of both sides is asked
BORDERS = {
    "000-text-5-1": "1 parts growth from decay",
    "001-56": "1 parts growth from decay",
    "003-text-B.1-8": "1 parts a stable cycle from an unstable one",
}
# confirmed claims with a coefficient that exact numbers do not notice, and why
_ROOM = "a bound that is proved with room: what it bounds stays below it by more than 1 % in every state"
EXCEPTIONS = {
    "000-55": "where exact numbers reach, Σ_12 vanishes, and with it one term of the noise",
    "000-57": "where exact numbers reach, Σ_12 vanishes, and with it one term of the noise",
    "001-28": "the average of X − ⟨X⟩ vanishes, and so does the factor before it",
    "001-text-2.3-2": "an exponent that is bounded: the true one is larger by ½",
    "002-43": _ROOM,
    "002-44": _ROOM,
    "002-46": _ROOM,
    "002-65": _ROOM,
    "002-66": _ROOM,
    "002-70": _ROOM,
    "002-A.10": _ROOM,
    "003-text-A.3-1": "r·T h^I T r vanishes, since h^I is antisymmetric",
    "003-text-B.1-4": "the border of a phase, with points well inside it",
    "003-text-B.1-10": "the average over a cycle vanishes by symmetry",
}


def unnoticed(claim: PaperClaim, facts: Facts) -> tuple[str, ...] | None:
    """The coefficients of a confirmed claim that may change by 1 % without a refutation; None if it has no coefficient,
    as where a sign or a zero is claimed.

    Of an equality they are raised. An inequality becomes weaker by one of both signs, so that either one may tell.
    """
    signs = (1,) if claim.relation == EQUAL else (1, -1)
    changed = [list(mutants(claim.printed, sign * SIZE)) for sign in signs]
    if not changed[0] or claim.id in BORDERS:
        return None
    rows = zip(*changed, strict=True)
    return tuple(  # by what was changed, the same for both signs
        row[0][0] for row in rows if all(judge(claim, facts, formulas).verdict != REFUTED for _, formulas in row)
    )


def mutants(formulas: Mapping[str, str], size: float = SIZE) -> Iterator[tuple[str, dict[str, str]]]:
    """What was changed, and the formulas with it: every term of every sum in turn, also inside functions and
    parentheses, times 1 + size.

    >>> [text["x"] for _, text in mutants({"x": "a - exp(2*t)"})]
    ['(a*1.01) - exp(2*t)', 'a - (exp(2*t)*1.01)', 'a - exp((2*t*1.01))']
    """
    for entry, text in formulas.items():
        source = " ".join(text.split()).encode()  # places in a tree count bytes
        for term in _terms(ast.parse(source, mode="eval").body):
            start, end = term.col_offset, term.end_col_offset
            parts = source[:start], b"(", source[start:end], f"*{round(1 + size, 12)})".encode(), source[end:]
            yield f"{entry}: {ast.unparse(term)}", {**formulas, entry: b"".join(parts).decode()}


def _terms(node: ast.expr, whole: bool = True) -> Iterator[ast.expr]:
    """Terms of sums; `whole`: whether the node is one, if it is no sum itself. Exponents are no coefficients."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        yield from _terms(node.left)
        yield from _terms(node.right)
        return
    if isinstance(node, ast.UnaryOp):
        yield from _terms(node.operand, whole)
        return
    if whole and not _is_zero(node):
        yield node
    if isinstance(node, ast.BinOp):
        yield from _terms(node.left, False)
        if not isinstance(node.op, ast.Pow):
            yield from _terms(node.right, False)
    if isinstance(node, ast.Call):
        for argument in node.args:
            yield from _terms(argument)


def _is_zero(node: ast.expr) -> bool:
    """Whether nothing stands there that could be larger by a factor."""
    return (isinstance(node, ast.Constant) and node.value == 0) or (isinstance(node, ast.Name) and node.id == "zero")
