"""Phase diagrams: fixed points, their stability and attractors on a grid of one or two parameters."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.validation import call_given, check_function, check_kind
from meanfield.bifurcations import vector_field
from meanfield.bifurcations.codim2 import BifurcationCurve
from meanfield.bifurcations.fixed_points import FixedPoint, fixed_points
from meanfield.bifurcations.periodic_orbits import Attractor, LimitCycle, attractors

if TYPE_CHECKING:
    import xarray

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclasses.dataclass(frozen=True)
class Cell:
    """One grid point: parameters (1,) or (2,), the fixed points found, and the attractors of the starts."""

    parameters: np.ndarray
    points: list[FixedPoint]
    attractors: list[Attractor]

    def count(self, stability: str) -> int:
        """How many isolated fixed points have that stability: "stable", "unstable" or "marginal"."""
        return sum(p.stability == stability and p.isolated for p in self.points)

    @property
    def continuum(self) -> bool:
        """Whether some fixed points belong to a continuum."""
        return any(not p.isolated for p in self.points)

    @property
    def cycles(self) -> list[LimitCycle]:
        """Limit cycles that attract, those with most starts first."""
        return [a.cycle for a in self.attractors if a.cycle is not None]

    @property
    def unsettled(self) -> int:
        """How many starts had not settled at the longest time."""
        return sum(a.starts for a in self.attractors if a.kind == "not settled")


def generic_label(cell: Cell) -> str:
    """Numbers of fixed points by stability, with "limit cycle", "continuum" and "not settled" where they apply.

    A marginal limit cycle is one of a family, as with a conserved quantity or with independent parts whose phases are
    free.
    """
    words = [f"{cell.count(word)} {word}" for word in ("stable", "unstable", "marginal") if cell.count(word)]
    words += ["continuum"] * cell.continuum
    for word, some in (
        ("", [c for c in cell.cycles if c.stability != "marginal"]),
        ("marginal ", [c for c in cell.cycles if c.stability == "marginal"]),
    ):
        words += [f"{len(some)} {word}limit cycles" if len(some) > 1 else f"{word}limit cycle"] * bool(some)
    words += ["not settled"] * bool(cell.unsettled)
    return ", ".join(words) or "no fixed point found"


_LABEL = "a function of a Cell that returns a text"


def phase_diagram(
    family: Callable,
    p: Sequence[float],
    q: Sequence[float] | None = None,
    *,
    names: tuple[str, ...] = ("p", "q"),
    starts: int = 16,
    runs: int | np.ndarray = 4,
    t_max: float = 1000.0,
    label: Callable[[Cell], str] = generic_label,
    seed: int = 0,
    progress: Callable[[np.ndarray], None] | None = None,
) -> PhaseDiagram:
    """All fixed points, their stability, and the attractors of ṁ = f(m; p, q) on a grid.

    Parameters
    ----------
    family : function of p, or of p and q, that returns a Model or a limit
        For example lambda omega, beta: hopfield(omega, beta). Where |m| of particles is conserved return
        FixedLength(model), or all fixed points belong to continua.
    p, q : increasing numbers, shapes (P,) and (R,)
        q is left out for a family of one parameter.
    names : names of the parameters
    starts : int
        Starts of the search for fixed points in each cell, besides those of the cells before it. Default 16.
    runs : int, or array of shape (count, n)
        Starts of the long-time evolution in each cell, or the starts themselves. Default 4.
    t_max : float
        Longest time of the evolution, units of 1/energy, ħ = 1. Default 1000.
    label : function Cell → str
        The name of the phase. Default: the numbers of fixed points by stability, and whether there is a limit cycle.
    seed : int
    progress : function of the parameters, called after every cell

    Returns
    -------
    PhaseDiagram

    Raises FiniteNError for a grid that does not increase, and whatever the family, `fixed_points` and `attractors`
    refuse. A fixed point or attractor that no start reaches is not found; more starts and runs make that less likely.

    Example
    -------
    >>> from finite_n.systems import hopfield
    >>> from meanfield import phase_diagram
    >>> phase_diagram(lambda beta: hopfield(0.0, beta), [0.5, 2.0], names=("beta",), starts=8, runs=2)
    Phase diagram, 2 values of beta
      A  1 stable
      B  2 stable, 1 unstable
    beta  0.5  A
            2  B
    """
    family = vector_field.Family(family)
    check_function(label, "phase diagram: label", _LABEL)
    if progress is not None:
        check_function(progress, "phase diagram: progress", "a function of the parameters, or None")
    if not isinstance(names, list | tuple | str) or not names or any(not isinstance(n, str) for n in names):
        raise FiniteNError(f"phase diagram: names = {shown(names)}; give a different name for each parameter.")
    axes = [_axis(p, names[0])] + ([] if q is None else [_axis(q, names[1] if len(names) > 1 else "q")])
    names = tuple(names[: len(axes)])
    if len(names) < len(axes) or len(set(names)) < len(names):
        raise FiniteNError(f"phase diagram: names = {names}; give a different name for each parameter.")
    shape = tuple(len(a) for a in axes)
    cells = np.empty(shape, dtype=object)
    for index in np.ndindex(shape):
        values = np.array([a[i] for a, i in zip(axes, index, strict=True)])
        before = [(*index[:k], i - 1, *index[k + 1 :]) for k, i in enumerate(index) if i]
        guesses = [point.m for neighbour in before for point in cells[neighbour].points if point.isolated]
        limit = family(*values)
        ends = attractors(limit, runs, t_max, seed)
        guesses += [a.point.m for a in ends if a.point is not None]
        cells[index] = Cell(values, fixed_points(limit, starts, guesses=guesses, seed=seed), ends)
        if progress is not None:
            progress(values)
    labels = np.array([_labelled(label, c) for c in cells.flat], dtype=object).reshape(shape)
    return PhaseDiagram(names, tuple(axes), cells, labels)


def _labelled(label: Callable[[Cell], str], cell: Cell) -> str:
    return check_kind(call_given(label, "phase diagram: label", _LABEL, cell), "phase diagram: label", str, "a text")


@dataclasses.dataclass(frozen=True, repr=False)
class PhaseDiagram:
    """A grid of cells and their labels, with bifurcation curves if added.

    names and axes: of the one or two parameters; cells and labels: object arrays of shape (P,) or (P, R); curves: the
    `BifurcationCurve` objects added.
    """

    names: tuple[str, ...]
    axes: tuple[np.ndarray, ...]
    cells: np.ndarray
    labels: np.ndarray
    curves: tuple[BifurcationCurve, ...] = ()

    def with_curves(self, curves: BifurcationCurve | Sequence[BifurcationCurve]) -> PhaseDiagram:
        """The same diagram with bifurcation curves in the same two parameters."""
        curves = (curves,) if isinstance(curves, BifurcationCurve) else curves
        if not isinstance(curves, list | tuple):
            raise FiniteNError(f"phase diagram: curves = {shown(curves)}; give a list of BifurcationCurve objects.")
        for curve in curves:
            if not isinstance(curve, BifurcationCurve) or curve.names != self.names:
                raise FiniteNError(
                    f"phase diagram: {shown(curve)} does not fit parameters {self.names}; trace it with "
                    f"names={self.names}."
                )
        return dataclasses.replace(self, curves=(*self.curves, *curves))

    def to_xarray(self) -> xarray.Dataset:
        """Dataset over the parameters.

        label, numbers of stable, unstable and marginal fixed points, continuum, cycles, unsettled; fixed_point (…,
        point, component) with eigenvalue_real and eigenvalue_imag (…, point, mode) and stability (…, point);
        cycle_period (…, cycle), cycle_amplitude and cycle_mean (…, cycle, component), cycle_multiplier (…, cycle):
        largest |μ| but for the trivial one. Padded with nan or "". Lines stand in variables curve_k_<name> over line_k.
        """
        import xarray

        flat = list(self.cells.flat)
        n = max([len(c.points[0].m) for c in flat if c.points] + [len(c.attractors[0].m) for c in flat])
        most, loops = max(len(c.points) for c in flat), max(len(c.cycles) for c in flat)

        def padded(count, read, items, *tail):
            out = np.full((len(flat), count, *tail), np.nan)
            for k, c in enumerate(flat):
                for i, item in enumerate(items(c)):
                    out[k, i] = read(item)
            return out.reshape(*self.cells.shape, count, *tail)

        def number(read, kind=int):
            return (self.names, np.array([read(c) for c in flat], dtype=kind).reshape(self.cells.shape))

        def points(c):
            return c.points

        def cycles(c):
            return c.cycles

        words = [[p.stability for p in c.points] + [""] * (most - len(c.points)) for c in flat]
        data = {
            "label": (self.names, self.labels.astype(str)),
            **{word: number(lambda c, word=word: c.count(word)) for word in ("stable", "unstable", "marginal")},
            "continuum": number(lambda c: c.continuum, bool),
            "cycles": number(lambda c: len(c.cycles)),
            "unsettled": number(lambda c: c.unsettled),
            "fixed_point": ((*self.names, "point", "component"), padded(most, lambda x: x.m, points, n)),
            "eigenvalue_real": ((*self.names, "point", "mode"), padded(most, lambda x: x.eigenvalues.real, points, n)),
            "eigenvalue_imag": ((*self.names, "point", "mode"), padded(most, lambda x: x.eigenvalues.imag, points, n)),
            "stability": ((*self.names, "point"), np.array(words, dtype=str).reshape(*self.cells.shape, most)),
            "cycle_period": ((*self.names, "cycle"), padded(loops, lambda x: x.period, cycles)),
            "cycle_amplitude": ((*self.names, "cycle", "component"), padded(loops, lambda x: x.amplitude, cycles, n)),
            "cycle_mean": ((*self.names, "cycle", "component"), padded(loops, lambda x: x.mean, cycles, n)),
            "cycle_multiplier": (
                (*self.names, "cycle"),
                padded(loops, lambda x: np.abs(x.multipliers[1:]).max(initial=0), cycles),
            ),
        }
        for k, curve in enumerate(self.curves):
            for name, column in zip(self.names, curve.values.T, strict=True):
                data[f"curve_{k}_{name}"] = (f"curve_{k}", column, {"kind": curve.kind})
        return xarray.Dataset(data, dict(zip(self.names, self.axes, strict=True)))

    def __repr__(self):
        different = list(dict.fromkeys(self.labels.flat))
        letter = {word: _LETTERS[k % len(_LETTERS)] for k, word in enumerate(different)}
        size = " × ".join(f"{len(a)} values of {name}" for a, name in zip(self.axes, self.names, strict=True))
        lines = [f"Phase diagram, {size}", *(f"  {letter[word]}  {word}" for word in different)]
        shown = [f"{x:g}" for x in self.axes[0]]
        width = max(map(len, shown))
        rows = self.labels.reshape(len(shown), -1)
        for k, (x, row) in enumerate(zip(shown, rows, strict=True)):
            head = self.names[0] if k == 0 else " " * len(self.names[0])
            lines.append(f"{head}  {x.rjust(width)}  {' '.join(letter[w] for w in row)}")
        if len(self.axes) == 2:
            q = self.axes[1]
            lines.append(f"{self.names[1]} from {q[0]:g} to {q[-1]:g}, left to right")
        return "\n".join(lines + [f"  {curve!r}" for curve in self.curves])


def _axis(values, name: str) -> np.ndarray:
    try:
        axis = np.array(values, dtype=float)
    except (TypeError, ValueError):
        axis = np.empty(0)
    if axis.ndim != 1 or not len(axis) or not np.all(np.isfinite(axis)) or np.any(np.diff(axis) <= 0):
        raise FiniteNError(f"phase diagram: {name} = {values!s:.80}; give one or more finite, increasing numbers.")
    return axis
