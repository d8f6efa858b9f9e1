"""`finite-n spectrum`: slow eigenvalues at a ladder of sizes beside mean field."""

from __future__ import annotations

from collections.abc import Sequence

from comparison.cli.endings import EXIT_ERROR
from comparison.cli.interruption import Interruption
from comparison.cli.options import number, refuse_twice, settings, sizes
from comparison.cli.printing import present, present_json
from comparison.cli.progress import Progress
from comparison.cli.running import load_of_model
from comparison.cli.streams import say
from comparison.convergence.spectrum import compare_spectrum
from finite_n.errors import FiniteNError, shown


def run(arguments) -> int:
    """Find the eigenvalues and print them; returns the exit status."""
    given = {"parameters": settings(arguments.set)} if arguments.set else {}
    wanted = sizes(arguments.sizes) or [10, 20, 30, 40]
    k, tol = (
        number(arguments.k, "-k", "a whole number such as 6"),
        number(arguments.tol, "--tol", "a number such as 1e-9"),
    )
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
    if result.failure:
        say(f"finite-n: {result.failure}")
    if result.failure or stop.number:
        say(
            f"finite-n: {'ended by the error' if result.failure else 'interrupted'}; the sizes {result.sizes} are done."
        )
    return stop.status or (EXIT_ERROR if result.failure else 0)


def _levels(texts: Sequence[str], model) -> dict | None:
    """Levels by mode from NAME=LEVEL; None for a model without modes."""
    pairs = [text.rpartition("=") for text in texts]
    if bad := next((t for t, (name, _, _) in zip(texts, pairs, strict=True) if not name.strip()), None):
        raise FiniteNError(f"--cutoff {shown(bad)}: write NAME=LEVEL, for example --cutoff field=20.")
    refuse_twice("--cutoff", [name.strip() for name, _, _ in pairs])
    levels = {name.strip(): number(level, "--cutoff", "a whole number such as 20") for name, _, level in pairs}
    if set(levels) != {mode.name for mode in model.modes}:
        options = " ".join(f"--cutoff {mode.name}=20" for mode in model.modes)
        given = f"levels are given for {', '.join(levels)}" if levels else "no levels are given"
        wanted = (
            f"give them for its modes, for example {options}" if options else "this model has no modes, so give none"
        )
        raise FiniteNError(f"spectrum: {given}; {wanted}.")
    return levels or None
