"""Claims from files: tables and formulas of study files, functions in Python files, and CSV by `claim_tables.py`."""

from __future__ import annotations

import importlib.util
import inspect
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import numpy as np

from comparison.formula import names_in, parse
from comparison.referee.claim import Claim
from comparison.study_file.claim_tables import TIME, claim_from_csv, text_of
from comparison.study_file.schema import ClaimSpec
from finite_n.errors import FiniteNError, in_words, shown


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
    functions = {
        name: x
        for name, x in vars(module).items()
        if not name.startswith("_") and inspect.isroutine(x) and getattr(x, "__module__", None) == module.__name__
    }
    if len(functions) != 1:
        found = f"the public functions {', '.join(functions)}" if functions else "no public function"
        raise FiniteNError(
            f"{path}: has {found}; give one, of times or of times and N, and let names of helpers begin with _."
        )
    (function,) = functions.values()
    about = (inspect.getdoc(function) or path.name).splitlines()[0]
    options = {key: getattr(module, key) for key in ("error", "uncertainty") if hasattr(module, key)}
    return Claim(path.stem, getattr(module, "source", about), function, **options)


def executed(path: Path) -> ModuleType:
    """A Python file as a module, after running it."""
    text_of(path)  # refuses what cannot be read
    spec = importlib.util.spec_from_file_location(f"finite_n_claim_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    sys.path.append(str(path.parent.resolve()))  # what it imports from beside itself
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise FiniteNError(f"{path}: not Python, line {error.lineno}: {error.msg}.") from None
    except (Exception, SystemExit) as error:
        raise FiniteNError(f"{path}: running it failed with {in_words(error)}") from error
    return module


def claim_of(spec: ClaimSpec, parameters: Mapping[str, object], folder: Path, where: str) -> Claim:
    """The claim of a [[claims]] table of a study file; nothing is executed.

    parameters : numbers that formulas may use beside t and N
    folder : in which `file` is looked for
    """
    if (spec.file is None) == (spec.values is None):
        raise FiniteNError(f'{where}: give either file = "fig3.csv" or a table of values.')
    if spec.file is not None:
        if spec.times is not None:
            raise FiniteNError(f"{where}.times: the times of a file are its column {TIME}; leave times out.")
        if Path(spec.file).suffix == ".py":
            raise FiniteNError(
                f"{where}.file: a study file never runs Python; give {spec.file} on the command line: finite-n judge "
                f"STUDY --claim {spec.file}."
            )
        return claim_from_csv(folder / spec.file, spec.name, spec.source or Path(spec.file).name, spec.uncertainty)
    if spec.times is None and (tables := [q for q, x in spec.values.items() if not isinstance(x, str)]):
        raise FiniteNError(f"{where}: values.{tables[0]} is a table; give its times = […] too.")
    numbers = {k: x for k, x in parameters.items() if isinstance(x, int | float) and not isinstance(x, bool)}
    used = {name for q, x in spec.values.items() if isinstance(x, str) for name in names_in(x, f"{where}.values.{q}")}
    if taken := used & set(numbers) & {"t", "N"}:
        raise FiniteNError(f"{where}: {min(taken)} is a parameter of the model and stands for more; rename it there.")

    def at(times, **names):
        out = {}
        for q, x in spec.values.items():
            if isinstance(x, str):
                x = parse(x, {**numbers, "t": times, **names}, f"{where}.values.{q}")
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
