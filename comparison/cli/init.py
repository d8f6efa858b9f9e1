"""`finite-n init`: a study file to start from."""

from __future__ import annotations

from pathlib import Path

from comparison.cli.streams import show
from comparison.study_file.template import OWN, template
from finite_n.errors import FiniteNError


def run(arguments) -> int:
    """Write or print the file; returns the exit status."""
    text = template(arguments.system)
    if arguments.out == "-":
        show(text.rstrip("\n"))
        return 0
    path = Path(arguments.out or f"{arguments.system or OWN}.toml")
    try:
        with path.open("w" if arguments.force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise FiniteNError(f"{path} stands there already; give another --out, or replace it with --force.") from None
    except (OSError, ValueError) as error:
        raise FiniteNError(f"{path} cannot be written, {getattr(error, 'strerror', None) or error}.") from None
    show(f"written: {path}; run it with `finite-n run {path}`.")
    return 0
