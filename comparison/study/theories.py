"""Theories at finite N side by side: the largest error of each at every N, its order in 1/N, and where it leaves what
quantum states allow."""

from __future__ import annotations

import dataclasses

import numpy as np

from comparison.referee.extrapolation import rate
from comparison.referee.physical_range import Excess, excess
from comparison.referee.plain import plain
from comparison.referee.table import Table
from comparison.referee.verdict import with_error
from comparison.study.result import StudyResult


@dataclasses.dataclass(frozen=True)
class TheoryErrors:
    """One theory at finite N against all quantities of one kind.

    theory, kind : names; kind such as "averages"
    sizes : (n,)
    error : (n,), the largest |exact − claimed| over these quantities and all times
    bar : (n,), how far that may be off
    order, order_error : p of error ~ N^−p, extrapolated to large N; nan where fewer than four sizes stand out
    """

    theory: str
    kind: str
    sizes: tuple[int, ...]
    error: np.ndarray
    bar: np.ndarray
    order: float
    order_error: float

    def at(self, N: int) -> str:
        """The error at N as a table shows it; empty where the theory says nothing."""
        if N not in self.sizes:
            return ""
        k = self.sizes.index(N)
        return _short(self.error[k], self.bar[k])


def theory_errors(result: StudyResult) -> list[TheoryErrors]:
    """Errors of every theory at finite N in the result of a study, by kind of quantity."""
    out = []
    for name in dict.fromkeys(v.claim for v in result.finite_sizes):
        for kind, names in result.study.kinds:
            own = [v for v in result.finite_sizes if v.claim == name and v.quantity in names]
            if not own:
                continue
            distance = np.abs(np.concatenate([v.distance for v in own], axis=1))
            bars = np.concatenate([v.error for v in own], axis=1)
            at = distance.argmax(axis=1)[:, None]
            error, bar = (np.take_along_axis(x, at, axis=1)[:, 0] for x in (distance, bars))
            r = rate(own[0].sizes, error, 0.0, bar, result.study.power)
            out.append(TheoryErrors(name, kind, own[0].sizes, error, bar, r.asymptotic, r.asymptotic_error))
    return out


def unphysical(result: StudyResult) -> dict[str, dict[int, Excess | None]]:
    """{theory: {N: the condition on states that it breaks first, None if it breaks none}}."""
    study = result.study
    out: dict[str, dict[int, Excess | None]] = {}
    for c in result.claims:
        for N in c.among(result.sizes) if c.per_size else ():
            values = study.said(c, N).values
            found = excess(study.space, N, study.times, values)
            ended = study.times[np.any([np.isnan(x) for x in values.values()], axis=0)] if c.may_end else []
            if found is None and len(ended):
                found = Excess(float(ended[0]), "diverged", np.inf)
            out.setdefault(c.name, {})[N] = found
    return out


def theory_tables(result: StudyResult) -> list[Table]:
    """Errors of theories against N with their orders, a table for every kind of quantity; then the times at which they
    leave the physical range."""
    found, out = theory_errors(result), []
    for kind in dict.fromkeys(e.kind for e in found):
        own = [e for e in found if e.kind == kind]
        rows = [[f"largest error of {kind}", *(e.theory for e in own)]]
        for N in sorted({N for e in own for N in e.sizes}):
            rows.append([f"N = {N}", *(e.at(N) for e in own)])
        rows.append(["order in 1/N", *(_order(e) for e in own)])
        out.append(Table(rows))
    beyond = unphysical(result)
    rows = [["no state has such values from", *beyond]]
    for N in result.sizes:
        cells = ("" if N not in x else "never" if x[N] is None else x[N].short for x in beyond.values())
        rows.append([f"N = {N}", *cells])
    ends = {v.claim: v.times[-1] for v in result.finite_sizes if v.times[-1] < result.study.times[-1]}
    notes = [f"{name} is compared until t = {t:g}, where it has values at every N" for name, t in ends.items()]
    return [*out, Table(rows, notes=notes)]


def theory_table(result: StudyResult) -> str:
    """The errors of `theory_errors` for the same result as text."""
    return "\n\n".join(part for t in theory_tables(result) for part in (t.text, *t.notes))


def theory_data(result: StudyResult) -> list[dict]:
    """The same as plain data, one entry for every theory."""
    errors, beyond, out = theory_errors(result), unphysical(result), []
    for c in result.claims:
        if not c.per_size:
            continue
        kinds = {
            e.kind: {
                "error": e.error.tolist(),
                "bar": e.bar.tolist(),
                "order": plain(e.order),
                "order_error": plain(e.order_error),
            }
            for e in errors
            if e.theory == c.name
        }
        left = [x and dataclasses.asdict(x) | {"by": plain(x.by)} for x in beyond[c.name].values()]
        entry = {
            "theory": c.name,
            "source": c.source,
            "sizes": c.among(result.sizes),
            "kinds": kinds,
            "unphysical": left,
        }
        out.append(entry)
    return out


def _short(error: float, bar: float) -> str:
    return f"{error:.2e}" if error > 10 * bar else f"< {error + bar:.0e}"


def _order(e: TheoryErrors) -> str:
    return with_error(e.order, e.order_error) if np.isfinite(e.order) and e.order_error < 0.5 else "?"
