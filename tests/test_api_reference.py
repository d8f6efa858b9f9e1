"""Every public name has a docstring that names each parameter, and the shape of arrays that are returned."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import importlib.util
import inspect
import os
import re
import subprocess
import sys

import pytest

from tests.pages import ROOT, blocks

_spec = importlib.util.spec_from_file_location("build_reference", ROOT / ".ci/build_reference.py")
_script = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_script)
PACKAGES, with_sections = _script.PACKAGES, _script.with_sections
PUBLIC = [(package, name) for package in PACKAGES for name in importlib.import_module(package).__all__]
SHAPE = re.compile(r"\([^()]*,[^()]*\)|\([A-Z]\)|\(\d\)")  # (T, n), (3,), (N)


def _function(member) -> object:
    """The function behind a method, property or class method."""
    if isinstance(member, property):
        return member.fget
    if isinstance(member, functools.cached_property):
        return member.func
    return inspect.unwrap(getattr(member, "__func__", member))


def _missing(function, text: str) -> list[str]:
    """Parameters that the docstring does not name."""
    parameters = inspect.signature(function).parameters.values()
    names = [p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    names = [name for name in names if name not in ("self", "cls") and not name.startswith("_")]
    return [name for name in names if not re.search(rf"(?<!\w){name}(?!\w)", text)]


def _faults(function, what: str, inherited: str | None = None) -> list[str]:
    text = function.__doc__ or inherited or ""
    if not text.strip():
        return [f"{what} has no docstring"]
    faults = [f"{what}: parameter {name} is not named" for name in _missing(function, text)]
    annotation = str(getattr(function, "__annotations__", {}).get("return", ""))
    if re.search(r"ndarray|ArrayLike", annotation) and not SHAPE.search(text):
        faults.append(f"{what}: returns an array of unnamed shape")
    return faults


def _shapeless(cls: type, text: str) -> list[str]:
    """Fields of a dataclass that are arrays, and whose shape is not said where they are named."""
    fields = dataclasses.fields(cls) if dataclasses.is_dataclass(cls) else ()
    arrays = [field.name for field in fields if "ndarray" in str(field.type) and not field.name.startswith("_")]
    where = {name: re.search(rf"(?<!\w){name}(?!\w)(.{{0,160}})", text) for name in arrays}
    return [
        name for name in arrays if not where[name] or not (SHAPE.search(where[name][1]) or "of the shape of" in text)
    ]


def _of_class(cls: type, what: str) -> list[str]:
    text = cls.__doc__ or ""
    if not text.strip() or text.startswith(f"{cls.__name__}("):  # a dataclass writes its signature there
        return [f"{what} has no docstring"]
    own = text + (cls.__init__.__doc__ or "" if "__init__" in vars(cls) else "")
    faults = [f"{what}: parameter {name} is not named" for name in _missing(cls, own)]
    faults += [f"{what}: array {name} has no shape" for name in _shapeless(cls, " ".join(text.split()))]
    for name, member in vars(cls).items():
        function = _function(member)
        if not name.startswith("_") and inspect.isfunction(function):
            inherited = next((d for c in cls.__mro__[1:] if (d := getattr(vars(c).get(name), "__doc__", None))), None)
            faults += _faults(function, f"{what}.{name}", inherited)
    return faults


@pytest.mark.parametrize("package, name", PUBLIC)
def test_the_docstring_is_complete(package, name):
    value = getattr(importlib.import_module(package), name)
    what = f"{package}.{name}"
    if inspect.isclass(value):
        assert _of_class(value, what) == []
    elif callable(value) and not isinstance(value, type):
        function = inspect.unwrap(value) if inspect.isroutine(value) else None
        assert function is None or _faults(function, what) == []


def test_lists_and_sentences_get_sections():
    text = """What it is.

    name : of the claim: a word
    times : (T,)

    Raises FiniteNError always.

    >>> 1 + 1
    2
    """
    found = re.sub(r"\n+", "\n", with_sections(text, "Attributes")).split("\n")
    assert found[:3] == ["What it is.", "Attributes", "-" * 10]
    assert found[3:7] == ["name", "    of the claim: a word", "times", "    (T,)"]
    assert found[7:10] == ["Errors", "------", "Raises FiniteNError always."]
    assert found[-2:] == [">>> 1 + 1", "2"]


def test_sections_that_are_there_stay():
    text = "What it is.\n\nParameters\n----------\nN : int\n    How many.\n\nReturns\n-------\nResult"
    assert with_sections(text, "Parameters") == text


@pytest.mark.slow
def test_the_reference_is_built_by_the_command_of_the_first_page(tmp_path):
    """Without warnings, with every public name and the sections of numpy's format."""
    pytest.importorskip("pdoc", reason="install the extra docs")
    texts = [block.text for block in blocks((ROOT / "README.md").read_text(encoding="utf-8"))]
    script = next(found[1] for text in texts if (found := re.search(r"python (\S+) out/api", text)))
    words = [sys.executable, "-W", "error", script, str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, env=environment)
    assert run.returncode == 0 and not run.stderr, run.stderr
    for package in PACKAGES:
        page = (tmp_path / f"{package}.html").read_text(encoding="utf-8")
        assert [name for p, name in PUBLIC if p == package and f'id="{name}"' not in page] == []
        assert len(re.findall(r"<h6[^>]*>(?:Parameters|Attributes)</h6>", page)) > 20
