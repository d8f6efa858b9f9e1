"""Where compiled code is kept: beside the source, or in a private folder, or nowhere; what is said of it, and when."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numba
import pytest

import finite_n
from finite_n import compiled

posix = pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")


@pytest.fixture
def anew(monkeypatch, tmp_path):
    """Temporary files in a folder of the test, and nothing decided."""
    monkeypatch.setattr(compiled.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(numba.config, "CACHE_DIR", numba.config.CACHE_DIR)
    monkeypatch.setenv("NUMBA_CACHE_DIR", os.environ.get("NUMBA_CACHE_DIR", ""))
    compiled._has_folder.cache_clear()
    yield tmp_path
    compiled._has_folder.cache_clear()


def answers(monkeypatch, *given):
    rest = list(given)
    monkeypatch.setattr(compiled, "_accepted", lambda: rest.pop(0))


def test_beside_the_source_where_that_can_be_written(anew, monkeypatch, caplog):
    answers(monkeypatch, True)
    assert compiled._has_folder() and not caplog.messages and not list(anew.iterdir())


@posix
def test_in_a_private_folder_otherwise(anew, monkeypatch, caplog):
    answers(monkeypatch, False, True)
    assert compiled._has_folder() and compiled._has_folder()
    (folder,) = anew.iterdir()
    assert numba.config.CACHE_DIR == os.environ["NUMBA_CACHE_DIR"] == str(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    (message,) = caplog.messages
    assert str(folder) in message


@posix
def test_nowhere_if_the_folder_may_be_filled_by_others(anew, monkeypatch, caplog):
    (anew / f"finite-n-{os.getuid()}").mkdir(mode=0o755)
    answers(monkeypatch, False)
    assert not compiled._has_folder()
    assert "made anew" in caplog.text

    @compiled.njit(cache=True)
    def twice(x):
        return 2 * x

    assert twice(3) == 6 and not list(anew.rglob("*.nbi"))


@posix
def test_another_user_runs_a_package_that_cannot_be_written(request):
    tmp_path = Path(tempfile.mkdtemp())  # not in pytest's own folder, which every run closes to other users

    def remove():
        for path in [tmp_path, *tmp_path.rglob("*")]:
            path.chmod(0o755)
        shutil.rmtree(tmp_path)

    request.addfinalizer(remove)
    package = tmp_path / "finite_n"
    shutil.copytree(Path(finite_n.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    for path in [package, *package.rglob("*")]:
        path.chmod(0o555)
    tmp_path.chmod(0o755)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    temporary.chmod(0o777)
    other = (
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.getuid() == 0 else []
    )  # root may write
    where = {"PYTHONPATH": str(tmp_path), "HOME": "/nonexistent", "PATH": os.environ["PATH"], "TMPDIR": str(temporary)}

    def run(code):
        command = [*other, sys.executable, "-B", "-c", code]
        return subprocess.run(command, env=where, cwd="/", capture_output=True, text=True, timeout=300)

    if (other and not shutil.which("setpriv")) or run("import numba").returncode:
        pytest.skip("another user cannot run this Python")
    done = run("from finite_n import kernels; print(kernels.__file__)")
    assert done.returncode == 0 and done.stdout.strip() == str(package / "kernels.py"), done.stderr
    assert done.stderr.startswith("finite-n: ") and done.stderr.count("cannot be written") == 1
    logged = run(LOGGED + SMALL)
    assert logged.stderr.count("compiling kernels, once after installation") == 1, logged.stderr
    assert "compiling" not in run(LOGGED + SMALL).stderr


SMALL = "from finite_n import kernels; kernels.bessel(2.0)"  # compiles quickly
LOGGED = "import logging; logging.basicConfig(level=logging.INFO, format='%(name)s %(levelname)s %(message)s');"


def started_with(folder, code):
    """A process with this folder for compiled code, which succeeds."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"NUMBA_CACHE_DIR": str(folder), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done


def test_the_first_run_logs_that_it_compiles_and_how_long_and_later_ones_log_nothing(tmp_path):
    first, *others = started_with(tmp_path, LOGGED + SMALL + "; kernels.mirror.__name__").stderr.splitlines()
    assert first == "finite_n INFO compiling kernels, once after installation"
    assert [re.sub(r"\d+\.\d", "…", line) for line in others] == ["finite_n INFO compiled bessel, … s"]
    assert started_with(tmp_path, LOGGED + SMALL).stderr == ""


def test_a_program_that_asks_for_no_log_sees_nothing(tmp_path):
    assert started_with(tmp_path, SMALL).stderr == ""


def test_what_is_not_kept_is_said_to_be_compiled_at_every_start(tmp_path):
    nowhere = (
        "from finite_n import compiled; compiled._accepted = lambda: False; compiled._private_folder = lambda: None;"
    )
    for _ in range(2):
        warning, notice, compiled = started_with(tmp_path, LOGGED + nowhere + SMALL).stderr.splitlines()
        assert "WARNING finite-n: " in warning and "cannot be written" in warning and "at every start" in warning
        assert notice == "finite_n INFO compiling kernels, anew at every start" and "compiled bessel" in compiled


def test_functions_of_others_are_none_of_our_kernels(tmp_path):
    code = "import numba; import finite_n.kernels; numba.njit(lambda x: x)(1)"
    assert started_with(tmp_path, LOGGED + code).stderr == ""


COMPILED = """
from numba.core import event
compiled = []

class Names(event.Listener):
    def on_start(self, happened):
        function = happened.data["dispatcher"].py_func
        compiled.append((function.__module__, function.__qualname__))

    def on_end(self, happened):
        pass

event.register("numba:compile", Names())
from finite_n import evolve
from finite_n.systems import hopfield
for start in [0, 0.3, 0.4], [0.1, 0.3, 0.4]:
    evolve(hopfield(), 8, start, [0.0, 1.0])
print(*(f"{module}:{name}" for module, name in compiled))
"""


@pytest.mark.slow
def test_no_more_is_compiled_than_is_needed(tmp_path):
    """Array expressions would bring the strings of their error messages, which take as long as the kernels."""
    names = started_with(tmp_path, COMPILED).stdout.split()
    ours = [name.removeprefix("finite_n.kernels:") for name in names if name.startswith("finite_n.")]
    assert ours.count("symmetric_powers") == 2  # real and complex
    assert len(ours) == len(set(ours)) + 1  # all others once
    assert "faber_step_serial" in ours and "faber_step" not in ours  # one thread
    assert not [name for name in names if "unicode" in name] and len(names) < 50
