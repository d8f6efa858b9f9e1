"""The rooms of finite_n: each imports only what the first lines of its `__init__.py` allow."""

import importlib
import re
import tomllib
from pathlib import Path

import pytest

import finite_n
from tests.meanfield.test_rooms import imported

ROOT = Path(finite_n.__file__).parent
ROOMS = sorted(p.parent.name for p in ROOT.glob("*/__init__.py"))


def layers() -> list[set[str]]:
    """What import-linter knows, the highest first."""
    text = (ROOT.parent / "pyproject.toml").read_text(encoding="utf-8")
    contracts = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    (own,) = (c["layers"] for c in contracts if c.get("containers") == ["finite_n"])
    return [set(layer.split(" | ")) for layer in own]


def allowed(room: str) -> set[str]:
    """What the docstring of a sub-package says that it may import."""
    below = set().union(*layers()[[room in layer for layer in layers()].index(True) + 1 :])
    listed = re.search(r"May import:\s+([^.]*)\.", importlib.import_module(f"finite_n.{room}").__doc__)[1]
    if listed == "everything else in finite_n":
        return below
    words = set(re.split(r",\s+", listed.removesuffix(" and below")))
    assert words <= below, f"{room}: arrows go down only"
    if not listed.endswith(" and below"):
        return words
    highest = min(k for k, layer in enumerate(layers()) if layer & words)
    return words.union(*layers()[highest + 1 :])


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_what_it_says(room):
    every = {x for file in (ROOT / room).rglob("*.py") for x in imported(file)}
    assert {part for package, *rest in every for part in rest if package == "finite_n"} - {room} <= allowed(room)
