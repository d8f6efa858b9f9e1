"""How often the referee would refute the truth: |extrapolated − derived| / error over random models.

    python -m tests.comparison.referee.test_false_refutations [SEEDS]

prints a table: for every span of times and every ladder how many studies would refute the derived limit (more than five
errors somewhere), how many confirm it at 1e-3 in every entry, and the largest number of errors. Every model is evolved
once at all sizes; ladders and spans are then judged apart.
"""

from __future__ import annotations

import sys

import numpy as np
import pytest

from comparison.ladder import Ladder
from comparison.referee.extrapolation import extrapolate
from comparison.referee.quantities import named_quantities
from comparison.referee.verdict import REFUTE
from meanfield import Limit
from tests import random_models

FIRST_SEED = 1000  # not those on which the constants of the extrapolation were chosen
KINDS = ("hamiltonian", "constant", "rates", "rates without self", "tilted rates", "collective")
LADDERS = ([10, 20, 40, 80], [10, 16, 24, 40], [10, 14, 20, 28, 40], [10, 14, 20, 28, 40, 56], [20, 28, 40, 56, 80])
SIZES = sorted({N for ladder in LADDERS for N in ladder})
TIMES = np.linspace(0, 3, 31)
SPANS = (0.5, 1.5, 3.0)
TOLERANCE = 1e-9


def case(kind: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Exact numbers (size, time, quantity) and the derived limit (time, quantity) of one random model."""
    rng = np.random.default_rng([seed, random_models.KINDS.index(kind)])
    model, m = random_models.model(kind, rng), random_models.bloch(rng)

    def stacked(result):
        return np.stack(list(named_quantities(result.means, result.covariance).values()), axis=1)

    exact = Ladder(SIZES).evolve(model, m, TIMES, tol=TOLERANCE, check=False, read=stacked)
    return np.array(exact), stacked(Limit(model).evolve(m, TIMES))


def judged(exact: np.ndarray, truth: np.ndarray, span: float, ladder: list[int]) -> tuple[float, bool]:
    """The largest number of errors between a ladder's extrapolation and the truth, and whether that is confirmed."""
    upto = int(np.sum(TIMES <= span + 1e-9))
    e = extrapolate(ladder, exact[[SIZES.index(N) for N in ladder], :upto], TOLERANCE, ordered=True)
    gap = np.abs(e.value - truth[:upto])
    scale = np.maximum(1.0, np.abs(truth[:upto]).max(axis=0))
    return float((gap / e.error).max()), bool(np.all((gap + e.error).max(axis=0) < 1e-3 * scale))


def print_table(seeds: int) -> None:
    """The table over that many models of every kind."""
    cases = [case(kind, FIRST_SEED + seed) for kind in KINDS for seed in range(seeds)]
    print(f"{len(cases)} models\n{'t up to':>8} {'sizes':>28} {'refuted':>8} {'confirmed':>10} {'largest':>8}")
    total = wrong = 0
    for span in SPANS:
        for ladder in LADDERS:
            pulls, confirmed = zip(*(judged(*c, span, ladder) for c in cases), strict=True)
            refuted = sum(p > REFUTE for p in pulls)
            total, wrong = total + len(pulls), wrong + refuted
            print(f"{span:8.1f} {ladder!s:>28} {refuted:8d} {sum(confirmed):10d} {max(pulls):8.2f}")
    print(f"{wrong} of {total} studies would refute the truth")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_the_truth_is_not_refuted(kind):
    cases = [case(kind, FIRST_SEED + seed) for seed in range(12)]
    assert all(judged(*c, span, ladder)[0] <= REFUTE for c in cases for span in SPANS for ladder in LADDERS)


if __name__ == "__main__":
    print_table(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
