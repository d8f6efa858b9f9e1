"""Processes that run the command line and can be killed: forked from one that has imported everything, so that each
takes a moment.

`python -m tests.comparison.cli.children` reads one JSON object per line, {"argv": …, "output": file, "errors": file,
"limits": {name: bytes}}, answers with the number of the process it forks, and with its exit status (−n if signal n
killed it) to the line "wait NUMBER".
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[3]


def until(condition, seconds=120.0):
    """Wait until it holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.002)


class Children:
    """The parent of all children; a context manager."""

    def __enter__(self):
        command = [sys.executable, "-m", "tests.comparison.cli.children"]
        self._parent = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._ask("ready?") == "ready"
        return self

    def __exit__(self, *_):
        self._parent.stdin.close()
        self._parent.wait()
        self._parent.stdout.close()

    def start(self, argv, folder: Path, name: str = "child", output: str = "", **limits) -> Child:
        """A child whose streams go to files `name`.out, unless another is given, and `name`.err of `folder`."""
        files = {"output": output or str(folder / f"{name}.out"), "errors": str(folder / f"{name}.err")}
        number = self._ask(json.dumps({"argv": [str(a) for a in argv], "limits": limits, **files}))
        return Child(self, int(number), Path(files["output"]), Path(files["errors"]))

    def _ask(self, line: str) -> str:
        self._parent.stdin.write(line + "\n")
        self._parent.stdin.flush()
        return self._parent.stdout.readline().strip()


class Child:
    """One process; `end` waits for its exit status."""

    def __init__(self, children: Children, number: int, output: Path, errors: Path):
        self._children, self.number, self._output, self._errors = children, number, output, errors

    def send(self, signum: int) -> None:
        """A signal, unless it has ended."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.number, signum)

    def end(self) -> int:
        """Exit status, −n if signal n killed it."""
        return int(self._children._ask(f"wait {self.number}"))

    @property
    def out(self) -> str:
        return self._output.read_text(encoding="utf-8", errors="replace")

    @property
    def err(self) -> str:
        return self._errors.read_text(encoding="utf-8", errors="replace")


def _serve() -> list[str] | None:
    """In the parent None at the end of its input; in a child what it is to run."""
    for line in sys.stdin:
        if line.startswith("wait "):
            _, status = os.waitpid(int(line.split()[1]), 0)
            print(os.waitstatus_to_exitcode(status), flush=True)
        elif line.startswith("ready?"):
            print("ready", flush=True)
        else:
            order = json.loads(line)
            number = os.fork()
            if not number:
                _become(order)
                return order["argv"]
            print(number, flush=True)
    return None


def _become(order: dict) -> None:
    import resource

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # it may be ignored where tests run in the background
    for descriptor, name in ((1, order["output"]), (2, order["errors"])):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), descriptor)
    for name, size in order["limits"].items():
        if name == "MORE_MEMORY_AFTER_20":
            _limit_memory(size)
        elif name == "LOG":
            _log_evolutions(size)
        elif name == "NO_FIGURES":
            _draw_nothing()
        else:
            resource.setrlimit(getattr(resource, name), (size, size))


def _limit_memory(more: int) -> None:
    """Once N = 20 is reported, no more than `more` bytes beside what the process has."""
    import resource

    import comparison.cli.progress

    original = comparison.cli.progress.say

    def say(text: str) -> None:
        original(text)
        if text.startswith("N = 20: done"):
            size = psutil.Process().memory_info().vms + more
            resource.setrlimit(resource.RLIMIT_AS, (size, size))

    comparison.cli.progress.say = say


def _log_evolutions(file: str) -> None:
    """A line in a file for every size whose evolution begins."""
    import comparison.ladder

    original = comparison.ladder.evolve

    def evolve(model, N, *arguments, **options):
        with open(file, "a", encoding="ascii") as log:
            log.write(f"{N}\n")
        return original(model, N, *arguments, **options)

    comparison.ladder.evolve = evolve


def _draw_nothing() -> None:
    """Figures take longer to draw than a small study to run."""
    import comparison.report.files

    comparison.report.files._figures = lambda result: {}


if __name__ == "__main__":
    from comparison.cli.main import main

    study = ["run", "hopfield", "--sizes", "4,5,6,7", "--stop", "0.2", "--points", "3", "--fluctuation", "0,0,1"]
    with (  # what a first run loads and compiles
        open(os.devnull, "w") as nowhere,
        contextlib.redirect_stdout(nowhere),
        tempfile.TemporaryDirectory() as folder,
    ):
        main([*study, "--quiet", "--no-cache", "--out", folder])
    gc.collect()
    gc.freeze()  # what is there is not looked at again by each child
    argv = _serve()
    if argv is not None:
        sys.exit(main(argv))
