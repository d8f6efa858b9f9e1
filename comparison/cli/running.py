"""A study that a command runs: with progress, to its end or an interruption, and what is said then."""

from __future__ import annotations

import sys
from collections.abc import Callable

from comparison.cli.endings import EXIT_ERROR
from comparison.cli.interruption import Interruption
from comparison.cli.progress import Progress
from comparison.cli.streams import say
from comparison.starting import EXIT_INTERRUPTED
from comparison.study.result import StudyResult
from comparison.study.study import Study
from comparison.study_file.build import load
from finite_n.errors import FiniteNError
from finite_n.model.model import Model
from finite_n.solvers.plan import plan_evolution
from finite_n.systems import PARTICLES


def refuse_closed_output(what: str, hint: str = "") -> None:
    """Refuse to compute what could not be printed. what, hint : what that is, in plural or not, and what to try."""
    if sys.stdout is None:
        raise FiniteNError(f"standard output is closed, so the {what} would go nowhere{hint}.")


def load_of_model(name: str, given: dict, command: str, allow_python: bool = False) -> Study:
    """The study of a name or a file, for commands that ask about models; refuses particles made of bosons."""
    study = None if name in PARTICLES else load(name, given, allow_python=allow_python)
    if study is None or not isinstance(study.model, Model):
        raise FiniteNError(
            f"{name}: `finite-n {command}` is for models, and these are particles made of bosons; take `finite-n run`."
        )
    return study


def run_study(
    study: Study, stop: Interruption, quiet: bool, keep: Callable[[StudyResult], None] | None = None
) -> StudyResult:
    """Run it with progress on standard error. Afterwards signals are held back, so that what is done can be printed."""
    with Progress(study.sizes, stop, quiet, study.budget, cost_of(study)) as progress:
        result = study.run(progress, keep)
        stop.hold()
    return result


def cost_of(study: Study) -> Callable[[int], float] | None:
    """The work of every size of a study, as its engines offer it; None where only the sizes before tell."""
    if not isinstance(study.model, Model):
        return None
    options = {"tol": study.tol, "cutoffs": study.cutoffs}
    return lambda N: plan_evolution(study.model, N, study.rho0, study.times, study.e_ops, **options).work


def end(result: StudyResult, stop: Interruption, status: int) -> int:
    """Say why a run ended before its last size; returns its exit status, which is `status` where it did not."""
    if result.failure:
        say(f"finite-n: {result.failure}")
    if stop.number or result.interrupted:
        say(f"finite-n: interrupted; the sizes {result.sizes} are done.")
        return stop.status or EXIT_INTERRUPTED
    return EXIT_ERROR if result.failure else status
