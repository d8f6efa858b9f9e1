"""Claims from files: what is read, to how many digits, and one sentence for what cannot be read."""

import os

import numpy as np
import pytest

from comparison import build, claim_from_csv, load
from comparison.study_file.claim_files import claim_from
from finite_n import FiniteNError


def file(folder, text, name="fig3.csv"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_table_of_digits(tmp_path):
    """Rows in any order; ½ of the last digit of every number, or the column that says otherwise."""
    text = "# digitised\n\ntime, mean_z ,cov_zz,cov_zz_uncertainty\n0.5,0.41,1.5,0.2\n# a gap\n"
    text += "0,0.300,1e-3,0.1\n1.0,4.1e-1,2,0\n"
    claim = claim_from_csv(file(tmp_path, text))
    assert (claim.name, claim.source, claim.per_size) == ("fig3", "fig3.csv", False)
    assert claim.times.tolist() == [0, 0.5, 1]
    assert claim.values["mean_z"].tolist() == [0.3, 0.41, 0.41] and claim.values["cov_zz"].tolist() == [1e-3, 1.5, 2]
    assert np.allclose(claim.uncertainty["mean_z"], [5e-4, 5e-3, 5e-3])
    assert claim.uncertainty["cov_zz"].tolist() == [0.1, 0.2, 0]
    assert claim_from_csv(file(tmp_path, "time,mean_z\n1,2\n"), "a", "b", 0.25).uncertainty == 0.25


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_columns_and_line_ends_as_programs_write_them(tmp_path, mark):
    text = "\ufefftime,mean_x\r\n0.0,0.0\r\n0.1,1.0\r\n".replace(",", mark)
    claim = claim_from_csv(file(tmp_path, text))
    assert claim.values["mean_x"].tolist() == [0, 1] and np.allclose(claim.uncertainty["mean_x"], 0.05)


def test_sizes_of_numbers_that_double_precision_does_not_hold(tmp_path):
    claim = claim_from_csv(file(tmp_path, "time,mean_x\n0,0e400\n1,1e-400\n"))
    assert claim.values["mean_x"].tolist() == [0, 0] and claim.uncertainty["mean_x"][1] == 0
    assert claim.uncertainty["mean_x"][0] > 1e299


def test_numbers_printed_in_full_are_exact(tmp_path):
    """Programs write 0.5 and 0.30000000000000004 in one column: the first has no fewer digits."""
    claim = claim_from_csv(file(tmp_path, f"time,mean_x,mean_y\n0,0.5,0.5\n1,{0.1 + 0.2!r},0.3\n"))
    assert claim.uncertainty["mean_x"].tolist() == [0, 0]
    assert np.allclose(claim.uncertainty["mean_y"], 0.05)


def test_a_column_of_sizes_makes_a_table_at_finite_n(tmp_path):
    """Rows in any order; half-widths number by number."""
    text = (
        "N,time,mean_z,cov_zz,cov_zz_uncertainty\n20,1,0.42,1.5,0.3\n10,0,0.3,1,0.1\n10,1,0.412,2,0\n20,0,0.30,1,0.2\n"
    )
    claim = claim_from_csv(file(tmp_path, text))
    assert claim.per_size and claim.sizes == [10, 20] and claim.times.tolist() == [0, 1]
    assert claim.values["mean_z"].tolist() == [[0.3, 0.412], [0.3, 0.42]]
    assert np.allclose(claim.uncertainty["mean_z"], [[0.05, 5e-4], [5e-3, 5e-3]])
    assert claim.uncertainty_of("cov_zz", 2, 20).tolist() == [0.2, 0.3]
    assert claim.among([5, 10, 15, 20]) == [10, 20]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("N,time,mean_z\n10,0,1\n10.5,1,1\n", ["line 3, N", "«10.5»", "whole number"]),
        ("N,time,mean_z\n0,0,1\n", ["line 2, N", "1 or more"]),
        ("N,time,mean_z\nten,0,1\n", ["line 2, N", "«ten»"]),
        ("N,time,mean_z\n10,0,1\n20,0,1\n10,0,2\n", ["time 0 of N = 10 is given twice"]),
        ("N,time,mean_z\n10,0,1\n20,0,1\n20,1,1\n", ["time 1", "N = 10 and 20 only", "a file for each"]),
        ("", ["is empty", "time"]),
        ("# nothing\n\n", ["is empty"]),
        ("time,mean_z\n", ["no numbers"]),
        ("0,0.3\n1,0.4\n", ["first line is '0,0.3'", "time"]),
        ("t,mean_z\n0,1\n", ["first line", "time"]),
        ("time\n0\n", ["no quantity beside time"]),
        ("time,mean_z,mean_z\n0,1,2\n", ["'mean_z' twice"]),
        ("time,mean_z,\n0,1,2\n", ["without a name"]),
        ("time,mean_z\n0,1\n0.5\n", ["line 3", "1 cells for 2 columns"]),
        ("time,mean_z\n0,1,2\n", ["line 2", "3 cells for 2 columns"]),
        ("time,mean_z\n0,nan\n", ["line 2, mean_z", "«nan» is not a finite number"]),
        ("time,mean_z\n0,inf\n", ["«inf»"]),
        ("time,mean_z\n0,1e400\n", ["«1e400»"]),
        ("time,mean_z\n0,1_0\n", ["«1_0»"]),
        ('time,mean_z\n0,"0.3\n', ["not a table"]),
        ("time,mean_z\n" + "".join(f"{k},1\n" for k in range(100_001)), ["100001 rows", "100000 times at most"]),
        ("time,mean_z\n0,\n", ["«»"]),
        ("time;mean_z\n0;0,5\n", ["«0,5»", "0.411"]),
        ("time,mean_z\n# 1\n\nzero,1\n", ["line 4, time", "«zero»"]),
        ("time,mean_z\n0,1\n0.0,2\n", ["time 0 is given twice"]),
        ("time,mean_z_uncertainty\n0,1\n", ["mean_z_uncertainty, but no column mean_z"]),
        ("time,mean_z,mean_z_uncertainty\n0,1,-1\n", ["uncertainty", "0 or more"]),
        (b"time,mean_z\n0,\xff\n", ["UTF-8"]),
        ("time,mean_z\n" + 10_000_000 * " ", ["10000012 bytes", "10000000 at most"]),
        ("time,mean_z\n0," + 200_000 * "1", ["finite number|field|not a table"]),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(tmp_path, text, words):
    path = file(tmp_path, text)
    with pytest.raises(FiniteNError) as refused:
        claim_from_csv(path)
    said = str(refused.value)
    for word in words:
        assert any(w in said for w in word.split("|")), said
    assert "fig3" in said


def test_files_that_are_none(tmp_path):
    with pytest.raises(FiniteNError, match="cannot be read"):
        claim_from(tmp_path / "missing.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(FiniteNError, match="is not a file"):
        claim_from(tmp_path / "folder.csv")
    with pytest.raises(FiniteNError, match=r"such as fig3\.csv, or a Python file"):
        claim_from(file(tmp_path, "time,mean_z", "fig3.xlsx"))
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.csv")
        with pytest.raises(FiniteNError, match="is not a file"):
            claim_from(tmp_path / "pipe.csv")


def test_the_function_of_a_python_file(tmp_path):
    file(tmp_path, "rate = 2.0\n", "constants_of_mine.py")
    text = (
        "import numpy as np\nfrom scipy.integrate import solve_ivp\nfrom constants_of_mine import rate\n"
        "error = 1e-9\nuncertainty = {'mean_z': 0.1}\n\n\ndef _helper(t):\n    return np.exp(-rate * t)\n\n\n"
        "class Closure:\n    pass\n\n\ndef cumulants(times, N):\n    '''Second order.\n\n    More.'''\n"
        "    return {'mean_z': _helper(times) / N}\n"
    )
    claim = claim_from(file(tmp_path, text, "theory.py"))
    assert claim.per_size and (claim.name, claim.source, claim.error) == ("theory", "Second order.", 1e-9)
    assert claim.uncertainty == {"mean_z": 0.1}
    assert claim.values(np.array([0.5]), 4)["mean_z"][0] == pytest.approx(np.exp(-1) / 4)
    claim = claim_from(file(tmp_path, "source = 'me'\nf = lambda t: {'mean_z': 0 * t}\n", "short.py"))
    assert not claim.per_size and claim.source == "me"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def f(t): return {}\ndef g(t): return {}\n", "public functions f, g; give one"),
        ("_f = 3\n", "no public function"),
        ("import math\nfrom math import sin\n", "no public function"),
        ("def f(t:\n", "not Python, line 1"),
        ("x = 1 / 0\ndef f(t): return {}\n", "running it failed with ZeroDivisionError"),
        ("raise SystemExit(3)\n", "running it failed with SystemExit"),
        ("import not_a_package\n", "ModuleNotFoundError"),
        ("def f(a, b, c): return {}\n", "a function of times, or of times and N"),
        ("def f(): return {}\n", "a function of times, or of times and N"),
        ("error = -1\ndef f(t): return {}\n", "error"),
        ("source = 3\ndef f(t): return {}\n", "source"),
        (b"def f(t): return '\xff'\n", "UTF-8"),
        (b"def f(t): return '\0'\n", "not Python|running it failed"),
    ],
)
def test_python_files_that_hold_no_claim(tmp_path, text, words):
    with pytest.raises(FiniteNError, match=words):
        claim_from(file(tmp_path, text, "theory.py"))


STUDY = {"system": "hopfield", "sizes": [6, 9, 13, 19], "times": {"stop": 0.2, "points": 3}}


def claims(*tables, **more):
    return build(STUDY | {"claims": list(tables)} | more).claims[1:]  # after the printed one


def test_tables_and_formulas_of_a_study_file(tmp_path):
    table, formula, theory, mixed = claims(
        {
            "name": "table",
            "source": "fig. 3",
            "times": [0.0, 0.1],
            "values": {"mean_z": [0.4, 0.5]},
            "uncertainty": 0.1,
        },
        {"name": "formula", "values": {"mean_z": "0.4*exp(-omega*t)", "mean_x": "0"}, "uncertainty": {"mean_z": 0.2}},
        {"name": "theory", "values": {"mean_z": "0.4 + t/N"}},
        {"name": "mixed", "times": [0.05], "values": {"mean_z": [0.4], "mean_y": "1/N"}},
    )
    assert table.values["mean_z"].tolist() == [0.4, 0.5] and table.source == "fig. 3" and table.uncertainty == 0.1
    t = np.array([0, 0.5, 2])
    assert np.allclose(formula.values(t)["mean_z"], 0.4 * np.exp(-0.3 * t)) and formula.values(t)["mean_x"].shape == (
        3,
    )
    assert not formula.per_size and theory.per_size and mixed.per_size
    assert np.allclose(theory.values(t, 8)["mean_z"], 0.4 + t / 8)
    assert mixed.values(mixed.times, 4) == {"mean_z": [0.4], "mean_y": [0.25]}


def test_the_file_of_a_claim_lies_beside_the_study_file(tmp_path):
    file(tmp_path, "time,mean_z\n0.1,0.4\n", "fig3.csv")
    text = "system = 'hopfield'\nsizes = [6, 9, 13, 19]\n[times]\nstop = 0.2\npoints = 3\n"
    text += "[[claims]]\nname = 'figure'\nfile = 'fig3.csv'\n"
    study = load(str(file(tmp_path, text, "study.toml")))
    assert study.claims[1].uncertainty["mean_z"].tolist() == [0.05] and study.claims[1].source == "fig3.csv"
    assert study.spec["claims"] == [{"name": "figure", "source": "", "file": "fig3.csv"}]
    assert "claims" not in build(STUDY).spec


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"name": "c"}, r"claims\[0\]: give either file"),
        ({"values": {}}, r"claims\[0\]\.name is missing"),
        ({"name": "c", "file": "a.csv", "values": {"mean_z": "1"}}, r"claims\[0\]: give either file"),
        ({"name": "c", "file": "a.csv", "times": [0.0]}, r"claims\[0\]\.times"),
        ({"name": "c", "file": "theory.py"}, r"would be executed.*--allow-python"),
        ({"name": "c", "file": "missing.csv"}, r"missing\.csv: cannot be read"),
        ({"name": "c", "values": {"mean_z": [0.1]}}, r"values\.mean_z is a table; give its times"),
        ({"name": "c", "values": {"mean_z": [0.1]}, "times": [0.0, 0.1]}, "one for each time, 2 of them"),
        ({"name": "c", "values": {"mean_z": "exp(-M*t)"}}, r"claims\[0\]\.values\.mean_z.*unknown name M; known are"),
        ({"name": "c", "values": {"mean_z": "__import__('os')"}}, r"claims\[0\]\.values\.mean_z"),
        ({"name": "c", "values": {"mean_z": "1j*t"}}, "finite real"),
        ({"name": "c", "values": {"mean_z": "1/t"}}, "finite real"),
        ({"name": "c", "values": {"mean_q": "t"}}, "unknown quantity 'mean_q'"),
        ({"name": "c", "values": {"mean_z": "t"}, "uncertainty": -1}, "uncertainty"),
        ({"name": "c", "values": {"mean_z": "t"}, "uncertainty": {"mean_x": 1}}, "uncertainty of 'mean_x' is given"),
        ({"name": "c", "values": {"mean_z": "t"}, "sauce": 1}, r"unknown key claims\[0\]\.sauce; known there are name"),
        ({"name": "c", "values": {"mean_z": True}}, r"claims\[0\]\.values\.mean_z"),
        ({"name": "printed", "values": {"mean_z": "t"}}, "name is taken"),
    ],
)
def test_tables_that_hold_no_claim(table, words):
    with pytest.raises(FiniteNError, match=words):
        claims(table)


def test_a_parameter_called_n_is_not_the_number_of_particles():
    model = {"hamiltonian": "N*mx", "parameters": {"N": 2.0}}
    raw = {"model": model, "initial": {"bloch": [0, 0, 1]}, "times": {"stop": 1.0}, "sizes": [4, 5, 6, 7]}
    with pytest.raises(FiniteNError, match="N is a parameter of the model"):
        build(raw | {"claims": [{"name": "c", "values": {"mean_z": "1/N"}}]})
