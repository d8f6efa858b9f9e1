"""The folder in which a study is written: who may write there, what stands there, and what may be replaced.

Nothing finished is replaced by less. Another study, other settings, files that this package did not write and results
that cannot be read are reported before any computation and need `force`; the same study is replaced by as many sizes or
more.
"""

from __future__ import annotations

import dataclasses
import io
import itertools
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import h5py

from comparison.results_folder.atomic import check_room
from comparison.results_folder.identity import identity, marked
from comparison.results_folder.locked_folder import LockedFolder
from finite_n.errors import FiniteNError

PAGE = "report.html"
NUMBERS = ("study.nc", "verdicts.json", "report.md", PAGE)
FIGURES = ("convergence.png", "convergence.pdf")
PLANTED = "planted errors"
_ROOM = 60_000  # bytes of the numbers of a study beside its arrays
_CHOSEN = 24  # sizes that a ladder may choose, about


@dataclasses.dataclass(frozen=True)
class Standing:
    """A result that stands in a folder.

    own : its study's identity, empty where it cannot be told; why : then the reason
    items : its sizes, and "planted errors" where it has them
    mixed : names of files that belong to other numbers than its study.nc
    """

    own: dict[str, str]
    items: frozenset
    mixed: tuple[str, ...] = ()
    why: str = ""

    @property
    def sizes(self) -> list[int]:
        """Its numbers of particles."""
        return sorted(x for x in self.items if x != PLANTED)

    def objection(self, own: dict[str, str], items: frozenset) -> str:
        """Why a result of this identity and these items may not replace it; empty if it may."""
        if self.why:
            return self.why
        if differing := [what for what in own if own[what] != self.own.get(what)]:
            return f"study.nc there is of another study or of other settings ({', '.join(differing)})"
        if lost := self.items - items:
            return f"the result of this study there has {_listed(lost)}, which this run leaves out"
        return ""


class OutputFolder(LockedFolder):
    """The folder of a study, locked while entered.

    written : paths of numbers that this run has put here so far
    """

    def __init__(self, folder: str | os.PathLike, force: bool = False):
        super().__init__(folder, force)
        self.written = set()

    def check(self, study, power: bool = False) -> None:
        """Raise FiniteNError if a result of all sizes of `study` must not or cannot be written here; before the long
        work."""
        sizes = _CHOSEN if study.is_auto else len(study.sizes)
        arrays = 16 * len(study.times) * len(study.quantities) * (sizes + len(study.claims) + 3)  # generous
        try:
            check_room(self.path, arrays + _ROOM)
            there = standing(self.path)
        except OSError as error:
            raise self.unwritable(error) from None
        if there is None:
            return
        for name in (*NUMBERS, *FIGURES):
            if (self.path / name).is_dir():
                raise FiniteNError(f"output folder {self.name}: {name} there is a folder; choose another folder.")
        # which sizes are chosen is not known yet; that what stands has more of them is seen when the result is written
        sizes = [N for N in there.sizes if study.may_run(N)] if study.is_auto else study.sizes
        why = there.objection(identity(study), items_of(sizes, power))
        if why and not self.force:
            raise FiniteNError(
                f"output folder {self.name}: {why}; choose another folder, or replace it with --force (force=True in "
                "Python)."
            )
        if there.mixed:
            self.notes.append(
                f"output folder {self.name}: {_and(there.mixed)} there and study.nc are of different runs, as after "
                "a run that was killed while it wrote; this run replaces them."
            )

    def place(self, result, power: bool = False) -> str | None:
        """A suffix for the names of files with which nothing is replaced by less; None if everything is here
        already."""
        study, complete = result.study, result.is_complete
        own, items = identity(study), items_of(result.sizes, power)
        if self.force and complete:
            return ""
        for suffix in _suffixes(complete):
            there = standing(self.path, suffix)
            if there is None or not there.objection(own, items):
                break
            if not there.objection(own, there.items) and there.items > items:
                return None
        return suffix


def named(name: str, suffix: str) -> str:
    """study.nc → study-partial.nc."""
    stem, dot, ending = name.partition(".")
    return f"{stem}{suffix}{dot}{ending}"


def _suffixes(complete: bool) -> Iterator[str]:
    """ "", then -2, -3, … or, of a result that lacks sizes, -partial, -partial-2, …"""
    stem = "" if complete else "-partial"
    yield ""
    if stem:
        yield stem
    yield from (f"{stem}-{number}" for number in itertools.count(2))


def items_of(sizes, power: bool) -> frozenset:
    """What a result consists of, to be compared with what stands in a folder."""
    return frozenset(map(int, sizes)) | ({PLANTED} if power else set())


def standing(folder: Path, suffix: str = "") -> Standing | None:
    """The result in a folder, None if no file has one of its names."""
    found = {name: folder / named(name, suffix) for name in (*NUMBERS, *FIGURES)}
    found = {name: path for name, path in found.items() if os.path.lexists(path)}
    if not found:
        return None
    digests, planted, foreign = {}, False, []
    for name, path in found.items():
        if name == "study.nc":
            continue
        content = _content(path)
        if name == "verdicts.json":
            digests[name], planted = _verdicts(content)
        else:
            digests[name] = marked(content)
        if digests[name] is None:
            foreign.append(named(name, suffix))
    if foreign:
        return Standing({}, frozenset(), why=f"{_and(foreign)} there was not written by this version of finite-n")
    if "study.nc" not in found:
        return Standing({}, frozenset(), why=f"{_and(list(found))} stands there without its study.nc")
    try:
        with h5py.File(io.BytesIO(_content(found["study.nc"])), "r") as file:
            own = json.loads(file.attrs["provenance"])["identity"]
            digest, sizes = str(file.attrs["digest"]), [int(N) for N in file["N"][:]]
    except (OSError, KeyError, ValueError, TypeError):
        return Standing(
            {}, frozenset(), why=f"{named('study.nc', suffix)} there cannot be read as a result of this version"
        )
    mixed = tuple(named(name, suffix) for name, other in digests.items() if other != digest)
    return Standing(own, items_of(sizes, planted and "verdicts.json" not in mixed), mixed)


def stale_figures(folder: Path, suffix: str, digest: str) -> list[Path]:
    """Figures of this package that belong to other numbers."""
    paths = [folder / named(name, suffix) for name in FIGURES]
    return [p for p in paths if standing_mark(p) not in (None, digest)]


def standing_mark(path: Path) -> str | None:
    """The digest of the numbers that a report or figure there belongs to; None where there is none."""
    return marked(_content(path))


def _content(path: Path) -> bytes:
    """Bytes of a regular file; empty for anything else, so that nothing is waited for."""
    try:
        return path.read_bytes() if stat.S_ISREG(path.stat().st_mode) else b""
    except OSError:
        return b""


def _verdicts(content: bytes) -> tuple[str | None, bool]:
    try:
        data = json.loads(content)
        return str(data["dataset"]), "power" in data
    except (ValueError, KeyError, TypeError):
        return None, False


def _listed(items) -> str:
    sizes = sorted(x for x in items if x != PLANTED)
    parts = [f"N = {', '.join(map(str, sizes))}"] if sizes else []
    return _and([*parts, *([PLANTED] if PLANTED in items else [])])


def _and(words) -> str:
    words = list(words)
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
