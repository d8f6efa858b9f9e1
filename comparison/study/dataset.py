"""A study's numbers as a labelled dataset with provenance and digest, which is what study.nc holds."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from fractions import Fraction
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from comparison.referee.claimed import Claimed
from comparison.referee.extrapolation import FEWEST
from comparison.referee.state_function import as_data
from comparison.results_folder.identity import digest, identity
from comparison.study.limit_arrays import POWERS, coefficient_variables, limit_variables

if TYPE_CHECKING:
    from comparison.study.result import StudyResult
    from comparison.study.study import Study


def dataset_of(result: StudyResult) -> xr.Dataset:
    """Exact values with errors (N, time, quantity), limits (claim, time, quantity), extrapolation, provenance,
    digest."""
    study, quantities = result.study, result.study.quantities
    dims = ("N", "time", "quantity")
    limits = [c for c in result.claims if not c.per_size]
    theories = [c for c in result.claims if c.per_size]
    data = {
        "exact": (dims, result.exact),
        "exact_error": (dims, result.errors),
        "limit": (("claim", *dims[1:]), _table(study, [study.said(c) for c in limits], "values")),
    }
    if np.any(of := np.nan_to_num(_table(study, [study.said(c) for c in limits], "uncertainties"))):
        data["limit_uncertainty"] = (("claim", *dims[1:]), of)
    if study.powers is not None:
        data[POWERS] = (("quantity", "of"), study.powers)
    if theories:
        nothing = Claimed({}, {}, {})
        said = [[study.said(c, N) if c.among([N]) else nothing for N in result.sizes] for c in theories]
        at = [_table(study, rows, "values") for rows in said]
        data["theory_value"] = (("theory", *dims), np.array(at))
    if len(result.results) >= FEWEST:
        data |= limit_variables(result.extrapolation) | coefficient_variables(study.expansion.coefficients)
    for field in ("truncation_bound", "trace_drift", "smallest_eigenvalue", "moment_difference"):
        data[field] = (("N",), [float(getattr(r.budget, field)) for r in result.results])
    data["applications"] = (("N",), [r.stats["applications"] for r in result.results])
    coords = {
        "N": result.sizes,
        "time": study.times,
        "quantity": quantities,
        "claim": [c.name for c in limits],
        "source": ("claim", [c.source for c in limits]),
    }
    if theories:
        coords |= {"theory": [c.name for c in theories], "theory_source": ("theory", [c.source for c in theories])}
    packages = ("finite-n", "numpy", "scipy", "numba", "qutip", "xarray")
    provenance = {
        "study": study.name,
        "spec": study.spec,
        "model": repr(study.model),
        "initial state": repr(study.rho0),
        "tolerance": study.tol,
        "cutoffs": None if study.cutoffs is None else dict(study.cutoffs),
        "accuracy": study.accuracy,
        "power": study.power,
        "fractions": {s.name: str(Fraction(s.fraction)) for s in study.space.species},
        "kinds": {kind: names for kind, names in study.kinds if names},
        **({"fluctuations": [dataclasses.asdict(d) for d in study.directions]} if study.directions else {}),
        **({"state functions": _functions(study)} if study.functions else {}),
        "sizes": study.sizes if study.is_auto else list(study.sizes),
        "budget": study.budget,
        "largest": study.largest,
        "chosen sizes": list(result.sizes) if study.is_auto else None,
        "ended": result.growth.ended if result.growth else "",
        "interrupted": result.interrupted,
        "failure": result.failure,
        "versions": {p: version(p) for p in packages},
    }
    own = provenance["identity"] = identity(study)
    out = xr.Dataset(data, coords)
    return out.assign_attrs(provenance=json.dumps(provenance, ensure_ascii=False), digest=digest(out, own))


def _functions(study: Study) -> dict:
    """Functions of the state, with what their limits need."""
    modes, implied = [mode.name for mode in study.space.modes], study.implied
    known = {"symmetric": implied.symmetric.tolist(), "first_moments": implied.first_moments.tolist()}
    return {"asked": [as_data(f) for f in study.functions], "modes": modes, **known}


def _table(study: Study, said: Sequence[Claimed], field: str) -> np.ndarray:
    """Numbers of several claims, or of one at several sizes, (claim, time, quantity), nan where they say
    nothing."""
    out = np.full((len(said), len(study.times), len(study.quantities)), np.nan)
    for c, claimed in enumerate(said):
        for q, values in getattr(claimed, field).items():
            out[c, :, study.quantities.index(q)] = values
    return out
