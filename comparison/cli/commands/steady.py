"""Options of `finite-n steady`."""

from comparison.cli.command import Command
from comparison.cli.commands.shared import (
    allow_python,
    cutoff,
    from_start,
    initial,
    ladder,
    printing,
    setting,
    spins,
    study,
)

command = Command(
    "steady",
    [
        study(),
        setting(),
        allow_python(),
        ladder("default: those of the study, or three small ones where it leaves the choice open"),
        from_start(),
        initial(),
        spins(),
        cutoff("default: so many that the highest hold next to nothing"),
        *printing(),
    ],
    "The stationary state at a ladder of sizes: averages, covariances and the observables of the study, a bound of its "
    "error in trace norm, the gap; and the averages at the fixed points of mean field.",
    examples=[
        "finite-n steady hopfield --sizes 10 20 40",
        "finite-n steady collective_dissipation --J N/2 --sizes 8 16 32",
        "finite-n steady dicke_model --set loss=0.8 --sizes 2 4 --cutoff field=12",
    ],
    done="the states were found",
    kept="and prints the sizes that are done",
)
