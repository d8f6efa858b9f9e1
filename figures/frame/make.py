"""The runner: data of every figure asked for, kept or computed, and its PNG and PDF, in one folder."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import matplotlib

from comparison.report.figure import figure_files
from comparison.results_folder.atomic import write_set
from comparison.results_folder.identity import mark
from comparison.results_folder.locked_folder import LockedFolder
from figures.frame.data import NotKept, data_digest, data_file, kept, save
from figures.frame.figure import FigureScript, figure_scripts
from figures.frame.source import drawing_hash, source_hash
from figures.frame.style import DOTS, RC
from finite_n.errors import in_words

_DRAWN = "drawn.json"  # which pictures were drawn of which data by which source


@dataclasses.dataclass
class Made:
    """What became of one figure.

    name : of the figure
    paths : of its files: data, PNG, PDF
    kept : whether its data were kept from an earlier run
    seconds : the time it took
    problem : a sentence if it could not be made, else empty
    """

    name: str
    paths: list[Path] = dataclasses.field(default_factory=list)
    kept: bool = False
    seconds: float = 0.0
    problem: str = ""


def make(
    names: Sequence[str] = (),
    out: str | Path = "out/figures",
    say: Callable[[str], None] = lambda text: None,
    after: Callable[[Made], None] = lambda made: None,
    before: Callable[[str], None] = lambda name: None,
) -> list[Made]:
    """Draw figures into a folder: <name>.nc, <name>.png and <name>.pdf, each whole or not at all.

    Data that a folder holds already are used again, if the source that made them has not changed and they are as they
    were written; else they are computed, and `say` is told why. Pictures of these data and this source stay.

    Parameters
    ----------
    names : of figures; all of them if empty
    out : path of a folder, made if need be
    say : called with a line of text on what is being done
    after : called with every figure that is done or has failed
    before : called with the name of every figure before it is made

    Raises FiniteNError if a name is unknown, if the folder cannot be written, or if another process writes to it. A
    figure that fails keeps no other from being made: see `Made.problem`.
    """
    scripts = figure_scripts(names)
    with LockedFolder(out) as place:
        for note in place.notes:
            say(note)
        out = []
        for script in scripts:
            before(script.name)
            out.append(_made(script, place.path, say))
            after(out[-1])
        return out


def _made(script: FigureScript, folder: Path, say: Callable[[str], None]) -> Made:
    made, begun = Made(script.name), time.perf_counter()
    try:
        _make(script, folder, say, made)
    except OSError as error:
        made.problem = f"{script.name}: cannot be written, {error.strerror or error}."
    except Exception as error:
        made.problem = f"{script.name}: {in_words(error)}"
    made.seconds = time.perf_counter() - begun
    return made


def _make(script: FigureScript, folder: Path, say: Callable[[str], None], made: Made) -> None:
    name, source = script.name, source_hash(script)
    try:
        data = kept(folder, name, source)
        made.kept = True
    except NotKept as why:
        if str(why):
            say(f"{name}: the data in {data_file(folder, name).name} {why} and are computed again")
        data = save(folder, name, script.compute(lambda text: say(f"{name}: {text}")), source)
    pictures = {ending: folder / f"{name}.{ending}" for ending in ("png", "pdf")}
    made.paths = [data_file(folder, name), *pictures.values()]
    content = f"{data_digest(data)} {drawing_hash(script)}"
    if _drawn(folder).get(name) == _stamp(content, pictures.values()):
        return
    figure = script.draw(data)
    with matplotlib.rc_context(RC):
        write_set(folder, figure_files(figure, mark(data_digest(data)), name, DOTS))
    drawn = _drawn(folder) | {name: _stamp(content, pictures.values())}
    write_set(folder, {_DRAWN: (json.dumps(drawn, indent=2, sort_keys=True) + "\n").encode()})


def _drawn(folder: Path) -> dict[str, str]:
    """{figure: stamp} of all pictures that were drawn into a folder."""
    try:
        found = json.loads((folder / _DRAWN).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _stamp(content: str, files: Iterable[Path]) -> str:
    """A hash of what pictures follow from and of their bytes; empty without the files."""
    try:
        return hashlib.sha256(content.encode() + b"".join(file.read_bytes() for file in files)).hexdigest()
    except OSError:
        return ""
