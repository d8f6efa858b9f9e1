"""What a sweep has found: verdicts and extrapolated values against the parameters."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from comparison.referee.claimed import positions
from comparison.referee.extrapolation import FEWEST
from comparison.referee.plain import plain
from comparison.referee.table import aligned
from comparison.referee.verdict import with_error
from comparison.study.result import StudyResult
from comparison.sweep.grid import named

_SHOWN = 6  # averages and observables in a table
_ZERO = 1e-9  # of a quantity that is not worth a column


@dataclasses.dataclass(frozen=True)
class SweepRow:
    """One study of a sweep.

    parameters : of this study
    result : its result, None if there is none
    failure : why sizes or all of it are missing, in a sentence; empty if nothing is
    """

    parameters: Mapping[str, Any]
    result: StudyResult | None
    failure: str = ""

    @property
    def name(self) -> str:
        """Of its folder, and in messages."""
        return named(self.parameters) or "study"

    @property
    def is_extrapolated(self) -> bool:
        """Whether it has sizes enough."""
        return self.result is not None and len(self.result.results) >= FEWEST

    def statuses(self) -> dict[str, str]:
        """The worst verdict of every claim."""
        if self.result is None:
            return {}
        return {c.name: self.result.status(c.name) for c in self.result.claims}

    def final(self) -> dict[str, tuple[float, float, float]]:
        """Value for N → ∞ by the exact numbers, its error, and the derived limit, at the last time, by quantity."""
        if not self.is_extrapolated:
            return {}
        e, study, last = self.result.extrapolation, self.result.study, self.result.study.last
        limit = self.result.limits["derived"]
        return {
            q: (float(e.value[last, i]), float(e.error[last, i]), float(limit[q][last]) if q in limit else np.nan)
            for i, q in enumerate(study.quantities)
        }


@dataclasses.dataclass(frozen=True)
class SweepResult:
    """The studies of a sweep.

    grid : values by parameter
    rows : one for every combination, the last parameter running fastest
    interrupted : True if a signal ended it before the last study
    computed : points that were computed; the others were found
    """

    grid: Mapping[str, Sequence]
    rows: Sequence[SweepRow]
    interrupted: bool = False
    computed: int = 0

    @property
    def failures(self) -> list[str]:
        """What went wrong, study by study, in sentences."""
        return [f"{row.name}: {row.failure}" for row in self.rows if row.failure]

    @property
    def claims(self) -> list[str]:
        """Names of the claims of all studies."""
        return list(dict.fromkeys(name for row in self.rows for name in row.statuses()))

    @property
    def quantities(self) -> list[str]:
        """Names of the quantities of all studies."""
        return list(dict.fromkeys(q for row in self.rows if row.result for q in row.result.study.quantities))

    def table(self) -> str:
        """Parameters, verdicts, and averages and observables for N → ∞ at the last time with their errors."""
        finals = [row.final() for row in self.rows]
        kinds = [dict(row.result.study.kinds) for row in self.rows if row.result]
        wanted = {q for own in kinds for kind in ("averages", "observables") for q in own[kind]}
        alive = [q for q in self.quantities if any(abs(f[q][0]) > _ZERO for f in finals if q in f)]
        shown = [q for q in alive if q in wanted][:_SHOWN]
        rows = [[*self.grid, *self.claims, *(f"{q}, N → ∞" for q in shown)]]
        for row, final in zip(self.rows, finals, strict=True):
            cells = [str(x) for x in row.parameters.values()]
            cells += [row.statuses().get(name, "–") for name in self.claims]
            rows.append(cells + [with_error(*final[q][:2]) if q in final else "–" for q in shown])
        return aligned(rows, left=range(len(self.grid) + len(self.claims)))

    def as_data(self) -> dict[str, Any]:
        """The same as plain data, with every quantity."""
        rows = []
        for row in self.rows:
            final = {
                q: {"value": plain(value), "error": plain(error), "derived": plain(limit)}
                for q, (value, error, limit) in row.final().items()
            }
            own = {"parameters": dict(row.parameters), "claims": row.statuses(), "final": final}
            own |= {"failure": row.failure or None, "sizes": row.result.sizes if row.result else []}
            own |= {"dataset": row.result.digest if row.result else None}
            rows.append(own)
        return {"grid": {k: list(v) for k, v in self.grid.items()}, "studies": rows, "interrupted": self.interrupted}

    @property
    def dataset(self) -> xr.Dataset:
        """Values for N → ∞ with errors and derived limits (parameters, time, quantity), and verdicts (parameters,
        claim), nan and "" where there are none; the times are those that all studies have."""
        done = [row for row in self.rows if row.is_extrapolated]
        times = sorted(set.intersection(*(set(row.result.study.times.tolist()) for row in done))) if done else []
        shape = tuple(len(values) for values in self.grid.values())
        quantities, claims = self.quantities, self.claims
        values = np.full((3, *shape, len(times), len(quantities)), np.nan)
        verdicts = np.full((*shape, len(claims)), "", dtype="U9")
        for at, row in zip(itertools.product(*map(range, shape)), self.rows, strict=True):
            for name, status in row.statuses().items():
                verdicts[(*at, claims.index(name))] = status
            if not row.is_extrapolated:
                continue
            study, e = row.result.study, row.result.extrapolation
            own = positions(times, study.times)
            for i, q in enumerate(study.quantities):
                where = (*at, slice(None), quantities.index(q))
                values[0][where], values[1][where] = e.value[own, i], e.error[own, i]
                if q in (limit := row.result.limits["derived"]):
                    values[2][where] = limit[q][own]
        dims = (*self.grid, "time", "quantity")
        data = {name: (dims, values[k]) for k, name in enumerate(("value", "error", "derived"))}
        data["verdict"] = ((*self.grid, "claim"), verdicts)
        coords = {k: list(v) for k, v in self.grid.items()}
        return xr.Dataset(data, coords | {"time": times, "quantity": quantities, "claim": claims})
