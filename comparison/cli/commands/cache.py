"""Options of `finite-n cache`."""

import click

from comparison.cli.command import Command
from comparison.cli.commands.names import FOLDER
from comparison.cli.commands.shared import flag

command = Command(
    "cache",
    [
        click.Option(
            ["--cache"], type=FOLDER, metavar="FOLDER", help="Another folder, as given to `finite-n run --cache`."
        ),
        flag("--clear", "Remove all of them."),
        flag("--json", "Print as JSON."),
    ],
    "Say where finished sizes of studies are kept for later runs, how many there are and how large they are. In the "
    "user's cache those not used for longest are removed beyond 2 GiB; they are never needed, only faster. The "
    "variable FINITE_N_CACHE names another folder, or is off.",
    examples=["finite-n cache", "finite-n cache --clear", "FINITE_N_CACHE=off finite-n run hopfield"],
)
