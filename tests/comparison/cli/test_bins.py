"""`finite-n bins`: table, JSON, and what is refused."""

import json

import numpy as np
import pytest
from scipy.stats import uniform

from comparison import bin_convergence
from comparison.cli.main import main
from finite_n import CollectiveJumps, Field, Mode, Model

STUDY = """sizes = [3, 6, 9, 12]
times = { stop = 2.0, points = 3 }
initial = { bloch = [1, 0, 0], modes.light = { beta = 0.3 } }
observables = { x = "average(mx)" }
[model]
parameters = { half = 0.5 }
modes = ["light"]
binned = { distribution = "uniform", width = "2*half", bins = 3, value = "w" }
hamiltonian = "average(0.5*w*mz)"
collective = [{ operators = ["alpha_light"], rate = 1.0 }]
"""


@pytest.fixture
def study(tmp_path):
    (tmp_path / "study.toml").write_text(STUDY)
    return str(tmp_path / "study.toml")


def run(capsys, *words):
    status = main(["bins", *words])
    return status, *capsys.readouterr()


def test_json_is_what_python_gives(capsys, study):
    def model(bins):
        light = Mode("light")
        loss = CollectiveJumps([light.alpha])
        return Model(bins.average(lambda w, s: 0.5 * w * s.mz), collective=[loss], species=bins.species, modes=[light])

    def start(bins):
        return {**bins.start([1, 0, 0]), "light": Field(beta=0.3)}

    right = bin_convergence(
        model, uniform(-1, 2), start, [0, 1, 2], [2, 3, 5], observables=lambda b: {"x": b.mx}, accuracy=0.05
    )
    status, out, err = run(capsys, study, "--bins", "2", "3", "5", "--accuracy", "0.05", "--json", "--quiet")
    found = json.loads(out)
    assert status == 0 and err == "" and found["bins"] == [2, 3, 5] and found["N"] is None
    assert np.abs(np.array(found["values"]) - right.values).max() < 1e-12
    assert np.abs(right.values[-1, 0] - np.sinc(right.times / np.pi)).max() < 0.03
    assert found["converged until"] == right.until.tolist() == [2.0]


def test_a_table_at_one_number_of_particles_and_other_parameters(capsys, study):
    words = [study, "--particles", "4", "--bins", "2", "3", "4", "--set", "half=1", "--fluctuations"]
    status, out, err = run(capsys, *words)
    assert status == 0 and "N = 4, bins by quantiles" in out and "var x: EXACT in bins" in out
    assert "4 particles themselves rephase" in out and "3 bins" in err
    assert "elements" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["hopfield"], "it has no [model.binned]"),
        (["--bins", "3", "2", "4"], "three or more increasing numbers of bins"),
        (["--bins", "two"], "--bins"),
        (["--particles", "3", "--bins", "2", "3", "5"], "5 bins for N = 3 particles"),
        (["--accuracy", "0"], "above 0"),
    ],
)
def test_refusals(capsys, study, words, said):
    status, out, err = run(capsys, *([] if words[0] == "hopfield" else [study]), *words, "--quiet")
    assert status != 0 and out == "" and said in err
