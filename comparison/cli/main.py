"""The command `finite-n`: reads the command line, loads what the command needs, tells every error in a sentence."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

from comparison.cli.endings import EXIT_ERROR
from comparison.cli.notices import said
from comparison.cli.parser import read
from comparison.cli.streams import drop, open_descriptors, say
from comparison.starting import EXIT_INTERRUPTED
from finite_n.errors import LONGEST, FiniteNError, in_words, shortened


def main(argv: list[str] | None = None) -> int:
    """Entry point; returns the exit status: 0, 1 if `judge` refutes a claim, 2 for bad input or an error, 128 + the
    number of a signal that ended it."""
    open_descriptors()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # Greek letters on a terminal that has none
    try:
        arguments = read(sys.argv[1:] if argv is None else argv)
        with said(getattr(arguments, "quiet", False)):
            status = _load(arguments.command).run(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()  # an error is met here, not at exit
        return status
    except FiniteNError as error:
        say(shortened(f"finite-n: {error}", LONGEST))
        return EXIT_ERROR
    except MemoryError as error:
        say(f"finite-n: {in_words(error)} Try smaller sizes.")
        return EXIT_ERROR
    except KeyboardInterrupt as error:
        say("finite-n: interrupted.")
        return 128 + getattr(error, "number", EXIT_INTERRUPTED - 128)
    except BrokenPipeError:  # the reader has gone, as with `| head`
        drop(sys.stdout)
        return 0
    except OSError as error:
        drop(sys.stdout)
        say(f"finite-n: output cannot be written, {error.strerror}.")
        return EXIT_ERROR


def _load(command: str) -> ModuleType:
    """The file of a command, which imports what that command needs."""
    try:
        return importlib.import_module(f"comparison.cli.{command}")
    except OSError as error:  # a library of some package, not the output
        raise ImportError(f"finite-n {command} cannot be loaded") from error
