"""Two workers against one, on equal points. For a machine with two cores and nothing else to do:

python -m pytest -n 0 -m slow -s tests/comparison/sweep/test_speed_up.py
"""

import time

import psutil
import pytest

from comparison import Sweep
from comparison.sweep import sweep
from comparison.sweep.pool import Pool

LEAST = 1.7
BUSY = 10.0  # percent of all cores that others may take
SIZES = list(range(190, 230, 5))
STUDY = {"sizes": SIZES, "times": {"stop": 3.0, "points": 5}, "accuracy": 1e-2, "tolerance": 1e-7}
# two equal studies of eight points, some four seconds of one core each; the verdicts, some two seconds a study, are
# found by the parent process
GRID = {"omega": [0.6, 0.7]}


class OneThreadEach(Pool):
    """Else a single worker takes both cores for large states."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.threads = 1


@pytest.mark.slow
def test_two_workers_are_nearly_twice_as_fast_as_one(tmp_path, monkeypatch):
    """Wall time of all, the start of the workers and the verdicts among it."""
    if (busy := psutil.cpu_percent(2.0)) > BUSY:
        pytest.skip(f"{busy:.0f}% of this machine is taken by something else, which a ratio of times cannot tell")
    monkeypatch.setattr(sweep, "Pool", OneThreadEach)
    seconds = {}
    for workers in (1, 2):
        began = time.perf_counter()
        result = Sweep("hopfield", GRID, STUDY).run(workers=workers, points=tmp_path / str(workers))
        seconds[workers] = time.perf_counter() - began
        assert result.computed == 2 * len(SIZES) and not result.failures
    ratio = seconds[1] / seconds[2]
    print(f"\none worker {seconds[1]:.1f} s, two {seconds[2]:.1f} s: {ratio:.2f} times as fast")
    assert ratio >= LEAST
