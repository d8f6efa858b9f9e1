"""Memory asked before it is taken, and the largest N that fits named when it is refused."""

from __future__ import annotations

from collections.abc import Callable

import psutil

from finite_n.errors import FiniteNError

USABLE = 0.8  # share of the available memory that a run may plan for


def fits(size: float) -> bool:
    """Whether so many bytes may be planned for."""
    return size <= USABLE * psutil.virtual_memory().available


def check_memory(what: str, N: int, bytes_at: Callable[[int], float]) -> None:
    """Refuse `bytes_at(N)` beyond 80 % of what is available, naming the largest N that fits."""

    def cost(n):
        try:
            return float(bytes_at(n))
        except OverflowError:
            return float("inf")

    needed = cost(N)
    limit = USABLE * psutil.virtual_memory().available
    if needed <= limit:
        return
    low, high = 0, N
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if cost(middle) <= limit else (low, middle)
    raise FiniteNError(
        f"N = {N}: {what} needs {needed / 2**30:.3g} GiB, and {limit / 2**30:.3g} GiB may be used here; "
        f"the largest N that fits is {low}."
    )
