"""`finite-n spectrum`: slow eigenvalues at a ladder of sizes beside mean field."""

from __future__ import annotations

from collections.abc import Mapping

from comparison.cli.interruption import Interruption
from comparison.cli.options import number
from comparison.cli.printing import present, present_json
from comparison.cli.progress import Progress
from comparison.cli.running import ended
from comparison.cli.stationary import asked
from comparison.convergence.spectrum import compare_spectrum
from finite_n.errors import FiniteNError

_SIZES = (10, 20, 30, 40)


def run(arguments) -> int:
    """Find the eigenvalues and print them; returns the exit status."""
    k, tol = (
        number(arguments.k, "-k", "a whole number such as 6"),
        number(arguments.tol, "--tol", "a number such as 1e-9"),
    )
    with Interruption() as stop:
        what = asked(arguments, "spectrum", _SIZES)
        options = {"tol": tol, "cutoffs": _levels(what.cutoffs, what.model), "J": what.J, "rho0": what.start}
        with Progress(what.sizes, stop, arguments.quiet, inside=False) as progress:
            result = compare_spectrum(what.model, what.sizes, k, progress=progress.counted, **options)
            stop.hold()
        if arguments.json:
            present_json(result.to_dict())
        else:
            present(result.table)
    return ended(result.sizes, result.failure, stop)


def _levels(given: Mapping[str, int] | None, model) -> Mapping[str, int] | None:
    """Levels of every mode; None for a model without modes."""
    if set(given or ()) != {mode.name for mode in model.modes}:
        options = " ".join(f"--cutoff {mode.name}=20" for mode in model.modes)
        said = f"levels are given for {', '.join(given)}" if given else "no levels are given"
        wanted = (
            f"give them for its modes, for example {options}" if options else "this model has no modes, so give none"
        )
        raise FiniteNError(f"spectrum: {said}; {wanted}.")
    return given or None
