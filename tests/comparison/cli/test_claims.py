"""The command `finite-n claims`: tables, JSON, the page, what is refused, and what a signal leaves."""

import json
import signal

import pytest

from comparison.claims import decisions, ledger
from comparison.cli.main import main


@pytest.fixture
def few(monkeypatch):
    """A ledger of three claims that take no time."""
    few = tuple(c for c in ledger.LEDGER["000"] if c.id in ("000-1", "000-8", "000-62"))
    monkeypatch.setattr(ledger, "LEDGER", {"000": few})
    return few


def test_tables_and_counts(few, capsys):
    assert main(["claims"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("000: Non-markovian") and "\n2 confirmed, 1 refuted\n" in out
    assert out.count("1 refuted") == 1  # of one paper the counts are printed once
    assert "3 of 3: 000-62" in err and "3 of 3 claims decided in" in err


def test_json_alone_on_standard_output(few, capsys):
    assert main(["claims", "--paper", "000", "--json", "--quiet"]) == 0
    out, err = capsys.readouterr()
    rows = json.loads(out)
    assert [(row["id"], row["verdict"]) for row in rows] == [
        ("000-1", "confirmed"),
        ("000-8", "confirmed"),
        ("000-62", "refuted"),
    ]
    # −2bΣ_11 + ξ² A_22 with b = 0.28, Σ_11 = 1/4, ξ = 0.35, A_22 = 1.2, by hand; without ξ² as printed
    assert rows[2]["exact"] == pytest.approx(0.007, abs=1e-12) and rows[2]["printed"] == pytest.approx(1.06, abs=1e-12)
    assert err == ""


def test_the_page_is_written(few, capsys, tmp_path):
    file = tmp_path / "page.md"
    assert main(["claims", "--page", str(file), "--quiet"]) == 0
    assert "Of 3 claims 2 are confirmed, 1 refuted" in file.read_text(encoding="utf-8")
    assert main(["claims", "--page", str(file), "--quiet"]) == 0  # as full as the one there


@pytest.mark.parametrize(
    ("there", "words", "said"),
    [
        ("# Claims of the papers, judged\n\nOf 4 claims 4 are\n", [], "shows 4 claims, this one would show 3"),
        ("# Claims of the papers, judged\n\nOf 3 claims 3 are\n", ["--quick"], "is of a full run"),
        ("# Notes of another kind\n", [], "is no page of claims"),
    ],
)
def test_a_fuller_page_and_other_files_are_not_replaced(few, capsys, tmp_path, there, words, said):
    file = tmp_path / "page.md"
    file.write_text(there, encoding="utf-8")
    assert main(["claims", "--page", str(file), *words]) == 2
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1
    assert file.read_text(encoding="utf-8") == there


def test_a_signal_leaves_a_fuller_page(few, capsys, monkeypatch, tmp_path):
    file = tmp_path / "page.md"
    assert main(["claims", "--page", str(file), "--quiet"]) == 0
    before = file.read_text(encoding="utf-8")

    def decided(claim, quick):
        if claim.id == "000-8":
            signal.raise_signal(signal.SIGINT)
        return decisions.decided(claim, quick)

    monkeypatch.setattr("comparison.cli.claims.decided", decided)
    assert main(["claims", "--page", str(file)]) == 128 + signal.SIGINT
    assert "the page there shows 3 claims, this one would show 1" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--paper", "7"], "paper '7': the ledger holds 000"),
        (["--page", "nowhere/at/all.md"], "there is no folder"),
        (["--slow"], "does not accept"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(few, capsys, words, said):
    assert main(["claims", *words]) == 2
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1


def test_a_signal_keeps_what_is_decided(few, capsys, monkeypatch):
    def decided(claim, quick):
        if claim.id == "000-8":
            signal.raise_signal(signal.SIGINT)
        return decisions.decided(claim, quick)

    monkeypatch.setattr("comparison.cli.claims.decided", decided)
    assert main(["claims"]) == 128 + signal.SIGINT
    out, err = capsys.readouterr()
    assert "\n1 confirmed\n" in out and "finite-n: interrupted" in err


def test_claims_of_a_file(capsys, tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(
        "from comparison import formula_claim\n"
        "CLAIMS = [formula_claim('half', 'It is half of a.', 'a/2', lambda: 1.0, {'a': 2}, theory='halves')]\n"
    )
    assert main(["claims", str(file), "--json", "--quiet"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["id"], row["verdict"]) == ("halves-half", "confirmed")


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        ("CLAIMS = [1]", [], "CLAIMS = [1]; give a list of comparison.formula_claim(…)"),
        ("x = 1", [], "CLAIMS = None; give a list"),
        ("1/0", [], "running it failed with ZeroDivisionError"),
        ("CLAIMS = []", ["--paper", "000"], "--paper and --page are for those of the papers"),
    ],
)
def test_files_that_hold_no_claims_are_refused(capsys, tmp_path, text, words, said):
    file = tmp_path / "mine.py"
    file.write_text(text)
    assert main(["claims", str(file), *words]) == 2
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1


def test_a_table_is_no_file_of_claims(capsys):
    assert main(["claims", "fig3.csv"]) == 2
    assert "give a Python file with a list CLAIMS" in capsys.readouterr().err
