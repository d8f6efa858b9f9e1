"""What a report says of a study, prepared once for all of its forms: sentences, tables, formulas."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from comparison.referee.table import Table
from comparison.referee.verdict import Verdict, with_error
from comparison.report.again import needed_files, study_file
from comparison.report.asked import Asked, asked, statement
from comparison.report.figure import telling_quantity
from comparison.report.headlines import Headline, headlines_of, witness_note
from comparison.report.tables import (
    budget_table,
    course_tables,
    entry_table,
    finite_size_tables,
    quantity_tables,
    vanishing,
)
from comparison.results_folder.identity import mark
from comparison.study.planted_errors import PowerRow, power_rows
from comparison.study.result import StudyResult
from comparison.study.theories import theory_tables

SYMBOLS = {"confirmed": "✓", "refuted": "✗", "undecided": "?"}
NO_VERDICT = "A verdict on a limit needs four sizes."


@dataclasses.dataclass(frozen=True)
class JudgedClaim:
    """A claim, what kind of claim it is, and its verdicts, the worst first."""

    name: str
    source: str
    statement: str
    headlines: Sequence[Headline]

    @property
    def status(self) -> str:
        """The worst verdict, empty where there is none."""
        return self.headlines[0].status if self.headlines else ""


@dataclasses.dataclass(frozen=True)
class Advice:
    """What would decide, and for which quantities: (claim, names)."""

    sentence: str
    concerns: Sequence[tuple[str, Sequence[str]]]


@dataclasses.dataclass(frozen=True)
class Content:
    """Everything that a report of a study says, without its figure.

    name : of the study
    ended : why it ended before its last size, may be empty
    claims : all claims, those with the worst verdicts first
    notes : sentences to all verdicts
    advice : what would decide what is undecided
    asked : parts of the question
    time : the last time; quantities : tables at it; vanishing : names left out; course : a table for every quantity
    entries : a row for every claimed limit and quantity; said : the same in sentences
    theories, distances : tables of theories at finite N
    budget : error budget of every size; power : planted errors, None where none are
    again : text of a study file, may be empty; needed : files that it names; command : that runs it
    versions : of packages; mark : what tells to which numbers the report belongs; files : that belong to it, by kind
    telling : the quantity of the figure; described : the figure in words
    """

    name: str
    ended: str
    claims: Sequence[JudgedClaim]
    notes: Sequence[str]
    advice: Sequence[Advice]
    asked: Sequence[Asked]
    sizes: Sequence[int]
    time: float
    quantities: Sequence[Table]
    vanishing: Sequence[str]
    course: Sequence[Table]
    entries: Table
    said: Sequence[str]
    theories: Sequence[Table]
    distances: Sequence[Table]
    budget: Table
    power: Table | None
    again: str
    needed: Sequence[str]
    command: str
    versions: Mapping[str, str]
    mark: str
    files: Mapping[str, str]
    telling: str
    described: Mapping[str, str]

    @property
    def verdict(self) -> str:
        """The worst of all claims, empty where there is none."""
        return self.claims[0].status


def prepared(
    result: StudyResult,
    power: Sequence[PowerRow] | None = None,
    files: Mapping[str, str] | None = None,
    data: xr.Dataset | None = None,
) -> Content:
    """What a report of a study says.

    power : what `power_test(result)` returns, optional
    files : names of the files beside the report by kind, such as {"figure": "convergence.png"}
    data : `result.dataset` where it is known
    """
    study = result.study
    data = result.dataset if data is None else data
    telling = telling_quantity(data)
    return Content(
        name=" ".join(study.name.split()),
        ended=_ended(result),
        claims=_claims(result),
        notes=[x for x in (NO_VERDICT if not result.verdicts else "", witness_note(result)) if x],
        advice=_advice(result),
        asked=asked(result),
        sizes=result.sizes,
        time=float(study.tlist[-1]),
        quantities=quantity_tables(result),
        vanishing=vanishing(result),
        course=course_tables(result),
        entries=entry_table(result.verdicts),
        said=[str(v) for v in [*result.verdicts, *result.finite_sizes]],
        theories=theory_tables(result) if result.finite_sizes else [],
        distances=finite_size_tables(result.finite_sizes),
        budget=budget_table(result),
        power=None if power is None else power_rows(power),
        again=study_file(result),
        needed=needed_files(result),
        command=f"finite-n run study.toml --out FOLDER{'' if power is None else ' --power'}",
        versions=json.loads(data.attrs["provenance"])["versions"],
        mark=mark(data.attrs["digest"]),
        files=dict(files or {}),
        telling=telling,
        described=_described(result, telling),
    )


def _claims(result: StudyResult) -> list[JudgedClaim]:
    rank = ["refuted", "undecided", "confirmed", ""].index
    lines = headlines_of(result.claims, result.study.kinds, result.verdicts, result.finite_sizes)
    lines.sort(key=lambda h: rank(h.status))
    out = [JudgedClaim(c.name, c.source, statement(c), [h for h in lines if h.claim == c.name]) for c in result.claims]
    return sorted(out, key=lambda c: rank(c.status))


def _ended(result: StudyResult) -> str:
    if not (result.interrupted or result.failure):
        return ""
    why = f"Ended by an error, {result.failure}" if result.failure else "Interrupted."
    asked = "" if result.study.is_auto else f" of {len(result.study.sizes)}"
    return f"{why} {len(result.sizes)}{asked} sizes are done."


def _advice(result: StudyResult) -> list[Advice]:
    """Sentences of all that is undecided, each once."""
    found: dict[str, dict[str, list[str]]] = {}

    def note(v: Verdict, quantity: str) -> None:
        own = found.setdefault(v.advice, {}).setdefault(v.claim, [])
        own += [quantity] if quantity not in own else []

    for v in result.verdicts:
        if v.status == "undecided" and v.advice:
            note(v, v.quantity)
    for f in result.finite_sizes:
        for N, v in zip(f.sizes, f.verdicts, strict=True):
            if v.status == "undecided" and v.advice:
                note(v, f"{v.quantity} at N = {N}")
    return [Advice(sentence, list(concerns.items())) for sentence, concerns in found.items()]


def _described(result: StudyResult, quantity: str) -> dict[str, str]:
    """Both panels of the figure in words, for those who do not see it."""
    i, t = result.study.quantities.index(quantity), f"{result.study.times[-1]:g}"
    ends = f"{result.exact[0, -1, i]:.4g} at N = {result.sizes[0]}, {result.exact[-1, -1, i]:.4g} at {result.sizes[-1]}"
    limits = {c: x[quantity][-1] for c, x in result.limits.items() if quantity in x and np.isfinite(x[quantity][-1])}
    found = next((v for v in result.verdicts if v.quantity == quantity), None)
    to = f"; exact numbers go to {with_error(found.extrapolated, found.error)} at t = {found.time:g}" if found else ""
    claimed = "".join(f"; claim {name}: {x:.4g}" for name, x in limits.items())
    gaps = [f"{name} {abs(result.exact[-1, -1, i] - x):.2g}" for name, x in limits.items()]
    return {
        "course": f"{quantity} against time at every N with the claimed limits. At t = {t}: {ends}{to}{claimed}.",
        "distances": f"Distance of exact {quantity} to every claim at t = {t} against N. At N = {result.sizes[-1]}: "
        f"{', '.join(gaps) or 'no claim'}.",
    }
