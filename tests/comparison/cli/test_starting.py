"""The command starts quickly, and Ctrl-C meanwhile is one sentence, from a terminal and where the shell ignores it."""

import os
import signal
import subprocess
import sys
import time

import pytest

from comparison import starting

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")


def interrupted(command, after: str):
    """Return code and standard error of a command that gets SIGINT once `after` is a line, or the last column of one,
    of standard error."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            for line in process.stderr:
                if line.rpartition("|")[2].strip() == after:
                    break
            process.send_signal(signal.SIGINT)
            _, rest = process.communicate(timeout=60)
        finally:
            process.kill()
    return process.returncode, rest


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
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    loaded = set(done.stderr.splitlines()[-1].split())
    heavy = {"numba", "qutip", "xarray", "matplotlib"} | ({"numpy", "rich"} if words != ["systems"] else set())
    assert "comparison" in loaded and not loaded & heavy


@pytest.mark.parametrize(("package", "words"), [("numpy", ["systems"]), ("scipy.sparse", ["run", "hopfield"])])
def test_one_sentence_during_the_imports(package, words):
    command = [sys.executable, "-X", "importtime", "-m", "comparison.cli", *words]
    status, rest = interrupted(command, package)
    assert status == 130 and "Traceback" not in rest, rest
    assert [line for line in rest.splitlines() if not line.startswith("import time:")] == ["finite-n: interrupted."]


def test_an_interrupted_exec_changes_no_status(tmp_path):
    """Classes are made by exec during imports; Python notes an interrupt there and would end by the signal itself."""
    (tmp_path / "interrupted_exec.py").write_text("""
import sys
from comparison.cli import main
main._called = lambda argv: exec("raise KeyboardInterrupt")
sys.exit(main.main())
""")
    command = [sys.executable, "-m", "interrupted_exec"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
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


def test_a_program_that_imports_the_package_keeps_its_own_way():
    code = "import sys; before = sys.excepthook; import comparison; assert sys.excepthook is before"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_programs_that_tests_start_hear_ctrl_c():
    code = "import sys, time; print('up', file=sys.stderr, flush=True); time.sleep(50)"
    status, rest = interrupted([sys.executable, "-c", code], "up")
    assert status == -signal.SIGINT and "KeyboardInterrupt" in rest
