"""Inequalities where both sides are almost equal, so that a change of a coefficient is noticed there."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np

from comparison.claims.paper_claim import Facts

TILT = 1e-3  # of what would make both sides equal; they then differ by its square, or by itself, in units of their size


def near_equality(
    facts: Callable[[bool], Facts], names: Mapping[str, object], exact: Mapping[str, object]
) -> Callable[[bool], Facts]:
    """The same facts, and another point where the formulas are evaluated with other values of their `names`. Its
    entries are named after those of the formulas."""

    def label(entry: str) -> str:
        return f"{entry} near equality".strip()

    def both(quick: bool) -> Facts:
        found = facts(quick)
        there = {**found.names, **names}

        def solve(values):
            own, near = values(found.names), values(there)
            return own | {label(k): near[k] for k in exact}

        error = found.error
        if isinstance(error, Mapping):
            error = {**error, **{label(k): 0.0 for k in exact}}
        near = {label(k): np.asarray(x, float) for k, x in exact.items()}
        return dataclasses.replace(found, exact={**found.exact, **near}, error=error, solve=solve)

    return both
