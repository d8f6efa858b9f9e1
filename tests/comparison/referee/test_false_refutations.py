"""How often the referee would refute the truth: |extrapolated − derived| / error over random models.

    python -m tests.comparison.referee.test_false_refutations [SEEDS]

Every model is evolved once at all sizes; ladders and time spans are then judged apart. For each span and ladder the
table gives how many studies would refute the derived limit (more than five errors somewhere), how many confirm it at
1e-3 in every entry, and the largest number of errors. Run from the project's root.
"""

from __future__ import annotations

import sys

import numpy as np

from comparison.referee.extrapolation import extrapolate
from comparison.referee.quantities import named_quantities
from comparison.referee.verdict import REFUTE
from finite_n import evolve
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

    exact = [stacked(evolve(model, N, m, TIMES, tol=TOLERANCE, check=False)) for N in SIZES]
    return np.array(exact), stacked(Limit(model).evolve(m, TIMES))


def main(seeds: int) -> None:
    """Print the table."""
    cases = [case(kind, FIRST_SEED + seed) for kind in KINDS for seed in range(seeds)]
    print(f"{len(cases)} models\n{'t up to':>8} {'sizes':>28} {'refuted':>8} {'confirmed':>10} {'largest':>8}")
    total = wrong = 0
    for span in SPANS:
        upto = int(np.sum(TIMES <= span + 1e-9))
        for ladder in LADDERS:
            pulls, confirmed = [], 0
            for exact, truth in cases:
                values = exact[[SIZES.index(N) for N in ladder], :upto]
                e = extrapolate(ladder, values, TOLERANCE, ordered=True)
                gap = np.abs(e.value - truth[:upto])
                pulls.append(float((gap / e.error).max()))
                scale = np.maximum(1.0, np.abs(truth[:upto]).max(axis=0))
                confirmed += bool(np.all((gap + e.error).max(axis=0) < 1e-3 * scale))
            refuted = sum(p > REFUTE for p in pulls)
            total, wrong = total + len(pulls), wrong + refuted
            print(f"{span:8.1f} {ladder!s:>28} {refuted:8d} {confirmed:10d} {max(pulls):8.2f}")
    print(f"{wrong} of {total} studies would refute the truth")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
