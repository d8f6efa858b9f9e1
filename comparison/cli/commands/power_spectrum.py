"""Options of `finite-n power-spectrum`."""

import click

from comparison.cli.command import Command
from comparison.cli.commands.shared import (
    COUNT,
    Number,
    allow_python,
    cutoff,
    from_start,
    ladder,
    operators,
    printing,
    setting,
    study,
)

command = Command(
    "power-spectrum",
    [
        study(),
        *operators(),
        setting(),
        allow_python(),
        ladder("default: those of the study, or three small ones where it leaves the choice open"),
        click.Option(
            ["--omegas"], default="-5,5", metavar="FROM,TO", help="The first frequency and the last one (default -5,5)."
        ),
        click.Option(["--points"], type=COUNT, default=101, metavar="K", help="Number of frequencies (default 101)."),
        click.Option(
            ["--resolution"],
            type=Number("a number such as 0.01"),
            default=0.0,
            metavar="G",
            help="Half-width of what a detector resolves (default 0).",
        ),
        from_start(),
        cutoff("default: so many that the highest hold next to nothing"),
        *printing("Print all frequencies as JSON instead of text."),
    ],
    "N S(ω), S(ω) = 2 Re ∫ (⟨a(τ) b⟩ − ⟨a⟩⟨b⟩) e^{−iωτ} dτ over τ ≥ 0 in the stationary state, exactly at a ladder of "
    "sizes, and its limit as N grows, which is derived from the same model; the coherent part ⟨a⟩⟨b⟩ of ⟨ab⟩, and the "
    "narrowest line. B is a formula as in `finite-n correlation`; of light that J₋ emits it is mm, of a mode "
    "alpha_name.",
    examples=[
        "finite-n power-spectrum hopfield mm --sizes 8 16 32 --omegas -3,3",
        "finite-n power-spectrum hopfield mm --set omega=0.5 --resolution 0.01 --json",
    ],
    done="the spectra were found",
    kept="and prints the sizes that are done",
)
