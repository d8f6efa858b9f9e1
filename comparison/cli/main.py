"""The command `finite-n`: reads the command line, calls the command, tells every error in a sentence."""

from __future__ import annotations

import gc
import os
import signal
import sys

import click

from comparison.cli.endings import EXIT_ERROR
from comparison.cli.group import top
from comparison.cli.interruption import SIGNALS
from comparison.cli.refusals import sentence
from comparison.cli.streams import drop, open_descriptors, say
from comparison.starting import EXIT_INTERRUPTED
from finite_n.errors import LONGEST, FiniteNError, in_words, shortened

_NAME, _COMPLETE = "finite-n", "_FINITE_N_COMPLETE"  # the variable by which shells ask for completions


def main(argv: list[str] | None = None) -> int:
    """Entry point; returns the exit status: 0, 1 if `judge` refutes a claim, 2 for bad input or an error, 128 + the
    number of a signal that ended it."""
    status = _status(argv)
    if argv is None:  # the process ends, and Python would look through all objects once more, most of a second long
        gc.freeze()
    if argv is None and status > 128:  # a signal that comes again does not change how it ends
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        exec("")  # forgets that a string in exec was interrupted, for which Python would end by SIGINT itself
    return status


def _status(argv: list[str] | None) -> int:
    """The exit status, once everything is said."""
    open_descriptors()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # Greek letters on a terminal that has none
    try:
        if argv is None and _COMPLETE in os.environ:
            return _completed(os.environ[_COMPLETE])
        status = _called(sys.argv[1:] if argv is None else argv)
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


def _completed(instruction: str) -> int:
    """What a shell asks for while a command line is typed; nothing, if something is wrong with that line."""
    from click.shell_completion import shell_complete

    try:
        return shell_complete(top, {}, _NAME, _COMPLETE, instruction)
    except Exception:
        return EXIT_ERROR


def _called(argv: list[str]) -> int:
    """The exit status of a command. click's own `main` would take Ctrl-C and closed pipes for its own."""
    try:
        with top.make_context(_NAME, list(argv)) as ctx:
            return top.invoke(ctx)
    except click.exceptions.Exit as end:  # after --help
        return end.exit_code
    except click.UsageError as error:
        raise sentence(error) from None
