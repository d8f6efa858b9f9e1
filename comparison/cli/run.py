"""`finite-n run`: a study, its table and verdicts, and its folder of results."""

from __future__ import annotations

import contextlib
import time

from comparison.cli.endings import EXIT_ERROR
from comparison.cli.interruption import Interruption
from comparison.cli.options import overrides
from comparison.cli.printing import present, present_json
from comparison.cli.running import end, refuse_closed_output, run_study
from comparison.cli.streams import say, show
from comparison.cli.sweeping import by_workers, run_sweep
from comparison.referee.extrapolation import FEWEST
from comparison.referee.theories import THEORIES
from comparison.report.as_data import as_json
from comparison.report.files import Written, write_into
from comparison.report.headlines import headlines
from comparison.report.tables import finite_size_table, table
from comparison.results_folder.folder import OutputFolder
from comparison.starting import EXIT_INTERRUPTED
from comparison.study.forecast import forecast
from comparison.study.planted_errors import power_table, power_test
from comparison.study.result import StudyResult
from comparison.study.study import Study
from comparison.study.theories import theory_table
from comparison.study_file.build import load
from comparison.study_file.reading import read_source
from finite_n.errors import in_words

WORTH_KEEPING = 2.0  # seconds of work


def run(arguments) -> int:
    """Run the study, write and print what is done; returns the exit status."""
    with contextlib.ExitStack() as entered:
        stop = entered.enter_context(Interruption())
        if arguments.grid or read_source(arguments.study).raw.get("grid") is not None:
            return run_sweep(arguments, stop)
        study = load(arguments.study, overrides(arguments), allow_python=arguments.allow_python)
        if arguments.dry_run:
            return _say_what_it_takes(study, arguments.json)
        folder = None
        if arguments.out is not None:
            folder = entered.enter_context(OutputFolder(arguments.out, arguments.force))
            folder.check(study, arguments.power)
            for note in folder.notes:
                say(f"finite-n: {note}")
        else:
            refuse_closed_output("result", "; give --out FOLDER")
        if arguments.workers is not None or arguments.scheduler is not None:
            result = by_workers(arguments, stop)
            if result is None:
                say("finite-n: interrupted; the sizes that are done are found by the next run.")
                return stop.status or EXIT_INTERRUPTED
        else:
            result = run_study(study, stop, arguments, _Keeper(folder) if folder else None)
        return _report_study(arguments, result, folder, stop)


def _say_what_it_takes(study: Study, as_data: bool) -> int:
    """Print what the study would take; returns the exit status."""
    found = forecast(study)
    if as_data:
        present_json(found.as_data())
    else:
        present(lambda: str(found))
    return 0


class _Keeper:
    """Writes what is done between sizes, where that took some time, so that a killed process loses little."""

    def __init__(self, folder: OutputFolder):
        self.folder, self.written_at = folder, time.perf_counter()

    def __call__(self, result) -> None:
        if time.perf_counter() - self.written_at > WORTH_KEEPING:
            # a problem is reported at the end, if it is still there
            write_into(self.folder, result, drawing=lambda draw: None)
            self.written_at = time.perf_counter()


def _text(result: StudyResult) -> str:
    """Tables and verdicts."""
    chosen = [] if result.growth is None else ["", str(result.growth)]
    own = [v for v in result.finite_sizes if v.claim not in THEORIES]
    theories = ["", finite_size_table(own)] if own else []
    theories += ["", theory_table(result)] if result.finite_sizes else []
    return "\n".join([table(result), "", *headlines(result), *chosen, *theories])


def _report_study(arguments, result, folder: OutputFolder | None, stop: Interruption) -> int:
    """Write what is done, print it, say how it ended; returns the exit status."""
    power, problems = None, []
    if arguments.power and len(result.results) >= FEWEST and not stop.number:
        try:
            power = stop.attempt(lambda: power_test(result))
        except Exception as error:
            problems.append(f"planted errors: {in_words(error)}")
        stop.hold()
        if power is None and not problems:
            problems.append("planted errors: interrupted.")

    def draw(figure):
        return None if stop.count > 1 else stop.attempt(figure, pause=0.0)

    written = write_into(folder, result, power, draw) if folder else Written()
    problems += written.problems
    if arguments.json:
        present_json(as_json(result, power))
    elif result.results:
        present(lambda: _text(result))
        if power is not None:
            present(lambda: f"\nPlanted errors\n{power_table(power)}")
    if written.paths:
        (say if arguments.json else show)(f"\nwritten: {', '.join(map(str, written.paths))}")
    if written.standing:
        say(
            f"finite-n: output folder {folder.name} holds all of these sizes and more of this study, so nothing was "
            "written."
        )
    for problem in problems:
        say(f"finite-n: {problem}")
    lost = "" if folder else "; with --out FOLDER they would have been written"
    return end(result, stop, EXIT_ERROR if problems else 0, lost)
