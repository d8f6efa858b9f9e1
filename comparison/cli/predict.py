"""`finite-n predict`: exact numbers at sizes that are not run, with errors, by a study that runs or a saved one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from comparison.cli.endings import EXIT_ERROR
from comparison.cli.interruption import Interruption
from comparison.cli.options import number, overrides, refuse_changes, words
from comparison.cli.printing import present, present_json
from comparison.cli.running import end, refuse_closed_output, run_study
from comparison.cli.streams import say
from comparison.referee.prediction import Prediction, check_target, prediction_table
from comparison.study.saved import read_saved
from comparison.study_file.build import load
from finite_n.errors import FiniteNError


def run(arguments) -> int:
    """Predict and print; returns the exit status."""
    given = words(",".join(arguments.targets))
    targets = list(dict.fromkeys(number(word, "N", "numbers of particles such as 400 1000") for word in given))
    if not targets:
        raise FiniteNError("N: give one number of particles or more, such as 400 1000.")
    path = Path(arguments.study)
    if not path.is_dir() and path.suffix != ".nc":
        return _run(arguments, targets)
    refuse_changes(path, arguments)
    saved = read_saved(path)
    found = [saved.predict(N) for N in targets]
    _print(arguments, found, {"study": saved.name, "dataset": saved.digest, "sizes": list(saved.evidence.sizes)})
    return 0


def _run(arguments, targets: Sequence[int]) -> int:
    """Run the study of a name or a file, then predict."""
    with Interruption() as stop:
        study = load(arguments.study, overrides(arguments), allow_python=arguments.allow_python)
        for N in targets:  # before the long work
            study.space.sizes(check_target(N, study.least_sizes))
        refuse_closed_output("predictions")
        result = run_study(study, stop, arguments)
        found, problems = _each(result.predict, targets) if result.results else ([], [])
        if found:
            _print(arguments, found, {"study": study.name, "dataset": result.digest, "sizes": result.sizes})
        for problem in problems:
            say(f"finite-n: {problem}")
    return end(result, stop, EXIT_ERROR if problems else 0)


def _each(predict: Callable[[int], Prediction], targets: Sequence[int]) -> tuple[list[Prediction], list[str]]:
    """What is predicted, and why the rest is not: a ladder that ended early says nothing of sizes beyond it."""
    found, problems = [], []
    for N in targets:
        try:
            found.append(predict(N))
        except FiniteNError as error:
            problems.append(str(error))
    return found, problems


def _print(arguments, found: Sequence[Prediction], of: dict) -> None:
    if arguments.json:
        data = of | {"predictions": [p.to_dict() for p in found]}
        present_json(data)
    else:
        present(lambda: prediction_table(found))
