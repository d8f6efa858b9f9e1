"""`finite-n g2`: second-order coherence of the light at a ladder of sizes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from comparison.cli.interruption import Interruption
from comparison.cli.options import formula
from comparison.cli.printing import present, present_json
from comparison.cli.running import ended
from comparison.cli.stationary import asked, climbed, rows_of, some
from comparison.referee.table import aligned
from finite_n import Coherence, g2
from finite_n.errors import FiniteNError


def run(arguments) -> int:
    """Find the coherences and print them; returns the exit status."""
    if arguments.points < 2 or not arguments.stop > 0:
        raise FiniteNError("--points, --stop: give two delays or more, up to a time above 0.")
    delays = np.linspace(0, arguments.stop, arguments.points)
    with Interruption() as stop:
        what = asked(arguments, "g2")
        b = formula(arguments.b, what.model, "B")
        start, times = what.start, None
        if arguments.at is not None:
            first = float(what.study.tlist[0])
            if arguments.at < first:
                raise FiniteNError(f"--at {arguments.at:g}: it lies before the start at {first:g}; give a later time.")
            start, times = what.study.rho0, [first, arguments.at] if arguments.at > first else [first]
        ladder = climbed(
            what.sizes,
            lambda N: _lit(g2(what.model, N, start, times, delays, b, cutoffs=what.cutoffs)),
            stop,
            arguments.quiet,
        )
        if arguments.json:
            present_json(
                {
                    "study": what.study.name,
                    "sizes": ladder.done,
                    "time": arguments.at,
                    "delays": delays.tolist(),
                    "g2": [_last(c).tolist() for c in ladder.results],
                    "intensity": [float(np.ravel(c.intensity)[-1]) for c in ladder.results],
                    "error": [c.error for c in ladder.results],
                    "interrupted": ladder.interrupted,
                    "failure": ladder.failure or None,
                }
            )
        else:
            present(lambda: _table(ladder.results))
    return ended(ladder.done, ladder.failure, stop)


def _lit(c: Coherence) -> Coherence:
    """Refuse the dark: no light at the time that was asked for, though there may have been some at the start."""
    if np.isnan(_last(c)).any():
        raise FiniteNError(f"g2: at N = {c.N} there is no light at the time asked for; give another time by --at.")
    return c


def _last(c: Coherence) -> np.ndarray:
    """g² at the earlier time that was asked for."""
    return c.values if c.times is None else c.values[-1]


def _table(found: Sequence[Coherence]) -> str:
    columns = some(len(found[0].delays))
    names = [f"τ = {found[0].delays[k]:g}" for k in columns]
    values = {f"N = {c.N}": dict(zip(names, _last(c)[columns], strict=True)) for c in found}
    light = [["", "⟨b†b⟩", "error of g²"]]
    light += [[f"N = {c.N}", f"{np.ravel(c.intensity)[-1]:.7g}", f"{c.error:.0e}"] for c in found]
    return "\n\n".join(["g²\n" + aligned(rows_of(names, values)), aligned(light)])
