"""Options of `finite-n systems`."""

from comparison.cli.command import Command
from comparison.cli.commands.shared import flag

command = Command(
    "systems",
    [flag("--json", "Print as JSON.")],
    "List the built-in systems: their parameters, what they are, and their studies.",
)
