"""What a figure draws: its text, and the colours of lines and points that stand in one legend's place."""

from __future__ import annotations

import itertools

import matplotlib.colors
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
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
    """Assert what all figures keep: a journal's width, text that can be read, colours that stay apart, nothing
    written over something else."""
    assert figure.get_figwidth() in (ONE_COLUMN, TWO_COLUMNS)
    small = [x.get_text() for x in texts(figure) if x.get_fontsize() < SMALLEST_TEXT]
    assert not small, f"below {SMALLEST_TEXT} pt: {small}"
    for axes in figure.axes:
        assert closest(axes) > APART, f"colours of {axes.get_title(loc='left')!r} are ΔE = {closest(axes):.1f} apart"
    _check_layout(figure)
    unlabelled = [x for x in figure.axes if x.axison and not (x.get_xlabel() or x.get_ylabel()) and not _shared(x)]
    assert not unlabelled, f"{len(unlabelled)} axes without labels"


def _check_layout(figure: Figure) -> None:
    """Assert that nothing written runs off the figure or over something else that is written; ticks are left out."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    whole = figure.bbox
    boxes = [(x.get_text(), x.get_window_extent(renderer)) for x in _written(figure)]
    off = [text for text, b in boxes if b.x0 < whole.x0 or b.y0 < whole.y0 or b.x1 > whole.x1 or b.y1 > whole.y1]
    assert not off, f"runs off the figure: {off}"
    over = [(a, b) for (a, x), (b, y) in itertools.combinations(boxes, 2) if _share(x, y)]
    assert not over, f"written over each other: {over}"


def _written(figure: Figure) -> list[Text]:
    """Titles, labels of axes, texts of legends and of panels."""
    found = []
    for axes in figure.axes:
        found += [axes.title, axes._left_title, axes._right_title, axes.xaxis.label, axes.yaxis.label, *axes.texts]
        found += axes.get_legend().get_texts() if axes.get_legend() else []
    return [x for x in found if x.get_visible() and x.get_text().strip() and not x.get_rotation() % 90]


def _share(a, b) -> bool:
    """Whether two boxes share more than a line of pixels."""
    return min(a.x1, b.x1) - max(a.x0, b.x0) > 1 and min(a.y1, b.y1) - max(a.y0, b.y0) > 1


def _shared(axes: Axes) -> bool:
    """Whether axes have neighbours that carry their labels."""
    groups = (axes.get_shared_x_axes(), axes.get_shared_y_axes())
    return any(len(group.get_siblings(axes)) > 1 for group in groups)
