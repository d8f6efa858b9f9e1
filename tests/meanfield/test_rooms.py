"""The rooms of meanfield: each imports only what the first lines of its `__init__.py` allow."""

import ast
import importlib
import re
from pathlib import Path

import pytest

import meanfield

ROOT = Path(meanfield.__file__).parent
ROOMS = ["limit", "corrections", "cumulants", "gaussian", "particles", "bifurcations"]


def imported(file: Path) -> set[tuple[str, str]]:
    """The packages and their parts that a file imports from, such as ("finite_n", "model")."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{x.name}" for x in node.names}
        elif isinstance(node, ast.Import):
            found |= {x.name for x in node.names}
    return {tuple(name.split(".")[:2]) for name in found if name.split(".")[0] in ("finite_n", "meanfield")}


def allowed(room: str) -> set[tuple[str, str]]:
    """What the docstring of a sub-package says that it may import."""
    text = importlib.import_module(f"meanfield.{room}").__doc__
    below, parts = re.search(r"May import: (nothing of meanfield|[a-z, ]*); of finite_n ([a-z_, ]*)\.", text).groups()
    rooms = set() if below.startswith("nothing") else set(below.split(", "))
    assert rooms <= set(ROOMS[: ROOMS.index(room)]), f"{room}: arrows go down only"
    return {("meanfield", x) for x in rooms} | {("finite_n", x) for x in parts.split(", ")}


def test_every_room_is_known():
    assert {p.parent.name for p in ROOT.glob("*/__init__.py")} == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_what_it_says(room):
    every = {x for file in (ROOT / room).glob("*.py") for x in imported(file)}
    assert every - {("meanfield", room)} == allowed(room)
