"""The order in which tasks go to workers: the largest first, as many as there are workers and memory for."""

from __future__ import annotations

import concurrent.futures
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol

from comparison.sweep.pool import WorkerDied
from comparison.sweep.tasks import Task
from finite_n.errors import in_words

_TICK = 0.2  # seconds between looks at signals
_ATTEMPTS = 2  # of a point whose worker process ends in the middle


class Workers(Protocol):
    """Where tasks are done: `Pool`, `Cluster`."""

    def fits(self, task: Task, others: Collection[Task]) -> bool:
        """Whether a task may begin beside others."""

    def submit(self, task: Task) -> concurrent.futures.Future:
        """Begin it."""

    def note(self) -> str:
        """What keeps tasks from being begun, in a sentence; empty if nothing does."""


def dispatch(
    tasks: Sequence[Task],
    workers: Workers,
    finished: Callable[[Task, dict[str, Any]], None],
    tick: Callable[[str], None] = lambda note: None,
) -> None:
    """Do all tasks.

    finished : function of a task and of what `comparison.sweep.worker.run` returned, whose `failure` says what went
        wrong; called in this thread
    tick : function of what keeps tasks from being begun, called several times a second; what it raises ends it all
    """
    waiting = sorted(tasks, key=lambda task: task.work, reverse=True)  # those of unknown size before all others
    flying: dict[concurrent.futures.Future, Task] = {}
    attempts: Counter[tuple[int, int | None]] = Counter()
    while waiting or flying:
        while (task := next((t for t in waiting if workers.fits(t, flying.values())), None)) is not None:
            waiting.remove(task)
            attempts[task.index, task.N] += 1
            flying[workers.submit(task)] = task
        tick("" if flying else workers.note())
        if not flying:  # `wait` does not wait for nothing
            time.sleep(_TICK)
        done, _ = concurrent.futures.wait(flying, _TICK, concurrent.futures.FIRST_COMPLETED)
        for future in done:
            task = flying.pop(future)
            try:
                outcome = future.result()
            except WorkerDied as error:
                if attempts[task.index, task.N] < _ATTEMPTS:
                    waiting.insert(0, task)
                    continue
                outcome = {"failure": _failure(task, f"{error} {_ATTEMPTS} times, as when memory runs out.")}
            except (Exception, concurrent.futures.CancelledError) as error:
                outcome = {"failure": _failure(task, in_words(error))}
            finished(task, {"sizes": [], "computed": 0, "points": {}} | outcome)


def _failure(task: Task, said: str) -> str:
    place = "" if task.N is None else f"N = {task.N}: "
    return said if said.startswith(place) else f"{place}{said}"
