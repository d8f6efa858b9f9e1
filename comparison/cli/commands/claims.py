"""Options of `finite-n claims`."""

import click

from comparison.cli.command import Command
from comparison.cli.commands.names import FILE, Names, papers
from comparison.cli.commands.shared import flag, printing

command = Command(
    "claims",
    [
        click.Argument(
            ["file"],
            type=FILE,
            required=False,
            metavar="FILE.py",
            help="Claims of a file in place of those of the papers.",
        ),
        click.Option(["--paper"], type=Names(papers), metavar="NUMBER", help="Of one paper alone, such as 000."),
        flag("--quick", "Ladders of a few seconds each: under two minutes in all."),
        click.Option(
            ["--page"],
            type=FILE,
            metavar="FILE",
            help="Also write a page in Markdown; one that shows more is not replaced.",
        ),
        *printing("Print a list of objects as JSON instead of tables; a complex number is a pair [re, im]."),
    ],
    "Every statement of the papers that numbers can decide: the formula as printed, evaluated, against exact numbers "
    "that are computed without it. With FILE.py, the formulas of a theory of one's own: its list CLAIMS of "
    "comparison.formula_claim(…). The file is executed, so give only one that you trust.",
    examples=[
        "finite-n claims --quick",
        "finite-n claims --paper 000 --json",
        "finite-n claims comparison/examples/boundary_time_crystal.py",
    ],
    done="all claims were judged, whatever the verdicts",
    kept="and prints the claims that are decided",
)
