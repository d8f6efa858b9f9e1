"""Claims from files: tables and formulas of study files, functions in Python files, and CSV by `claim_tables.py`."""

from __future__ import annotations

import dataclasses
import inspect
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from comparison.formula import Names, names_in, parse
from comparison.referee.claim import Claim
from comparison.study_file.claim_tables import TIME, claim_from_csv
from comparison.study_file.names import names_of_numbers
from comparison.study_file.python_files import check_allowed, executed, function_in
from comparison.study_file.schema import ClaimSpec
from finite_n.errors import FiniteNError, shown


def claim_from(path: str | os.PathLike) -> Claim:
    """The claim of a CSV or a Python file, by the ending of its name; a Python file is executed."""
    path = Path(path)
    if path.suffix == ".py":
        return claim_from_python(path)
    if path.suffix.lower() in (".csv", ".tsv", ".txt"):
        return claim_from_csv(path)
    raise FiniteNError(
        f"claim {shown(str(path))}: give a table of numbers, such as fig3.csv, or a Python file with one function, "
        "such as theory.py."
    )


def claim_from_python(path: str | os.PathLike) -> Claim:
    """The one public function of a Python file as a `Claim`: of times, or of times and N. The file is executed.

    Variables `source` (text), `error` and `uncertainty` of the file are those of the `Claim`; names that begin with an
    underscore, and what the file imports, are left alone.
    """
    path = Path(path)
    module = executed(path)
    function = function_in(module, path, "of times or of times and N")
    about = (inspect.getdoc(function) or path.name).splitlines()[0]
    options = {key: getattr(module, key) for key in ("error", "uncertainty") if hasattr(module, key)}
    return Claim(path.stem, getattr(module, "source", about), function, **options)


def claim_of(
    spec: ClaimSpec, parameters: Mapping[str, object], folder: Path, where: str, allow_python: bool = False
) -> Claim:
    """The claim of a [[claims]] table of a study file; nothing is executed unless that is allowed.

    parameters : numbers that formulas may use beside t and N
    folder : in which `file` is looked for
    allow_python : whether `file` may be a Python file
    """
    if (spec.file is None) == (spec.values is None):
        raise FiniteNError(f'{where}: give either file = "fig3.csv" or a table of values.')
    if spec.file is not None:
        if spec.times is not None:
            raise FiniteNError(f"{where}.times: the times of a file are its column {TIME}; leave times out.")
        if Path(spec.file).suffix == ".py":
            if spec.uncertainty is not None:
                raise FiniteNError(f"{where}.uncertainty: the Python file says it; leave uncertainty out.")
            check_allowed(spec.file, f"{where}.file", allow_python)
            claim = claim_from_python(folder / spec.file)
            return dataclasses.replace(claim, name=spec.name, source=spec.source or claim.source)
        return claim_from_csv(folder / spec.file, spec.name, spec.source or Path(spec.file).name, spec.uncertainty)
    if spec.times is None and (tables := [q for q, x in spec.values.items() if not isinstance(x, str)]):
        raise FiniteNError(f"{where}: values.{tables[0]} is a table; give its times = […] too.")
    numbers = names_of_numbers(parameters)
    used = {name for q, x in spec.values.items() if isinstance(x, str) for name in names_in(x, f"{where}.values.{q}")}
    if taken := used & set(numbers) & {"t", "N"}:
        raise FiniteNError(f"{where}: {min(taken)} is a parameter of the model and stands for more; rename it there.")

    def at(times, **names):
        out = {}
        for q, x in spec.values.items():
            if isinstance(x, str):
                known = Names({**numbers, "t": times, **names}, f"t (time), N; {numbers.meaning}")
                x = parse(x, known, f"{where}.values.{q}")
                x = np.broadcast_to(x, times.shape) if np.ndim(x) == 0 else x
            out[q] = x
        return out

    if all(not isinstance(x, str) for x in spec.values.values()):
        values = spec.values
    elif "N" in used:
        values = lambda times, N: at(times, N=float(N))  # noqa: E731
    else:
        values = lambda times: at(times)  # noqa: E731
    return Claim(spec.name, spec.source, values, times=spec.times, uncertainty=spec.uncertainty)
