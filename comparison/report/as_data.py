"""A study and its verdicts as plain data, for JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence

import numpy as np

from comparison.referee.finite_size import FiniteSizeVerdict
from comparison.referee.plain import plain
from comparison.referee.verdict import Verdict
from comparison.study.planted_errors import PowerRow
from comparison.study.result import StudyResult
from comparison.study.theories import theory_data


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
    last = result.study.last
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


def verdicts_file(result: StudyResult, power: Sequence[PowerRow] | None = None) -> bytes:
    """verdicts.json: as `as_json`, without the seconds, so that the same study gives the same file."""
    data = as_json(result, power)
    del data["seconds"]
    if result.growth is not None:
        data["growth"] = result.growth.as_data(times=False)
    return (json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()
