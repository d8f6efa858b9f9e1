"""The horizon of a theory: where it is known in closed form, and what is asked wrongly."""

import json

import numpy as np
import pytest
import qutip

import comparison.ladder
from comparison import Claim, horizon
from comparison.convergence.horizon_figure import horizon_figure
from finite_n import FiniteNError, LocalJump, Model, mx, mz
from finite_n.systems import hopfield, kinetically_constrained

DECAY = Model(jumps=[LocalJump(qutip.sigmam())])  # independent spins: ⟨m_z⟩ = 2e^{−t} − 1 at every N
UP, TIMES, SIZES = [0, 0, 1], np.linspace(0, 2, 41), [4, 8, 16, 32]


def true(times):
    return {"mean_z": 2 * np.exp(-times) - 1}


def off_by(function):
    """A theory of the decay that is off by function(t)."""
    return lambda times: {"mean_z": true(times)["mean_z"] + function(times)}


def test_a_theory_that_never_fails_has_no_horizon():
    for theory in (None, true, Claim("exact", "", true)):
        found = horizon(DECAY, UP, TIMES, SIZES, theory)
        assert np.all(np.isinf(found.time)) and np.all(found.low == 2) and np.all(np.isnan(found.error))
        assert found.growth.law == "undecided" and found.leaves == [""] * 4
        assert "holds until t = 2 at every size" in found.table() and "> 2" in found.table()
        assert json.loads(json.dumps(found.to_dict()))["horizons"][0]["time"] is None
        horizon_figure(found).canvas.draw()


def test_a_theory_that_is_wrong_at_the_start_has_horizon_zero():
    found = horizon(DECAY, UP, TIMES, SIZES, off_by(lambda t: 0.5))
    assert np.all(found.time == 0) and np.all(found.high == 0) and np.all(found.error == 0)
    assert "at the first time, at every size" in found.table()
    horizon_figure(found).canvas.draw()


def test_a_wrong_limit_fails_at_the_same_time_at_every_size():
    found = horizon(DECAY, UP, TIMES, SIZES, off_by(lambda t: -0.1 * t), tolerance=0.05)
    assert np.abs(found.time - 0.5).max() < 1e-6  # tol = 1e-9 over a slope of 0.1, and rounding
    assert found.growth.law == "constant" and abs(found.growth.constant.value - 0.5) < 1e-6
    assert "the theory is not the limit" in found.table()
    assert np.isnan(found.rate)


def test_theories_at_finite_n_are_asked_for_every_size():
    """Off by t²/N and so beyond 0.05 at √(0.05 N)."""

    def theory(times, N):
        return off_by(lambda t: t**2 / N)(times)

    for given in (theory, Claim("at finite N", "", theory)):
        found = horizon(DECAY, UP, TIMES, SIZES, given, tolerance=0.05)
        assert np.abs(found.time - np.sqrt(0.05 * np.array(SIZES))).max() < 1e-5
        assert np.all(found.low <= found.time) and np.all(found.time <= found.high)
        assert found.growth.law == "power of N" and abs(found.growth.exponent.value - 0.5) < 1e-4


def test_times_count_from_the_first_one_and_claims_are_compared_at_their_own():
    def late(times):
        return {"mean_z": 2 * np.exp(-(times - 3)) - 1 + 0.1 * (times - 3)}

    found = horizon(DECAY, UP, TIMES + 3, SIZES, late, tolerance=0.05)
    assert np.abs(found.time - 3.5).max() < 1e-6 and abs(found.growth.constant.value - 0.5) < 1e-6
    own = np.array([3.25, 3.4, 3.6, 4.0])
    table = Claim("table", "", late(own), times=own)
    found = horizon(DECAY, UP, TIMES + 3, SIZES, table, tolerance=0.05)
    assert np.abs(found.time - 3.5).max() < 1e-6 and np.all(found.times == own)
    with pytest.raises(FiniteNError, match="before the study"):
        horizon(DECAY, UP, TIMES + 3, SIZES, Claim("early", "", late(own), times=own - 1))
    with pytest.raises(FiniteNError, match="one time only"):
        horizon(DECAY, UP, TIMES + 3, SIZES, Claim("one", "", late(own[:1]), times=own[:1]))


def test_what_a_theory_leaves_open_widens_the_bars():
    claim = Claim("with bars", "", off_by(lambda t: 0.1 * t), uncertainty=0.02)
    found = horizon(DECAY, UP, TIMES, SIZES, claim, tolerance=0.05)
    assert np.abs(found.low - 0.3).max() < 1e-6 and np.abs(found.high - 0.7).max() < 1e-6


def test_above_one_the_tolerance_is_relative():
    found = horizon(
        DECAY, UP, TIMES, [4], lambda t: {"big": 10 * (2 * np.exp(-t) - 1 + 0.2 * t)}, 0.1, ["big"], {"big": 10 * mz}
    )
    t = found.time[0]
    assert abs(2 * t - 0.1 * max(1, abs(10 * (2 * np.exp(-t) - 1 + 0.2 * t)))) < 1e-5


def test_the_first_of_several_quantities_decides():
    found = horizon(hopfield(), [0, 0.3, 0.4], np.linspace(0, 1, 21), [10], None, 0.01, ["mean_x", "cov_zz", "mean_z"])
    each = {q: horizon(hopfield(), [0, 0.3, 0.4], np.linspace(0, 1, 21), [10], None, 0.01, q) for q in found.quantities}
    first = min(each, key=lambda q: each[q].time[0])
    assert found.leaves == [first] and found.time[0] == each[first].time[0]
    assert np.array_equal(found.distance, np.max([x.distance for x in each.values()], axis=0))


def test_one_size_has_a_time_and_no_law():
    found = horizon(hopfield(), [0, 0.3, 0.4], np.linspace(0, 1.5, 31), [10])
    assert 0.3 < found.time[0] < 0.5 and found.growth.law == "undecided"
    assert "four or more decide" in found.table() and np.isnan(found.growth.slope.value)
    horizon_figure(found).canvas.draw()


def test_the_error_covers_a_finer_grid():
    coarse, fine = (horizon(hopfield(), [0, 0.3, 0.4], np.linspace(0, 1.5, n), [10, 20, 40]) for n in (7, 241))
    assert np.all(coarse.low <= fine.time) and np.all(fine.time <= coarse.high)
    assert np.all(fine.error < 1e-6) and np.all(coarse.error < 0.25)


def test_near_a_stable_point_large_sizes_hold():
    found = horizon(kinetically_constrained(), [0.4, 0, 0.2], np.linspace(0, 8, 81), [10, 20, 400], tolerance=0.02)
    assert np.isfinite(found.time[0]) and np.isinf(found.time[-1])
    assert "Holds until the last time: N = " in found.table()
    horizon_figure(found).canvas.draw()


def test_what_is_done_is_kept(monkeypatch):
    def fails(model, N, *arguments, evolve=comparison.ladder.evolve, **options):
        if N == 16:
            raise MemoryError
        return evolve(model, N, *arguments, **options)

    monkeypatch.setattr(comparison.ladder, "evolve", fails)
    found = horizon(DECAY, UP, TIMES, SIZES, off_by(lambda t: 0.1 * t))
    assert found.sizes == [4, 8] and "N = 16" in found.failure and len(found.time) == 2


def _boom(times):
    raise ZeroDivisionError("boom")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tolerance": 0}, "tolerance = 0: .*above 0"),
        ({"tolerance": -1e-2}, "tolerance.*above 0"),
        ({"tolerance": np.nan}, "tolerance = nan"),
        ({"tolerance": np.inf}, "tolerance = inf"),
        ({"tolerance": "1e-2"}, "tolerance"),
        ({"theory": 3}, "theory = 3; give a Claim, or a function"),
        ({"theory": lambda t: 3}, "its values are 3"),
        ({"theory": lambda t: {"mean_q": t}}, "unknown quantity 'mean_q'; known are mean_x"),
        ({"theory": lambda t: {"mean_z": t[:3]}}, "one for each time"),
        ({"theory": lambda t: {"mean_z": t * np.nan}}, "mean_z"),
        ({"theory": lambda t: {}}, "there is nothing to judge"),
        ({"theory": lambda t: {"cov_zz": t}}, "gives no averages but cov_zz; say which"),
        ({"theory": _boom}, "ZeroDivisionError, boom"),
        ({"theory": lambda t, N, x: {}}, "function of times"),
        ({"theory": true, "quantities": ["mean_x"]}, "does not give mean_x; it gives mean_z"),
        ({"quantities": ["mean_q"]}, "unknown quantity 'mean_q'"),
        ({"quantities": []}, "quantities"),
        ({"quantities": 3}, "quantities = 3"),
        ({"sizes": []}, "one or more"),
        ({"sizes": [8, 4]}, "increasing"),
        ({"sizes": "auto"}, "sizes = 'auto'"),
        ({"tlist": [0]}, "two or more"),
        ({"model": 3}, "finite_n.Model"),
        ({"rho0": "up"}, "up"),
        ({"e_ops": {"a": 1j * mx}}, "not Hermitian"),
        ({"sizes": [4, 10**9], "model": hopfield()}, "largest N that fits"),
        ({"progress": 3}, "progress"),
    ],
)
def test_what_is_not_meant_is_refused_in_one_sentence(change, words):
    given = {"model": DECAY, "rho0": UP, "tlist": TIMES, "sizes": SIZES} | change
    with pytest.raises(FiniteNError, match=words):
        horizon(**given)
