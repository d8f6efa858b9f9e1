"""Python files that a command or a study file names: executed only where the user allows it."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from comparison.study_file.claim_tables import text_of
from finite_n.errors import FiniteNError, in_words, shown


def check_allowed(file: str, place: str, allow: bool) -> None:
    """Refuse to execute a Python file that a study file names, unless the user allows it."""
    if Path(file).suffix != ".py":
        raise FiniteNError(f"{place} = {shown(file)}: give a Python file, such as theory.py.")
    if not allow:
        raise FiniteNError(
            f"{place}: {shown(file)} would be executed, and a study file is safe to run unless --allow-python "
            "(allow_python=True in Python) is given; give that if you trust the file."
        )


def executed(path: Path) -> ModuleType:
    """A Python file as a module, after running it."""
    text_of(path)  # refuses what cannot be read
    spec = importlib.util.spec_from_file_location(f"finite_n_claim_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    sys.path.append(str(path.parent.resolve()))  # what it imports from beside itself
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise FiniteNError(f"{path}: not Python, line {error.lineno}: {error.msg}.") from None
    except (Exception, SystemExit) as error:
        raise FiniteNError(f"{path}: running it failed with {in_words(error)}") from error
    return module


def only_function(path: Path, of: str = "of the parameters") -> Callable:
    """The one public function of a Python file, which is executed; names that begin with an underscore, and what the
    file imports, are left alone."""
    return function_in(executed(path), path, of)


def function_in(module: ModuleType, path: Path, of: str) -> Callable:
    """The one public function of a module that was made from a file."""
    functions = {
        name: x
        for name, x in vars(module).items()
        if not name.startswith("_") and inspect.isroutine(x) and getattr(x, "__module__", None) == module.__name__
    }
    if len(functions) != 1:
        found = f"the public functions {', '.join(functions)}" if functions else "no public function"
        raise FiniteNError(f"{path}: has {found}; give one, {of}, and let names of helpers begin with _.")
    (function,) = functions.values()
    return function
