"""A worker: computes one point after the other and stores each at once.

`python -m comparison.sweep.worker` is one: it reads a task a line and writes what became of it, as JSON. `run` is the
same for workers of a cluster. Nothing is imported here that reads the number of threads before it is set.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from typing import Any

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
_one_at_a_time = threading.Lock()  # a point may take all memory of the worker
_studies: dict[str, object] = {}
_MOST = 64  # studies that are kept built: the points of one come one by one, between those of others


def run(payload: Mapping[str, Any], threads: int | None = None) -> dict[str, Any]:
    """Compute the point of a task.

    threads : at most, if nothing has been computed in this process yet

    Returns a dict: `sizes` that are stored now; `computed`, how many of them were not found; `failure`, a sentence, if
    not all are; `environment` of `comparison.point_store.source`; `points`, bytes by the place in a store, where no
    store is shared; `process`.
    """
    if threads is not None and "numba" not in sys.modules:
        os.environ.update(dict.fromkeys(THREADS, str(threads)))
    with _one_at_a_time, _places(payload) as (folder, store, inside):
        out = {"process": os.getpid(), "sizes": [], "computed": 0, "failure": "", "points": {}}
        return out | _computed(payload, folder, store, inside)


def _computed(payload: Mapping[str, Any], folder: str, store: str, inside: bool) -> dict[str, Any]:
    from pathlib import Path

    from comparison.point_store.source import environment
    from comparison.point_store.store import PointStore
    from comparison.study.points import StudyPoints
    from finite_n.errors import in_words

    N, kept = payload["N"], PointStore(store)
    out: dict[str, Any] = {"environment": environment()}
    try:
        study = _study(payload, folder)
        points = StudyPoints(study, kept)
        if not points.reusable:
            return out | {"failure": points.why_not}
        if N is None:
            result = study.run(points=kept)
            out |= {"sizes": result.sizes, "failure": result.failure}
        else:
            points.finish(N)
            out["sizes"] = [N]
        if lost := [n for n in out["sizes"] if not points.is_stored(n)]:
            out |= {"sizes": [], "failure": f"N = {lost[0]}: the point was computed and could not be stored."}
    except Exception as error:
        out["failure"] = in_words(error, "" if N is None else f"N = {N}")
    if inside:
        files = sorted(Path(store).rglob("*.npz"))
        out["points"] = {path.relative_to(store).as_posix(): path.read_bytes() for path in files}
    return out | {"computed": kept.kept}


def _study(payload: Mapping[str, Any], folder: str):
    """The study of a task, built once for all of its points."""
    from comparison.study_file.build import build

    source = payload["source"]
    key = json.dumps(source | {"files": payload["files"]}, sort_keys=True)
    if key not in _studies:
        while len(_studies) >= _MOST:
            del _studies[next(iter(_studies))]
        _studies[key] = build(source["raw"], source["where"], folder, allow_python=source["allow_python"])
    return _studies[key]


@contextlib.contextmanager
def _places(payload: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """The folder of files, that of points, and whether the latter is this worker's own."""
    import tempfile
    from pathlib import Path

    if payload["store"] is not None:
        yield payload["source"]["folder"], payload["store"], False
        return
    with tempfile.TemporaryDirectory(prefix="finite-n-") as own:
        for name, text in payload["files"].items():
            path = Path(own, "files", Path(name).name)
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        yield str(Path(own, "files")), str(Path(own, "points")), True


def main() -> None:
    """Tasks from standard input, outcomes to standard output; whatever else prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        answers.write(json.dumps(run(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
