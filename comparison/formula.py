"""Formulas given as text, read without eval: numbers, names, + − * / **, parentheses and a few functions."""

from __future__ import annotations

import ast
import dataclasses
import functools
import operator
from collections.abc import Mapping

import numpy as np

from finite_n.errors import SHOWN, FiniteNError, perhaps, shortened, shown

_OF_NUMPY = ("exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "abs")
FUNCTIONS = {name: getattr(np, name) for name in _OF_NUMPY} | {"step": lambda x: (np.real(x) >= 0) * 1.0}
CONSTANTS = {"pi": np.pi, "e": np.e}
ADJOINTS = ("dag", "adjoint", "conj")  # of operators, averages and amplitudes; of a number its complex conjugate
_BINARY = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,  # of matrices, where names stand for them
}
_UNARY = {ast.USub: operator.neg, ast.UAdd: operator.pos}
_LONGEST = 2000  # characters
_DEEPEST = 100  # operations inside one another, a sum of many terms counting as one
_LARGEST_POWER = 64


class Names(dict):
    """Names of formulas by what they stand for; `meaning` says in words which there are and what each means."""

    def __init__(self, names: Mapping[str, object], meaning: str):
        super().__init__(names)
        self.meaning = meaning


def parse(text: str, names: Mapping[str, object], where: str) -> object:
    """Value of a formula in which `names` stand for numbers, operators, polynomials or arrays; those that are Python
    functions of one argument may be called.

    >>> parse("2*a + 1", {"a": 3}, "example")
    7.0
    """
    with np.errstate(all="ignore"):  # what is not finite is refused where it is used, with a sentence
        return _value(_tree(text, where), names, text, where)


def tree_of(text: str, where: str) -> ast.expr:
    """The tree of a formula, which nothing may change; places in it are those of `text.strip()`."""
    return _tree(text, where)


def value_of(tree: ast.expr, names: Mapping[str, object], text: str, where: str) -> object:
    """Value of the tree of a formula, or of another made of it; refusals show `text`."""
    with np.errstate(all="ignore"):
        return _value(tree, names, text, where)


def names_in(text: str, where: str) -> set[str]:
    """Names that stand in a formula, those of functions among them.

    >>> sorted(names_in("exp(-2*t)/N", "example"))
    ['N', 'exp', 't']
    """
    return {node.id for node in ast.walk(_tree(text, where)) if isinstance(node, ast.Name)}


@dataclasses.dataclass(frozen=True, eq=False)
class Formula:
    """A formula as a function of one variable, the other names being fixed.

    text : the formula; variable : its name; parameters : values of other names; where : what refusals call it
    """

    text: str
    variable: str
    parameters: Mapping[str, float]
    where: str

    @property
    def label(self) -> str:
        """How functions of it are shown: the text."""
        return self.text

    def __call__(self, x):
        tree, names = _tree(self.text, self.where), {**self.parameters, self.variable: x}
        if isinstance(self.parameters, Names):
            names = Names(names, self.parameters.meaning)
        with np.errstate(all="ignore"):
            return _value(tree, names, self.text, self.where)


@dataclasses.dataclass(frozen=True, eq=False)
class JointFormula:
    """A formula as a function of two variables, the other names being fixed.

    text, parameters, where : as of `Formula`; variables : their names; breaks : where it has kinks in the second one
    """

    text: str
    variables: tuple[str, str]
    parameters: Mapping[str, object]
    breaks: tuple[float, ...]
    where: str

    @property
    def label(self) -> str:
        """How functions of it are shown: the text."""
        return self.text

    def __call__(self, x, t):
        names = {**self.parameters, **dict(zip(self.variables, (x, t), strict=True))}
        with np.errstate(all="ignore"):
            return _value(_tree(self.text, self.where), names, self.text, self.where)


def function_of(text: str, variable: str, parameters: Mapping[str, float], where: str) -> Formula:
    """The formula as a function of one variable, with the other names fixed."""
    Formula(text, variable, parameters, where)(0.5)  # an unknown name is found now
    used = names_in(text, where)
    return Formula(text, variable, {name: x for name, x in parameters.items() if name in used}, where)


def _tree(text: str, where: str):
    if not isinstance(text, str) or len(text) > _LONGEST:
        raise FiniteNError(f"{where}: got {shown(text)}; give a formula as text, at most {_LONGEST} characters.")
    try:
        tree, depth = _parsed(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise FiniteNError(f"{where}: «{_brief(text)}» is not a formula; write for example 0.3*mx + mz**2.") from None
    if depth > _DEEPEST:
        raise FiniteNError(
            f"{where}: «{_brief(text)}» has more than {_DEEPEST} operations inside one another; write it with fewer "
            "parentheses and signs."
        )
    return tree


@functools.lru_cache(maxsize=256)  # formulas of papers are evaluated at every step of an integration
def _parsed(text: str) -> tuple[ast.expr, int]:
    """The tree of a formula, which nothing changes, and how deep it is."""
    tree = ast.parse(text, mode="eval").body
    return tree, _depth(tree)


@functools.lru_cache(maxsize=256)
def _brief(text: str) -> str:
    return shortened(text, 2 * SHOWN)


def chain(node: ast.BinOp) -> list[ast.BinOp]:
    """The operations of a + b − c + … from the first to the last, which the parser puts inside one another."""
    links = [node]
    while isinstance(links[-1].left, ast.BinOp):
        links.append(links[-1].left)
    return links[::-1]


def _depth(tree) -> int:
    """How many operations lie inside one another, a chain of binary ones counting once."""
    deepest, waiting = 0, [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(node, ast.BinOp):
            links = chain(node)
            waiting += [(child, depth + 1) for child in (links[0].left, *(link.right for link in links))]
        else:
            waiting += [(child, depth + 1) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
    return deepest


def _value(node, names, text, where):
    brief = _brief(text)
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float | complex):
        if not isinstance(node.value, bool):
            if not abs(node.value) < 1e300:
                raise FiniteNError(f"{where}: «{brief}» contains a number of size 1e300 or more; give smaller ones.")
            return node.value if isinstance(node.value, complex) else float(node.value)
    if isinstance(node, ast.Name):
        if node.id in names:
            return names[node.id]
        if node.id in CONSTANTS:
            return CONSTANTS[node.id]
        raise _unknown(f"{where}: «{brief}» uses the unknown name {node.id}", node.id, names)
    if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
        return _UNARY[type(node.op)](_value(node.operand, names, text, where))
    if isinstance(node, ast.BinOp) and all(type(link.op) in _BINARY for link in chain(node)):
        links = chain(node)
        value = _value(links[0].left, names, text, where)
        for link in links:
            value = _combined(link.op, value, _value(link.right, names, text, where), f"{where}: «{brief}»")
        return value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1 and not node.keywords:
        own = names.get(node.func.id)
        if callable(own) and not hasattr(own, "dag"):  # qutip's operators may be called too
            return own(_value(node.args[0], names, text, where))
        if node.func.id in ADJOINTS:
            return _adjoint(node.func.id, _value(node.args[0], names, text, where), f"{where}: «{brief}»")
        if node.func.id not in FUNCTIONS:
            if node.func.id in {*names, *CONSTANTS}:
                raise FiniteNError(
                    f"{where}: «{brief}» calls {node.func.id}, which is no function; write a * for products."
                )
            raise FiniteNError(
                f"{where}: «{brief}» uses the unknown function {node.func.id}; known are "
                f"{', '.join([*FUNCTIONS, *ADJOINTS, *_called(names)])}."
            )
        argument = _value(node.args[0], names, text, where)
        if not isinstance(argument, int | float | complex | np.ndarray):
            raise FiniteNError(
                f"{where}: «{brief}» takes {node.func.id} of an operator; functions are of numbers and Δ only."
            )
        return FUNCTIONS[node.func.id](argument)
    raise FiniteNError(
        f"{where}: «{brief}» contains {shown(ast.unparse(node))}; use numbers, names, + - * / **, parentheses and "
        "functions of one number."
    )


def _called(names: Mapping[str, object]) -> list[str]:
    """Names that are functions."""
    return [name for name, x in names.items() if callable(x) and not hasattr(x, "dag")]


def _unknown(said: str, name: str, names: Mapping[str, object]) -> FiniteNError:
    """The refusal of a name, with the one that may be meant and all that there are."""
    known = getattr(names, "meaning", None) or ", ".join(sorted({*names, *CONSTANTS}))
    return FiniteNError(f"{said}{perhaps(name, names)}; known are {known}.")


def _adjoint(word: str, x, place: str):
    """x†, of a number x*."""
    if hasattr(x, "adjoint"):
        return x.adjoint()
    if not hasattr(x, "dag"):
        return np.conj(x).T if word != "conj" and np.ndim(x) == 2 else np.conj(x)
    if word == "conj":
        raise FiniteNError(f"{place} takes conj of an operator; write dag(…) for its Hermitian conjugate.")
    return x.dag()


def _combined(op, left, right, place: str):
    """left op right."""
    if isinstance(op, ast.Pow) and isinstance(right, float):
        if abs(right) > _LARGEST_POWER:
            raise FiniteNError(f"{place} has the power {right:g}; at most {_LARGEST_POWER} is allowed.")
        right = int(right) if right.is_integer() else right
    try:
        return _BINARY[type(op)](left, right)
    except FiniteNError:
        raise
    except Exception as error:
        raise FiniteNError(f"{place} cannot be evaluated, {error}.") from None
