"""`finite-n horizon`: table, JSON and files; what may be replaced; signals and errors on the way."""

import json
import signal

import numpy as np
import pytest
from matplotlib.figure import Figure

import comparison.convergence.horizon_figure
import comparison.ladder
from comparison import horizon, load
from tests.comparison.cli.called import refused, run

QUICK = ["horizon", "hopfield", "--sizes", "6", "9", "13", "--points", "31", "--quiet"]


def test_table_and_json_are_those_of_the_call(capsys):
    study = load("hopfield")
    expected = horizon(study.model, study.rho0, np.linspace(0, 1.5, 31), [6, 9, 13])
    status, out, err = run(capsys, *QUICK)
    assert (status, err) == (0, "") and out == expected.table() + "\n"
    status, out, err = run(capsys, *QUICK[:2], "--sizes", "6,9,13", *QUICK[6:], "--json")
    assert (status, err) == (0, "") and json.loads(out) == json.loads(json.dumps(expected.to_dict()))


def test_claims_of_the_study_are_theories_by_name(capsys):
    """The printed covariance lacks a term that acts from the start: the horizon does not grow with N."""
    options = ["--theory", "printed", "--quantities", "cov_zz", "--tolerance", "0.1", "--points", "61", "--quiet"]
    status, out, _ = run(capsys, "horizon", "hopfield", "--sizes", "10,20,40,80", *options)
    assert status == 0 and "theory printed" in out and "growth: constant" in out


def test_sizes_of_a_study_that_chooses_them_are_the_smallest_and_its_doubles(capsys):
    status, out, _ = run(capsys, "horizon", "hopfield", "--stop", "0.2", "--points", "11", "--quiet", "--json")
    assert status == 0 and json.loads(out)["sizes"] == [8, 16, 32, 64]


def test_the_figure_is_written_beside_the_numbers(capsys, tmp_path):
    status, out, err = run(capsys, *QUICK, "--out", tmp_path)
    assert status == 0 and err == "" and "written: " in out
    assert {p.name for p in tmp_path.iterdir()} == {"horizon.json", "horizon.png", "horizon.pdf"}
    assert (tmp_path / "horizon.png").read_bytes()[1:4] == b"PNG"
    assert (tmp_path / "horizon.pdf").read_bytes()[:4] == b"%PDF"


@pytest.fixture
def quick_figures(monkeypatch):
    """Empty figures; drawing takes longer than the sizes of these tests."""
    monkeypatch.setattr(comparison.convergence.horizon_figure, "horizon_figure", lambda found: Figure((1, 1)))


@pytest.mark.usefixtures("quick_figures")
def test_files_are_written_and_not_replaced_by_less(capsys, tmp_path):
    assert run(capsys, *QUICK, "--out", tmp_path)[0] == 0
    data = json.loads((tmp_path / "horizon.json").read_text(encoding="utf-8"))
    assert data["sizes"] == [6, 9, 13] and data["tolerance"] == 1e-2
    fewer = [*QUICK[:2], "--sizes", "6", "9", *QUICK[6:]]
    assert "N = 13" in refused(capsys, *fewer, "--out", tmp_path)
    assert "other settings" in refused(capsys, *QUICK, "--tolerance", "0.02", "--out", tmp_path)
    more = [*QUICK[:2], "--sizes", "6", "9", "13", "19", *QUICK[6:]]
    assert run(capsys, *more, "--out", tmp_path)[0] == 0
    assert run(capsys, *fewer, "--out", tmp_path, "--force")[0] == 0
    data = json.loads((tmp_path / "horizon.json").read_text(encoding="utf-8"))
    assert data["sizes"] == [6, 9]
    (tmp_path / "horizon.json").write_text("[1]", encoding="utf-8")
    assert "cannot be read" in refused(capsys, *QUICK, "--out", tmp_path)


def after(monkeypatch, count, act):
    """Call act() in place of the evolution of size number `count`."""
    evolve, calls = comparison.ladder.evolve, []

    def counted(*arguments, **options):
        calls.append(1)
        if len(calls) == count:
            act()
        return evolve(*arguments, **options)

    monkeypatch.setattr(comparison.ladder, "evolve", counted)


def _full():
    raise MemoryError


@pytest.mark.usefixtures("quick_figures")
@pytest.mark.parametrize(
    ("act", "status", "words"),
    [
        (lambda: signal.raise_signal(signal.SIGINT), 130, "interrupted; the sizes [6, 9] are done"),
        (lambda: signal.raise_signal(signal.SIGTERM), 143, "interrupted; the sizes [6, 9] are done"),
        (_full, 2, "ended by the error; the sizes [6, 9] are done"),
    ],
)
def test_sizes_that_are_done_are_kept(capsys, monkeypatch, tmp_path, act, status, words):
    run(capsys, *QUICK, "--out", tmp_path)
    before = (tmp_path / "horizon.json").read_bytes()
    after(monkeypatch, 3, act)
    code, out, err = run(capsys, *QUICK, "--out", tmp_path)
    assert code == status and words in err and "Traceback" not in err
    assert "\n6 " in out and "\n13 " not in out
    assert (tmp_path / "horizon.json").read_bytes() == before
    partial = json.loads((tmp_path / "horizon-partial.json").read_text(encoding="utf-8"))
    assert partial["sizes"] == [6, 9]


def test_ended_before_the_first_size_it_says_so(capsys, monkeypatch, tmp_path):
    after(monkeypatch, 1, lambda: signal.raise_signal(signal.SIGINT))
    code, out, err = run(capsys, *QUICK, "--out", tmp_path / "new")
    assert code == 130 and out == "" and err == "finite-n: interrupted.\n"
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["horizon", "hopfeld"], ["hopfeld", "hopfield"]),
        ([*QUICK, "--tolerance", "0"], ["tolerance = 0", "above 0"]),
        ([*QUICK, "--tolerance", "-1e-3"], ["tolerance", "above 0"]),
        ([*QUICK, "--tolerance", "nan"], ["tolerance = nan"]),
        ([*QUICK, "--tolerance", "small"], ["--tolerance", "«small»"]),
        ([*QUICK, "--theory", "spoken"], ["--theory 'spoken'", "'derived', 'printed'"]),
        ([*QUICK, "--theory", "printed"], ["gives no averages", "cov_zz"]),
        ([*QUICK, "--quantities", "mean_q"], ["mean_q", "mean_x"]),
        ([*QUICK[:2], "--sizes", "9", "6"], ["increasing"]),
        ([*QUICK[:2], "--sizes", "ten"], ["--sizes", "«ten»"]),
        ([*QUICK, "--initial", "1,2"], ["three numbers"]),
        ([*QUICK, "--stop", "-1"], ["later"]),
        ([*QUICK, "--out", ""], ["output folder"]),
        ([*QUICK, "--cutoff", "x=3"], ["'--cutoff'", "`finite-n horizon --help`"]),
    ],
)
def test_bad_input_gets_one_clear_sentence(capsys, arguments, words):
    err = refused(capsys, *arguments)
    for word in words:
        assert word in err
