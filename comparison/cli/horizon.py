"""`finite-n horizon`: until when a theory holds at a ladder of sizes, and how that time grows with N."""

from __future__ import annotations

import contextlib

from comparison.cli.interruption import Interruption
from comparison.cli.options import initial, number, settings, sizes, words
from comparison.cli.printing import present, present_json
from comparison.cli.progress import Progress
from comparison.cli.running import cost_of, ended, load_of_model, refuse_closed_output
from comparison.cli.streams import say, show
from comparison.convergence.horizon import Horizon, horizon
from comparison.convergence.horizon_files import HorizonFolder
from comparison.referee.extrapolation import FEWEST
from comparison.referee.theories import THEORIES, theories
from finite_n.errors import FiniteNError, shown


def run(arguments) -> int:
    """Find the horizon, write and print it; returns the exit status."""
    with contextlib.ExitStack() as entered:
        stop = entered.enter_context(Interruption())
        tolerance = number(arguments.tolerance, "--tolerance", "a number such as 1e-2")
        wanted = sizes(arguments.sizes)
        study = load_of_model(arguments.study, _overrides(arguments), "horizon", arguments.allow_python)
        wanted = wanted or study.doubling_sizes(FEWEST)
        theory = _theory(study, arguments.theory)
        quantities = words(arguments.quantities) or None
        folder = None
        if arguments.out is not None:
            folder = entered.enter_context(HorizonFolder(arguments.out, arguments.force))
            folder.check(study, arguments.theory, tolerance, quantities, wanted)
            for note in folder.notes:
                say(f"finite-n: {note}")
        else:
            refuse_closed_output("result", "; give --out FOLDER")
        given = (study.model, study.rho0, study.tlist, wanted, theory, tolerance, quantities, study.e_ops)
        with Progress(wanted, stop, arguments.quiet, cost=cost_of(study)) as progress:
            found = horizon(*given, tol=study.tol, cutoffs=study.cutoffs, progress=progress)
            stop.hold()
        return _report(arguments, found, folder, stop)


def _report(arguments, found: Horizon, folder: HorizonFolder | None, stop: Interruption) -> int:
    """Write and print what is done, say how it ended; returns the exit status."""
    problems = []
    if folder is not None:
        written, problems = folder.write(found, lambda draw: None if stop.count > 1 else stop.attempt(draw, pause=0.0))
    if arguments.json:
        present_json(found.to_dict())
    else:
        present(found.table)
    if folder is not None and written:
        (say if arguments.json else show)(f"\nwritten: {', '.join(map(str, written))}")
    for problem in problems:
        say(f"finite-n: {problem}")
    return ended(found.sizes, found.failure, stop, bool(problems))


def _theory(study, name: str):
    """The claim of a study by its name; None for the derived limit."""
    claims = {claim.name: claim for claim in study.all_claims}
    if name in THEORIES and name not in claims:
        return theories(study.model, study.rho0, [name], study.e_ops)[0]
    if name not in claims:
        raise FiniteNError(f"--theory {shown(name)}: this study knows {', '.join(map(shown, [*claims, *THEORIES]))}.")
    return None if name == "derived" else claims[name]


def _overrides(arguments) -> dict:
    out: dict = {"parameters": settings(arguments.set)} if arguments.set else {}
    if arguments.initial is not None:
        out["initial"] = initial(arguments.initial)
    out["times"] = {"points": arguments.points} | ({} if arguments.stop is None else {"stop": arguments.stop})
    return out
