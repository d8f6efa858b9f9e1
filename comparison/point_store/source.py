"""What numbers follow from beside their description: the source that computes them, and the libraries that round."""

from __future__ import annotations

import functools
import hashlib
import platform
from importlib.metadata import version
from pathlib import Path

import comparison
import finite_n
import meanfield
from finite_n.loaded import SINCE

_WHOLE = (finite_n, meanfield)
_OF_COMPARISON = (  # all that a study may import, so that nothing that reads or keeps its numbers is left out
    *("formula.py", "growth.py", "ladder.py", "growing_ladder.py", "point_store", "referee", "results_folder", "study"),
)
_LIBRARIES = ("numpy", "scipy", "numba", "llvmlite")


@functools.cache
def source_files() -> tuple[Path, ...]:
    """Every file of Python that the numbers of a study may depend on."""
    roots = [Path(package.__file__).parent for package in _WHOLE]
    roots += [Path(comparison.__file__).parent / name for name in _OF_COMPARISON]
    return tuple(sorted(file for root in roots for file in ([root] if root.suffix == ".py" else root.rglob("*.py"))))


@functools.cache
def numerical_source() -> str:
    """SHA-256 of these files, and of their places."""
    total, above = hashlib.sha256(), Path(comparison.__file__).parents[1]
    for file in source_files():
        content = file.read_bytes()
        name = file.relative_to(above) if file.is_relative_to(above) else Path(*file.parts[-3:])
        total.update(f"{name.as_posix()} {len(content)}\n".encode() + content)
    return total.hexdigest()


@functools.cache
def environment() -> dict[str, str]:
    """Hash of the source, and the versions that rounding depends on."""
    machine = {"python": platform.python_version(), "machine": platform.machine()}
    return {"source": numerical_source()} | machine | {name: version(name) for name in _LIBRARIES}


def edited() -> str:
    """A source file that was edited after this process began to load the package, so that what runs is not what stands
    there; "" if none was."""
    try:
        return next((str(file) for file in source_files() if file.stat().st_mtime > SINCE), "")
    except OSError as error:
        return str(error.filename)
