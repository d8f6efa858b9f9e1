"""Tables of numbers in CSV files: claims, to the digits that are printed, and functions of time."""

from __future__ import annotations

import csv
import os
import stat
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

import numpy as np

from comparison.referee.claim import Claim
from finite_n.errors import SHOWN, FiniteNError, shortened, shown

TIME, SIZE, UNCERTAINTY = "time", "N", "_uncertainty"
_LARGEST_FILE = 10_000_000  # bytes
_MOST_ROWS = 100_000
_IN_FULL = 15  # digits of a number that a program printed in full
_WANTED = f"columns {TIME}, quantities such as mean_z, and if need be {SIZE} and mean_z{UNCERTAINTY}"


def claim_from_csv(path: str | os.PathLike, name: str | None = None, source: str | None = None, uncertainty=None):
    """A table of numbers as a `Claim` with times of its own.

    The first line names the columns: `time`, quantities, and if need be `<quantity>_uncertainty`, half-widths. A column
    `N` of numbers of particles makes it a theory at finite N, judged at these N, with the same times at each. Lines
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
    columns = _columns(text_of(path), str(path))
    times = np.array([_number(cell, line, str(path), TIME) for line, cell in columns.pop(TIME)])
    numbers = [_whole(cell, line, str(path)) for line, cell in columns.pop(SIZE, [])]
    sizes = sorted(set(numbers)) or None
    order = _grid(times, np.array(numbers, float), str(path))
    values, given = {}, {}
    for q, cells in columns.items():
        column = np.array([_number(cell, line, str(path), q) for line, cell in cells])
        if q.endswith(UNCERTAINTY):
            given[q.removesuffix(UNCERTAINTY)] = column[order]
        else:
            values[q] = column[order]
            given.setdefault(q, _printed([cell for _, cell in cells])[order])
    if lost := set(given) - set(values):
        raise FiniteNError(f"{path}: column {min(lost)}{UNCERTAINTY}, but no column {min(lost)}; give {_WANTED}.")
    if not values:
        raise FiniteNError(f"{path}: no quantity beside {TIME}; give {_WANTED}.")
    return Claim(
        path.stem if name is None else name,
        path.name if source is None else source,
        values,
        times=times[order[0] if sizes else order],
        uncertainty=given if uncertainty is None else uncertainty,
        sizes=sizes,
    )


def function_from_csv(path: str | os.PathLike) -> tuple[list[float], list[float]]:
    """Times in order, and values, of a file like those of claims, with one column beside `time`."""
    path, wanted = Path(path), f"columns {TIME} and one other, of values"
    columns = _columns(text_of(path), str(path), wanted)
    if len(columns) != 2:
        raise FiniteNError(f"{path}: has the columns {', '.join(columns)}; give {wanted}.")
    times, values = (
        [_number(cell, line, str(path), name) for line, cell in columns[name]]
        for name in sorted(columns, key=TIME.__ne__)
    )
    order = _grid(np.array(times), np.zeros(0), str(path))
    return [times[k] for k in order], [values[k] for k in order]


def _grid(times: np.ndarray, sizes: np.ndarray, where: str) -> np.ndarray:
    """The rows of a table in the order of its times, (T,); with sizes in the order of both, (n, T)."""
    order = np.lexsort([times, sizes] if len(sizes) else [times])
    rows = np.stack([sizes if len(sizes) else 0 * times, times], axis=1)
    if len(twice := np.flatnonzero(np.all(np.diff(rows[order], axis=0) == 0, axis=1))):
        N, t = rows[order][twice[0]]
        at = f" of {SIZE} = {N:g}" if len(sizes) else ""
        raise FiniteNError(f"{where}: {TIME} {t:g}{at} is given twice; give every time once.")
    if not len(sizes):
        return order
    each = {int(N): set(times[sizes == N].tolist()) for N in np.unique(sizes)}
    first, own = next(iter(each.items()))
    for N, others in each.items():
        if differing := own ^ others:
            raise FiniteNError(
                f"{where}: {TIME} {min(differing):g} is given at one of {SIZE} = {first} and {N} only; give the same "
                f"times at every {SIZE}, or a file for each."
            )
    return order.reshape(len(each), -1)


def text_of(path: Path) -> str:
    """The text of a file in UTF-8."""
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


def _columns(text: str, where: str, wanted: str = _WANTED) -> dict[str, list[tuple[int, str]]]:
    """(line, cell) by the name of the column."""
    lines = [(k, x) for k, x in enumerate(text.splitlines(), 1) if x.strip() and not x.lstrip().startswith("#")]
    if not lines:
        raise FiniteNError(f"{where}: is empty; give {wanted}.")
    mark = next((mark for mark in ",;\t" if mark in lines[0][1]), ",")
    try:
        rows = [(k, [cell.strip() for cell in next(csv.reader([x], delimiter=mark, strict=True))]) for k, x in lines]
    except csv.Error as error:
        raise FiniteNError(f"{where}: not a table, {error}.") from None
    (_, head), *rows = rows
    if TIME not in head:
        raise FiniteNError(f"{where}: its first line is {shown(lines[0][1])}; there it names {wanted}.")
    if len(set(head)) < len(head) or "" in head:
        which = shown(max(head, key=lambda name: (not name, head.count(name))))
        raise FiniteNError(f"{where}: column {which} twice or without a name; give {wanted}.")
    if len(rows) > _MOST_ROWS:
        raise FiniteNError(f"{where}: has {len(rows)} rows; a table has {_MOST_ROWS} times at most.")
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


def _whole(cell: str, line: int, where: str) -> int:
    value = _number(cell, line, where, SIZE)
    if value < 1 or value != int(value):
        raise FiniteNError(
            f"{where}, line {line}, {SIZE}: «{shortened(cell, SHOWN)}» is no number of particles; give a whole number, "
            "1 or more."
        )
    return int(value)


def _printed(cells: Sequence[str]) -> np.ndarray:
    """± ½ of the last digit of every number; zero in a column of numbers that are printed in full."""
    try:
        digits = [Decimal(cell).as_tuple() for cell in cells]
    except InvalidOperation:
        raise FiniteNError(f"{shown(list(cells))}: numbers are written such as 0.411 or 4.11e-1.") from None
    if any(len(d.digits) >= _IN_FULL for d in digits):
        return np.zeros(len(cells))
    return np.array([0.5 * 10.0 ** min(d.exponent, 300) for d in digits])
