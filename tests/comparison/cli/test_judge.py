"""`finite-n judge`: claims from files by a study that runs and by one that is saved."""

import json

import numpy as np
import pytest

import comparison.study.study
from comparison import load, read_saved
from comparison.cli.main import main
from finite_n import FiniteNError
from tests.comparison.cli.called import refused, run

pytestmark = pytest.mark.rounding

STUDY = """
sizes = [6, 9, 13, 19]
accuracy = 1e-3
[initial]
bloch = [0, 0, 1]
[times]
stop = 1.0
points = 5
[model]
hamiltonian = "w*mx/2"
parameters = { w = 3.0 }
"""
TIMES = np.array([0, 0.25, 0.6, 1.0])  # 0.6 is no time of the study
RIGHT = "time,mean_z\n" + "".join(f"{t:g},{np.cos(3 * t):.3f}\n" for t in TIMES)
WRONG = RIGHT.replace("-0.227", "-0.229")
THEORY = "import numpy as np\ndef turning(times, N):\n    return {'mean_z': np.cos(3 * times) + SHIFT / N**2}\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Files of claims, a study file and its saved study."""
    path = tmp_path_factory.mktemp("judge")
    texts = {"study.toml": STUDY, "right.csv": RIGHT, "wrong.csv": WRONG, "all.csv": RIGHT.replace("0.6,-0.227\n", "")}
    texts |= {"exact.py": THEORY.replace("SHIFT", "0"), "off.py": THEORY.replace("SHIFT", "1")}
    texts |= {"own.toml": STUDY + "[[claims]]\nname = 'own'\nvalues = { mean_z = 'cos(w*t)', mean_y = '-sin(w*t)' }\n"}
    for name, text in texts.items():
        (path / name).write_text(text)
    assert main(["run", str(path / "study.toml"), "--out", str(path / "out"), "--quiet"]) == 0
    return path


def judged(capsys, study, *claims):
    options = [x for c in claims for x in ("--claim", c)]
    status, out, err = run(capsys, "judge", study, *options, "--quiet", "--json")
    return status, json.loads(out), err


def test_a_study_is_run_at_the_times_of_the_claim(folder, capsys):
    status, data, err = judged(capsys, folder / "study.toml", folder / "right.csv", folder / "exact.py")
    assert (status, err) == (0, "")
    assert {name: c["status"] for name, c in data["claims"].items()} == {"right": "confirmed", "exact": "confirmed"}
    status, data, _ = judged(capsys, folder / "study.toml", folder / "wrong.csv")
    (v,) = data["verdicts"]
    assert status == 1 and v["status"] == "refuted" and v["time"] == 0.6  # at a time that only the claim has
    assert v["gap"] == pytest.approx(-0.2272020947 + 0.229, abs=1e-7)  # cos 1.8


def test_a_saved_study_is_judged_without_running_it(folder, capsys, monkeypatch):
    monkeypatch.setattr(comparison.study.study.Study, "run", lambda *_: pytest.fail("it ran"))
    status, data, err = judged(capsys, folder / "out", folder / "all.csv", folder / "exact.py")
    assert (status, err) == (0, "") and {c["status"] for c in data["claims"].values()} == {"confirmed"}
    status, data, err = judged(capsys, folder / "out" / "study.nc", folder / "wrong.csv")
    assert status == 0 and data["claims"]["wrong"]["missing_times"] == [0.6]  # the wrong number is not judged
    assert "'wrong': t = 0.6 of its 4 times is not in the saved study" in err and err.count("\n") == 1
    status, data, _ = judged(capsys, folder / "out", folder / "off.py")
    (v,) = data["finite_sizes"]
    assert status == 1 and v["statuses"] == ["refuted"] * 4 and v["order"] == pytest.approx(2, abs=1e-3)
    assert np.allclose(v["distance"], -1 / np.array([6, 9, 13, 19]) ** 2, atol=1e-8)


def test_saved_and_run_give_the_same_verdicts(folder, capsys):
    same = ("verdicts", "finite_sizes", "sizes", "study")
    for claims in (["all.csv"], ["off.py"]):
        files = [folder / c for c in claims]
        _, ran, _ = judged(capsys, folder / "study.toml", *files)
        _, saved, _ = judged(capsys, folder / "out", *files)
        assert [ran[k] for k in same] == [saved[k] for k in same]
    assert saved["dataset"] == json.loads((folder / "out" / "verdicts.json").read_text())["dataset"]


def twisted(N, t):
    """⟨m_x⟩ of H = N 0.2 m_z² from (0.6, 0, 0.3): 0.6 Re (cos φ + 0.3 i sin φ)^(N−1), φ = 0.8 t/N."""
    phi = 0.8 * t / N
    return 0.6 * ((np.cos(phi) + 0.3j * np.sin(phi)) ** (N - 1)).real


def test_a_table_with_sizes_is_judged_at_each_of_them(capsys, tmp_path):
    """At N = 16 too, which only the claim has; a wrong digit there refutes it there."""
    study = STUDY.replace("[0, 0, 1]", "[0.6, 0, 0.3]").replace('"w*mx/2"', '"0.2*mz*mz"')
    study = study.replace("parameters = { w = 3.0 }", "")
    rows = [f"{N},{t},{twisted(N, t):.5f}\n" for N in (16, 9) for t in (0.5, 1.0)]
    (tmp_path / "twisting.toml").write_text(study)
    (tmp_path / "digits.csv").write_text("N,time,mean_x\n" + "".join(rows))
    status, data, err = judged(capsys, tmp_path / "twisting.toml", tmp_path / "digits.csv")
    (v,) = data["finite_sizes"]
    assert (status, err, data["sizes"]) == (0, "", [6, 9, 13, 16, 19])
    assert (v["sizes"], v["statuses"]) == ([9, 16], ["confirmed"] * 2)
    truth = [twisted(N, v["time"]) for N in (9, 16)]
    assert np.allclose(v["distance"], [x - float(f"{x:.5f}") for x in truth], atol=1e-8)
    rows[1] = f"16,1.0,{twisted(16, 1.0) + 5e-3:.5f}\n"
    (tmp_path / "digits.csv").write_text("N,time,mean_x\n" + "".join(rows))
    own = f"theories = ['meanfield']\n{study}[[claims]]\nname = 'digits'\nfile = 'digits.csv'\n"
    (tmp_path / "own.toml").write_text(own)
    status, data, _ = judged(capsys, tmp_path / "own.toml")
    (v,) = data["finite_sizes"]
    assert status == 1 and v["statuses"] == ["confirmed", "refuted"]
    status, out, _ = run(capsys, "run", tmp_path / "own.toml", "--quiet")
    errors = out.split("largest error of averages")[1].splitlines()
    cells = {N: len(line.split()) - 3 for N, line in zip((6, 9, 13, 16, 19), errors[1:], strict=False)}
    assert status == 0 and [cells[N] > cells[6] for N in (9, 13, 16, 19)] == [True, False, True, False]


def test_a_table_with_sizes_and_a_saved_study(folder, capsys, tmp_path):
    (tmp_path / "both.csv").write_text("N,time,mean_z\n9,0.25,0.732\n16,0.25,0.732\n")  # cos 0.75
    (tmp_path / "none.csv").write_text("N,time,mean_z\n16,0.25,0.732\n")
    status, data, err = judged(capsys, folder / "out", tmp_path / "both.csv")
    assert status == 0 and data["finite_sizes"][0]["sizes"] == [9]
    assert "'both': its N = 16 is not in the saved study" in err and err.count("\n") == 1
    said = refused(capsys, "judge", folder / "out", "--claim", tmp_path / "none.csv")
    assert "none of its N = 16 is among the sizes of the saved study, 6, 9, 13, 19" in said
    said = refused(capsys, "judge", "hopfield", "--claim", tmp_path / "none.csv")
    assert "N = [16]" in said and "chosen automatically" in said and "--sizes" in said


def test_text_says_the_verdicts_and_the_orders(folder, capsys):
    status, out, err = run(capsys, "judge", folder / "out", "--claim", folder / "all.csv", "--claim", folder / "off.py")
    assert status == 1 and err == ""
    assert "all (all.csv), averages: CONFIRMED to " in out and "± 0.0005" in out
    assert "off (off.py), averages: REFUTED at N = 6, 9, 13, 19." in out and "falls as N^-2.00" in out
    assert "exact − claimed" in out and "N^-2.00" in out.split("exact − claimed")[1]


def test_claims_of_the_study_file_and_accuracy(folder, capsys):
    status, out, _ = run(capsys, "judge", folder / "own.toml", "--quiet")
    assert status == 0 and out.startswith("own, averages: CONFIRMED") and out.count("\n") == 1
    status, out, _ = run(capsys, "judge", folder / "own.toml", "--quiet", "--set", "w=2")
    assert status == 0 and out.startswith("own, averages: CONFIRMED")  # of the model and of the claim
    assert run(capsys, "judge", folder / "own.toml", "--quiet", "--set", "v=2")[0] == 2
    status, out, _ = run(capsys, "judge", folder / "out", "--claim", folder / "all.csv", "--accuracy", "1e-4")
    assert status == 0 and "UNDECIDED at 1.0e-04" in out and "known to ± 0.0005 only" in out


def test_run_prints_theories_of_the_study_file_too(folder, capsys):
    (folder / "theory.toml").write_text(STUDY + "[[claims]]\nname = 'c'\nvalues = { mean_z = 'cos(w*t) + 1/N**2' }\n")
    status, out, _ = run(capsys, "run", folder / "theory.toml", "--quiet")
    assert status == 0 and "c, averages: REFUTED at N = 6, 9, 13, 19." in out
    assert "exact − claimed" in out and "N^-2.00" in out.split("exact − claimed")[1]


def test_a_built_in_study_does_not_count_what_papers_print(folder, capsys):
    """Its printed claim is refuted; the claim that is asked about is not."""
    (folder / "start.csv").write_text("time,mean_z\n0,0.400\n")
    status, out, _ = run(
        capsys,
        "judge",
        "hopfield",
        "--sizes",
        "6,9,13,19",
        "--claim",
        folder / "start.csv",
        "--quiet",
        "--accuracy",
        "1e-2",
    )
    assert status == 0 and "start" in out and "printed" not in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["study.toml"], ["no [[claims]]", "--claim fig3.csv"]),
        (["out"], ["give the claims", "--claim fig3.csv"]),
        (["out", "--claim", "missing.csv"], ["missing.csv", "cannot be read"]),
        (["out", "--claim", "study.toml"], ["fig3.csv", "theory.py"]),
        (["out", "--claim", "all.csv", "--claim", "all.csv"], ["'all' twice"]),
        (["out", "--claim", "all.csv", "--set", "w=2"], ["not run again", "parameters"]),
        (["out", "--claim", "all.csv", "--sizes", "2,3"], ["not run again", "sizes"]),
        (["out", "--claim", "all.csv", "--stop", "2"], ["not run again", "times"]),
        (["out", "--claim", "all.csv", "--accuracy", "7"], ["accuracy"]),
        (["out", "--claim", "late.csv"], ["'late'", "none of its times"]),
        (["out", "--claim", "odd.csv"], ["unknown quantity 'mean_q'", "mean_x"]),
        (["out", "--claim", "raising.py"], ["failed at N = 6 with ZeroDivisionError"]),
        (["study.toml", "--claim", "raising.py"], ["failed at N = 6 with ZeroDivisionError"]),
        (["study.toml", "--claim", "early.csv"], ["before the study"]),
        (["empty", "--claim", "all.csv"], ["no saved study"]),
        (["none.nc", "--claim", "all.csv"], ["no saved study"]),
        (["text.nc", "--claim", "all.csv"], ["cannot be read as a saved study"]),
        (["other.nc", "--claim", "all.csv"], ["not", "this version"]),
        (["study.toml", "--claims", "all.csv", "--out", "x"], ["--help"]),
    ],
)
def test_bad_input_gets_one_clear_sentence(folder, capsys, monkeypatch, arguments, words):
    import xarray as xr

    monkeypatch.chdir(folder)
    (folder / "late.csv").write_text("time,mean_z\n7,1\n")
    (folder / "early.csv").write_text("time,mean_z\n-1,1\n")
    (folder / "odd.csv").write_text("time,mean_q\n0,1\n")
    (folder / "raising.py").write_text("def f(t, N): return 1 / 0\n")
    (folder / "empty").mkdir(exist_ok=True)
    (folder / "text.nc").write_text("no dataset")
    xr.Dataset({"x": 3.0}, attrs={"provenance": "{}"}).to_netcdf(folder / "other.nc", engine="h5netcdf")
    monkeypatch.setattr(comparison.study.study.Study, "run", lambda *_: pytest.fail("it ran"))
    status, out, err = run(capsys, "judge", *arguments)
    assert status == 2 and out == ""
    assert err.startswith("finite-n: ") and err.count("\n") == 1 and "Traceback" not in err
    for word in words:
        assert word in err


def test_help_says_what_a_claim_is_and_that_python_is_executed(capsys):
    out = " ".join(run(capsys, "judge", "--help")[1].split())
    for word in ("mean_z_uncertainty", "executed", "never runs one", "1 when one is"):
        assert word in out


def test_a_saved_study_from_python(folder):
    saved, study = read_saved(folder / "out"), load(str(folder / "study.toml"))
    assert saved.kinds == [(k, n) for k, n in study.kinds if n] and saved.evidence.sizes == study.sizes
    assert np.array_equal(saved.evidence.times, study.times) and repr(saved).startswith("SavedStudy(")
    with pytest.raises(FiniteNError, match="a Claim"):
        saved.judge("derived")
    for bad in (3, "a\0b"):
        with pytest.raises(FiniteNError, match="path of a folder"):
            read_saved(bad)
