"""Hashes of everything that a figure's numbers follow from, which is what its `compute` uses and the numerical
packages, and of what its picture follows from beside them.

Comments and docstrings are no part of them, nor is what only `draw` uses part of the first: a new colour computes
nothing anew.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import types
from pathlib import Path

import matplotlib

from figures.frame.figure import FOLDER, FigureScript

_NUMERICAL = ("finite_n", "meanfield", "comparison")
_NOT_NUMERICAL = "cli"  # the room of comparison that only reads the command line


def source_hash(script: FigureScript) -> str:
    """SHA-256 of what `compute` of a figure and all that it uses say, 64 hexadecimal digits."""
    total = hashlib.sha256(numerical_source().encode())
    total.update(f"{script.name}\n{computing_source(script.file)}".encode())
    return total.hexdigest()


def drawing_hash(script: FigureScript) -> str:
    """SHA-256 of the whole of a script, of the frame, and of the version of matplotlib."""
    total = hashlib.sha256(f"{script.name} {matplotlib.__version__}\n{ast.dump(_parsed(script.file))}".encode())
    total.update(_frame_source().encode())
    return total.hexdigest()


@functools.cache
def _frame_source() -> str:
    return "\n".join(ast.dump(_parsed(file)) for file in sorted(Path(__file__).parent.glob("*.py")))


@functools.cache
def numerical_source() -> str:
    """SHA-256 of the code of the numerical packages."""
    total = hashlib.sha256()
    for package in _NUMERICAL:
        for file in sorted((FOLDER.parent / package).rglob("*.py")):
            inside = file.relative_to(FOLDER.parent)
            if inside.parts[1] != _NOT_NUMERICAL:
                code = compile(file.read_bytes(), inside.as_posix(), "exec", dont_inherit=True, optimize=2)
                total.update(repr(_instructions(code)).encode())
    return total.hexdigest()


def _instructions(constant) -> object:
    """What a compiled file does, without its lines, comments and docstrings; quicker than reading its syntax tree."""
    if isinstance(constant, frozenset):
        return sorted(map(repr, constant))  # in an order that is the same in every process
    if not isinstance(constant, types.CodeType):
        return repr(constant)
    arguments = (constant.co_argcount, constant.co_posonlyargcount, constant.co_kwonlyargcount, constant.co_flags)
    names = (constant.co_names, constant.co_varnames, constant.co_cellvars, constant.co_freevars)
    inside = [_instructions(x) for x in constant.co_consts]
    return (constant.co_filename, *arguments, *names, constant.co_code, constant.co_exceptiontable, inside)


def computing_source(file: Path) -> str:
    """The definitions of a file that `compute` uses, directly or not, and all of what it imports from figures."""
    places: dict[str, list[ast.stmt]] = {}
    for statement in _parsed(file).body:
        for name in _bound(statement):
            places.setdefault(name, []).append(statement)
    used, queue = [], ["compute"]
    while queue:
        for statement in places.pop(queue.pop(), []):
            if statement not in used:
                used.append(statement)
                queue += [x.id for x in ast.walk(statement) if isinstance(x, ast.Name)]
    parts = {ast.dump(statement) for statement in used}
    files = [x for statement in used for x in _figure_files(statement)]
    while files:
        tree = _parsed(files.pop())
        if (text := ast.dump(tree)) not in parts:
            parts.add(text)
            files += _figure_files(tree)
    return "\n".join(sorted(parts))


def _parsed(file: Path) -> ast.Module:
    """The code of a file without its docstrings."""
    tree = ast.parse(file.read_bytes())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and _is_text(node.body[0]):
            del node.body[0]
    return tree


def _is_text(statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _bound(statement: ast.stmt) -> list[str]:
    """Names that a statement at the top of a module defines."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return [(x.asname or x.name).split(".")[0] for x in statement.names]
    return [x.id for x in ast.walk(statement) if isinstance(x, ast.Name) and isinstance(x.ctx, ast.Store)]


def _figure_files(tree: ast.AST) -> list[Path]:
    """Files of figures that are imported anywhere in a tree."""
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [x.name for x in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{x.name}" for x in node.names)]
    files = [FOLDER.joinpath(*name.split(".")[1:]).with_suffix(".py") for name in names if name.startswith("figures.")]
    return [file for file in files if file.is_file()]
