"""Options of `finite-n systems`."""

from comparison.cli.command import Command
from comparison.cli.commands.shared import printing

command = Command(
    "systems",
    printing(),
    "List the built-in systems: their parameters, what they are, and their studies.",
)
