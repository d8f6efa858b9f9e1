"""The first moments of the command `finite-n`: Ctrl-C is one sentence, as later, and little time goes into looking for
garbage. Imported before what takes seconds to import."""

from __future__ import annotations

import gc
import signal
import sys
from pathlib import Path

EXIT_INTERRUPTED = 130


def hook(kind, value, traceback):
    """For sys.excepthook."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, value, traceback)
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the end that has begun
    print("finite-n: interrupted.", file=sys.stderr)
    sys.exit(EXIT_INTERRUPTED)


def is_command() -> bool:
    """Whether this process is `finite-n` or `python -m comparison.cli`, not a program that imports the package."""
    called = sys.argv[0] if sys.argv else ""
    return Path(called).stem == "finite-n" or (called == "-m" and "comparison.cli" in sys.orig_argv)


if is_command():
    sys.excepthook = hook
    gc.set_threshold(100_000, 20, 100)  # imports make half a million objects that stay
