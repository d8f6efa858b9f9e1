"""A canonical form of functions of numbers: by their code, the constants in it, and the numbers that they refer to.

Only functions that cannot do anything but calculate have one: those that call ufuncs of numpy, functions of math, and
other such functions. Whether two functions of different code do the same is not asked, they are different.
"""

from __future__ import annotations

import builtins
import cmath
import dis
import functools
import math
import sys
import types
from collections.abc import Callable, Iterator

import numpy as np

from finite_n.errors import shown

_MODULES = ("numpy", "math", "cmath", "scipy.special")
_PURE_BUILTINS = set(
    "abs bool complex enumerate float int isinstance len max min pow range round sum tuple zip".split()
)
_PURE_NAMES = set(  # attributes of numpy and of arrays that only calculate, beside ufuncs
    "pi e inf nan newaxis real imag shape ndim size T dtype astype conj "
    "where select searchsorted full clip interp polyval sum prod mean dot outer cumsum sinc sign "
    "array asarray atleast_1d zeros ones zeros_like ones_like full_like real_if_close "
    "float64 complex128 bool_ iscomplexobj all any isrealobj broadcast_to reshape ravel max min".split()
)
_CALLED_OUT = {  # operations that reach beyond the function, and those of generators
    *("STORE_GLOBAL", "DELETE_GLOBAL", "STORE_NAME", "DELETE_NAME", "STORE_ATTR", "DELETE_ATTR", "IMPORT_NAME"),
    *("IMPORT_FROM", "LOAD_BUILD_CLASS", "LOAD_NAME", "LOAD_LOCALS", "LOAD_SUPER_ATTR", "SEND", "GET_AWAITABLE"),
    *("LOAD_FROM_DICT_OR_GLOBALS", "LOAD_FROM_DICT_OR_DEREF", "SETUP_ANNOTATIONS", "IMPORT_STAR", "BEFORE_ASYNC_WITH"),
}


class NoCanonicalForm(Exception):
    """Something that has no canonical form; the message is a clause that says what it is and why."""


def is_function(x) -> bool:
    """Whether it is something to be called that `canonical_function` is for."""
    return isinstance(x, types.FunctionType | np.ufunc | functools.partial | types.BuiltinFunctionType)


def canonical_function(f, canonical: Callable) -> list:
    """What a function does, as lists and texts; `canonical` writes the values that it refers to."""
    return _written(f, canonical, ())


def _written(f, canonical: Callable, inside: tuple) -> list:
    if isinstance(f, np.ufunc):
        if getattr(np, f.__name__, None) is f:
            return ["numpy", f.__name__]
        raise NoCanonicalForm(f"{shown(f)} is not a function of numpy itself")
    if isinstance(f, types.BuiltinFunctionType):
        for module in (math, cmath):
            if getattr(module, f.__name__, None) is f:
                return [module.__name__, f.__name__]
        if f.__name__ in _PURE_BUILTINS and getattr(builtins, f.__name__) is f:
            return ["builtin", f.__name__]
        raise NoCanonicalForm(f"{shown(f)} is not a function of Python that is known to calculate only")
    if type(f) is functools.partial:
        own = _written(f.func, canonical, inside)
        return ["partial", own, [canonical(x) for x in f.args], [[k, canonical(x)] for k, x in f.keywords.items()]]
    if type(f) is not types.FunctionType:
        raise NoCanonicalForm(f"{shown(f)} is a {type(f).__name__}")
    name = f"«{f.__name__}»" if f.__name__ != "<lambda>" else "the lambda"
    if f in inside:
        raise NoCanonicalForm(f"{name} calls itself")
    return _Reader(f, name, canonical, (*inside, f)).read()


class _Reader:
    """Reads one function of Python."""

    def __init__(self, f: types.FunctionType, name: str, canonical: Callable, inside: tuple):
        self.f, self.name, self.canonical, self.inside = f, name, canonical, inside
        self.has_arrays = False

    def read(self) -> list:
        """Its code, its defaults, and what it refers to."""
        f = self.f
        cells = zip(f.__code__.co_freevars, f.__closure__ or (), strict=True)
        defaults = [*enumerate(f.__defaults__ or ()), *(f.__kwdefaults__ or {}).items()]
        own = {
            "code": self._code(f.__code__),
            "defaults": [[at, self._value("has a default", x)] for at, x in defaults],
            "closure": [[x, self._value(f"is a closure over «{x}»", self._content(x, c))] for x, c in cells],
            "globals": [[x, self._global(x)] for x in sorted(set(self._names(f.__code__)))],
        }
        if self.has_arrays and self._writes(f.__code__):
            raise NoCanonicalForm(f"{self.name} may change an array that it refers to")
        return ["function", *own.items()]

    def _code(self, code: types.CodeType) -> list:
        """Everything of a code object that says what it does, not where it stands."""
        numbers = [code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags, code.co_stacksize]
        names = [code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars]
        table = getattr(code, "co_exceptiontable", b"")
        constants = [self._constant(c) for c in code.co_consts]
        return [code.co_code.hex(), table.hex(), numbers, [list(x) for x in names], constants]

    def _constant(self, c) -> object:
        if isinstance(c, types.CodeType):
            return ["code", self._code(c)]
        if isinstance(c, tuple):
            return ["tuple", *map(self._constant, c)]
        if isinstance(c, frozenset | bytes | slice) or c is Ellipsis:
            return [type(c).__name__, *(sorted(map(repr, c)) if isinstance(c, frozenset) else [repr(c)])]
        return self.canonical(c)

    def _names(self, code: types.CodeType) -> Iterator[str]:
        """Global names that are read; refuses what does more than calculate."""
        for step in dis.get_instructions(code):
            if step.opname in _CALLED_OUT or (
                step.opname == "STORE_DEREF" and step.argval in self.f.__code__.co_freevars
            ):
                raise NoCanonicalForm(f"{self.name} changes or imports what lies outside of it")
            if step.opname == "LOAD_GLOBAL":
                yield step.argval
            elif step.opname in ("LOAD_ATTR", "LOAD_METHOD") and not self._is_pure(step.argval):
                raise NoCanonicalForm(f"{self.name} uses .{step.argval}, which is not known to calculate only")
        for c in code.co_consts:
            if isinstance(c, types.CodeType):
                yield from self._names(c)

    def _is_pure(self, name: str) -> bool:
        """Whether an attribute of this name only calculates, whatever of numpy, math or arrays it is of."""
        if name in _PURE_NAMES or isinstance(getattr(np, name, None), np.ufunc):
            return True
        if any(not name.startswith("_") and hasattr(module, name) for module in (math, cmath)):
            return True
        special = sys.modules.get("scipy.special")
        return isinstance(getattr(special, name, None), np.ufunc)

    @staticmethod
    def _writes(code: types.CodeType) -> bool:
        """Whether it may write into an array: by an index, in place, or by out=."""
        for step in dis.get_instructions(code):
            in_place = step.opname == "BINARY_OP" and step.argrepr.endswith("=")
            if step.opname in ("STORE_SUBSCR", "STORE_SLICE", "DELETE_SUBSCR") or in_place:
                return True
        inner = [c for c in code.co_consts if isinstance(c, types.CodeType)]
        return "out" in str(code.co_consts) or any(map(_Reader._writes, inner))

    def _content(self, name: str, cell: types.CellType) -> object:
        try:
            return cell.cell_contents
        except ValueError:
            raise NoCanonicalForm(f"{self.name} is a closure over «{name}», which has no value yet") from None

    def _global(self, name: str) -> object:
        if name in self.f.__globals__:
            return self._value(f"uses «{name}»", self.f.__globals__[name])
        if name in _PURE_BUILTINS:
            return ["builtin", name]
        raise NoCanonicalForm(f"{self.name} uses «{name}», which is not known to calculate only")

    def _value(self, what: str, value) -> object:
        """A value that the function refers to; `what` says how, for a refusal."""
        if is_function(value):
            return _written(value, self.canonical, self.inside)
        if isinstance(value, types.ModuleType):
            if any(value is sys.modules.get(name) for name in _MODULES):
                return ["module", value.__name__]
            raise NoCanonicalForm(f"{self.name} {what}, a module that is not known to calculate only")
        if isinstance(value, list | dict | set):
            raise NoCanonicalForm(f"{self.name} {what}, a {type(value).__name__}, which may change")
        self.has_arrays = self.has_arrays or isinstance(value, np.ndarray)
        try:
            return self.canonical(value)
        except NoCanonicalForm as error:
            raise NoCanonicalForm(f"{self.name} {what}, and {error}") from None
