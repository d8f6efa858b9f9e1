"""The rooms of comparison: each imports only what its first lines allow, and every public name is found where it is
said."""

import ast
import importlib
import re
from pathlib import Path

import pytest

import comparison

ROOT = Path(comparison.__file__).parent
ROOMS = [
    "referee",
    "results_folder",
    "point_store",
    "study",
    "report",
    "convergence",
    "claims",
    "study_file",
    "sweep",
    "cli",
    "examples",
]  # upwards
FILES = ["starting", "growth", "formula", "ladder", "growing_ladder"]


def imported(file: Path) -> set[str]:
    """Parts of comparison that a file imports from."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {x.name for x in node.names}
    return {name.split(".")[1] for name in found if name.startswith("comparison.")}


def allowed(room: str) -> set[str]:
    """What the docstring of a sub-package says that it may import."""
    listed = re.search(r"May import: ([^.;]*)", importlib.import_module(f"comparison.{room}").__doc__)[1]
    below = {*ROOMS[: ROOMS.index(room)], *FILES}
    if listed == "nothing of comparison":
        return set()
    words = below if listed == "everything else in comparison" else set(listed.split(", "))
    assert words <= below, f"{room}: arrows go down only"
    return words


def test_every_room_is_known():
    assert {p.parent.name for p in ROOT.glob("*/__init__.py")} == set(ROOMS)
    assert [imported(ROOT / f"{name}.py") for name in FILES] == [set(), set(), set(), set(), {"growth", "ladder"}]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_what_it_says(room):
    for file in (ROOT / room).rglob("*.py"):
        assert imported(file) <= {room, *allowed(room)}, file.name


def test_every_public_name_is_found_and_listed():
    for name in comparison.__all__:
        assert getattr(comparison, name).__class__ and name in dir(comparison)
    with pytest.raises(AttributeError, match="no attribute 'verdicts'"):
        comparison.verdicts  # noqa: B018


def test_the_stub_for_type_checkers_names_the_same_things():
    tree = ast.parse(Path(comparison.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    assert all(isinstance(node, ast.ImportFrom) for node in tree.body)
    found = {(node.module, x.name, x.asname) for node in tree.body for x in node.names}
    assert found == {(file, name, name) for name, file in comparison._FILES.items()}
