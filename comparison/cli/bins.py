"""`finite-n bins`: an inhomogeneous ensemble of a study file with more and more bins."""

from __future__ import annotations

from comparison.cli.interruption import Interruption
from comparison.cli.options import number, settings, words
from comparison.cli.printing import present, present_json
from comparison.cli.progress import Steps
from comparison.cli.running import refuse_closed_output
from comparison.convergence.bins import bin_convergence, numbers_of_bins
from comparison.study_file.binned_study import ensemble_of
from comparison.study_file.reading import read_source


def run(arguments) -> int:
    """Find what the bins are off by and print it; returns the exit status."""
    given: dict = {"parameters": settings(arguments.set)} if arguments.set else {}
    accuracy = number(arguments.accuracy, "--accuracy", "a number such as 1e-3")
    bins = [number(word, "--bins", "whole numbers such as 8 13 21") for word in words(arguments.bins)] or None
    refuse_closed_output("result")
    with Interruption() as stop:
        ensemble = ensemble_of(read_source(arguments.study, given), arguments.allow_python)
        members = numbers_of_bins(bins, arguments.particles)
        with Steps(len(members) + 1, arguments.quiet) as step:

            def progress(k: int, share: float) -> None:
                stop.work()
                stop.check()
                if share == 0:
                    step(f"{k} bins")

            options = {"N": arguments.particles, "accuracy": accuracy, "fluctuations": arguments.fluctuations}
            found = bin_convergence(bins=members, progress=progress, **ensemble, **options)
            stop.hold()
        if arguments.json:
            present_json(found.to_dict())
        else:
            present(found.table)
    return 0
