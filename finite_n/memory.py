"""Memory check before allocation; a refusal names the largest N that fits.

What may be taken is the least of what the machine has free, what limits of the process leave (`ulimit`), and what
control groups leave (containers, batch systems); where the system does not say, that limit does not count.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from finite_n.errors import FiniteNError, shown

try:
    import resource
except ImportError:  # Windows
    resource = None

USABLE = 0.8  # share of the available memory that a run may plan for
_KEPT = 0.5  # seconds for which an answer of the system is kept: set-up asks several times
_PROCESS = Path("/proc/self")
_GROUPS = Path("/sys/fs/cgroup")

_known: list[tuple[float, float]] = []  # (time, bytes) of the last answer


def available() -> float:
    """Bytes that this process may still take."""
    now = time.monotonic()
    if not _known or now - _known[0][0] > _KEPT:
        _known[:] = [(now, max(0.0, min(_free(), *_left_by_process_limits(), *_left_by_groups(_PROCESS, _GROUPS))))]
    return _known[0][1]


def _free() -> float:
    return float(psutil.virtual_memory().available)


def _left_by_process_limits() -> Iterator[float]:
    """What RLIMIT_AS (all addresses) and RLIMIT_DATA (private, writable ones) leave."""
    if resource is None:
        return
    limits = {name: resource.getrlimit(getattr(resource, name))[0] for name in ("RLIMIT_AS", "RLIMIT_DATA")}
    limits = {name: x for name, x in limits.items() if x != resource.RLIM_INFINITY and x >= 0}
    if not limits:
        return
    try:
        pages = (_PROCESS / "statm").read_text().split()
        used = {"RLIMIT_AS": int(pages[0]), "RLIMIT_DATA": int(pages[5])}
        used = {name: x * resource.getpagesize() for name, x in used.items()}
    except (OSError, ValueError, IndexError):  # no Linux
        used = {"RLIMIT_AS": psutil.Process().memory_info().vms, "RLIMIT_DATA": psutil.Process().memory_info().rss}
    for name, limit in limits.items():
        yield float(limit - used[name])


def _left_by_groups(process: Path, groups: Path) -> Iterator[float]:
    """What the control groups of a process and those above them leave, version 2 and version 1; files they may drop do
    not count."""
    try:
        lines = (process / "cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controllers == "":
            root, limit, usage, cache = groups, "memory.max", "memory.current", "inactive_file"
        elif "memory" in controllers.split(","):
            root, limit, usage, cache = (
                groups / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file",
            )  # fmt: skip
        else:
            continue
        own = root / path.strip("/")
        # inside a container the path may be that of the host, and the group is mounted as the root
        for folder in (own, *own.parents):
            with contextlib.suppress(OSError, ValueError):
                most = int((folder / limit).read_text())  # "max" is no number: no limit
                yield float(most - int((folder / usage).read_text()) + _dropped(folder, cache))
            if folder == root:
                break


def _dropped(folder: Path, name: str) -> int:
    """Bytes of cached files that a group gives up when memory is asked for."""
    with contextlib.suppress(OSError, ValueError):
        for line in (folder / "memory.stat").read_text().splitlines():
            key, _, value = line.partition(" ")
            if key == name:
                return int(value)
    return 0


def fits(size: float) -> bool:
    """Whether a run of `size` bytes may be planned."""
    return size <= USABLE * available()


def check_memory(what: str, N: int, bytes_at: Callable[[int], float], is_all: bool = True) -> None:
    """Refuse `bytes_at(N)` beyond 80 % of what is available, naming the largest N that fits; unless that `is_all`, and
    no later check adds to it, the N beyond which none does."""

    def cost(n):
        try:
            return float(bytes_at(n))
        except OverflowError:
            return math.inf

    needed = cost(N)
    limit = USABLE * available()
    if needed <= limit:
        return
    low, high = 0, N
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if cost(middle) <= limit else (low, middle)
    raise NoMemoryError(what, N, needed, limit, low, is_all)


class NoMemoryError(FiniteNError):
    """What was asked for does not fit into memory: `what` needs `needed` bytes at N, `limit` may be used, `largest` is
    the largest N that fits, or, unless that `is_all`, one beyond which none does.

    needed = ∞: more than `limit`, not worked out.
    """

    def __init__(self, what: str, N: int, needed: float, limit: float, largest: int, is_all: bool = True):
        self.what, self.N, self.needed, self.limit, self.largest = what, N, needed, limit, largest
        self.is_all = is_all
        may = f"{limit / 2**30:.3g} GiB"
        both = (
            f"{needed / 2**30:.3g} GiB, and {may} may be used here"
            if needed < math.inf
            else f"more than the {may} usable here"
        )
        fitting = f"the largest N that fits is {largest}" if is_all else f"no N above {largest} fits"
        super().__init__(f"N = {shown(N)}: {what} needs {both}; {fitting}.")

    def at(self, N: int) -> NoMemoryError:
        """The same for a larger N, for which memory was not worked out."""
        return NoMemoryError(self.what, N, math.inf, self.limit, self.largest, self.is_all)

    def naming(self, largest: int) -> NoMemoryError:
        """The same with another N that fits."""
        return NoMemoryError(self.what, self.N, self.needed, self.limit, largest, self.is_all)


def in_bytes(x: float) -> str:
    """A number of bytes in words, two digits of it.

    >>> in_bytes(1_709_268), in_bytes(3.2e10)
    ('1.6 MiB', '30 GiB')
    """
    for size, word in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if x >= size:
            return f"{x / size:.2g} {word}" if x < 10 * size else f"{x / size:.0f} {word}"
    return "–" if not x else f"{x:.0f} B"


@contextlib.contextmanager
def refused_when_full(what: str) -> Iterator[None]:
    """A MemoryError inside becomes a refusal that says what was being done and what to try."""
    try:
        yield
    except MemoryError as error:
        raise FiniteNError(
            f"{what}: memory ran out while running ({shown(str(error) or 'no more memory', 120)}), with "
            f"{available() / 2**30:.3g} GiB left by now; use a smaller N, fewer times with keep_states, or free memory."
        ) from error
