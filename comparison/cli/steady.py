"""`finite-n steady`: stationary states at a ladder of sizes beside the fixed points of mean field."""

from __future__ import annotations

from collections.abc import Sequence

from comparison.cli.interruption import Interruption
from comparison.cli.printing import present, present_json
from comparison.cli.running import ended
from comparison.cli.stationary import asked, climbed, points_of_mean_field, rows_of
from comparison.referee.quantities import covariance_names, mean_names, named_quantities
from comparison.referee.table import aligned
from finite_n import SteadyState, steady_state
from finite_n.errors import FiniteNError
from finite_n.model.inputs import read_observables
from meanfield.bifurcations.fixed_points import FixedPoint

_POINTS = 8  # fixed points shown, of which a conserved quantity makes a continuum
_ZERO = 1e-9  # quantities that are smaller at every size are not printed


def run(arguments) -> int:
    """Find the states and print them; returns the exit status."""
    with Interruption() as stop:
        what = asked(arguments, "steady")
        if what.J is not None and what.start is not None:
            raise FiniteNError(
                "--J: a start has weights on the J of its own; leave out --J, or --from-start and --initial."
            )
        options = {"rho0": what.start, "e_ops": what.study.e_ops, "cutoffs": what.cutoffs}
        points = points_of_mean_field(what.model)

        def work(N: int) -> SteadyState:
            return steady_state(what.model, N, J=None if what.J is None else what.J(N), **options)

        ladder = climbed(what.sizes, work, stop, arguments.quiet)
        found: Sequence[SteadyState] = ladder.results
        if arguments.json:
            present_json(
                {
                    "study": what.study.name,
                    "sizes": ladder.done,
                    "J": None if what.J is None else [what.J(N) for N in ladder.done],
                    "states": [_data(s) for s in found],
                    "fixed_points": [{"m": p.m.tolist(), "stability": p.stability} for p in points],
                    "interrupted": ladder.interrupted,
                    "failure": ladder.failure or None,
                }
            )
        else:
            present(lambda: _table(what.study.e_ops, found, points))
    return ended(ladder.done, ladder.failure, stop)


def _values(state: SteadyState) -> dict[str, float]:
    named = named_quantities(state.means[None], state.covariance[None], state.space)
    return {name: float(x[0]) for name, x in named.items()} | {k: complex(x).real for k, x in state.e_data.items()}


def _data(state: SteadyState) -> dict:
    return {
        "N": state.N,
        "values": _values(state),
        "error": state.error,
        "gap": state.found_gap,
        "zero_modes": state.zero_modes,
        "undamped": state.undamped,
        "residual": state.residual,
        "smallest_eigenvalue": state.smallest_eigenvalue,
        "boson_tail": state.boson_tail,
    }


def _table(e_ops, states: Sequence[SteadyState], points: Sequence[FixedPoint]) -> str:
    """Averages with those of the fixed points, covariances, observables, and how good the states are."""
    space = states[0].space
    values = {f"N = {s.N}": _values(s) for s in states}
    limits = {
        f"{p.stability} fixed point{f' {k}' if len(points) > 1 else ''}": dict(zip(mean_names(space), p.m, strict=True))
        for k, p in enumerate(points[:_POINTS], start=1)
    }
    parts = []
    for kind, names, more in (
        ("averages", mean_names(space), limits),
        ("covariances", covariance_names(space), {}),
        ("observables", read_observables(e_ops)[0], {}),
    ):
        alive = [q for q in names if max(abs(own.get(q, 0.0)) for own in (values | more).values()) > _ZERO]
        if alive:
            parts.append(aligned(rows_of(alive, values | more)))
        elif names:
            parts.append(f"{kind}: zero at every N" + (f", and at the {', the '.join(more)}" if more else ""))
    quality = [["", "error in trace norm", "gap"]]
    quality += [
        [f"N = {s.N}", f"{s.error:.1e}", "not searched" if s.found_gap is None else f"{s.found_gap:.7g}"]
        for s in states
    ]
    if len(points) > _POINTS:
        parts.append(f"{len(points) - _POINTS} more of {len(points)} fixed points found are in --json")
    return "\n\n".join([*parts, aligned(quality)])
