"""Options of `finite-n horizon`."""

import click

from comparison.cli.command import Command, Several
from comparison.cli.commands.names import Names, claims
from comparison.cli.commands.shared import allow_python, folder, ladder, printing, setting, start_and_times, study

command = Command(
    "horizon",
    [
        study(),
        setting(),
        allow_python(),
        ladder(
            "four or more for a growth law (default: those of the study, or four small ones where it leaves the choice "
            "open)"
        ),
        click.Option(
            ["--tolerance"],
            default="1e-2",
            metavar="E",
            help="Difference that counts as having failed, relative for values above 1 (default 1e-2).",
        ),
        click.Option(
            ["--theory"],
            type=Names(claims),
            default="derived",
            metavar="NAME",
            help="A claim of the study, as «printed», or a theory at finite N, as cumulants2; default: the limit "
            "derived from the model.",
        ),
        Several(["--quantities"], metavar="Q …", help="Such as mean_z cov_zz (default: the averages)."),
        *start_and_times("default 201", 201),
        *folder("horizon.json and a figure (PNG, PDF)"),
        *printing(),
    ],
    "The first time t*(N) at which exact numbers differ from a theory by more than the tolerance, for a ladder of "
    "sizes, and how it grows: as log N (unstable points), as a power of N (limit cycles, critical points), or not at "
    "all (a wrong limit).",
    examples=[
        "finite-n horizon hopfield --sizes 10 20 40 80",
        "finite-n horizon hopfield --set omega=1 --set beta=2 --stop 20",
        "finite-n horizon hopfield --theory printed --quantities cov_zz",
    ],
    done="the times were found",
    kept="and prints the sizes that are done",
)
