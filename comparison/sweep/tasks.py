"""What is sent to a worker, as plain data without code: a study by its description, and the size to be computed.

A worker builds the study by itself. Files that the description names go along as text where the worker may not see
them.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from comparison.study.forecast import size_forecast
from comparison.study.study import Study
from comparison.study_file.claim_tables import text_of
from finite_n.memory import NoMemoryError


@dataclasses.dataclass(frozen=True)
class Source:
    """The description of a study, from which `comparison.build` makes it in any process.

    raw : plain data with the keys of a study file
    where : what refusals call it; folder : in which the files that it names are looked for
    allow_python : whether these may be executed
    """

    raw: Mapping[str, Any]
    where: str
    folder: str
    allow_python: bool = False

    def without_theories(self) -> Source:
        """The same without what a point does not depend on: theories, and claims that have no times of their own."""
        raw = {key: value for key, value in self.raw.items() if key != "theories"}
        if "claims" in raw:
            raw["claims"] = [c for c in raw["claims"] if c.get("times") is not None or "file" in c]
        return dataclasses.replace(self, raw=raw)

    def files(self) -> dict[str, str]:
        """The texts of all files that the description names, by name."""
        names = [c["file"] for c in self.raw.get("claims", []) if "file" in c]
        model = self.raw.get("model")
        names += [model["file"]] if isinstance(model, Mapping) and model.get("file") else []
        return {name: text_of(Path(self.folder) / name) for name in names}


@dataclasses.dataclass(frozen=True)
class Task:
    """One point of one study, or all of a study that chooses its sizes.

    index : of the study in the sweep
    N : size; None for all of the study
    work : elements × applications, by which the order is decided; bytes : of memory at the peak
    """

    index: int
    source: Source
    N: int | None
    work: float = math.inf
    bytes: float = 0.0

    def payload(self, store: str | None) -> dict[str, Any]:
        """As plain data. store : the folder of points that this and other processes share; None if there is none, then
        files go along and the points come back."""
        source = self.source if self.N is None else self.source.without_theories()
        files = {} if store is not None else source.files()
        own = {field.name: getattr(source, field.name) for field in dataclasses.fields(source)}
        return {"source": own | {"raw": dict(source.raw)}, "N": self.N, "store": store, "files": files}


def tasks_of(index: int, study: Study, source: Source) -> list[Task]:
    """The tasks of a study: every size, or, where sizes are chosen while it runs, all of it."""
    if study.is_auto:
        return [Task(index, source, None, bytes=_forecast(study, study.least_sizes[-1])[1])]
    return [Task(index, source, N, *_forecast(study, N)) for N in study.sizes]


def _forecast(study: Study, N: int) -> tuple[float, float]:
    try:
        found = size_forecast(study, N)
    except NoMemoryError as refused:
        return math.inf, refused.needed
    return found.work, found.bytes
