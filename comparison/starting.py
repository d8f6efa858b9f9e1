"""Ctrl-C while the command `finite-n` starts: one sentence, as later. Imported before what takes seconds to import."""

from __future__ import annotations

import sys
from pathlib import Path

EXIT_INTERRUPTED = 130


def hook(kind, value, traceback):
    """For sys.excepthook."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, value, traceback)
        return
    print("finite-n: interrupted.", file=sys.stderr)
    sys.exit(EXIT_INTERRUPTED)


if sys.argv and Path(sys.argv[0]).stem in (
    "finite-n",
    "-m",
):  # the command, or python -m, but no program that imports this
    sys.excepthook = hook
