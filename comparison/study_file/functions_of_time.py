"""Functions of time in study files: parts of formulas that depend on t alone, as coefficients of a model."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from comparison.formula import (
    ADJOINTS,
    CONSTANTS,
    FUNCTIONS,
    Formula,
    JointFormula,
    Names,
    chain,
    names_in,
    tree_of,
    value_of,
)
from comparison.study_file.claim_tables import function_from_csv
from comparison.study_file.names import DELTA, TIME
from comparison.study_file.places import at
from comparison.study_file.schema import TableSpec
from finite_n.errors import SHOWN, FiniteNError, shortened, shown
from finite_n.model.coefficient import Coefficient, coefficient
from finite_n.model.polynomial import Polynomial

_MOST_CALLS = 1_000  # of functions by one another
_INSIDE = 65  # times of a study at which functions are looked at beforehand
_STRAIGHT = 1e-12  # deviation of a shift or stretch of time from a straight line, relative
_ENDS = 1e-12  # rounding of times at the ends of a table, relative


@dataclasses.dataclass(frozen=True, eq=False)
class Table:
    """A function of numbers that a table gives, refused where it is not known."""

    name: str
    function: Coefficient

    def __call__(self, t):
        low, high = self.function.domain
        close = _ENDS * max(abs(low), abs(high), high - low)
        t = np.asarray(t, dtype=float)
        if np.any(outside := (t < low - close) | (t > high + close)):
            raise FiniteNError(
                f"function {self.name} is known from {low:.6g} to {high:.6g}, and was asked for at "
                f"{t[outside].flat[0]:.6g}: give a longer table, or other times."
            )
        return self.function(np.clip(t, low, high))


@dataclasses.dataclass(frozen=True)
class _Known:
    """A function that has a name: where it has kinks, where it is known, and how many others it calls."""

    function: Callable
    breaks: tuple[float, ...]
    domain: tuple[float, float]
    calls: int


class FunctionsOfTime:
    """All functions of time of one model; what is written alike is one and the same coefficient.

    functions : formulas of t, or tables, by the names that formulas use
    breaks : times at which any of them has kinks or jumps
    numbers : parameters by name
    folder : in which files of tables are looked for
    span : first and last time of the study
    """

    def __init__(
        self,
        functions: Mapping[str, str | TableSpec],
        breaks: list[float],
        numbers: Names,
        folder: Path,
        span: tuple[float, float],
        where: str,
    ):
        self.numbers, self.breaks = numbers, breaks
        self.times = np.linspace(*span, _INSIDE)
        self._known: dict[str, _Known] = {}
        self._made: dict[str, Coefficient] = {}
        for name, x in functions.items():  # tables first, so that every formula may use them
            if not isinstance(x, str):
                self._known[name] = _of_table(name, x, folder, f"{where}.{name}")
        for name, x in functions.items():
            if isinstance(x, str):
                self._known[name] = self._of_formula(x, f"{where}.{name}")

    @property
    def names(self) -> dict[str, Callable]:
        """The functions by name."""
        return {name: known.function for name, known in self._known.items()}

    @property
    def meaning(self) -> str:
        """What formulas of time may use."""
        own = "".join(f", {name}({TIME})" for name in self._known)
        return "; ".join([f"{TIME} (time){own}", *([self.numbers.meaning] if self.numbers.meaning else [])])

    def coefficient(self, text: str, place: str, is_rate: bool = False) -> Coefficient:
        """A formula of t as a coefficient; what has no real and finite value at times of the study is refused."""
        text = text.strip()
        if text not in self._made:
            known = self._of_formula(text, place)
            function = coefficient(known.function, breaks=known.breaks, text=text)
            self._made[text] = Coefficient(function.function, function.breaks, known.domain, text)
        found = self._made[text]
        with at(place):
            self._check_domain(text, *found.domain)
            found.function(self.times)  # a table that is too short says so itself
            values = found(self.times)
            if is_rate and np.any(negative := values < 0):
                raise FiniteNError(
                    f"«{shortened(text, SHOWN)}» is {values[negative][0]:.6g} at t = {self.times[negative][0]:.6g}; a "
                    "rate is not negative at any time."
                )
        return found

    def parse(self, text: str, names: Names, place: str) -> object:
        """The value of a formula of averages in which parts that depend on t alone are functions of time."""
        tree = tree_of(text, place)
        if TIME not in _names(tree):
            return value_of(tree, names, text, place)
        own: dict[str, object] = {}
        tree = self._replaced(tree, text.strip(), own, place)
        meaning = f"{self.meaning.partition(';')[0]}; {names.meaning}"
        return value_of(tree, Names({**names, **self.names, **own}, meaning), text, place)

    def product(self, text: str, place: str) -> tuple[str | None, str | None]:
        """The factors of Δ and of t in a formula, as formulas, None for 1; twice the whole where it is no product."""
        tree = tree_of(text, place)
        if TIME not in _names(tree):
            return text, None
        if DELTA not in _names(tree):
            return None, text
        factors: dict[str, list[str]] = {DELTA: [], TIME: []}
        if not _sort(tree, text.strip(), factors):
            return text, text
        of_delta, of_time = (f"1{''.join(x)}".removeprefix("1*") for x in factors.values())
        return of_delta, of_time

    def joint(self, text: str, place: str) -> JointFormula:
        """A formula of Δ and t as a function of both."""
        known = self._of_formula(text, place, DELTA)
        fixed = {name: x for name, x in {**self.numbers, **self.names}.items() if name in names_in(text, place)}
        with at(place):
            self._check_domain(text, *known.domain)
        return JointFormula(text.strip(), (DELTA, TIME), fixed, known.breaks, place)

    def _check_domain(self, text: str, low: float, high: float) -> None:
        start, stop = self.times[0], self.times[-1]
        if start < low or stop > high:
            raise FiniteNError(
                f"«{shortened(text, SHOWN)}» is known from t = {low:.6g} to {high:.6g}, and the study goes from "
                f"{start:.6g} to {stop:.6g}: give a longer table, or other times."
            )

    def _of_formula(self, text: str, place: str, *more: str) -> _Known:
        tree, used = tree_of(text, place), names_in(text, place)
        fixed = {name: x for name, x in {**self.numbers, **self.names}.items() if name in used}
        known = {TIME, *more, *fixed, *CONSTANTS, *FUNCTIONS, *ADJOINTS}
        if unknown := used - known:
            numbers = dict.fromkeys((TIME, *more), 0.5)
            value_of(tree, Names({**self.numbers, **self.names, **numbers}, self.meaning), text, place)
            raise FiniteNError(f"{place}: «{shortened(text, SHOWN)}» uses the unknown name {min(unknown)}.")
        calls, breaks, (low, high) = 1, set(self.breaks), (-np.inf, np.inf)
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in self._known):
                continue
            own = self._known[node.func.id]
            calls += own.calls
            line = _straight(node.args[0], fixed, text, place) if len(node.args) == 1 else None
            if line is None:
                continue
            at_zero, slope = line
            breaks |= {(b - at_zero) / slope for b in own.breaks}
            ends = sorted((x - at_zero) / slope for x in own.domain)
            low, high = max(low, ends[0]), min(high, ends[1])
        if calls > _MOST_CALLS:
            raise FiniteNError(
                f"{place}: calls functions of time {calls} times, through one another; at most {_MOST_CALLS} are read."
            )
        return _Known(Formula(text.strip(), TIME, fixed, place), tuple(sorted(breaks)), (low, high), calls)

    def _replaced(self, node: ast.expr, text: str, own: dict[str, object], place: str) -> ast.expr:
        """The tree with names in place of its parts that depend on t alone; `own` gets what they stand for."""
        if TIME not in _names(node):
            return node
        if self._is_of_time(node):
            return self._named(_written(node, text), own, place)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in FUNCTIONS and _names(node) <= {
                TIME,
                *self.numbers,
                *self._known,
                *CONSTANTS,
                *FUNCTIONS,
            }:
                raise FiniteNError(
                    f"{place}: «{shortened(_written(node, text), SHOWN)}»: functions of time are real; write exp(1j*x) "
                    "as cos(x) + 1j*sin(x)."
                )
            arguments = [self._replaced(x, text, own, place) for x in node.args]
            return ast.Call(func=node.func, args=arguments, keywords=node.keywords)
        if isinstance(node, ast.UnaryOp):
            return ast.UnaryOp(op=node.op, operand=self._replaced(node.operand, text, own, place))
        if not isinstance(node, ast.BinOp):
            return node
        links = chain(node)
        of_time = [k for k, link in enumerate(links) if self._is_of_time(link)]  # such as 2*t of 2*t*mx
        if of_time:
            left, links = self._replaced(links[of_time[-1]], text, own, place), links[of_time[-1] + 1 :]
        else:
            left = self._replaced(links[0].left, text, own, place)
        for link in links:
            op, right = link.op, self._replaced(link.right, text, own, place)
            if isinstance(op, ast.Div) and self._is_of_time(link.right):
                inverse = "1/{}" if isinstance(link.right, ast.Name | ast.Call) else "1/({})"
                op, right = ast.Mult(), self._named(inverse.format(_written(link.right, text)), own, place)
            left = ast.BinOp(left=left, op=op, right=right)
        return left

    def _is_of_time(self, node: ast.expr) -> bool:
        """Whether a part of a formula is a real function of time alone."""
        if any(isinstance(x, ast.Constant) and isinstance(x.value, complex) for x in ast.walk(node)):
            return False
        used = _names(node)
        return TIME in used and used <= {TIME, *self.numbers, *self._known, *CONSTANTS, *FUNCTIONS, *ADJOINTS}

    def _named(self, text: str, own: dict[str, object], place: str) -> ast.Name:
        own[text] = self.coefficient(text, place) * Polynomial({(): 1})
        return ast.Name(id=text)


def _names(node: ast.expr) -> set[str]:
    return {x.id for x in ast.walk(node) if isinstance(x, ast.Name)}


def _written(node: ast.expr, text: str) -> str:
    """A part of a formula as it is written there."""
    return ast.get_source_segment(text, node)


def _sort(node: ast.expr, text: str, factors: dict[str, list[str]], divides: bool = False) -> bool:
    """Put the factors of a product to those of Δ and of t; False if it is none."""
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div) and {TIME, DELTA} <= _names(node):
        if not _sort(node.right, text, factors, divides ^ isinstance(node.op, ast.Div)):
            return False
        node = node.left
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and {TIME, DELTA} <= _names(node):
        found = _sort(node.operand, text, factors, divides)
        factors[DELTA].insert(0, "*(-1)")
        return found
    used, factor = _names(node), _written(node, text)
    factor = factor if isinstance(node, ast.Name | ast.Call | ast.Constant) else f"({factor})"
    factors[TIME if TIME in used else DELTA].insert(0, f"{'/' if divides else '*'}{factor}")
    return not {TIME, DELTA} <= used


def _straight(node: ast.expr, names: Mapping[str, object], text: str, place: str) -> tuple[float, float] | None:
    """a and b of an argument a + b t, b ≠ 0; None for others."""
    try:
        first, second, third = (complex(value_of(node, {**names, TIME: t}, text, place)) for t in (0.0, 1.0, -np.e))
    except (FiniteNError, TypeError):  # of a table that is asked for elsewhere
        return None
    slope = second - first
    off = abs(third - (first - np.e * slope))
    straight = off <= _STRAIGHT * (abs(first) + abs(slope)) and slope and not (first.imag or slope.imag)
    return (first.real, slope.real) if straight else None


def _of_table(name: str, spec: TableSpec, folder: Path, place: str) -> _Known:
    """The function of a table, a spline between its times."""
    if (spec.file is None) == (spec.times is None) or (spec.times is None) != (spec.values is None):
        raise FiniteNError(f'{place}: give either times = […] and values = […], or file = "pulse.csv".')
    with at(place):
        times, values = (spec.times, spec.values) if spec.file is None else function_from_csv(folder / spec.file)
        if len(times) != len(values):
            raise FiniteNError(f"got {len(times)} times and {len(values)} values; give one value for every time.")
        if len(times) < 2 or np.any(np.diff(times) <= 0):
            raise FiniteNError(f"times = {shown(list(times))}: give two or more, each later than the one before.")
        found = coefficient(values, times, spec.order, text=name)
    return _Known(Table(name, found), found.breaks, found.domain, 1)
