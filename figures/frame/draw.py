"""`finite-n figures`: draws figures, or lists them."""

from __future__ import annotations

import dataclasses
import time

from comparison.cli.endings import EXIT_ERROR
from comparison.cli.interruption import Interruption
from comparison.cli.printing import present, present_json
from comparison.cli.progress import Steps
from comparison.cli.streams import say, show
from figures.frame.figure import figure_scripts
from figures.frame.make import Made, make
from finite_n.errors import FiniteNError


def run(arguments) -> int:
    """Make figures, say what became of each, and how long all took; returns the exit status."""
    names, out = list(arguments.names), arguments.out
    if names and arguments.all:
        raise FiniteNError("figures: give either names or --all.")
    scripts = figure_scripts(names)
    if not (names or arguments.all):
        if arguments.json:
            present_json([{"name": script.name, "shows": script.shows} for script in scripts])
        else:
            present(lambda: "\n".join(f"{script.name}\n  {script.shows}" for script in scripts))
        return 0
    begun = time.perf_counter()
    with Interruption() as stop, Steps(len(scripts), arguments.quiet) as step:

        def progress(text: str) -> None:
            stop.check()
            if not arguments.quiet:
                say(text)

        made = make(names, out, progress, lambda one: _tell(one, arguments.json), step)
    failed = sum(bool(one.problem) for one in made)
    if arguments.json:
        present_json([dataclasses.asdict(one) | {"paths": [str(path) for path in one.paths]} for one in made])
    else:
        done = f"{len(made) - failed} of {len(made)} figures" if failed else f"{len(made)} figures"
        show(f"{done} in {out}, {time.perf_counter() - begun:.0f} s")
    return EXIT_ERROR if failed else 0


def _tell(made: Made, as_data: bool) -> None:
    """A line on one figure; only what went wrong where the others become data."""
    if made.problem:
        say(f"finite-n: {made.problem}")
    elif not as_data:
        show(f"{made.name}: {'kept data' if made.kept else 'computed'}, {made.seconds:.1f} s")
