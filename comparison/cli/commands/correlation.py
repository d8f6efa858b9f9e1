"""Options of `finite-n correlation`."""

import click

from comparison.cli.command import Command
from comparison.cli.commands.shared import (
    COUNT,
    TIME,
    allow_python,
    initial,
    ladder,
    operators,
    printing,
    setting,
    study,
)

command = Command(
    "correlation",
    [
        study(),
        *operators(),
        setting(),
        allow_python(),
        ladder("four or more (default: those of the study, or four small ones where it leaves the choice open)"),
        initial(),
        click.Option(["--at"], type=TIME, metavar="T", help="The earlier time (default: the last one of the study)."),
        click.Option(["--stop"], type=TIME, default=1.0, metavar="T", help="Longest delay (default 1)."),
        click.Option(["--points"], type=COUNT, default=5, metavar="K", help="Number of delays (default 5)."),
        *printing(),
    ],
    "N (⟨a(t + τ) b(t)⟩ − ⟨a(t + τ)⟩⟨b(t)⟩), exactly at a ladder of sizes, its limit as N grows, which is derived from "
    "the same model, and verdicts: do exact numbers go there? b is a formula of mx, my, mz, mp, mm (of σ+ and σ−), "
    "with _name for a species that has one, of m(s_01) of |0⟩⟨1| for particles of several levels, and of phi_name, "
    "pi_name, alpha_name, n_name of modes.",
    examples=[
        "finite-n correlation hopfield mz",
        "finite-n correlation collective_dissipation mm --at 0.5 --sizes 16 32 64 128",
        "finite-n correlation hopfield mz --left my --set omega=0.5 --json",
    ],
    done="the correlations were found",
    kept="and prints the sizes that are done",
)
