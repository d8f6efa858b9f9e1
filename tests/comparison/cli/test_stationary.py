"""`finite-n steady`, `power-spectrum` and `g2` beside closed forms of spins that do not interact."""

import json
import signal

import numpy as np
import pytest
import qutip

import comparison.cli.steady
from finite_n import g2, power_spectrum, steady_state
from finite_n.systems import three_level
from tests.comparison.cli.called import refused, run

HEAD = "sizes = [4, 6, 8, 10]\n[initial]\nbloch = [0, 0, 1]\n[times]\nstop = 1.0\n"
DRIVEN = HEAD + "[observables]\ntwice = '2*mz'\n[model]\nhamiltonian = '0.5*mx'\n[[model.jumps]]\noperator = 'sm'\n"
PUMPED = HEAD + "[model]\nhamiltonian = '0.5*mz'\n[[model.jumps]]\noperator = 'sm'\n"
PUMPED += "[[model.jumps]]\noperator = 'sp'\nrate = 0.25\n"
UP, WIDTH = 0.2, 1.25  # population of the upper level; full width of its line at ω = 1
QUIET = ["--sizes", "4", "6", "--quiet"]


@pytest.fixture
def file(tmp_path):
    def written(text):
        (tmp_path / "study.toml").write_text(text)
        return tmp_path / "study.toml"

    return written


def data(capsys, *words):
    status, out, err = run(capsys, *words, *QUIET, "--json")
    assert (status, err) == (0, "")
    return json.loads(out)


def test_driven_spins_rest_where_the_bloch_equations_say(capsys, file):
    """⟨σ_y⟩ = 2/3 and ⟨σ_z⟩ = −1/3 for a Rabi frequency and a decay rate of 1; Σ_ab = δ_ab − ⟨σ_a⟩⟨σ_b⟩."""
    found = data(capsys, "steady", file(DRIVEN))
    assert found["sizes"] == [4, 6] and [p["stability"] for p in found["fixed_points"]] == ["stable"]
    assert found["fixed_points"][0]["m"] == pytest.approx([0, 2 / 3, -1 / 3])
    for state in found["states"]:
        wanted = {"mean_y": 2 / 3, "mean_z": -1 / 3, "cov_xx": 1, "cov_yy": 5 / 9, "cov_zz": 8 / 9, "cov_yz": 2 / 9}
        assert {k: state["values"][k] for k in wanted} == pytest.approx(wanted)
        assert state["values"]["twice"] == pytest.approx(-2 / 3) and state["error"] < 1e-9
        assert state["gap"] == pytest.approx(0.5)  # of σ_x
    status, out, _ = run(capsys, "steady", file(DRIVEN), *QUIET)
    assert status == 0 and "stable fixed point  0.6666667  -0.3333333" in out


def test_a_line_of_independent_spins(capsys, file):
    """N S(ω) = 2 p κ/(κ² + (ω − 1)²), κ half the width; the limit is the same."""
    found = data(capsys, "power-spectrum", file(PUMPED), "mm", "--omegas", "-1,2", "--points", "4")
    omegas, kappa = np.array(found["omegas"]), WIDTH / 2
    line = 2 * UP * kappa / (kappa**2 + (omegas - 1) ** 2)
    assert omegas.tolist() == [-1, 0, 1, 2] and found["derived"] == pytest.approx(line, abs=1e-9)
    for N, s in zip([4, 6], found["spectra"], strict=True):
        assert s["N_times_S"] == pytest.approx(line, abs=1e-6) and s["line_width"] == pytest.approx(WIDTH)
        assert s["line"] == pytest.approx(1) and s["total"] == pytest.approx([UP / N, 0])
    status, out, _ = run(capsys, "power-spectrum", file(PUMPED), "mm", "--resolution", "0.1", *QUIET)
    assert status == 0 and "derived" not in out and "full width" in out


def test_coherence_of_independent_spins(capsys, file):
    """g²(τ) = ((N − 1)(1 + e) + 1 − e)/N with e = e^{−Γτ}: two spins interfere, one alone must be excited again."""
    found = data(capsys, "g2", file(PUMPED), "mm", "--stop", "2", "--points", "3")
    e = np.exp(-WIDTH * np.array([0, 1, 2]))
    for N, values in zip([4, 6], found["g2"], strict=True):
        assert values == pytest.approx(((N - 1) * (1 + e) + 1 - e) / N, abs=1e-6)
    later = data(capsys, "g2", file(PUMPED), "mm", "--at", "30", "--stop", "2", "--points", "3")
    assert later["time"] == 30 and np.allclose(later["g2"], found["g2"], atol=1e-6)
    status, out, _ = run(capsys, "g2", file(PUMPED), "mm", *QUIET)
    assert status == 0 and "τ = 0.25" in out and "N = 6" in out


def test_light_of_three_levels(capsys):
    """m(s_01) of |0⟩⟨1|, as the calls from Python say."""
    model = three_level()
    b = model.species[0].average(np.eye(3)[:, [0]] @ np.eye(3)[[1]])
    words = ["three_level", "m(s_01)", "--sizes", "2", "--quiet", "--json"]
    status, out, _ = run(capsys, "power-spectrum", *words, "--omegas", "0,1", "--points", "2")
    (found,) = json.loads(out)["spectra"]
    right = power_spectrum(model, 2, [0.0, 1.0], b.adjoint(), b)
    assert status == 0 and found["N_times_S"] == pytest.approx(2 * right.values)
    status, out, _ = run(capsys, "g2", *words, "--stop", "1", "--points", "2")
    assert status == 0 and json.loads(out)["g2"][0] == pytest.approx(g2(model, 2, None, None, [0.0, 1.0], b).values)


def test_levels_and_a_start_are_those_of_the_call(capsys):
    words = ["steady", "dicke_model", "--set", "loss=0.8", "--sizes", "2", "--quiet", "--json"]
    err = refused(capsys, *words, "--cutoffs", "field=6")
    assert "give --from-start" in err and "rho0" not in err
    status, out, _ = run(capsys, *words, "--cutoffs", "field=6", "--from-start")
    from comparison import load

    study = load("dicke_model", {"parameters": {"loss": 0.8}})
    right = steady_state(study.model, 2, rho0=study.rho0, cutoffs={"field": 6})
    (found,) = json.loads(out)["states"]
    assert status == 0 and found["boson_tail"] == pytest.approx(right.boson_tail)
    assert found["values"]["cov_z_z"] == pytest.approx(right.covariance[2, 2])


CRYSTAL = ["boundary_time_crystal", "--set", "omega=0.5"]


def crystal(N: int) -> qutip.Qobj:
    """The Liouvillian of H = ω S_x and collective decay on the symmetric states, ω = 0.5, κ = 1."""
    return qutip.liouvillian(0.5 * qutip.jmat(N / 2, "x"), [np.sqrt(2 / N) * qutip.jmat(N / 2, "-")])


def test_one_J_and_a_start_are_those_of_the_call(capsys):
    """The symmetric states of a boundary time crystal, where every J has a stationary state and a gap of its own."""
    found = data(capsys, "steady", *CRYSTAL, "--J", "N/2")
    modes = data(capsys, "spectrum", *CRYSTAL, "--J", "N/2")
    assert found["J"] == [2, 3]
    started = data(capsys, "steady", *CRYSTAL, "--from-start")
    for N, state, other, gap in zip([4, 6], found["states"], started["states"], modes["gaps"], strict=True):
        rho = qutip.steadystate(crystal(N))
        right = qutip.expect(qutip.jmat(N / 2, "z"), rho) * 2 / N
        assert state["values"]["mean_z"] == pytest.approx(right, abs=1e-9)
        assert other["values"]["mean_z"] == pytest.approx(right, abs=1e-9)  # it starts symmetric
        assert gap == pytest.approx(np.sort(-np.linalg.eigvals(crystal(N).full()).real)[1], abs=1e-8)
    assert modes["zero_modes"] == [1, 1] and not any("Several" in note for note in modes["notes"])


def test_a_gap_of_several_sectors_says_so(capsys):
    status, out, _ = run(capsys, "spectrum", *CRYSTAL, *QUIET)
    assert status == 0 and "smallest of all sectors searched, at N = 6 in «" in out and "zero modes: 3, 4" in out
    found = data(capsys, "spectrum", *CRYSTAL)
    assert all("J = 1" in where for where in found["gap_sectors"])
    reached = data(capsys, "spectrum", *CRYSTAL, "--initial", "0,0,-1")
    assert reached["zero_modes"] == [1, 1] and reached["gaps"][0] > found["gaps"][0]


def test_a_signal_keeps_the_states_that_are_done(capsys, monkeypatch):
    def interrupted(model, N, **options):
        if N == 6:
            signal.raise_signal(signal.SIGINT)
        return steady_state(model, N, **options)

    monkeypatch.setattr(comparison.cli.steady, "steady_state", interrupted)
    status, out, err = run(capsys, "steady", "hopfield", *QUIET, "--json")
    assert status == 130 and "interrupted; the sizes [4] are done" in err
    assert json.loads(out)["sizes"] == [4] and json.loads(out)["interrupted"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["steady", "hopfeld"], ["hopfeld", "hopfield"]),
        (["steady", "double_chain"], ["is for models"]),
        (["steady", "three_level", "--J", "N/2", *QUIET], ["two-level particles only"]),
        (["steady", "hopfield", "--cutoff", "20"], ["--cutoff", "NAME=LEVEL"]),
        (["steady", "hopfield", "--cutoff", "field=20", *QUIET], ["field"]),
        (["steady", "boundary_time_crystal", "--J", "q/2"], ["--J", "unknown name q", "N"]),
        (["spectrum", "boundary_time_crystal", "--J", "N", *QUIET], ["J = 4 of 4 particles"]),
        (["steady", "boundary_time_crystal", "--J", "N/2", "--from-start"], ["leave out --J"]),
        (["power-spectrum", "hopfield", "mq"], ["mq", "mx"]),
        (["power-spectrum", "hopfield", "mm", "--omegas", "3,-3"], ["--omegas", "smaller frequency first"]),
        (["power-spectrum", "hopfield", "mm", "--omegas", "3"], ["FROM,TO"]),
        (["power-spectrum", "hopfield", "mm", "--omegas", "a,b"], ["«a» is not a number"]),
        (["g2", "hopfield", "mm", "--at", "nan"], ["--at: «nan» is not a number"]),
        (["g2", "hopfield", "mm", "--stop", "inf"], ["--stop: «inf» is not a number"]),
        (["power-spectrum", "hopfield"], ["B is missing"]),
        (["g2", "hopfield", "mm", "--points", "1"], ["two delays"]),
        (["g2", "hopfield", "mm", "--at", "-1"], ["before the start"]),
        (["g2", "hopfield", "mx - mx", *QUIET], ["no light"]),
    ],
)
def test_bad_input_gets_one_sentence(capsys, words, said):
    err = refused(capsys, *words)
    assert all(word in err for word in said)
