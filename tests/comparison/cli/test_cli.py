"""The command line, as a user types it: good runs, and one sentence for every kind of bad input."""

import json
import os
import signal

import numpy as np
import pytest

from comparison.cli.group import COMMANDS
from comparison.cli.options import setting, state_function
from finite_n.systems import PARTICLES, SYSTEMS
from tests.comparison.cli.called import refused, run
from tests.comparison.cli.children import until

QUICK = ["--sizes", "6,9,13,19", "--stop", "0.2", "--points", "3", "--quiet"]


@pytest.mark.parametrize("system", ["hopfield", "collective_dissipation", "kinetically_constrained"])
def test_every_system_runs_and_prints_table_and_verdicts(capsys, system):
    status, out, err = run(capsys, "run", system, *QUICK)
    assert status == 0 and err == ""
    assert "N → ∞" in out and "derived" in out


@pytest.mark.usefixtures("quick_figures")
def test_json_is_json_and_goes_to_standard_output_alone(capsys, tmp_path):
    status, out, err = run(capsys, "run", "hopfield", *QUICK, "--json", "--power", "--out", tmp_path)
    data = json.loads(out)
    assert status == 0 and "written" in err
    assert data["claims"]["printed"]["status"] == "refuted"
    assert data["sizes"] == [6, 9, 13, 19] and data["spec"]["parameters"]["omega"] == 0.3
    assert {"coefficient", "smallest"} <= set(data["power"][0])


def test_settings_reach_the_model(capsys):
    _, out, _ = run(
        capsys, "run", "hopfield", *QUICK, "--json", "--set", "rates=heat_bath", "--set", "self_energy=false"
    )
    data = json.loads(out)
    assert data["spec"]["parameters"] == {"omega": 0.3, "beta": 0.8, "rates": "heat_bath", "self_energy": False}
    assert "printed" not in data["claims"]  # Fiorelli 2024 prints no covariance for these rates
    assert [setting(x) for x in ("a=.5", " b = TRUE", "c=[0.8, 1]", "d=heat", "e=3")] == [
        ("a", 0.5), ("b", True), ("c", [0.8, 1.0]), ("d", "heat"), ("e", 3.0),
    ]  # fmt: skip


def test_fluctuations_are_named_on_the_command_line(capsys):
    words = ["--fluctuation", "-0.2,0.5,0.6", "--fluctuation", "g=0,0,1", "--accuracy", "1e-2"]
    status, out, err = run(capsys, "run", "hopfield", *QUICK, *words, "--json")
    data = json.loads(out)
    assert status == 0 and err == ""
    assert {"re_chi_f", "kappa4_g"} <= set(data["final"]["exact"])
    assert data["spec"]["fluctuations"] == {"f": {"r": [-0.2, 0.5, 0.6]}, "g": {"r": [0, 0, 1]}}
    twice = ["--fluctuation", "0,0,1", "--fluctuation", "f=0,0,1"]
    assert "given twice" in refused(capsys, "run", "hopfield", *QUICK, *twice)
    assert "for each of x, y, z" in refused(capsys, "run", "hopfield", *QUICK, "--fluctuation", "0,1")


def test_functions_of_the_state_are_named_on_the_command_line(capsys):
    words = ["--state-function", "xi2=squeezing", "--state-function", "entropy_per_particle"]
    words += ["--state-function", "I=fisher_information_per_particle:mx*mz/2 + mz*mx/2", "--accuracy", "1e-2"]
    status, out, err = run(capsys, "run", "hopfield", *QUICK, *words, "--json")
    data = json.loads(out)
    assert status == 0 and err == ""
    assert {"xi2", "entropy_per_particle", "I"} <= set(data["final"]["exact"])
    assert data["spec"]["state_functions"]["I"]["generator"] == "mx*mz/2 + mz*mx/2"
    assert state_function("EN=negativity:a,b:light") == (
        "EN",
        {"kind": "negativity", "of": ["a", "b"], "other": ["light"]},
    )
    for wrong, said in (
        ("S=entropy:", "grows with N"),
        ("S=purity:a:b:c", "KIND:PARTS:PARTS"),
        ("S=", "choose of squeezing"),
        ("fidelity:light", "or leave it out"),
    ):
        assert said in refused(capsys, "run", "hopfield", *QUICK, "--state-function", wrong)
    twice = ["--state-function", "squeezing"] * 2
    assert "given twice" in refused(capsys, "run", "hopfield", *QUICK, *twice)


@pytest.mark.parametrize("words", [["spectrum"], ["horizon"], ["correlation", "mz"]])
def test_commands_about_models_refuse_particles_of_bosons(capsys, words):
    assert "is for models" in refused(capsys, words[0], "double_chain", *words[1:])


def test_systems_lists_names_and_parameters(capsys):
    status, out, _ = run(capsys, "systems")
    assert status == 0
    for word in ("hopfield(", "omega=0.3", "collective_dissipation(", "kinetically_constrained(", "self_energy"):
        assert word in out
    names, heads = [*SYSTEMS, *PARTICLES], [line for line in out.splitlines() if line and not line.startswith("  ")]
    assert [line.partition("(")[0] for line in heads] == names  # all else is indented, of several lines too
    _, out, _ = run(capsys, "systems", "--json")
    assert json.loads(out)["hopfield"]["parameters"]["beta"] == 0.8


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "hopfeld"], ["hopfeld", "hopfield", "finite-n systems"]),
        (["run", "missing.toml"], ["missing.toml", "cannot be read"]),
        (["run", "hopfield", "--sizes", "0,10,20"], ["N = 0", "whole number"]),
        (["run", "hopfield", "--sizes", "-3,10,20"], ["N = -3", "whole number"]),
        (["run", "hopfield", "--sizes", "10,20,30,inf"], ["sizes", "inf"]),
        (["run", "hopfield", "--sizes", "10,20,30,nan"], ["sizes", "nan"]),
        (["run", "hopfield", "--sizes", "10,20,30,1e30"], ["largest N that fits is"]),
        (["run", "hopfield", "--sizes", "10,20,40"], ["four or more"]),
        (["run", "hopfield", "--initial", "-0.5,0,inf"], ["initial", "inf"]),
        (["run", "hopfield", "--initial", "nan,0,0"], ["initial", "nan"]),
        (["run", "hopfield", "--points", "1"], ["points", "2"]),
        (["run", "hopfield", "--out", ""], ["empty"]),
        (["run", "hopfield", "--set", "omega=true"], ["omega", "finite number"]),
        (["run", "hopfield", "--accuracy", "1e-9"], ["tolerance"]),
        (["run", "kinetically_constrained", "--set", "gamma_up=-1"], ["gamma_up = -1", "0 or more"]),
        (["run", ""], ["neither a system"]),
        (["run", "hopfeild"], ["neither a system", "perhaps hopfield is meant"]),
        (["run", "hopfield", "--sizes", "2.5,10,20"], ["2.5", "whole number"]),
        (["run", "hopfield", "--sizes", "ten,20,30"], ["«ten»", "whole numbers"]),
        (["run", "hopfield", "--sizes", "10,20,30,1000000"], ["1000000", "GiB", "largest N that fits is"]),
        (["run", "hopfield", "--set", "omga=1"], ["omga", "omega, beta"]),
        (["run", "hopfield", "--set", "omega"], ["KEY=VALUE"]),
        (["run", "hopfield", "--set", "omega=fast"], ["omega", "'fast'", "0.3"]),
        (["run", "hopfield", "--set", "omega=nan"], ["omega", "finite"]),
        (["run", "hopfield", "--set", "rates=cold"], ["'cold'", "heat_bath"]),
        (["run", "hopfield", "--initial", "1,2"], ["three numbers"]),
        (["run", "hopfield", "--initial", "0.9,0.9,0"], ["length at most 1"]),
        (["run", "hopfield", "--stop", "-1"], ["later"]),
        (["run", "hopfield", "--stop", "1", "--points", "1"], ["points", "2"]),
        (["run", "hopfield", "--accuracy", "3"], ["accuracy", "between 0 and 1"]),
        (["run", "collective_dissipation", "--set", "lam=5"], ["not positive", "eigenvalue"]),
        (["run", "hopfield", "--set", "omega=1", "--set", "omega=2"], ["omega", "twice"]),
        (["run", "hopfield", "--set", "omega=" + "[" * 3000], ["omega", "finite number"]),
        (["run", "hopfield", "--tol", "1e-8"], ["does not accept '--tol';", "`finite-n run --help`"]),
        (["run", "hopfield", "--sizes", "4", "6", "8", "12"], ["does not accept", "such as --sizes 10,20,40,80"]),
        (["run", "hopfield", "--stop", "2s"], ["--stop: «2s»", "a time such as 1.5"]),
        (["run", "hopfield", "--sizes", "10", "20"], ["'20'"]),
        (["run", "hop\nfield"], ["neither a system"]),
        (["run", "x" * 5000 + ".toml"], ["too long"]),
        (["run", "hopfield_patterns", "--initial", "0,0,1"], ["pp, pm", "[initial.species.pp]"]),
        (["run", "three_level", "--initial", "0,0,1"], ["3 levels", "populations"]),
        (["spectrum", "dicke_model", "--cutoff", "field=3", "--cutoff", "field=4"], ["field", "twice"]),
        (["systems", "--out", "x"], ["'--out'", "`finite-n systems --help`"]),
        (["correlation", "hopfield", "mz", "--points", "1" + "0" * 20], ["--points 1000", "at most 100000"]),
        (["run", "hopfield", "--points", "3.5"], ["--points: «3.5» is not a whole number"]),
        (["run", "hopfield", "--size", "4,5,6,7"], ["'--size' (did you mean --sizes?)"]),
        (["run", "hopfield", "--jason=yes"], ["'--jason' (did you mean --json?)"]),
        (["run", "hopfield", "--out", "--force"], ["--out: its value FOLDER is missing", "`finite-n run --help`"]),
        (["run", "hopfield", "--out"], ["--out: its value FOLDER is missing"]),
        (["run", "--json"], ["NAME|FILE.toml is missing", "`finite-n run --help`"]),
        (["horizon", "hopfield", "--sizes", "--json"], ["--sizes: its value N … is missing"]),
        (["systems", "hopfield"], ["`finite-n systems` does not accept 'hopfield'"]),
        (["runn"], ["'runn' (did you mean run?)", "`finite-n --help`"]),
        (["nothing-like-it"], ["the commands are run, judge", "`finite-n --help`"]),
        (["--jason"], ["`finite-n` does not accept '--jason'"]),
        ([], ["COMMAND"]),
    ],
)
def test_bad_input_gets_one_clear_sentence(capsys, arguments, words):
    err = refused(capsys, *arguments)
    for word in words:
        assert word in err


OWN = "sizes = [4, 6, 8, 10]\n[initial]\nbloch = [0, 0, 1]\n[times]\nstop = 1.0\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("system = 'hopfield'\nsise = 3", ["unknown key sise", "sizes"]),
        ("system = 'hopfield'\n[times]\nstop = 1\nstep = 2", ["unknown key times.step", "points"]),
        ("system = 'nothing'", ["nothing", "hopfield"]),
        ("sizes = [1,2,3]", ["system", "[model]"]),
        ("system = 'hopfield'\nsizes = 'many'", ["sizes", "many"]),
        ("system = [broken", ["not a TOML file"]),
        ("[model]\nhamiltonian = 'mx'", ["initial, times missing"]),
        ("system = 'hopfield'\n[model]\nhamiltonian = 'mx'", ["system and model are given"]),
        ("", ["none is given"]),
        ("system = 'hopfield'\nsizes = []", ["four or more"]),
        ("system = 'hopfield'\n[times]\npoints = 3", ["times.stop is missing"]),
        ("system = 'hopfield'\ninitial = [0, 0, 1]", ["initial", "give a table"]),
        ("[model.species]\na = [0.5]", ["model.species.a = [0.5]", "formula"]),
        (OWN + "[model]\nhamiltonian = '1e308*mx'", ["1e300 or more"]),
        (OWN + "[[model.jumps]]\noperator = 'sm'\nrate = 'exp(D)'", ["function of D", "delta is missing"]),
        ("system = 'hopfield'\nsizes = ['4', 6, 9, 12]", ["sizes[0]", "whole number"]),
        ("system = 'hopfield'\nsizes = [4, true, 9, 12]", ["sizes[1]", "whole number"]),
        ("system = 'hopfield'\n[observables]\nq = '1e400*mz'", ["observables.q"]),
        ("system = 'hopfield'\n[observables]\nq = 'exp(mz)'", ["exp of an operator"]),
        ("system = 'hopfield'\n[observables]\nmean_x = 'mz'", ["already"]),
        ("system = 'hopfield'\n[initial]\nthermal = ['1e200*mz', 1e200]", ["initial"]),
        ("system = 'hopfield'\n[initial]\nbloch = [0,0,1]\ncoherent = [1,2]", ["exactly one"]),
        ("system = 'hopfield'\n[observables]\nq = 'mq + 1'", ["observables.q", "unknown name mq"]),
        ("system = 'hopfield'\n[observables]\nq = '__import__(\"os\")'", ["observables.q"]),
    ],
)
def test_bad_study_files_name_the_place(capsys, tmp_path, text, words):
    file = tmp_path / "study.toml"
    file.write_text(text, encoding="utf-8")
    err = refused(capsys, "run", file)
    for word in [str(file), *words]:
        assert word in err


OWN = """
sizes = [6, 9, 13, 19]
[initial]
bloch = [0.2, 0.1, 0.5]
[times]
stop = 0.2
points = 3
[observables]
order = "mz*mz"
[model]
hamiltonian = "{h}"
parameters = {{ g = 0.3 }}
[[model.jumps]]
operator = "sm"
amplitude = "{amplitude}"
delta = "{delta}"
include_self = false
[[model.collective]]
operators = ["sx/2", "sy/2"]
matrix = {matrix}
"""
GOOD = {"h": "g*mx + mz*mz", "amplitude": "exp(g*D)", "delta": "0.5*mx + mz", "matrix": '[[1, "0.5j"], ["-0.5j", 1]]'}


def test_a_model_of_ones_own_from_a_file(capsys, tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(OWN.format(**GOOD), encoding="utf-8")
    status, out, _ = run(capsys, "run", file, "--quiet", "--json")
    data = json.loads(out)
    assert status == 0 and any(v["quantity"] == "order" for v in data["verdicts"])
    assert data["claims"]["derived"]["status"] != "refuted"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"h": "mx*my"}, ["not Hermitian"]),
        ({"h": "mx*q"}, ["model.hamiltonian", "unknown name q"]),
        ({"h": "mx**200"}, ["power 200"]),
        ({"h": "(mx+my+mz)**40"}, ["terms"]),
        ({"h": "((((9**64)**64)**64)**64)*mz"}, ["model.hamiltonian"]),
        ({"h": "exp(mz)"}, ["exp of an operator"]),
        ({"amplitude": "(10**64)**64"}, ["model.jumps[0]"]),
        ({"amplitude": "tanh(1e8*(D - 0.27))"}, ["smooth"]),
        pytest.param({"amplitude": "exp(40*D)"}, ["applications", "lower the rates"], marks=pytest.mark.slow),
        ({"amplitude": "sqrt(D - 5)"}, ["finite"]),
        ({"amplitude": "exp(1j*D)"}, ["complex"]),
        ({"amplitude": "1/D"}, ["finite"]),
        ({"amplitude": "erf(D)"}, ["unknown function erf", "exp"]),
        ({"delta": "mx*mz"}, ["degree 2"]),
        ({"delta": "1j*mx"}, ["not Hermitian"]),
        ({"matrix": "[[1, 2], [2, 1]]"}, ["not positive semi-definite", "-1"]),
        ({"matrix": "[[1, 2], [0, 1]]"}, ["not Hermitian"]),
        ({"matrix": "[[1]]"}, ["matrix", "2 entries"]),
    ],
)
def test_bad_models_in_a_file(capsys, tmp_path, change, words):
    file = tmp_path / "own.toml"
    file.write_text(OWN.format(**(GOOD | change)), encoding="utf-8")
    err = refused(capsys, "run", file)
    for word in words:
        assert word in err


def test_operator_formulas_are_products_and_sums_of_matrices():
    from comparison import build

    def operator(text):
        raw = {"sizes": [6, 9, 13, 19], "initial": {"bloch": [0, 0, 1]}, "times": {"stop": 1.0}}
        return build(raw | {"model": {"jumps": [{"operator": text}]}}).model.jumps[0].operator

    assert np.allclose(operator("sx*sy"), 1j * np.diag([1, -1]))
    assert np.allclose(operator("sp*sm"), np.diag([1, 0]))
    assert np.allclose(operator("1 + sz"), np.diag([2, 0]))
    assert np.allclose(operator("(sx + 1j*sy)/2"), [[0, 1], [0, 0]])
    assert np.allclose(operator("sx**2"), np.eye(2))


def test_options_change_only_what_they_name(tmp_path):
    from comparison import load

    file = tmp_path / "study.toml"
    file.write_text("system = 'hopfield'\n[times]\nstart = 0.5\nstop = 1.0\npoints = 7", encoding="utf-8")
    assert np.allclose(load(str(file), {"times": {"stop": 2.0}}).tlist, np.linspace(0.5, 2.0, 7))
    assert np.allclose(load("hopfield", {"times": {"points": 4}}).tlist, np.linspace(0, 1.5, 4))


def test_an_output_folder_that_cannot_be_written(capsys, tmp_path):
    blocker = tmp_path / "file"
    blocker.write_text("")
    err = refused(capsys, "run", "hopfield", *QUICK, "--out", blocker / "below")
    assert "cannot be written" in err and "--out" in err


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_ctrl_c_in_the_middle_keeps_the_finished_sizes(children, tmp_path):
    words = ["run", "hopfield", "--sizes", "8,12,200,240", "--stop", "40", "--out", tmp_path / "out"]
    child = children.start(words, tmp_path, LOG=str(tmp_path / "begun"), NO_FIGURES=1)
    until(lambda: (tmp_path / "begun").exists() and "200\n" in (tmp_path / "begun").read_text())
    child.send(signal.SIGINT)
    assert child.end() == 130, child.err
    assert "interrupted; the sizes [8, 12] are done" in child.err and "Traceback" not in child.err
    assert (tmp_path / "out" / "study.nc").exists()


def test_help_of_every_command(capsys):
    for name in COMMANDS:
        for arguments in ([name, "--help"], [name, "hopfield", "-h"]):
            status, out, err = run(capsys, *arguments)
            assert status == 0 and err == "" and out.startswith(f"Usage: finite-n {name} ")
            assert max(map(len, out.splitlines())) <= 80
    status, out, _ = run(capsys, "--help")
    assert status == 0 and all(f"\n  {name} " in out for name in COMMANDS)
