"""The order of tasks, memory, and what happens when a worker dies: with workers that only pretend."""

import concurrent.futures
import math
import time

import pytest

from comparison.sweep import dispatch as dispatch_module
from comparison.sweep.dispatch import dispatch
from comparison.sweep.pool import Pool, WorkerDied, read_workers
from comparison.sweep.tasks import Source, Task
from finite_n import FiniteNError

SOURCE = Source({}, "study", ".")


def task(N, work, size=1.0):
    return Task(0, SOURCE, N, work, size)


class Pretending:
    """Workers that finish the first task that they have when they are asked for one that does not fit."""

    def __init__(self, slots=2, memory=math.inf, deaths=()):
        self.slots, self.memory, self.deaths = slots, memory, list(deaths)
        self.begun, self.most, self.flying = [], 0.0, []

    def fits(self, new, others):
        fits = not others or (len(others) < self.slots and new.bytes + sum(t.bytes for t in others) <= self.memory)
        if not fits and self.flying:
            self.finish()
        return fits

    def submit(self, new):
        self.begun.append(new.N)
        future = concurrent.futures.Future()
        self.flying.append((new, future))
        self.most = max(self.most, sum(t.bytes for t, f in self.flying if not f.done()))
        if len(self.flying) == 1 and self.slots == 1:
            self.finish()
        return future

    def finish(self):
        done, future = self.flying.pop(0)
        if done.N in self.deaths:
            self.deaths.remove(done.N)
            future.set_exception(WorkerDied("its worker process ended with signal 9"))
        else:
            future.set_result({"failure": ""})

    def flush(self):
        while self.flying:
            self.finish()

    def note(self):
        return ""


def done_by(workers, tasks):
    found = []

    def finished(t, outcome):
        found.append((t.N, outcome["failure"]))

    dispatch(tasks, workers, finished, lambda note: workers.flush())  # the last ones when nothing else happens
    return found


def test_the_largest_begin_first():
    workers = Pretending()
    found = done_by(workers, [task(4, 1.0), task(16, 100.0), task(8, 10.0), task(2, math.inf)])
    assert workers.begun == [2, 16, 8, 4] and sorted(found) == [(2, ""), (4, ""), (8, ""), (16, "")]


def test_no_more_memory_is_in_flight_than_is_free_but_a_point_that_is_too_large_goes_alone():
    small = [task(16, 9.0, 8.0), task(12, 8.0, 6.0), task(8, 7.0, 4.0), task(4, 6.0, 1.0)]
    workers = Pretending(slots=4, memory=10.0)
    done_by(workers, [task(40, 50.0, 30.0), *small])
    assert workers.begun[0] == 40 and len(workers.begun) == 5
    assert workers.most == 30.0  # of the first one, which was alone
    workers = Pretending(slots=4, memory=10.0)
    done_by(workers, small)
    assert workers.most <= 10.0


def test_a_point_whose_worker_dies_is_begun_once_more():
    workers = Pretending(deaths=[8])
    assert sorted(done_by(workers, [task(8, 1.0), task(16, 2.0)])) == [(8, ""), (16, "")]
    assert workers.begun.count(8) == 2


def test_a_point_that_kills_two_workers_is_given_up_and_the_others_go_on():
    workers = Pretending(deaths=[8, 8])
    found = dict(done_by(workers, [task(8, 1.0), task(16, 2.0)]))
    assert found[16] == "" and found[8].startswith("N = 8: its worker process ended with signal 9 2 times")


def test_while_there_is_no_worker_it_sleeps(monkeypatch):
    """The scheduler of a cluster may have none for hours."""
    monkeypatch.setattr(dispatch_module, "_TICK", 0.05)
    workers, looks = Pretending(), []
    fits = workers.fits
    workers.fits = lambda new, others: len(looks) >= 4 and fits(new, others)
    began = time.monotonic()
    dispatch([task(8, 1.0)], workers, lambda t, outcome: None, lambda note: looks.append(note) or workers.flush())
    assert time.monotonic() - began > 4 * 0.05 and len(looks) == 5


@pytest.mark.parametrize("workers", [0, -1, 2.5, True, "2", 10**6])
def test_what_is_no_number_of_workers_is_refused(workers):
    with pytest.raises(FiniteNError, match="workers = "):
        read_workers(workers)


def test_a_pool_begins_nothing_beside_what_fills_the_memory(tmp_path):
    pool = Pool(3, str(tmp_path))
    try:
        free = pool._free
        assert pool.fits(task(8, 1.0, 2 * free), [])
        assert pool.fits(task(8, 1.0, 0.4 * free), [task(4, 1.0, 0.5 * free)])
        assert not pool.fits(task(8, 1.0, 0.6 * free), [task(4, 1.0, 0.5 * free)])
        assert not pool.fits(task(8, 1.0), [task(k, 1.0) for k in (1, 2, 3)])
    finally:
        pool.close()
