"""Options of `finite-n init`."""

import click

from comparison.cli.command import Command
from comparison.cli.commands.names import FILE, Names, systems
from comparison.cli.commands.shared import flag

command = Command(
    "init",
    [
        click.Argument(["system"], type=Names(systems), metavar="[NAME]", required=False, help="A built-in system."),
        click.Option(
            ["--out"], type=FILE, metavar="FILE", help="Write that file; - prints it. Default: NAME.toml or model.toml."
        ),
        flag("--force", "Replace the file if it is there."),
    ],
    "Write a study file to start from, with every key explained: that of a built-in system, which asks for what "
    "`finite-n run NAME` asks for, or, without a name, that of a model of one's own.",
    examples=["finite-n init hopfield", "finite-n init --out mine.toml", "finite-n run hopfield.toml --dry-run"],
)
