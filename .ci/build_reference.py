"""Builds the reference of all public names from their docstrings, as web pages: python .ci/build_reference.py [FOLDER]

The default folder is out/api. pdoc reads numpy's sections. What docstrings here write more briefly is put into sections
first: lines `name : what it is` without a heading, and sentences that follow the parameters.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import re
import sys
from pathlib import Path

PACKAGES = ("finite_n", "meanfield", "comparison")
_ITEM = re.compile(r"([\w*][\w*, ]*) : (.+)")
_LISTS = ("Parameters", "Attributes", "Returns", "Raises")


def with_sections(text: str, heading: str) -> str:
    """A docstring with all its parts in sections of numpy's format; `heading` is that of lists without one."""
    lines, done = inspect.cleandoc(text).split("\n"), []
    section, bare, place = "", False, 0
    while place < len(lines):
        line, after = lines[place], lines[place + 1] if place + 1 < len(lines) else ""
        starts = bool(line) and not line.startswith(" ")
        if starts and re.fullmatch("-{3,}", after):
            section, bare = line, False
            done += [line, after]
            place += 2
            continue
        item = _ITEM.match(line)
        if starts and item and section not in _LISTS:
            section, bare = heading, True
            done += ["", heading, "-" * len(heading)]
        elif starts and section in _LISTS and not item and not after.startswith(" ") and not done[-1]:
            section = {"Raises": "Errors", ">>>": "Example"}.get(line.split()[0], "Notes")
            done += [section, "-" * len(section)]
        if starts and item and section in _LISTS and (":" in item[2] or not after.startswith(" ") or bare):
            done += [item[1], "    " + item[2]]
        else:
            done.append(line)
        place += 1
    return "\n".join(done)


def _documented(value) -> list:
    """A public name, and the methods and properties of a class."""
    if not inspect.isclass(value):
        return [value] if inspect.isroutine(value) else []
    own = [m for name, m in vars(value).items() if not name.startswith("_")]
    kinds = (property, functools.cached_property)
    return [value, *(m for m in own if isinstance(m, kinds) or inspect.isfunction(m))]


def build(folder: Path) -> None:
    """Writes a page for every package, with an index."""
    import pdoc

    for package in PACKAGES:
        module = importlib.import_module(package)
        for name in module.__all__:
            for part in _documented(getattr(module, name)):
                if part.__doc__:
                    part.__doc__ = with_sections(part.__doc__, "Attributes" if inspect.isclass(part) else "Parameters")
    pdoc.render.configure(docformat="numpy", show_source=False)
    pdoc.pdoc(*PACKAGES, output_directory=folder)


if __name__ == "__main__":
    build(Path(sys.argv[1] if len(sys.argv) > 1 else "out/api"))
