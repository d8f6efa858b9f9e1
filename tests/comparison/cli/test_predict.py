"""`finite-n predict`: sizes that are not run, by a study that runs and by one that is saved."""

import json

import numpy as np
import pytest

import comparison.study.study
from comparison import read_saved
from comparison.cli.main import main
from finite_n import FiniteNError
from finite_n.solvers.evolve import evolve
from tests.comparison.cli.called import run

pytestmark = pytest.mark.rounding

STUDY = """
sizes = [6, 9, 13, 19]
accuracy = 1e-3
[initial]
bloch = [0.6, 0, 0.3]
[times]
stop = 0.6
points = 3
[model]
hamiltonian = "0.2*mz*mz"
"""
TIMES = np.array([0, 0.3, 0.6])


def twisted(N):
    """⟨m_x⟩ in closed form: 0.6 Re (cos φ + 0.3 i sin φ)^(N−1), φ = 0.8 t/N."""
    phi = 0.8 * TIMES / N
    return 0.6 * ((np.cos(phi) + 0.3j * np.sin(phi)) ** (N - 1)).real


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A study file and its saved study."""
    path = tmp_path_factory.mktemp("predict")
    (path / "study.toml").write_text(STUDY)
    assert main(["run", str(path / "study.toml"), "--out", str(path / "out"), "--quiet"]) == 0
    return path


def predicted(capsys, *arguments):
    return run(capsys, "predict", *arguments, "--quiet")


def test_a_study_is_run_and_predicts_its_closed_form(folder, capsys):
    status, out, err = predicted(capsys, folder / "study.toml", "13,100", "1e4", "--json")
    assert (status, err) == (0, "")
    data = json.loads(out)
    assert data["study"] == "study" and data["sizes"] == [6, 9, 13, 19]
    assert [(p["N"], p["exact"]) for p in data["predictions"]] == [(13, True), (100, False), (10**4, False)]
    for p in data["predictions"]:
        off = np.abs(np.array(p["value"]["mean_x"]) - twisted(p["N"]))
        assert np.all(off <= np.array(p["error"]["mean_x"])) and max(p["error"]["mean_x"]) < 1e-6


def test_a_saved_study_predicts_the_same_without_running(folder, capsys, monkeypatch):
    _, ran, _ = predicted(capsys, folder / "study.toml", 100, "--json")
    monkeypatch.setattr(comparison.study.study.Study, "run", lambda *_: pytest.fail("it ran"))
    for place in (folder / "out", folder / "out" / "study.nc"):
        status, out, err = predicted(capsys, place, 100, "--json")
        assert (status, err) == (0, "") and json.loads(out) == json.loads(ran)
    assert json.loads(ran)["dataset"] == read_saved(folder / "out").digest


def test_the_table_has_a_column_for_every_size(folder, capsys):
    status, out, _ = predicted(capsys, folder / "out", 19, 200)
    head, columns, first, *_ = out.splitlines()
    assert status == 0 and head == "t = 0.6" and columns.split() == ["N", "=", "19,", "exact", "N", "=", "200"]
    name, _, far = first.split()
    assert name == "mean_x" and float(far.split("(")[0]) == pytest.approx(twisted(200)[-1], abs=1e-6)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["out", "0"], "1 or more"),
        (["out", "-5"], "1 or more"),
        (["out", "99.5"], "whole number"),
        (["out", "many"], "«many» is not a number"),
        (["out", ","], "give one number of particles or more"),
        (["out", "5"], "below the smallest size of the study, 6"),
        (["study.toml", "5"], "below the smallest size of the study, 6"),
        (["out", "1e16"], "give 10^15 or less"),
        (["study.toml", "1e400"], "whole number"),
        (["out", "100", "--sizes", "4,5,6,7"], "a saved study is not run again, so its sizes"),
        (["nowhere.nc", "100"], "there is no saved study"),
        (["out"], "N … is missing; see `finite-n predict --help`"),
    ],
)
def test_refusals_come_before_the_work(folder, capsys, monkeypatch, arguments, said):
    monkeypatch.setattr(comparison.study.study.Study, "run", lambda *_: pytest.fail("it ran"))
    monkeypatch.chdir(folder)
    status, out, err = predicted(capsys, *arguments)
    assert status == 2 and out == "" and said in err and err.count("\n") == 1


def test_a_ladder_that_ends_early_predicts_what_it_can(folder, capsys, monkeypatch):
    """An error at the third size: the sizes before it are exact, others are refused."""

    def fails(model, N, *args, **kwargs):
        if N == 13:
            raise FiniteNError("no further.")
        return evolve(model, N, *args, **kwargs)

    monkeypatch.setattr(comparison.ladder, "evolve", fails)
    status, out, err = predicted(capsys, folder / "study.toml", 9, 100)
    assert status == 2 and out.splitlines()[1].split() == ["N", "=", "9,", "exact"]
    assert "only the sizes [6, 9] are done, and a prediction needs four or more" in err and "no further" in err
