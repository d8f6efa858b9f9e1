"""`finite-n` itself: the names of its commands with a line of each, and commands that other packages attach to it.

A command is found by its name and no other one is loaded: those of this package in `commands/`, others by the
entry-point group `finite_n.commands`, name = "module:object" of a `Command`.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import click

from comparison.cli.command import Command
from comparison.cli.refusals import no_command
from finite_n.errors import FiniteNError, in_words

COMMANDS = {
    "run": "run a study: exact dynamics at a ladder of sizes, limits, verdicts",
    "judge": "judge claims from files, by a study that is run or by a saved one",
    "predict": "exact numbers at sizes that are not run, with errors, from a ladder of smaller ones",
    "spectrum": "slow Liouvillian eigenvalues and gap at a ladder of sizes, beside mean field",
    "horizon": "until when a theory holds at a ladder of sizes, and how that time grows with N",
    "bins": "how many bins an inhomogeneous ensemble needs, and until when they suffice",
    "correlation": "correlations of two times at a ladder of sizes, beside those of Gaussian fluctuations",
    "steady": "stationary states at a ladder of sizes, beside the fixed points of mean field",
    "power-spectrum": "spectra of the light at a ladder of sizes, and their line widths, beside the limit",
    "g2": "second-order coherence of the light at a ladder of sizes",
    "claims": "judge the statements of the papers, or formulas of one's own, by exact numbers",
    "init": "write a study file to start from, with every key explained",
    "systems": "list the built-in systems and their parameters",
    "cache": "where finished sizes are kept for later runs, and how to remove them",
    "bench": "measure speed against PIQS and scipy in one run",
}
ENTRY_POINTS = "finite_n.commands"
_PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


def attached() -> dict[str, str]:
    """Commands of other packages: module:object by name. Those of a source tree are known before it is installed."""
    from importlib.metadata import entry_points

    found = {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}
    if _PYPROJECT.is_file():
        import tomllib

        project = tomllib.loads(_PYPROJECT.read_text(encoding="utf-8"))["project"]
        if project["name"] == "finite-n":
            found |= project.get("entry-points", {}).get(ENTRY_POINTS, {})
    return found


def _load(name: str, place: str) -> Command:
    module, _, attribute = place.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except Exception as error:  # of another package: whatever is wrong there
        raise FiniteNError(
            f"the command {name} is attached as {place}, which cannot be loaded: {in_words(error)}"
        ) from error


class FiniteN(click.Group):
    """The group of all commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *(name for name in attached() if name not in COMMANDS)]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in COMMANDS:
            return importlib.import_module(f"comparison.cli.commands.{name.replace('-', '_')}").command
        place = attached().get(name)
        return None if place is None else _load(name, place)

    def resolve_command(self, ctx: click.Context, args: list[str]):
        if not ctx.resilient_parsing and self.get_command(ctx, args[0]) is None:
            raise no_command(args[0], self.list_commands(ctx))
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:
            raise FiniteNError("COMMAND is missing; see `finite-n --help`.")
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(self._lines(ctx))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list:
        from click.shell_completion import CompletionItem

        found = [CompletionItem(name, help=line) for name, line in self._lines(ctx) if name.startswith(incomplete)]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def _lines(self, ctx: click.Context) -> list[tuple[str, str]]:
        """Every command and what it does."""
        rows = list(COMMANDS.items())
        for name in self.list_commands(ctx)[len(COMMANDS) :]:
            try:
                rows.append((name, self.get_command(ctx, name).short_help or ""))
            except FiniteNError:
                rows.append((name, "(cannot be loaded)"))
        return rows


def _version(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(version("finite-n"))
        ctx.exit()


top = FiniteN(
    "finite-n",
    help="An exact referee for mean-field theory: exact open-system dynamics at finite N against its limits.",
    epilog="`finite-n COMMAND --help` says what a command does, its options and its exit status.",
    no_args_is_help=False,
    subcommand_metavar="COMMAND …",
    context_settings={"help_option_names": ["-h", "--help"]},
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            expose_value=False,
            is_eager=True,
            callback=_version,
            help="Print the version and exit.",
        )
    ],
)
