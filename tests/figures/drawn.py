"""What a figure draws: its text, and the colours of lines and points that stand in one legend's place."""

from __future__ import annotations

import itertools

import matplotlib.colors
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.text import Text

from figures.frame.style import ONE_COLUMN, SMALLEST_TEXT, TWO_COLUMNS
from tests.figures.colour_vision import MACHADO, difference

APART = 8.0  # ΔE, more than three times what is just noticeable; curves of neighbouring N are the closest


def texts(figure: Figure) -> list[Text]:
    """All text that is seen. Sub- and superscripts are parts of it and not counted by themselves."""
    return [x for x in figure.findobj(Text) if x.get_visible() and x.get_text().strip()]


def colours(axes: Axes) -> set[tuple[float, float, float]]:
    """Different colours, sRGB on white, of lines and points."""
    found = []
    for line in axes.get_lines():
        if line.get_visible():
            found += [(line.get_color(), line.get_alpha())] if line.get_linestyle() != "None" else []
            has_markers = line.get_marker() not in ("None", "", " ", None)
            found += [(line.get_markeredgecolor(), line.get_alpha())] if has_markers else []
    for points in axes.collections:
        if isinstance(points, PathCollection):
            found += [(x, None) for x in points.get_facecolors() if points.get_array() is None]
    return {_on_white(colour, alpha) for colour, alpha in found}


def closest(axes: Axes) -> float:
    """The smallest ΔE of two colours of one axes for anybody's eyes; infinite without two."""
    pairs = itertools.combinations(sorted(colours(axes)), 2)
    return min((difference(a, b, vision) for a, b in pairs for vision in MACHADO), default=np.inf)


def _on_white(colour, alpha) -> tuple[float, float, float]:
    r, g, b, a = matplotlib.colors.to_rgba(colour, alpha)
    return tuple(round(a * x + 1 - a, 4) for x in (r, g, b))


def check_look(figure: Figure) -> None:
    """Assert what all figures keep: a journal's width, text that can be read, colours that stay apart."""
    assert figure.get_figwidth() in (ONE_COLUMN, TWO_COLUMNS)
    small = [x.get_text() for x in texts(figure) if x.get_fontsize() < SMALLEST_TEXT]
    assert not small, f"below {SMALLEST_TEXT} pt: {small}"
    for axes in figure.axes:
        assert closest(axes) > APART, f"colours of {axes.get_title(loc='left')!r} are ΔE = {closest(axes):.1f} apart"
    unlabelled = [x for x in figure.axes if x.axison and not (x.get_xlabel() or x.get_ylabel()) and not _shared(x)]
    assert not unlabelled, f"{len(unlabelled)} axes without labels"


def _shared(axes: Axes) -> bool:
    """Whether axes have neighbours that carry their labels."""
    groups = (axes.get_shared_x_axes(), axes.get_shared_y_axes())
    return any(len(group.get_siblings(axes)) > 1 for group in groups)
