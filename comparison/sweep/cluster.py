"""Workers of a Dask cluster, asked by the address of its scheduler; they need not share files with this process.

Descriptions of studies go there as plain data, stored points come back as bytes. A worker computes one point at a time.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import math
import threading
import time
from collections.abc import Collection

from comparison.sweep.tasks import Task
from comparison.sweep.worker import run
from finite_n.errors import FiniteNError, in_words, shown
from finite_n.memory import in_bytes

_PATIENCE = 10.0  # seconds to find the scheduler, which may have been started just now
_FRESH = 0.3  # seconds for which the list of workers is kept
_USABLE = 0.8  # of the memory that a worker of the cluster may take
_MISSING = 'the scheduler of a cluster is asked by Dask; install it with: pip install "finite-n[cluster]"'


class Cluster:
    """The workers that a Dask scheduler has, now or later.

    address : of the scheduler, such as tcp://node1:8786
    """

    def __init__(self, address: str):
        try:
            from distributed import Client
        except ImportError:
            raise FiniteNError(f"scheduler {shown(address)}: {_MISSING}.") from None
        if not isinstance(address, str) or not address.strip():
            raise FiniteNError(f"scheduler = {shown(address)}: give its address, such as tcp://127.0.0.1:8786.")
        self.address = address.strip()
        try:
            _check_scheduler(self.address)
            self._client = Client(self.address, timeout=_PATIENCE, set_as_default=False)
        except FiniteNError:
            raise
        except Exception as error:
            raise FiniteNError(f"scheduler {shown(address)}: cannot be reached, {in_words(error)}") from None
        self._futures: dict[concurrent.futures.Future, object] = {}
        self._known: tuple[float, dict[str, dict]] = (-math.inf, {})

    def _workers(self) -> dict[str, dict]:
        """Workers by address, with `nthreads` and `memory_limit`; asked for a few times per second."""
        now = time.monotonic()
        if now - self._known[0] > _FRESH:
            try:
                self._known = now, self._client.scheduler_info(n_workers=-1)["workers"]
            except Exception as error:
                raise self._lost(error) from None
        return self._known[1]

    def _lost(self, error: Exception) -> FiniteNError:
        return FiniteNError(f"scheduler {shown(self.address)}: was lost, {in_words(error)}")

    @property
    def slots(self) -> int:
        """Tasks at a time, one for each worker."""
        return len(self._workers())

    def fits(self, task: Task, others: Collection[Task]) -> bool:
        """Whether a worker is free for one more task."""
        return len(others) < self.slots

    def submit(self, task: Task) -> concurrent.futures.Future:
        """Begin a task where its memory is allowed; its future holds what `comparison.sweep.worker.run` returns."""
        out: concurrent.futures.Future = concurrent.futures.Future()
        workers = self._workers()
        limits = {address: w["memory_limit"] or math.inf for address, w in workers.items()}
        enough = [address for address, limit in limits.items() if task.bytes <= _USABLE * limit]
        if limits and not enough:
            most = in_bytes(max(limits.values()))
            needed = "more" if task.bytes == math.inf else in_bytes(task.bytes)
            out.set_exception(
                FiniteNError(
                    f"N = {task.N}: needs {needed}, and {_USABLE:.0%} of the {most} of a worker of the cluster "
                    "may be used; start workers with a larger --memory-limit, or leave the size out."
                )
            )
            return out
        only = {"workers": enough, "allow_other_workers": False} if len(enough) < len(limits) else {}
        threads = min((w["nthreads"] for w in workers.values()), default=1)
        try:
            future = self._client.submit(run, task.payload(None), threads, pure=False, **only)
        except Exception as error:  # its client has given up the connection
            raise self._lost(error) from None
        self._futures[out] = future
        future.add_done_callback(lambda done: self._hand_over(done, out))
        return out

    def _hand_over(self, done, out: concurrent.futures.Future) -> None:
        """The result leaves the cluster at once, so that it is not computed again if a worker is lost later."""
        try:
            out.set_result(done.result())
        except BaseException as error:  # a worker lost too often, or a task that was cancelled
            out.set_exception(error)
        finally:
            self._futures.pop(out, None)
            done.release()

    def note(self) -> str:
        """What keeps tasks from being begun."""
        return "" if self.slots else f"scheduler {self.address} has no workers; waiting for some."

    def close(self) -> None:
        """Cancel what is not done, and leave the cluster as it is."""
        left = list(self._futures.values())
        for end in (lambda: self._client.cancel(left, force=True), self._client.close):
            with contextlib.suppress(Exception):  # where the scheduler was lost, nothing is left to end
                end()


def _check_scheduler(address: str) -> None:
    """Refuse what is no scheduler before there is a client, which would wait without end for another kind of server."""
    found: concurrent.futures.Future[str] = concurrent.futures.Future()

    def ask() -> None:
        try:
            found.set_result(asyncio.run(_kind(address)))
        except BaseException as error:
            found.set_exception(error)

    # a thread that ends with the process: Dask itself may wait without end
    threading.Thread(target=ask, name="finite-n scheduler", daemon=True).start()
    concurrent.futures.wait([found], 2 * _PATIENCE)
    if not found.done():
        raise FiniteNError(
            f"scheduler {shown(address)}: does not answer as a Dask scheduler does; give the address that `dask "
            "scheduler` prints, not that of its dashboard."
        )
    if (kind := found.result()) != "Scheduler":
        raise FiniteNError(f"scheduler {shown(address)}: is the address of a {kind}; give that of the scheduler.")


async def _kind(address: str) -> str:
    """What a server of Dask calls itself."""
    from distributed import Security
    from distributed.core import connect, send_recv

    comm = await connect(address, timeout=_PATIENCE, **Security().get_connection_args("client"))
    try:
        return (await send_recv(comm, op="identity", reply=True))["type"]
    finally:
        comm.abort()
