"""How often the referee would refute the truth: pulls |extrapolated − derived| / error over random models.

    python -m benchmarks.false_refutations [SEEDS]

Prints, for every kind of model, the largest pull of every seed; above 3 the derived limit would be refuted.
"""

from __future__ import annotations

import sys

import numpy as np

from comparison import Study
from comparison.power import worst_pull
from tests import random_models

SIZES = [10, 14, 20, 28, 40, 56]
KINDS = [k for k in random_models.KINDS if k not in ("two tilts", "everything")]  # those two take minutes


def main(seeds: int) -> None:
    pulls = []
    for kind in KINDS:
        for seed in range(seeds):
            rng = np.random.default_rng([seed, 5])
            model, m = random_models.model(kind, rng), random_models.bloch(rng)
            result = Study(model, m, np.linspace(0, 0.6, 6), SIZES).run()
            pulls.append(worst_pull([result])[0])
            accuracy = max(v.accuracy for v in result.verdicts)
            print(f"{kind:28s} seed {seed:3d}  pull {pulls[-1]:5.2f}  accuracy {accuracy:.1e}", flush=True)
    pulls = np.array(pulls)
    print(
        f"{np.sum(pulls > 3)} of {len(pulls)} refuted; quantiles 50 % {np.quantile(pulls, 0.5):.2f}, "
        f"90 % {np.quantile(pulls, 0.9):.2f}, largest {pulls.max():.2f}"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
