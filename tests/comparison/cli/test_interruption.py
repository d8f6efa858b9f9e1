"""Signals, errors and lack of memory in the middle of the work: what is done is kept, and the exit status tells."""

import errno
import json
import os
import signal
import subprocess
import sys
import time

import pytest
import xarray as xr

import comparison.cli.progress
import comparison.cli.run
import comparison.convergence.spectrum
import comparison.ladder
import comparison.report.files
from comparison import build, compare_spectrum
from comparison.cli.interruption import SIGNALS, Interrupted, Interruption
from comparison.cli.main import main
from comparison.results_folder.folder import NUMBERS
from finite_n import FiniteNError
from finite_n.systems import hopfield

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="signals of POSIX"),
    pytest.mark.usefixtures("quick_figures"),
]
SMALL = {"system": "hopfield", "sizes": [4, 5, 6, 7], "times": {"stop": 0.2, "points": 3}}
QUICK = ["--sizes", "4,5,6,7", "--stop", "0.2", "--points", "3"]
SPECTRUM = ["spectrum", "hopfield", "--sizes", "4", "5", "6", "7", "-k", "2"]


@pytest.fixture(autouse=True)
def unhandled():
    """The handlers of a process that has just begun, whatever runs the tests; and again after each test."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in SIGNALS}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    own = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    after = {number: signal.getsignal(number) for number in SIGNALS}
    for number, handler in before.items():
        signal.signal(number, handler)
    assert after == own


def at(monkeypatch, module, name, call, action, when="before"):
    """Run `action` before, after or in place of the given call (from 1) of a function of a module."""
    original, calls = getattr(module, name), []

    def wrapped(*args, **kwargs):
        calls.append(1)
        if len(calls) == call and when != "after":
            action()
        out = original(*args, **kwargs)
        if len(calls) == call and when == "after":
            action()
        return out

    monkeypatch.setattr(module, name, wrapped)


def send(number):
    """A signal to this process, handled before this returns."""

    def action():
        os.kill(os.getpid(), number)
        time.sleep(0.01)

    return action


def fail(error):
    def action():
        raise error

    return action


def stored_sizes(folder):
    with xr.open_dataset(folder / "study.nc", engine="h5netcdf") as data:
        return data["N"].values.tolist()


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_signal_writes_the_sizes_that_are_done(capsys, tmp_path, monkeypatch, number, when):
    at(monkeypatch, comparison.ladder, "evolve", 3, send(number), when)
    assert main(["run", "hopfield", *QUICK, "--out", str(tmp_path)]) == 128 + number
    out, err = capsys.readouterr()
    assert "interrupted; the sizes [4, 5] are done." in err and "Traceback" not in err
    assert [line.split(":")[0] for line in err.splitlines() if "done, " in line] == ["N = 4", "N = 5"]
    assert stored_sizes(tmp_path) == [4, 5] and len(list(tmp_path.iterdir())) == 6
    assert "N = 5" in out and "N = 6" not in out


def test_a_size_reported_done_is_kept(capsys, tmp_path, monkeypatch):
    """The signal comes while the line is printed."""
    original = comparison.cli.progress.say

    def say(text):
        if text.startswith("N = 5: done"):
            send(signal.SIGINT)()
        original(text)

    monkeypatch.setattr(comparison.cli.progress, "say", say)
    assert main(["run", "hopfield", *QUICK, "--out", str(tmp_path)]) == 130
    err = capsys.readouterr().err
    assert "N = 5: done" in err and "the sizes [4, 5] are done" in err
    assert stored_sizes(tmp_path) == [4, 5]


def test_a_signal_lost_in_a_callback_is_found_again(capsys, monkeypatch):
    def swallowed():
        try:
            send(signal.SIGTERM)()
        except KeyboardInterrupt:
            pass

    at(monkeypatch, comparison.ladder, "evolve", 2, swallowed)
    assert main(["run", "hopfield", *QUICK, "--quiet"]) == 143
    assert "the sizes [4" in capsys.readouterr().err


def test_a_signal_lost_in_a_destructor_is_found_again_without_noise(capsys, monkeypatch):
    class Gone:
        def __del__(self):
            send(signal.SIGTERM)()

    hook = sys.unraisablehook
    at(monkeypatch, comparison.ladder, "evolve", 2, lambda: Gone() and None)
    assert main(["run", "hopfield", *QUICK, "--quiet"]) == 143
    err = capsys.readouterr().err
    assert "the sizes [4" in err and err.count("\n") == 1
    assert sys.unraisablehook is hook


@pytest.mark.parametrize("function", ["verdicts_file", "markdown", "page", "write_set"])
def test_signals_while_writing_cut_nothing(capsys, tmp_path, monkeypatch, function):
    def thrice():
        for _ in range(3):
            send(signal.SIGINT)()

    at(monkeypatch, comparison.report.files, function, 1, thrice)
    assert main(["run", "hopfield", *QUICK, "--out", str(tmp_path)]) == 130
    assert stored_sizes(tmp_path) == [4, 5, 6, 7]
    assert json.loads((tmp_path / "verdicts.json").read_text())["sizes"] == [4, 5, 6, 7]
    assert "the sizes [4, 5, 6, 7] are done" in capsys.readouterr().err


def test_a_signal_while_drawing_ends_the_figure_only(capsys, tmp_path, monkeypatch, real_figures):
    at(monkeypatch, comparison.report.files, "convergence_figure", 1, send(signal.SIGINT))
    assert main(["run", "hopfield", *QUICK, "--out", str(tmp_path)]) == 130
    assert {p.name for p in tmp_path.iterdir()} == set(NUMBERS)
    assert stored_sizes(tmp_path) == [4, 5, 6, 7]


def test_a_signal_while_errors_are_planted_keeps_the_study(capsys, tmp_path, monkeypatch):
    at(monkeypatch, comparison.cli.run, "power_test", 1, send(signal.SIGTERM))
    assert main(["run", "hopfield", *QUICK, "--power", "--out", str(tmp_path)]) == 143
    assert "planted errors: interrupted" in capsys.readouterr().err
    assert stored_sizes(tmp_path) == [4, 5, 6, 7]


def test_a_signal_that_was_ignored_stays_ignored(capsys, tmp_path, monkeypatch):
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        at(monkeypatch, comparison.ladder, "evolve", 2, send(signal.SIGHUP))
        assert main(["run", "hopfield", *QUICK, "--quiet"]) == 0
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


def test_the_next_signal_ends_at_once_where_the_first_was_lost():
    with Interruption() as stop:
        with pytest.raises(Interrupted):
            send(signal.SIGINT)()
        send(signal.SIGHUP)()  # a closed terminal sends two: the end that has begun goes on
        stop._raised -= 10
        with pytest.raises(Interrupted):
            send(signal.SIGTERM)()
        assert stop.number == signal.SIGINT and stop.count == 3 and stop.status == 130


def test_only_the_main_thread_handles_signals():
    import threading

    before, seen = signal.getsignal(signal.SIGTERM), []

    def enter():
        with Interruption():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert seen == [before]


ERRORS = [
    (FiniteNError("evolution: too much."), "N = 6: evolution: too much."),
    (MemoryError("Unable to allocate 3 GiB"), "N = 6: out of memory: Unable to allocate 3 GiB."),
    (ZeroDivisionError("division by zero"), "N = 6: ZeroDivisionError: division by zero."),
]


@pytest.mark.parametrize(("error", "sentence"), ERRORS)
def test_an_error_in_one_size_keeps_the_others(capsys, tmp_path, monkeypatch, error, sentence):
    at(monkeypatch, comparison.ladder, "evolve", 3, fail(error))
    assert main(["run", "hopfield", *QUICK, "--quiet", "--out", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert err.splitlines() == [f"finite-n: {sentence}", "finite-n: ended by the error; the sizes [4, 5] are done."]
    assert stored_sizes(tmp_path) == [4, 5] and "N = 5" in out
    assert sentence in (tmp_path / "report.md").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "verdicts.json").read_text(encoding="utf-8"))["failure"] == sentence


@pytest.mark.parametrize(("error", "sentence"), ERRORS)
def test_python_gets_what_is_done_and_why_it_ended(monkeypatch, error, sentence):
    at(monkeypatch, comparison.ladder, "evolve", 3, fail(error))
    shares = []
    result = build(SMALL).run(lambda N, share: shares.append((N, share)))
    assert result.sizes == [4, 5] and result.failure == sentence and not result.interrupted
    assert sentence in repr(result)
    assert [N for N, share in shares if share == 1] == [4, 5]


@pytest.mark.parametrize("error", [e for e, _ in ERRORS])
def test_an_error_in_the_first_size_is_raised(monkeypatch, error):
    at(monkeypatch, comparison.ladder, "evolve", 1, fail(error))
    with pytest.raises(type(error)):
        build(SMALL).run()


def test_no_memory_for_the_first_size_is_one_sentence(capsys, monkeypatch, tmp_path):
    at(monkeypatch, comparison.ladder, "evolve", 1, fail(MemoryError("Unable to allocate 3 GiB")))
    assert main(["run", "hopfield", *QUICK, "--out", str(tmp_path / "new")]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err == "finite-n: out of memory: Unable to allocate 3 GiB. Try smaller sizes.\n"
    assert not (tmp_path / "new").exists()


def test_long_sizes_are_written_as_soon_as_they_are_done(capsys, tmp_path, monkeypatch):
    """What a killed process leaves."""
    seen = []
    monkeypatch.setattr(comparison.cli.run, "WORTH_KEEPING", 0.0)
    for call in (2, 4):
        at(monkeypatch, comparison.ladder, "evolve", call, lambda: seen.append(stored_sizes(tmp_path)))
    assert main(["run", "hopfield", *QUICK, "--out", str(tmp_path)]) == 0
    assert seen == [[4], [4, 5, 6]] and stored_sizes(tmp_path) == [4, 5, 6, 7]
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}

    def look():
        seen.append(sorted(p.name for p in tmp_path.iterdir() if "partial" in p.name))
        assert {name: (tmp_path / name).read_bytes() for name in before} == before

    at(monkeypatch, comparison.ladder, "evolve", 3, look)
    assert main(["run", "hopfield", *QUICK, "--set", "omega=0.5", "--out", str(tmp_path), "--force"]) == 0
    assert seen[-1] == ["report-partial.html", "report-partial.md", "study-partial.nc", "verdicts-partial.json"]
    assert len(list(tmp_path.iterdir())) == 6 and stored_sizes(tmp_path) == [4, 5, 6, 7]


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("json_wanted", [True, False])
def test_slow_modes_that_are_done_are_printed(capsys, monkeypatch, number, json_wanted):
    at(monkeypatch, comparison.convergence.spectrum, "spectrum", 3, send(number))
    assert main([*SPECTRUM, *["--json"] * json_wanted]) == 128 + number
    out, err = capsys.readouterr()
    assert "interrupted; the sizes [4, 5] are done" in err and "Traceback" not in err
    if json_wanted:
        data = json.loads(out)
        assert data["sizes"] == [4, 5] and len(data["gaps"]) == 2 and data["interrupted"]
    else:
        assert "N = 5" in out and "N = 6" not in out


@pytest.mark.parametrize(("error", "sentence"), ERRORS)
def test_slow_modes_after_an_error(capsys, monkeypatch, error, sentence):
    at(monkeypatch, comparison.convergence.spectrum, "spectrum", 3, fail(error))
    assert main([*SPECTRUM, "--quiet"]) == 2
    out, err = capsys.readouterr()
    assert sentence in err and "the sizes [4, 5] are done" in err and "N = 5" in out
    result = compare_spectrum(hopfield(), [4, 5], 2)
    assert not result.interrupted and not result.failure


def test_an_interruption_before_the_first_size(capsys, tmp_path, monkeypatch):
    at(monkeypatch, comparison.ladder, "evolve", 1, send(signal.SIGINT))
    assert main(["run", "hopfield", *QUICK, "--out", str(tmp_path / "new")]) == 130
    assert "no size was done yet" in capsys.readouterr().err and not (tmp_path / "new").exists()
    at(monkeypatch, comparison.convergence.spectrum, "spectrum", 1, send(signal.SIGTERM))
    assert main(SPECTRUM) == 143
    assert capsys.readouterr().err == "finite-n: interrupted.\n"


def test_messages_that_nobody_reads_end_no_run(capsys, tmp_path, monkeypatch):
    class Gone:
        def write(self, text):
            raise OSError(errno.EPIPE, os.strerror(errno.EPIPE))

        flush = isatty = lambda self: False

    for stream in (Gone(), None):
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", stream)
            assert main(["run", "hopfield", *QUICK, "--out", str(tmp_path)]) == 0
        out = capsys.readouterr().out
        assert "REFUTED" in out and "done," not in out
    assert stored_sizes(tmp_path) == [4, 5, 6, 7]


def test_a_closed_standard_output(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    for words in (["run", "hopfield", *QUICK], SPECTRUM, ["steady", "hopfield"], ["correlation", "hopfield", "mz"]):
        assert main(words) == 2
        assert "standard output is closed" in capsys.readouterr().err
    assert main(["run", "hopfield", *QUICK, "--quiet", "--out", str(tmp_path)]) == 0
    assert stored_sizes(tmp_path) == [4, 5, 6, 7]


NO_ROOM = "finite-n: output cannot be written, No space left on device.\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_a_full_device_as_standard_output(children, tmp_path):
    """The files are written, no traceback, no line of Python's own at the end of the process."""
    words = ["run", "hopfield", *QUICK, "--quiet", "--out", tmp_path / "out"]
    child = children.start(words, tmp_path, output="/dev/full", NO_FIGURES=1)
    assert child.end() == 2 and child.err == NO_ROOM
    assert stored_sizes(tmp_path / "out") == [4, 5, 6, 7]


@pytest.mark.slow
@pytest.mark.parametrize(("end", "status"), [(">/dev/full", 2), ("| true", 0), (">&- 2>&-", 0)])
def test_streams_of_a_shell(tmp_path, end, status):
    """A full device, a reader that has gone, closed streams, all from the start of the process."""
    command = f"{sys.executable} -m comparison.cli run hopfield {' '.join(QUICK)} --quiet --out {tmp_path}"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command} {end}"], stderr=subprocess.PIPE, text=True)
    assert done.returncode == status, done.stderr
    assert done.stderr == (NO_ROOM if status else "")
    assert stored_sizes(tmp_path) == [4, 5, 6, 7]
