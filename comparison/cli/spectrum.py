"""`finite-n spectrum`: slow eigenvalues at a ladder of sizes beside mean field."""

from __future__ import annotations

from collections.abc import Sequence

from comparison.cli.interruption import Interruption
from comparison.cli.options import levels, number, settings, sizes
from comparison.cli.printing import present, present_json
from comparison.cli.progress import Progress
from comparison.cli.running import ended, load_of_model, refuse_closed_output
from comparison.convergence.spectrum import compare_spectrum
from finite_n.errors import FiniteNError


def run(arguments) -> int:
    """Find the eigenvalues and print them; returns the exit status."""
    given = {"parameters": settings(arguments.set)} if arguments.set else {}
    wanted = sizes(arguments.sizes) or [10, 20, 30, 40]
    k, tol = (
        number(arguments.k, "-k", "a whole number such as 6"),
        number(arguments.tol, "--tol", "a number such as 1e-9"),
    )
    refuse_closed_output("result")
    with Interruption() as stop:
        model = load_of_model(arguments.study, given, "spectrum", arguments.allow_python).model
        cutoffs = _levels(arguments.cutoff, model)
        with Progress(wanted, stop, arguments.quiet, inside=False) as progress:
            result = compare_spectrum(model, wanted, k, tol=tol, progress=progress.counted, cutoffs=cutoffs)
            stop.hold()
        if arguments.json:
            present_json(result.to_dict())
        else:
            present(result.table)
    return ended(result.sizes, result.failure, stop)


def _levels(texts: Sequence[str], model) -> dict | None:
    """Levels by mode from NAME=LEVEL; None for a model without modes."""
    given_levels = levels(texts)
    if set(given_levels) != {mode.name for mode in model.modes}:
        options = " ".join(f"--cutoff {mode.name}=20" for mode in model.modes)
        given = f"levels are given for {', '.join(given_levels)}" if given_levels else "no levels are given"
        wanted = (
            f"give them for its modes, for example {options}" if options else "this model has no modes, so give none"
        )
        raise FiniteNError(f"spectrum: {given}; {wanted}.")
    return given_levels or None
