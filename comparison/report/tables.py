"""Tables of a study as text: quantities at the last time, theories at finite N, the error budget."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from comparison.referee.claimed import positions
from comparison.referee.extrapolation import FEWEST
from comparison.referee.finite_size import FiniteSizeVerdict, power_text
from comparison.referee.table import aligned
from comparison.referee.verdict import with_error
from comparison.referee.witnesses import WitnessedLimit
from comparison.study.result import StudyResult


def table(result: StudyResult) -> str:
    """Quantities at the last time, averages, covariances and observables below each other, those that are zero left
    out."""
    quantities = result.study.quantities
    alive = [i for i in range(len(quantities)) if np.abs(result.exact[:, :, i]).max(initial=0) > 1e-9]
    groups = [[i for i in alive if quantities[i] in names] for _, names in result.study.kinds]
    groups = [part for group in groups for part in _by_first_power(result, group)]
    return f"t = {result.study.tlist[-1]:g}\n" + "\n\n".join(_rows(result, group) for group in groups if group)


def _by_first_power(result: StudyResult, group: list[int]) -> list[list[int]]:
    """Quantities that begin with the same power of N together."""
    powers = result.study.powers
    if powers is None:
        return [group]
    first = powers[:, 0]
    return [[i for i in group if first[i] == p] for p in sorted({first[i] for i in group}, reverse=True)]


def _rows(result: StudyResult, shown: list[int]) -> str:
    quantities = result.study.quantities
    rows = [["", *(quantities[i] for i in shown)]]
    last = int(positions(result.study.tlist[-1:], result.study.times)[0])
    for k, N in enumerate(result.sizes):
        rows.append([f"N = {N}", *(f"{result.exact[k, last, i]:.7f}" for i in shown)])
    if len(result.results) >= FEWEST:
        e = result.extrapolation
        rows.append(["N → ∞, exact", *(with_error(e.value[last, i], e.error[last, i]) for i in shown)])
    for name, values in result.limits.items():
        claimed = [values.get(quantities[i]) for i in shown]
        cells = ["" if c is None or np.isnan(c[last]) else f"{c[last]:.7f}" for c in claimed]
        if any(cells):
            rows.append([f"claim: {name}", *cells])
    return aligned([*rows, *_slopes(result, shown, last)])


def _slopes(result: StudyResult, shown: list[int], time: int) -> list[list[str]]:
    """The coefficient of the first power of 1/N that the ladder has by itself, and the derived one; and how fast the
    rest beside the derived terms falls, with the exponent that it must go to."""
    if len(result.results) < FEWEST:
        return []
    found, error = result.slopes
    first = result.study.power if result.study.powers is None else result.study.powers[shown[0], 0]
    power = "1/N" if first == 1 else "N^-1/2"
    rows = [[f"{power}, exact", *(with_error(found[time, i], error[time, i]) for i in shown)]]
    derived = result.study.expansion.coefficients
    if derived is not None and len(derived) > 1:
        cells = ["" if np.isnan(x) else f"{x:.7f}" for x in derived[1, time, shown]]
        rows += [[f"{power}, derived", *cells]] if any(cells) else []
    e = result.extrapolation
    if isinstance(e, WitnessedLimit):  # the exponent with which what is left beside the derived terms falls
        orders = [(e.order[time, i], e.expected[time, i]) for i in shown]
        cells = ["" if np.isnan(found) else f"{found:.2f} ({wanted:g})" for found, wanted in orders]
        rows += [["rest falls as N^-", *cells]] if any(cells) else []
    return rows


def finite_size_table(verdicts: Sequence[FiniteSizeVerdict]) -> str:
    """Distance of theories at finite N to the exact numbers against N, with its order between every size and the one
    before.

    Every quantity is shown at the time where the distance is largest at the largest size. A star marks sizes at which a
    theory is refuted, at this or another time.
    """
    parts = []
    for claim in dict.fromkeys(v.claim for v in verdicts):
        own = [v for v in verdicts if v.claim == claim]
        rows = [["exact − claimed", *(x for v in own for x in (f"{v.quantity}({v.time:g})", "order"))]]
        for k, N in enumerate(own[0].sizes):
            rows.append([f"N = {N}"])
            for v in own:
                distance, error = (x[k] for x in v.at(v.time))
                order = v.orders[k - 1] if k else np.nan
                rows[-1] += [
                    _short(distance, error) + ("*" if N in v.refuted else " "),
                    power_text(order) if np.isfinite(order) else "",
                ]
        if any(v.order_text for v in own):
            rows.append(["N → ∞", *(x for v in own for x in ("", v.order_text))])
        parts.append(f"{claim}\n{aligned(rows)}")
    return "\n\n".join(parts)


def _short(distance: float, error: float) -> str:
    """Four digits, or as many as the error leaves."""
    return f"{distance:#.4g}" if 0 < error < 1e-4 * abs(distance) else with_error(distance, error)


def budget_table(result: StudyResult) -> str:
    """Error budget of every size."""
    head = f"{'N':>6} {'truncation':>11} {'second run':>11} {'trace drift':>11} {'min eig':>9} {'applications':>12}"
    lines = [head]
    for r in result.results:
        b = r.budget
        lines.append(
            f"{r.N:6d} {b.truncation_bound:11.1e} {b.moment_difference:11.1e} {b.trace_drift:11.1e} "
            f"{b.smallest_eigenvalue:9.1e} {r.stats['applications']:12d}"
        )
    return "\n".join(lines)
