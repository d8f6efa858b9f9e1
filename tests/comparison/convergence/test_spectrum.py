"""Slow eigenvalues against mean-field sums: exact for independent particles, at rate 1/N for others, and at the command
line."""

import json

import numpy as np
import pytest
import qutip

from comparison import compare_spectrum, mean_field_sums
from comparison.cli.main import main
from finite_n import FiniteNError, LocalJump, Model, mx, spectrum
from finite_n.systems import collective_dissipation, dicke_model, hopfield
from meanfield.bifurcations.fixed_points import FixedPoint

pytestmark = pytest.mark.rounding

RATE = 0.2  # by which a fitted exponent may differ from 1: its own corrections are of order 5/N here, N = 18 … 36


def driven() -> Model:
    """Independent spins, driven and decaying, with a pair of complex q."""
    return Model(0.8 * mx, [LocalJump(qutip.sigmam())])


def point(*q):
    return FixedPoint(np.zeros(3), np.array(q), "stable" if max(np.real(q)) < 0 else "unstable")


def test_sums_of_stable_unstable_and_several_points():
    stable = mean_field_sums([point(-1.0, -2.0, -2.5)], 6)
    assert [s.value for s in stable] == [-1, -2, -2, -2.5, -3, -3]
    assert [str(s) for s in stable[:3]] in (["q₁", "2q₁", "q₂"], ["q₁", "q₂", "2q₁"])
    saddle = mean_field_sums([point(0.5, -1.0, -3.0)], 4)
    assert [s.value for s in saddle] == [-0.5, -1, -1.5, -1.5]  # −(n+1) q where q > 0: no zero
    assert str(saddle[0]) == "−q₁"
    twice = mean_field_sums([point(-1.0, -2.0, -9.0)] * 2, 4)
    assert [s.value for s in twice] == [0, -1, -1, -2]
    pair = mean_field_sums([point(-1 + 2j, -1 - 2j, -5.0)], 3)
    assert [s.value for s in pair] == [-1 + 2j, -1 - 2j, -2 + 4j]
    with pytest.raises(FiniteNError, match="real part zero"):
        mean_field_sums([point(0.0, -1.0, -1.0)], 3)


def test_independent_particles_have_the_sums_at_every_size():
    """Without interaction L_N is a sum over particles, so n·q is exact at N ≥ n."""
    c = compare_spectrum(driven(), (6, 7), 7)
    assert len(c.tracks) >= 7 and len(c.points) == 1
    for t in c.tracks:
        assert np.abs(t.values - t.predicted.value).max() < 1e-9  # the tolerance on residuals
    expected = [x.value.real for x in mean_field_sums(c.points, len(c.tracks))]  # of ties some may be left out
    np.testing.assert_allclose(sorted(t.predicted.value.real for t in c.tracks), sorted(expected), atol=1e-12)


def test_interacting_spins_go_to_the_sums_as_one_over_n():
    """Hopfield above its transition, heated and in strong field: one stable point at the origin."""
    c = compare_spectrum(hopfield(0.5, 0.3), (12, 18, 26, 36), 3)
    assert len(c.tracks) == 3
    for t in c.tracks:
        assert sum(t.predicted.coefficients) == 1
        assert t.exponent == pytest.approx(1, abs=RATE)
        assert 10 * t.distance < abs(t.values[-1] - t.predicted.value)  # what Richardson gains at least
        assert t.distance < 5 * t.error < 1e-2  # the factor by which the package's verdicts refute
    assert c.notes == []


@pytest.mark.slow
def test_bistable_model_has_a_closing_gap_and_the_escape_from_the_unstable_point():
    """Hopfield, Ω = 0, β = 2: q = 1 at the origin; the mode beside the closing gap goes to −1, slower than any at a
    stable point."""
    c = compare_spectrum(hopfield(0.0, 2.0), (12, 18, 26, 36), 2)
    closing, escape = c.tracks
    assert [p.stability for p in c.points].count("stable") == 2
    assert closing.predicted.value == 0 and np.all(np.diff(np.log(-closing.values.real)) < -0.5)
    assert escape.predicted.value == pytest.approx(-1) and abs(escape.extrapolated + 1) < 0.05
    assert all(np.max(p.eigenvalues.real) < -1.5 for p in c.points if p.stability == "stable")
    assert "closes exponentially" in c.table()


def test_models_without_stable_point_are_shown_without_prediction():
    c = compare_spectrum(collective_dissipation(), (4, 5), 3)
    assert all(t.predicted is None for t in c.tracks) and len(c.tracks) == 3
    assert "no prediction" in c.table() and "Several zero modes: 3 at N = 4, 3 at N = 5" in c.table()


def run(capsys, *arguments):
    status = main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    return status, out, err


def test_command_prints_a_table(capsys):
    status, out, err = run(capsys, "spectrum", "hopfield", "--sizes", "4", "5", "-k", "2", "--set", "beta=0.5")
    assert status == 0 and "N = 5: done" in err
    for word in ("stable fixed point", "N = 4", "N → ∞, sums", "q₁", "gap: "):
        assert word in out


def test_command_prints_json_alone(capsys):
    status, out, err = run(capsys, "spectrum", "hopfield", "--sizes", "4,5", "-k", "2", "--json", "--quiet")
    data = json.loads(out)
    assert status == 0 and err == ""
    assert data["sizes"] == [4, 5] and len(data["gaps"]) == 2 and data["zero_modes"] == [1, 1]
    assert len(data["eigenvalues"][0]["values"]) == 2 and data["eigenvalues"][0]["error"] is None


def test_command_takes_cutoffs_of_modes(capsys):
    """As the refusal without them says."""
    model = ["dicke_model", "--sizes", "2", "3", "-k", "2", "--set", "loss=0.8", "--set", "emission=0.6", "--quiet"]
    status, out, err = run(capsys, "spectrum", *model)
    assert status == 2 and "--cutoff field=20" in err and "cutoffs={" not in err
    status, out, err = run(capsys, "spectrum", *model, "--cutoff", "field=3", "--json")
    data = json.loads(out)
    own = spectrum(dicke_model(loss=0.8, emission=0.6), 3, 8, cutoffs={"field": 3})
    assert status == 0 and data["gaps"][1] == pytest.approx(own.gap, abs=1e-9)
    assert any("field: 3" in note for note in data["notes"])


def test_defective_eigenvalues_are_marked_and_have_their_error():
    """4Ω = γ: −3γ/4 is double with one eigenvector, and found to half of the digits."""
    c = compare_spectrum(Model(0.125 * mx, [LocalJump(qutip.sigmam())]), [2, 3, 4], 3, tol=1e-8)
    double = [t for t in c.tracks if t.defective.all()]
    assert len(double) == 2 and not c.tracks[0].defective.any()
    for t in c.tracks:
        assert np.all(np.abs(t.values - t.predicted.value) <= t.numerical)
    assert "* " in c.table() and "exceptional point" in c.table() and "±" in c.table()
    entry = c.to_dict()["eigenvalues"][1]
    assert entry["defective"] == [True] * 3 and len(entry["numerical_errors"]) == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["hopfield", "--sizes", "4", "--cutoff", "field=3"], ["no modes"]),
        (["dicke_model", "--sizes", "4", "--set", "loss=0.8", "--cutoff", "field"], ["NAME=LEVEL", "'field'"]),
        (["dicke_model", "--sizes", "4", "--set", "loss=0.8", "--cutoff", "light=3"], ["light", "--cutoff field=20"]),
        (["dicke_model", "--sizes", "4", "--set", "loss=0.8", "--cutoff", "field=x"], ["«x»", "--cutoff"]),
        (["hopfeld"], ["hopfeld", "hopfield"]),
        (["hopfield", "--sizes", "0", "4"], ["N = 0", "whole number"]),
        (["hopfield", "--sizes", "4", "4"], ["increasing"]),
        (["hopfield", "--sizes", "ten"], ["«ten»"]),
        (["hopfield", "--sizes", "1000000"], ["GiB", "no N above"]),
        (["hopfield", "-k", "0"], ["k = 0", "whole number"]),
        (["hopfield", "-k", "2.5"], ["k = 2.5", "whole number"]),
        (["hopfield", "--tol", "1"], ["tol = 1"]),
        (["hopfield", "--set", "omga=1"], ["omga", "omega"]),
    ],
)
def test_bad_input_is_one_line(capsys, arguments, words):
    status, out, err = run(capsys, "spectrum", *arguments, "--quiet")
    assert status == 2 and out == ""
    assert err.startswith("finite-n: ") and err.count("\n") == 1
    for word in words:
        assert word in err
