"""A Dask scheduler and two workers as separate processes on loopback, one of them killed in the middle:

python -m pytest -n 0 -m slow tests/comparison/sweep/test_cluster.py
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter

import pytest

from comparison import Sweep, load
from comparison.point_store.store import PointStore
from comparison.sweep import sweep as sweep_module
from comparison.sweep.cluster import Cluster
from comparison.sweep.tasks import Source, Task
from finite_n import FiniteNError
from tests.comparison.cli.children import until
from tests.comparison.sweep.test_sweep import QUICK

pytest.importorskip("distributed")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends signals")
LONG = QUICK | {"sizes": [6, 9, 13, 100, 110]}  # the largest two take longer than a signal
LIMIT = "2GiB"  # of the memory of a worker


@contextlib.contextmanager
def processes(folder, workers=2):
    """Address of a scheduler, and ids of its workers; all of them listen on loopback only."""
    file = folder / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    start = [sys.executable, "-m"]
    common = ["--scheduler-file", str(file), "--no-dashboard"]
    place = ["--host", "127.0.0.1"]
    running = [subprocess.Popen([*start, "distributed.cli.dask_scheduler", *common, *place, "--port", "0"], **quiet)]
    try:
        until(lambda: _address(file))
        own = ["--nthreads", "1", "--no-nanny", "--memory-limit", LIMIT, "--local-directory", str(folder)]
        command = [*start, "distributed.cli.dask_worker", *common, *place, *own]
        running += [subprocess.Popen(command, **quiet) for _ in range(workers)]
        yield _address(file), [p.pid for p in running[1:]]
    finally:
        for process in running[::-1]:
            process.kill()
            process.wait()


def _address(file):
    """What the scheduler wrote, once it is written whole."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        return json.loads(file.read_text())["address"]


def begun(address):
    """How often each task was begun by a worker, by what the scheduler noted."""
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        story = client.run_on_scheduler(
            lambda dask_scheduler: [(str(e[0]), e[2]) for e in dask_scheduler.transition_log]
        )
    return Counter(key for key, state in story if state == "processing" and key.startswith("run-"))


@pytest.mark.slow
def test_one_of_two_workers_is_killed_and_nothing_is_lost(tmp_path):
    """Only points that it was computing are begun twice; points come back, for the workers do not see this store."""
    with processes(tmp_path) as (address, workers):
        killed = []

        def progress(finished, of):
            if finished == 2:
                killed.append(workers[0])
                os.kill(workers[0], signal.SIGKILL)

        sweep = Sweep("hopfield", {"omega": [0.2, 0.4]}, LONG)
        result = sweep.run(scheduler=address, points=tmp_path / "points", progress=progress)
        counts = begun(address)
        again = sweep.run(scheduler=address, points=tmp_path / "points")
    assert killed and not result.failures and not result.interrupted
    assert result.computed == 10 and PointStore(tmp_path / "points").size()[0] == 10 and again.computed == 0
    assert len(counts) == 10 and sum(n - 1 for n in counts.values()) <= 1  # a worker computes one point at a time
    for row in result.rows[:1]:
        alone = load("hopfield", LONG | {"parameters": dict(row.parameters)}).run()
        assert row.result.digest == alone.digest


@pytest.mark.slow
@pytest.mark.parametrize("given_up", [False, True])
def test_a_scheduler_that_is_lost_keeps_what_is_finished(tmp_path, monkeypatch, given_up):
    """Also where the client of the scheduler has closed itself before the sweep ends."""
    clusters = []

    class Known(Cluster):
        def __init__(self, address):
            super().__init__(address)
            self._client._timeout = 0.5  # seconds to connect again
            clusters.append(self)

    monkeypatch.setattr(sweep_module, "Cluster", Known)
    with processes(tmp_path) as (address, _):
        from distributed import Client

        with Client(address, set_as_default=False) as client:
            scheduler = client.run_on_scheduler(os.getpid)

        def progress(finished, of):
            if finished == 2:
                os.kill(scheduler, signal.SIGKILL)
                until(lambda: not given_up or clusters[0]._client.status == "closed")

        sweep = Sweep("hopfield", {"omega": [0.2, 0.4]}, LONG)
        result = sweep.run(scheduler=address, points=tmp_path / "points", progress=progress)
    assert not result.interrupted and len(result.failures) == 2 and 2 <= result.computed < 10
    assert all("N = " in said or "was lost" in said for said in result.failures)
    assert PointStore(tmp_path / "points").size()[0] == result.computed


@pytest.mark.slow
def test_a_point_goes_only_where_its_memory_is_allowed(tmp_path):
    with processes(tmp_path, workers=1) as (address, _):
        cluster = Cluster(address)
        try:
            until(lambda: cluster.slots == 1)
            study = Source({"system": "hopfield", **QUICK}, "hopfield", ".")
            large = cluster.submit(Task(0, study, 9, 1.0, 1.7 * 2**30))
            with pytest.raises(FiniteNError, match=r"N = 9: needs 1\.7 GiB, and 80% of the 2 GiB of a worker"):
                large.result(timeout=300)
            fine = cluster.submit(Task(0, study, 9, 1.0, 1.5 * 2**30)).result(timeout=300)
            assert fine["sizes"] == [9] and len(fine["points"]) == 1 and fine["failure"] == ""
            wrong = cluster.submit(Task(0, Source({"system": "nothing"}, "s", "."), 9, 1.0)).result(timeout=300)
            assert "unknown system 'nothing'" in wrong["failure"]
        finally:
            cluster.close()


def test_a_scheduler_that_is_not_there(monkeypatch):
    from comparison.sweep import cluster

    monkeypatch.setattr(cluster, "_PATIENCE", 0.2)
    with pytest.raises(FiniteNError, match=r"scheduler 'tcp://127\.0\.0\.1:9': cannot be reached"):
        Sweep("hopfield", {"omega": [0.2]}, QUICK).run(scheduler="tcp://127.0.0.1:9")


def test_a_server_that_is_no_scheduler_is_told_within_seconds(monkeypatch):
    """One that takes a connection and never says a word, as a web server does that waits for more of a line."""
    from comparison.sweep import cluster

    monkeypatch.setattr(cluster, "_PATIENCE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(FiniteNError, match=rf"scheduler '{address}': (does not answer|cannot be reached)"):
            Cluster(address)
    assert time.monotonic() - began < 20


def test_an_address_without_a_port_ends_at_once():
    """Also at the end of the process, where a client that was never connected would be waited for."""
    said = "from comparison.sweep.cluster import Cluster\nCluster('nowhere')"
    ran = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, timeout=300)
    assert "scheduler 'nowhere': cannot be reached" in ran.stderr and "Client" not in ran.stderr
