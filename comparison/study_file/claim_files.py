"""Claims from files: tables of numbers (CSV), tables and formulas of study files, and functions in Python files."""

from __future__ import annotations

import csv
import importlib.util
import inspect
import os
import stat
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

import numpy as np

from comparison.formula import names_in, parse
from comparison.referee.claim import Claim
from comparison.study_file.schema import ClaimSpec
from finite_n.errors import SHOWN, FiniteNError, in_words, shortened, shown

TIME, UNCERTAINTY = "time", "_uncertainty"
_LARGEST_FILE = 10_000_000  # bytes
_MOST_ROWS = 100_000
_IN_FULL = 15  # digits of a number that a program printed in full
_WANTED = f"columns {TIME}, quantities such as mean_z, and if need be mean_z{UNCERTAINTY}"


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


def claim_from_csv(path: str | os.PathLike, name: str | None = None, source: str | None = None, uncertainty=None):
    """A table of numbers as a `Claim` with times of its own.

    The first line names the columns: `time`, quantities, and if need be `<quantity>_uncertainty`, half-widths. Lines
    that begin with # are left out, and rows may stand in any order. A quantity without a column of uncertainties is
    known to ± ½ of the last digit that is printed, number by number; in a column where some number has 15 digits or
    more, all are taken as printed in full. Times are taken as they are printed.

    Parameters
    ----------
    path : of a text in UTF-8, its columns parted by commas, semicolons or tabs
    name, source : of the claim. Default: of the file.
    uncertainty : as for `Claim`, in place of what the file says, optional
    """
    path = Path(path)
    columns = _columns(_text(path), str(path))
    times = np.array([_number(cell, line, str(path), TIME) for line, cell in columns.pop(TIME)])
    order = np.argsort(times, kind="stable")
    if len(twice := np.flatnonzero(np.diff(times[order]) == 0)):
        raise FiniteNError(f"{path}: {TIME} {times[order][twice[0]]:g} is given twice; give every time once.")
    values, given = {}, {}
    for q, cells in columns.items():
        numbers = np.array([_number(cell, line, str(path), q) for line, cell in cells])
        if q.endswith(UNCERTAINTY):
            given[q.removesuffix(UNCERTAINTY)] = numbers[order]
        else:
            values[q] = numbers[order]
            given.setdefault(q, _printed([cell for _, cell in cells])[order])
    if lost := set(given) - set(values):
        raise FiniteNError(f"{path}: column {min(lost)}{UNCERTAINTY}, but no column {min(lost)}; give {_WANTED}.")
    if not values:
        raise FiniteNError(f"{path}: no quantity beside {TIME}; give {_WANTED}.")
    return Claim(
        path.stem if name is None else name,
        path.name if source is None else source,
        values,
        times=times[order],
        uncertainty=given if uncertainty is None else uncertainty,
    )


def claim_from_python(path: str | os.PathLike) -> Claim:
    """The one public function of a Python file as a `Claim`: of times, or of times and N. The file is executed.

    Variables `source` (text), `error` and `uncertainty` of the file are those of the `Claim`; names that begin with an
    underscore, and what the file imports, are left alone.
    """
    path = Path(path)
    _text(path)  # refuses what cannot be read
    spec = importlib.util.spec_from_file_location(f"finite_n_claim_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    sys.path.append(str(path.parent.resolve()))  # what it imports from beside itself
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise FiniteNError(f"{path}: not Python, line {error.lineno}: {error.msg}.") from None
    except (Exception, SystemExit) as error:
        raise FiniteNError(f"{path}: running it failed with {in_words(error)}") from error
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


def _text(path: Path) -> str:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise FiniteNError(f"{path}: is not a file; give a table of numbers or a Python file.")
        if found.st_size > _LARGEST_FILE:
            raise FiniteNError(f"{path}: has {found.st_size} bytes; a claim has {_LARGEST_FILE} at most.")
        return path.read_text(encoding="utf-8-sig")
    except FiniteNError:
        raise
    except UnicodeDecodeError:
        raise FiniteNError(f"{path}: is not a text in UTF-8; save it as UTF-8.") from None
    except (OSError, ValueError) as error:
        raise FiniteNError(f"{path}: cannot be read, {getattr(error, 'strerror', None) or error}.") from None


def _columns(text: str, where: str) -> dict[str, list[tuple[int, str]]]:
    """(line, cell) by the name of the column."""
    lines = [(k, x) for k, x in enumerate(text.splitlines(), 1) if x.strip() and not x.lstrip().startswith("#")]
    if not lines:
        raise FiniteNError(f"{where}: is empty; give {_WANTED}.")
    mark = next((mark for mark in ",;\t" if mark in lines[0][1]), ",")
    try:
        rows = [(k, [cell.strip() for cell in next(csv.reader([x], delimiter=mark, strict=True))]) for k, x in lines]
    except csv.Error as error:
        raise FiniteNError(f"{where}: not a table, {error}.") from None
    (_, head), *rows = rows
    if TIME not in head:
        raise FiniteNError(f"{where}: its first line is {shown(lines[0][1])}; there it names {_WANTED}.")
    if len(set(head)) < len(head) or "" in head:
        which = shown(max(head, key=lambda name: (not name, head.count(name))))
        raise FiniteNError(f"{where}: column {which} twice or without a name; give {_WANTED}.")
    if len(rows) > _MOST_ROWS:
        raise FiniteNError(f"{where}: has {len(rows)} rows; a claim has {_MOST_ROWS} times at most.")
    if not rows:
        raise FiniteNError(f"{where}: has a line of names and no numbers; give one row for every time.")
    for k, row in rows:
        if len(row) != len(head):
            raise FiniteNError(f"{where}, line {k}: {len(row)} cells for {len(head)} columns; give one for each.")
    return {name: [(k, row[c]) for k, row in rows] for c, name in enumerate(head)}


def _number(cell: str, line: int, where: str, column: str) -> float:
    try:
        value = np.nan if "_" in cell else float(cell)  # Python reads 1_0 as 10
    except ValueError:
        value = np.nan
    if not np.isfinite(value):
        raise FiniteNError(
            f"{where}, line {line}, {column}: «{shortened(cell, SHOWN)}» is not a finite number; write it as 0.411 or "
            "4.11e-1."
        )
    return value


def _printed(cells: Sequence[str]) -> np.ndarray:
    """± ½ of the last digit of every number; zero in a column of numbers that are printed in full."""
    try:
        digits = [Decimal(cell).as_tuple() for cell in cells]
    except InvalidOperation:
        raise FiniteNError(f"{shown(list(cells))}: numbers are written such as 0.411 or 4.11e-1.") from None
    if any(len(d.digits) >= _IN_FULL for d in digits):
        return np.zeros(len(cells))
    return np.array([0.5 * 10.0 ** min(d.exponent, 300) for d in digits])
