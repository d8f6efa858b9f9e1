"""A study in words: table, headlines and verdicts as text, as Markdown and as plain data for JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from comparison.referee.claim import Claim
from comparison.referee.claimed import positions
from comparison.referee.extrapolation import FEWEST
from comparison.referee.finite_size import FiniteSizeVerdict, power_text
from comparison.referee.plain import plain
from comparison.referee.table import aligned
from comparison.referee.verdict import REFUTE, Verdict, with_error
from comparison.referee.witnesses import WitnessedLimit
from comparison.results_folder.identity import mark
from comparison.study.planted_errors import PowerRow, power_table
from comparison.study.result import StudyResult
from comparison.study.theories import theory_data, theory_table


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


def headlines(result: StudyResult) -> list[str]:
    """One sentence per claim and kind of quantity (averages, covariances, others): its worst verdict; and one where
    the exact numbers are the only witness."""
    lines = headlines_of(result.claims, result.study.kinds, result.verdicts, result.finite_sizes)
    if result.verdicts and (note := result.study.expansion.note):
        lines.append(f"{note} Verdicts rest on the exact numbers alone.")
    return lines


def headlines_of(
    claims: Sequence[Claim],
    kinds: Sequence[tuple[str, Sequence[str]]],
    verdicts: Sequence[Verdict],
    finite_sizes: Sequence[FiniteSizeVerdict] = (),
) -> list[str]:
    """The same for any verdicts on these claims."""
    lines = []
    for claim in claims:
        for kind, names in kinds:
            for found, line in ((verdicts, _headline), (finite_sizes, _finite_headline)):
                if own := [v for v in found if v.claim == claim.name and v.quantity in names]:
                    source = f" ({claim.source})" if claim.source else ""
                    lines.append(line(f"{claim.name}{source}, {kind}: ", own))
    return lines


def _headline(head: str, verdicts: Sequence[Verdict]) -> str:
    refuted = [v for v in verdicts if v.status == "refuted"]
    if refuted:
        v = max(refuted, key=lambda v: v.excess)
        return head + (f"REFUTED. {v.quantity}({v.time:g}): {v.found_text}, claimed is {v.claimed_text}; {v.gap_text}")
    undecided = [v for v in verdicts if v.status == "undecided"]
    worst = max(undecided or verdicts, key=lambda v: v.accuracy / v.wanted if undecided else v.accuracy)
    off = [v for v in verdicts if v.excess > REFUTE * v.error]
    rates = [v.rate for v in verdicts if np.isfinite(v.rate) and v.rate_error < 0.1]
    rate = _fall(rates)
    if off:  # confirmed to the accuracy asked for, and known not to be the limit
        most = max(off, key=lambda v: v.excess / v.error)
        rate = f" {most.quantity}({most.time:g}) is off by less than asked for, but off: {most.gap_text}"
    numbers = f"{worst.quantity}({worst.time:g}): {worst.found_text}, claimed is {worst.claimed_text}."
    if undecided:
        until = min(v.until for v in verdicts)
        early = ""
        if all(v.until > 0 for v in verdicts):
            early = f"CONFIRMED to {max(v.accuracy_until for v in verdicts):.1e} until t = {until:g}, later "
        return head + f"{early}UNDECIDED at {worst.wanted:.1e}. {numbers} {worst.advice}"
    return head + f"CONFIRMED to {worst.accuracy:.1e} in every entry. {numbers}{rate}"


def _fall(rates: list[float]) -> str:
    """How |exact − claimed| falls, by the exponents of all entries: the middle one, or the range of those that differ
    by more than ¼, as of even and odd quantities."""
    if not rates or np.median(rates) <= 0:
        return ""
    low, high = min(rates), max(rates)
    text = f"N^-{np.median(rates):.2f}" if high - low <= 0.25 or low <= 0 else f"N^-{low:.2f} … N^-{high:.2f}"
    return f" |exact − claimed| falls as {text}."


def _finite_headline(head: str, found: Sequence[FiniteSizeVerdict]) -> str:
    """The worst quantity of a theory at finite N, at its largest size with that verdict."""
    status = next(s for s in ("refuted", "undecided", "confirmed") if any(v.status == s for v in found))
    pairs = [
        (v, N, own)
        for v in found
        for N, own in zip(v.sizes, v.verdicts, strict=True)
        if own.status == status and v.status == status
    ]
    sizes = sorted({N for _, N, _ in pairs})
    worst, N, v = max(pairs, key=lambda pair: (pair[1], pair[2].excess, pair[2].accuracy))
    to = f" to {max(own.accuracy for _, _, own in pairs):.1e}" if status == "confirmed" else ""
    numbers = (
        f"N = {N}, {v.quantity}({v.time:g}): exact is {with_error(v.extrapolated, v.error)}, claimed is "
        f"{v.claimed_text}"
    )
    gap = f"; {v.gap_text}" if status == "refuted" else "."
    at = ", ".join(map(str, sizes))
    return head + f"{status.upper()}{to} at N = {at}. {numbers}{gap} {worst.course or v.advice}".rstrip()


def text_report(result: StudyResult, power: Sequence[PowerRow] | None = None) -> str:
    """Study, table and verdicts, as Markdown that also reads as text."""
    study = result.study
    parts = [
        f"# {study.name}",
        f"{study.model!r}, from {study.rho0!r}, t = {study.tlist[0]:g} … {study.tlist[-1]:g}, "
        f"N = {', '.join(map(str, result.sizes))}, tolerance {study.tol:g}.",
    ]
    if result.growth is not None:
        parts.append(result.growth.without_times())
    if result.interrupted or result.failure:
        why = f"Ended by an error, {result.failure}" if result.failure else "Interrupted."
        asked = "" if study.is_auto else f" of {len(study.sizes)}"
        parts.append(f"{why} {len(result.sizes)}{asked} sizes are done.")
    parts += ["```", table(result), "```", "## Verdicts", *(f"- {line}" for line in headlines(result))]
    if result.finite_sizes:
        parts += ["## Theories at finite N", "```", theory_table(result), "```"]
        parts += ["## Their distances at every N", "```", finite_size_table(result.finite_sizes), "```"]
    parts += ["## Every entry", *(f"- {v}" for v in [*result.verdicts, *result.finite_sizes])]
    parts += ["## Error budget", "```", budget_table(result), "```"]
    if power is not None:
        parts += ["## Planted errors", "```", power_table(power), "```"]
    parts.append(f"({mark(result.digest)})")
    return "\n\n".join(parts).replace("\n\n- ", "\n- ").replace("```\n\n", "```\n").replace("\n\n```", "\n```") + "\n"


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


def as_json(result: StudyResult, power: Sequence[PowerRow] | None = None) -> dict:
    """Verdicts, table values and, if given, the power test as plain data; `dataset` is the digest of the numbers."""
    rows = [
        {
            "coefficient": str(r.coefficient),
            "planted": r.planted,
            "refuted": r.refuted,
            "shift": r.shift,
            "smallest": r.smallest if np.isfinite(r.smallest) else None,
        }
        for r in power or ()
    ]
    last = int(positions(result.study.tlist[-1:], result.study.times)[0])
    return ({"power": rows} if power is not None else {}) | {
        "study": result.study.name,
        "dataset": result.digest,
        "spec": result.study.spec,
        "sizes": result.sizes,
        "interrupted": result.interrupted,
        "failure": result.failure or None,
        **({} if result.growth is None else {"growth": result.growth.as_data()}),
        "claims": {c.name: {"source": c.source, "status": result.status(c.name)} for c in result.claims},
        "verdicts": [as_data(v) for v in result.verdicts],
        **({"finite_sizes": [finite_size_data(v) for v in result.finite_sizes]} if result.finite_sizes else {}),
        **({"theories": theory_data(result)} if result.finite_sizes else {}),
        "final": {
            "time": float(result.study.tlist[-1]),
            "exact": {q: result.exact[:, last, i].tolist() for i, q in enumerate(result.study.quantities)},
        },
        "seconds": round(result.seconds, 3),
    }


def as_data(v: Verdict) -> dict:
    """A verdict as plain data, what is not finite as None."""
    return {k: plain(x) for k, x in (dataclasses.asdict(v) | {"gap": v.gap}).items()}


def finite_size_data(v: FiniteSizeVerdict) -> dict:
    """A verdict on a theory at finite N as plain data: its distance at every size at one time, its order."""
    distance, error = v.at(v.time)
    return {
        "claim": v.claim,
        "quantity": v.quantity,
        "status": v.status,
        "sizes": list(v.sizes),
        "statuses": [own.status for own in v.verdicts],
        "time": v.time,
        "distance": distance.tolist(),
        "error": error.tolist(),
        "orders": [plain(float(p)) for p in v.orders],
        "order": plain(v.order),
        "order_error": plain(v.order_error),
        "verdicts": [as_data(own) for own in v.verdicts],
    }
