"""Options of `finite-n spectrum`."""

import click

from comparison.cli.command import Command
from comparison.cli.commands.shared import (
    allow_python,
    cutoff,
    flag,
    initial,
    ladder,
    printing,
    setting,
    spins,
    study,
)

command = Command(
    "spectrum",
    [
        study(),
        setting(),
        allow_python(),
        ladder("four or more give errors (default 10 20 30 40)"),
        click.Option(["-k"], default="6", metavar="K", help="Number of eigenvalues, zero not counted (default 6)."),
        click.Option(
            ["--tol"], default="1e-9", metavar="TOL", help="Residual allowed, in units of a decay rate (default 1e-9)."
        ),
        flag("--from-start", "Only modes that the initial state of the study holds: no others show in its evolution."),
        initial(),
        spins(),
        cutoff("for every mode"),
        *printing(),
    ],
    "The eigenvalues of the Liouvillian with the largest real parts at a ladder of sizes, its gap, and the sums of "
    "eigenvalues of the mean-field Jacobian at the fixed points, to which they go as N grows.",
    examples=[
        "finite-n spectrum hopfield",
        "finite-n spectrum boundary_time_crystal --J N/2 --sizes 8 16 24 32",
        "finite-n spectrum hopfield --set omega=0.5 --sizes 8 16 24 32 -k 8 --json",
    ],
    done="the eigenvalues were found",
    kept="and prints the sizes that are done",
)
