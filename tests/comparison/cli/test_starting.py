"""The command starts quickly, and Ctrl-C meanwhile is one sentence, from a terminal and where the shell ignores it."""

import os
import signal
import subprocess
import sys
import time

import pytest

from comparison import starting

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
LONG = 300  # seconds, of a few where nothing else runs


@pytest.mark.parametrize(
    ("argv", "original", "expected"),
    [
        (["/usr/bin/finite-n", "run"], ["python3", "/usr/bin/finite-n", "run"], True),
        (["-m", "run"], ["python3", "-m", "comparison.cli", "run"], True),
        (["-m"], ["python3", "-m", "other"], False),
        (["script.py"], ["python3", "script.py", "comparison.cli"], False),
        ([], [], False),
    ],
)
def test_the_command_is_known_by_its_name(monkeypatch, argv, original, expected):
    monkeypatch.setattr(starting.sys, "argv", argv)
    monkeypatch.setattr(starting.sys, "orig_argv", original)
    assert starting.is_command() == expected


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["--version"], ["systems"], ["runn"]])
def test_what_needs_no_engine_loads_none(words):
    code = f"""
import sys
from comparison.cli.main import main
main({words!r})
print(*sorted({{name.partition(".")[0] for name in sys.modules}}), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=LONG, check=True)
    loaded = set(done.stderr.splitlines()[-1].split())
    heavy = {"numba", "qutip", "xarray", "matplotlib"} | ({"numpy", "rich"} if words != ["systems"] else set())
    assert "comparison" in loaded and not loaded & heavy


INTERRUPTS = """
import os, signal, sys

class Interrupts:
    def find_spec(name, path=None, target=None):
        if name == os.environ["INTERRUPTED_AT"]:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupts)
"""


@pytest.mark.parametrize(("module", "words"), [("numpy.linalg", ["systems"]), ("scipy.sparse", ["run", "hopfield"])])
def test_one_sentence_during_the_imports(tmp_path, module, words):
    """The signal comes when the import of a module begins; Python runs the file of that name as it starts."""
    (tmp_path / "sitecustomize.py").write_text(INTERRUPTS)
    where = {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path]), "INTERRUPTED_AT": module}
    command = [sys.executable, "-m", "comparison.cli", *words]
    done = subprocess.run(command, env=os.environ | where, capture_output=True, text=True, timeout=LONG)
    assert (done.returncode, done.stderr, done.stdout) == (130, "finite-n: interrupted.\n", "")


def test_an_interrupted_exec_changes_no_status(tmp_path):
    """Classes are made by exec during imports; Python notes an interrupt there and would end by the signal itself."""
    (tmp_path / "interrupted_exec.py").write_text("""
import sys
from comparison.cli import main
main._called = lambda argv: exec("raise KeyboardInterrupt")
sys.exit(main.main())
""")
    command = [sys.executable, "-m", "interrupted_exec"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=LONG)
    assert (done.returncode, done.stderr) == (130, "finite-n: interrupted.\n")


@pytest.mark.slow
def test_signals_that_come_again_and_again_change_no_status():
    """Also while the interpreter ends, where Python would let the second one kill it."""
    words = ["run", "hopfield", "--sizes", "4,5,6,100", "--stop", "10", "--no-cache"]
    command = [sys.executable, "-m", "comparison.cli", *words]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        said = next(line for line in process.stderr if line.startswith("N = 6: done"))
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            time.sleep(0.02)
        rest = process.stderr.read()
    assert process.returncode == 130 and "Traceback" not in said + rest, rest
    assert "interrupted; the sizes [4, 5, 6] are done" in rest


def test_the_command_spends_no_time_on_garbage_that_its_end_removes_anyway():
    code = """
import atexit, gc, runpy, sys
sys.argv = ["finite-n", "--version"]
atexit.register(lambda: print(gc.get_threshold()[0] > 10_000, gc.get_freeze_count() > 10_000))
runpy.run_module("comparison.cli", run_name="__main__")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=LONG, check=True)
    assert done.stdout.splitlines()[-1] == "True True"


def test_a_program_that_imports_the_package_keeps_its_own_way():
    code = """
import gc, sys
before = sys.excepthook, gc.get_threshold()
import comparison
assert (sys.excepthook, gc.get_threshold()) == before
"""
    assert subprocess.run([sys.executable, "-c", code], timeout=LONG).returncode == 0


def test_programs_that_tests_start_hear_ctrl_c():
    code = "import os, signal; os.kill(os.getpid(), signal.SIGINT)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=LONG)
    assert done.returncode == -signal.SIGINT and "KeyboardInterrupt" in done.stderr
