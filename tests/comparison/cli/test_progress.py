"""What is shown while a command works: a bar on terminals alone, and a time left that is near the truth."""

import signal
import time

import pytest

import comparison.convergence.spectrum
import comparison.ladder
from comparison.cli import streams
from comparison.cli.interruption import Interruption
from comparison.cli.main import main
from comparison.cli.progress import Progress, Steps
from comparison.cli.time_left import TimeLeft

SPECTRUM = ["spectrum", "hopfield", "--sizes", "4", "5", "6", "7", "-k", "2"]


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def estimates(sizes, seconds, cost=None):
    """What is said halfway through every size, beside the truth."""
    clock = Clock()
    ahead = TimeLeft(sizes, cost, clock)
    for k, N in enumerate(sizes):
        ahead.begin()
        clock.now += seconds(N) / 2
        yield ahead.left(N, 0.5), seconds(N) / 2 + sum(seconds(n) for n in sizes[k + 1 :])
        clock.now += seconds(N) / 2
        ahead.done(N)
    assert ahead.left(sizes[-1], 1.0) == 0.0


@pytest.mark.parametrize(
    ("cost", "silent"),
    [(lambda N: 7.0 * N**4, 2), (None, 3)],  # without costs the first size, which loads much, tells nothing
)
@pytest.mark.parametrize("overhead", [0.0, 0.5])
def test_the_time_left_is_right_within_a_factor_of_two(cost, silent, overhead):
    """Forecasts are rounded to powers of two."""
    said, true = zip(*estimates([10, 20, 40, 80, 120], lambda N: overhead + 1e-6 * N**4, cost), strict=True)
    assert said[:silent] == (None,) * silent and None not in said[silent:]
    assert all(0.5 < x / y < 2 for x, y in zip(said[silent:], true[silent:], strict=True))
    assert said[-1] == pytest.approx(true[-1])


def test_sizes_that_were_found_tell_how_long_they_took():
    """Not how long they took to find."""
    clock = Clock()
    ahead = TimeLeft([10, 20, 40], lambda N: 7.0 * N**4, clock)
    for N in (10, 20):
        ahead.begin()
        clock.now += 0.001
        ahead.done(N, 1e-4 * N**4)
    assert 0.5 < ahead.left(40, 0.0) / (1e-4 * 40**4) < 2


def test_nothing_is_said_where_costs_are_refused_and_little_is_known():
    def refuses(N):
        raise ValueError("no engine")

    ahead = TimeLeft([10, 20, 40], refuses, clock := Clock())
    clock.now = 0.1
    ahead.done(10)
    assert ahead.left(20, 0.0) is None and ahead.left(20, 0.9) is None


@pytest.mark.parametrize("quiet", [True, False])
def test_without_a_terminal_there_is_a_line_per_size_or_nothing(capsys, quiet):
    with Interruption() as stop, Progress([4, 5], stop, quiet) as progress:
        for N in (4, 5):
            for share in (0.0, 0.5, 1.0):
                progress(N, share)
    with Steps(2, quiet) as step:
        step("one")
        step("two")
    out, err = capsys.readouterr()
    assert out == "" and "\x1b" not in err
    begins = [line.rpartition(", ")[0] or line for line in err.splitlines()]
    assert begins == ([] if quiet else ["N = 4: done", "N = 5: done", "1 of 2: one", "2 of 2: two"])


@pytest.fixture
def terminal(monkeypatch):
    """Of 100 columns that knows colours, whatever the tests run in."""
    for name, value in {"COLUMNS": "100", "TERM": "xterm-256color", "NO_COLOR": ""}.items():
        monkeypatch.setenv(name, value)
    pytest.importorskip("pty")
    from tests.comparison.cli.terminal import Terminal

    return Terminal


@pytest.mark.parametrize("width", [40, 60, 100])
def test_a_bar_that_fits_the_terminal_and_is_erased(terminal, monkeypatch, capsys, width):
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1" if width == 60 else "")
    with terminal() as it:
        assert main(SPECTRUM) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out and "gap" in out
    assert any(line.startswith("N = 7 (4 of 4)") and "100%" in line for line in it.lines) and it.lines[-1] == ""
    assert max(map(len, it.lines)) <= width and ("━" in it.shown) == (width >= 60)
    assert it.shown.endswith("\x1b[2K") and "\x1b[?25h" in it.shown  # the line erased, the cursor shown again
    assert ("\x1b[38;" in it.shown) == (width == 100)  # colours


def test_no_bar_where_none_is_wanted_or_possible(terminal, monkeypatch):
    with terminal() as quiet:
        assert main([*SPECTRUM, "--quiet"]) == 0
    monkeypatch.setenv("TERM", "dumb")
    with terminal() as dumb:
        assert main(SPECTRUM) == 0
    assert quiet.shown == "" and "N = 7: done" in dumb.shown and "\x1b" not in dumb.shown


@pytest.mark.parametrize("words", [SPECTRUM, ["run", "hopfield", "--sizes", "4,5,6,7", "--stop", "0.2"]])
def test_two_signals_end_the_bar_and_keep_what_is_done(terminal, monkeypatch, capsys, words):
    calls = []

    def at_third(original):
        def called(*arguments, **options):
            calls.append(1)
            if len(calls) == 3:
                for _ in range(1200):  # until the bar is redrawn
                    if "N = 6" in it.shown:
                        break
                    time.sleep(0.05)
                for _ in range(2):
                    signal.raise_signal(signal.SIGINT)
            return original(*arguments, **options)

        return called

    for module, name in ((comparison.convergence.spectrum, "spectrum"), (comparison.ladder, "evolve")):
        monkeypatch.setattr(module, name, at_third(getattr(module, name)))
    with terminal() as it:
        assert main(words) == 130
    out = capsys.readouterr().out
    assert "N = 5" in out and "N = 6" not in out and any(line.startswith("N = 6 (3 of 4)") for line in it.lines)
    (said,) = [line for line in it.lines if line.startswith("finite-n: ")]
    assert "the sizes [4, 5] are done" in said and "\x1b[?25h" in it.shown and "Traceback" not in it.shown


def test_lines_said_under_a_bar_appear_above_it(terminal, capsys):
    with terminal() as it:
        with Steps(2) as step:
            step("first")
            streams.say("one")
            streams.begin("compiling …", lambda: " 3 s")
            streams.show("result")
            step("second")
            streams.say("two")
        streams.say("three")
    above = [line for line in it.lines if line and " of 2: " not in line and not line.startswith("preparing")]
    assert above == ["one", "compiling …", "finite-n: that took 3 s.", "two", "three"]
    assert capsys.readouterr().out == "result\n" and "2 of 2: second" in it.shown
