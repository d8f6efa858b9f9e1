"""What a figure is to the runner: a module of `figures/` with SHOWS, BESIDE, `compute` and `draw`, found by its file.

SHOWS = "one sentence: what the figure shows"
BESIDE = "Fiorelli 2024, figure 3"                 # what of a paper it stands beside, or ""
def compute(progress) -> xarray.Dataset: ...       # progress(text) says what is being done; real numbers only
def draw(data) -> matplotlib Figure: ...           # from these data and from nothing else
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import matplotlib
import xarray as xr
from matplotlib.figure import Figure

from figures.frame.style import RC
from finite_n.errors import FiniteNError, shown

FOLDER = Path(__file__).parents[1]
Say = Callable[[str], None]
"""Called with a few words on what is being done."""


class Drawing(Protocol):
    """A module of `figures/`."""

    SHOWS: str
    BESIDE: str

    def compute(self, progress: Say) -> xr.Dataset:
        """The figure's numbers."""

    def draw(self, data: xr.Dataset) -> Figure:
        """The figure of these numbers."""


@dataclasses.dataclass(frozen=True)
class FigureScript:
    """One figure.

    name : of its module and files
    shows : one sentence
    beside : what of a paper it stands beside; empty if there is nothing
    """

    name: str
    module: Drawing

    @property
    def shows(self) -> str:
        return self.module.SHOWS

    @property
    def beside(self) -> str:
        return self.module.BESIDE

    @property
    def file(self) -> Path:
        """Of the script."""
        return FOLDER / f"{self.name}.py"

    def compute(self, progress: Say = lambda text: None) -> xr.Dataset:
        """The figure's numbers, which may take minutes."""
        return self.module.compute(progress)

    def draw(self, data: xr.Dataset) -> Figure:
        """The figure of these numbers, in the shared style."""
        with matplotlib.rc_context(RC):
            figure = self.module.draw(data)
            figure.draw_without_rendering()  # the layout is found in this style
        return figure


def figure_names() -> list[str]:
    """Names of all figures, sorted."""
    found = pkgutil.iter_modules([str(FOLDER)])
    return sorted(x.name for x in found if not x.ispkg and not x.name.startswith("_"))


def figure_script(name: str) -> FigureScript:
    """The figure of this name; raises FiniteNError if there is none."""
    names = figure_names()
    if name not in names:
        raise FiniteNError(f"figures: there is no figure {shown(name)}; the figures are {', '.join(names)}.")
    return FigureScript(name, importlib.import_module(f"figures.{name}"))


def figure_scripts(names: Sequence[str] = ()) -> list[FigureScript]:
    """Figures by name, all without names."""
    return [figure_script(name) for name in dict.fromkeys(names or figure_names())]
