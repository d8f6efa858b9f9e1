"""`finite-n correlation`: correlations of two times at a ladder of sizes beside their Gaussian limit."""

from __future__ import annotations

import numpy as np

from comparison.cli.interruption import Interruption
from comparison.cli.options import initial, operators, settings, sizes
from comparison.cli.printing import present, present_json
from comparison.cli.progress import Progress
from comparison.cli.running import ended, load_of_model, refuse_closed_output
from comparison.convergence.correlations import compare_correlations
from comparison.referee.extrapolation import FEWEST
from finite_n.errors import FiniteNError


def run(arguments) -> int:
    """Find the correlations and print them; returns the exit status."""
    given: dict = {"parameters": settings(arguments.set)} if arguments.set else {}
    if arguments.initial is not None:
        given["initial"] = initial(arguments.initial)
    if arguments.points < 2 or not arguments.stop > 0:
        raise FiniteNError("--points, --stop: give two delays or more, up to a time above 0.")
    wanted = sizes(arguments.sizes)
    refuse_closed_output("result")
    with Interruption() as stop:
        study = load_of_model(arguments.study, given, "correlation", arguments.allow_python)
        model = study.model
        a, b = operators(arguments, model)
        wanted = wanted or study.doubling_sizes(FEWEST)
        start = float(study.tlist[0])
        at = float(study.tlist[-1]) if arguments.at is None else arguments.at
        delays = np.linspace(0, arguments.stop, arguments.points)
        with Progress(wanted, stop, arguments.quiet) as progress:
            options = {"start": start, "tol": study.tol, "progress": progress, "keep": True}
            found = compare_correlations(model, study.rho0, at, delays, wanted, a, b, **options)
            stop.hold()
        if arguments.json:
            present_json(found.to_dict())
        else:
            present(found.table)
    return ended(found.sizes, found.failure, stop)
