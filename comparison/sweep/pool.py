"""Workers as processes of this machine. Each is a process of its own, so that one that is killed takes no other along.

A thread of this process waits for each worker; no code is sent, and none of the calling script is imported again.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Collection
from typing import Any

from comparison.sweep.tasks import Task
from comparison.sweep.worker import THREADS
from finite_n.errors import FiniteNError, shown
from finite_n.memory import USABLE, available
from finite_n.threads import allowed_cores


class WorkerDied(Exception):
    """A worker process ended in the middle of a point; the message is a clause that says how."""


class Pool:
    """A number of worker processes that share a store of points with this one.

    workers : how many; by default one for every core
    store : the folder of points
    slots : tasks at a time; processes : ids of those that run
    """

    def __init__(self, workers: int | None, store: str):
        self.slots = read_workers(workers)
        self.store = store
        self.threads = max(1, allowed_cores() // self.slots)
        self._free = USABLE * available()
        self._executor = concurrent.futures.ThreadPoolExecutor(self.slots, "finite-n worker")
        self._own, self._lock = threading.local(), threading.Lock()
        self._running: list[subprocess.Popen] = []
        self._closed = False

    def fits(self, task: Task, others: Collection[Task]) -> bool:
        """Whether a task may begin beside others: together they need no more memory than was free at the start."""
        if not others:
            return True
        return len(others) < self.slots and task.bytes + sum(t.bytes for t in others) <= self._free

    def submit(self, task: Task) -> concurrent.futures.Future:
        """Begin a task; its future holds what `comparison.sweep.worker.run` returns."""
        return self._executor.submit(self._ask, task.payload(self.store))

    def note(self) -> str:
        """What keeps tasks from being begun; nothing does."""
        return ""

    @property
    def processes(self) -> list[int]:
        """Ids of the worker processes."""
        return [process.pid for process in self._running]

    def close(self) -> None:
        """End all workers, whatever they do: a point that is finished is stored."""
        with self._lock:
            self._closed = True
            running = self._running[:]
        for process in running:
            process.kill()
        self._executor.shutdown(cancel_futures=True)
        for process in running:
            _end(process)

    def _ask(self, payload: dict[str, Any]) -> dict[str, Any]:
        process = getattr(self._own, "process", None) or self._start()
        answer = ""
        with contextlib.suppress(OSError):
            process.stdin.write(json.dumps(payload) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        if answer.endswith("\n"):
            return json.loads(answer)
        _end(process)
        self._own.process = None
        with self._lock:
            self._running.remove(process)
        status = process.returncode
        how = f"signal {-status}" if status < 0 else f"exit status {status}"
        raise WorkerDied(f"its worker process ended with {how}")

    def _start(self) -> subprocess.Popen:
        environment = os.environ | dict.fromkeys(THREADS, str(self.threads))
        paths = [path or os.getcwd() for path in sys.path]  # what this process finds, workers find
        environment["PYTHONPATH"] = os.pathsep.join(paths)
        with self._lock:
            if self._closed:
                raise WorkerDied("the sweep was ended")
            process = subprocess.Popen(
                [sys.executable, "-m", "comparison.sweep.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                env=environment,
                start_new_session=True,  # Ctrl-C of a terminal is for this process, which ends the others
            )
            self._running.append(process)
        self._own.process = process
        return process


def read_workers(workers) -> int:
    """How many worker processes; refuses what is no number of them."""
    if workers is None:
        return allowed_cores()
    if isinstance(workers, bool) or not isinstance(workers, int) or not 1 <= workers <= 1024:
        raise FiniteNError(f"workers = {shown(workers)}: give the number of worker processes, 1 to 1024.")
    return workers


def _end(process: subprocess.Popen) -> None:
    for stream in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            stream.close()
    process.wait()
