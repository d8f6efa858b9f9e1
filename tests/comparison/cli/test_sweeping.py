"""`finite-n run` with a grid or workers: what is printed and written, and one sentence for bad input."""

import json

import pytest

from tests.comparison.cli.called import refused, run
from tests.comparison.sweep.pretending import at_once  # noqa: F401

QUICK = ["--sizes", "6,9,13,19", "--stop", "0.2", "--points", "3", "--quiet", "--no-cache"]
GRID = ["--grid", "omega=0.2,0.4"]


@pytest.mark.usefixtures("quick_figures")
def test_a_grid_prints_a_table_and_writes_a_folder_for_every_study(capsys, at_once, tmp_path, monkeypatch):  # noqa: F811
    status, out, err = run(capsys, "run", "hopfield", *GRID, *QUICK, "--accuracy", "1e-3", "--out", tmp_path)
    assert (status, err) == (0, "") and "sweep.json" in out
    assert [line.split()[:2] for line in out.splitlines()[:3]] == [
        ["omega", "derived"], ["0.2", "confirmed"], ["0.4", "confirmed"],
    ]  # fmt: skip
    assert (tmp_path / "omega=0.4" / "study.nc").is_file() and (tmp_path / "sweep.md").is_file()
    assert run(capsys, "run", "hopfield", *GRID, *QUICK, "--accuracy", "1e-3", "--out", tmp_path)[0] == 0
    monkeypatch.setattr(at_once, "submit", None)  # the folder is looked at before the long work
    said = refused(capsys, "run", "hopfield", *GRID, *QUICK, "--accuracy", "1e-2", "--out", tmp_path)
    assert "study.nc there is of another study or of other settings (spec, accuracy)" in said


def test_a_grid_as_json_with_one_combination_that_is_refused(capsys, at_once):  # noqa: F811
    words = ["run", "collective_dissipation", "--grid", "lam=0.8,5", *QUICK, "--json"]
    status, out, err = run(capsys, *words)
    fine, refused = json.loads(out)["studies"]
    assert status == 2 and fine["failure"] is None and fine["final"]["mean_z"]["value"] is not None
    assert "not positive semi-definite" in refused["failure"] and "finite-n: lam=5: " in err


def test_one_study_by_workers_prints_what_it_prints_alone(capsys, at_once):  # noqa: F811
    alone = run(capsys, "run", "hopfield", *QUICK)
    assert run(capsys, "run", "hopfield", *QUICK, "--workers", "2") == alone


def test_one_study_that_lacks_a_size_is_judged_and_said(capsys, at_once):  # noqa: F811
    at_once.broken = (24,)
    words = [word if word != "6,9,13,19" else "6,9,13,19,24" for word in QUICK]
    status, out, err = run(capsys, "run", "hopfield", *words, "--workers", "2")
    assert status == 2 and "N = 19" in out and "N = 24" not in out
    assert "finite-n: N = 24: out of memory: no more." in err and "the sizes [6, 9, 13, 19] are done" in err


def test_progress_is_a_line_for_every_study(capsys, at_once):  # noqa: F811
    words = [word for word in QUICK if word != "--quiet"]
    _, _, err = run(capsys, "run", "hopfield", *GRID, *words)
    assert sorted(line.partition(",")[0] for line in err.splitlines()) == ["omega=0.2: N = 6", "omega=0.4: N = 6"]


def test_a_dry_run_of_a_grid_says_what_every_study_would_take(capsys):
    status, out, err = run(capsys, "run", "hopfield", *GRID, *QUICK, "--dry-run")
    assert (status, err) == (0, "") and out.count("In all about") == 2 and "omega=0.4\n" in out
    data = json.loads(run(capsys, "run", "hopfield", *GRID, *QUICK, "--dry-run", "--json")[1])
    assert [row["study"] for row in data] == ["omega=0.2", "omega=0.4"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--grid", "omega"], "write KEY=VALUES"),
        (["--grid", "omega="], "write KEY=VALUES"),
        (["--grid", "omega=0:1"], "grid.omega = '0:1'"),
        (["--grid", "omega=1,2", "--grid", "omega=3"], "'omega' is given twice"),
        (["--grid", "omega=1,2", "--power"], "--power is for one study"),
        (["--grid", "omega=1,2", "--workers", "0"], "workers = 0: give the number of worker processes"),
        (["--grid", "omega=1,2", "--workers", "two"], "--workers: «two» is not a whole number"),
        (["--workers", "2", "--scheduler", "tcp://a:1"], "a cluster has workers of its own"),
        (["--workers", "2", "--sizes", "6,9,13,10000"], "largest N that fits"),
    ],
)
def test_bad_input_gets_one_clear_sentence(capsys, words, said):
    assert said in refused(capsys, "run", "hopfield", *QUICK, *words)
