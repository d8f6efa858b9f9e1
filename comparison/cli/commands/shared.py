"""Arguments and options that several commands have, so that they are called alike and mean the same."""

from __future__ import annotations

import math

import click

from comparison.cli.command import Several
from comparison.cli.commands.names import FOLDER, Names, parameters, systems
from finite_n.errors import SHOWN, FiniteNError, shortened


class Number(click.ParamType):
    """A number in one word; `wanted` says in a refusal what is asked for, `most` is the largest that is allowed."""

    name = "number"

    def __init__(self, wanted: str, kind: type = float, most: float | None = None):
        self.wanted, self.kind, self.most = wanted, kind, most

    def convert(self, value, param, ctx):
        text = shortened(str(value).strip(), SHOWN)
        try:
            found = self.kind(value)
            if not math.isfinite(found):
                raise ValueError
        except ValueError:
            whole = "whole " * (self.kind is int)
            raise FiniteNError(f"{param.opts[0]}: «{text}» is not a {whole}number; give {self.wanted}.") from None
        if self.most is not None and found > self.most:
            raise FiniteNError(f"{param.opts[0]} {text}: give at most {self.most}, {self.wanted}.")
        return found


TIME = Number("a time such as 1.5")
COUNT = Number("a whole number such as 16", int, most=100_000)


def flag(name: str, help: str) -> click.Option:
    """An option that is given or not."""
    return click.Option([name], is_flag=True, help=help)


def study(saved: bool = False) -> click.Argument:
    """What a command is about: a name or a file, or a folder too."""
    if saved:
        return click.Argument(
            ["study"],
            type=Names(systems, files=True),
            metavar="NAME|FILE.toml|FOLDER",
            help="A system, a study file, or a saved study.",
        )
    return click.Argument(
        ["study"],
        type=Names(systems, files=True),
        metavar="NAME|FILE.toml",
        help="A system (see `finite-n systems`) or a study file.",
    )


def setting() -> click.Option:
    """Parameters of the system."""
    return click.Option(
        ["--set"],
        type=Names(parameters),
        multiple=True,
        metavar="KEY=VALUE",
        help="A parameter of the system; a list as [0.8,1.2].",
    )


def allow_python() -> click.Option:
    """Whether Python files that a study file names are executed."""
    return flag("--allow-python", "Execute the Python files that the study file names; give it if you trust them.")


def ladder(default: str) -> click.Option:
    """Sizes as words of their own."""
    return Several(["--sizes"], metavar="N …", help=f"Numbers of particles, increasing; {default}.")


def initial() -> click.Option:
    """The initial state."""
    return click.Option(["--initial"], metavar="X,Y,Z", help="Bloch vector of the initial product state.")


def from_start() -> click.Option:
    """Which stationary state, where there are several."""
    return flag("--from-start", "Of several stationary states the one that the initial state of the study goes to.")


def spins() -> click.Option:
    """One value of J where it is conserved."""
    return click.Option(
        ["--J", "J"],
        multiple=True,
        metavar="[NAME=]FORMULA",
        help="One value of J where it is conserved, such as N/2 for symmetric states; of a species by NAME=FORMULA.",
    )


def operators() -> list[click.Parameter]:
    """Operators a and b of a correlation ⟨a(t + τ) b(t)⟩."""
    return [
        click.Argument(["b"], metavar="B", help="Formula of the operator at the earlier time."),
        click.Option(
            ["--left"], metavar="A", help="Formula of the operator at the later time (default: the adjoint of B)."
        ),
    ]


def cutoff(which: str) -> click.Option:
    """Highest levels of modes."""
    return click.Option(
        ["--cutoff", "--cutoffs", "cutoff"],
        multiple=True,
        metavar="NAME=LEVEL",
        help=f"Highest Fock level of a mode; {which}.",
    )


def start_and_times(default: str, points: int | None = None) -> list[click.Option]:
    """Initial state and times; `default` says how many those are."""
    return [
        initial(),
        click.Option(["--stop"], type=TIME, metavar="T", help="Last time."),
        click.Option(["--points"], type=COUNT, default=points, metavar="K", help=f"Number of times ({default})."),
    ]


def folder(what: str) -> list[click.Option]:
    """Where results are written."""
    return [
        click.Option(["--out"], type=FOLDER, metavar="FOLDER", help=f"Write {what} there."),
        flag("--force", "Replace whatever result stands in FOLDER."),
    ]


def cache() -> list[click.Option]:
    """Where finished sizes are kept between runs."""
    return [
        click.Option(
            ["--cache"],
            type=FOLDER,
            metavar="FOLDER",
            help="Store every finished size there at once, and find those that are: an interrupted run goes on where "
            "it was, and studies share sizes. Default: the folder of `finite-n cache`.",
        ),
        flag("--no-cache", "Compute every size, and store none for later runs."),
    ]


def printing(help: str = "Print as JSON instead of text.") -> list[click.Option]:
    """What is printed and said."""
    return [flag("--json", help), flag("--quiet", "No progress and no notices on standard error.")]


def study_options() -> list[click.Option]:
    """Options that change the study of a name or a file."""
    return [
        setting(),
        allow_python(),
        click.Option(
            ["--sizes"],
            metavar="N,N,…|auto",
            help="Numbers of particles, four or more, increasing; auto: they are chosen while it runs, as where a "
            "study file gives none.",
        ),
        click.Option(
            ["--budget"],
            metavar="TIME",
            help="Choose sizes until every verdict is settled or TIME would be exceeded, such as 90s, 2min, 1h "
            "(default 60s); compiling does not count.",
        ),
        click.Option(["--largest"], metavar="N", help="Choose sizes up to N."),
        *start_and_times("default 16"),
        click.Option(
            ["--fluctuation"],
            multiple=True,
            metavar="[NAME=]X,Y,…",
            help="Look at the fluctuation r·F beyond its covariance, r a number for every letter of the model: its "
            "characteristic function and its third and fourth cumulants; repeatable with names.",
        ),
        click.Option(
            ["--state-function"],
            multiple=True,
            metavar="[NAME=]KIND[:PARTS]",
            help="Look at a function of the state: squeezing, entropy, entropy_per_particle, purity, negativity, "
            "pair_negativity_times_N, fidelity, fidelity:start, g2_zero, of species and modes such as S=entropy:field, "
            "or fisher_information_per_particle:FORMULA; repeatable.",
        ),
        click.Option(
            ["--accuracy"],
            type=Number("a number such as 1e-4"),
            metavar="A",
            help="Accuracy asked of «confirmed» (default 1e-4, that of built-in studies 5e-6 to 1e-4).",
        ),
    ]
