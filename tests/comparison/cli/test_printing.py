"""What goes to standard output: it fits a terminal, has no limits in a pipe, and JSON is JSON."""

import json
import re

import pytest

from comparison.cli.main import main
from comparison.cli.printing import present, present_json
from tests.comparison.cli.called import run

NUMBER = re.compile(r"-?\d+\.\d+(?:\(\d+\))?")
RUN = ["run", "hopfield", "--sizes", "4,5,6,7", "--stop", "0.2", "--points", "3", "--quiet"]
COMMANDS = [
    RUN,
    ["spectrum", "hopfield", "--sizes", "4", "5", "6", "7", "--quiet"],
    ["correlation", "hopfield", "mz", "--sizes", "4", "5", "6", "7", "--at", "0.2", "--quiet"],
    ["horizon", "hopfield", "--sizes", "4", "5", "6", "7", "--stop", "0.2", "--points", "5", "--quiet"],
    ["predict", "hopfield", "40", "50", "60", "70", "80", *RUN[2:]],
    ["systems"],
]


@pytest.fixture
def terminal(monkeypatch):
    """Of 60 columns, whatever the tests run in."""
    pytest.importorskip("pty")
    from tests.comparison.cli.terminal import Terminal

    monkeypatch.setenv("COLUMNS", "60")
    return Terminal


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_what_is_printed_fits_a_narrow_terminal_and_no_number_is_cut(terminal, capsys, words):
    status, piped, _ = run(capsys, *words)
    with terminal("stdout") as it:
        assert main(words) == status == 0
    assert max(map(len, it.lines)) <= 60 < max(map(len, piped.splitlines())) or words[0] == "horizon"
    assert sorted(NUMBER.findall(it.shown)) == sorted(NUMBER.findall(piped))
    assert "\x1b" not in it.shown + piped


@pytest.mark.usefixtures("quick_figures")
def test_files_are_as_wide_as_they_are_whatever_the_terminal(terminal, tmp_path):
    with terminal("stdout") as it:
        assert main([*RUN, "--out", str(tmp_path / "narrow")]) == 0
    assert main([*RUN, "--out", str(tmp_path / "wide")]) == 0
    narrow, wide = ((tmp_path / name / "report.md").read_bytes() for name in ("narrow", "wide"))
    assert narrow == wide and "CONFIRMED" in it.shown


def test_sentences_break_between_words_and_keep_their_indent(terminal):
    line = "    a sentence of words that is somewhat longer than what fits into a line of a terminal"
    with terminal("stdout") as it:
        present(lambda: f"head\n\n{line}")
    head, first, second, *_ = it.lines
    assert head == "head" and second.startswith("      ") and f"{first} {second.strip()}" == line


def test_numbers_that_are_none_are_null_in_json(capsys):
    present_json({"b": [float("nan"), (1.5, float("inf"))], "a": {"Ω": None}})
    out = capsys.readouterr().out
    assert json.loads(out) == {"a": {"Ω": None}, "b": [None, [1.5, None]]} and out.index('"a"') < out.index('"b"')


@pytest.mark.parametrize("words", [c for c in COMMANDS if c[0] != "predict"], ids=lambda words: words[0])
def test_json_alone_and_strict(capsys, words):
    def refuse(name):
        raise ValueError(f"{name} is no JSON")

    status, out, err = run(capsys, *words, "--json")
    assert status == 0 and err == "" and json.loads(out, parse_constant=refuse)
