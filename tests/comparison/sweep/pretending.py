"""Workers that are no processes: tasks are done in this one, at once."""

import concurrent.futures
import json

import pytest

from comparison.sweep import sweep
from comparison.sweep.worker import run


class AtOnce:
    """A pool of one worker, this process.

    broken : numbers of particles at which it raises; shared : whether it sees the store
    """

    slots = 1
    broken: tuple[int, ...] = ()
    shared = True

    def __init__(self, workers, store):
        self.store = store if self.shared else None

    def fits(self, task, others):
        return not others

    def submit(self, task):
        future = concurrent.futures.Future()
        if task.N in self.broken:
            future.set_exception(MemoryError("no more"))
        else:
            outcome = run(json.loads(json.dumps(task.payload(self.store))))  # plain data: nothing else is sent
            future.set_result(outcome)
        return future

    def note(self):
        return ""

    def close(self):
        pass


@pytest.fixture
def at_once(monkeypatch):
    """Workers that are this process; its attributes may be changed."""
    own = type("Own", (AtOnce,), {})
    monkeypatch.setattr(sweep, "Pool", own)
    return own
