"""Which study a result is of, and which numbers it holds: what tells two results in one folder apart.

The identity of a study is everything that its numbers follow from but its sizes, given or chosen. The digest of a
dataset is a hash of its numbers and that identity, without times of day or machines; every file of a result carries it.
"""

from __future__ import annotations

import hashlib
import json
import numbers
import re
from collections.abc import Mapping

import numpy as np
import xarray as xr

from finite_n.model.inputs import read_observables
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial

MARK = "finite-n dataset"  # what stands before a digest in text and figures
_SIZES = ("sizes", "budget", "largest")  # keys of study files that say which sizes
_POINTS = 17  # where a Γ(Δ) is read
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def identity(study) -> dict[str, str]:
    """{what: short hash} of a Study: two studies are the same if all agree, sizes apart."""
    labels, polynomials = read_observables(study.e_ops, study.model if study.e_ops else None)
    parts = {
        "name": study.name,
        "spec": {key: value for key, value in study.spec.items() if key not in _SIZES},
        **{what: _model(x, study.times) if isinstance(x, Model) else x for what, x in study.subject.identity().items()},
        "times": study.times,
        "observables": list(zip(labels, polynomials, strict=True)),
        "claims": [_claim(c) for c in study.claims],
        "tolerance": study.tol,
        "accuracy": study.accuracy,
        "power": study.power,
    }
    parts |= {} if study.cutoffs is None else {"cutoffs": dict(study.cutoffs)}
    if study.directions:
        parts["fluctuations"] = [[d.name, d.r, d.asked, *d.between] for d in study.directions]
    if study.functions:
        parts["state functions"] = [[f.name, f.kind, f.of, f.other, f.generator] for f in study.functions]
    return {what: _hash(json.dumps(_plain(x), sort_keys=True))[:16] for what, x in parts.items()}


def digest(data: xr.Dataset, of: dict[str, str]) -> str:
    """SHA-256 of an identity and all numbers and names of a dataset, 64 hexadecimal digits."""
    total = hashlib.sha256(json.dumps(of, sort_keys=True).encode())
    for name in sorted(map(str, data.variables)):
        x = data[name]
        text = x.dtype.kind not in "fiu"
        values = json.dumps(x.values.tolist()) if text else np.ascontiguousarray(x.values).astype("<f8").tobytes()
        total.update(f"{name}{x.dims}{x.shape}".encode())
        total.update(values.encode() if text else values)
    return total.hexdigest()


def mark(digest: str) -> str:
    """A digest as reports and figures carry it."""
    return f"{MARK} {digest}"


def marked(content: bytes) -> str | None:
    """The digest that a report or figure carries, None where there is none."""
    found = re.search(MARK.encode() + rb" ([0-9a-f]{64})", content)
    return found[1].decode() if found else None


def _claim(claim) -> list:
    """A claim, by its numbers where it is a table."""
    table = [] if claim.times is None else [claim.times, {} if callable(claim.values) else claim.values]
    table += [] if claim.sizes is None else [claim.sizes]
    return [claim.name, claim.source, *table, *([claim.uncertainty] if claim.uncertainty else [])]


def _model(model: Model, times) -> list:
    """All that a model's generator follows from; functions of time by their values, as a function has no name."""
    if not model.depends_on_time:
        return _constant(model)
    at = np.linspace(times[0], times[-1], _POINTS)
    parts = [[None if p.coefficient is None else p.coefficient(at), _constant(p.model, at)] for p in model.parts]
    return [repr(model), parts]


def _constant(model: Model, times=None) -> list:
    """The same of a constant model; Γ by its values, Γ(Δ, t) by those at `times`."""
    at = [(j, np.linspace(*j.range(), _POINTS)) for j in model.jumps]
    values = [j.amplitude_in_time.values(x, times) if j.is_joint else j.amplitude(x) for j, x in at]
    jumps = [
        [j, j.species, j.operator, j.argument, j.include_self, x] for j, x in zip(model.jumps, values, strict=True)
    ]
    collective = [[c.polynomials, c.kossakowski] for c in model.collective]
    return [model, model.hamiltonian, jumps, collective, list(model.species), list(model.modes)]


def _plain(x):
    """Anything as JSON's own types, numbers to the digits that any machine reproduces."""
    if isinstance(x, Polynomial):
        return [sorted([repr(word), _plain(c)] for word, c in part.items()) for part in (x.words, x.ones)]
    if isinstance(x, np.ndarray):
        return [list(x.shape), *map(_plain, x.ravel().tolist())]
    if isinstance(x, Mapping):
        return {str(key): _plain(value) for key, value in x.items()}
    if isinstance(x, list | tuple):
        return [_plain(y) for y in x]
    if isinstance(x, numbers.Complex) and not isinstance(x, int):
        return f"{complex(x):.12g}"
    return x if isinstance(x, str | int | None) else _ADDRESS.sub("", repr(x))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
