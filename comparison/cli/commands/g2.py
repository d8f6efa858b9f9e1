"""Options of `finite-n g2`."""

import click

from comparison.cli.command import Command
from comparison.cli.commands.shared import (
    COUNT,
    TIME,
    allow_python,
    cutoff,
    from_start,
    initial,
    ladder,
    printing,
    setting,
    study,
)

command = Command(
    "g2",
    [
        study(),
        click.Argument(["b"], metavar="B", help="Formula of what destroys a photon: mm, or alpha_name of a mode."),
        setting(),
        allow_python(),
        ladder("default: those of the study, or three small ones where it leaves the choice open"),
        initial(),
        from_start(),
        click.Option(["--at"], type=TIME, metavar="T", help="The earlier time (default: in the stationary state)."),
        click.Option(["--stop"], type=TIME, default=1.0, metavar="T", help="Longest delay (default 1)."),
        click.Option(["--points"], type=COUNT, default=5, metavar="K", help="Number of delays (default 5)."),
        cutoff("default: so many that the highest hold next to nothing"),
        *printing(),
    ],
    "g²(τ) = ⟨b†(t) b†(t + τ) b(t + τ) b(t)⟩ / (⟨b†b(t)⟩⟨b†b(t + τ)⟩), in the order of photon counting, at a ladder of "
    "sizes: below 1 at τ = 0 light is antibunched, above 1 bunched.",
    examples=[
        "finite-n g2 collective_dissipation mm --from-start --sizes 8 16 32",
        "finite-n g2 hopfield mm --at 0.5 --stop 2 --points 9 --json",
    ],
    done="the coherences were found",
    kept="and prints the sizes that are done",
)
