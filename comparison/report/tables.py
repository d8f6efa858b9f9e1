"""Tables of a study: quantities at the last time, theories at finite N, the error budget."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from comparison.referee.extrapolation import FEWEST
from comparison.referee.finite_size import FiniteSizeVerdict, power_text
from comparison.referee.table import Table
from comparison.referee.verdict import Verdict, with_error
from comparison.referee.witnesses import WitnessedLimit
from comparison.study.result import StudyResult

_BUDGET = {
    "truncation": "truncation_bound",
    "left out": "discarded_weight",
    "cutoffs": "boson_tail",
    "rounding": "rounding",
    "trace drift": "trace_drift",
    "min eig": "smallest_eigenvalue",
    "second run": "moment_difference",
}
LIMIT, CLAIM = "N → ∞, exact", "claim: "  # what rows of limits begin with
MOST_TIMES = 41  # in the tables of all times
RATE_ERROR = 0.1  # of an exponent that is told
ZERO = 1e-9  # a quantity that stays below is left out


def table(result: StudyResult) -> str:
    """Quantities at the last time, averages, covariances and observables below each other, those that are zero left
    out."""
    return f"t = {result.study.tlist[-1]:g}\n" + "\n\n".join(t.text for t in quantity_tables(result))


def quantity_tables(result: StudyResult) -> list[Table]:
    """The same, a table for every kind; columns are quantities, rows sizes, the limit, claims and orders."""
    alive, groups = set(_alive(result)), []
    for kind, names in result.study.kinds:
        shown = [i for i, q in enumerate(result.study.quantities) if q in names and i in alive]
        groups += [(kind, part) for part in _by_first_power(result, shown) if part]
    return [_quantities(result, kind, part) for kind, part in groups]


def vanishing(result: StudyResult) -> list[str]:
    """Names of quantities that are zero at all times and sizes."""
    alive = set(_alive(result))
    return [q for i, q in enumerate(result.study.quantities) if i not in alive]


def _alive(result: StudyResult) -> list[int]:
    return [i for i in range(len(result.study.quantities)) if np.abs(result.exact[:, :, i]).max(initial=0) > ZERO]


def _by_first_power(result: StudyResult, group: list[int]) -> list[list[int]]:
    """Quantities that begin with the same power of N together."""
    powers = result.study.powers
    if powers is None:
        return [group]
    first = powers[:, 0]
    return [[i for i in group if first[i] == p] for p in sorted({first[i] for i in group}, reverse=True)]


def _quantities(result: StudyResult, kind: str, shown: list[int]) -> Table:
    quantities, rows, marks = result.study.quantities, [["", *(result.study.quantities[i] for i in shown)]], {}
    last = result.study.last
    for k, N in enumerate(result.sizes):
        rows.append([f"N = {N}", *(f"{result.exact[k, last, i]:.7f}" for i in shown)])
    if len(result.results) >= FEWEST:
        e = result.extrapolation
        rows.append([LIMIT, *(with_error(e.value[last, i], e.error[last, i]) for i in shown)])
    verdicts = {(v.claim, v.quantity): v.status for v in result.verdicts}
    for name, values in result.limits.items():
        claimed = [values.get(quantities[i]) for i in shown]
        cells = ["" if c is None or np.isnan(c[last]) else f"{c[last]:.7f}" for c in claimed]
        if any(cells):
            own = {c: verdicts.get((name, quantities[i])) for c, i in enumerate(shown, 1) if cells[c - 1]}
            marks |= {(len(rows), c): status for c, status in own.items() if status}
            rows.append([f"{CLAIM}{name}", *cells])
    return Table([*rows, *_slopes(result, shown, last)], kind, marks=marks)


def course_tables(result: StudyResult) -> list[Table]:
    """Every quantity that is not zero, at all times or at `MOST_TIMES` of them: rows are times, columns sizes, the
    limit and claims."""
    times = result.study.times
    shown = np.unique(np.linspace(0, len(times) - 1, min(len(times), MOST_TIMES)).round().astype(int))
    some = f"{len(shown)} of {len(times)} times; study.nc has all of them" if len(shown) < len(times) else ""
    out = []
    for i in _alive(result):
        q = result.study.quantities[i]
        rows = [["t", *(f"{times[k]:g}" for k in shown)]]
        rows += [[f"N = {N}", *(f"{x:.7f}" for x in result.exact[n, shown, i])] for n, N in enumerate(result.sizes)]
        if len(result.results) >= FEWEST:
            e = result.extrapolation
            pairs = zip(e.value[shown, i], e.error[shown, i], strict=True)
            rows.append([LIMIT, *(with_error(*pair) for pair in pairs)])
        for name, values in result.limits.items():
            cells = ["" if np.isnan(x) else f"{x:.7f}" for x in values[q][shown]] if q in values else []
            rows += [[f"{CLAIM}{name}", *cells]] if any(cells) else []
        out.append(Table(rows, q, [some] if some else []).turned)
    return out


def entry_table(verdicts: Sequence[Verdict]) -> Table:
    """A row for every claimed limit and quantity: verdict, the numbers behind it, how fast exact numbers go there."""
    rows = [["claim", "quantity", "verdict", "t", "exact, N → ∞", "claimed", "gap", "error bar", "asked", "falls as"]]
    for v in verdicts:
        falls = power_text(v.rate) if np.isfinite(v.rate) and v.rate_error < RATE_ERROR else ""
        exact = with_error(v.extrapolated, v.error)
        rows.append([v.claim, v.quantity, v.status, f"{v.time:g}", exact, v.claimed_text, *gap_and_error(v), falls])
    return Table(rows, marks={(r, 2): v.status for r, v in enumerate(verdicts, 1)})


def gap_and_error(v: Verdict) -> tuple[str, str, str]:
    """The gap, its error bar and the accuracy asked for."""
    return tuple(f"{x:.1e}" if np.isfinite(x) else "?" for x in (v.gap, v.error, v.wanted))


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
    return "\n\n".join(f"{t.title}\n{t.text}" for t in finite_size_tables(verdicts))


def finite_size_tables(verdicts: Sequence[FiniteSizeVerdict]) -> list[Table]:
    """The same, a table for every theory."""
    out = []
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
        out.append(Table(rows, claim))
    return out


def _short(distance: float, error: float) -> str:
    """Four digits, or as many as the error leaves."""
    return f"{distance:#.4g}" if 0 < error < 1e-4 * abs(distance) else with_error(distance, error)


def budget_table(result: StudyResult) -> Table:
    """Error budget of every size: what each part may leave wrong in the state, in trace norm; the differences to a
    second run; and what follows for averages and covariances."""
    rows = [["N", *_BUDGET, "averages", "covariances", "applications", "engine"]]
    for r in result.results:
        b = r.budget
        parts = [getattr(b, name) for name in _BUDGET.values()]
        cells = ["not run" if x is None else f"{x:.1e}" for x in (*parts, b.moment_error, b.covariance_error(r.N))]
        rows.append([str(r.N), *cells, str(r.stats["applications"]), str(r.stats.get("basis", ""))])
    return Table(rows)
