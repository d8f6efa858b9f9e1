"""Options of `finite-n bins`."""

import click

from comparison.cli.command import Command, Several
from comparison.cli.commands.shared import COUNT, allow_python, flag, printing, setting

command = Command(
    "bins",
    [
        click.Argument(["study"], metavar="FILE"),
        setting(),
        allow_python(),
        Several(
            ["--bins"], metavar="K …", help="Three or more increasing (default 8 13 21 34, with --particles 1 2 3)."
        ),
        click.Option(["--particles"], type=COUNT, metavar="N", help="Exact at this N (default: the limit of large N)."),
        click.Option(
            ["--accuracy"], default="1e-3", metavar="E", help="To which quantities are called converged (default 1e-3)."
        ),
        flag("--fluctuations", "Variances of the observables too."),
        *printing(),
    ],
    "The observables of a study file with [model.binned], with more and more bins in place of its own: until when they "
    "are converged, what is left of the error, and when bins are in phase again, which no continuum ever is.",
    examples=["finite-n bins study.toml", "finite-n bins study.toml --bins 4 8 12 --particles 12 --json"],
    done="everything was found, converged or not",
)
