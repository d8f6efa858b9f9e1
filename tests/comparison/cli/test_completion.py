"""What shells complete, by the protocol of click, and once by a shell itself."""

import os
import shutil
import subprocess
import sys

import pytest
from click.shell_completion import ShellComplete

from comparison.cli.group import COMMANDS, top
from comparison.cli.main import main
from comparison.referee.theories import THEORIES
from finite_n.systems import PARTICLES, SYSTEMS


def completed(line):
    """Values of the last word of a command line, after its first word."""
    *words, last = line.split(" ")
    found = ShellComplete(top, {}, "finite-n", "_FINITE_N_COMPLETE").get_completions(words, last)
    return [item.value for item in found if item.type == "plain"]


def test_commands():
    assert set(completed("")) >= set(COMMANDS) | {"figures"}
    assert completed("sp") == ["spectrum"] and completed("nothing") == []


@pytest.mark.parametrize("command", ["run", "judge", "predict", "spectrum", "horizon", "correlation"])
def test_systems(command):
    assert completed(f"{command} ") == [*SYSTEMS, *PARTICLES]
    assert completed(f"{command} --quiet hopf") == ["hopfield", "hopfield_patterns"]


def test_options_but_not_those_that_are_given():
    assert completed("run hopfield --fo") == ["--force"]
    assert completed("run hopfield --js") == ["--json"] and completed("run hopfield --json --js") == []
    assert completed("spectrum hopfield --sizes 4 5 6 7 --to") == ["--tol"]


def test_parameters_with_the_values_that_they_have(tmp_path):
    assert completed("run hopfield --set o") == ["omega=0.3"]
    assert completed("run hopfield --set omega=1 --set ") == [
        "omega=0.3", "beta=0.8", "rates=exponential", "self_energy=True",
    ]  # fmt: skip
    assert completed("spectrum dicke_model --set lo") == ["loss=0.0"]
    file = tmp_path / "study.toml"
    file.write_text("system = 'hopfield'\n")
    assert completed(f"run {file} --set b") == ["beta=0.8"]
    for nothing in ("run --set ", "run nowhere.toml --set ", f"run {tmp_path} --set ", "run hopfeld --set "):
        assert completed(nothing) == []


def test_theories_and_papers():
    assert completed("run hopfield --theories meanfield,cumulants") == [
        f"meanfield,{name}" for name in THEORIES if name.startswith("cumulants")
    ]
    assert completed("horizon hopfield --theory pr") == ["printed"]
    assert completed("claims --paper 00") == ["000", "001", "002", "003", "004"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_gets_its_script_and_answers(monkeypatch, capsys, shell):
    monkeypatch.setenv("_FINITE_N_COMPLETE", f"{shell}_source")
    assert main() == 0 and "_finite_n_completion" in capsys.readouterr().out
    words = {"COMP_WORDS": "finite-n run hop", "COMP_CWORD": "hop" if shell == "fish" else "2"}
    for name, value in ({"_FINITE_N_COMPLETE": f"{shell}_complete"} | words).items():
        monkeypatch.setenv(name, value)
    assert main() == 0
    out, err = capsys.readouterr()
    assert "hopfield_patterns" in out and err == ""


def test_a_line_that_is_wrong_completes_nothing_and_says_nothing(monkeypatch, capsys):
    for words in ("finite-n nothing x", "finite-n run --nothing x --set ", 'finite-n run "open'):
        for name, value in {"COMP_WORDS": words, "COMP_CWORD": "2", "_FINITE_N_COMPLETE": "bash_complete"}.items():
            monkeypatch.setenv(name, value)
        main()
        assert capsys.readouterr().err == ""
    monkeypatch.setenv("_FINITE_N_COMPLETE", "nonsense")
    assert main() != 0 and capsys.readouterr() == ("", "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_bash_completes(tmp_path):
    command = tmp_path / "finite-n"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m comparison.cli "$@"\n')
    command.chmod(0o755)
    script = """
    eval "$(_FINITE_N_COMPLETE=bash_source finite-n)"
    complete -p finite-n
    compopt() { :; }  # only inside a completion of readline
    COMP_WORDS=(finite-n run kin); COMP_CWORD=2
    _finite_n_completion finite-n
    echo "${COMPREPLY[@]}"
    """
    path = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        ["bash", "--norc", "-c", script], env=os.environ | path, capture_output=True, text=True, timeout=300
    )
    assert done.stdout.splitlines()[-1] == "kinetically_constrained", done.stderr
    assert "-F _finite_n_completion finite-n" in done.stdout and done.stderr == ""
