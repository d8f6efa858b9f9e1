"""A horizon on disk: horizon.json, horizon.png and horizon.pdf in a folder that is locked while it is written."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

from comparison.convergence.horizon import Horizon
from comparison.results_folder.atomic import check_room, write_set
from comparison.results_folder.identity import identity
from comparison.results_folder.locked_folder import LockedFolder
from finite_n.errors import FiniteNError, in_words

NUMBERS, FIGURES = "horizon.json", ("horizon.png", "horizon.pdf")
_ROOM = 1_000_000  # bytes
_LARGEST = 100_000_000  # bytes of a horizon.json that is read


class HorizonFolder(LockedFolder):
    """A folder, locked while entered.

    Nothing finished is replaced by less: a horizon of another question, or of sizes that this one leaves out, needs
    `force`.
    """

    def __init__(self, folder: str | os.PathLike, force: bool = False):
        super().__init__(folder, force)
        self._question = ""

    def check(self, study, theory: str, tolerance: float, quantities, sizes) -> None:
        """Raise FiniteNError if this horizon must not or cannot be written here; before the long work."""
        parts = [identity(study), theory, float(tolerance), quantities]
        self._question = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
        self._sizes = list(sizes)
        try:
            check_room(self.path, _ROOM)
            why = self._objection(self._sizes)
        except OSError as error:
            raise self.unwritable(error) from None
        if why and not self.force:
            raise FiniteNError(f"output folder {self.name}: {why}; choose another folder, or replace it with --force.")

    def write(self, found: Horizon, drawing: Callable = lambda draw: draw()) -> tuple[list[Path], list[str]]:
        """Write numbers, then the figure; returns the paths written, and what went wrong in sentences.

        drawing : calls what draws the figure; None is no figure
        """
        from comparison.convergence.horizon_figure import horizon_figure
        from comparison.report.figure import figure_files

        whole = found.sizes == self._sizes
        stem = "horizon" if (whole and self.force) or not self._objection(found.sizes) else "horizon-partial"
        data = found.to_dict() | {"question": self._question}
        text = json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        paths, problems = [], []

        def draw():
            try:
                return figure_files(horizon_figure(found), f"finite-n horizon {self._question}", stem)
            except Exception as error:  # the numbers stay
                problems.append(f"the figure could not be drawn, {in_words(error)}")
                return None

        try:
            paths += write_set(self.path, {f"{stem}.json": text.encode()})
            for old in FIGURES:  # of numbers that have just been replaced
                (self.path / old.replace("horizon", stem)).unlink(missing_ok=True)
            paths += write_set(self.path, drawing(draw) or {})
        except OSError as error:
            problems.append(str(self.unwritable(error)))
        return paths, problems

    def _objection(self, sizes: list[int]) -> str:
        """Why a horizon of these sizes may not replace what stands here; empty if it may."""
        there = self.path / NUMBERS
        if not os.path.lexists(there):
            foreign = [name for name in FIGURES if os.path.lexists(self.path / name)]
            return f"{foreign[0]} stands there without its {NUMBERS}" if foreign else ""
        try:
            if not there.is_file() or there.stat().st_size > _LARGEST:
                raise ValueError
            data = json.loads(there.read_bytes())
            question, lost = data["question"], set(map(int, data["sizes"])) - set(sizes)
        except (ValueError, KeyError, TypeError):
            return f"{NUMBERS} there cannot be read as a result of this version"
        if question != self._question:
            return f"{NUMBERS} there is of another study or of other settings"
        return (
            f"the result there has N = {', '.join(map(str, sorted(lost)))}, which this run leaves out" if lost else ""
        )
