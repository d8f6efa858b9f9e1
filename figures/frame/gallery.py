"""The gallery in `figures/README.md`: every picture, what it shows, and the command that draws it."""

from __future__ import annotations

import sys
from pathlib import Path

from figures.frame.figure import FOLDER, FigureScript, figure_scripts

PAGE = FOLDER / "README.md"
LARGEST = 250_000  # bytes of a picture that is committed
_BEGIN = "## Gallery\n"


def gallery() -> str:
    """The text from the heading of the gallery to the end of the page."""
    return "\n".join([_BEGIN, *map(_entry, figure_scripts())])


def page() -> str:
    """The page with the gallery of today; what stands before it is kept."""
    return PAGE.read_text(encoding="utf-8").split(_BEGIN)[0] + gallery()


def _entry(script: FigureScript) -> str:
    beside = f" Stands beside {script.beside}." if script.beside else ""
    return (
        f"### {script.name}\n\n![{script.shows}]({script.name}.png)\n\n"
        f"{script.shows}{beside} `finite-n figures {script.name}`\n"
    )


def copy_pictures(drawn: Path) -> None:
    """Take every picture of a folder into that of the scripts."""
    for script in figure_scripts():
        picture = drawn / f"{script.name}.png"
        if picture.exists():
            (FOLDER / picture.name).write_bytes(picture.read_bytes())


if __name__ == "__main__":
    if len(sys.argv) > 1:
        copy_pictures(Path(sys.argv[1]))
    PAGE.write_text(page(), encoding="utf-8")
