"""Threads: how many the kernel takes, and BLAS held to one while our own work runs.

Threads of either kind wait for each other many times per millisecond, so all of them stall while another program
occupies the core of one. Measured on two cores with other work on them: a stationary state at N = 40 takes 1.2 s with
BLAS on one thread, 18–20 s on two; evolution at N = 100 takes 0.13 s on one thread of the kernel, 0.25–2.1 s on two. On
idle cores the second thread of the kernel gains a factor of about 1.5, that of BLAS next to nothing.
"""

from __future__ import annotations

import functools
import numbers
import os
import threading

from threadpoolctl import ThreadpoolController

from finite_n.errors import FiniteNError, shown

SMALL = 50_000  # elements below which a second thread costs more than it gives


@functools.cache
def _blas():
    """The BLAS libraries of this process; looking for them takes milliseconds."""
    return ThreadpoolController().select(user_api="blas")


class _OneBlasThread:
    """Count of the calls that hold BLAS to one thread; the first sets it, the last gives the threads back."""

    def __init__(self):
        self.lock, self.calls, self.limit = threading.Lock(), 0, None

    def __enter__(self):
        with self.lock:
            if not self.calls:
                self.limit = _blas().limit(limits=1)
            self.calls += 1

    def __exit__(self, *_):
        with self.lock:
            self.calls -= 1
            if not self.calls:
                self.limit.restore_original_limits()


_one = _OneBlasThread()


def one_blas_thread(function):
    """The function, with BLAS held to one thread while it runs."""

    @functools.wraps(function)
    def held(*arguments, **options):
        with _one:
            return function(*arguments, **options)

    return held


def threads_for(threads, elements: int) -> int:
    """Threads of the kernel: those asked for, or one for small states and else one for every core that is idle now."""
    if threads is None:
        return 1 if elements < SMALL else max(1, min(allowed_cores(), _idle_cores()))
    if isinstance(threads, bool) or not isinstance(threads, numbers.Integral) or threads < 1:
        raise FiniteNError(f"threads = {shown(threads)}: a whole number, 1 or more, or None for the default.")
    return min(int(threads), os.cpu_count() or 1)


def allowed_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _idle_cores() -> int:
    """Cores without work, this thread's own among them; 1 where that is not known."""
    runnable = _runnable()
    if runnable:
        return (os.cpu_count() or 1) - runnable + 1
    return (os.cpu_count() or 1) - round(os.getloadavg()[0]) if hasattr(os, "getloadavg") else 1


def _runnable() -> int | None:
    """Threads of the machine that run or want to at this moment, this one included; None if the system does not say."""
    try:
        with open("/proc/loadavg", encoding="ascii") as file:
            return int(file.read().split()[3].partition("/")[0])
    except (OSError, ValueError, IndexError):
        return None
