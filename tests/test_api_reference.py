"""Every public name has a docstring that names each parameter, and the shape of arrays that are returned."""

from __future__ import annotations

import functools
import importlib
import inspect
import re
import subprocess
import sys

import pytest

from tests.pages import ROOT, blocks

PACKAGES = ("finite_n", "meanfield", "comparison")
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


def _of_class(cls: type, what: str) -> list[str]:
    text = cls.__doc__ or ""
    if not text.strip() or text.startswith(f"{cls.__name__}("):  # a dataclass writes its signature there
        return [f"{what} has no docstring"]
    own = text + (cls.__init__.__doc__ or "" if "__init__" in vars(cls) else "")
    faults = [f"{what}: parameter {name} is not named" for name in _missing(cls, own)]
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


@pytest.mark.slow
def test_the_reference_is_built_by_the_command_of_the_first_page(tmp_path):
    """Without warnings, and with the sections of numpy's format."""
    pytest.importorskip("pdoc", reason="install the extra docs")
    texts = [block.text for block in blocks((ROOT / "README.md").read_text(encoding="utf-8"))]
    words = next(re.search(r"/pdoc (.*)", text)[1] for text in texts if "/pdoc" in text).split()
    words[words.index("-o") + 1] = str(tmp_path)
    run = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pdoc", *words], capture_output=True, text=True, cwd=ROOT
    )
    assert run.returncode == 0 and not run.stderr, run.stderr
    for package in PACKAGES:
        page = (tmp_path / f"{package}.html").read_text(encoding="utf-8")
        assert 'id="parameters' in page.lower()
        missing = [name for p, name in PUBLIC if p == package and f'id="{name}"' not in page]
        assert not missing
