"""Options of `finite-n predict`."""

import click

from comparison.cli.command import Command
from comparison.cli.commands.shared import cache, printing, study, study_options

command = Command(
    "predict",
    [
        study(saved=True),
        click.Argument(
            ["targets"],
            nargs=-1,
            required=True,
            metavar="N …",
            help="Numbers of particles, from the smallest of the study on.",
        ),
        *study_options(),
        *cache(),
        *printing("Print all times as JSON instead of text."),
    ],
    "Predict every quantity at N particles, with an error, where N is too large to run: from the exact numbers at the "
    "sizes of a study and the expansion in 1/N that is derived from its model. A study file or a built-in system is "
    "run; the folder of a saved study is not run again. A question mark stands for an error where the ladder is not in "
    "the range of the expansion. --json prints all times, not only the last.",
    examples=[
        "finite-n predict hopfield 400 1000",
        "finite-n predict study.toml 1e6 --budget 2min --json",
        "finite-n run hopfield --out out/hopfield",
        "finite-n predict out/hopfield 400",
    ],
    done="all N are predicted",
    kept="the sizes that are done, and predicts by them if they are four or more",
)
