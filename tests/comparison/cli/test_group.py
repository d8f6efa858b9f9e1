"""Commands are found by name: those of this package, and those that other packages attach by entry points."""

import importlib
import re
import shlex
import sys
from pathlib import Path

import pytest

import comparison.cli.group as group
from comparison.cli.command import Command
from tests.comparison.cli.called import refused, run

MODULE = """
import click
from comparison.cli.command import Command, Several
command = Command(
    "greet", [click.Argument(["who"]), Several(["--words"])], "Say it.", short="say a word", work="greetings"
)
def run(arguments):
    print(arguments.who, arguments.words)
    return 7
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An importable module, whose command is not attached yet."""
    (tmp_path / "greetings.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "greetings", raising=False)
    importlib.invalidate_caches()
    return tmp_path


def installed(path):
    """As after an installation: the folder of a distribution with entry points."""
    info = path / "greetings-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: greetings\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{group.ENTRY_POINTS}]\ngreet = greetings:command\n")


def in_a_source_tree(path):
    """As in a folder that is not installed."""
    text = f"[project]\nname = 'finite-n'\n[project.entry-points.'{group.ENTRY_POINTS}']\ngreet = 'greetings:command'\n"
    (path / "pyproject.toml").write_text(text)


@pytest.mark.parametrize("attach", [installed, in_a_source_tree])
def test_a_command_of_another_package(package, monkeypatch, capsys, attach):
    monkeypatch.setattr(group, "_PYPROJECT", package / "pyproject.toml")
    assert "'greet'" in refused(capsys, "greet", "you")
    attach(package)
    assert run(capsys, "greet", "you", "--words", "a", "b", "c") == (7, "you a,b,c\n", "")
    assert re.search(r"\n  greet +say a word\n", run(capsys, "--help")[1])
    assert "Usage: finite-n greet [OPTIONS] WHO" in run(capsys, "greet", "--help")[1]
    assert "(did you mean greet?)" in refused(capsys, "gret")


def test_one_that_cannot_be_loaded_is_a_sentence_and_no_other_command_suffers(package, monkeypatch, capsys):
    (package / "greetings.py").write_text("import nothing_of_this_name\n")
    monkeypatch.setattr(group, "_PYPROJECT", package / "pyproject.toml")
    in_a_source_tree(package)
    assert "greetings:command, which cannot be loaded: ModuleNotFoundError" in refused(capsys, "greet")
    status, out, err = run(capsys, "--help")
    assert status == 0 and err == "" and re.search(r"\n  greet +\(cannot be loaded\)\n", out)


@pytest.mark.parametrize("name", [*group.COMMANDS, *group.attached()])
def test_examples_of_help_are_command_lines(name):
    """Words, options and values are accepted; nothing is called."""
    examples = re.findall(r"^ {2}finite-n (.*)$", group.top.get_command(None, name).epilog, re.MULTILINE)
    for line in examples:
        words = shlex.split(line)
        command = group.top.get_command(None, words[0])
        assert command.make_context(words[0], words[1:]).params
    assert examples or name in ("systems", "bench")


def test_every_command_has_its_line_its_options_and_its_work():
    files = {p.stem for p in Path(group.__file__).with_name("commands").glob("*.py")} - {"__init__", "names", "shared"}
    assert {name.replace("-", "_") for name in group.COMMANDS} == files
    for name in group.COMMANDS:
        command = group.top.get_command(None, name)
        assert isinstance(command, Command) and command.name == name
        assert Path(group.__file__).with_name(f"{command.work.rpartition('.')[2]}.py").is_file()
