"""How often the referee refutes the truth, how much it decides, and what it makes of wrong limits: on random studies.

    python -m tests.comparison.referee.test_false_refutations --studies 100 --ladder bad

prints a table by ladder and by family, and every study in which the truth is refuted or a wrong limit confirmed to
better than it is right. Studies go through the families in turn. Columns: verdicts on the truth that are decided at
1e-3 at all times, of averages and of covariances; until which share of its time the truth is confirmed, on average; the
median of error bar / true error; limits with a planted error, those refuted, and verdicts by which one is confirmed to
better than it is right.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable

import numpy as np
import pytest

from tests.comparison.referee.measured import AUTO, BAD_LADDERS, Tally, ladder_for, measured
from tests.comparison.referee.random_studies import FAMILIES, case

_HEADER = (
    f"{'':>34} {'studies':>8} {'refuted':>8} {'averages':>12} {'covariances':>12} {'until':>6} {'bar/error':>10} "
    f"{'planted':>8} {'caught':>7} {'overtrusted':>12} {'failed':>7} {'seconds':>8}"
)


def _row(name: str, t: Tally) -> str:
    averages, covariances = (f"{sum(x)}/{len(x)}" for x in (t.averages, t.covariances))
    return (
        f"{name:>34} {t.studies:8d} {len(t.refuted):8d} {averages:>12} {covariances:>12} "
        f"{np.mean(t.until) if t.until else 0.0:6.0%} "
        f"{np.median(t.bars) if t.bars else np.nan:10.1f} {t.planted:8d} {t.caught:7d} {len(t.overtrusted):12d} "
        f"{len(t.failed):7d} {t.seconds:8.1f}"
    )


def measure(
    studies: Iterable, ladders, budget=None, progress=lambda study: None
) -> tuple[dict[str, Tally], dict[str, Tally]]:
    """Tallies by ladder and by family."""
    by_ladder, by_family = {}, {}
    for study in studies:
        progress(study)
        for ladder, tally in measured(study, ladders, budget).items():
            by_ladder[ladder] = by_ladder.get(ladder, Tally()) + tally
            by_family[study.family] = by_family.get(study.family, Tally()) + tally
    return by_ladder, by_family


def _print(by_ladder: dict[str, Tally], by_family: dict[str, Tally]) -> None:
    total = sum(by_ladder.values(), Tally())
    for tallies in (by_ladder, by_family):
        print(_HEADER)
        for name, tally in tallies.items():
            print(_row(name, tally))
        print()
    print(_row("all", total))
    for what, lines in (("refuted", total.refuted), ("overtrusted", total.overtrusted), ("failed", total.failed)):
        print(f"\n{what}: {len(lines)}")
        for line in lines:
            print(f"  {line}")


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0, help="of the first study of every family (below 10000)")
    parser.add_argument("--studies", type=int, default=100)
    parser.add_argument("--ladder", choices=("own", "bad", "all"), default="bad", help="own: sizes='auto'")
    parser.add_argument("--family", action="append", choices=list(FAMILIES), help="default: all; may be given again")
    parser.add_argument("--budget", default=None, help="of sizes='auto', such as 10s")
    given = parser.parse_args(arguments)
    ladders = [*(BAD_LADDERS if given.ladder != "own" else ()), *([AUTO] if given.ladder != "bad" else ())]
    families = given.family or list(FAMILIES)
    started = time.perf_counter()
    studies = (case(families[k % len(families)], given.seed + k // len(families)) for k in range(given.studies))
    _print(*measure(studies, ladders, given.budget, lambda study: print(study, file=sys.stderr, flush=True)))
    print(f"\n{given.studies} models, {time.perf_counter() - started:.0f} s")


def test_ladders_have_whole_numbers_of_every_species():
    quarter = next(c for c in (case("two species", k) for k in range(20)) if float(c.model.species[0].fraction) == 0.25)
    ladders = [ladder_for(quarter, ladder) for ladder in BAD_LADDERS]
    assert ladders == [[4, 8, 12, 16], [4, 8, 12, 20], [8, 12, 16, 20], [8, 12, 16, 20]]
    assert all(sum(quarter.model.space.sizes(N)) == N for ladder in ladders for N in ladder)  # refuses other sizes


def _hold(tallies: dict[str, Tally]) -> Tally:
    total = sum(tallies.values(), Tally())
    assert not total.refuted and not total.overtrusted and not total.failed
    return total


def test_two_models_are_judged_rightly():
    """A mild one: every average is confirmed and errors of a percent are refuted. One that starts at an
    unstable point: nothing is refuted."""
    mild = _hold(measure([case("polynomial rates", 3)], BAD_LADDERS[-1:])[0])
    assert sum(mild.averages) == len(mild.averages) == 3 and sum(mild.covariances) >= 3 and len(mild.covariances) == 6
    assert mild.planted == mild.caught == 2 and np.median(mild.bars) > 1 and np.mean(mild.until) > 0.5
    unstable = _hold(measure([case("superradiance", 0)], BAD_LADDERS[1:3])[0])
    assert unstable.studies == 2 and len(unstable.averages) == 6 and len(unstable.covariances) == 12


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_the_truth_is_not_refuted(family):
    _hold(measure([case(family, seed) for seed in (100, 101)], BAD_LADDERS)[0])


if __name__ == "__main__":
    main()
