"""A study that a command runs: with progress, to its end or an interruption, and what is said then."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Sequence

from comparison.cli.endings import EXIT_ERROR
from comparison.cli.interruption import Interruption
from comparison.cli.progress import Progress
from comparison.cli.streams import say
from comparison.point_store.store import LARGEST, PointStore, cache_folder
from comparison.starting import EXIT_INTERRUPTED
from comparison.study.forecast import size_forecast
from comparison.study.points import StudyPoints
from comparison.study.result import StudyResult
from comparison.study.study import Study
from comparison.study_file.build import load
from finite_n.errors import FiniteNError
from finite_n.model.model import Model
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


def points_of(arguments) -> PointStore | None:
    """Where finished sizes are kept: as --cache and --no-cache say, or else in the user's cache if that is not off."""
    if arguments.no_cache and arguments.cache is not None:
        raise FiniteNError("--no-cache and --cache are both given; give one of them.")
    if arguments.no_cache or (arguments.cache is None and cache_folder() is None):
        return None
    return PointStore(arguments.cache)


def run_study(
    study: Study, stop: Interruption, arguments, keep: Callable[[StudyResult], None] | None = None
) -> StudyResult:
    """Run it with progress on standard error. Afterwards signals are held back, so that what is done can be printed."""
    store = points_of(arguments)
    points = None if store is None else StudyPoints(study, store)
    known = {} if points is None else points.found
    with Progress(study.sizes, stop, arguments.quiet, study.budget, cost_of(study), known=known) as progress:
        result = study.run(progress, keep, points)
        stop.hold()
    if known and not arguments.quiet:
        say(f"finite-n: {len(known)} of {len(result.results)} sizes were found in {store.folder}.")
    if store is not None and store.kept and arguments.cache is None:
        with contextlib.suppress(OSError):
            store.clear(LARGEST)
    return result


def _is_found_again(result: StudyResult) -> bool:
    """Whether the sizes that are done will be found by a next run."""
    points = result.points
    return points is not None and len(result.results) <= points.store.kept + len(points.found)


def cost_of(study: Study) -> Callable[[int], float] | None:
    """The work of every size of a study, as its engines offer it; None where only the sizes before tell."""
    return (lambda N: size_forecast(study, N).work) if isinstance(study.model, Model) else None


def ended(sizes: Sequence[int], failure: str, stop: Interruption, problems: bool = False) -> int:
    """Say why a ladder ended before its last size, where it did; returns the exit status of its command."""
    if failure:
        say(f"finite-n: {failure}")
    if failure or stop.number:
        say(f"finite-n: {'ended by the error' if failure else 'interrupted'}; the sizes {list(sizes)} are done.")
    return stop.status or (EXIT_ERROR if problems or failure else 0)


def end(result: StudyResult, stop: Interruption, status: int, lost: str = "") -> int:
    """Say why a run ended before its last size; returns its exit status, which is `status` where it did not.

    lost : what is said of sizes that are done and that no next run finds
    """
    interrupted = bool(stop.number or result.interrupted)
    if result.failure:
        say(f"finite-n: {result.failure}")
    if result.failure or interrupted:
        kept = "no size was done yet"
        if result.results:
            kept = f"the sizes {result.sizes} are done"
            kept += "; the next run finds them" if _is_found_again(result) else lost
        say(f"finite-n: {'ended by the error' if result.failure else 'interrupted'}; {kept}.")
    if interrupted:
        return stop.status or EXIT_INTERRUPTED
    return EXIT_ERROR if result.failure else status
