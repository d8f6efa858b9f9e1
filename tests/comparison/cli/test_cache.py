"""Finished sizes that the command line keeps between runs: found, told, counted, removed, or not wanted."""

import errno
import json
import os

import pytest

import comparison.ladder
from comparison import PointStore, load, write
from tests.comparison.cli.called import refused, run

STUDY = ["run", "hopfield", "--sizes", "4,5,6,7", "--stop", "0.2", "--points", "3"]


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """The user's folder."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("FINITE_N_CACHE", str(folder))
    return folder


def test_a_second_run_finds_what_the_first_has_done(capsys, cache, tmp_path):
    _, first, err = run(capsys, *STUDY)
    assert "were found" not in err
    status, again, err = run(capsys, *STUDY)
    assert status == 0 and again == first and f"finite-n: 4 of 4 sizes were found in {cache}." in err
    _, _, err = run(capsys, *STUDY, "--quiet")
    assert err == ""
    _, _, err = run(capsys, *STUDY, "--no-cache")
    assert "were found" not in err
    _, _, err = run(capsys, *STUDY, "--cache", tmp_path / "other")
    assert "were found" not in err
    _, _, err = run(capsys, "predict", "hopfield", "100", *STUDY[2:])
    assert "4 of 4 sizes were found" in err


def test_what_is_kept_is_counted_and_removed(capsys, cache, tmp_path):
    assert run(capsys, "cache") == (0, f"{cache}: 0 points\n", "")
    run(capsys, *STUDY, "--quiet")
    _, out, _ = run(capsys, "cache", "--json")
    found = json.loads(out)
    assert found["points"] == 4 and 10_000 < found["bytes"] < 200_000 and found["folder"] == str(cache)
    assert run(capsys, "cache", "--cache", tmp_path / "other", "--clear")[1].startswith(f"{tmp_path / 'other'}: 0 ")
    _, out, _ = run(capsys, "cache", "--clear")
    assert out == f"{cache}: 0 points; 4 removed\n" and not list(cache.iterdir())


def test_nothing_is_kept_where_that_is_off(capsys, cache, tmp_path, monkeypatch):
    monkeypatch.setenv("FINITE_N_CACHE", "off")
    run(capsys, *STUDY)
    assert "were found" not in run(capsys, *STUDY)[2] and not cache.exists()
    assert run(capsys, "cache") == (0, "FINITE_N_CACHE is off: nothing is kept.\n", "")
    run(capsys, *STUDY, "--cache", tmp_path / "own")
    assert "4 of 4 sizes were found" in run(capsys, *STUDY, "--cache", tmp_path / "own")[2]


@pytest.mark.usefixtures("quick_figures")
def test_options_that_would_be_ignored_are_refused(capsys, tmp_path):
    assert "both given" in refused(capsys, *STUDY, "--cache", tmp_path, "--no-cache")
    write(load("hopfield", {"sizes": [4, 5, 6, 7], "times": {"stop": 0.2, "points": 3}}).run(), tmp_path / "saved")
    for option in (["--no-cache"], ["--cache", "x"]):
        assert "a saved study is not run again" in refused(capsys, "predict", tmp_path / "saved", "100", *option)


def test_a_folder_that_cannot_be_written_costs_one_line(capsys, tmp_path):
    (tmp_path / "file").write_text("")
    status, out, err = run(capsys, *STUDY, "--quiet", "--cache", tmp_path / "file")
    assert status == 0 and "CONFIRMED" in out and err.count("\n") == 1 and "points cannot be stored in" in err


def test_a_folder_that_cannot_be_read(capsys, monkeypatch):
    """That of another user: the study is run, and `finite-n cache` says why it cannot tell."""

    def fails(points):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(PointStore, "_files", fails)
    assert "cannot be read, Permission denied" in refused(capsys, "cache", "--clear")
    assert run(capsys, *STUDY)[0] == 0


def test_an_interrupted_run_says_that_the_next_one_goes_on(capsys, monkeypatch):
    real = comparison.ladder.evolve

    def evolve(model, N, *arguments, **options):
        if N == 6:
            raise KeyboardInterrupt
        return real(model, N, *arguments, **options)

    with monkeypatch.context() as interrupted:
        interrupted.setattr(comparison.ladder, "evolve", evolve)
        status, _, err = run(capsys, *STUDY)
        assert status == 130 and "interrupted; the sizes [4, 5] are done; the next run finds them." in err
        assert "the sizes [4, 5] are done; with --out FOLDER" in run(capsys, *STUDY, "--no-cache")[2]
    status, _, err = run(capsys, *STUDY)
    assert status == 0 and "2 of 4 sizes were found" in err
