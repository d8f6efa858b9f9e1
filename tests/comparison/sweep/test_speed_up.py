"""Two workers against one, on equal points. For a machine with two cores and nothing else to do:

python -m pytest -n 0 -m slow -s tests/comparison/sweep/test_speed_up.py
"""

import time

import pytest

from comparison import Sweep

LEAST = 1.7
# Of fewer than 50 000 numbers, so that a single worker computes with one thread too, and one or two seconds each.
STUDY = {"sizes": [52, 56, 60, 64], "times": {"stop": 20.0, "points": 5}, "accuracy": 1e-2, "tolerance": 1e-7}
GRID = {"omega": [0.6, 0.7, 0.8, 0.9], "beta": [0.5, 0.6, 0.7]}


@pytest.mark.slow
def test_two_workers_are_nearly_twice_as_fast_as_one(tmp_path):
    """Wall time of all, the start of the workers and the verdicts among it."""
    seconds = {}
    for workers in (1, 2):
        began = time.perf_counter()
        result = Sweep("hopfield", GRID, STUDY).run(workers=workers, points=tmp_path / str(workers))
        seconds[workers] = time.perf_counter() - began
        assert result.computed == 48 and not result.failures
    ratio = seconds[1] / seconds[2]
    print(f"\none worker {seconds[1]:.1f} s, two {seconds[2]:.1f} s: {ratio:.2f} times as fast")
    assert ratio >= LEAST
