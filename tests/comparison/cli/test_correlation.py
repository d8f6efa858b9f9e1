"""`finite-n correlation`: table, JSON, and what is refused."""

import json

import numpy as np
import pytest
import qutip

import comparison.convergence.correlations
from comparison import compare_correlations
from comparison.cli.main import main
from finite_n import CollectiveJumps, LocalJump, Model, average, coefficient, correlation, g2, mx, my, mz
from finite_n.systems import collective_dissipation, hopfield

QUICK = ["--sizes", "6", "8", "12", "16", "--points", "2", "--quiet"]
DOWN = average(qutip.sigmam())


def run(capsys, *words):
    status = main(["correlation", *words])
    return status, *capsys.readouterr()


def test_a_table_with_a_verdict(capsys):
    status, out, err = run(capsys, "collective_dissipation", "mm", "--at", "0.3", "--stop", "0.5", *QUICK)
    assert status == 0 and err == ""
    assert "N → ∞, derived" in out and "confirmed" in out
    assert len([line for line in out.splitlines() if line.startswith("N = ")]) == 4


def test_json_is_what_python_gives(capsys):
    status, out, _ = run(
        capsys, "collective_dissipation", "mm", "--initial", "0.5,0.2,-0.3", "--at", "0.3", "--json", *QUICK
    )
    found = json.loads(out)
    start, sizes = [0.5, 0.2, -0.3], [6, 8, 12, 16]
    right = compare_correlations(collective_dissipation(), start, 0.3, [0, 1.0], sizes, DOWN.adjoint(), DOWN)
    assert status == 0 and found["sizes"] == sizes and found["time"] == 0.3
    for name, wanted in (("exact", right.exact), ("derived", right.limit)):
        values = np.array(found[name])
        assert values[..., 0] + 1j * values[..., 1] == pytest.approx(wanted, abs=1e-8)


@pytest.fixture
def pulse(tmp_path):
    """A study file with a drive in t."""
    text = (
        "sizes = [4, 6, 8, 10]\ninitial = { bloch = [0, 0, -1] }\ntimes = { stop = 2.0, points = 3 }\n[model]\n"
        'hamiltonian = "0.2*mz + exp(-(t-1)**2)*mx"\njumps = [{ operator = "sm", amplitude = 0.3 }]\n'
        'collective = [{ operators = ["sm"], rate = 0.2 }]\n'
    )
    (tmp_path / "pulse.toml").write_text(text)
    return str(tmp_path / "pulse.toml")


def test_a_study_file_with_a_drive(capsys, pulse):
    """At t = 0.7, where the pulse is on, and not as if it were at 0."""
    words = [pulse, "mm", "--at", "0.7", "--stop", "0.5", "--points", "2", "--json", "--quiet"]
    status, out, err = run(capsys, *words)
    found = json.loads(out)
    assert status == 0 and err == ""
    drive = coefficient(lambda t: np.exp(-((t - 1) ** 2)))
    model = Model(
        0.2 * mz + drive * mx, [LocalJump(qutip.sigmam(), 0.3)], [CollectiveJumps([qutip.sigmam()], rate=0.2)]
    )
    right = correlation(model, 10, [0, 0, -1], [0, 0.7], [0, 0.5], DOWN.adjoint(), DOWN, connected=True).values[1]
    values = np.array(found["exact"][-1])
    assert values[..., 0] + 1j * values[..., 1] == pytest.approx(10 * right, abs=1e-7)
    assert {v["status"] for v in found["verdicts"]} == {"confirmed"}
    assert main(["g2", pulse, "mm", "--at", "0.7", "--stop", "0.5", "--points", "2", "--json", "--quiet"]) == 0
    light = json.loads(capsys.readouterr().out)["g2"][-1]
    assert light == pytest.approx(g2(model, 10, [0, 0, -1], [0, 0.7], [0, 0.5], DOWN).values[1], abs=1e-6)
    assert main(["g2", pulse, "mm", "--quiet"]) == 2
    assert "no stationary state" in capsys.readouterr().err


def test_an_error_after_some_sizes_keeps_them(capsys, monkeypatch):
    exact = comparison.convergence.correlations.correlation

    def failing(model, N, *arguments, **options):
        if N > 8:
            raise MemoryError
        return exact(model, N, *arguments, **options)

    monkeypatch.setattr(comparison.convergence.correlations, "correlation", failing)
    status, out, err = run(capsys, "hopfield", "mz", "--at", "0.5", *QUICK)
    assert status == 2 and "N = 8" in out and "N = 12" not in out
    assert "the sizes [6, 8] are done" in err and "confirmed" not in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["hopfield", "mq"], ["mq", "mx"]),
        (["hopfield", "mz", "--sizes", "4", "6"], ["four"]),
        (["hopfield", "mz", "--at", "-1"], ["before the start"]),
        (["hopfield", "mz", "--points", "1"], ["two delays"]),
        (["hopfeld", "mz"], ["hopfeld", "hopfield"]),
        (["hopfield", "mz", "--left", "2 +"], ["--left"]),
    ],
)
def test_bad_input_gets_one_sentence(capsys, words, said):
    status, out, err = run(capsys, *words)
    assert status == 2 and out == ""
    assert all(word in err for word in said) and "Traceback" not in err


def test_a_model_is_the_system_with_its_parameters(capsys):
    _, out, _ = run(capsys, "hopfield", "mz", "--left", "my", "--set", "omega=0.5", "--at", "0.4", "--json", *QUICK)
    found = np.array(json.loads(out)["exact"])[-1]

    right = (
        16 * correlation(hopfield(0.5, 0.8), 16, [0, 0.3, 0.4], [0, 0.4], [0, 1.0], my, mz, connected=True).values[1]
    )
    assert found[:, 0] + 1j * found[:, 1] == pytest.approx(right, abs=1e-7)
