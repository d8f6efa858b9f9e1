"""`finite-n cache`: where finished sizes of studies are kept, how much there is, and removing it."""

from __future__ import annotations

from comparison.cli.printing import present_json
from comparison.cli.streams import show
from comparison.point_store.store import OFF, VARIABLE, PointStore, cache_folder
from finite_n.errors import FiniteNError
from finite_n.memory import in_bytes


def run(arguments) -> int:
    """Print what is there, or remove it; returns the exit status."""
    if arguments.cache is None and cache_folder() is None:
        data, text = {"folder": None}, f"{VARIABLE} is {OFF}: nothing is kept."
    else:
        points = PointStore(arguments.cache)
        try:
            removed = points.clear() if arguments.clear else 0
            count, total = points.size()
        except OSError as error:
            raise FiniteNError(f"{points.folder}: cannot be read, {error.strerror}.") from None
        data = {"folder": str(points.folder), "points": count, "bytes": total, "removed": removed}
        text = f"{points.folder}: {count} point{'' if count == 1 else 's'}"
        text += f", {in_bytes(total)}" if count else ""
        text += f"; {removed} removed" if arguments.clear else ""
    if arguments.json:
        present_json(data)
    else:
        show(text)
    return 0
