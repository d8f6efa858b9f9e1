"""Real worker processes of this machine: numbers, a worker that is killed, Ctrl-C."""

import os
import signal
import subprocess
import sys
import time

import pytest

from comparison import Sweep, load
from comparison.point_store.store import PointStore
from comparison.sweep import sweep
from comparison.sweep.pool import Pool
from tests.comparison.sweep.test_sweep import QUICK

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends signals")
LONG = QUICK | {"sizes": [6, 9, 13, 110]}  # the last takes longer than a signal


@pytest.fixture
def pools(monkeypatch):
    """The pools that a sweep makes."""
    made = []

    class Known(Pool):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            made.append(self)

    monkeypatch.setattr(sweep, "Pool", Known)
    return made


def test_a_worker_that_is_killed_takes_no_other_along(tmp_path, pools):
    """Its point is begun again; every other one is computed once, and the numbers are those of one process."""
    killed = []

    def progress(finished, of):
        if finished == 1:  # the two largest began first, so that one of them is being computed
            (busy,) = [pid for pid in pools[0].processes if os.path.exists(f"/proc/{pid}")][:1]
            killed.append(busy)
            os.kill(busy, signal.SIGKILL)

    result = Sweep("hopfield", {"omega": [0.2, 0.4]}, LONG).run(workers=2, points=tmp_path, progress=progress)
    assert killed and not result.failures and result.computed == 8
    assert PointStore(tmp_path).size()[0] == 8 and not pools[0].processes == killed
    for row in result.rows[:1]:
        assert row.result.digest == load("hopfield", LONG | {"parameters": dict(row.parameters)}).run().digest
    assert all(not os.path.exists(f"/proc/{pid}") for pid in pools[0].processes)  # none is left behind


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_finished(tmp_path):
    """The command ends at once with the status of the signal; the next run computes only what is missing."""
    words = ["run", "hopfield", "--grid", "omega=0.2,0.4", "--sizes", "6,9,13,150", "--stop", "0.2", "--points", "3"]
    words += ["--workers", "1", "--cache", str(tmp_path / "points"), "--out", str(tmp_path / "out")]
    command = [sys.executable, "-m", "comparison.cli", *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        store, waited = PointStore(tmp_path / "points"), time.monotonic() + 120
        while store.size()[0] < 1 and time.monotonic() < waited:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=300)
    assert process.returncode == 130 and "Traceback" not in err
    assert "finite-n: interrupted; 0 of 2 studies are done." in err
    before = store.size()[0]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and 1 <= before < 8 and store.size()[0] == 8
    assert (tmp_path / "out" / "omega=0.2" / "study.nc").is_file() and (tmp_path / "out" / "sweep.nc").is_file()
