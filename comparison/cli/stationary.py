"""What commands on stationary states share: the model and its sizes, the ladder of work, rows of a table."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from comparison.cli.interruption import Interruption
from comparison.cli.options import conserved, initial, levels, settings, sizes
from comparison.cli.progress import Progress
from comparison.cli.running import load_of_model, refuse_closed_output
from comparison.ladder import Ladder
from comparison.study.study import Study
from finite_n.errors import FiniteNError
from meanfield.bifurcations.fixed_points import FixedPoint, fixed_points

_FEWEST = 3  # sizes that are chosen where a study leaves the choice open
_COLUMNS = 5  # of times or frequencies in tables


@dataclasses.dataclass(frozen=True)
class Asked:
    """What is asked: study; sizes; start: rho0, None where none is chosen; J: of N, or None; cutoffs."""

    study: Study
    sizes: list[int]
    start: object
    J: Callable[[int], float | dict] | None
    cutoffs: dict | None

    @property
    def model(self):
        """Of the study."""
        return self.study.model


def asked(arguments, command: str, default: Sequence[int] = ()) -> Asked:
    """What the options of a command ask; refuses to find what could not be printed. default : sizes, where no option
    gives them; else those of the study."""
    refuse_closed_output("result")
    given: dict = {"parameters": settings(arguments.set)} if arguments.set else {}
    text = getattr(arguments, "initial", None)
    if text is not None:
        given["initial"] = initial(text)
    study = load_of_model(arguments.study, given, command, arguments.allow_python)
    wanted = sizes(arguments.sizes) or list(default) or study.doubling_sizes(_FEWEST)
    start = study.rho0 if arguments.from_start or text is not None else None
    J = conserved(getattr(arguments, "J", ()))
    return Asked(study, wanted, start, J, levels(arguments.cutoff) or study.cutoffs)


def climbed(wanted: Sequence[int], work: Callable[[int], object], stop: Interruption, quiet: bool) -> Ladder:
    """The ladder of work(N), as far as it came; afterwards signals are held."""
    ladder = Ladder(wanted)

    def named(N: int):
        try:
            return work(N)
        except FiniteNError as error:  # where several states are stationary
            raise FiniteNError(str(error).replace("give rho0=…", "give --from-start")) from None

    with Progress(ladder.sizes, stop, quiet, inside=False) as progress:
        ladder.climb(named, progress.counted, keep=True)
        stop.hold()
    return ladder


def points_of_mean_field(model) -> list[FixedPoint]:
    """Fixed points of the limit, none where it has none that can be found."""
    try:
        return fixed_points(model)
    except FiniteNError:
        return []


def some(count: int) -> list[int]:
    """Places of the columns that a table shows of so many, the first and the last among them."""
    return np.unique(np.linspace(0, count - 1, min(count, _COLUMNS)).round().astype(int)).tolist()


def rows_of(names: Sequence[str], values: Mapping[str, Mapping[str, float]]) -> list[list[str]]:
    """A table with a row for every key of `values`, a column for every name, seven digits."""
    cells = {row: [f"{own[name]:.7f}" if name in own else "" for name in names] for row, own in values.items()}
    return [["", *names], *([row, *own] for row, own in cells.items())]
